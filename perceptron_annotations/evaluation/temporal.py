"""Clips of videos against the truth: where in time something is, by the overlap of ranges (tIoU)."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.crowds import Overlaps
from ..ops.iou import grouped_clip_overlaps
from .answers import Outcomes
from .counts import Rows, TaskCounts
from .ignoring import Ignored, IgnoredRows, Ignoring
from .intervals import Estimate, Metric, Scale, estimate, share
from .matching import Matcher
from .pairing import DatasetPair, Paired, Queries, Side, first_overlaps, keys_of, pair, ranks
from .scores import Scores, mean, per_image, rising_thresholds, scores_of
from .tasks import Matching, MatchingName, checked_matching


class PredictedClips(Rows, frozen=True, eq=False, kw_only=True):
    """The predicted clips."""

    #: ``(N,)``: NaN without a score.
    score: Floats
    #: ``(N, T)``: it matches a truth at each threshold.
    is_match: NDArray[np.bool_]
    #: ``(N, T)``: it lies on what the truth ignores, and does not count.
    is_ignored: NDArray[np.bool_]


class TrueClips(Rows, frozen=True, eq=False, kw_only=True):
    """The clips of the truth."""


class TemporalReport(Struct, frozen=True, kw_only=True):
    """Metrics at each threshold of temporal IoU (tIoU). Queries are pairs of a video and a label that the truth has."""

    thresholds: tuple[float, ...]
    outcomes: Outcomes
    queries: int
    #: R@1: the share of queries whose first prediction overlaps any truth of it enough.
    recall_at_1: tuple[float, ...]
    #: The mean over queries of the tIoU of the first prediction with the best truth, 0 without a prediction.
    mean_iou: float
    #: All clips as sets, matched one to one.
    clips: tuple[Scores, ...]
    #: The mean over labels of the area below the curve of precision over recall; NaN if a prediction has no score,
    #: or if nothing was predicted.
    average_precision: tuple[float, ...]
    #: All of these that are one number by name, such as ``r1@0.5``, with the interval in which they lie.
    metrics: dict[str, Estimate]
    matching: Matching
    #: Clips of both sides that end before they start; they were taken the other way round.
    reversed_clips: int
    #: Crowds and ignored clips, which are neither found nor missed, and predictions there, at the lowest threshold.
    ignored: Ignored


class TemporalCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What the metrics of clips derive from."""

    clips: PredictedClips
    truths: TrueClips
    queries: Queries
    #: Clips that end before they start, on both sides.
    reversed_clips: Rows
    #: At the lowest threshold.
    ignored: IgnoredRows

    def used_labels(self) -> tuple[Indices, Indices]:
        """Those of the predictions, and of the truth."""
        return self.clips.label, self.truths.label

    def metrics(self) -> list[Metric]:
        """R@1, precision, recall and F1 at each threshold, and the mean tIoU of first predictions."""
        images, queries, clips = len(self.answers), self.queries, self.clips
        asked = per_image(queries, np.ones(len(queries)), images)
        true = per_image(self.truths, np.ones(len(self.truths)), images)
        found = []
        for level, threshold in enumerate(self.thresholds):
            matches = per_image(clips, clips.is_match[:, level], images)
            predicted = per_image(clips, ~clips.is_ignored[:, level], images)
            found += [
                Metric(f"r1@{threshold:g}", per_image(queries, queries.overlap >= threshold, images), asked),
                Metric(f"clip_precision@{threshold:g}", matches, predicted),
                Metric(f"clip_recall@{threshold:g}", matches, true),
                Metric(f"clip_f1@{threshold:g}", matches, (predicted + true) / 2),
            ]
        return [*found, Metric("mean_tiou", per_image(queries, queries.overlap, images), asked, Scale.UNIT_MEAN)]

    def report(self) -> TemporalReport:
        """The metrics with their intervals."""
        clips, overlap = self.clips, self.queries.overlap
        hits, counted = clips.is_match.sum(axis=0).tolist(), (~clips.is_ignored).sum(axis=0).tolist()
        return TemporalReport(
            thresholds=self.thresholds,
            outcomes=self.answers.report(),
            queries=len(overlap),
            recall_at_1=tuple(share(int((overlap >= level).sum()), len(overlap)) for level in self.thresholds),
            mean_iou=mean(overlap.tolist()),
            clips=tuple(
                scores_of(right, count - right, len(self.truths) - right)
                for right, count in zip(hits, counted, strict=True)
            ),
            average_precision=tuple(_average_precision(self, level) for level in range(len(self.thresholds))),
            metrics=estimate(self.metrics()),
            matching=self.matching,
            reversed_clips=len(self.reversed_clips),
            ignored=self.ignored.report(),
        )


