"""The shapes of CVAT's XML, which stand below the pictures of one format and the tracks of another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ....problems import ProblemCode
from ...reports import Tally

TAGS = {AnnotationKind.POINT: "points", AnnotationKind.BOX: "box", AnnotationKind.POLYGON: "polygon"}
_KINDS = {tag: kind for kind, tag in TAGS.items()}
_EDGES = ("xtl", "ytl", "xbr", "ybr")


def shape_attributes(kind: AnnotationKind, coords: NDArray[np.float64]) -> dict[str, str]:
    """The attributes that say where a shape of ``coords``, ``(V, 2)``, is, with all their digits."""
    if kind is AnnotationKind.BOX:
        edges = [*coords.min(axis=0).tolist(), *coords.max(axis=0).tolist()]
        return dict(zip(_EDGES, map(repr, edges), strict=True))
    return {"points": ";".join(f"{x!r},{y!r}" for x, y in coords.tolist())}


def shape_rows(shape: Any, tally: Tally, where: str) -> list[tuple[AnnotationKind, NDArray[np.float64]]]:
    """The rows of an element: one, or as many as it has points; none where it is not held or malformed."""
    kind = _KINDS.get(shape.tag)
    if kind is None or finite(shape.get("rotation")):
        tally.add(ProblemCode.UNSUPPORTED_ENTRY, f"{where}: {shape.tag if kind is None else 'turned'}")
        return []
    coords = _coords(shape, kind)
    if coords is None:
        tally.add(ProblemCode.MALFORMED_ENTRY, where)
        return []
    return [(kind, part) for part in (coords[:, None] if kind is AnnotationKind.POINT else [coords])]


def _coords(shape: Any, kind: AnnotationKind) -> NDArray[np.float64] | None:
    """The pairs of a shape, or None where they are malformed."""
    if kind is AnnotationKind.BOX:
        edges = [finite(shape.get(edge)) for edge in _EDGES]
        return None if None in edges else np.array(edges, dtype=np.float64).reshape(2, 2)
    try:
        pairs = [[float(number) for number in pair.split(",")] for pair in (shape.get("points") or "").split(";")]
        found = np.array(pairs, dtype=np.float64)
    except ValueError:
        return None
    good = found.ndim == 2 and found.shape[1] == 2 and np.isfinite(found).all()  # noqa: PLR2004
    return found if good and len(found) >= (3 if kind is AnnotationKind.POLYGON else 1) else None


def finite(text: str | None) -> float | None:
    """The number in an attribute; None where it is missing, no number, or none that can be computed with."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if np.isfinite(number) else None
