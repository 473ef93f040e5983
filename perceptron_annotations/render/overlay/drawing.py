"""``draw``: an image and what is said about it → a new image with that drawn on it.

Marks are drawn in three layers, so that no outline crosses a label: shapes from the largest to the smallest, then lines
that lead to labels, then the labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from ...errors import UsageError
from ...geometry import Box, Clip, Point, Polygon, Track
from .base_image import ImageSource, base_image
from .box_outlines import draw_box
from .canvas import Canvas
from .clipping import Area
from .label_layout import LabelPlace, place_labels
from .label_text import LabelStyle, label_image
from .marks import Mark, Pose
from .palette import Rgb, label_colour
from .point_markers import draw_point
from .polygon_outlines import draw_polygon
from .skeleton_lines import draw_pose
from .strokes import Dash, Stroke
from .subjects import Drawn, subject_of
from .trails import draw_track

if TYPE_CHECKING:
    from PIL import Image


class DrawStyle(Struct, frozen=True, kw_only=True):
    """How things are drawn; every field has a default that fits the image.

    >>> from perceptron_annotations.render import DrawStyle
    >>> DrawStyle(line_width=6, colours={"cat": (0, 114, 178)}).line_width
    6
    """

    #: In pixels; by default about a 360th of the mean side of the image.
    line_width: int | None = None
    #: The em in pixels; by default about a 52nd of the mean side of the image.
    text_size: int | None = None
    #: Whether labels are written.
    labels: bool = True
    #: Whether scores are written.
    scores: bool = True
    #: The colour of each label, as red, green and blue; others have that of :func:`label_colour`.
    colours: Mapping[str, Rgb] = {}
    #: Files of fonts, by path or by name, that are tried before Pillow's own and those of the system.
    fonts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("line_width", "text_size"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value > 0):
                raise UsageError(f"{name} must be a whole number of pixels above 0, not {value!r}")

    def colour_of(self, label: str | None) -> Rgb:
        """The colour of a label."""
        return self.colours.get(label or "", label_colour(label))


#: How each kind of shape is drawn: what it covers is returned, and its label is placed beside that.
_PAINTERS: dict[type, Callable[[Canvas, Any, Stroke], Area]] = {
    Box: draw_box,
    Point: draw_point,
    Polygon: draw_polygon,
    Track: draw_track,
    Pose: draw_pose,
}
_DEFAULT_STYLE = DrawStyle()
#: Labels are smaller if they would cover a larger share of the image than this, but letters never less than that.
_MOST_COVERED = 0.3
_LEAST_TEXT = 8


def draw(
    image: ImageSource, what: Drawn, *, asset: int | None = None, style: DrawStyle = _DEFAULT_STYLE
) -> Image.Image:
    """A copy of an image in RGB, upright, with annotations drawn on it.

    Coordinates in any frame are scaled exactly to the image as it is displayed, after its EXIF orientation. A label
    lies beside its shape and never reaches out of the image; labels do not cover each other if there is room. What lies
    outside the image is drawn at its nearest edge. Letters that no font has are drawn as their escapes, and
    ``MissingGlyphWarning`` says so. Raises ``FileError`` for an image that cannot be read or has more pixels than
    ``Limits.image_pixels``, ``UsageError`` for an answer about several images, and ``MissingExtraError`` without
    Pillow.

    Args:
        image: A path or an image of Pillow, which is not changed.
        what: A document, annotations, the rows of a table that are one answer, or a dataset.
        asset: Which image of the request or of the dataset it is, counted from 0.
        style: Lines, letters and colours.

    >>> from PIL import Image
    >>> from perceptron_annotations.render import draw
    >>> answer = pa.parse('<point_box mention="cat"> (250,500) (500,1000) </point_box>')
    >>> drawn = draw(Image.new("RGB", (640, 480), "white"), answer)
    >>> drawn.size, drawn.getpixel((160, 300)) == (255, 255, 255)
    ((640, 480), False)
    """
    canvas = Canvas(base_image(image), style.line_width, style.text_size)
    subject = subject_of(what, canvas.image.size, asset, 1)
    paint_marks(canvas, list(subject.marks([None] * len(subject.annotations))), style)
    return canvas.image


class _Labelled(NamedTuple):
    """A shape that was drawn, and its label."""

    area: Area
    colour: Rgb
    image: Image.Image


def paint_marks(canvas: Canvas, marks: Sequence[Mark], style: DrawStyle) -> None:
    """Draw marks and their labels; clips have no place on an image."""
    named: list[tuple[Mark, Area]] = []
    obstacles = []
    for mark in sorted(marks, key=_size, reverse=True):
        if isinstance(mark.shape, Clip):
            continue
        dash = Dash.SOLID if mark.verdict is None else mark.verdict.dash
        stroke = Stroke(style.colour_of(mark.label), canvas.line_width, dash)
        area = _PAINTERS[type(mark.shape)](canvas, mark.shape, stroke)
        if isinstance(mark.shape, Point | Pose):
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
            colour = style.colour_of(mark.label)
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
