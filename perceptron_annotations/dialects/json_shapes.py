"""The geometry of a decoded JSON object, under whatever key a model puts it: boxes, points and polygons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from ..geometry import AnnotationKind, Polygon
from .svg_paths import rings_of

BOX_KEYS = frozenset({"box_2d", "bbox_2d", "bbox", "box", "bounding_box", "boundingBox"})
POINT_KEYS = frozenset({"point_2d", "point", "coordinate", "position", "click"})
POLYGON_KEYS = frozenset({"polygon", "polygon_2d", "segmentation", "vertices", "contour"})
#: A polygon if it is a list; most often it is an image or tokens, which are no geometry and are kept as they are.
MASK_KEY = "mask"
#: What stands for a box or a point, as its four or two numbers say.
_EITHER_KEYS = frozenset({"coordinates", "coords", "location"})
#: The outline of a box as an SVG path, as Moondream writes it; it is kept as it is, too.
PATH_KEY = "path"
#: How far a chord may be from the curve that it stands for, in sides of the box.
_TOLERANCE = 0.0005
#: Boxes in space, for which there is no value.
SPACE_KEYS = frozenset({"bbox_3d", "box_3d"})
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
_BOX_COUNT, _POINT_COUNT = 4, 2


class Unfit(Exception):  # noqa: N818 - it never leaves the surface
    """The geometry is not what its key promises."""


class Shape(NamedTuple):
    """A box, point or polygon."""

    kind: AnnotationKind
    numbers: tuple[float, ...]
    #: Whether their names say which is x, whatever the order of the dialect.
    named: bool


def shapes_of(fields: Mapping[str, Any]) -> Sequence[Shape]:
    """The shapes of an object; none if it has no geometry. Raises ``Unfit`` if one cannot be read."""
    shapes: list[Shape] = []
    for name, value in fields.items():
        if (name in GEOMETRY_KEYS and value is not None) or (name == MASK_KEY and isinstance(value, list)):
            shapes += _shapes_under(name, value)
    path = fields.get(PATH_KEY)
    if isinstance(path, str) and len(shapes) == 1 and shapes[0].named and shapes[0].kind is AnnotationKind.BOX:
        shapes += _outline(path, shapes[0].numbers)
    return shapes or _sides(fields)


def _outline(path: str, box: Sequence[float]) -> Iterator[Shape]:
    """The polygons of a path whose numbers are parts of the sides of a box; none if it is not such a path."""
    left, top, right, bottom = box
    for ring in rings_of(path, tolerance=_TOLERANCE) or ():
        if len(ring) >= Polygon.MIN_VERTICES:
            pairs = [(left + x * (right - left), top + y * (bottom - top)) for x, y in ring]
            yield Shape(AnnotationKind.POLYGON, tuple(number for pair in pairs for number in pair), named=True)


def near_shape(fields: Mapping[str, Any]) -> Shape | None:
    """The box or point under the only key, not known, that has four or two numbers: a slip of the pen."""
    numbers = [each for value in fields.values() if (each := _place(value)) is not None]
    return _counted(numbers[0]) if len(numbers) == 1 else None


def looks_placed(value: Any) -> bool:
    """Whether a value is a list of numbers, which may be a place under a name that nobody knows."""
    return isinstance(value, list) and len(value) > 1 and all(as_number(each) is not None for each in value)


def as_number(value: Any) -> float | None:
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


def _place(value: Any) -> list[float] | None:
    is_place = looks_placed(value) and len(value) in (_BOX_COUNT, _POINT_COUNT)
    return _numbers(value) if is_place else None


def _shapes_under(name: str, value: Any) -> Sequence[Shape]:
    """The shapes of the value of a field; raises ``Unfit`` unless there are some."""
    if isinstance(value, Mapping):
        if not (sides := _sides(value)):
            raise Unfit
        return sides
    if not isinstance(value, list) or not value:
        raise Unfit
    if name in POLYGON_KEYS or name == MASK_KEY:
        return _polygons(value)
    if isinstance(value[0], Mapping | list):
        return [shape for each in value for shape in _shapes_under(name, each)]
    shape = _counted(_numbers(value))
    if (shape.kind is AnnotationKind.BOX and name in POINT_KEYS) or (
        shape.kind is AnnotationKind.POINT and name in BOX_KEYS
    ):
        raise Unfit
    return [shape]


def _counted(numbers: Sequence[float]) -> Shape:
    """A box of four numbers, or a point of two."""
    if len(numbers) == _BOX_COUNT:
        return Shape(AnnotationKind.BOX, tuple(numbers), named=False)
    if len(numbers) == _POINT_COUNT:
        return Shape(AnnotationKind.POINT, tuple(numbers), named=False)
    raise Unfit


def _polygons(value: list[Any]) -> Sequence[Shape]:
    """The polygons of a list: of numbers, of pairs or longer chunks of one polygon, or of whole polygons."""
    if not isinstance(value[0], list):
        return [_polygon(_numbers(value))]
    if not all(isinstance(each, list) for each in value):
        raise Unfit
    if any(each and isinstance(each[0], list) for each in value) or all(map(_is_whole, value)):
        return [shape for each in value if each for shape in _polygons(each)]
    return [_polygon([number for chunk in value for number in _numbers(chunk)])]


def _is_whole(numbers: list[Any]) -> bool:
    """Whether a list inside a list has enough numbers for a polygon of its own."""
    return len(numbers) >= _POINT_COUNT * Polygon.MIN_VERTICES


def _polygon(numbers: Sequence[float]) -> Shape:
    if len(numbers) % 2 or len(numbers) < _POINT_COUNT * Polygon.MIN_VERTICES:
        raise Unfit
    return Shape(AnnotationKind.POLYGON, tuple(numbers), named=False)


def _sides(fields: Mapping[str, Any]) -> Sequence[Shape]:
    """The shape whose sides or corner have names of their own."""
    for names in _SIDES:
        if fields.keys() >= set(names):
            return [Shape(AnnotationKind.BOX, tuple(_numbers([fields[name] for name in names])), named=True)]
    for names in _CORNERS:
        if fields.keys() >= set(names):
            x, y, width, height = _numbers([fields[name] for name in names])
            return [Shape(AnnotationKind.BOX, (x, y, x + width, y + height), named=True)]
    if fields.keys() >= set(_POINT):
        return [Shape(AnnotationKind.POINT, tuple(_numbers([fields[name] for name in _POINT])), named=True)]
    return []


def _numbers(values: Any) -> list[float]:
    """The numbers of a list. Raises ``Unfit`` if it holds anything else."""
    if not isinstance(values, list):
        raise Unfit
    numbers = [number for value in values if (number := as_number(value)) is not None]
    if len(numbers) != len(values):
        raise Unfit
    return numbers