def match_clips(
    both: DatasetPair,
    *,
    thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    matching: Matching = Matching.OPTIMAL,
) -> TemporalCounts:
    """Match clips as :func:`evaluate_temporal` says."""
    levels = rising_thresholds(thresholds)
    paired = pair(both, (AnnotationKind.CLIP,))
    found, wanted = paired.prediction, paired.truth
    overlaps, scores = clip_overlaps(both, found, wanted), ranks(both.predictions, paired)
    matcher, ignoring = Matcher(both, paired, overlaps, scores, matching), ignored_clips(both, paired)
    is_match, is_ignored = np.zeros((2, len(found.rows), len(levels)), dtype=bool)
    for level, threshold in enumerate(levels):
        taken = matcher.at(threshold)
        is_match[taken.prediction, level] = True
        is_ignored[:, level] = ignoring.of(taken, threshold)
    given = both.predictions.table.score[found.rows]
    return TemporalCounts(
        answers=paired.answers,
        labels=paired.labels,
        thresholds=levels,
        matching=matching,
        timed=paired.timed,
        clips=PredictedClips(
            image=found.image, label=found.label, score=given, is_match=is_match, is_ignored=is_ignored
        ),
        truths=TrueClips(image=wanted.image, label=wanted.label),
        queries=first_overlaps(paired, overlaps, scores),
        reversed_clips=_reversed(both, paired),
        ignored=ignoring.rows(is_ignored[:, 0]),
    )


def _reversed(both: DatasetPair, paired: Paired) -> Rows:
    rows = []
    for dataset, side in ((both.predictions, paired.prediction), (both.truth, paired.truth)):
        backwards = dataset.table.until[side.rows] < dataset.table.t[side.rows]
        rows.append((side.image[backwards], side.label[backwards]))
    image, label = (np.concatenate(column) for column in zip(*rows, strict=True))
    return Rows(image=image, label=label)


def evaluate_temporal(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    matching: Matching | MatchingName = Matching.OPTIMAL,
) -> TemporalReport:
    """How well predicted clips fit those of the truth, video by video and label by label.

    The first prediction of a query is the one with the highest score if all of them have one, else the first written.
    Clips without length overlap nothing. Crowds and ignored clips are neither found nor missed, and predictions that
    match nothing and lie there do not count. Raises ``UsageError`` for thresholds that are not above 0 and at most 1.

    Args:
        predictions: What was predicted; its clips count.
        truth: What is true; videos join by file name, labels by their words.
        thresholds: The temporal IoU that a match must reach.
        matching: ``"greedy"`` matches clips without scores in the order in which they were written, instead of as many
            as possible.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder, end in ((truth, 10), (predictions, 6)):
    ...     video = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.mp4"))
    ...     builder.add(video, pa.AnnotationKind.CLIP, [], "goal", t=0, until=end)
    >>> report = evaluate_temporal(predictions.build(), truth.build())
    >>> report.thresholds, report.recall_at_1, report.mean_iou
    ((0.3, 0.5, 0.7), (1.0, 1.0, 0.0), 0.6)
    """
    both = DatasetPair.of(predictions, truth)
    return match_clips(both, thresholds=thresholds, matching=checked_matching(matching)).report()


def _average_precision(counts: TemporalCounts, level: int) -> float:
    """The mean over the labels of the truth, as in ActivityNet: of equal scores the earlier video counts first."""
    clips, truths = counts.clips, counts.truths
    if not len(clips) or np.isnan(clips.score).any():
        return nan
    found = []
    for label in np.unique(truths.label).tolist():
        some = np.flatnonzero((clips.label == label) & ~clips.is_ignored[:, level])
        some = some[np.lexsort((clips.image[some], -clips.score[some]))]
        hits = np.cumsum(clips.is_match[some, level])
        recall = np.concatenate([[0.0], hits / int((truths.label == label).sum())])
        precision = hits / np.arange(1, len(some) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        found.append(float((np.diff(recall) * best).sum()))
    return mean(found)


def clip_overlaps(both: DatasetPair, found: Side, wanted: Side) -> Overlaps:
    """The pairs of one video and label that overlap at all."""
    ours, theirs = _ranges(both.predictions, found), _ranges(both.truth, wanted)
    return grouped_clip_overlaps(ours, theirs, *keys_of(found, wanted))


def ignored_clips(both: DatasetPair, paired: Paired) -> Ignoring:
    """Which predicted clips lie on clips that the truth ignores."""
    return Ignoring(both, paired, lambda found, wanted: clip_overlaps(both, found, wanted), _lengths)


def _ranges(dataset: Dataset, side: Side) -> Floats:
    """``(N, 2)``: the start and end of each clip, as written."""
    return np.column_stack([dataset.table.t[side.rows], dataset.table.until[side.rows]])


def _lengths(dataset: Dataset, side: Side) -> Floats:
    """``(N,)`` seconds."""
    lengths: Floats = np.abs(np.diff(_ranges(dataset, side), axis=1)[:, 0])
    return lengths
