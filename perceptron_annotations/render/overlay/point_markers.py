"""Points."""

from __future__ import annotations

from ...geometry import Point
from .canvas import Canvas
from .clipping import Area
from .palette import ink_on
from .strokes import Dash, Pair, Stroke

#: The radius of a marker in widths of a line.
_RADIUS = 2.5


def draw_point(canvas: Canvas, point: Point, stroke: Stroke) -> Area:
    """Draw a point as a disc, as a cross if its line is dashed, as a ring if it is dotted; what it covers is returned.

    One outside the image is at the edge that is nearest to it.
    """
    x = min(max(point.x, 0.0), canvas.area.right)
    y = min(max(point.y, 0.0), canvas.area.bottom)
    return draw_marker(canvas, (x, y), stroke)


def draw_marker(canvas: Canvas, at: Pair, stroke: Stroke) -> Area:
    """Draw a marker around a place on the image."""
    radius = _RADIUS * stroke.width
    x, y = at
    if stroke.dash is Dash.DASHED:
        rising, falling = (
            ((x - radius, y + radius), (x + radius, y - radius)),
            ((x - radius, y - radius), (x + radius, y + radius)),
        )
        canvas.paths([rising, falling], stroke._replace(dash=Dash.SOLID))
    else:
        canvas.disc(at, radius + canvas.edge, ink_on(stroke.colour))
        canvas.disc(at, radius, stroke.colour)
        if stroke.dash is Dash.DOTTED:
            canvas.disc(at, radius * 0.5, ink_on(stroke.colour))
    return Area(x, y, x, y).grown(radius + canvas.edge)
