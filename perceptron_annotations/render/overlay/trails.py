"""Tracks: a line through all waypoints in the order of time, and the last of them as a shape."""

from __future__ import annotations

import itertools

from ...geometry import Box, Point, Polygon, Track
from .box_outlines import draw_box
from .canvas import Canvas
from .clipping import Area
from .point_markers import draw_point
from .polygon_outlines import draw_polygon
from .strokes import Pair, Stroke

#: The beginning of a trail is this much narrower than its end.
_THINNEST = 0.6
_DOT = 1.0


def draw_track(canvas: Canvas, track: Track, stroke: Stroke) -> Area:
    """Draw the way of an object, wider from waypoint to waypoint, and where it is last; what that covers is returned.

    A waypoint is a dot on the way: of a box or a polygon, in the middle of its bounds.
    """
    waypoints = in_time(track)
    middles = [middle(each) for each in waypoints]
    count = len(middles) - 1
    for number, (start, end) in enumerate(itertools.pairwise(middles)):
        share = _THINNEST + (1 - _THINNEST) * (number + 1) / count
        canvas.path([start, end], stroke._replace(width=max(min(2, stroke.width), round(stroke.width * share))))
    for start in middles[:-1]:
        canvas.disc(start, _DOT * stroke.width + canvas.edge, stroke.colour)
    last = waypoints[-1]
    if isinstance(last, Box):
        return draw_box(canvas, last, stroke)
    return draw_polygon(canvas, last, stroke) if isinstance(last, Polygon) else draw_point(canvas, last, stroke)


def in_time(track: Track) -> list[Point | Box | Polygon]:
    """The waypoints in the order of their times; those without one stay where they are written, after the others."""
    return sorted(track.waypoints, key=lambda each: float("inf") if each.t is None else each.t)


def middle(shape: Point | Box | Polygon) -> Pair:
    """The middle of the bounds."""
    left, top, right, bottom = shape.xyxy
    return (left + right) / 2, (top + bottom) / 2
