"""How much two boxes, clips or polygons overlap: each with each, side by side, or in groups.

Pairs are worked off in tiles whose buffers stay in the processor's cache; a list of all pairs is never made. Overlap is
0, never NaN, if an area is 0 or a box cannot be measured (not finite, or beyond 1e150). Corners may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from . import overlap
from .arrays import Floats, Indices, as_floats
from .crowds import Crowd, Overlaps, is_crowded
from .groups import Grouped, as_groups, grouped
from .overlap import Formula, ListedPairs, Pairs, Scratch, Sides, sides

#: Columns and pairs of a tile: its buffers fit into a second-level cache.
_TILE_COLUMNS = 2048
_TILE_PAIRS = 2**15
#: Listed pairs that are worked off together.
_CHUNK_PAIRS = 2**16
#: Pairs of a group from which on an index looks for those that overlap.
_LARGE = 2**21


# -- each with each --------------------------------------------------------------------------------------------------


def box_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: intersection over union of each of N xyxy boxes with each of M; ``|A ∩ B| / |A ∪ B|``.

    >>> pa.ops.box_iou([[0, 0, 10, 10]], [[0, 0, 10, 5], [10, 10, 0, 0], [20, 20, 30, 30]]).tolist()
    [[0.5, 1.0, 0.0]]
    """
    return _pairwise(a, b, overlap.iou)


def box_ios(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: intersection over the smaller area; 1 if one box lies in the other.

    >>> pa.ops.box_ios([[0, 0, 10, 10]], [[2, 2, 4, 4]]).tolist()
    [[1.0]]
    """
    return _pairwise(a, b, overlap.ios)


def generalized_box_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: IoU less the share of the box around both that neither covers, from -1 to 1 (Rezatofighi, 2019).

    Unlike IoU it tells boxes that are near each other from boxes that are far apart.

    >>> pa.ops.generalized_box_iou([[0, 0, 1, 1]], [[1, 0, 2, 1], [3, 0, 4, 1]]).tolist()
    [[0.0, -0.5]]
    """
    return _pairwise(a, b, overlap.generalized_box_iou)


def clip_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, M)``: temporal IoU of ranges ``(start, end)`` in seconds; 0 for a moment, and if one is not finite.

    >>> pa.ops.clip_iou([[0, 10]], [[5, 10], [8, 18]]).round(3).tolist()
    [[0.5, 0.111]]
    """
    return _pairwise(clips_as_boxes("a", a), clips_as_boxes("b", b), overlap.iou)


def clips_as_boxes(name: str, clips: ArrayLike) -> Floats:
    """Ranges as boxes of the height 1, whose IoU is that of the ranges."""
    ranges = as_floats(name, clips, 2)
    nothing, one = np.zeros(len(ranges)), np.ones(len(ranges))
    return np.column_stack([ranges[:, 0], nothing, ranges[:, 1], one])


def _pairwise(a: ArrayLike, b: ArrayLike, formula: Formula) -> Floats:
    first, second = sides(as_floats("a", a, 4)), sides(as_floats("b", b, 4))
    count, other = len(first.left), len(second.left)
    out = np.empty((count, other))
    columns = max(1, min(other, _TILE_COLUMNS))
    rows = max(1, min(count, _TILE_PAIRS // columns))
    scratch = Scratch.of(rows * columns)
    for top in range(0, count, rows):
        down = slice(top, top + rows)
        for left in range(0, other, columns):
            tile = out[down, left : left + columns]
            across = (None, slice(left, left + columns))
            formula(first.at((down, None)), second.at(across), scratch.shaped(*tile.shape), tile)
    return out


# -- side by side ----------------------------------------------------------------------------------------------------


def box_iou_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: the IoU of box i of ``a`` with box i of ``b``. Raises ``UsageError`` if one has more boxes.

    >>> pa.ops.box_iou_aligned([[0, 0, 10, 10], [0, 0, 4, 4]], [[0, 0, 10, 5], [0, 0, 4, 4]]).tolist()
    [0.5, 1.0]
    """
    return _side_by_side(a, b, overlap.iou)


def box_ios_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: intersection over the smaller area, side by side; see :func:`box_iou_aligned`.

    >>> pa.ops.box_ios_aligned([[0, 0, 10, 10]], [[5, 0, 9, 20]]).tolist()
    [0.5]
    """
    return _side_by_side(a, b, overlap.ios)


def generalized_box_iou_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: generalised IoU, side by side; see :func:`box_iou_aligned`.

    >>> pa.ops.generalized_box_iou_aligned([[0, 0, 1, 1]], [[3, 0, 4, 1]]).tolist()
    [-0.5]
    """
    return _side_by_side(a, b, overlap.generalized_box_iou)


