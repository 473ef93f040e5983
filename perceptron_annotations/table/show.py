"""An ``AnnotationTable`` as a line of text."""

from __future__ import annotations

import numpy as np

from ..geometry import AnnotationKind
from ..issues import CATALOG, IssueCode, Severity
from ..markup.document import Status
from .table import AnnotationTable

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
