"""Our values ⇄ the objects of the ``perceptron`` package, for people who have both.

``perceptron`` is not a dependency of this package: it is imported when a function here is called.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import GeometryError, MissingExtraError, UnwritableError
from ..frames import Frame
from ..geometry import Box, Clip, Collection, Point, Polygon, Shape, Track, Value

if TYPE_CHECKING:
    from perceptron.pointing import types as sdk

    SdkAnnotation: TypeAlias = sdk.SinglePoint | sdk.BoundingBox | sdk.Polygon | sdk.Clip | sdk.Track | sdk.Collection


def _types() -> ModuleType:
    try:
        from perceptron.pointing import types
    except ImportError as error:
        raise MissingExtraError("the perceptron package is not installed: pip install perceptron==0.4.0") from error
    module: ModuleType = types
    return module


def from_sdk(value: SdkAnnotation) -> Value:
    """The value of a ``SinglePoint, BoundingBox, Polygon, Clip, Track`` or ``Collection`` of ``perceptron``.

    The mention, t and asset_idx that the two corner points of a box may carry are dropped, as the SDK does when it
    scales them. Raises ``GeometryError`` for other objects, for a negative or non-finite number, and for a collection
    in a collection, which the markup cannot express; ``MissingExtraError`` without the package.

    >>> from perceptron.pointing import types
    >>> from perceptron_annotations.interop import from_sdk
    >>> from_sdk(types.SinglePoint(10, 20, "cat"))
    Point(x=10.0, y=20.0, mention='cat')
    """
    types = _types()
    if isinstance(value, types.Track):
        waypoints: Any = tuple(from_sdk(point) for point in value.points)
        return Track(waypoints, mention=value.mention, asset_idx=value.asset_idx, complete=value.complete)
    if isinstance(value, types.Collection):
        children: Any = tuple(from_sdk(child) for child in value.points)
        return Collection(children, value.t, mention=value.mention, asset_idx=value.asset_idx, complete=value.complete)
    if isinstance(value, types.Clip):
        stamp = value.timestamp
        return Clip(stamp.at, stamp.until, mention=value.mention, asset_idx=value.asset_idx)
    context: Any = {name: getattr(value, name, None) for name in ("mention", "t", "asset_idx")}
    if isinstance(value, types.SinglePoint):
        return Point(value.x, value.y, **context)
    if isinstance(value, types.BoundingBox):
        first, second = value.top_left, value.bottom_right
        return Box(first.x, first.y, second.x, second.y, **context)
    if isinstance(value, types.Polygon):
        return Polygon(tuple((point.x, point.y) for point in value.hull), **context)
    raise GeometryError(f"{type(value).__name__} is not an annotation of the perceptron package")


def to_sdk(value: Value) -> SdkAnnotation:
    """The object of ``perceptron`` for a value on the grid.

    Its coordinates are integers and it has no scores. Raises ``UnwritableError`` for a fraction, for another frame and
    for a score, and ``MissingExtraError`` without the package.

    >>> from perceptron_annotations.interop import to_sdk
    >>> to_sdk(pa.Point(10, 20, mention="cat"))
    SinglePoint(x=10, y=20, mention='cat')
    """
    types = _types()
    if isinstance(value, Track):
        waypoints = [to_sdk(waypoint) for waypoint in value.waypoints]
        return types.Track(waypoints, value.mention, asset_idx=value.asset_idx, complete=value.complete)
    if isinstance(value, Collection):
        children = [to_sdk(child) for child in value.children]
        return types.Collection(children, value.mention, value.t, asset_idx=value.asset_idx, complete=value.complete)
    if value.score is not None:
        raise UnwritableError(f"the SDK has no scores, and {value!r} has one: remove it first")
    if isinstance(value, Clip):
        stamp = types.ClipTimestamp(value.start, value.end)
        return types.Clip(stamp, value.mention, asset_idx=value.asset_idx)
    points = [types.SinglePoint(*pair) for pair in _whole_pairs(value)]
    if isinstance(value, Point):
        return types.SinglePoint(points[0].x, points[0].y, value.mention, value.t, asset_idx=value.asset_idx)
    if isinstance(value, Box):
        return types.BoundingBox(*points, value.mention, value.t, asset_idx=value.asset_idx)
    return types.Polygon(points, value.mention, value.t, asset_idx=value.asset_idx)


def _whole_pairs(shape: Shape) -> list[tuple[int, int]]:
    if shape.frame != Frame.GRID:
        raise UnwritableError(f"the SDK's annotations lie on the grid, not in {shape.frame}: use .to(Frame.GRID)")
    if not all(number.is_integer() for pair in shape.coordinates for number in pair):
        raise UnwritableError(f"the SDK's coordinates are integers: use .rounded() on {shape!r}")
    return [(int(x), int(y)) for x, y in shape.coordinates]
