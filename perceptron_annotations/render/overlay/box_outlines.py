"""Boxes."""

from __future__ import annotations

from ...geometry import Box
from .canvas import Canvas
from .clipping import Area
from .palette import Rgb, ink_on
from .strokes import Dash, Stroke, dash_spans


def draw_box(canvas: Canvas, box: Box, stroke: Stroke) -> Area:
    """Draw the outline of a box, its lines in the middle of its sides; what it covers is returned.

    A line that would be off the image is moved to its edge, so that it can be seen. A box outside the image is a line
    at the edge that is nearest to it.
    """
    width = stroke.width
    x1, y1, x2, y2 = box.xyxy
    left, right = _line_ends(x1, x2, width, canvas.image.width)
    top, bottom = _line_ends(y1, y2, width, canvas.image.height)
    outer = left, top, right, bottom
    grown = left - canvas.edge, top - canvas.edge, right + canvas.edge, bottom + canvas.edge
    _frame(canvas, grown, width + 2 * canvas.edge, ink_on(stroke.colour), stroke.dash)
    _frame(canvas, outer, width, stroke.colour, stroke.dash)
    return Area(*outer)


def _line_ends(first: float, last: float, width: int, extent: int) -> tuple[int, int]:
    """Where two parallel lines of a box begin and end, on an image that is ``extent`` wide or high."""
    most = max(extent - width, 0)
    start = round(min(max(first - width / 2, 0), most))
    end = round(min(max(last - width / 2, 0), most)) + width
    return start, max(end, start + width)


def _frame(canvas: Canvas, outer: tuple[int, int, int, int], width: int, colour: Rgb, dash: Dash) -> None:
    """Four lines inside ``outer``."""
    left, top, right, bottom = outer
    if dash is Dash.SOLID:
        canvas.rectangle(left, top, right, top + width, colour)
        canvas.rectangle(left, bottom - width, right, bottom, colour)
        canvas.rectangle(left, top + width, left + width, bottom - width, colour)
        canvas.rectangle(right - width, top + width, right, bottom - width, colour)
        return
    for start, end in dash_spans(right - left, dash, width):
        for y in (top, bottom - width):
            canvas.rectangle(left + round(start), y, left + round(end), y + width, colour)
    for start, end in dash_spans(bottom - top, dash, width):
        for x in (left, right - width):
            canvas.rectangle(x, top + round(start), x + width, top + round(end), colour)