def clip_iou_aligned(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N,)``: temporal IoU, side by side; see :func:`box_iou_aligned`.

    >>> pa.ops.clip_iou_aligned([[0, 10]], [[5, 10]]).tolist()
    [0.5]
    """
    return _side_by_side(clips_as_boxes("a", a), clips_as_boxes("b", b), overlap.iou)


def _side_by_side(a: ArrayLike, b: ArrayLike, formula: Formula) -> Floats:
    first, second = as_floats("a", a, 4), as_floats("b", b, 4)
    if len(first) != len(second):
        raise UsageError(f"a and b must have as many rows each, not {len(first)} and {len(second)}")
    out = np.empty(len(first))
    scratch = Scratch.of(min(len(out), _CHUNK_PAIRS))
    for start in range(0, len(out), _CHUNK_PAIRS):
        some = slice(start, start + _CHUNK_PAIRS)
        formula(sides(first[some]), sides(second[some]), scratch.shaped(len(out[some])), out[some])
    return out


# -- in groups -------------------------------------------------------------------------------------------------------


def grouped_box_iou(
    a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Pairs:
    """The IoU of every pair of one group that is greater than ``above``, in one call for a whole batch.

    Equal to ``box_iou`` of each group by itself; memory is bounded by what is returned. Pairs come by row of ``a``,
    then of ``b``. Raises ``UsageError`` if ``above`` is negative.

    Args:
        a: ``(N, 4)`` xyxy boxes.
        b: ``(M, 4)`` xyxy boxes.
        a_groups: ``(N,)`` whole numbers: the image, say, of each box of ``a``.
        b_groups: ``(M,)`` whole numbers, likewise.
        above: Pairs that overlap less, or as much, are left out.

    >>> pairs = pa.ops.grouped_box_iou([[0, 0, 10, 10]], [[0, 0, 10, 5], [0, 0, 10, 10]], [7], [7, 8])
    >>> pairs.i.tolist(), pairs.j.tolist(), pairs.overlap.tolist()
    ([0], [0], [0.5])
    """
    sides_of = _checked_sides(a, b, a_groups, b_groups)
    large = _large_groups(*sides_of)
    found = [_listed(*sides_of, above), *(pairs for group in large for pairs in group.pairs(above))]
    return _in_order(found)


def grouped_box_overlaps(
    a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Overlaps:
    """The same, with groups that overlap in very many pairs as crowds, so that memory stays in bounds."""
    sides_of = _checked_sides(a, b, a_groups, b_groups)
    found, crowds = [_listed(*sides_of, above)], []
    for group in _large_groups(*sides_of):
        pairs = group.pairs_if_few(above)
        if pairs is None:
            crowds.append(Crowd(np.sort(group.rows), np.sort(group.columns), group.measure))
        else:
            found += pairs
    return Overlaps(_in_order(found), crowds)


def grouped_clip_iou(
    a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Pairs:
    """Temporal IoU of every pair of one group; see :func:`grouped_box_iou`.

    Args:
        a: ``(N, 2)`` ranges ``(start, end)``.
        b: ``(M, 2)`` ranges.
        a_groups: ``(N,)`` whole numbers, one for each range of ``a``.
        b_groups: ``(M,)`` whole numbers.
        above: Pairs that overlap less, or as much, are left out.

    >>> pa.ops.grouped_clip_iou([[0, 10]], [[5, 10], [20, 30]], [0], [0, 0]).overlap.tolist()
    [0.5]
    """
    return grouped_box_iou(clips_as_boxes("a", a), clips_as_boxes("b", b), a_groups, b_groups, above=above)


def grouped_clip_overlaps(
    a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Overlaps:
    """Temporal IoU, with crowds apart; see :func:`grouped_box_overlaps`."""
    return grouped_box_overlaps(clips_as_boxes("a", a), clips_as_boxes("b", b), a_groups, b_groups, above=above)


class _Side(NamedTuple):
    """Boxes ``(N, 4)`` and their order by groups."""

    boxes: Floats
    groups: Grouped

    def sides(self, start: int, stop: int) -> Sides:
        """Of the boxes at some places of the order."""
        some = slice(start, stop)
        return sides(self.boxes[some if self.groups.is_input_order else self.groups.order[some]])


class _LargeGroup(NamedTuple):
    """Two sides with so many boxes in one group that their pairs are looked for through an index."""

    a: Floats
    b: Floats
    rows: Indices
    columns: Indices

    def pairs(self, above: float) -> Iterator[Pairs]:
        """All of them, a chunk at a time."""
        from .spatial import near_pairs  # with Shapely, which small groups do not need

        for found in near_pairs(self.a[self.rows], self.b[self.columns], above):
            yield Pairs(self.rows[found.i], self.columns[found.j], found.overlap)

    def pairs_if_few(self, above: float) -> list[Pairs] | None:
        """All of them, None if they are too many to be listed."""
        found, count = [], 0
        for pairs in self.pairs(above):
            found.append(pairs)
            count += len(pairs.i)
            if is_crowded(count, len(self.rows) + len(self.columns)):
                return None
        return found

    def measure(self, rows: Indices, columns: Indices) -> Floats:
        """``(len(rows), len(columns))``: the IoU of some boxes of the two sides."""
        return box_iou(self.a[rows], self.b[columns])


def _checked_sides(a: ArrayLike, b: ArrayLike, a_groups: ArrayLike, b_groups: ArrayLike) -> tuple[_Side, _Side]:
    first, second = as_floats("a", a, 4), as_floats("b", b, 4)
    of_a = grouped(as_groups("a_groups", a_groups, len(first)))
    is_shared = b_groups is a_groups and len(first) == len(second)
    of_b = of_a if is_shared else grouped(as_groups("b_groups", b_groups, len(second)))
    return _Side(first, of_a), _Side(second, of_b)


def _large_groups(a: _Side, b: _Side) -> list[_LargeGroup]:
    """The groups that :func:`_listed` leaves out."""
    partners, begins = _partners(a.groups, b.groups)
    starts = a.groups.offsets[:-1]
    large = np.flatnonzero(_is_large(partners[starts], a.groups.sizes))
    return [
        _LargeGroup(
            a.boxes,
            b.boxes,
            a.groups.order[start : start + size],
            b.groups.order[begins[start] : begins[start] + partners[start]],
        )
        for start, size in zip(starts[large].tolist(), a.groups.sizes[large].tolist(), strict=True)
    ]


def _is_large(partners: Indices, sizes: Indices) -> NDArray[np.bool_]:
    return partners * sizes > _LARGE


def _in_order(found: Sequence[Pairs]) -> Pairs:
    """All of them as one, by row of a, then of b."""
    i, j, values = Pairs.joined(found)
    if np.all((i[1:] > i[:-1]) | ((i[1:] == i[:-1]) & (j[1:] > j[:-1]))):
        return Pairs(i, j, values)
    order = np.lexsort((j, i))
    return Pairs(i[order], j[order], values[order])


def _listed(a: _Side, b: _Side, above: float) -> Pairs:
    """The pairs of all groups that are not large, found each with each."""
    if not above >= 0:
        raise UsageError(f"above must be at least 0, not {above}: pairs that do not overlap are not listed")
    i, j, values = Pairs.joined(_grouped_overlap(a, b, above))
    return Pairs(a.groups.order[i], b.groups.order[j], values)


def _grouped_overlap(a: _Side, b: _Side, above: float) -> Iterator[Pairs]:
    """The pairs of equal groups that overlap enough, a chunk at a time; i and j are places in the orders of groups."""
    partners, begins = _partners(a.groups, b.groups)
    partners = np.where(_is_large(partners, np.repeat(a.groups.sizes, a.groups.sizes)), 0, partners)
    ends = np.cumsum(partners)
    listed = ListedPairs(max(int(partners.max(initial=0)), min(_CHUNK_PAIRS, int(partners.sum()))))
    row = 0
    while row < len(partners):
        done = ends[row - 1] if row else 0
        stop = max(row + 1, int(np.searchsorted(ends, done + _CHUNK_PAIRS, side="right")))
        counts, starts = partners[row:stop], begins[row:stop]
        if counts.any():
            low, high = int(starts[0]), int((starts + counts).max())
            pairs = listed.above(above, a.sides(row, stop), b.sides(low, high), starts - low, counts)
            yield Pairs(pairs.i + row, pairs.j + low, pairs.overlap)
        row = stop


def _partners(of_a: Grouped, of_b: Grouped) -> tuple[Indices, Indices]:
    """Of each row of a, in the order of groups: how many rows of b are in its group, and where these begin."""
    if of_a is of_b:
        return np.repeat(of_a.sizes, of_a.sizes), np.repeat(of_a.offsets[:-1], of_a.sizes)
    place = np.minimum(np.searchsorted(of_b.ids, of_a.ids), max(len(of_b.ids) - 1, 0))
    sizes_a = np.diff(of_a.offsets)
    if not len(of_b.ids):
        nothing = np.zeros(int(sizes_a.sum()), dtype=np.int64)
        return nothing, nothing
    counts = np.where(of_b.ids[place] == of_a.ids, np.diff(of_b.offsets)[place], 0)
    return np.repeat(counts, sizes_a), np.repeat(of_b.offsets[place], sizes_a)
