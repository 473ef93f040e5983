"""Boxes and polygons against the truth, without scores: precision, recall and F1 by threshold, label and size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches
from .answers import Outcomes
from .counts import Rows, TaskCounts
from .ignoring import Ignored, IgnoredRows, Ignoring, without
from .intervals import Estimate, Metric, Scale, estimate, share
from .matching import Matcher
from .pairing import DatasetPair, Paired, Queries, first_overlaps, pair, ranks
from .scores import MatchRows, Scores, mean, per_image, rising_thresholds
from .shape_overlaps import is_broken, region_areas, regions_of, shape_overlaps
from .tasks import IouType, IouTypeName, Matching, MatchingName, checked_iou_type, checked_matching

#: The shapes that are compared.
REGIONS = (AnnotationKind.BOX, AnnotationKind.POLYGON)
#: The sizes of objects, as COCO has them: below 32², below 96², and larger, in square pixels.
SIZES = ("small", "medium", "large")
_BORDERS = np.array([32.0**2, 96.0**2])
_NONE = np.empty(0, dtype=np.int64)


class SizedMatchRows(MatchRows, frozen=True, eq=False, kw_only=True):
    """A row for each image, label and size. A match counts with the size of its truth."""

    #: ``(N,)``: places in :data:`SIZES`.
    size: Indices


class MatchOverlaps(Rows, frozen=True, eq=False, kw_only=True):
    """The matches at the lowest threshold."""

    #: ``(N,)``
    overlap: Floats


class Misnamed(Rows, frozen=True, eq=False, kw_only=True):
    """Truths that were missed where something of another label was predicted."""

    #: ``(N,)``
    predicted_label: Indices


class DetectionReport(Struct, frozen=True, kw_only=True):
    """Metrics at each threshold of IoU. ``overall`` counts all objects alike, ``macro_f1`` all labels alike."""

    thresholds: tuple[float, ...]
    outcomes: Outcomes
    overall: tuple[Scores, ...]
    by_label: dict[str, tuple[Scores, ...]]
    #: ``small``, ``medium`` and ``large`` as in COCO: by the area of the truth, of a false positive by its own.
    by_size: dict[str, tuple[Scores, ...]]
    macro_f1: tuple[float, ...]
    #: The mean over the thresholds.
    mean_f1: float
    #: Of the matches at the lowest threshold.
    mean_iou: float
    #: For referring expressions: the share of images and labels of the truth whose first prediction overlaps enough.
    accuracy: tuple[float, ...]
    #: All of these that are one number by name, such as ``f1@0.5``, with the interval in which they lie.
    metrics: dict[str, Estimate]
    matching: Matching
    #: Groups of shapes that overlap in so many pairs that they were matched greedily; see ``ops.match_optimal``.
    greedy_components: int
    #: Crowds and ignored objects, which are neither found nor missed, and what was predicted there.
    ignored: Ignored
    #: At the lowest threshold: pairs of a false positive and a false negative that overlap enough, of other labels.
    wrong_labels: int
    #: Objects whose rings crossed or touched themselves, on both sides, and were repaired; of ``iou_type="polygon"``.
    repaired: int
    #: Shapes with a timestamp, on both sides, which do not count.
    timed: int


class DetectionCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What the metrics of detection derive from."""

    matches: SizedMatchRows
    queries: Queries
    overlaps: MatchOverlaps
    ignored: IgnoredRows
    #: Predictions that match nothing, and truths of another label that nothing matches, in one place.
    misnamed: Misnamed
    #: Objects whose rings were repaired, on both sides.
    repaired: Rows
    #: Components that were matched greedily at the lowest threshold.
    greedy: Rows

    def used_labels(self) -> tuple[Indices, Indices]:
        """Those of the predictions, and of the truth."""
        rows = self.matches
        return rows.label[(rows.true_positives + rows.false_positives).any(axis=1)], rows.label[rows.truths > 0]

    def metrics(self) -> list[Metric]:
        """Precision, recall, F1 and accuracy at each threshold, and the mean IoU of matches."""
        images, queries = len(self.answers), self.queries
        asked = per_image(queries, np.ones(len(queries)), images)
        accuracy = [
            Metric(f"accuracy@{level:g}", per_image(queries, queries.overlap >= level, images), asked)
            for level in self.thresholds
        ]
        overlap = per_image(self.overlaps, self.overlaps.overlap, images)
        matches = per_image(self.overlaps, np.ones(len(self.overlaps)), images)
        mean_iou = Metric("mean_iou", overlap, matches, Scale.UNIT_MEAN)
        return [*self.matches.metrics(self.thresholds, images), *accuracy, mean_iou]

    def report(self) -> DetectionReport:
        """The metrics with their intervals."""
        matches, levels = self.matches, range(len(self.thresholds))
        overall, by_label = matches.scores(), matches.by_label(self.labels)
        asked = self.queries.overlap
        return DetectionReport(
            thresholds=self.thresholds,
            outcomes=self.answers.report(),
            overall=overall,
            by_label=by_label,
            by_size={name: matches.take(matches.size == code).scores() for code, name in enumerate(SIZES)},
            macro_f1=tuple(mean([scores[level].f1 for scores in by_label.values()]) for level in levels),
            mean_f1=mean([scores.f1 for scores in overall]),
            mean_iou=mean(self.overlaps.overlap.tolist()),
            accuracy=tuple(share(int((asked >= level).sum()), len(asked)) for level in self.thresholds),
            metrics=estimate(self.metrics()),
            matching=self.matching,
            greedy_components=len(self.greedy),
            ignored=self.ignored.report(),
            wrong_labels=len(self.misnamed),
            repaired=len(self.repaired),
            timed=len(self.timed),
        )


