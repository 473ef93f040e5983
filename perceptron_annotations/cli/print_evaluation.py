"""How an evaluation is printed: as tables on a terminal, or as JSON, CSV or Markdown."""

from __future__ import annotations

import sys

from ..evaluation.report import EvaluationReport
from .console import console, emit
from .format_words import EvaluateFormat


def print_report(report: EvaluationReport, output: EvaluateFormat) -> None:
    """Print it in one of the formats; tables are as wide as the terminal, or as they need to be in a pipe or file."""
    if output is EvaluateFormat.JSON:
        emit(report.to_json() + "\n")
    elif output is EvaluateFormat.CSV:
        emit(report.to_csv())
    elif output is EvaluateFormat.MARKDOWN:
        emit(report.to_markdown())
    else:
        emit(report.to_table(console().width if sys.stdout.isatty() else None))
