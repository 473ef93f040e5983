"""Boxes and polygons against truth, without scores: how many were found, and how many were made up."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches, match
from ..ops.iou import grouped_box_iou
from ..ops.overlap import Pairs
from .answers import Outcomes
from .bootstrap import Figure, Measured, measure, share
from .counts import Counts, Rows
from .pairing import Paired, Queries, first_overlaps, joint_keys, pair, ranks
from .scores import Found, Scores, mean, per_image, rising_thresholds
from .shape_overlaps import grouped_region_iou, region_areas, region_bounds, regions_of

#: The sizes of objects, as COCO has them: below 32², below 96², and larger, in square pixels.
SIZES = ("small", "medium", "large")
_BORDERS = np.array([32.0**2, 96.0**2])


class Outline(StrEnum):
    """What of a shape overlaps."""

    BOX = "box"
    """Its bounds."""
    SHAPE = "shape"
    """The polygon itself, all rings of a mask together; a box is its four corners."""


class SizedFound(Found, frozen=True, eq=False, kw_only=True):
    """A row for each picture, label and size. A match counts with the size of its truth."""

    #: ``(N,)``: places in :data:`SIZES`.
    size: Indices


class Overlaps(Rows, frozen=True, eq=False, kw_only=True):
    """The matches at the lowest threshold."""

    #: ``(N,)``
    overlap: Floats


class DetectionCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What the figures of detection derive from; see :func:`join_counts`."""

    found: SizedFound
    queries: Queries
    overlaps: Overlaps

    def figures(self) -> list[Figure]:
        """Precision, recall, F1 and accuracy at each threshold, and the mean IoU of matches."""
        images, queries = len(self.answers), self.queries
        asked = per_image(queries, np.ones(len(queries)), images)
        accuracy = [
            Figure(f"accuracy@{level:g}", per_image(queries, queries.overlap >= level, images), asked)
            for level in self.thresholds
        ]
        overlap = per_image(self.overlaps, self.overlaps.overlap, images)
        matches = per_image(self.overlaps, np.ones(len(self.overlaps)), images)
        return [*self.found.figures(self.thresholds, images), *accuracy, Figure("mean_iou", overlap, matches)]


class DetectionReport(Struct, frozen=True, kw_only=True):
    """Figures at each threshold. ``overall`` counts all objects alike, ``macro_f1`` all labels alike."""

    thresholds: tuple[float, ...]
    outcomes: Outcomes
    overall: tuple[Scores, ...]
    by_label: dict[str, tuple[Scores, ...]]
    #: By the area of the truth, of what matches none by its own; see :data:`SIZES`.
    by_size: dict[str, tuple[Scores, ...]]
    macro_f1: tuple[float, ...]
    #: The mean over the thresholds.
    mean_f1: float
    #: Of the matches at the lowest threshold.
    mean_iou: float
    #: Of referring expressions: the share of pictures and labels of the truth whose first prediction overlaps enough.
    accuracy: tuple[float, ...]
    #: All of these that are one number by name, such as ``f1@0.5``, with the interval in which they lie.
    figures: dict[str, Measured]
    #: Shapes at a time, on both sides, which do not count.
    timed: int


