"""COCO's average precision of a dataset against another, where the predictions have scores."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..ops.boxes import box_convert
from ..ops.polygons import polygon_area
from ..table.table import Kind
from .average_precision import AveragePrecision, Detections, Truths, average_precision
from .pairing import pair


class TiedScoresWarning(UserWarning):
    """Many scores are equal, so that the order of the input decides."""


#: From this share of scores that equal another of their picture and label on, a warning is given.
_TIED = 0.2


def evaluate_ranking(
    predictions: Dataset, truth: Dataset, *, max_detections: Sequence[int] = (1, 10, 100)
) -> AveragePrecision:
    """AP and AR over the labels that the truth has, in the order of their names.

    Boxes count, and polygons by their bounds; a truth's area is that of its polygon. Crowds count as COCO has them.
    These models give no scores: raises ``UsageError`` where a prediction has none, and warns where many are equal.
    ``ops.consensus`` of several answers makes scores.
    """
    paired = pair(predictions, truth, (Kind.BOX, Kind.POLYGON), crowds=True)
    found, wanted = paired.prediction, paired.truth
    scores = predictions.table.score[found.rows]
    if np.isnan(scores).any():
        missing = int(np.isnan(scores).sum())
        raise UsageError(
            f"{missing} of {len(scores)} predictions have no score, and AP ranks by them: use evaluate_detection, or "
            "make scores of several answers with ops.consensus"
        )
    _warn_of_ties(np.column_stack([found.image, found.label, scores]))
    named = np.unique(wanted.label)
    codes = np.full(len(paired.labels) + 1, -1, dtype=np.int64)
    codes[named] = np.arange(len(named))
    known = codes[found.label] >= 0  # a label without truth has no AP
    ours, theirs = predictions.table.xyxy[found.rows], truth.table.xyxy[wanted.rows]
    table = truth.table.take(wanted.rows)
    areas = polygon_area(table.coords, table.offsets)
    size = theirs[:, 2:] - theirs[:, :2]
    area = np.where(table.kind == Kind.POLYGON, areas, size[:, 0] * size[:, 1])
    return average_precision(
        Detections(
            box_convert(ours, "xyxy", "xywh")[known], found.image[known], codes[found.label][known], scores[known]
        ),
        Truths(
            box_convert(theirs, "xyxy", "xywh"), wanted.image, codes[wanted.label], area, truth.iscrowd[wanted.rows]
        ),
        len(named),
        max_detections=max_detections,
    )


def _warn_of_ties(ranked: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    if not len(ranked):
        return
    _, group, counts = np.unique(ranked, axis=0, return_inverse=True, return_counts=True)
    tied = float((counts[group.reshape(-1)] > 1).mean())
    if tied >= _TIED:
        message = (
            f"{tied:.0%} of the scores equal another of their picture and label: AP depends on the order of the input"
        )
        warnings.warn(message, TiedScoresWarning, stacklevel=3)
