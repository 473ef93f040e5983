"""An ``EvaluationReport`` as a card: its summary, its tables and its remarks."""

from __future__ import annotations

from ...evaluation.report import EvaluationReport
from ...visible_text import visible
from ..html_fragments import Html, tag
from ..html_tables import table_html
from ..report_remarks import report_remarks, report_summary
from ..report_tables import ReportTable, report_tables
from .cards import bullets, card, paragraph

#: So many rows of a table are shown; a report of a thousand labels has thousands.
_MOST_ROWS = 24


def report_card(report: EvaluationReport) -> str:
    """A report."""
    tables = [_table(table) for table in report_tables(report)]
    remarks = bullets(visible(each) for each in report_remarks(report))
    return card(paragraph(tag("b", report_summary(report.outcomes))), *tables, remarks)


def _table(table: ReportTable) -> Html:
    left = len(table.rows) - _MOST_ROWS
    more = paragraph(f"… and {left} more rows: to_csv() and to_json() have all", kind="faint") if left > 0 else ""
    shown = table._replace(rows=table.rows[:_MOST_ROWS])
    return tag("div", table_html(shown), more)
