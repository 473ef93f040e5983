"""Which labels are taken for which: shapes matched whatever their labels."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..ops.arrays import Indices
from ..ops.assignment import match
from .counts import Counts, Rows
from .detection import REGIONS, shape_overlaps
from .pairing import DatasetPair, pair
from .tasks import IouType, checked_iou_type


class Cells(Rows, frozen=True, eq=False, kw_only=True):
    """Truths with what was predicted there; ``label`` is that of the truth, and -1 the background on either side."""

    #: ``(N,)``
    predicted_label: Indices


class ConfusionMatrix(Struct, frozen=True, eq=False, kw_only=True):
    """Which label was predicted for which; the last row holds false positives, the last column false negatives."""

    labels: tuple[str, ...]
    #: ``(K + 1, K + 1)``: truths by row, predictions by column; row and column K are the background.
    matrix: NDArray[np.int64]


class ConfusionCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What a confusion matrix counts."""

    cells: Cells

    def matrix(self) -> ConfusionMatrix:
        """The counts of each pair of labels."""
        width = len(self.labels) + 1
        true, predicted = self.cells.label % width, self.cells.predicted_label % width
        matrix = np.bincount(true * width + predicted, minlength=width**2).reshape(width, width)
        return ConfusionMatrix(labels=self.labels, matrix=matrix)


def match_any_label(both: DatasetPair, *, threshold: float = 0.5, iou_type: IouType) -> ConfusionCounts:
    """Match shapes of one image whatever their labels, in input order, and note which labels met."""
    paired = pair(both, REGIONS)
    found, wanted = paired.prediction, paired.truth
    unlabelled = paired._replace(
        prediction=found._replace(label=np.zeros_like(found.label)),
        truth=wanted._replace(label=np.zeros_like(wanted.label)),
    )
    pairs = shape_overlaps(both, unlabelled, iou_type, threshold)
    taken = match(pairs, len(found.rows), len(wanted.rows), threshold=threshold)
    wrong, missed = taken.unmatched_prediction, taken.unmatched_truth
    cells = Cells(
        image=np.concatenate([wanted.image[taken.truth], found.image[wrong], wanted.image[missed]]),
        label=np.concatenate([wanted.label[taken.truth], np.full(len(wrong), -1), wanted.label[missed]]),
        predicted_label=np.concatenate([found.label[taken.prediction], found.label[wrong], np.full(len(missed), -1)]),
    )
    return ConfusionCounts(
        answers=paired.answers, labels=paired.labels, thresholds=(threshold,), timed=paired.timed, cells=cells
    )


def confusion_matrix(
    predictions: Dataset, truth: Dataset, *, threshold: float = 0.5, iou_type: IouType | str = IouType.BBOX
) -> ConfusionMatrix:
    """The confusion matrix of boxes and polygons: shapes of one image are matched whatever their labels.

    Matching takes shapes in the order in which they were written; see ``ops.match``. Crowds and shapes with a timestamp
    do not count.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        threshold: The IoU that a match must reach.
        iou_type: Compare bounding boxes, or polygons as they are.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder, label in ((truth, "cat"), (predictions, "dog")):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    ...     builder.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], label)
    >>> found = confusion_matrix(predictions.build(), truth.build())
    >>> found.labels, found.matrix.tolist()
    (('cat', 'dog'), [[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    """
    both = DatasetPair.of(predictions, truth)
    return match_any_label(both, threshold=threshold, iou_type=checked_iou_type(iou_type)).matrix()
