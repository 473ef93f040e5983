from .report_rows import MetricRow, metric_rows, report_csv
from .report_text import report_markdown, report_table
from .svg import to_svg

__all__ = ["MetricRow", "metric_rows", "report_csv", "report_markdown", "report_table", "to_svg"]