def match_detections(
    both: DatasetPair,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    iou_type: IouType = IouType.BBOX,
    matching: Matching = Matching.OPTIMAL,
) -> DetectionCounts:
    """Match boxes and polygons as :func:`evaluate_detection` says."""
    levels = rising_thresholds(thresholds)
    paired = pair(both, REGIONS)
    found, wanted = paired.prediction, paired.truth
    overlaps = shape_overlaps(both, found, wanted, iou_type, above=float(np.nextafter(levels[0], 0.0)))
    scores = ranks(both.predictions, paired)
    matcher, ignoring = Matcher(both, paired, overlaps, scores, matching), Ignoring.regions(both, paired, iou_type)
    taken = [matcher.at(level) for level in levels]
    ignored = [ignoring.of(matches, level) for matches, level in zip(taken, levels, strict=True)]
    taken = [without(matches, some) for matches, some in zip(taken, ignored, strict=True)]
    lowest = taken[0]
    return DetectionCounts(
        answers=paired.answers,
        labels=paired.labels,
        thresholds=levels,
        matching=matching,
        timed=paired.timed,
        matches=_match_rows(both, paired, taken),
        queries=first_overlaps(paired, overlaps, scores),
        overlaps=MatchOverlaps(
            image=wanted.image[lowest.truth], label=wanted.label[lowest.truth], overlap=lowest.overlap
        ).in_order(),
        ignored=ignoring.rows(ignored[0]),
        misnamed=_misnamed(both, paired, lowest, iou_type, levels[0]),
        repaired=_repaired(both, paired, iou_type),
        greedy=Rows(image=found.image[lowest.greedy_components], label=found.label[lowest.greedy_components]),
    )


def _match_rows(both: DatasetPair, paired: Paired, taken: Sequence[Matches]) -> SizedMatchRows:
    """Truths by their own size, and at each threshold matches by that of their truth, other predictions by theirs."""
    sides = ((both.predictions, paired.prediction), (both.truth, paired.truth))
    sizes = [np.searchsorted(_BORDERS, region_areas(data, side), side="right") for data, side in sides]
    width = max(len(paired.labels), 1)
    keys = [(side.image * width + side.label) * len(SIZES) + size for (_, side), size in zip(sides, sizes, strict=True)]
    groups, place = np.unique(np.concatenate(keys), return_inverse=True)
    of_prediction, of_truth = place[: len(keys[0])], place[len(keys[0]) :]
    return SizedMatchRows(
        image=groups // len(SIZES) // width,
        label=groups // len(SIZES) % width,
        size=groups % len(SIZES),
        truths=np.bincount(of_truth, minlength=len(groups)),
        true_positives=_counted([of_truth[each.truth] for each in taken], len(groups)),
        false_positives=_counted([of_prediction[each.unmatched_prediction] for each in taken], len(groups)),
    )


