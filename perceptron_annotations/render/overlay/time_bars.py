"""Clips as a bar below the image: a lane for each that overlaps another, above an axis of seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, NamedTuple

from ...geometry import Clip
from .canvas import Canvas
from .label_text import LabelStyle, label_image, line_height, plain_text
from .marks import Mark
from .palette import INK, WHITE, Rgb
from .strokes import Dash, Stroke, dash_spans

if TYPE_CHECKING:
    from PIL import Image

_GRID: Rgb = (218, 220, 224)
#: Tick marks are 1, 2 or 5 times a power of ten seconds apart.
_STEPS = (1, 2, 5, 10)
_MOST_LANES = 12
#: What a bar shows at least, in seconds.
_LEAST_SECONDS = 0.001


class TimeScale(NamedTuple):
    """Seconds as pixels of a bar."""

    duration: float
    left: int
    width: int

    def x(self, seconds: float) -> int:
        """Where a time is; beyond the bar's ends at its ends."""
        share = min(max(seconds / self.duration, 0.0), 1.0)
        return self.left + round(share * self.width)


class _Bar(NamedTuple):
    start: int
    end: int
    label: Image.Image
    label_left: int
    stroke: Stroke

    @property
    def last(self) -> int:
        return max(self.end, self.label_left + self.label.width)


def time_bar(
    clips: Sequence[tuple[Mark, Stroke]],
    width: int,
    style: LabelStyle,
    duration: float | None = None,
    *,
    now: float | None = None,
) -> Image.Image:
    """An image of ``width`` with all clips, each in the colour and line of its stroke.

    Args:
        clips: The clips; one without an end is a moment.
        width: Of the image.
        style: Of labels.
        duration: Of the video in seconds; by default up to the last end.
        now: A time that is marked.
    """
    from PIL import Image

    ends = [end for mark, _ in clips for end in _ends(mark)]
    lane, margin = line_height(style.size) + max(6, style.size // 2), style.size
    longest = duration or max([*ends, now or 0.0]) or 1.0
    scale = TimeScale(max(longest, _LEAST_SECONDS), margin, max(width - 2 * margin, 1))
    lanes = _lanes([_bar(mark, stroke, scale, width, style) for mark, stroke in clips])
    top = margin // 2
    canvas = Canvas(Image.new("RGB", (width, top + lane * len(lanes) + 2 * style.size), WHITE), text_size=style.size)
    axis = top + lane * len(lanes)
    _paint_axis(canvas, scale, top, axis, style)
    for number, bars in enumerate(lanes):
        for bar in bars:
            _paint_bar(canvas, bar, top + number * lane, lane)
    if now is not None:
        x, thin = scale.x(now), max(1, style.size // 8)
        canvas.rectangle(x - thin, 0, x + thin, axis, INK)
    return canvas.image


def _ends(mark: Mark) -> tuple[float, float]:
    """The earlier and the later end of a clip."""
    clip = mark.shape
    if not isinstance(clip, Clip):
        return 0.0, 0.0
    ordered = clip.ordered()
    return ordered.start, ordered.start if ordered.end is None else ordered.end


def _bar(mark: Mark, stroke: Stroke, scale: TimeScale, width: int, style: LabelStyle) -> _Bar:
    start, end = _ends(mark)
    score = "" if mark.score is None else f"{mark.score:.2f}"
    times = _seconds(start) if start == end else f"{_seconds(start)}–{_seconds(end)}"
    label = label_image(f"{mark.label or 'clip'} {times} s", score, stroke.colour, style)
    left, right = scale.x(start), scale.x(end)
    thin = max(2, style.size // 5)
    return _Bar(left, max(right, left + thin), label, max(0, min(left, width - label.width)), stroke)


def _lanes(bars: Sequence[_Bar]) -> list[list[_Bar]]:
    """The bars in lanes, each in the first in which it overlaps no other; if lanes run out, in the last."""
    lanes: list[list[_Bar]] = []
    for bar in sorted(bars, key=lambda each: each.start):
        first = min(bar.start, bar.label_left)
        free = next((lane for lane in lanes if lane[-1].last < first), None)
        if free is not None:
            free.append(bar)
        elif len(lanes) < _MOST_LANES:
            lanes.append([bar])
        else:
            lanes[-1].append(bar)
    return lanes


def _paint_bar(canvas: Canvas, bar: _Bar, top: int, lane: int) -> None:
    """A bar with its label on it, below which its foot shows: filled if its line is solid, else in dashes."""
    foot = max(2, canvas.text_size // 5)
    bottom = top + lane - 1 - max(1, foot // 2)
    is_solid = bar.stroke.dash is Dash.SOLID
    for start, end in dash_spans(bar.end - bar.start, bar.stroke.dash, foot):
        above = top if is_solid else bottom - foot
        if not is_solid:  # a light colour is not seen on white
            canvas.rectangle(bar.start + round(start) - 1, above - 1, bar.start + round(end) + 1, bottom + 1, INK)
        canvas.rectangle(bar.start + round(start), above, bar.start + round(end), bottom, bar.stroke.colour)
    canvas.image.paste(bar.label, (bar.label_left, top))


def _paint_axis(canvas: Canvas, scale: TimeScale, top: int, axis: int, style: LabelStyle) -> None:
    """A line with ticks, and their seconds below it."""
    thin = max(1, style.size // 12)
    last_right = -1
    for seconds in _ticks(scale, style.size):
        x = scale.x(seconds)
        canvas.rectangle(x, top, x + thin, axis + style.size // 4, _GRID)
        words = plain_text(f"{_seconds(seconds)} s", style.size)
        left = max(0, min(x - words.width // 2, canvas.image.width - words.width))
        if left > last_right:
            canvas.image.paste(INK, (left, axis + style.size // 4), words)
            last_right = left + words.width + style.size // 2
    canvas.rectangle(scale.left, axis, scale.left + scale.width + thin, axis + thin, INK)


def _ticks(scale: TimeScale, size: int) -> Iterator[float]:
    """Round seconds whose words do not run into each other."""
    least = scale.duration * 5 * size / scale.width
    power = 10.0 ** floor(log10(least))
    step = next(power * step for step in _STEPS if power * step >= least * 0.999)
    for number in range(ceil(scale.duration / step) + 1):
        if number * step <= scale.duration * 1.001:
            yield number * step


def _seconds(seconds: float) -> str:
    return f"{round(seconds, 2):g}"
