"""COCO's average precision and recall, equal to pycocotools to the last bit.

The definition is that of ``COCOeval``: detections take their turn by score, each the truth that it overlaps most among
those still free, truths that count before ignored ones. Only pairs of one image and label that overlap enough compete,
so the first detections of all images are settled together, then the second, for all thresholds and sizes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from ..ops.arrays import Floats, Indices, as_floats
from ..ops.groups import as_groups, as_scores, grouped, ranges

#: COCO's thresholds of overlap, its points of recall, and its sizes of objects in square pixels.
IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0.0, 1.0, 101)
AREA_RANGES = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
#: Pairs whose overlap is looked at together.
_CHUNK = 2**16


class Detections(NamedTuple):
    """Boxes as arrays; ``image`` and ``label`` are whole numbers from 0.

    ``xywh`` ``(N, 4)`` in pixels, since areas and edges are computed from it as COCO does; ``score`` ``(N,)``.
    """

    xywh: ArrayLike
    image: ArrayLike
    label: ArrayLike
    score: ArrayLike


class Truths(NamedTuple):
    """Boxes as arrays, in the order of their files; ``area`` is the object's own (its mask's, say), else its box's."""

    xywh: ArrayLike
    image: ArrayLike
    label: ArrayLike
    area: ArrayLike | None = None
    iscrowd: ArrayLike | None = None


class AveragePrecision(Struct, frozen=True, eq=False, kw_only=True):
    """COCO's metrics. What is not defined without truth is NaN (pycocotools says -1).

    >>> box = [[0, 0, 10, 10]]
    >>> found = average_precision(Detections(box, [0], [0], [0.9]), Truths(box, [0], [0]), 1)
    >>> round(found.metrics["ap50"], 6), found.ap_by_label.round(6).tolist()
    (1.0, [1.0])
    """

    ap: float
    ap50: float
    ap75: float
    ap_small: float
    ap_medium: float
    ap_large: float
    #: Average recall with as many detections an image as ``max_detections`` says, and by size with the most.
    ar_first: float
    ar_second: float
    ar: float
    ar_small: float
    ar_medium: float
    ar_large: float
    max_detections: tuple[int, int, int]
    #: ``(T, 101, K, A)``: precision by threshold, recall, label and size, with the most detections.
    precision: NDArray[np.float64]
    #: ``(T, K, A, 3)``: recall by threshold, label, size and number of detections.
    recall: NDArray[np.float64]

    @property
    def metrics(self) -> dict[str, float]:
        """The twelve by name, in COCO's order."""
        return {name: getattr(self, name) for name in self.__struct_fields__[:12]}

    @property
    def ap_by_label(self) -> NDArray[np.float64]:
        """``(K,)``: AP of each label; NaN for one without truth."""
        return np.array([_mean(self.precision[:, :, label, 0]) for label in range(self.precision.shape[2])])


def average_precision(
    detections: Detections, truths: Truths, labels: int, *, max_detections: Sequence[int] = (1, 10, 100)
) -> AveragePrecision:
    """COCO's twelve metrics of boxes given as arrays.

    Of equal scores the earlier image counts first, then the earlier detection; if many are equal, the metrics say
    little. Raises ``UsageError`` for arrays that do not fit together.

    Args:
        detections: What was predicted, N boxes.
        truths: What is true, M boxes.
        labels: How many labels there are, K.
        max_detections: Three rising numbers of detections an image, as in COCO.

    >>> detections = Detections([[0, 0, 10, 10], [50, 50, 9, 9]], [0, 0], [0, 0], [0.9, 0.8])
    >>> round(average_precision(detections, Truths([[0, 0, 10, 10]], [0], [0]), 1).ap, 6)
    1.0
    """
    if len(max_detections) != 3 or list(max_detections) != sorted(max_detections):  # noqa: PLR2004
        raise UsageError(f"max_detections must be three rising numbers, not {tuple(max_detections)}")
    dt, gt = _detections(detections, labels, max_detections[-1]), _truths(truths, labels)
    lows, highs = np.array(list(AREA_RANGES.values())).T
    ignored = gt.crowd | (gt.area < lows[:, None]) | (gt.area > highs[:, None])  # (A, M)
    matched = _match(dt, gt, ignored)
    area = dt.xywh[:, 2] * dt.xywh[:, 3]
    outside = (area < lows[:, None]) | (area > highs[:, None])  # (A, N)
    places = np.arange(len(lows))[:, None, None]
    skipped = np.where(matched >= 0, ignored[places, matched] if len(gt.area) else False, outside[:, None])
    return _accumulate(dt, gt, matched >= 0, skipped, ignored, labels, tuple(max_detections))  # type: ignore[arg-type]


class _Detected(NamedTuple):
    """Detections by image and label, and in each by score; ``rank`` is the place in it."""

    xywh: Floats
    label: Indices
    key: Indices
    score: Floats
    rank: Indices


class _True(NamedTuple):
    """Truths by image and label, in input order."""

    xywh: Floats
    label: Indices
    key: Indices
    area: Floats
    crowd: NDArray[np.bool_]


def _keys(image: ArrayLike, label: ArrayLike, count: int, labels: int) -> tuple[Indices, Indices]:
    """The label of each row, and a number for its image and label."""
    images, codes = as_groups("image", image, count), as_groups("label", label, count)
    if count and not (codes.min() >= 0 and codes.max() < labels):
        raise UsageError(f"label must be from 0 to {labels - 1}")
    return codes, images * labels + codes


