"""How much boxes overlap, as formulas that every batch form calls: each with each, side by side, in groups, suppressed.

Boxes come as columns of any shapes that broadcast. Whole columns pass through a few buffers that stay in the
processor's cache. A box without area has the area 1 in the denominator, so that its overlap is 0 / 1 and nothing is
mended afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Indices, ordered


class Pairs(NamedTuple):
    """Pairs of rows that overlap, by row of a, then of b.

    >>> pairs = pa.ops.grouped_box_iou([[0, 0, 10, 10]], [[0, 0, 10, 5], [0, 0, 10, 10]], [0], [0, 0])
    >>> pairs.take(pairs.overlap > 0.5).j.tolist()
    [1]
    """

    i: Indices
    j: Indices
    overlap: Floats

    def take(self, some: NDArray[Any]) -> Pairs:
        """Some of the pairs, in this order."""
        return Pairs(self.i[some], self.j[some], self.overlap[some])

    @staticmethod
    def joined(parts: Iterable[Pairs]) -> Pairs:
        """All of these, one after the other."""
        i, j, overlap = (np.concatenate(column) for column in zip(*[_NO_PAIRS, *parts], strict=True))
        return Pairs(i, j, overlap)


_NO_PAIRS = Pairs(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


class Sides(NamedTuple):
    """Ordered boxes as columns of one shape."""

    left: Floats
    top: Floats
    right: Floats
    bottom: Floats
    #: 1 for a box without area.
    area: Floats

    def at(self, index: slice | Indices | tuple[slice | Indices | None, ...]) -> Sides:
        """The columns, each indexed."""
        return Sides(*[column[index] for column in self])


def sides(boxes: Floats) -> Sides:
    """Xyxy boxes ``(…, 4)``, corners in any order, as columns of the shape ``(…)``."""
    left, top, right, bottom = ordered(boxes)
    area = (right - left) * (bottom - top)
    area += area == 0.0
    return Sides(left, top, right, bottom, area)


class Scratch(NamedTuple):
    """Buffers of one shape.

    ``zeros`` stays what it is: NumPy compares two arrays five times faster than an array and a number.
    """

    shared: Floats
    other: Floats
    height: Floats
    zeros: Floats

    @classmethod
    def of(cls, pairs: int) -> Scratch:
        """Flat buffers for so many pairs."""
        return cls(np.empty(pairs), np.empty(pairs), np.empty(pairs), np.zeros(pairs))

    def shaped(self, *shape: int) -> Scratch:
        """Their beginning in another shape."""
        pairs = math.prod(shape)
        return Scratch(*[buffer[:pairs].reshape(shape) for buffer in self])


#: Puts the overlap of two boxes into the last; the scratch has the shape of the pairs.
Formula = Callable[[Sides, Sides, Scratch, Floats], object]


def iou(a: Sides, b: Sides, scratch: Scratch, out: Floats) -> None:
    """Intersection over union."""
    shared, union = _intersect(a, b, scratch), scratch.other
    np.add(a.area, b.area, out=union)
    union -= shared
    np.divide(shared, union, out=out)


def ios(a: Sides, b: Sides, scratch: Scratch, out: Floats) -> None:
    """Intersection over the smaller area."""
    shared, smaller = _intersect(a, b, scratch), scratch.other
    np.minimum(a.area, b.area, out=smaller)
    np.divide(shared, smaller, out=out)


def generalized_box_iou(a: Sides, b: Sides, scratch: Scratch, out: Floats) -> None:
    """Intersection over union, less the share of the box around both that neither covers."""
    shared, union, around, _ = scratch
    _intersect(a, b, scratch)
    np.add(_true_area(a), _true_area(b), out=union)
    union -= shared
    np.subtract(np.maximum(a.right, b.right), np.minimum(a.left, b.left), out=around)
    around *= np.maximum(a.bottom, b.bottom) - np.minimum(a.top, b.top)
    empty = np.divide(around - union, around, out=np.zeros_like(around), where=around != 0.0)
    union[union == 0.0] = 1.0
    np.divide(shared, union, out=out)
    out -= empty


def _true_area(boxes: Sides) -> Floats:
    area: Floats = (boxes.right - boxes.left) * (boxes.bottom - boxes.top)
    return area


def _intersect(a: Sides, b: Sides, scratch: Scratch) -> Floats:
    """The area that two boxes share, in the first buffer."""
    width, other, height, zeros = scratch
    np.minimum(a.right, b.right, out=width)
    np.maximum(a.left, b.left, out=other)
    width -= other
    np.maximum(width, zeros, out=width)
    np.minimum(a.bottom, b.bottom, out=height)
    np.maximum(a.top, b.top, out=other)
    height -= other
    np.maximum(height, zeros, out=height)
    width *= height
    return width


class ListedPairs:
    """The IoU of listed pairs, in buffers that are used again for the next list.

    Most boxes of one image lie beside each other, so heights are looked at only if widths meet.
    """

    def __init__(self, pairs: int) -> None:
        self._buffers = np.empty((6, pairs))
        self._zeros = np.zeros(pairs)
        self._steps = np.arange(pairs)

    def above(self, threshold: float, a: Sides, b: Sides, starts: Indices, counts: Indices) -> Pairs:
        """The pairs above a threshold of at least 0 of each box of ``a`` with the ``counts`` ones of ``b`` from
        ``starts`` on, by row.
        """
        ends = np.cumsum(counts)
        j = np.repeat(starts - (ends - counts), counts)
        j += self._steps[: len(j)]
        left, right = self._buffers[0, : len(j)], self._buffers[1, : len(j)]
        np.minimum(np.repeat(a.right, counts), _take(b.right, j, right), out=right)
        np.maximum(np.repeat(a.left, counts), _take(b.left, j, left), out=left)
        right -= left
        meet = np.flatnonzero(right > 0.0)
        i, j = np.repeat(np.arange(len(counts)), counts).take(meet), j.take(meet)
        values = self._divided(right.take(meet), a, b, i, j)
        kept = np.flatnonzero(values > threshold)
        return Pairs(i.take(kept), j.take(kept), values.take(kept))

    def _divided(self, width: Floats, a: Sides, b: Sides, i: Indices, j: Indices) -> Floats:
        """IoU from the widths that are shared, in their place."""
        here = self._buffers[:, : len(j)]
        bottom = np.minimum(_take(a.bottom, i, here[0]), _take(b.bottom, j, here[1]), out=here[0])
        top = np.maximum(_take(a.top, i, here[2]), _take(b.top, j, here[3]), out=here[2])
        bottom -= top
        width *= np.maximum(bottom, self._zeros[: len(j)], out=bottom)
        union = np.add(_take(a.area, i, here[4]), _take(b.area, j, here[5]), out=here[4])
        union -= width
        width /= union
        return width


def _take(column: Floats, rows: Indices, out: Floats) -> Floats:
    return np.take(column, rows, out=out, mode="clip")  # other modes copy once more
