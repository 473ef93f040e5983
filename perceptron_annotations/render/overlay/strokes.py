"""How lines look: their widths from the size of the image, and the style that tells outcomes apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import hypot, sqrt
from typing import NamedTuple, TypeAlias

from .palette import Rgb

#: x and y in pixels of the image that is drawn on.
Pair: TypeAlias = tuple[float, float]

#: Pixels of a line, and of a letter's em, for each pixel of the mean side of the image.
_LINE_SHARE = 1 / 360
_TEXT_SHARE = 1 / 52
_LEAST_LINE = 2
_LEAST_TEXT = 12
#: An image of a thumb's size has smaller letters, so that a word fits.
_LEAST_THUMB_TEXT = 8
_THUMB_SIDE = 160


class Dash(StrEnum):
    """The style of a line."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"

    @property
    def pattern(self) -> tuple[int, int] | None:
        """How long a dash and a gap are, in widths of the line."""
        return _PATTERNS[self]


_PATTERNS = {Dash.SOLID: None, Dash.DASHED: (5, 3), Dash.DOTTED: (1, 3)}


class Stroke(NamedTuple):
    """How an outline is drawn."""

    colour: Rgb
    width: int
    dash: Dash = Dash.SOLID


def line_width_for(width: int, height: int) -> int:
    """The width of lines on an image of this size."""
    return max(_LEAST_LINE, round(sqrt(width * height) * _LINE_SHARE))


def text_size_for(width: int, height: int) -> int:
    """The size of text on an image of this size, the em in pixels."""
    least = _LEAST_TEXT if min(width, height) > _THUMB_SIDE else _LEAST_THUMB_TEXT
    return max(least, round(sqrt(width * height) * _TEXT_SHARE))


def dash_spans(length: float, dash: Dash, width: int) -> Iterator[tuple[float, float]]:
    """Where the dashes of a straight line of this length begin and end; both ends of the line have a dash."""
    if dash.pattern is None or length <= width:
        yield 0.0, length
        return
    on, off = (part * width for part in dash.pattern)
    count = max(1, round((length - on) / (on + off)))
    step = max(0.0, (length - on) / count)
    for number in range(count + 1):
        yield number * step, min(number * step + on, length)


def dashed_path(path: Sequence[Pair], dash: Dash, width: int) -> Iterator[Sequence[Pair]]:
    """A path in pieces: one if it is solid, else the dashes along each of its edges."""
    if dash.pattern is None:
        yield path
        return
    for (x1, y1), (x2, y2) in itertools.pairwise(path):
        length = hypot(x2 - x1, y2 - y1)
        if not length:
            continue
        for start, end in dash_spans(length, dash, width):
            a, b = start / length, end / length
            yield (x1 + (x2 - x1) * a, y1 + (y2 - y1) * a), (x1 + (x2 - x1) * b, y1 + (y2 - y1) * b)
