"""How an evaluation is printed: as tables on a terminal, or as JSON, CSV or Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from ..evaluation.report import EvaluationReport
from ..render.report_tables import report_remarks, report_summary, report_tables
from ..render.report_text import report_markdown
from ..visible_text import visible
from .console import console, emit, print_table
from .options import EvaluateFormat


def print_report(report: EvaluationReport, output: EvaluateFormat, remarks: Sequence[str]) -> None:
    """Print it in one of the formats; the forms for people end with the remarks."""
    if output is EvaluateFormat.JSON:
        emit(report.to_json() + "\n")
    elif output is EvaluateFormat.CSV:
        emit(report.to_csv())
    elif output is EvaluateFormat.MARKDOWN:
        emit(report_markdown(report, remarks))
    else:
        out = console()
        out.print(visible(report_summary(report.outcomes)))
        for table in report_tables(report):
            print_table(out, *table)
        for remark in (*report_remarks(report), *remarks):
            out.print(visible(remark))
