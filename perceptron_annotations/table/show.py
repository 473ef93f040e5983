"""An ``AnnotationTable`` as a line of text and as HTML. Mentions are a model's text, so they are escaped."""

from __future__ import annotations

import numpy as np

from ..geometry import AnnotationKind
from ..issues import CATALOG, IssueCode, Severity
from ..markup.document import Status
from ..visible_text import visible_html
from .table import AnnotationTable

#: How many rows a notebook shows.
SHOWN_ROWS = 10
_PLURALS = {
    AnnotationKind.POINT: "points",
    AnnotationKind.BOX: "boxes",
    AnnotationKind.POLYGON: "polygons",
    AnnotationKind.CLIP: "clips",
}


def summary(table: AnnotationTable) -> str:
    """What is in a table, in one line."""
    kinds = np.bincount(table.kind, minlength=len(AnnotationKind))
    parts = [f"{kinds[kind]:,} {name}" for kind, name in _PLURALS.items() if kinds[kind]]
    containers = np.bincount(table.containers.kind, minlength=2)
    parts += [f"{count:,} {name}" for count, name in zip(containers, ("tracks", "collections"), strict=True) if count]
    statuses = np.bincount(table.responses.status, minlength=len(Status))
    outcomes = [f"{count:,} {status.value}" for count, status in zip(statuses, Status, strict=True) if count]
    errors = np.array([CATALOG[code].severity is Severity.ERROR for code in IssueCode])[table.issues.code].sum()
    warnings = len(table.issues) - errors
    parts += [f"{count:,} {name}" for count, name in ((errors, "errors"), (warnings, "warnings")) if count]
    return (
        f"{len(table):,} annotations in {len(table.responses):,} responses ({table.frame.value}): "
        f"{', '.join(parts) or 'none'}; {', '.join(outcomes) or 'no outcomes'}"
    )


def html_table(table: AnnotationTable) -> str:
    """The summary and the first rows."""
    shown = table[:SHOWN_ROWS]
    body = []
    for row, (label, kind) in enumerate(zip(shown.labels, shown.kind, strict=True)):
        pairs = " ".join(f"({x:g},{y:g})" for x, y in shown.vertices(row))
        t, until = shown.t[row], shown.until[row]
        time = "" if np.isnan(t) else f"{t:g}" if np.isnan(until) else f"{t:g}–{until:g}"
        cells = (shown.response[row], AnnotationKind(kind).name.lower(), label or "", pairs, time)
        body.append("<tr>" + "".join(f"<td>{visible_html(str(cell))}</td>" for cell in cells) + "</tr>")
    heads = "".join(f"<th>{name}</th>" for name in ("response", "kind", "mention", "coordinates", "t"))
    more = f"<p>… {len(table) - len(shown):,} more</p>" if len(table) > len(shown) else ""
    return f"<p>{visible_html(summary(table))}</p><table><tr>{heads}</tr>{''.join(body)}</table>{more}"
