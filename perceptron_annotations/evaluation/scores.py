"""Precision, recall and F1 at one threshold, and the rows from which they are summed."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, nan
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..errors import UsageError
from ..ops.arrays import Floats, Indices
from .counts import Rows
from .intervals import Metric, share


class Scores(Struct, frozen=True, kw_only=True):
    """How well predictions match the truth at one threshold. A share of nothing is NaN."""

    #: Pairs of a prediction and a truth that match (TP).
    true_positives: int
    #: Predictions that match no truth (FP).
    false_positives: int
    #: Truths that no prediction matches (FN).
    false_negatives: int
    #: TP / (TP + FP), the share of predictions that are true.
    precision: float
    #: TP / (TP + FN), the share of truths that were predicted.
    recall: float
    #: 2 TP / (2 TP + FP + FN), the harmonic mean of both.
    f1: float


def scores_of(true_positives: int, false_positives: int, false_negatives: int) -> Scores:
    """The scores of these counts."""
    wrong = false_positives + false_negatives
    return Scores(
        true_positives=true_positives,
        false_positives=false_positives,
        false_negatives=false_negatives,
        precision=share(true_positives, true_positives + false_positives),
        recall=share(true_positives, true_positives + false_negatives),
        f1=share(2 * true_positives, 2 * true_positives + wrong),
    )


class MatchRows(Rows, frozen=True, eq=False, kw_only=True):
    """A row for each image and label that either side has; T thresholds."""

    #: ``(N,)``: how many truths there are.
    truths: Indices
    #: ``(N, T)``: how many of them are matched, and how many predictions match none.
    true_positives: Indices
    false_positives: Indices

    def scores(self) -> tuple[Scores, ...]:
        """All rows together, at each threshold."""
        truths = int(self.truths.sum())
        return tuple(
            scores_of(matched, wrong, truths - matched)
            for matched, wrong in zip(
                self.true_positives.sum(axis=0).tolist(), self.false_positives.sum(axis=0).tolist(), strict=True
            )
        )

    def by_label(self, labels: Sequence[str]) -> dict[str, tuple[Scores, ...]]:
        """The rows of each label that has any."""
        return {labels[code]: self.take(self.label == code).scores() for code in np.unique(self.label).tolist()}

    def metrics(self, thresholds: Sequence[float], images: int) -> list[Metric]:
        """Precision, recall and F1 at each threshold."""
        truths = per_image(self, self.truths, images)
        found = []
        for level, threshold in enumerate(thresholds):
            matched, wrong = (
                per_image(self, column[:, level], images) for column in (self.true_positives, self.false_positives)
            )
            predicted = matched + wrong
            found += [
                Metric(f"precision@{threshold:g}", matched, predicted),
                Metric(f"recall@{threshold:g}", matched, truths),
                Metric(f"f1@{threshold:g}", matched, (predicted + truths) / 2),
            ]
        return found


def per_image(rows: Rows, values: NDArray[Any], images: int) -> Floats:
    """``(I,)``: the sum of ``values`` over the rows of each image."""
    return np.bincount(rows.image, weights=values, minlength=images).astype(np.float64)


def mean(values: Sequence[float]) -> float:
    """The mean of those that are defined, exactly rounded, so that their order does not matter."""
    defined = [value for value in values if value == value]  # noqa: PLR0124 - NaN is not
    return fsum(defined) / len(defined) if defined else nan


def rising_thresholds(thresholds: Sequence[float]) -> tuple[float, ...]:
    """Thresholds in order, each once. Raises ``UsageError`` if they are not above 0 and at most 1."""
    if isinstance(thresholds, int | float):
        raise UsageError(f"thresholds must be a sequence of numbers, such as [{thresholds}], not {thresholds}")
    levels = tuple(sorted(set(map(float, thresholds))))
    if not levels or not all(0 < level <= 1 for level in levels):
        raise UsageError(f"thresholds must be above 0 and at most 1, not {tuple(thresholds)}")
    return levels
