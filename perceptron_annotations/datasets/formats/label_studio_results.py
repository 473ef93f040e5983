"""The results of a Label Studio task: regions with labels, in per cent of the image, and what is said of them.

A key point whose parent is a labelled rectangle or polygon is a keypoint of that object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from ...geometry import AnnotationKind
from ...problems import ProblemCode
from ._details import Value, read_attributes, value_of
from ._named_poses import NamedPose, NamedShape
from ._reading import Reading

TYPES = {
    AnnotationKind.POINT: "keypointlabels",
    AnnotationKind.BOX: "rectanglelabels",
    AnnotationKind.POLYGON: "polygonlabels",
}
_KINDS = {name: kind for kind, name in TYPES.items()}
#: Results with labels, and those that have only the coordinates of the labelled result of the same id.
LABELS = (*_KINDS, "labels")
PLAIN = ("rectangle", "polygon", "keypoint")
#: What says something of a region, and where its values are.
SAID = {"choices": "choices", "textarea": "text", "rating": "rating", "number": "number"}
PERCENT = 100.0


class Result(Struct):
    """A result of a task, as far as it is read."""

    type: str = ""
    value: dict[str, Any] = {}
    original_width: float | None = None
    original_height: float | None = None
    image_rotation: float | None = None
    id: str | None = None
    parent_id: str | None = field(name="parentID", default=None)
    from_name: str | None = None
    to_name: str | None = None
    item_index: int | None = None
    score: float | None = None


def said_of(source: Reading, found: list[Result], region: str | None, place: str) -> dict[str, Value]:
    """What is chosen or written of a region, by the names of the tags."""
    said: dict[str, Value] = {}
    for each in found:
        if each.type in SAID and each.id == region and region is not None:
            given = each.value.get(SAID[each.type])
            values = given if isinstance(given, list) else [given]
            for further in values[1:]:
                source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"the further choice {further} of a shape")
            for value in values[:1]:
                text = value_of(value) if isinstance(value, str) else value
                said |= read_attributes(source, {each.from_name or each.type: text}, place)
    return said


def objects_in(source: Reading, shapes: Sequence[NamedShape]) -> list[NamedPose]:
    """The shapes of an image as objects: a point whose parent is a box or a polygon with a label is a keypoint."""
    parents = {
        shape.source: NamedPose([shape], {})
        for shape in shapes
        if shape.source and shape.label is not None and shape.kind is not AnnotationKind.POINT
    }
    objects: list[NamedPose] = []
    for shape in shapes:
        parent = parents.get(str(shape.group)) if shape.group is not None else None
        is_keypoint = shape.kind is AnnotationKind.POINT and parent is not None and shape.label is not None
        if parent is None or not is_keypoint:
            objects.append(parents.get(shape.source) or NamedPose([shape], {}))
            if shape.group is not None:
                source.problem(ProblemCode.UNSUPPORTED_ENTRY, shape.place, "a shape below another one")
        elif shape.label in parent.keypoints:
            source.problem(ProblemCode.DUPLICATE_ENTRY, shape.place, f"a second {shape.label} of one shape")
        else:
            parents[parent.shapes[0].source] = NamedPose(parent.shapes, {**parent.keypoints, str(shape.label): shape})
    return [parents.get(each.shapes[0].source, each) for each in objects]


def _kind_of(result: Result) -> AnnotationKind | None:
    """What a result is; ``labels`` say it by their coordinates alone."""
    if result.type not in ("labels", *PLAIN):
        return _KINDS.get(result.type)
    value = result.value
    if "points" in value:
        return AnnotationKind.POLYGON
    if "x" not in value or "radiusX" in value or "rle" in value:
        return None
    return AnnotationKind.BOX if "height" in value else AnnotationKind.POINT


def _unsupported(result: Result, kind: AnnotationKind | None) -> str | None:
    """Why a result cannot be read, or None."""
    if kind is None:
        return result.type or "a result without a type"
    if result.value.get("rotation"):
        return "a turned rectangle"
    if result.image_rotation:
        return "a shape on a turned image"
    return "a shape on another image of the task" if result.item_index else None


def shape_of(source: Reading, result: Result, size: Any, place: str) -> NamedShape | None:
    """The shape of a result; None, and a problem, if it cannot be read."""
    kind, value = _kind_of(result), result.value
    why = _unsupported(result, kind)
    if why is not None or kind is None:
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, why)
        return None
    given = value.get(result.type)
    labels = [label for label in given if isinstance(label, str)] if isinstance(given, list) else []
    for further in labels[1:]:
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"the further label {further} of a shape")
    coords = _coords(kind, value)
    if coords is None:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, result.type)
        return None
    with np.errstate(over="ignore"):
        coords = coords / PERCENT * size
    if not np.isfinite(coords).all():
        source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
        return None
    label = labels[0] if labels else None
    shape = NamedShape(kind, coords, label, place)
    return shape._replace(score=result.score, source=result.id or "", group=result.parent_id)


def _coords(kind: AnnotationKind, value: dict[str, Any]) -> NDArray[np.float64] | None:
    """``(V, 2)`` in per cent, or None if they are malformed."""
    try:
        if kind is AnnotationKind.POLYGON:
            return np.array(value["points"], dtype=np.float64).reshape(-1, 2)
        corner = np.array([value["x"], value["y"]], dtype=np.float64)
        if kind is AnnotationKind.POINT:
            return corner[None]
        return np.array([corner, corner + np.array([value["width"], value["height"]], dtype=np.float64)])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
