"""Where labels go: inside the image always, and beside each other if there is room.

Each label is tried at the corners of its shape, outside before inside, those of small shapes first, since large ones
have more places. One that fits nowhere there is moved to the nearest place of the image that is free, and if no place
is, to the corner where it covers the least of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .clipping import Area

_Ints = NDArray[np.int64]


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
    taken = _Taken(len(shapes), image, obstacles)
    for which in sorted(range(len(shapes)), key=lambda at: shapes[at].width * shapes[at].height):
        width, height = sizes[which]
        if width <= image[0] and height <= image[1]:
            places[which] = taken.place(shapes[which], width, height)
    return places


class _Taken:
    """The part of an image that labels cover so far."""

    def __init__(self, count: int, image: tuple[int, int], obstacles: Sequence[Area]) -> None:
        self._image = image
        self._areas: _Ints = np.zeros((count, 4), dtype=np.int64)
        self._count = 0
        self._obstacles: _Ints = np.array(obstacles, dtype=np.float64).round().astype(np.int64).reshape(-1, 4)

    def place(self, shape: Area, width: int, height: int) -> LabelPlace:
        """The best place for a label, which is taken from now on."""
        corners = self._corners(shape, width, height)
        covered = _covered(corners, self._areas[: self._count])
        best, is_away = int(np.argmin(covered)), False
        if len(self._obstacles) and not covered[best]:
            best = int(np.argmin(np.where(covered == 0, _covered(corners, self._obstacles), np.inf)))
        left, top = int(corners[best, 0]), int(corners[best, 1])
        if covered[best]:
            free = self._nearest_free(shape, width, height)
            if free is not None:
                (left, top), is_away = free, True
        self._areas[self._count] = left, top, left + width, top + height
        self._count += 1
        return LabelPlace(left, top, is_away)

    def _corners(self, shape: Area, width: int, height: int) -> _Ints:
        """``(k, 4)``: the places beside a shape, the best first, each moved into the image."""
        left, top, right, bottom = (round(side) for side in shape)
        above, below, last, foot = top - height, bottom, right - width, bottom - height
        beside = left - width
        lefts = np.array([left, left, last, last, left, left, last, last, right, beside, right, beside])
        tops = np.array([above, below, above, below, top, foot, top, foot, top, top, below, below])
        if right - left > 2 * width:  # along the sides of a wide shape
            inner = np.arange(left + width, last, max(width // 2, 1))[:16]
            lefts = np.concatenate([lefts, inner, inner])
            tops = np.concatenate([tops, np.full(len(inner), above), np.full(len(inner), below)])
        lefts = lefts.clip(0, self._image[0] - width)
        tops = tops.clip(0, self._image[1] - height)
        return np.column_stack([lefts, tops, lefts + width, tops + height])

    def _nearest_free(self, shape: Area, width: int, height: int) -> tuple[int, int] | None:
        """The free place that is nearest to a shape, on a grid of a third of a label's height."""
        cell = max(2, height // 3)
        columns, rows = self._image[0] // cell, self._image[1] // cell
        wide, high = -(-width // cell), -(-height // cell)
        if wide > columns or high > rows:
            return None
        used = np.zeros((rows + 1, columns + 1), dtype=np.int32)  # row and column 0 stay empty, for the sums
        for left, top, right, bottom in self._areas[: self._count].tolist():
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
        return int(lefts[best]), int(tops[best])


def _covered(candidates: _Ints, areas: _Ints) -> _Ints:
    """``(k,)``: how many pixels of each candidate lie in the areas, those in several counted as often."""
    wide = np.minimum(candidates[:, None, 2], areas[None, :, 2]) - np.maximum(candidates[:, None, 0], areas[None, :, 0])
    high = np.minimum(candidates[:, None, 3], areas[None, :, 3]) - np.maximum(candidates[:, None, 1], areas[None, :, 1])
    sums: _Ints = (wide.clip(0) * high.clip(0)).sum(axis=1)
    return sums
