"""An ``AnnotationTable`` as a card: what is in it, its first rows, and its issues by code.

Only the first rows are made values; the rest is counted in its columns, so a table of any size is shown at once.
"""

from __future__ import annotations

import numpy as np

from ...geometry import AnnotationKind
from ...issues import CATALOG, IssueCode
from ...table.show import summary
from ...table.table import AnnotationTable
from ..html_fragments import Html, tag
from ..html_tables import table_html
from ..report_tables import ReportTable
from .cards import bullets, card, paragraph

_MOST_ROWS = 10
#: So many pairs of a polygon are written.
_MOST_PAIRS = 6
_MOST_CODES = 10
_COLUMNS = ("", "response", "kind", "mention", "coordinates", "t", "score")
#: The columns that are not numbers.
_TEXTS = (2, 3, 4)


def table_card(table: AnnotationTable) -> str:
    """A table."""
    left = len(table) - _MOST_ROWS
    more = paragraph(f"… {left:,} more", kind="faint") if left > 0 else ""
    return card(paragraph(summary(table)), _head(table), more, _issues(table))


def _head(table: AnnotationTable) -> Html:
    shown = table[:_MOST_ROWS]
    if not len(shown):
        return paragraph("no annotations, so there are no rows to show", kind="faint")
    rows = [
        (
            str(row),
            str(shown.response[row]),
            str(AnnotationKind(kind)),
            label or "",
            _pairs(shown, row),
            _time(shown.t[row], shown.until[row]),
            "" if np.isnan(shown.score[row]) else f"{shown.score[row]:.3f}",
        )
        for row, (label, kind) in enumerate(zip(shown.labels, shown.kind.tolist(), strict=True))
    ]
    return table_html(ReportTable("", _COLUMNS, rows, names=_TEXTS))


def _pairs(table: AnnotationTable, row: int) -> str:
    pairs = table.vertices(row)
    written = " ".join(f"({x:g},{y:g})" for x, y in pairs[:_MOST_PAIRS])
    return written if len(pairs) <= _MOST_PAIRS else f"{written} … {len(pairs)} vertices"


def _time(start: float, end: float) -> str:
    return "" if np.isnan(start) else f"{start:g}" if np.isnan(end) else f"{start:g}–{end:g}"


def _issues(table: AnnotationTable) -> Html:
    """How often each code comes, the most frequent first, with its meaning and its first place."""
    counts = np.bincount(table.issues.code, minlength=len(IssueCode))
    codes = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist()
    lines = []
    for code, count in [(code, int(counts[code])) for code in codes[:_MOST_CODES]]:
        name, first = list(IssueCode)[code], int(np.argmax(table.issues.code == code))
        start, end = table.issues.span[first].tolist()
        place = f"response {table.issues.response[first]} at {start}–{end}"
        said = f" × {count:,}: {CATALOG[name].summary}; first: {place}"
        lines.append(tag("span", tag("code", name.value), said))
    more = f"and {len(codes) - _MOST_CODES} more codes" if len(codes) > _MOST_CODES else ""
    return bullets(lines, more)
