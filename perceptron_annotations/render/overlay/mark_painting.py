"""Marks → pixels of a canvas.

They are painted in three layers, so that no outline crosses a label: shapes from the largest to the smallest, then the
lines that lead to labels, then the labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from ...geometry import Box, Clip, Point, Polygon, Track
from .box_outlines import draw_box
from .canvas import Canvas
from .clipping import Area
from .draw_style import DrawStyle, stroke_of
from .label_layout import LabelPlace, place_labels
from .label_text import LabelStyle, label_image
from .marks import Mark, Pose, Verdict
from .palette import Rgb
from .point_markers import draw_point
from .polygon_outlines import draw_polygon
from .skeleton_lines import draw_pose
from .strokes import Stroke
from .trails import draw_track

if TYPE_CHECKING:
    from PIL import Image

#: How each kind of shape is drawn: what it covers is returned, and its label is placed beside that.
PAINTERS: dict[type, Callable[[Canvas, Any, Stroke], Area]] = {
    Box: draw_box,
    Point: draw_point,
    Polygon: draw_polygon,
    Track: draw_track,
    Pose: draw_pose,
}
#: Labels are smaller if they would cover a larger share of the image than this, but letters never less than that.
_MOST_COVERED = 0.3
#: What covers less than so many squares of a letter's em could be hidden by a label.
_SMALL = 25
_LEAST_TEXT = 8


class _Labelled(NamedTuple):
    """A shape that was drawn, and its label."""

    area: Area
    colour: Rgb
    image: Image.Image


def paint_marks(canvas: Canvas, marks: Sequence[Mark], style: DrawStyle) -> None:
    """Draw marks and their labels; clips have no place on an image."""
    named: list[tuple[Mark, Area]] = []
    obstacles = []
    for mark in sorted(marks, key=lambda mark: (mark.verdict is not Verdict.FOUND, -_size(mark))):
        if isinstance(mark.shape, Clip):
            continue
        stroke = stroke_of(mark, style, canvas.line_width)
        area = PAINTERS[type(mark.shape)](canvas, mark.shape, stroke)
        if isinstance(mark.shape, Point | Pose) or area.width * area.height < _SMALL * canvas.text_size**2:
            obstacles.append(area)
        if mark.is_named:
            named.append((mark, area))
    labelled = _labelled(canvas, named, style)
    sizes = [each.image.size for each in labelled]
    places = place_labels([each.area for each in labelled], sizes, canvas.image.size, obstacles)
    _paint_labels(canvas, labelled, places)


def _labelled(canvas: Canvas, named: Sequence[tuple[Mark, Area]], style: DrawStyle) -> list[_Labelled]:
    """The labels of shapes, smaller if they would cover much of the image."""
    labelled = _in_size(canvas, named, style, canvas.text_size)
    covered = sum(each.image.width * each.image.height for each in labelled)
    room = _MOST_COVERED * canvas.image.width * canvas.image.height
    if covered <= room or style.text_size is not None:
        return labelled
    return _in_size(canvas, named, style, max(_LEAST_TEXT, int(canvas.text_size * sqrt(room / covered))))


def _in_size(canvas: Canvas, named: Sequence[tuple[Mark, Area]], style: DrawStyle, size: int) -> list[_Labelled]:
    label_style = LabelStyle(size, style.fonts, canvas.image.width)
    labelled = []
    for mark, area in named:
        text = mark.label or "" if style.labels else ""
        score = f"{mark.score:.2f}" if style.scores and mark.score is not None else ""
        if text or score:
            colour = stroke_of(mark, style, canvas.line_width).colour
            labelled.append(_Labelled(area, colour, label_image(text, score, colour, label_style)))
    return labelled


def _size(mark: Mark) -> float:
    """How much of the image a shape covers; what has no area is drawn last."""
    if isinstance(mark.shape, Box | Polygon):
        left, top, right, bottom = mark.shape.xyxy
        return (right - left) * (bottom - top)
    return 0.0


def _paint_labels(canvas: Canvas, labelled: Sequence[_Labelled], places: Sequence[LabelPlace | None]) -> None:
    placed = [(each, place) for each, place in zip(labelled, places, strict=True) if place is not None]
    for each, place in placed:
        if place.is_away:
            left, top = place.left, place.top
            label = Area(left, top, left + each.image.width, top + each.image.height)
            canvas.path(_leader(each.area, label), Stroke(each.colour, max(1, canvas.line_width // 2)))
    for each, place in placed:
        canvas.image.paste(each.image, (place.left, place.top))


def _leader(shape: Area, label: Area) -> list[tuple[float, float]]:
    """The shortest line from a shape to its label."""

    def nearest(one: float, other: float, first: float, last: float) -> tuple[float, float]:
        """Two places on two ranges that are nearest to each other; in the middle of what they share."""
        low, high = max(one, first), min(other, last)
        return ((low + high) / 2,) * 2 if low <= high else (other, first) if other < first else (one, last)

    (x1, x2), (y1, y2) = (
        nearest(shape.left, shape.right, label.left, label.right),
        nearest(shape.top, shape.bottom, label.top, label.bottom),
    )
    return [(x1, y1), (x2, y2)]
