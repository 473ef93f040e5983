"""Clips → a bar of time: a line for each label, on which ranges are bars and moments are strokes."""

from __future__ import annotations

from collections.abc import Sequence

from ..geometry import Clip
from ..wording import counted
from .html_fragments import Attributes, Html, tag, together
from .plain_tables import shortened
from .scene import Colours
from .svg_blocks import Block, below, words

#: How wide the names, the bar and a column of the times are, how high a line is, and the font, in CSS pixels.
_NAMES, _BAR, _COLUMN, _LINE, _FONT_SIZE = 90.0, 240.0, 6.8, 18.0, 12
_SHORTEST_BAR = 1.0
#: So many labels have a line, so many clips of a label their times in words.
_MOST_LINES = 20
_MOST_TIMES = 2
_MOST_BARS = 500
#: Columns of characters of a name.
_NAME_COLUMNS = 13


def time_bar(clips: Sequence[Clip], colour_of: Colours) -> Block:
    """Lines for the labels in the order in which they come, above a scale from 0 to the last second."""
    last = max(max(clip.start, clip.start if clip.end is None else clip.end) for clip in clips)
    by_label: dict[str | None, list[Clip]] = {}
    for clip in clips:
        by_label.setdefault(clip.mention, []).append(clip)
    lines = [_line(label, some, last, colour_of(label)) for label, some in list(by_label.items())[:_MOST_LINES]]
    remarks = []
    if len(by_label) > _MOST_LINES:
        remarks.append(words(f"and {counted(len(by_label) - _MOST_LINES, 'more label')}"))
    reversed_clips = sum(clip.end is not None and clip.end < clip.start for clip in clips)
    if reversed_clips:
        said = counted(reversed_clips, "clip ends before it starts", "clips end before they start")
        remarks.append(words(f"{said}; drawn the other way round"))
    return below([*lines, _scale(last), *remarks], gap=0)


def _line(label: str | None, clips: Sequence[Clip], last: float, colour: str) -> Block:
    middle, times = _LINE / 2, _times(clips)
    style: Attributes = {"font_size": _FONT_SIZE, "fill": "currentColor"}
    parts = [
        tag("title", label or "clip"),
        tag("text", shortened(label or "clip", _NAME_COLUMNS), x=0, y=middle + 4, **style),
        tag("line", x1=_NAMES, x2=_NAMES + _BAR, y1=middle, y2=middle, stroke="currentColor", stroke_opacity=0.25),
        *(_mark(clip, last, colour) for clip in clips[:_MOST_BARS]),
        tag("text", times, x=_NAMES + _BAR + 8, y=middle + 4, **style),
    ]
    return Block(_NAMES + _BAR + 8 + _COLUMN * len(times), _LINE, tag("g", *parts))


def _mark(clip: Clip, last: float, colour: str) -> Html:
    x = _x(clip.start, last)
    title = tag("title", f"{clip.mention or 'clip'}, {_seconds(clip)}")
    if clip.end is None:
        line: Attributes = {"x1": x, "x2": x, "y1": 2, "y2": _LINE - 2, "stroke": colour, "stroke_width": 3}
        return tag("line", title, class_="moment", **line)
    ordered = clip.ordered()
    left, right = _x(ordered.start, last), _x(ordered.end or 0.0, last)
    size: Attributes = {"x": left, "y": 3, "width": max(right - left, _SHORTEST_BAR), "height": _LINE - 6, "rx": 2}
    return tag("rect", title, class_="clip", fill=colour, fill_opacity=0.7, stroke=colour, **size)


def _x(seconds: float, last: float) -> float:
    return _NAMES + (_BAR * seconds / last if last else 0.0)


def _times(clips: Sequence[Clip]) -> str:
    return ", ".join(map(_seconds, clips)) if len(clips) <= _MOST_TIMES else counted(len(clips), "clip")


def _seconds(clip: Clip) -> str:
    return f"{clip.start:g} s" if clip.end is None else f"{clip.start:g}–{clip.end:g} s"


def _scale(last: float) -> Block:
    style: Attributes = {"y": _FONT_SIZE, "font_size": _FONT_SIZE - 1, "fill": "currentColor", "fill_opacity": 0.75}
    ends = (
        tag("text", "0 s", x=_NAMES, **style),
        tag("text", f"{last:g} s", x=_NAMES + _BAR, text_anchor="end", **style),
    )
    return Block(_NAMES + _BAR, _LINE, together(ends if last else ends[:1]))
