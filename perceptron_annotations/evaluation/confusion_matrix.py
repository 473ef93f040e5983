"""Which labels are taken for which: shapes matched whatever they are called."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Indices
from ..ops.assignment import match
from .counts import Counts, Rows
from .detection import Outline, shape_overlaps
from .pairing import pair


class Cells(Rows, frozen=True, eq=False, kw_only=True):
    """Truths with what was predicted there; ``label`` is that of the truth, and -1 the background on either side."""

    #: ``(N,)``
    predicted_label: Indices


class ConfusionCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What a confusion matrix counts; see ``join_counts``."""

    cells: Cells


class Confusion(Struct, frozen=True, eq=False, kw_only=True):
    """Which label was predicted for which. The last row and column are the background: made up, and missed."""

    labels: tuple[str, ...]
    #: ``(K + 1, K + 1)``: truths by row, predictions by column.
    matrix: NDArray[np.int64]


def count_confusion(
    predictions: Dataset, truth: Dataset, *, threshold: float = 0.5, outline: Outline | str = Outline.BOX
) -> ConfusionCounts:
    """Match shapes of one picture whatever their labels, in input order, and note which labels met."""
    paired = pair(predictions, truth, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    found, wanted = paired.prediction, paired.truth
    unlabelled = paired._replace(
        prediction=found._replace(label=np.zeros_like(found.label)),
        truth=wanted._replace(label=np.zeros_like(wanted.label)),
    )
    pairs = shape_overlaps(predictions, truth, unlabelled, Outline(outline), threshold)
    taken = match(pairs, len(found.rows), len(wanted.rows), threshold=threshold)
    spurious, missed = taken.unmatched_prediction, taken.unmatched_truth
    cells = Cells(
        image=np.concatenate([wanted.image[taken.truth], found.image[spurious], wanted.image[missed]]),
        label=np.concatenate([wanted.label[taken.truth], np.full(len(spurious), -1), wanted.label[missed]]),
        predicted_label=np.concatenate(
            [found.label[taken.prediction], found.label[spurious], np.full(len(missed), -1)]
        ),
    )
    return ConfusionCounts(
        answers=paired.answers, labels=paired.labels, thresholds=(threshold,), timed=paired.timed, cells=cells
    )


def report_confusion(counts: ConfusionCounts) -> Confusion:
    """The matrix of counts."""
    width = len(counts.labels) + 1
    true, predicted = counts.cells.label % width, counts.cells.predicted_label % width
    matrix = np.bincount(true * width + predicted, minlength=width**2).reshape(width, width)
    return Confusion(labels=counts.labels, matrix=matrix)


def confusion(
    predictions: Dataset, truth: Dataset, *, threshold: float = 0.5, outline: Outline | str = Outline.BOX
) -> Confusion:
    """The confusion matrix of one dataset against another; see :func:`count_confusion`."""
    return report_confusion(count_confusion(predictions, truth, threshold=threshold, outline=outline))