def count_detections(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    outline: Outline | str = Outline.BOX,
) -> DetectionCounts:
    """Match boxes and polygons of one picture and label, at each threshold of IoU by itself; a mask is one of them.

    Pictures join by file name. Where all predictions of a picture and label have scores they take their turn by them,
    else in the order in which they were written; see ``ops.match``. Raises ``UsageError`` for thresholds that are not
    from above 0 to 1.
    """
    levels = rising_thresholds(thresholds)
    paired = pair(predictions, truth, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    pairs = shape_overlaps(predictions, truth, paired, Outline(outline), levels[0])
    ranked = ranks(predictions, paired)
    count, wanted = len(paired.prediction.rows), paired.truth
    taken = [match(pairs, count, len(wanted.rows), threshold=level, scores=ranked) for level in levels]
    lowest = taken[0]
    return DetectionCounts(
        answers=paired.answers,
        labels=paired.labels,
        thresholds=levels,
        timed=paired.timed,
        found=_found(predictions, truth, paired, taken),
        queries=first_overlaps(paired, pairs, ranked),
        overlaps=Overlaps(
            image=wanted.image[lowest.truth], label=wanted.label[lowest.truth], overlap=lowest.overlap
        ).in_order(),
    )


def shape_overlaps(predictions: Dataset, truth: Dataset, paired: Paired, outline: Outline, lowest: float) -> Pairs:
    """The pairs of one picture and label that overlap by at least ``lowest``."""
    keys = joint_keys(paired)
    above = float(np.nextafter(lowest, 0.0))
    if outline is Outline.BOX:
        bounds = region_bounds(predictions, paired.prediction), region_bounds(truth, paired.truth)
        return grouped_box_iou(*bounds, *keys, above=above)
    ours, theirs = regions_of(predictions, paired.prediction), regions_of(truth, paired.truth)
    return grouped_region_iou(ours, theirs, *keys, above=above)


def _found(predictions: Dataset, truth: Dataset, paired: Paired, taken: Sequence[Matches]) -> SizedFound:
    """Truths by their own size, and at each threshold matches by that of their truth, other predictions by theirs."""
    sides = ((predictions, paired.prediction), (truth, paired.truth))
    sizes = [np.searchsorted(_BORDERS, region_areas(data, side), side="right") for data, side in sides]
    width = max(len(paired.labels), 1)
    keys = [(side.image * width + side.label) * len(SIZES) + size for (_, side), size in zip(sides, sizes, strict=True)]
    groups, place = np.unique(np.concatenate(keys), return_inverse=True)
    of_prediction, of_truth = place[: len(keys[0])], place[len(keys[0]) :]
    return SizedFound(
        image=groups // len(SIZES) // width,
        label=groups // len(SIZES) % width,
        size=groups % len(SIZES),
        true=np.bincount(of_truth, minlength=len(groups)),
        matched=_counted([of_truth[each.truth] for each in taken], len(groups)),
        spurious=_counted([of_prediction[each.unmatched_prediction] for each in taken], len(groups)),
    )


def _counted(places: Sequence[Indices], groups: int) -> NDArray[np.int64]:
    """``(G, T)``: how often each group comes at each threshold."""
    return np.column_stack([np.bincount(each, minlength=groups) for each in places])


def report_detections(counts: DetectionCounts, *, samples: int = 1000, seed: int = 0) -> DetectionReport:
    """The figures of counts; intervals from ``samples`` draws of pictures with replacement, 0 for none."""
    found, levels = counts.found, range(len(counts.thresholds))
    overall, by_label = found.scores(), found.by_label(counts.labels)
    asked = counts.queries.overlap
    return DetectionReport(
        thresholds=counts.thresholds,
        outcomes=counts.answers.report(),
        overall=overall,
        by_label=by_label,
        by_size={name: found.take(found.size == code).scores() for code, name in enumerate(SIZES)},
        macro_f1=tuple(mean([scores[level].f1 for scores in by_label.values()]) for level in levels),
        mean_f1=mean([scores.f1 for scores in overall]),
        mean_iou=mean(counts.overlaps.overlap.tolist()),
        accuracy=tuple(share(int((asked >= level).sum()), len(asked)) for level in counts.thresholds),
        figures=measure(counts.figures(), samples=samples, seed=seed),
        timed=len(counts.timed),
    )


def evaluate_detection(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    outline: Outline | str = Outline.BOX,
    samples: int = 1000,
    seed: int = 0,
) -> DetectionReport:
    """Precision, recall and F1 of one dataset against another; see :func:`count_detections`."""
    counts = count_detections(predictions, truth, thresholds=thresholds, outline=outline)
    return report_detections(counts, samples=samples, seed=seed)
