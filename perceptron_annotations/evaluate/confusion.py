"""Which labels are taken for which: shapes matched whatever they are called."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..ops.match import match
from ..table.table import Kind
from .detection import Outline, shape_overlaps
from .pairing import pair


class Confusion(Struct, frozen=True, eq=False, kw_only=True):
    """Which label was predicted for which. The last row and column are the background: made up, and missed."""

    labels: tuple[str, ...]
    #: ``(K + 1, K + 1)``: truths by row, predictions by column.
    matrix: NDArray[np.int64]


def confusion(
    predictions: Dataset, truth: Dataset, *, threshold: float = 0.5, outline: Outline | str = Outline.BOX
) -> Confusion:
    """Match shapes of one picture whatever their labels, in input order, and count which labels met."""
    paired = pair(predictions, truth, (Kind.BOX, Kind.POLYGON))
    found, wanted = paired.prediction, paired.truth
    unlabelled = paired._replace(
        prediction=found._replace(label=np.zeros_like(found.label)),
        truth=wanted._replace(label=np.zeros_like(wanted.label)),
    )
    pairs = shape_overlaps(predictions, truth, unlabelled, Outline(outline), threshold)
    taken = match(pairs, len(found.rows), len(wanted.rows), threshold=threshold)
    count = len(paired.labels)
    true = np.concatenate(
        [
            wanted.label[taken.truth],
            np.full(len(taken.unmatched_prediction), count),
            wanted.label[taken.unmatched_truth],
        ]
    )
    predicted = np.concatenate(
        [
            found.label[taken.prediction],
            found.label[taken.unmatched_prediction],
            np.full(len(taken.unmatched_truth), count),
        ]
    )
    cells = np.bincount(true * (count + 1) + predicted, minlength=(count + 1) ** 2)
    return Confusion(labels=paired.labels, matrix=cells.reshape(count + 1, count + 1))
