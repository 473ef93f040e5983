"""Which labels are taken for which: shapes matched whatever their labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..ops.arrays import Indices
from .counts import Counts, Rows, join_counts
from .detection import REGIONS, match_any_label
from .ignoring import Ignoring, without
from .pairing import DatasetPair, pair
from .tasks import IouType, IouTypeName, Matching, MatchingName, checked_iou_type, checked_matching


class _Cells(Rows, frozen=True, eq=False, kw_only=True):
    """Truths with what was predicted there; ``label`` is that of the truth, and -1 the background on either side."""

    #: ``(N,)``
    predicted_label: Indices


class ConfusionMatrix(Struct, frozen=True, eq=False, kw_only=True):
    """Which label was predicted for which; the last row holds false positives, the last column false negatives."""

    labels: tuple[str, ...]
    #: ``(K + 1, K + 1)``: truths by row, predictions by column; row and column K are the background.
    matrix: NDArray[np.int64]
    #: What it counts, image by image, to join it with others.
    partial: ConfusionCounts


class ConfusionCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What a confusion matrix counts, image by image; :func:`join_confusion_matrices` joins those of parts.

    >>> from perceptron_annotations.datasets import DatasetAsset, boxes_dataset
    >>> image = DatasetAsset(file_name="a.png", width=64, height=48)
    >>> truth = boxes_dataset([image], ["cat"], [0], [[4, 8, 20, 30]], [0])
    >>> counts = pa.evaluation.confusion_matrix(truth, truth).partial
    >>> counts.matrix().matrix.tolist()
    [[1, 0], [0, 0]]
    """

    cells: _Cells

    def matrix(self) -> ConfusionMatrix:
        """The counts of each pair of labels."""
        width = len(self.labels) + 1
        true, predicted = self.cells.label % width, self.cells.predicted_label % width
        matrix = np.bincount(true * width + predicted, minlength=width**2).reshape(width, width)
        return ConfusionMatrix(labels=self.labels, matrix=matrix, partial=self)


def confusion_counts(
    both: DatasetPair, *, threshold: float = 0.5, iou_type: IouType, matching: Matching = Matching.OPTIMAL
) -> ConfusionCounts:
    """Match shapes of one image whatever their labels, and note which labels met."""
    paired = pair(both, REGIONS)
    found, wanted = paired.prediction, paired.truth
    taken = match_any_label(both, paired, iou_type, threshold, matching)
    taken = without(taken, Ignoring.regions(both, paired, iou_type).of(taken, threshold))
    wrong, missed = taken.unmatched_prediction, taken.unmatched_truth
    cells = _Cells(
        image=np.concatenate([wanted.image[taken.truth], found.image[wrong], wanted.image[missed]]),
        label=np.concatenate([wanted.label[taken.truth], np.full(len(wrong), -1), wanted.label[missed]]),
        predicted_label=np.concatenate([found.label[taken.prediction], found.label[wrong], np.full(len(missed), -1)]),
    )
    return ConfusionCounts(
        answers=paired.answers,
        labels=paired.labels,
        thresholds=(threshold,),
        matching=matching,
        timed=paired.timed,
        cells=cells,
    )


def confusion_matrix(
    predictions: Dataset,
    truth: Dataset,
    *,
    threshold: float = 0.5,
    iou_type: IouType | IouTypeName = IouType.BBOX,
    matching: Matching | MatchingName = Matching.OPTIMAL,
) -> ConfusionMatrix:
    """The confusion matrix of boxes and polygons: shapes of one image are matched whatever their labels.

    As many as possible match, and of these matchings the one with the greatest sum of overlaps is taken; scores do not
    matter. Crowds, ignored objects, what was predicted there and shapes with a timestamp do not count. Matrices of
    images that were evaluated apart are joined by :func:`join_confusion_matrices`.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        threshold: The IoU that a match must reach.
        iou_type: Compare bounding boxes, or polygons as they are.
        matching: ``"greedy"`` matches predictions in the order in which they were written.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder, label in ((truth, "cat"), (predictions, "dog")):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    ...     builder.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], label)
    >>> found = confusion_matrix(predictions.build(), truth.build())
    >>> found.labels, found.matrix.tolist()
    (('cat', 'dog'), [[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    """
    counts = confusion_counts(
        DatasetPair.of(predictions, truth),
        threshold=threshold,
        iou_type=checked_iou_type(iou_type),
        matching=checked_matching(matching),
    )
    return counts.matrix()


def join_confusion_matrices(parts: Sequence[ConfusionMatrix]) -> ConfusionMatrix:
    """The matrix of images that were evaluated apart: exactly that of all images evaluated together.

    Raises ``UsageError`` if there are no parts, or if they share an image or differ in threshold or matching.

    >>> parts = []
    >>> for name in ("a.jpg", "b.jpg"):
    ...     truth = pa.datasets.DatasetBuilder()
    ...     image = truth.add_asset(pa.datasets.DatasetAsset(file_name=name, width=100, height=100))
    ...     truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    ...     parts.append(confusion_matrix(truth.build(), truth.build()))
    >>> join_confusion_matrices(parts).matrix.tolist()
    [[2, 0], [0, 0]]
    """
    return join_counts([part.partial for part in parts]).matrix()
