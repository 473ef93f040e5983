"""Boxes that overlap → one box each: the box around them all, or their mean weighted by score."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats
from .groups import grouped, joint_groups
from .iou import box_iou, grouped_box_iou
from .suppression import nms


class Merged(NamedTuple):
    """K boxes, and the one that each of N rows went into."""

    #: ``(K, 4)`` xyxy, ordered.
    boxes: Floats
    #: ``(K,)``: NaN if no scores were given.
    scores: Floats
    #: ``(N,)``
    group: Indices


def non_max_merge(
    boxes: ArrayLike,
    scores: ArrayLike | None = None,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Merged:
    """``nms`` that widens what it keeps: each kept box becomes the box around itself and all that it suppresses.

    A suppressed row belongs to the kept row that it overlaps most, of equal ones to the first. For objects that tile
    borders cut. Boxes come in the order of the kept rows, with the kept rows' scores.

    Args:
        boxes: ``(N, 4)`` xyxy boxes.
        scores: ``(N,)``; NaN ranks last. Without scores the first of two duplicates is kept.
        labels: ``(N,)`` whole numbers; only rows of one label compete.
        groups: ``(N,)`` whole numbers, such as the image of each row; only rows of one group compete.
        threshold: The IoU, from 0 to 1, above which a row suppresses another.

    >>> merged = pa.ops.non_max_merge([[0, 0, 10, 10], [1, 0, 12, 10]])
    >>> merged.boxes.tolist(), merged.group.tolist()
    ([[0.0, 0.0, 12.0, 10.0]], [0, 0])
    """
    array = as_floats("boxes", boxes, 4)
    kept = nms(array, scores, labels=labels, groups=groups, threshold=threshold)
    key = joint_groups(labels, groups, len(array))
    group = np.full(len(array), -1, dtype=np.int64)
    group[kept] = np.arange(len(kept))
    lost = np.flatnonzero(group < 0)
    pairs = grouped_box_iou(array[lost], array[kept], key[lost], key[kept], above=threshold)
    order = np.lexsort((pairs.j, -pairs.overlap, pairs.i))
    first = np.unique(pairs.i[order], return_index=True)[1]
    group[lost] = pairs.j[order][first]
    around = np.empty((len(kept), 4))
    around[:, :2], around[:, 2:] = np.inf, -np.inf
    np.minimum.at(around[:, :2], group, np.minimum(array[:, :2], array[:, 2:]))
    np.maximum.at(around[:, 2:], group, np.maximum(array[:, :2], array[:, 2:]))
    score = np.full(len(kept), np.nan) if scores is None else as_floats("scores", scores)[kept]
    return Merged(around, score, group)


def weighted_box_fusion(
    boxes: ArrayLike,
    scores: ArrayLike,
    sources: int,
    *,
    labels: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    threshold: float = 0.55,
) -> Merged:
    """Weighted box fusion (Solovyev, Wang and Gabruseva, 2021) of the boxes of several models or samples.

    By score, highest first and equal ones in input order, each box joins the fused box of its label and group that it
    overlaps most, by more than ``threshold``, or begins one. A fused box is the mean of its members weighted by their
    scores; its score is their mean score, times the share of the sources that its members could be from (at most 1).
    Fused boxes come by group and label, and within these by score, highest first. Raises ``UsageError`` if a score is
    not above zero.

    Args:
        boxes: ``(N, 4)`` xyxy boxes.
        scores: ``(N,)``, all above zero.
        sources: How many models or samples were asked.
        labels: ``(N,)`` whole numbers; only boxes of one label are fused.
        groups: ``(N,)`` whole numbers, such as the image of each box; only boxes of one group are fused.
        threshold: The IoU above which a box joins.

    >>> fused = pa.ops.weighted_box_fusion([[0, 0, 10, 10], [2, 0, 12, 10]], [0.6, 0.6], sources=3)
    >>> fused.boxes.round(6).tolist(), fused.scores.round(6).tolist()
    ([[1.0, 0.0, 11.0, 10.0]], [0.4])
    """
    array, weight = as_floats("boxes", boxes, 4), as_floats("scores", scores)
    if len(weight) != len(array) or not np.all(weight > 0):
        raise UsageError(f"scores must be {len(array)} numbers above zero")
    if sources < 1:
        raise UsageError(f"sources must be at least 1, not {sources}")
    ordered = np.hstack([np.minimum(array[:, :2], array[:, 2:]), np.maximum(array[:, :2], array[:, 2:])])
    group = np.empty(len(array), dtype=np.int64)
    fused: list[Floats] = []
    found: list[float] = []
    by_key = grouped(joint_groups(labels, groups, len(array)))
    for start, end in zip(by_key.offsets, by_key.offsets[1:], strict=False):
        rows = by_key.order[start:end]
        rows = rows[np.argsort(-weight[rows], kind="stable")]
        own = _fused_clusters(ordered[rows], weight[rows], threshold)
        members = [rows[own == cluster] for cluster in range(int(own.max(initial=-1)) + 1)]
        score = [float(weight[each].mean() * min(len(each), sources) / sources) for each in members]
        for cluster in np.argsort(-np.array(score), kind="stable").tolist():
            group[members[cluster]] = len(fused)
            fused.append(np.average(ordered[members[cluster]], axis=0, weights=weight[members[cluster]]))
            found.append(score[cluster])
    return Merged(np.array(fused).reshape(-1, 4), np.array(found), group)


def _fused_clusters(boxes: Floats, weight: Floats, threshold: float) -> Indices:
    """The cluster of each box; boxes come by score, and a cluster's box moves with every member."""
    cluster = np.empty(len(boxes), dtype=np.int64)
    sums: list[Floats] = []
    weights: list[float] = []
    for row in range(len(boxes)):
        means = np.array(sums).reshape(-1, 4) / np.array(weights)[:, None]
        overlap = box_iou(boxes[row : row + 1], means)[0]
        best = int(np.argmax(overlap)) if len(overlap) else -1
        if best < 0 or overlap[best] <= threshold:
            best = len(sums)
            sums.append(np.zeros(4))
            weights.append(0.0)
        sums[best] = sums[best] + weight[row] * boxes[row]
        weights[best] += float(weight[row])
        cluster[row] = best
    return cluster
