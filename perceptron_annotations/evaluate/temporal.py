"""Clips of videos against truth: where in time something is, by the overlap of ranges (tIoU)."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, nan

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..ops.groups import joint_groups
from ..ops.iou import grouped_clip_iou
from ..ops.match import match
from ..ops.overlap import Pairs
from ..table.table import Kind
from .detection import Scores
from .pairing import Paired, first_overlaps, pair


class TemporalReport(Struct, frozen=True, kw_only=True):
    """Figures at each threshold of tIoU. Queries are pairs of a video and a label that the truth has."""

    thresholds: tuple[float, ...]
    queries: int
    #: R@1: the share of queries whose first prediction overlaps any truth of it enough.
    recall_at_1: tuple[float, ...]
    #: The mean over queries of the tIoU of the first prediction with the best truth, 0 where nothing was predicted.
    mean_iou: float
    #: All clips as sets, matched one to one.
    clips: tuple[Scores, ...]
    unknown_videos: tuple[str, ...]
    unanswered_videos: tuple[str, ...]


def evaluate_temporal(
    predictions: Dataset, truth: Dataset, *, thresholds: Sequence[float] = (0.3, 0.5, 0.7)
) -> TemporalReport:
    """Compare clips of one video and label. Videos join by file name.

    The first prediction of a query is the one with the highest score where all have one, else the first written.
    Moments have no length and overlap nothing. Raises ``UsageError`` for thresholds that are not from above 0 to 1.
    """
    levels = tuple(sorted(set(map(float, thresholds))))
    if not levels or not all(0 < level <= 1 for level in levels):
        raise UsageError(f"thresholds must be from above 0 to 1, not {tuple(thresholds)}")
    paired = pair(predictions, truth, (Kind.CLIP,))
    found, wanted = paired.prediction, paired.truth
    pairs = _overlaps(predictions, truth, paired)
    scores = predictions.table.score[found.rows]
    ranked = scores if len(scores) and not np.isnan(scores).any() else None
    _, best = first_overlaps(paired, pairs, ranked)
    clips = []
    for level in levels:
        taken = match(pairs, len(found.rows), len(wanted.rows), threshold=level, scores=ranked)
        hits = len(taken.prediction)
        clips.append(
            Scores(
                true_positives=hits,
                false_positives=len(found.rows) - hits,
                false_negatives=len(wanted.rows) - hits,
            )
        )
    return TemporalReport(
        thresholds=levels,
        queries=len(best),
        recall_at_1=tuple(float((best >= level).mean()) if len(best) else nan for level in levels),
        mean_iou=fsum(best.tolist()) / len(best) if len(best) else nan,
        clips=tuple(clips),
        unknown_videos=paired.unknown_images,
        unanswered_videos=paired.unanswered_images,
    )


def _overlaps(predictions: Dataset, truth: Dataset, paired: Paired) -> Pairs:
    found, wanted = paired.prediction, paired.truth
    count = len(found.rows)
    image, label = (np.concatenate(columns) for columns in zip(found[1:], wanted[1:], strict=True))
    key = joint_groups(label, image, count + len(wanted.rows))
    ours, theirs = (
        np.column_stack([dataset.table.t[side.rows], dataset.table.until[side.rows]])
        for dataset, side in ((predictions, found), (truth, wanted))
    )
    return grouped_clip_iou(ours, theirs, key[:count], key[count:])
