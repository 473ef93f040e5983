"""The shapes of CVAT's XML: elements below the images of one format, and below the tracks of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ....problems import ProblemCode
from .._reading import Reading

TAGS = {AnnotationKind.POINT: "points", AnnotationKind.BOX: "box", AnnotationKind.POLYGON: "polygon"}
_KINDS = {tag: kind for kind, tag in TAGS.items()}
_EDGES = ("xtl", "ytl", "xbr", "ybr")


def shape_attributes(kind: AnnotationKind, coords: NDArray[np.float64]) -> dict[str, str]:
    """The coordinates ``(V, 2)`` of a shape as XML attributes, with all their digits."""
    if kind is AnnotationKind.BOX:
        edges = [*coords.min(axis=0).tolist(), *coords.max(axis=0).tolist()]
        return dict(zip(_EDGES, map(repr, edges), strict=True))
    return {"points": ";".join(f"{x!r},{y!r}" for x, y in coords.tolist())}


def shape_rows(source: Reading, shape: Any, place: str) -> list[tuple[AnnotationKind, NDArray[np.float64]]]:
    """The rows of an element: one, or as many as it has points; none if it is malformed or of another kind."""
    kind = _KINDS.get(shape.tag)
    if kind is None or finite(shape.get("rotation")):
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, shape.tag if kind is None else f"a turned {shape.tag}")
        return []
    coords = _coords(shape, kind)
    if coords is None:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"the coordinates of a {shape.tag}")
        return []
    return [(kind, part) for part in (coords[:, None] if kind is AnnotationKind.POINT else [coords])]


def _coords(shape: Any, kind: AnnotationKind) -> NDArray[np.float64] | None:
    """The vertices of a shape, or None if they are malformed."""
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


def split_of_subset(subset: str | None) -> str | None:
    """The split that a subset is; CVAT's own subset, ``default``, is none."""
    return None if subset in (None, "", "default") else subset


def finite(text: str | None) -> float | None:
    """The number in an attribute; None if it is missing or not a finite number."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if np.isfinite(number) else None
