"""How much two boxes, clips or polygons overlap: each with each, side by side, or in groups.

The one idea: the edges of boxes are kept as rows of their own, and pairs are worked off in tiles whose buffers stay in
the processor's cache; no list of all pairs is ever made. Overlap is 0, never NaN, where an area is 0 or nothing is
finite. Corners may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from .arrays import Floats, Grouped, Indices, as_floats, as_groups, grouped, ordered_columns

#: Columns of a tile, and the bytes that its three buffers take together: they fit into a second-level cache.
_TILE_COLUMNS = 2048
_TILE_BYTES = 2**20
#: Pairs of a chunk of grouped overlap.
_CHUNK_PAIRS = 2**15


class Pairs(NamedTuple):
    """Pairs of rows that overlap, by row of a, then of b."""

    i: Indices
    j: Indices
    overlap: Floats


# -- formulas --------------------------------------------------------------------------------------------------------

#: Takes the edges and areas of two boxes and three buffers of the shape of the pairs; the first then holds the result.
Formula = Callable[[Floats, Floats, Floats, Floats, tuple[Floats, Floats, Floats]], None]


def _intersect(a: Floats, b: Floats, buffers: tuple[Floats, Floats, Floats]) -> None:
    """The area that two boxes share, into the first buffer."""
    shared, height, scratch = buffers
    np.minimum(a[2], b[2], out=shared)
    np.maximum(a[0], b[0], out=scratch)
    np.subtract(shared, scratch, out=shared)
    np.maximum(shared, 0.0, out=shared)
    np.minimum(a[3], b[3], out=height)
    np.maximum(a[1], b[1], out=scratch)
    np.subtract(height, scratch, out=height)
    np.maximum(height, 0.0, out=height)
    np.multiply(shared, height, out=shared)


def _quotient(buffers: tuple[Floats, Floats, Floats]) -> None:
    """The first buffer by the second, 0 where that is 0."""
    shared, whole, _ = buffers
    whole[whole == 0.0] = 1.0  # then nothing is shared either
    np.divide(shared, whole, out=shared)


def iou_formula(a: Floats, b: Floats, area_a: Floats, area_b: Floats, buffers: tuple[Floats, Floats, Floats]) -> None:
    """Intersection over union."""
    _intersect(a, b, buffers)
    np.add(area_a, area_b, out=buffers[1])
    np.subtract(buffers[1], buffers[0], out=buffers[1])
    _quotient(buffers)


def _ios(a: Floats, b: Floats, area_a: Floats, area_b: Floats, buffers: tuple[Floats, Floats, Floats]) -> None:
    _intersect(a, b, buffers)
    np.minimum(area_a, area_b, out=buffers[1])
    _quotient(buffers)


def _giou(a: Floats, b: Floats, area_a: Floats, area_b: Floats, buffers: tuple[Floats, Floats, Floats]) -> None:
    shared, union, scratch = buffers
    _intersect(a, b, buffers)
    np.add(area_a, area_b, out=union)
    np.subtract(union, shared, out=union)
    np.subtract(np.maximum(a[2], b[2]), np.minimum(a[0], b[0]), out=scratch)
    scratch *= np.maximum(a[3], b[3]) - np.minimum(a[1], b[1])
    empty = np.divide(scratch - union, scratch, out=np.zeros_like(scratch), where=scratch != 0.0)
    _quotient(buffers)
    shared -= empty


# -- each with each --------------------------------------------------------------------------------------------------


def box_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: intersection over union of each of N xyxy boxes with each of M; ``|A ∩ B| / |A ∪ B|``."""
    return _pairwise(a, b, iou_formula)


