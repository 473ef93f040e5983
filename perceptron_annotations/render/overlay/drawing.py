"""``draw``: an image and what is said about it → a new image with that drawn on it.

What has a place on the image is drawn there, so its pixels keep their places. What has none, clips and the legend of a
comparison, lies below the image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...evaluation.evaluation_options import EvaluationOptions
from ...field_numbers import above_zero
from ...geometry import Clip
from .base_image import ImageSource, base_image, sources_of
from .canvas import Canvas
from .comparison import compared
from .draw_style import DEFAULT_STYLE, DrawStyle, stroke_of, verdict_stroke
from .label_text import LabelStyle
from .legend import LegendEntry, legend
from .mark_painting import paint_marks
from .marks import Mark, Verdict
from .panels import beside_each_other, of_one_height, stacked
from .subjects import Drawn, subject_of
from .time_bars import time_bar

if TYPE_CHECKING:
    from PIL import Image

_DEFAULT_OPTIONS = EvaluationOptions()


def draw(
    image: ImageSource | Sequence[ImageSource],
    what: Drawn,
    *,
    truth: Drawn | None = None,
    asset: int | None = None,
    style: DrawStyle = DEFAULT_STYLE,
    duration: float | None = None,
    options: EvaluationOptions = _DEFAULT_OPTIONS,
) -> Image.Image:
    """A copy of an image in RGB, upright, with annotations drawn on it.

    Coordinates in any frame are scaled exactly to the image as it is displayed, after its EXIF orientation. A label
    lies beside its shape and never reaches out of the image; labels do not cover each other if there is room. What lies
    outside the image is drawn at its nearest edge. Letters that no font has are drawn as their escapes, and
    ``MissingGlyphWarning`` says so. Several images are drawn in a row, scaled to the height of the highest.

    Below an image lie its clips, on a time bar, and with a ``truth`` the legend. Then predictions that match the truth
    (TP) are solid and green, those that do not (FP) dashed and red, and what was missed (FN) is dotted and yellow; a
    truth that was found is a thin white line.

    Raises ``FileError`` for an image that cannot be read or has more pixels than ``Limits.image_pixels``,
    ``UsageError`` for an answer about several images of which one is given, and ``MissingExtraError`` without Pillow.

    Args:
        image: A path, or an image of Pillow, which is not changed; or one for each asset of the answer, in order.
        what: A document, annotations, the rows of a table that are one answer, or a dataset.
        truth: What is true, in any of these forms; labels are the same if their words are.
        asset: Which image of the request or of the dataset it is, counted from 0, if one image is given.
        style: Lines, letters and colours.
        duration: Of the video in seconds, for the time bar; by default up to the end of the last clip.
        options: When a prediction matches: at the lowest threshold of its kind.

    >>> from PIL import Image
    >>> from perceptron_annotations.render import draw
    >>> answer = pa.parse('<point_box mention="cat"> (250,500) (500,1000) </point_box>')
    >>> drawn = draw(Image.new("RGB", (640, 480), "white"), answer)
    >>> drawn.size, drawn.getpixel((160, 300)) == (255, 255, 255)
    ((640, 480), False)
    """
    sources = sources_of(image)
    if not sources:
        raise UsageError("there is no image to draw on: pass one, or one for each asset of the answer")
    if len(sources) > 1 and asset is not None:
        raise UsageError(f"asset={asset} is about one image, but {len(sources)} are given: pass one of the two")
    numbers: Iterable[int | None] = range(len(sources)) if len(sources) > 1 else [asset]
    if duration is not None:
        above_zero("duration", duration, UsageError)
    style = style.for_labels_of(what)
    panels = []
    for each, number in zip(of_one_height([base_image(source) for source in sources]), numbers, strict=True):
        canvas = Canvas(each, style.line_width, style.text_size)
        marks = _marks(what, truth, canvas, number, len(sources), options)
        paint_marks(canvas, marks, style)
        panels.append(stacked([canvas.image, *_below(canvas, marks, style, duration, has_legend=truth is not None)]))
    return beside_each_other(panels)


def _marks(
    what: Drawn, truth: Drawn | None, canvas: Canvas, asset: int | None, assets: int, options: EvaluationOptions
) -> list[Mark]:
    """What is drawn on one image; truths first, since their matches lie on them."""
    size = canvas.image.size
    found = subject_of(what, size, asset, assets)
    if truth is None:
        return list(found.marks([None] * len(found.annotations)))
    true = subject_of(truth, size, asset, assets)
    verdicts = compared(found, true, size, options)
    truths = true.marks([Verdict.FOUND if each is Verdict.TP else each for each in verdicts.true])
    return [*truths, *found.marks(verdicts.predicted)]


def _below(
    canvas: Canvas, marks: Sequence[Mark], style: DrawStyle, duration: float | None, *, has_legend: bool
) -> Iterator[Image.Image]:
    """What has no place on the image."""
    width, size = canvas.image.width, canvas.text_size
    clips = [
        (mark, stroke_of(mark, style, canvas.line_width))
        for mark in marks
        if isinstance(mark.shape, Clip) and mark.verdict is not Verdict.FOUND
    ]
    if clips:
        yield time_bar(clips, width, LabelStyle(size, style.fonts, width), duration)
    if has_legend:
        counts = Counter(mark.verdict for mark in marks if mark.is_first)
        entries = [
            LegendEntry(verdict_stroke(verdict, canvas.line_width), f"{counts[verdict]} {verdict.meaning}")
            for verdict in Verdict
        ]
        yield legend(entries, width, size)