def _misnamed(both: DatasetPair, paired: Paired, lowest: Matches, iou_type: IouType, threshold: float) -> Misnamed:
    """What is left on both sides, matched whatever its label."""
    found = paired.prediction.take(lowest.unmatched_prediction)
    wanted = paired.truth.take(lowest.unmatched_truth)
    taken = match_any_label(both, paired._replace(prediction=found, truth=wanted), iou_type, threshold)
    i, j = taken.prediction, taken.truth
    return Misnamed(image=wanted.image[j], label=wanted.label[j], predicted_label=found.label[i])


def match_any_label(
    both: DatasetPair, paired: Paired, iou_type: IouType, threshold: float, matching: Matching = Matching.OPTIMAL
) -> Matches:
    """Match the objects of one image, whatever their labels."""
    found, wanted = paired.prediction.without_labels(), paired.truth.without_labels()
    overlaps = shape_overlaps(both, found, wanted, iou_type, above=float(np.nextafter(threshold, 0.0)))
    no_scores = np.full(len(found.rows), np.nan)
    return Matcher(both, paired, overlaps, no_scores, matching).at(threshold)


def _repaired(both: DatasetPair, paired: Paired, iou_type: IouType) -> Rows:
    """The objects of both sides whose rings are broken."""
    sides = ((both.predictions, paired.prediction), (both.truth, paired.truth))
    broken = [
        side.take(np.flatnonzero(is_broken(regions_of(dataset, side))) if iou_type is IouType.POLYGON else _NONE)
        for dataset, side in sides
    ]
    image, label = (
        np.concatenate(column) for column in zip(*[(each.image, each.label) for each in broken], strict=True)
    )
    return Rows(image=image, label=label)


def _counted(places: Sequence[Indices], groups: int) -> Indices:
    """``(G, T)``: how often each group comes at each threshold."""
    return np.column_stack([np.bincount(each, minlength=groups) for each in places])


def evaluate_detection(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    iou_type: IouType | IouTypeName = IouType.BBOX,
    matching: Matching | MatchingName = Matching.OPTIMAL,
) -> DetectionReport:
    """Precision, recall and F1 of boxes and polygons.

    Shapes of one image and label are matched one to one, at each threshold by itself; a mask of several rings is one
    shape. If all predictions of an image and label have scores they match in the order of their scores, see
    ``ops.match``; else as many as possible match, and of these matchings the one with the greatest sum of overlaps is
    taken, whatever the order of the answer, see ``ops.match_optimal``. Crowds and ignored objects are neither found nor
    missed, and what is predicted there does not count, as in COCO. Shapes with a timestamp do not count. Raises
    ``UsageError`` for thresholds that are not above 0 and at most 1.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        thresholds: The IoU that a match must reach.
        iou_type: Compare bounding boxes, or polygons as they are; rings that cross themselves are repaired.
        matching: ``"greedy"`` matches predictions without scores in the order in which they were written.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> truth.add(image, pa.AnnotationKind.BOX, [(20, 20), (40, 40)], "cat")
    >>> predictions = pa.datasets.DatasetBuilder()
    >>> image = predictions.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> predictions.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 9)], "cat")
    >>> report = evaluate_detection(predictions.build(), truth.build())
    >>> report.overall[0].recall, report.metrics["mean_iou"].value
    (0.5, 0.9)
    """
    counts = match_detections(
        DatasetPair.of(predictions, truth),
        thresholds=thresholds,
        iou_type=checked_iou_type(iou_type),
        matching=checked_matching(matching),
    )
    return counts.report()
