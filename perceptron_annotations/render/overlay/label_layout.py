"""Where labels go: inside the image always, and beside each other if there is room.

Each label is tried beside its shape, outside before inside, those of small shapes first, since large ones have more
places. One that fits nowhere there is moved to the nearest place of the image that is free, and if no place is, to the
one beside its shape where it covers the least of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from .clipping import Area

#: Left, top, right and bottom in whole pixels.
_Rectangle: TypeAlias = tuple[int, int, int, int]

#: Along the sides of a wide shape so many more places are tried.
_MOST_ALONG = 16


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
    """The part of an image that labels cover so far."""

    def __init__(self, image: tuple[int, int], obstacles: Sequence[Area]) -> None:
        self._image = image
        self._areas: list[_Rectangle] = []
        self._obstacles = [_rounded(each) for each in obstacles]

    def place(self, shape: Area, width: int, height: int) -> LabelPlace:
        """The best place for a label, which is taken from now on."""
        beside = list(_places_beside(_rounded(shape), width, height, self._image))
        chosen, is_away = self._free_beside(beside), False
        if chosen is None:
            chosen = self._nearest_free(shape, width, height)
            is_away = chosen is not None
        if chosen is None:
            chosen = min(beside, key=lambda each: _covered(each, self._areas))
        self._areas.append(chosen)
        return LabelPlace(chosen[0], chosen[1], is_away)

    def _free_beside(self, places: Sequence[_Rectangle]) -> _Rectangle | None:
        """The first free place that covers no obstacle; if all free ones do, the one that covers the least."""
        free = []
        for place in places:
            if _covered(place, self._areas, enough=1):
                continue
            if not _covered(place, self._obstacles, enough=1):
                return place
            free.append(place)
        return min(free, key=lambda each: _covered(each, self._obstacles), default=None)

    def _nearest_free(self, shape: Area, width: int, height: int) -> _Rectangle | None:
        """The free place that is nearest to a shape, on a grid of a third of a label's height."""
        cell = max(2, height // 3)
        columns, rows = self._image[0] // cell, self._image[1] // cell
        wide, high = -(-width // cell), -(-height // cell)
        if wide > columns or high > rows:
            return None
        used = np.zeros((rows + 1, columns + 1), dtype=np.int32)  # row and column 0 stay empty, for the sums
        for left, top, right, bottom in self._areas:
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


def _places_beside(shape: _Rectangle, width: int, height: int, image: tuple[int, int]) -> Iterator[_Rectangle]:
    """The places beside a shape, the best first, each moved into the image."""
    left, top, right, bottom = shape
    above, last, foot, before = top - height, right - width, bottom - height, left - width
    corners = [(left, above), (left, bottom), (last, above), (last, bottom), (left, top), (left, foot)]
    corners += [(last, top), (last, foot), (right, top), (before, top), (right, foot), (before, foot)]
    if right - left > 2 * width:
        inner = list(range(left + width, last, max(width // 2, 1)))[:_MOST_ALONG]
        corners += [(x, y) for y in (above, bottom) for x in inner]
    furthest, lowest = image[0] - width, image[1] - height
    for x, y in corners:
        inside_x, inside_y = min(max(x, 0), furthest), min(max(y, 0), lowest)
        yield inside_x, inside_y, inside_x + width, inside_y + height


def _covered(place: _Rectangle, areas: Sequence[_Rectangle], *, enough: float = float("inf")) -> int:
    """How many pixels of a place lie in areas, those in several counted as often; it stops counting at ``enough``."""
    left, top, right, bottom = place
    count = 0
    for x1, y1, x2, y2 in areas:
        if x1 < right and left < x2 and y1 < bottom and top < y2:
            count += (min(right, x2) - max(left, x1)) * (min(bottom, y2) - max(top, y1))
            if count >= enough:
                break
    return count


def _rounded(area: Area) -> _Rectangle:
    left, top, right, bottom = area
    return round(left), round(top), round(right), round(bottom)
