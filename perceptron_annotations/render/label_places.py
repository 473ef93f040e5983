"""Where labels stand: inside the canvas, beside their shapes, and on each other only if there is no room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..spatial_values import FourNumbers

#: The width of a column of text and the height of a label, in CSS pixels, of the font below.
COLUMN, HEIGHT = 6.2, 14.0
FONT_SIZE = 11


class Label(NamedTuple):
    """What is to be written beside a shape with these bounds, ``(left, top, right, bottom)``."""

    bounds: FourNumbers
    width: float


def place_labels(labels: Sequence[Label], canvas: FourNumbers) -> list[tuple[float, float]]:
    """The left top corner of each label; earlier ones choose first.

    A label stands above its shape, below it, inside it or beside it: at the first of these places that is free, else at
    the one where it covers least of other labels. None leaves the canvas.
    """
    taken: list[FourNumbers] = []
    for label in labels:
        places = [_inside(place, label.width, canvas) for place in _places(label)]
        best = min(places, key=lambda place: sum(_common(place, other) for other in taken))
        taken.append(best)
    return [(left, top) for left, top, _, _ in taken]


def _places(label: Label) -> Iterator[tuple[float, float]]:
    left, top, right, bottom = label.bounds
    yield left, top - HEIGHT
    yield left, bottom
    yield left, top
    yield right - label.width, top - HEIGHT
    yield right - label.width, bottom
    yield right, top
    yield left - label.width, top
    yield left, bottom - HEIGHT
    yield right - label.width, top
    yield right - label.width, bottom - HEIGHT


def _inside(place: tuple[float, float], width: float, canvas: FourNumbers) -> FourNumbers:
    """The label moved into the canvas; its left top corner comes first if it is too large."""
    left = max(min(place[0], canvas[2] - width), canvas[0])
    top = max(min(place[1], canvas[3] - HEIGHT), canvas[1])
    return left, top, left + width, top + HEIGHT


def _common(one: FourNumbers, other: FourNumbers) -> float:
    """The area that two rectangles share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
