"""Our values ⇄ the objects of the ``perceptron`` package, for people who have both.

``perceptron`` is imported when a function here is called; it is no dependency of this package.
"""

from __future__ import annotations

from typing import Any

from ..errors import GeometryError, MissingExtraError, UnwritableError
from ..frames import Frame
from ..geometry import Box, Clip, Collection, Point, Polygon, Spatial, Track, Value


def _types() -> Any:
    try:
        from perceptron.pointing import types
    except ImportError as error:
        raise MissingExtraError("the perceptron package is not installed: pip install perceptron==0.4.0") from error
    return types


def from_sdk(value: Any) -> Value:
    """The value of a ``SinglePoint, BoundingBox, Polygon, Clip, Track`` or ``Collection`` of ``perceptron``.

    The mention, t and asset_idx that a box's two corner points may carry are dropped, as the SDK does when it scales.
    Raises ``GeometryError`` for other objects, for a negative or non-finite number, and for a collection in a
    collection, which the markup has no form for.
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
    raise GeometryError(f"{type(value).__name__} is no annotation of the perceptron package")


def to_sdk(value: Value) -> Any:
    """The object of ``perceptron`` for a value on the grid.

    Its coordinates are integers, so a fraction raises ``UnwritableError``, and so do another frame and a score.
    """
    types = _types()
    if isinstance(value, Track):
        waypoints = [to_sdk(waypoint) for waypoint in value.waypoints]
        return types.Track(waypoints, value.mention, asset_idx=value.asset_idx, complete=value.complete)
    if isinstance(value, Collection):
        children = [to_sdk(child) for child in value.children]
        return types.Collection(children, value.mention, value.t, asset_idx=value.asset_idx, complete=value.complete)
    if value.score is not None:
        raise UnwritableError(f"the SDK has no place for the score of {value!r}: drop it first")
    if isinstance(value, Clip):
        stamp = types.ClipTimestamp(value.start, value.end)
        return types.Clip(stamp, value.mention, asset_idx=value.asset_idx)
    points = [types.SinglePoint(*pair) for pair in _whole_pairs(value)]
    if isinstance(value, Point):
        return types.SinglePoint(points[0].x, points[0].y, value.mention, value.t, asset_idx=value.asset_idx)
    if isinstance(value, Box):
        return types.BoundingBox(*points, value.mention, value.t, asset_idx=value.asset_idx)
    return types.Polygon(points, value.mention, value.t, asset_idx=value.asset_idx)


def _whole_pairs(shape: Spatial) -> list[tuple[int, int]]:
    if shape.frame != Frame.GRID:
        raise UnwritableError(f"the SDK's annotations lie on the grid, not in {shape.frame}: use .to(Frame.GRID)")
    if not all(number.is_integer() for pair in shape.coordinates for number in pair):
        raise UnwritableError(f"the SDK's coordinates are integers: use .rounded() on {shape!r}")
    return [(int(x), int(y)) for x, y in shape.coordinates]