def box_ios(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: intersection over the smaller area; 1 where one box lies in the other."""
    return _pairwise(a, b, _ios)


def giou(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: IoU less the share of the box around both that neither covers, from -1 to 1 (Rezatofighi, 2019)."""
    return _pairwise(a, b, _giou)


def clip_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: temporal IoU of ranges ``(start, end)`` in seconds; 0 for a moment, or where one is not finite."""
    return _pairwise(clips_as_boxes("a", a), clips_as_boxes("b", b), iou_formula)


def clips_as_boxes(name: str, clips: ArrayLike) -> Floats:
    """Ranges as boxes of the height 1, whose IoU is that of the ranges."""
    ranges = as_floats(name, clips, 2)
    nothing, one = np.zeros(len(ranges)), np.ones(len(ranges))
    return np.column_stack([ranges[:, 0], nothing, ranges[:, 1], one])


def _pairwise(a: ArrayLike, b: ArrayLike, formula: Formula) -> Floats:
    first, second = ordered_columns("a", a), ordered_columns("b", b)
    area_a, area_b = areas_of(first), areas_of(second)
    count, other = first.shape[1], second.shape[1]
    out = np.empty((count, other))
    columns = max(1, min(other, _TILE_COLUMNS))
    rows = max(1, min(count, _TILE_BYTES // (3 * 8 * columns)))
    scratch = np.empty((3, rows, columns))
    for top in range(0, count, rows):
        some = slice(top, min(top + rows, count))
        for left in range(0, other, columns):
            across = slice(left, min(left + columns, other))
            height, width = some.stop - top, across.stop - left
            tile = out[some, across]
            buffers = (scratch[0, :height, :width], scratch[1, :height, :width], scratch[2, :height, :width])
            formula(first[:, some, None], second[:, None, across], area_a[some, None], area_b[across], buffers)
            tile[...] = buffers[0]
    return out


def areas_of(columns: Floats) -> Floats:
    """``(N,)``: the areas of ordered columns."""
    areas: Floats = (columns[2] - columns[0]) * (columns[3] - columns[1])
    return areas


# -- side by side ----------------------------------------------------------------------------------------------------


def box_iou_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: the IoU of box i of ``a`` with box i of ``b``."""
    return _side_by_side(a, b, iou_formula)


def box_ios_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: intersection over the smaller area, side by side."""
    return _side_by_side(a, b, _ios)


def giou_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: generalised IoU, side by side."""
    return _side_by_side(a, b, _giou)


def clip_iou_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: temporal IoU, side by side."""
    return _side_by_side(clips_as_boxes("a", a), clips_as_boxes("b", b), iou_formula)


def _side_by_side(a: ArrayLike, b: ArrayLike, formula: Formula) -> Floats:
    first, second = ordered_columns("a", a), ordered_columns("b", b)
    if first.shape != second.shape:
        raise UsageError(f"a and b must have as many rows each, not {first.shape[1]} and {second.shape[1]}")
    scratch = np.empty((3, first.shape[1]))
    buffers = (scratch[0], scratch[1], scratch[2])
    formula(first, second, areas_of(first), areas_of(second), buffers)
    overlap: Floats = buffers[0].copy()
    return overlap


class PairGather:
    """The overlap of listed pairs, in buffers that are used again for the next list."""

    def __init__(self, first: Floats, second: Floats, area_a: Floats, area_b: Floats) -> None:
        self._sides = ((first, area_a), (second, area_b))
        self._buffers = np.empty((13, 0))

    def overlap(self, i: Indices, j: Indices, formula: Formula) -> Floats:
        """Of box ``i`` of the first with box ``j`` of the second; valid until the next call."""
        if self._buffers.shape[1] < len(i):
            self._buffers = np.empty((13, len(i)))
        here = self._buffers[:, : len(i)]
        for side, rows, at in ((self._sides[0], i, 3), (self._sides[1], j, 8)):
            columns, areas = side
            for edge in range(4):
                np.take(columns[edge], rows, out=here[at + edge], mode="clip")  # other modes copy once more
            np.take(areas, rows, out=here[at + 4], mode="clip")
        formula(here[3:7], here[8:12], here[7], here[12], (here[0], here[1], here[2]))
        overlap: Floats = here[0]
        return overlap


# -- in groups -------------------------------------------------------------------------------------------------------


def grouped_box_iou(
    a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Pairs:
    """The IoU of every pair of one group (one image, say) that is greater than ``above``, in one call.

    ``a_groups`` and ``b_groups`` are whole numbers, one for each row. Equal to ``box_iou`` of each group by itself;
    memory is bounded by what is returned.
    """
    first, second = ordered_columns("a", a), ordered_columns("b", b)
    of_a = grouped(as_groups("a_groups", a_groups, first.shape[1]))
    of_b = grouped(as_groups("b_groups", b_groups, second.shape[1]))
    found = [
        Pairs(i[kept], j[kept], overlap[kept])
        for i, j, overlap in _grouped_overlap(first, second, of_a, of_b, iou_formula)
        for kept in [np.flatnonzero(overlap > above)]
    ]
    if not found:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    i, j, overlap = (np.concatenate(column) for column in zip(*found, strict=True))
    if of_a.is_input_order and of_b.is_input_order:
        return Pairs(i, j, overlap)
    i, j = of_a.order[i], of_b.order[j]
    order = np.lexsort((j, i))
    return Pairs(i[order], j[order], overlap[order])


def grouped_clip_iou(
    a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Pairs:
    """Temporal IoU of every pair of one group; see :func:`grouped_box_iou`."""
    return grouped_box_iou(clips_as_boxes("a", a), clips_as_boxes("b", b), a_groups, b_groups, above=above)


def _grouped_overlap(first: Floats, second: Floats, of_a: Grouped, of_b: Grouped, formula: Formula) -> Iterator[Pairs]:
    """All pairs of equal groups, a chunk at a time; i and j are places in the orders of the groups."""
    place = np.searchsorted(of_b.ids, of_a.ids)
    there = place < len(of_b.ids)
    there[there] = of_b.ids[place[there]] == of_a.ids[there]
    place = np.where(there, place, 0)
    sizes_b = np.diff(of_b.offsets)
    sizes_a = np.diff(of_a.offsets)
    # Of each row of a, in the order of groups: how many rows of b are in its group, and where these begin.
    partners = np.repeat(np.where(there, sizes_b[place] if len(sizes_b) else 0, 0), sizes_a)
    begins = np.repeat(of_b.offsets[place], sizes_a)
    first, second = np.take(first, of_a.order, axis=1), np.take(second, of_b.order, axis=1)  # rows in one piece each
    area_a, area_b = areas_of(first), areas_of(second)
    ends = np.cumsum(partners)
    gather = PairGather(first, second, area_a, area_b)
    row = 0
    while row < len(partners):
        done = ends[row - 1] if row else 0
        stop = max(row + 1, int(np.searchsorted(ends, done + _CHUNK_PAIRS, side="right")))
        counts = partners[row:stop]
        total = int(ends[stop - 1] - done)
        if total:
            i = np.repeat(np.arange(row, stop), counts)
            j = np.repeat(begins[row:stop] - (ends[row:stop] - counts - done), counts)
            j += np.arange(total)
            yield Pairs(i, j, gather.overlap(i, j, formula))
        row = stop
