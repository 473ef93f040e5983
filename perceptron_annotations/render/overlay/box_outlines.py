"""Boxes."""

from __future__ import annotations

from collections.abc import Iterator

from ...geometry import Box
from .canvas import Canvas
from .clipping import Area
from .palette import ink_on
from .strokes import Stroke, dash_spans


def draw_box(canvas: Canvas, box: Box, stroke: Stroke) -> Area:
    """Draw the outline of a box, its lines in the middle of its sides; what it covers is returned.

    A line that would be off the image is moved to its edge, so that it can be seen. A box outside the image is a line
    at the edge that is nearest to it.
    """
    width = stroke.width
    x1, y1, x2, y2 = box.xyxy
    left, right = _line_ends(x1, x2, width, canvas.image.width)
    top, bottom = _line_ends(y1, y2, width, canvas.image.height)
    pieces = list(_pieces(left, top, right, bottom, stroke))
    for grown, colour in ((canvas.edge, ink_on(stroke.colour)), (0, stroke.colour)):
        for x_start, y_start, x_end, y_end in pieces:
            canvas.rectangle(x_start - grown, y_start - grown, x_end + grown, y_end + grown, colour)
    return Area(left, top, right, bottom)


def _line_ends(first: float, last: float, width: int, extent: int) -> tuple[int, int]:
    """Where two parallel lines of a box begin and end, on an image that is ``extent`` wide or high."""
    most = max(extent - width, 0)
    start = round(min(max(first - width / 2, 0), most))
    end = round(min(max(last - width / 2, 0), most)) + width
    return start, max(end, start + width)


def _pieces(left: int, top: int, right: int, bottom: int, stroke: Stroke) -> Iterator[tuple[int, int, int, int]]:
    """The four lines of a frame, or their dashes."""
    width = stroke.width
    for start, end in dash_spans(right - left, stroke.dash, width):
        for y in (top, bottom - width):
            yield left + round(start), y, left + round(end), y + width
    for start, end in dash_spans(bottom - top, stroke.dash, width):
        for x in (left, right - width):
            yield x, top + round(start), x + width, top + round(end)
