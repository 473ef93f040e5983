"""Shapes and tracks on their canvas → SVG, one function for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import inf

from ..geometry import Box, Point, Polygon, Shape, Track
from .html_fragments import Attribute, Attributes, Html, tag, together
from .label_places import FONT_SIZE, HEIGHT

_POINT_RADIUS = 4.0
#: Tracks of so many waypoints have the times written beside them.
_TIMED_WAYPOINTS = 8
#: A line is seen on any ground if it has a wider one of the text's colour below it.
_HALO: Attributes = {"stroke": "currentColor", "stroke_opacity": 0.35, "stroke_width": 3.5, "fill": "none"}


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


def shape_svg(shape: Shape, colour: str, dash: str | None = None) -> Html:
    """A shape with what is known of it as its tooltip."""
    style: Attributes = {
        "stroke": colour,
        "stroke_width": 2,
        "fill": colour,
        "fill_opacity": 0.15,
        "stroke_dasharray": dash,
    }
    drawn = together((outline(shape, **_HALO), outline(shape, class_="shape", **style)))
    said = ", ".join(_facts(shape))
    return tag("g", tag("title", said), drawn) if said else drawn


def _facts(shape: Shape) -> list[str]:
    facts = [] if shape.mention is None else [shape.mention]
    facts += [] if shape.score is None else [f"score {shape.score:g}"]
    return facts + ([] if shape.t is None else [f"{shape.t:g} s"])


def in_time(track: Track) -> tuple[Shape, ...]:
    """The waypoints by their times; those without one come last, as they were written."""
    return tuple(sorted(track.waypoints, key=lambda waypoint: inf if waypoint.t is None else waypoint.t))


def centre(shape: Shape) -> tuple[float, float]:
    """The middle of the bounds."""
    left, top, right, bottom = shape.xyxy
    return (left + right) / 2, (top + bottom) / 2


def track_svg(track: Track, colour: str) -> Html:
    """A line through the waypoints in the order of their times; earlier ones are paler and smaller."""
    waypoints = in_time(track)
    line = _points([centre(each) for each in waypoints])
    parts = [
        tag("polyline", points=line, **_HALO),
        tag("polyline", class_="trail", points=line, stroke=colour, stroke_width=2, fill="none"),
    ]
    for number, waypoint in enumerate(waypoints, 1):
        parts.append(_waypoint(track, waypoint, number, colour))
        if waypoint.t is not None and len(waypoints) <= _TIMED_WAYPOINTS:
            x, y = centre(waypoint)
            time: Attributes = {
                "x": x,
                "y": y + _POINT_RADIUS + FONT_SIZE,
                "font_size": FONT_SIZE - 1,
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


def label_svg(label: str, place: tuple[float, float], width: float, colour: str) -> Html:
    """A label on a ground of its colour."""
    x, y = place
    ground = tag("rect", class_="label", x=x, y=y, width=width, height=HEIGHT, rx=2, fill=colour)
    style: Attributes = {"font_size": FONT_SIZE, "fill": ink_on(colour)}
    return together((ground, tag("text", label, x=x + 3, y=y + HEIGHT - 3.5, **style)))


#: Weights of red, green and blue in how light a colour is (Rec. 709), and from where on black reads better on it.
_LIGHTNESS, _LIGHT = (0.2126, 0.7152, 0.0722), 0.45


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on ``#rrggbb``."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    light = sum(weight * part for weight, part in zip(_LIGHTNESS, parts, strict=True))
    return "#000000" if light > _LIGHT else "#ffffff"
