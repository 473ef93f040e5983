"""Non-maximum suppression: of annotations that overlap too much, keep the one that ranks first.

The rank is the score, highest first, and equal scores rank by input order. These models give no scores; then the rank
is the input order alone, so the first of two duplicates is kept, which does not mean that it is the better one. A row
is dropped if its overlap with a *kept* row of its group that ranks before it is greater than the threshold (strictly).
The result is exact: that of the plain greedy loop.

Which rows survive depends only on the overlaps above the threshold, the edges of a graph. Small groups are worked off
side by side, all groups of one size at once; a large one by its edges, in rounds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats
from .groups import Grouped, as_scores, grouped, joint_groups, ranked
from .iou import box_iou, clips_as_boxes
from .overlap import ListedPairs, Scratch, Sides, iou, sides
from .rings import Rings, as_rings

#: Groups up to this size are suppressed side by side with others of their size, unless these are few: a rank of all
#: of them takes about as long as ten ranks of one group by itself.
_SMALL = 256
_RANKS_PER_GROUP = 10
#: Boxes that are worked off side by side.
_BATCH = 2**14
#: A large group goes by its edges if at most one pair in so many can be one.
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
    """The rows of ``(N, 4)`` xyxy boxes that non-maximum suppression keeps, ascending.

    Only rows equal in label and group compete, so a whole batch takes one call. Equal scores rank by input order. Boxes
    without area overlap nothing. Raises ``UsageError`` if the threshold is not from 0 to 1.

    Args:
        boxes: ``(N, 4)`` xyxy boxes.
        scores: ``(N,)``; NaN ranks last. Without scores the first of two duplicates is kept.
        labels: ``(N,)`` whole numbers; only rows of one label compete.
        groups: ``(N,)`` whole numbers, such as the image of each row; only rows of one group compete.
        threshold: The IoU, from 0 to 1, above which a row suppresses another.

    >>> boxes = [[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60]]
    >>> pa.ops.nms(boxes, [0.6, 0.9, 0.8]).tolist()
    [1, 2]
    >>> pa.ops.nms(boxes).tolist()
    [0, 2]
    """
    array = as_floats("boxes", boxes, 4)
    by_rank = _ranked(len(array), scores, labels, groups, threshold)
    return np.flatnonzero(_keep_boxes(array, by_rank, threshold))


def clip_nms(
    clips: ArrayLike,
    scores: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Indices:
    """The rows of ``(N, 2)`` ranges ``(start, end)`` that are kept, by temporal IoU; see :func:`nms`.

    Args:
        clips: ``(N, 2)`` ranges in seconds.
        scores: ``(N,)``; NaN ranks last. Without scores the first of two duplicates is kept.
        labels: ``(N,)`` whole numbers; only rows of one label compete.
        groups: ``(N,)`` whole numbers, such as the image of each row; only rows of one group compete.
        threshold: The IoU, from 0 to 1, above which a row suppresses another.

    >>> pa.ops.clip_nms([[0, 10], [1, 10], [20, 30]]).tolist()
    [0, 2]
    """
    return nms(clips_as_boxes("clips", clips), scores, labels=labels, groups=groups, threshold=threshold)


def polygon_nms(
    polygons: Rings,
    scores: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Indices:
    """The rows of ragged rings ``(coords, offsets)`` that are kept, by polygon IoU; see :func:`nms`.

    Rings that are not valid overlap nothing, and so are kept.

    Args:
        polygons: N rings.
        scores: ``(N,)``; NaN ranks last. Without scores the first of two duplicates is kept.
        labels: ``(N,)`` whole numbers; only rows of one label compete.
        groups: ``(N,)`` whole numbers, such as the image of each row; only rows of one group compete.
        threshold: The IoU, from 0 to 1, above which a row suppresses another.

    >>> pa.ops.polygon_nms(pa.ops.box_polygons([[0, 0, 10, 10], [0, 0, 10, 9]])).tolist()
    [0]
    """
    from .polygons import grouped_polygon_iou  # with Shapely, which boxes do not need

    ring = as_rings(*polygons)
    count = len(ring.offsets) - 1
    by_rank = _ranked(count, scores, labels, groups, threshold)
    place, key = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    place[by_rank.order] = np.arange(count)
    key[by_rank.order] = np.repeat(np.arange(len(by_rank.ids)), by_rank.sizes)
    pairs = grouped_polygon_iou(ring, ring, key, key, above=threshold)
    first, second = place[pairs.i], place[pairs.j]
    later = first < second
    kept = np.zeros(count, dtype=bool)
    kept[by_rank.order] = _keep_by_edges(count, first[later], second[later])
    return np.flatnonzero(kept)


def _ranked(
    count: int, scores: ArrayLike | None, labels: ArrayLike | None, groups: ArrayLike | None, threshold: float
) -> Grouped:
    """The rows by group, labels included, and then by rank."""
    if not 0 <= threshold <= 1:
        raise UsageError(f"threshold must be from 0 to 1, not {threshold}")
    key = joint_groups(labels, groups, count)
    return grouped(key) if scores is None else ranked(key, as_scores(scores, count))


# -- boxes -----------------------------------------------------------------------------------------------------------


def _keep_boxes(boxes: Floats, by_rank: Grouped, threshold: float) -> NDArray[np.bool_]:
    """Which rows of ``(N, 4)`` boxes are kept."""
    kept = np.ones(len(boxes), dtype=bool)
    scratch = Scratch.of(_BATCH)
    for size in np.unique(by_rank.sizes):
        starts = by_rank.offsets[:-1][by_rank.sizes == size]
        if size == 1:
            continue
        if size > _SMALL or size > _RANKS_PER_GROUP * len(starts):
            for start in starts:
                rows = by_rank.order[start : start + size]
                kept[rows] = _keep_one_group(sides(boxes[rows]), threshold)
            continue
        many = max(1, _BATCH // int(size))
        for at in range(0, len(starts), many):
            rows = by_rank.order[starts[at : at + many] + np.arange(size)[:, None]]
            some = sides(boxes.take(rows, axis=0, mode="clip"))  # other modes copy once more
            kept[rows[~_keep_side_by_side(some, threshold, scratch)]] = False
    return kept


def _keep_side_by_side(boxes: Sides, threshold: float, scratch: Scratch) -> NDArray[np.bool_]:
    """Which of ``(size, G)`` boxes are kept: G groups of one size, each ranked along the first axis."""
    alive = np.ones(boxes.left.shape, dtype=bool)
    for rank in range(len(alive) - 1):
        rest = slice(rank + 1, None)
        buffers = scratch.shaped(*alive[rest].shape)
        iou(boxes.at(slice(rank, rank + 1)), boxes.at(rest), buffers, buffers.shared)
        alive[rest] &= ~((buffers.shared > threshold) & alive[rank])
    return alive


def _keep_one_group(boxes: Sides, threshold: float) -> NDArray[np.bool_]:
    """Which boxes of one ranked group are kept: by their edges if these are few, else block by block."""
    count = len(boxes.left)
    sweep = min((_sweep(boxes, axis, threshold) for axis in (0, 1)), key=lambda sweep: int(sweep.partners.sum()))
    if sweep.partners.sum() > count * count // _SPARSE:
        return _keep_dense(boxes, threshold)
    return _keep_by_edges(count, *_edges(boxes, sweep, threshold))


class _Sweep(NamedTuple):
    """Boxes in the order of one edge, and how many that follow may overlap each."""

    order: Indices
    partners: Indices


def _sweep(boxes: Sides, axis: int, threshold: float) -> _Sweep:
    """What may overlap along one axis: IoU is at most the shared extent by the longer of the two."""
    low, high = boxes[axis], boxes[axis + 2]
    order = np.argsort(low, kind="stable")
    reach = (high - (threshold - _SLACK) * (high - low))[order]
    return _Sweep(order, np.maximum(np.searchsorted(low[order], reach, side="right") - np.arange(1, len(order) + 1), 0))


def _edges(boxes: Sides, sweep: _Sweep, threshold: float) -> tuple[Indices, Indices]:
    """The pairs whose overlap is above the threshold, the one that ranks first first."""
    found = []
    ends = np.cumsum(sweep.partners)
    boxes = Sides(*[column[sweep.order] for column in boxes])
    listed = ListedPairs(max(_CHUNK_PAIRS, int(sweep.partners.max())))
    row = 0
    while row < len(ends):
        done = ends[row - 1] if row else 0
        stop = max(row + 1, int(np.searchsorted(ends, done + _CHUNK_PAIRS, side="right")))
        starts, counts = np.arange(row + 1, stop + 1), sweep.partners[row:stop]
        pairs = listed.above(threshold, boxes.at(slice(row, stop)), boxes, starts, counts)
        found.append((sweep.order[pairs.i + row], sweep.order[pairs.j]))
        row = stop
    one, other = (np.concatenate(column) for column in zip(*found, strict=True))
    return np.minimum(one, other), np.maximum(one, other)


def _keep_dense(boxes: Sides, threshold: float) -> NDArray[np.bool_]:
    """Block by block: what a block keeps suppresses all that follow, so that the next block is of survivors."""
    corners = np.stack(boxes[:4], axis=1)
    waiting = np.arange(len(corners))
    kept = np.zeros(len(corners), dtype=bool)
    while len(waiting):
        block, waiting = waiting[:_BLOCK], waiting[_BLOCK:]
        first, second = np.nonzero(np.triu(box_iou(corners[block], corners[block]) > threshold, 1))
        block = block[_keep_by_edges(len(block), first, second)]
        kept[block] = True
        dead = np.zeros(len(waiting), dtype=bool)
        for at in range(0, len(block), _BLOCK // 8):
            some = np.flatnonzero(~dead)
            over = box_iou(corners[block[at : at + _BLOCK // 8]], corners[waiting[some]]) > threshold
            dead[some] = over.any(axis=0)
        waiting = waiting[~dead]
    return kept


# -- graphs ----------------------------------------------------------------------------------------------------------


def _keep_by_edges(count: int, first: Indices, second: Indices) -> NDArray[np.bool_]:
    """Which of ``count`` ranked nodes the greedy loop keeps, if node ``first`` suppresses node ``second``.

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
