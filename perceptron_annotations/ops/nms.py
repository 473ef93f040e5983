"""Non-maximum suppression: of annotations that overlap too much, keep the one that ranks first.

The rank is the score, highest first, and equal scores rank by input order. These models give no scores; then the rank
is the input order alone, so the first of two duplicates is kept, which says nothing about which is the better one.
A row is dropped where its overlap with a *kept* row of its group that ranks before it is greater than the threshold
(strictly). The result is exact: that of the plain greedy loop.

The one idea: what survives depends on the overlaps above the threshold alone, the edges of a graph. Small groups are
worked off side by side, all groups of one size at once; a large one by its edges, in rounds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats, as_groups, grouped, ordered_columns, ranges
from .iou import PairGather, areas_of, box_iou, clips_as_boxes, iou_formula
from .polygons import Rings, grouped_polygon_iou, rings

#: Groups up to this size are suppressed side by side with others of their size.
_SMALL = 256
#: Bytes of the boxes that are worked off side by side.
_BATCH_BYTES = 2**19
#: A large group goes by its edges where at most one pair in so many can be one.
_SPARSE = 8
#: Pairs whose overlap is looked at together.
_CHUNK_PAIRS = 2**16
#: Rows of a large, dense group that are ranked at a time.
_BLOCK = 1024
#: What rounding may take from a share.
_SLACK = 1e-9
#: Rounds over the edges before the rest is walked one by one; long chains of overlaps need one round a link.
_ROUNDS = 64


def nms(
    boxes: ArrayLike,
    scores: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Indices:
    """The kept rows of ``(N, 4)`` xyxy boxes, ascending.

    ``labels`` (whole numbers) keep classes apart, ``groups`` pictures or responses: only rows equal in both compete, so
    a whole batch takes one call. ``scores`` ``(N,)``; NaN ranks last. Boxes without area overlap nothing.
    """
    columns = ordered_columns("boxes", boxes)
    rank, key = _ranked(columns.shape[1], scores, labels, groups, threshold)
    kept = np.zeros(columns.shape[1], dtype=bool)
    kept[rank] = _keep_boxes(np.take(columns, rank, axis=1), key[rank], threshold)
    return np.flatnonzero(kept)


def clip_nms(
    clips: ArrayLike,
    scores: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Indices:
    """The kept rows of ``(N, 2)`` ranges ``(start, end)`` by temporal IoU; see :func:`nms`."""
    return nms(clips_as_boxes("clips", clips), scores, labels=labels, groups=groups, threshold=threshold)


def polygon_nms(
    polygons: Rings,
    scores: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Indices:
    """The kept rows of ragged rings ``(coords, offsets)`` by polygon IoU; see :func:`nms`. Invalid rings are kept."""
    ring = rings(*polygons)
    count = len(ring.offsets) - 1
    rank, key = _ranked(count, scores, labels, groups, threshold)
    place = np.empty(count, dtype=np.int64)
    place[rank] = np.arange(count)
    pairs = grouped_polygon_iou(ring, ring, key, key, above=threshold)
    first, second = place[pairs.i], place[pairs.j]
    later = first < second
    kept = np.zeros(count, dtype=bool)
    kept[rank] = _keep_by_edges(count, first[later], second[later])
    return np.flatnonzero(kept)


def _ranked(
    count: int, scores: ArrayLike | None, labels: ArrayLike | None, groups: ArrayLike | None, threshold: float
) -> tuple[Indices, Indices]:
    """The rows by group and then by rank, and the group of each row, labels included."""
    if not 0 <= threshold <= 1:
        raise UsageError(f"threshold must be from 0 to 1, not {threshold}")
    key = as_groups("groups", groups, count)
    if labels is not None:
        _, label = np.unique(as_groups("labels", labels, count), return_inverse=True)
        _, group = np.unique(key, return_inverse=True)
        key = group * (int(label.max(initial=0)) + 1) + label
    if scores is None:
        return grouped(key).order, key
    values = as_floats("scores", scores)
    if len(values) != count:
        raise UsageError(f"scores must be {count} numbers, not {len(values)}")
    return np.lexsort((-values, key)), key


# -- boxes -----------------------------------------------------------------------------------------------------------


def _keep_boxes(columns: Floats, key: Indices, threshold: float) -> NDArray[np.bool_]:
    """Which ranked boxes are kept; ``key`` is sorted."""
    kept = np.ones(len(key), dtype=bool)
    offsets = grouped(key).offsets
    sizes = np.diff(offsets)
    for size in np.unique(sizes):
        starts = offsets[:-1][sizes == size]
        if size == 1:
            continue
        if size > _SMALL:
            for start in starts:
                some = slice(start, start + size)
                kept[some] = _keep_large(columns[:, some], threshold)
            continue
        many = max(1, int(_BATCH_BYTES // (4 * 8 * size)))
        for at in range(0, len(starts), many):
            rows = starts[at : at + many] + np.arange(size)[:, None]
            kept[rows] = _keep_side_by_side(columns[:, rows], threshold)
    return kept


def _keep_side_by_side(boxes: Floats, threshold: float) -> NDArray[np.bool_]:
    """Which of ``(4, size, G)`` boxes are kept: G groups of one size, each ranked along the second axis."""
    left, top, right, bottom = boxes
    area = (right - left) * (bottom - top)
    alive = np.ones(left.shape, dtype=bool)
    for rank in range(len(left) - 1):
        rest = slice(rank + 1, None)
        width = np.minimum(right[rank], right[rest])
        width -= np.maximum(left[rank], left[rest])
        np.maximum(width, 0.0, out=width)
        height = np.minimum(bottom[rank], bottom[rest])
        height -= np.maximum(top[rank], top[rest])
        np.maximum(height, 0.0, out=height)
        width *= height
        union = area[rank] + area[rest]
        union -= width
        union[union == 0.0] = 1.0
        width /= union
        alive[rest] &= ~((width > threshold) & alive[rank])
    return alive


def _keep_large(columns: Floats, threshold: float) -> NDArray[np.bool_]:
    """Which boxes of one ranked group are kept: by their edges where these are few, else block by block."""
    count = columns.shape[1]
    sweep = min((_sweep(columns, axis, threshold) for axis in (0, 1)), key=lambda sweep: int(sweep.partners.sum()))
    if sweep.partners.sum() > count * count // _SPARSE:
        return _keep_dense(columns, threshold)
    return _keep_by_edges(count, *_edges(columns, sweep, threshold))


class _Sweep(NamedTuple):
    """Boxes in the order of one edge, and how many that follow may overlap each."""

    order: Indices
    partners: Indices


def _sweep(columns: Floats, axis: int, threshold: float) -> _Sweep:
    """What may overlap along one axis: IoU is at most the shared extent by the longer of the two."""
    low, high = columns[axis], columns[axis + 2]
    order = np.argsort(low, kind="stable")
    reach = (high - (threshold - _SLACK) * (high - low))[order]
    return _Sweep(order, np.maximum(np.searchsorted(low[order], reach, side="right") - np.arange(1, len(order) + 1), 0))


def _edges(columns: Floats, sweep: _Sweep, threshold: float) -> tuple[Indices, Indices]:
    """The pairs whose overlap is above the threshold, the one that ranks first first."""
    found = []
    ends = np.cumsum(sweep.partners)
    boxes = np.take(columns, sweep.order, axis=1)
    areas = areas_of(boxes)
    gather = PairGather(boxes, boxes, areas, areas)
    row = 0
    while row < len(ends):
        done = ends[row - 1] if row else 0
        stop = max(row + 1, int(np.searchsorted(ends, done + _CHUNK_PAIRS, side="right")))
        counts = sweep.partners[row:stop]
        i = np.repeat(np.arange(row, stop), counts)
        j = ranges(np.arange(row + 1, stop + 1), counts)
        over = gather.overlap(i, j, iou_formula) > threshold
        found.append((sweep.order[i[over]], sweep.order[j[over]]))
        row = stop
    one, other = (np.concatenate(column) for column in zip(*found, strict=True))
    return np.minimum(one, other), np.maximum(one, other)


def _keep_dense(columns: Floats, threshold: float) -> NDArray[np.bool_]:
    """Block by block: what a block keeps suppresses all that follow, so that the next block is of survivors."""
    boxes = columns.T
    waiting = np.arange(len(boxes))
    kept = np.zeros(len(boxes), dtype=bool)
    while len(waiting):
        block, waiting = waiting[:_BLOCK], waiting[_BLOCK:]
        first, second = np.nonzero(np.triu(box_iou(boxes[block], boxes[block]) > threshold, 1))
        block = block[_keep_by_edges(len(block), first, second)]
        kept[block] = True
        dead = np.zeros(len(waiting), dtype=bool)
        for at in range(0, len(block), _BLOCK // 8):
            some = np.flatnonzero(~dead)
            over = box_iou(boxes[block[at : at + _BLOCK // 8]], boxes[waiting[some]]) > threshold
            dead[some] = over.any(axis=0)
        waiting = waiting[~dead]
    return kept


# -- graphs ----------------------------------------------------------------------------------------------------------


def _keep_by_edges(count: int, first: Indices, second: Indices) -> NDArray[np.bool_]:
    """Which of ``count`` ranked nodes the greedy loop keeps, where node ``first`` suppresses node ``second``.

    A node to which no live edge leads is final: it is kept, and kills what its edges lead to.
    """
    kept = np.ones(count, dtype=bool)
    for _ in range(_ROUNDS):
        if not len(first):
            return kept
        threatened = np.zeros(count, dtype=bool)
        threatened[second] = True
        final = ~threatened[first]
        kept[second[final]] = False
        live = kept[first] & kept[second]
        first, second = first[live], second[live]
    for node, target in zip(*(column[np.lexsort((second, first))].tolist() for column in (first, second)), strict=True):
        if kept[node]:
            kept[target] = False
    return kept
