"""Shapes and tracks on their canvas → SVG, one function for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import inf

from ..geometry import Box, Point, Polygon, Shape, Track
from .html_fragments import Attribute, Attributes, Html, tag, together
from .overlay.marks import Mark, Pose, Verdict

_POINT_RADIUS = 4.0
_FONT_SIZE = 10
#: Tracks of so many waypoints have the times written beside them.
_TIMED_WAYPOINTS = 8


@singledispatch
def outline(shape: Shape, **style: Attribute) -> Html:
    """The form of a shape."""
    raise NotImplementedError(type(shape))


@outline.register
def _(shape: Point, **style: Attribute) -> Html:
    return tag("circle", cx=shape.x, cy=shape.y, r=_POINT_RADIUS, **style)


@outline.register
def _(shape: Box, **style: Attribute) -> Html:
    x, y, width, height = shape.xywh
    return tag("rect", x=x, y=y, width=width, height=height, **style)


@outline.register
def _(shape: Polygon, **style: Attribute) -> Html:
    return tag("polygon", points=_points(shape.vertices), **style)


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.6g},{y:.6g}" for x, y in pairs)


def shape_svg(shape: Shape, mark: Mark, colour: str, edge: str) -> Html:
    """A shape with what is known of it as its tooltip.

    Args:
        shape: The shape in the pixels of the page.
        mark: What it is.
        colour: Of its lines.
        edge: Of the wider lines below them, by which they are seen on any ground.
    """
    is_point = isinstance(shape, Point)  # too small for dashes
    dash = None if is_point else DASHES.get(mark.verdict)
    cap = None if dash is None else "round"
    style: Attributes = {
        "stroke": colour,
        "stroke_width": 2.2,
        "fill": colour,
        "fill_opacity": 0.6 if is_point else 0.12,
    }
    line = outline(shape, class_="shape", stroke_dasharray=dash, stroke_linecap=cap, **style)
    drawn = together((outline(shape, **_edge(edge)), line))
    facts = [] if mark.label is None else [mark.label]
    facts += [] if mark.score is None else [f"score {mark.score:g}"]
    facts += [] if shape.t is None else [f"{shape.t:g} s"]
    facts += [] if mark.verdict is None else [mark.verdict.meaning]
    return tag("g", tag("title", ", ".join(facts)), drawn) if facts else drawn


#: The dashes of what is wrong; all other lines are solid.
DASHES: dict[Verdict | None, str | None] = {Verdict.FP: "7 5", Verdict.FN: "0.5 5"}


def _edge(colour: str) -> Attributes:
    return {"stroke": colour, "stroke_opacity": 0.6, "stroke_width": 4, "fill": "none"}


def pose_svg(pose: Pose, colour: str) -> Html:
    """Keypoints and the lines that join them; hidden ones are rings."""
    lines = [
        tag("line", class_="bone", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=2)
        for (x1, y1), (x2, y2) in pose.lines
    ]
    points = [
        tag("circle", class_="keypoint", cx=x, cy=y, r=3, stroke=colour, fill="none" if is_hidden else colour)
        for (x, y), is_hidden in zip(pose.points, pose.hidden, strict=True)
    ]
    return together((*lines, *points))


def in_time(track: Track) -> tuple[Shape, ...]:
    """The waypoints by their times; those without one come last, as they were written."""
    return tuple(sorted(track.waypoints, key=lambda waypoint: inf if waypoint.t is None else waypoint.t))


def centre(shape: Shape) -> tuple[float, float]:
    """The middle of the bounds."""
    left, top, right, bottom = shape.xyxy
    return (left + right) / 2, (top + bottom) / 2


def track_svg(track: Track, colour: str, edge: str) -> Html:
    """A line through the waypoints in the order of their times; earlier ones are paler and smaller."""
    waypoints = in_time(track)
    line = _points([centre(each) for each in waypoints])
    parts = [
        tag("polyline", points=line, **_edge(edge)),
        tag("polyline", class_="trail", points=line, stroke=colour, stroke_width=2, fill="none"),
    ]
    for number, waypoint in enumerate(waypoints, 1):
        parts.append(_waypoint(track, waypoint, number, colour))
        if waypoint.t is not None and len(waypoints) <= _TIMED_WAYPOINTS:
            x, y = centre(waypoint)
            time: Attributes = {
                "x": x,
                "y": y + _POINT_RADIUS + _FONT_SIZE,
                "font_size": _FONT_SIZE,
                "text_anchor": "middle",
            }
            parts.append(tag("text", f"{waypoint.t:g} s", fill="currentColor", **time))
    return together(parts)


def _waypoint(track: Track, waypoint: Shape, number: int, colour: str) -> Html:
    count = len(track.waypoints)
    said = [track.mention or "track", f"{number} of {count}"]
    said += [] if waypoint.t is None else [f"{waypoint.t:g} s"]
    share = number / count
    x, y = centre(waypoint)
    dot = tag("circle", class_="waypoint", cx=x, cy=y, r=2 + 2 * share, fill=colour, fill_opacity=0.4 + 0.6 * share)
    style: Attributes = {"stroke": colour, "stroke_width": 1.5, "stroke_opacity": 0.3 + 0.7 * share, "fill": "none"}
    around = () if isinstance(waypoint, Point) else (outline(waypoint, **style),)
    return tag("g", tag("title", ", ".join(said)), *around, dot)
