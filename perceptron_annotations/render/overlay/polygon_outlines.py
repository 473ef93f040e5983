"""Polygons."""

from __future__ import annotations

from ...geometry import Polygon
from .canvas import Canvas
from .clipping import Area
from .strokes import Dash, Stroke

#: How opaque the inside is, of 255.
_FILL = 56


def draw_polygon(canvas: Canvas, polygon: Polygon, stroke: Stroke) -> Area:
    """Draw the outline of a ring, with its inside tinted if the line is solid; its highest corner is returned.

    A label beside the bounds of a slanted polygon could lie far from it.
    """
    ring = polygon.vertices
    if stroke.dash is Dash.SOLID:
        canvas.ring(ring, stroke.colour, _FILL)
    canvas.path([*ring, ring[0]], stroke)
    x, y = min(ring, key=lambda pair: (pair[1], pair[0]))
    return Area(x, y, x, y).grown(stroke.width).within(canvas.area)
