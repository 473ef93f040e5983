"""An evaluation as text for people: a plain table for terminals and files, Markdown for pull requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..evaluation.report import EvaluationReport
from ..visible_text import visible
from .plain_tables import plain_table, text_lines
from .report_remarks import report_remarks, report_summary
from .report_rows import checked_report
from .report_tables import ReportTable, report_tables


def report_markdown(report: EvaluationReport) -> str:
    """A summary, tables and remarks; no text of models is markup.

    >>> nothing = pa.datasets.DatasetBuilder().build()
    >>> report_markdown(pa.evaluate(nothing, nothing)).splitlines()[0]
    'answers about 0 of 0 images: none'
    """
    parts = [markdown_text(visible(report_summary(checked_report(report).outcomes)))]
    for table in report_tables(report):
        shown = _visible(table)
        parts.append(f"**{markdown_text(shown.title)}**\n\n{markdown_table(shown.columns, shown.rows)}")
    listed = [f"- {markdown_text(visible(each))}" for each in report_remarks(report)]
    return "\n\n".join([*parts, *(["\n".join(listed)] if listed else [])]) + "\n"


def report_table(report: EvaluationReport, width: int | None = None) -> str:
    """A summary, tables and remarks as plain text in lines of at most ``width`` columns, if it is given.

    Numbers and words are never broken: names are shortened in their middle, and columns for which there is no room are
    named below their table.

    >>> nothing = pa.datasets.DatasetBuilder().build()
    >>> report_table(pa.evaluate(nothing, nothing), 60).splitlines()[0]
    'answers about 0 of 0 images: none'
    """
    parts = [_lines(report_summary(checked_report(report).outcomes), width)]
    parts += [plain_table(_visible(table), width) for table in report_tables(report)]
    return "".join([*parts, *(_lines(each, width) for each in report_remarks(report))])


def _lines(text: str, width: int | None) -> str:
    return "".join(f"{line}\n" for line in text_lines(visible(text), width))


def _visible(table: ReportTable) -> ReportTable:
    """The same on one line a cell, with what does not print as escapes."""
    return ReportTable(
        visible(table.title),
        [visible(each) for each in table.columns],
        [[visible(each) for each in row] for row in table.rows],
        table.names,
        table.optional,
    )


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a pull request; cells hold no markup and no line ends."""
    head, *body = ("| " + " | ".join(map(markdown_text, line)) + " |" for line in (columns, *rows))
    return "\n".join([head, "|" + " --- |" * len(columns), *body])


#: What is markup in Markdown itself; a backslash before it makes it text.
_MARKUP = frozenset("\\|`*_[]<>&!~")
#: What GitHub and GitLab make links, mentions, emoji and formulas of after Markdown was read: ``@name``, ``#1``,
#: ``$x$``, ``:bomb:``, ``https://…``, ``www.…``, ``GH-1``. They look at texts between tags, so a tag around one
#: character ends it; for dollar signs, GitHub's documentation says so.
_LIVE = re.compile(r"[@#$]|:(?=[\w+-]+:|//)|(?<=\bwww)\.|(?<=\bGH)-(?=\d)", re.IGNORECASE)


def markdown_text(text: str) -> str:
    """``text`` on one line, in which nothing is markup, and of which no service makes a link, mention or formula."""
    line = " ".join(text.split())
    live = {found.start() for found in _LIVE.finditer(line)}
    return "".join(
        f"<span>{char}</span>" if at in live else f"\\{char}" if char in _MARKUP else char
        for at, char in enumerate(line)
    )
