"""``draw_frames``: the frames of a video, each with what is said about its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...field_numbers import above_zero
from ...geometry import Clip
from .base_image import ImageSource, base_image
from .canvas import Canvas
from .draw_style import DEFAULT_STYLE, DrawStyle, stroke_of
from .label_text import LabelStyle
from .mark_painting import paint_marks
from .marks import Mark
from .moments import Persistence, last_end, marks_at
from .panels import stacked
from .subjects import Drawn, subject_of
from .time_bars import time_bar

if TYPE_CHECKING:
    from PIL import Image


def draw_frames(
    frames: Iterable[tuple[float, ImageSource]],
    what: Drawn,
    *,
    asset: int | None = None,
    style: DrawStyle = DEFAULT_STYLE,
    hold: float = 0.5,
    trail: float = 2.0,
    duration: float | None = None,
) -> Iterator[Image.Image]:
    """Frames of a video with what is said about their times drawn on them, one after the other.

    An object of a track is where it is between its waypoints, with the way of the last seconds behind it. A shape with
    a time stays for ``hold`` seconds, one without a time is on every frame. Clips are a time bar below each frame, with
    a mark at its time. ``list(draw_frames(...))`` can be saved as an animated WebP or GIF by Pillow. Raises what
    :func:`draw` raises.

    Args:
        frames: The time of each frame in seconds, and the frame.
        what: A document, annotations, the rows of a table that are one answer, or a dataset.
        asset: Which video of the request or of the dataset it is, counted from 0.
        style: Lines, letters and colours.
        hold: How long a shape stays that has a time, and an object before its first and after its last waypoint.
        trail: How many seconds of the way behind an object are drawn.
        duration: Of the video in seconds, for the time bar; by default up to the end of the last clip.

    >>> from PIL import Image
    >>> from perceptron_annotations.render import draw_frames
    >>> ball = pa.Track((pa.Point(0, 500, t=0), pa.Point(1000, 500, t=1)), mention="ball")
    >>> frames = ((t, Image.new("RGB", (320, 240))) for t in (0.0, 0.5, 1.0))
    >>> first, *others = draw_frames(frames, ball)
    >>> first.save("ball.webp", save_all=True, append_images=others, duration=500)
    """
    if duration is not None:
        above_zero("duration", duration, UsageError)
    drawn = timed_frames(frames, what, asset, style.for_labels_of(what), Persistence.checked(hold, trail), duration)
    return (image for _, image in drawn)


def timed_frames(
    frames: Iterable[tuple[float, ImageSource]],
    what: Drawn,
    asset: int | None,
    style: DrawStyle,
    stay: Persistence,
    duration: float | None,
) -> Iterator[tuple[float, Image.Image]]:
    """The time of each frame, and the frame as :func:`draw_frames` draws it."""
    marks: list[Mark] = []
    size = None
    for t, frame in frames:
        canvas = Canvas(base_image(frame), style.line_width, style.text_size)
        if canvas.image.size != size:
            size = canvas.image.size
            subject = subject_of(what, size, asset, 1)
            marks = list(subject.marks([None] * len(subject.annotations)))
        paint_marks(canvas, list(marks_at(marks, t, stay)), style)
        clips = [(mark, stroke_of(mark, style, canvas.line_width)) for mark in marks if isinstance(mark.shape, Clip)]
        images = [canvas.image]
        if clips:
            label_style = LabelStyle(canvas.text_size, style.fonts, canvas.image.width)
            images.append(time_bar(clips, canvas.image.width, label_style, duration or last_end(marks), now=t))
        yield t, stacked(images)
