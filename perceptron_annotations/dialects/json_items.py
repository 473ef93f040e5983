"""One decoded JSON object of an answer → what it says: an item, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from ..geometry import AnnotationKind, Polygon
from ..issues import IssueCode
from .pieces import Group, Item, Remark

BOX_KEYS = frozenset({"box_2d", "bbox_2d", "bbox", "box", "bounding_box", "boundingBox"})
POINT_KEYS = frozenset({"point_2d", "point", "coordinate", "position", "click"})
POLYGON_KEYS = frozenset({"polygon", "polygon_2d", "segmentation", "vertices", "contour"})
#: What stands for a box or a point, as its four or two numbers say.
_EITHER_KEYS = frozenset({"coordinates", "coords", "location"})
LABEL_KEYS = ("label", "class_name", "class", "object_name", "name", "category", "description", "caption", "text")
_SCORE_KEYS = ("confidence", "score")
#: The names of the sides of a box, left, top, right and bottom; and of a corner with its width and height.
_SIDES = (
    ("x_min", "y_min", "x_max", "y_max"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("x0", "y0", "x1", "y1"),
    ("left", "top", "right", "bottom"),
)
_CORNERS = (("x", "y", "width", "height"), ("x", "y", "w", "h"))
_POINT = ("x", "y")
GEOMETRY_KEYS = BOX_KEYS | POINT_KEYS | POLYGON_KEYS | _EITHER_KEYS
#: The keys by which an object says where it is itself, without another object in it.
SIDE_KEYS = frozenset(name for names in (*_SIDES, *_CORNERS) for name in names)


class Said(NamedTuple):
    """What an object says. Without content and remarks it is not about geometry at all."""

    content: Item | Group | None
    remarks: tuple[Remark, ...] = ()


class _Unfit(Exception):  # noqa: N818 - it never leaves the module
    """The geometry is not what its key promises."""


def said_by(fields: Mapping[str, Any], text: str) -> Said:
    """What a decoded object says; ``text`` is how it is written, for remarks."""
    try:
        shapes = list(_shapes(fields))
    except _Unfit:
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text),))
    if not shapes:
        return _without_geometry(fields, text)
    label, score = _label(fields), _score(fields)
    others = tuple((name, _as_text(value)) for name, value in fields.items() if name not in _READ)
    if len(shapes) == 1:
        kind, numbers, named = shapes[0]
        return Said(Item(kind=kind, numbers=numbers, named=named, label=label, score=score, attributes=others))
    members = tuple(Item(kind=kind, numbers=numbers, named=named, score=score) for kind, numbers, named in shapes)
    return Said(Group(tag="collection", members=members, label=label, attributes=others))


#: The fields that are not kept as attributes.
_READ = GEOMETRY_KEYS | SIDE_KEYS | {*LABEL_KEYS, *_SCORE_KEYS}


def _without_geometry(fields: Mapping[str, Any], text: str) -> Said:
    """An object that says where nothing is: its geometry is null, or it should have some and has none."""
    if any(name in GEOMETRY_KEYS and value is None for name, value in fields.items()):
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text, recovered=True),))
    if any(name in LABEL_KEYS or _looks_placed(value) for name, value in fields.items()):
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text),))
    return Said(None)


def _looks_placed(value: Any) -> bool:
    """Whether a value is a list of numbers, which may be a place under a name that nobody knows."""
    return isinstance(value, list) and len(value) > 1 and all(_number(each) is not None for each in value)


class _Shape(NamedTuple):
    kind: AnnotationKind
    numbers: tuple[float, ...]
    #: Whether their names say which is x, whatever the order of the dialect.
    named: bool


def _shapes(fields: Mapping[str, Any]) -> Sequence[_Shape]:
    """The shapes of an object; none if it has no geometry. Raises ``_Unfit`` if one cannot be read."""
    shapes: list[_Shape] = []
    for name, value in fields.items():
        if name in GEOMETRY_KEYS and value is not None:
            shapes += _shapes_under(name, value)
    return shapes or _sides(fields)


def _shapes_under(name: str, value: Any) -> Sequence[_Shape]:
    """The shapes of the value of a field; raises ``_Unfit`` unless there are some."""
    if isinstance(value, Mapping):
        if not (sides := _sides(value)):
            raise _Unfit
        return sides
    if not isinstance(value, list) or not value:
        raise _Unfit
    if name in POLYGON_KEYS and isinstance(value[0], list):
        return [_polygon([number for pair in value for number in _numbers(pair, 2)])]
    if isinstance(value[0], Mapping | list):
        return [shape for each in value for shape in _shapes_under(name, each)]
    return [_polygon(_numbers(value))] if name in POLYGON_KEYS else [_shape_of(name, _numbers(value))]


def _shape_of(name: str, numbers: Sequence[float]) -> _Shape:
    """The box or point of a list of numbers."""
    if len(numbers) == 4 and name not in POINT_KEYS:  # noqa: PLR2004 - the numbers of a box
        return _Shape(AnnotationKind.BOX, tuple(numbers), named=False)
    if len(numbers) == 2 and name not in BOX_KEYS:  # noqa: PLR2004 - the numbers of a point
        return _Shape(AnnotationKind.POINT, tuple(numbers), named=False)
    raise _Unfit


def _polygon(numbers: Sequence[float]) -> _Shape:
    if len(numbers) % 2 or len(numbers) < 2 * Polygon.MIN_VERTICES:
        raise _Unfit
    return _Shape(AnnotationKind.POLYGON, tuple(numbers), named=False)


def _sides(fields: Mapping[str, Any]) -> Sequence[_Shape]:
    """The shape whose sides or corner have names of their own."""
    for names in _SIDES:
        if fields.keys() >= set(names):
            return [_Shape(AnnotationKind.BOX, tuple(_numbers([fields[name] for name in names])), named=True)]
    for names in _CORNERS:
        if fields.keys() >= set(names):
            x, y, width, height = _numbers([fields[name] for name in names])
            return [_Shape(AnnotationKind.BOX, (x, y, x + width, y + height), named=True)]
    if fields.keys() >= set(_POINT):
        return [_Shape(AnnotationKind.POINT, tuple(_numbers([fields[name] for name in _POINT])), named=True)]
    return []


def _numbers(values: Any, count: int | None = None) -> list[float]:
    """The numbers of a list, of so many if a count is given. Raises ``_Unfit`` if it holds anything else."""
    if not isinstance(values, list) or (count is not None and len(values) != count):
        raise _Unfit
    numbers = [number for value in values if (number := _number(value)) is not None]
    if len(numbers) != len(values):
        raise _Unfit
    return numbers


def _number(value: Any) -> float | None:
    """A number, written as one or in quotes; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _label(fields: Mapping[str, Any]) -> str | None:
    """The first label that is a text, or a number as text."""
    for name in LABEL_KEYS:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def _score(fields: Mapping[str, Any]) -> float | None:
    """The first confidence from 0 to 1."""
    for name in _SCORE_KEYS:
        number = _number(fields.get(name))
        if number is not None and 0 <= number <= 1:
            return number
    return None


def _as_text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)
