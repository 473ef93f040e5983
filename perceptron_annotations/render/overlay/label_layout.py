"""Where labels go: inside the image always, and beside each other if there is room.

Each label is tried beside its shape, outside before inside, those of small shapes first, since large ones have more
places. One that fits nowhere there is moved to the nearest place of the image that is free, and if no place is, to the
one beside its shape where it covers the least of the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from .clipping import Area

#: Left, top, right and bottom in whole pixels.
_Rectangle: TypeAlias = tuple[int, int, int, int]

#: Along the sides of a wide shape so many more places are tried.
_MOST_ALONG = 16
#: So many labels are moved away from their shapes at most; nobody follows more lines than that.
_MOST_MOVES = 500
#: The side of a cell by which labels are looked up, in pixels.
_CELL = 96


class LabelPlace(NamedTuple):
    """Where a label is, in pixels, and whether it is away from its shape, so that a line should lead to it."""

    left: int
    top: int
    is_away: bool = False


def place_labels(
    shapes: Sequence[Area], sizes: Sequence[tuple[int, int]], image: tuple[int, int], obstacles: Sequence[Area] = ()
) -> list[LabelPlace | None]:
    """A place for the label of each shape; None for a label that is larger than the image.

    Args:
        shapes: What the labels are about, inside the image.
        sizes: Width and height of each label.
        image: Width and height of the image.
        obstacles: What should not be covered, if another place is as good: the markers of points, say.
    """
    places: list[LabelPlace | None] = [None] * len(shapes)
    taken = _Taken(image, obstacles)
    for which in sorted(range(len(shapes)), key=lambda at: shapes[at].width * shapes[at].height):
        width, height = sizes[which]
        if width <= image[0] and height <= image[1]:
            places[which] = taken.place(shapes[which], width, height)
    return places


class _Taken:
    """The part of an image that labels cover so far.

    The work for a label does not grow with their number: those that overlap none are as many as fit on the image, and
    are looked up by where they are; others are not looked for.
    """

    def __init__(self, image: tuple[int, int], obstacles: Sequence[Area]) -> None:
        self._image = image
        self._labels = _Rectangles()
        self._obstacles = _Rectangles()
        for each in obstacles:
            self._obstacles.add(_rounded(each))
        #: How many labels may still be moved to another place of the image; none if it is full.
        self._moves = _MOST_MOVES

    def place(self, shape: Area, width: int, height: int) -> LabelPlace:
        """The best place for a label, which is taken from now on."""
        beside = _places_beside(_rounded(shape), width, height, self._image)
        chosen, is_away = self._free_beside(beside), False
        if chosen is None and self._moves:
            chosen = self._nearest_free(shape, width, height)
            is_away = chosen is not None
            self._moves = self._moves - 1 if is_away else 0
        if chosen is None:
            chosen = min(beside, key=self._labels.covered) if self._moves else beside[0]
        else:
            self._labels.add(chosen)
        return LabelPlace(chosen[0], chosen[1], is_away)

    def _free_beside(self, places: Sequence[_Rectangle]) -> _Rectangle | None:
        """The first free place that covers no obstacle; if all free ones do, the one that covers the least."""
        free = []
        for place in places:
            if self._labels.overlaps(place):
                continue
            if not self._obstacles.overlaps(place):
                return place
            free.append(place)
        return min(free, key=self._obstacles.covered, default=None)

    def _nearest_free(self, shape: Area, width: int, height: int) -> _Rectangle | None:
        """The free place that is nearest to a shape, on a grid of a third of a label's height."""
        cell = max(2, height // 3)
        columns, rows = self._image[0] // cell, self._image[1] // cell
        wide, high = -(-width // cell), -(-height // cell)
        if wide > columns or high > rows:
            return None
        used = np.zeros((rows + 1, columns + 1), dtype=np.int32)  # row and column 0 stay empty, for the sums
        for left, top, right, bottom in self._labels.all:
            used[top // cell + 1 : -(-bottom // cell) + 1, left // cell + 1 : -(-right // cell) + 1] = 1
        sums = used.cumsum(axis=0).cumsum(axis=1)
        covered = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
        tops, lefts = np.nonzero(covered == 0)
        if not len(tops):
            return None
        tops, lefts = tops * cell, lefts * cell
        x = np.maximum(0, np.maximum(shape.left - (lefts + width), lefts - shape.right))
        y = np.maximum(0, np.maximum(shape.top - (tops + height), tops - shape.bottom))
        best = int(np.argmin(x * x + y * y))
        left, top = int(lefts[best]), int(tops[best])
        return left, top, left + width, top + height


class _Rectangles:
    """Rectangles that are looked up by where they are."""

    def __init__(self) -> None:
        self.all: list[_Rectangle] = []
        self._by_cell: defaultdict[tuple[int, int], list[_Rectangle]] = defaultdict(list)

    def add(self, rectangle: _Rectangle) -> None:
        """Add one."""
        self.all.append(rectangle)
        for cell in _cells(rectangle):
            self._by_cell[cell].append(rectangle)

    def overlaps(self, place: _Rectangle) -> bool:
        """Whether a place has a pixel in common with one of them."""
        left, top, right, bottom = place
        return any(
            x1 < right and left < x2 and y1 < bottom and top < y2
            for cell in _cells(place)
            for x1, y1, x2, y2 in self._by_cell.get(cell, ())
        )

    def covered(self, place: _Rectangle) -> int:
        """How many pixels of a place they cover, those in several counted as often."""
        left, top, right, bottom = place
        found = {each for cell in _cells(place) for each in self._by_cell.get(cell, ())}
        return sum(
            max(min(right, x2) - max(left, x1), 0) * max(min(bottom, y2) - max(top, y1), 0) for x1, y1, x2, y2 in found
        )


def _cells(rectangle: _Rectangle) -> Iterator[tuple[int, int]]:
    """The cells of a coarse grid that a rectangle touches."""
    left, top, right, bottom = rectangle
    for row in range(top // _CELL, bottom // _CELL + 1):
        for column in range(left // _CELL, right // _CELL + 1):
            yield column, row


def _places_beside(shape: _Rectangle, width: int, height: int, image: tuple[int, int]) -> list[_Rectangle]:
    """The places beside a shape, the best first, each moved into the image."""
    left, top, right, bottom = shape
    above, last, foot, before = top - height, right - width, bottom - height, left - width
    corners = [(left, above), (left, bottom), (last, above), (last, bottom), (left, top), (left, foot)]
    corners += [(last, top), (last, foot), (right, top), (before, top), (right, foot), (before, foot)]
    if right - left > 2 * width:
        inner = list(range(left + width, last, max(width // 2, 1)))[:_MOST_ALONG]
        corners += [(x, y) for y in (above, bottom) for x in inner]
    furthest, lowest = image[0] - width, image[1] - height
    inside = [(min(max(x, 0), furthest), min(max(y, 0), lowest)) for x, y in corners]
    return [(x, y, x + width, y + height) for x, y in inside]


def _rounded(area: Area) -> _Rectangle:
    left, top, right, bottom = area
    return round(left), round(top), round(right), round(bottom)
