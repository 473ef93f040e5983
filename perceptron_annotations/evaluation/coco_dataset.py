"""COCO's average precision of a dataset against another, for predictions with scores."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..datasets.object_measures import measures_of
from ..errors import UsageError
from ..ops.arrays import Floats, Indices
from .answers import Outcomes
from .coco_arrays import AveragePrecision, Detections, Truths, average_precision
from .counts import Rows, TaskCounts
from .detection import REGIONS
from .intervals import NO_INTERVAL, Estimate, Metric
from .pairing import DatasetPair, pair


class TiedScoresWarning(UserWarning):
    """Many scores are equal, so that average precision depends on the order of the input."""


#: A warning is given if at least this share of the scores equals another one of its image and label.
_TIED = 0.2


class ScoredBoxes(Rows, frozen=True, eq=False, kw_only=True):
    """The predictions."""

    #: ``(N, 4)`` and ``(N,)``
    xywh: Floats
    score: Floats


class TrueBoxes(Rows, frozen=True, eq=False, kw_only=True):
    """The truths, crowds among them."""

    #: ``(M, 4)`` and ``(M,)``
    xywh: Floats
    area: Floats
    iscrowd: NDArray[np.bool_]


class AveragePrecisionReport(Struct, frozen=True, kw_only=True):
    """COCO's average precision and recall."""

    outcomes: Outcomes
    #: AP of each label of the truth.
    by_label: dict[str, float]
    #: How many detections of an image count for ``ar_first``, for ``ar_second``, and for all others.
    max_detections: tuple[int, int, int]
    #: COCO's twelve by name, in its order, from ``ap`` to ``ar_large``; they are not sums over images, so that their
    #: intervals are NaN.
    metrics: dict[str, Estimate]


class AveragePrecisionCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What COCO's metrics derive from: all boxes, because they are not sums over images."""

    scored: ScoredBoxes
    true: TrueBoxes

    def used_labels(self) -> tuple[Indices, Indices]:
        """Those of the predictions, and of the truth."""
        return self.scored.label, self.true.label

    def metrics(self) -> list[Metric]:
        """None: average precision is not a sum over images."""
        return []

    def average_precision(self, *, max_detections: Sequence[int] = (1, 10, 100)) -> AveragePrecision:
        """AP and AR over the labels that the truth has, in the order of their names."""
        named = np.unique(self.true.label)
        codes = np.full(len(self.labels) + 1, -1, dtype=np.int64)
        codes[named] = np.arange(len(named))
        known = self.scored.take(codes[self.scored.label] >= 0)  # a label without truth has no AP
        true = self.true
        return average_precision(
            Detections(known.xywh, known.image, codes[known.label], known.score),
            Truths(true.xywh, true.image, codes[true.label], true.area, true.iscrowd),
            len(named),
            max_detections=max_detections,
        )

    def report(self, *, max_detections: Sequence[int] = (1, 10, 100)) -> AveragePrecisionReport:
        """COCO's twelve metrics, NaN if there is nothing to average."""
        names = [self.labels[code] for code in np.unique(self.true.label).tolist()]
        return report_of(self.average_precision(max_detections=max_detections), names, self.answers.report())


def collect_boxes(both: DatasetPair) -> AveragePrecisionCounts:
    """The boxes of both sides; :func:`evaluate_average_precision` says what it raises."""
    paired = pair(both, REGIONS, ignored=True)
    found, wanted = paired.prediction, paired.truth
    scores = both.predictions.table.score[found.rows]
    if np.isnan(scores).any():
        missing = int(np.isnan(scores).sum())
        raise UsageError(
            f"{missing} of {len(scores)} predictions have no score, and average precision needs one for each: evaluate "
            "detection instead, or the consensus of several answers about each image, which has scores (--samples, "
            "ops.consensus)"
        )
    warn_of_ties(found.image, found.label, scores)
    ours = measures_of(both.predictions, found.parts, found.first)
    theirs = measures_of(both.truth, wanted.parts, wanted.first)
    return AveragePrecisionCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        scored=ScoredBoxes(image=found.image, label=found.label, xywh=ours.bbox, score=scores),
        true=TrueBoxes(
            image=wanted.image,
            label=wanted.label,
            xywh=theirs.bbox,
            area=theirs.area,
            iscrowd=both.truth.iscrowd[wanted.rows],
        ),
    )


def report_of(found: AveragePrecision, names: Sequence[str], outcomes: Outcomes) -> AveragePrecisionReport:
    """The report of COCO's metrics whose labels have these names."""
    return AveragePrecisionReport(
        outcomes=outcomes,
        by_label=dict(zip(names, found.ap_by_label.tolist(), strict=True)),
        max_detections=found.max_detections,
        metrics={name: Estimate(value, NO_INTERVAL) for name, value in found.metrics.items()},
    )


def evaluate_average_precision(
    predictions: Dataset, truth: Dataset, *, max_detections: Sequence[int] = (1, 10, 100)
) -> AveragePrecisionReport:
    """COCO's AP and AR, equal to pycocotools: boxes by their scores, polygons by their bounding boxes.

    A box and an area that a file states for an object count, else the bounds and the area of its shape. Crowds of the
    truth count as in COCO. Images and labels are taken in the order of their names, which decides between equal scores.
    Raises ``UsageError`` if a prediction has no score, as the answers of these models do: ``ops.consensus`` of several
    answers makes scores. Warns with ``TiedScoresWarning`` if many scores are equal.

    Args:
        predictions: What was predicted, with scores.
        truth: What is true; images join by file name, labels by their words.
        max_detections: Three rising numbers of detections an image, as in COCO.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder in (truth, predictions):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    ...     builder.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat", score=0.9)
    >>> report = evaluate_average_precision(predictions.build(), truth.build())
    >>> round(report.metrics["ap50"].value, 6)
    1.0
    """
    return collect_boxes(DatasetPair.of(predictions, truth)).report(max_detections=max_detections)


def warn_of_ties(image: Indices, label: Indices, scores: Floats) -> None:
    """Warn if many scores equal another one of their image and label."""
    columns = (scores, label, image)
    order = np.lexsort(columns)
    repeats = np.all([column[order[1:]] == column[order[:-1]] for column in columns], axis=0)
    tied = float((np.append(repeats, False) | np.insert(repeats, 0, False)).mean()) if len(order) else 0.0
    if tied >= _TIED:
        message = (
            f"{tied:.0%} of the scores equal another one of their image and label, so AP depends on the order of the "
            "input"
        )
        warnings.warn(message, TiedScoresWarning, stacklevel=4)
