"""COCO's matching and its curves, the same for boxes and for keypoints.

The definition is that of ``COCOeval``: detections take their turn by score, each the truth that it overlaps most among
those still free, truths that count before ignored ones. Only pairs of one image and label that overlap enough compete,
so the first detections of all images are settled together, then the second, for all thresholds and sizes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from ..ops.arrays import Floats, Indices
from ..ops.groups import as_groups, as_scores, grouped, ranges

#: COCO's thresholds of overlap, and its points of recall.
IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0.0, 1.0, 101)
#: Pairs whose overlap is looked at together.
_CHUNK = 2**16

#: The overlap of pairs, whose detections and truths are given as indices into the caller's input.
Overlap: TypeAlias = Callable[[Indices, Indices], Floats]


class Ranked(NamedTuple):
    """Detections by image and label, and in each by score; ``rank`` is the place in it, ``row`` that in the input."""

    row: Indices
    label: Indices
    key: Indices
    score: Floats
    rank: Indices
    #: Which of its metrics' sizes it does not have, ``(A, N)``; that matters if it takes no truth.
    outside: NDArray[np.bool_]


class Wanted(NamedTuple):
    """Truths by image and label, in input order; ``row`` is the place in the input."""

    row: Indices
    label: Indices
    key: Indices
    #: Whether several detections may take it.
    crowd: NDArray[np.bool_]
    #: Which of the metrics' sizes ignore it, ``(A, M)``.
    ignored: NDArray[np.bool_]


class Curves(NamedTuple):
    """``precision`` ``(T, 101, K, A)`` and ``recall`` ``(T, K, A, D)``, by number of detections; -1 if not defined."""

    precision: Floats
    recall: Floats


def sizes_of_ranges(ranges_of_area: dict[str, tuple[float, float]], area: Floats) -> NDArray[np.bool_]:
    """``(A, N)``: which areas lie outside each range."""
    lows, highs = np.array(list(ranges_of_area.values())).T
    outside: NDArray[np.bool_] = (area < lows[:, None]) | (area > highs[:, None])
    return outside


def _keys(image: ArrayLike, label: ArrayLike, count: int, labels: int) -> tuple[Indices, Indices]:
    """The label of each row, and a number for its image and label."""
    images, codes = as_groups("image", image, count), as_groups("label", label, count)
    if count and not (codes.min() >= 0 and codes.max() < labels):
        raise UsageError(f"label must be from 0 to {labels - 1}")
    return codes, images * labels + codes


def ranked(
    image: ArrayLike, label: ArrayLike, score: ArrayLike, outside: NDArray[np.bool_], labels: int, most: int
) -> Ranked:
    """The detections that count: the ``most`` with the highest scores of each image and label."""
    count = outside.shape[1]
    codes, key = _keys(image, label, count, labels)
    scores = as_scores(score, count)
    order = np.lexsort((-scores, key))
    runs = grouped(key[order])
    rank = ranges(np.zeros(len(runs.ids), dtype=np.int64), runs.sizes)
    kept = order[rank < most]
    return Ranked(kept, codes[kept], key[kept], scores[kept], rank[rank < most], outside[:, kept])


def wanted(
    image: ArrayLike, label: ArrayLike, crowd: NDArray[np.bool_], ignored: NDArray[np.bool_], labels: int
) -> Wanted:
    """The truths."""
    codes, key = _keys(image, label, len(crowd), labels)
    order = np.argsort(key, kind="stable")
    return Wanted(order, codes[order], key[order], crowd[order], ignored[:, order])


def curves(dt: Ranked, gt: Wanted, overlap: Overlap, labels: int, most: tuple[int, ...]) -> Curves:
    """Precision and recall; ``most`` are the numbers of detections an image for recall, in rising order."""
    matched = _match(dt, gt, _pairs(dt, gt, overlap))
    places = np.arange(len(gt.ignored))[:, None, None]
    skipped = np.where(matched >= 0, gt.ignored[places, matched] if len(gt.key) else False, dt.outside[:, None])
    return _accumulate(dt, gt, matched >= 0, skipped, labels, most)


# -- matching --------------------------------------------------------------------------------------------------------


class _Pairs(NamedTuple):
    detection: Indices
    truth: Indices
    iou: Floats


def _pairs(dt: Ranked, gt: Wanted, overlap: Overlap) -> _Pairs:
    """The pairs of one image and label that overlap enough, by turn, then detection, then overlap, then truth."""
    runs = grouped(gt.key)
    place = np.minimum(np.searchsorted(runs.ids, dt.key), max(len(runs.ids) - 1, 0))
    there = runs.ids[place] == dt.key if len(runs.ids) else np.zeros(len(dt.key), dtype=bool)
    counts = np.where(there, runs.sizes[place], 0) if len(runs.ids) else np.zeros(len(dt.key), dtype=np.int64)
    starts = runs.offsets[:-1][place] if len(runs.ids) else counts
    found: list[_Pairs] = [_Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    ends = np.cumsum(counts)
    row = 0
    while row < len(counts):
        done = ends[row - 1] if row else 0
        stop = max(row + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        some = slice(row, stop)
        detection, truth = np.repeat(np.arange(row, stop), counts[some]), ranges(starts[some], counts[some])
        iou = overlap(dt.row[detection], gt.row[truth])
        kept = iou >= IOU_THRESHOLDS[0]
        found.append(_Pairs(detection[kept], truth[kept], iou[kept]))
        row = stop
    detection, truth, iou = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((truth, iou, detection, dt.rank[detection]))
    return _Pairs(detection[order], truth[order], iou[order])


def _match(dt: Ranked, gt: Wanted, pairs: _Pairs) -> Indices:
    """``(A, T, N)``: the truth that each detection takes, -1 for none."""
    ignored = gt.ignored
    thresholds = np.minimum(IOU_THRESHOLDS, 1 - 1e-10)
    sizes, levels = len(ignored), len(thresholds)
    matched = np.full((sizes, levels, len(dt.key)), -1, dtype=np.int64)
    taken = np.zeros((sizes, levels, len(gt.key)), dtype=bool)
    turn = dt.rank[pairs.detection]
    borders = np.searchsorted(turn, np.arange(int(turn.max(initial=-1)) + 2))
    for start, stop in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        if start == stop:
            continue
        detection, truth, iou = (column[start:stop] for column in pairs)
        free = ~taken[:, :, truth] | gt.crowd[truth]
        free &= iou >= thresholds[:, None]
        # Pairs of one detection stand by overlap, so the last free one is the best; those that count come before all.
        place = np.arange(stop - start)
        worth = np.where(free, place + (stop - start) * ~ignored[:, None, truth], -1)
        begins = np.flatnonzero(np.diff(detection, prepend=-1))
        best = np.maximum.reduceat(worth, begins, axis=2)
        size, level, which = np.nonzero(best >= 0)
        chosen = truth[best[size, level, which] % (stop - start)]
        matched[size, level, detection[begins[which]]] = chosen
        taken[size, level, chosen] = True
    return matched


# -- curves ----------------------------------------------------------------------------------------------------------


def _accumulate(
    dt: Ranked,
    gt: Wanted,
    hit: NDArray[np.bool_],
    skipped: NDArray[np.bool_],
    labels: int,
    most: tuple[int, ...],
) -> Curves:
    """Precision and recall along the scores, label by label."""
    sizes, levels = hit.shape[:2]
    precision = np.full((levels, len(RECALL_POINTS), labels, sizes), -1.0)
    recall = np.full((levels, labels, sizes, len(most)), -1.0)
    order = np.lexsort((-dt.score, dt.label))
    ends = np.searchsorted(dt.label[order], np.arange(labels + 1)).tolist()
    is_true, is_false = ((side & ~skipped)[:, :, order] for side in (hit, ~hit))
    rank = dt.rank[order]
    counted = np.array([np.bincount(gt.label[~row], minlength=labels) for row in gt.ignored])  # (A, K)
    for label in range(labels):
        rows = slice(ends[label], ends[label + 1])
        wanted = np.flatnonzero(counted[:, label])
        for place, number in enumerate(most[:-1]):
            found = (is_true[wanted, :, rows] & (rank[rows] < number)).sum(axis=2)
            recall[:, label, wanted, place] = (found / counted[wanted, label, None]).T
        true, false = (np.cumsum(side[wanted, :, rows], axis=2, dtype=np.float64) for side in (is_true, is_false))
        share = true / counted[wanted, label, None, None]
        exact = true / (false + true + np.spacing(1))
        recall[:, label, wanted, -1] = share[:, :, -1].T if share.shape[2] else 0.0
        for place, size in enumerate(wanted.tolist()):
            precision[:, :, label, size] = _at_recalls(share[place], exact[place])
    return Curves(precision, recall)


def _at_recalls(recall: Floats, precision: Floats) -> Floats:
    """``(T, 101)``: the best precision at or beyond each point of recall, 0 where it is not reached."""
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    padded = np.concatenate([best, np.zeros((len(best), 1))], axis=1)
    places = np.array([np.searchsorted(row, RECALL_POINTS, side="left") for row in recall])
    return np.take_along_axis(padded, places, axis=1)


def mean_of_defined(values: Floats) -> float:
    """The mean of what is defined."""
    defined = values[values > -1]  # NaN is not either
    return float(np.mean(defined)) if len(defined) else float("nan")
