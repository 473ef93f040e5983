"""Boxes and polygons against the truth, without scores: precision, recall and F1 by threshold, label and size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches, match
from ..ops.iou import grouped_box_iou
from ..ops.overlap import Pairs
from .answers import Outcomes
from .bootstrap import Estimate, Metric, estimate, share
from .counts import Rows, TaskCounts
from .pairing import DatasetPair, Paired, Queries, first_overlaps, joint_keys, pair, ranks
from .scores import MatchRows, Scores, mean, per_image, rising_thresholds
from .shape_overlaps import grouped_region_iou, region_areas, region_bounds, regions_of
from .tasks import IouType, checked_iou_type

#: The shapes that are compared.
REGIONS = (AnnotationKind.BOX, AnnotationKind.POLYGON)
#: The sizes of objects, as COCO has them: below 32², below 96², and larger, in square pixels.
SIZES = ("small", "medium", "large")
_BORDERS = np.array([32.0**2, 96.0**2])


class SizedMatchRows(MatchRows, frozen=True, eq=False, kw_only=True):
    """A row for each image, label and size. A match counts with the size of its truth."""

    #: ``(N,)``: places in :data:`SIZES`.
    size: Indices


class Overlaps(Rows, frozen=True, eq=False, kw_only=True):
    """The matches at the lowest threshold."""

    #: ``(N,)``
    overlap: Floats


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
    #: Shapes with a timestamp, on both sides, which do not count.
    timed: int


class DetectionCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What the metrics of detection derive from."""

    matches: SizedMatchRows
    queries: Queries
    overlaps: Overlaps

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
        return [*self.matches.metrics(self.thresholds, images), *accuracy, Metric("mean_iou", overlap, matches)]

    def report(self, *, samples: int = 1000, seed: int = 0) -> DetectionReport:
        """The metrics; intervals from ``samples`` draws of images with replacement, 0 for none."""
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
            metrics=estimate(self.metrics(), samples=samples, seed=seed),
            timed=len(self.timed),
        )


def match_detections(
    both: DatasetPair,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    iou_type: IouType = IouType.BBOX,
) -> DetectionCounts:
    """Match boxes and polygons as :func:`evaluate_detection` says."""
    levels = rising_thresholds(thresholds)
    paired = pair(both, REGIONS)
    pairs = shape_overlaps(both, paired, iou_type, levels[0])
    ranked = ranks(both.predictions, paired)
    found, wanted = paired.prediction, paired.truth
    taken = [match(pairs, len(found.rows), len(wanted.rows), threshold=level, scores=ranked) for level in levels]
    lowest = taken[0]
    return DetectionCounts(
        answers=paired.answers,
        labels=paired.labels,
        thresholds=levels,
        timed=paired.timed,
        matches=_match_rows(both, paired, taken),
        queries=first_overlaps(paired, pairs, ranked),
        overlaps=Overlaps(
            image=wanted.image[lowest.truth], label=wanted.label[lowest.truth], overlap=lowest.overlap
        ).in_order(),
    )


def shape_overlaps(both: DatasetPair, paired: Paired, iou_type: IouType, lowest: float) -> Pairs:
    """The pairs of one image and label that overlap by at least ``lowest``."""
    keys = joint_keys(paired)
    above = float(np.nextafter(lowest, 0.0))
    sides = (both.predictions, paired.prediction), (both.truth, paired.truth)
    if iou_type is IouType.BBOX:
        bounds, true_bounds = (region_bounds(*side) for side in sides)
        return grouped_box_iou(bounds, true_bounds, *keys, above=above)
    regions, true_regions = (regions_of(*side) for side in sides)
    return grouped_region_iou(regions, true_regions, *keys, above=above)


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


def _counted(places: Sequence[Indices], groups: int) -> Indices:
    """``(G, T)``: how often each group comes at each threshold."""
    return np.column_stack([np.bincount(each, minlength=groups) for each in places])


def evaluate_detection(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    iou_type: IouType | str = IouType.BBOX,
    samples: int = 1000,
    seed: int = 0,
) -> DetectionReport:
    """Precision, recall and F1 of boxes and polygons.

    Shapes of one image and label are matched one to one, at each threshold by itself; a mask of several rings is one
    shape. If all predictions of an image and label have scores they match in the order of their scores, else in the
    order in which they were written; see ``ops.match``. Crowds and shapes with a timestamp do not count. Raises
    ``UsageError`` for thresholds that are not above 0 and at most 1.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        thresholds: The IoU that a match must reach.
        iou_type: Compare bounding boxes, or polygons as they are.
        samples: How many draws of images the intervals come from; 0 for none.
        seed: Which draws.

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
    both, compared = DatasetPair.of(predictions, truth), checked_iou_type(iou_type)
    return match_detections(both, thresholds=thresholds, iou_type=compared).report(samples=samples, seed=seed)