def _detections(given: Detections, labels: int, most: int) -> _Detected:
    xywh = as_floats("xywh", given.xywh, 4)
    label, key = _keys(given.image, given.label, len(xywh), labels)
    score = as_scores(given.score, len(xywh))
    order = np.lexsort((-score, key))
    runs = grouped(key[order])
    rank = ranges(np.zeros(len(runs.ids), dtype=np.int64), runs.sizes)
    kept = order[rank < most]
    return _Detected(xywh[kept], label[kept], key[kept], score[kept], rank[rank < most])


def _truths(given: Truths, labels: int) -> _True:
    xywh = as_floats("xywh", given.xywh, 4)
    label, key = _keys(given.image, given.label, len(xywh), labels)
    area = xywh[:, 2] * xywh[:, 3] if given.area is None else as_scores(given.area, len(xywh))
    crowd = np.zeros(len(xywh), dtype=bool) if given.iscrowd is None else np.asarray(given.iscrowd).astype(bool)
    order = np.argsort(key, kind="stable")
    return _True(xywh[order], label[order], key[order], area[order], crowd[order])


# -- matching --------------------------------------------------------------------------------------------------------


class _Pairs(NamedTuple):
    detection: Indices
    truth: Indices
    iou: Floats


def _pairs(dt: _Detected, gt: _True) -> _Pairs:
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
        iou = _coco_iou(dt.xywh[detection], gt.xywh[truth], gt.crowd[truth])
        kept = iou >= IOU_THRESHOLDS[0]
        found.append(_Pairs(detection[kept], truth[kept], iou[kept]))
        row = stop
    detection, truth, iou = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((truth, iou, detection, dt.rank[detection]))
    return _Pairs(detection[order], truth[order], iou[order])


def _coco_iou(a: Floats, b: Floats, crowd: NDArray[np.bool_]) -> Floats:
    """As ``maskUtils.iou`` computes it: a crowd counts with the area of the detection alone."""
    width = np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 1] + a[:, 3], b[:, 1] + b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.where((width <= 0) | (height <= 0), 0.0, width * height)
    area = a[:, 2] * a[:, 3]
    whole = np.where(crowd, area, area + b[:, 2] * b[:, 3] - shared)
    return np.divide(shared, whole, out=np.zeros(len(shared)), where=shared > 0)


def _match(dt: _Detected, gt: _True, ignored: NDArray[np.bool_]) -> Indices:
    """``(A, T, N)``: the truth that each detection takes, -1 for none."""
    pairs = _pairs(dt, gt)
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
    dt: _Detected,
    gt: _True,
    hit: NDArray[np.bool_],
    skipped: NDArray[np.bool_],
    ignored: NDArray[np.bool_],
    labels: int,
    most: tuple[int, int, int],
) -> AveragePrecision:
    """Precision and recall along the scores, label by label."""
    sizes, levels = hit.shape[:2]
    precision = np.full((levels, len(RECALL_POINTS), labels, sizes), -1.0)
    recall = np.full((levels, labels, sizes, len(most)), -1.0)
    order = np.lexsort((-dt.score, dt.label))
    ends = np.searchsorted(dt.label[order], np.arange(labels + 1)).tolist()
    is_true, is_false = ((side & ~skipped)[:, :, order] for side in (hit, ~hit))
    rank = dt.rank[order]
    counted = np.array([np.bincount(gt.label[~row], minlength=labels) for row in ignored])  # (A, K)
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
    return _summary(precision, recall, most)


def _at_recalls(recall: Floats, precision: Floats) -> Floats:
    """``(T, 101)``: the best precision at or beyond each point of recall, 0 where it is not reached."""
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    padded = np.concatenate([best, np.zeros((len(best), 1))], axis=1)
    places = np.array([np.searchsorted(row, RECALL_POINTS, side="left") for row in recall])
    return np.take_along_axis(padded, places, axis=1)


def _summary(precision: Floats, recall: Floats, most: tuple[int, int, int]) -> AveragePrecision:
    half, three_quarters = 0, 5
    found = AveragePrecision(
        ap=_mean(precision[:, :, :, 0]),
        ap50=_mean(precision[[half], :, :, 0]),
        ap75=_mean(precision[[three_quarters], :, :, 0]),
        ap_small=_mean(precision[:, :, :, 1]),
        ap_medium=_mean(precision[:, :, :, 2]),
        ap_large=_mean(precision[:, :, :, 3]),
        ar_first=_mean(recall[:, :, 0, 0]),
        ar_second=_mean(recall[:, :, 0, 1]),
        ar=_mean(recall[:, :, 0, 2]),
        ar_small=_mean(recall[:, :, 1, 2]),
        ar_medium=_mean(recall[:, :, 2, 2]),
        ar_large=_mean(recall[:, :, 3, 2]),
        max_detections=most,
        precision=precision,
        recall=recall,
    )
    for array in (precision, recall):
        array[array == -1.0] = np.nan
    return found


def _mean(values: Floats) -> float:
    """The mean of what is defined."""
    defined = values[values > -1]  # NaN is not either
    return float(np.mean(defined)) if len(defined) else float("nan")
