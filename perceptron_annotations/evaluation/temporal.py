"""Clips of videos against truth: where in time something is, by the overlap of ranges (tIoU)."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats
from ..ops.assignment import match
from ..ops.iou import grouped_clip_iou
from ..ops.overlap import Pairs
from .answers import Outcomes
from .bootstrap import Figure, Measured, measure, share
from .counts import Counts, Rows
from .pairing import Paired, Queries, first_overlaps, joint_keys, pair, ranks
from .scores import Scores, mean, per_image, rising_thresholds


class Clips(Rows, frozen=True, eq=False, kw_only=True):
    """The predicted clips."""

    #: ``(N,)``: NaN where there is none.
    score: Floats
    #: ``(N, T)``: it matches a truth at each threshold.
    is_match: NDArray[np.bool_]


class Moments(Rows, frozen=True, eq=False, kw_only=True):
    """The clips of the truth."""


class TemporalCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What the figures of clips derive from; see ``join_counts``."""

    clips: Clips
    moments: Moments
    queries: Queries

    def figures(self) -> list[Figure]:
        """R@1, precision, recall and F1 at each threshold, and the mean tIoU of first predictions."""
        images, queries, clips = len(self.answers), self.queries, self.clips
        asked = per_image(queries, np.ones(len(queries)), images)
        predicted = per_image(clips, np.ones(len(clips)), images)
        true = per_image(self.moments, np.ones(len(self.moments)), images)
        found = []
        for level, threshold in enumerate(self.thresholds):
            matches = per_image(clips, clips.is_match[:, level], images)
            found += [
                Figure(f"r1@{threshold:g}", per_image(queries, queries.overlap >= threshold, images), asked),
                Figure(f"clip_precision@{threshold:g}", matches, predicted),
                Figure(f"clip_recall@{threshold:g}", matches, true),
                Figure(f"clip_f1@{threshold:g}", 2 * matches, predicted + true),
            ]
        return [*found, Figure("mean_tiou", per_image(queries, queries.overlap, images), asked)]


class TemporalReport(Struct, frozen=True, kw_only=True):
    """Figures at each threshold of tIoU. Queries are pairs of a video and a label that the truth has."""

    thresholds: tuple[float, ...]
    outcomes: Outcomes
    queries: int
    #: R@1: the share of queries whose first prediction overlaps any truth of it enough.
    recall_at_1: tuple[float, ...]
    #: The mean over queries of the tIoU of the first prediction with the best truth, 0 where nothing was predicted.
    mean_iou: float
    #: All clips as sets, matched one to one.
    clips: tuple[Scores, ...]
    #: The mean over labels of the area below the curve of precision over recall; NaN where a prediction has no score,
    #: and where nothing was predicted.
    average_precision: tuple[float, ...]
    figures: dict[str, Measured]


def count_clips(
    predictions: Dataset, truth: Dataset, *, thresholds: Sequence[float] = (0.3, 0.5, 0.7)
) -> TemporalCounts:
    """Compare clips of one video and label. Videos join by file name.

    The first prediction of a query is the one with the highest score where all of it have one, else the first written.
    Moments have no length and overlap nothing. Raises ``UsageError`` for thresholds that are not from above 0 to 1.
    """
    levels = rising_thresholds(thresholds)
    paired = pair(predictions, truth, (AnnotationKind.CLIP,))
    found, wanted = paired.prediction, paired.truth
    pairs, ranked = clip_overlaps(predictions, truth, paired), ranks(predictions, paired)
    is_match = np.zeros((len(found.rows), len(levels)), dtype=bool)
    for level, threshold in enumerate(levels):
        taken = match(pairs, len(found.rows), len(wanted.rows), threshold=threshold, scores=ranked)
        is_match[taken.prediction, level] = True
    return TemporalCounts(
        answers=paired.answers,
        labels=paired.labels,
        thresholds=levels,
        timed=paired.timed,
        clips=Clips(image=found.image, label=found.label, score=predictions.table.score[found.rows], is_match=is_match),
        moments=Moments(image=wanted.image, label=wanted.label),
        queries=first_overlaps(paired, pairs, ranked),
    )


def report_clips(counts: TemporalCounts, *, samples: int = 1000, seed: int = 0) -> TemporalReport:
    """The figures of counts; intervals from ``samples`` draws of videos with replacement, 0 for none."""
    clips, overlap = counts.clips, counts.queries.overlap
    levels = range(len(counts.thresholds))
    matches = clips.is_match.sum(axis=0).tolist()
    return TemporalReport(
        thresholds=counts.thresholds,
        outcomes=counts.answers.report(),
        queries=len(overlap),
        recall_at_1=tuple(share(int((overlap >= level).sum()), len(overlap)) for level in counts.thresholds),
        mean_iou=mean(overlap.tolist()),
        clips=tuple(Scores.of(hits, len(clips) - hits, len(counts.moments) - hits) for hits in matches),
        average_precision=tuple(_average_precision(counts, level) for level in levels),
        figures=measure(counts.figures(), samples=samples, seed=seed),
    )


def evaluate_temporal(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    samples: int = 1000,
    seed: int = 0,
) -> TemporalReport:
    """How well the clips of one dataset fit those of another; see :func:`count_clips`."""
    return report_clips(count_clips(predictions, truth, thresholds=thresholds), samples=samples, seed=seed)


def _average_precision(counts: TemporalCounts, level: int) -> float:
    """The mean over the labels of the truth, as ActivityNet has it: of equal scores the earlier video counts first."""
    clips, moments = counts.clips, counts.moments
    if not len(clips) or np.isnan(clips.score).any():
        return nan
    found = []
    for label in np.unique(moments.label).tolist():
        some = np.flatnonzero(clips.label == label)
        some = some[np.lexsort((clips.image[some], -clips.score[some]))]
        hits = np.cumsum(clips.is_match[some, level])
        recall = np.concatenate([[0.0], hits / int((moments.label == label).sum())])
        precision = hits / np.arange(1, len(some) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        found.append(float((np.diff(recall) * best).sum()))
    return mean(found)


def clip_overlaps(predictions: Dataset, truth: Dataset, paired: Paired) -> Pairs:
    """The pairs of one video and label that overlap at all."""
    ours, theirs = (
        np.column_stack([data.table.t[side.rows], data.table.until[side.rows]])
        for data, side in ((predictions, paired.prediction), (truth, paired.truth))
    )
    return grouped_clip_iou(ours, theirs, *joint_keys(paired))
