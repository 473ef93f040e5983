"""Precision, recall and F1 of what was found at one threshold, and how they add up."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, nan
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..errors import UsageError
from ..ops.arrays import Floats, Indices
from .bootstrap import Figure, share
from .counts import Rows


class Scores(Struct, frozen=True, kw_only=True):
    """How well something was found at one threshold. A share of nothing is NaN."""

    true_positives: int
    false_positives: int
    false_negatives: int
    #: The share of predictions that are true.
    precision: float
    #: The share of truths that were predicted.
    recall: float
    #: The harmonic mean of both.
    f1: float

    @staticmethod
    def of(true_positives: int, false_positives: int, false_negatives: int) -> Scores:
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


class Found(Rows, frozen=True, eq=False, kw_only=True):
    """What was found, a row for each picture and label that either side has; T thresholds."""

    #: ``(N,)``
    true: Indices
    #: ``(N, T)``: matched truths, and predictions that match none.
    matched: Indices
    spurious: Indices

    def scores(self) -> tuple[Scores, ...]:
        """All rows together, at each threshold."""
        true = int(self.true.sum())
        return tuple(
            Scores.of(matched, spurious, true - matched)
            for matched, spurious in zip(
                self.matched.sum(axis=0).tolist(), self.spurious.sum(axis=0).tolist(), strict=True
            )
        )

    def by_label(self, labels: Sequence[str]) -> dict[str, tuple[Scores, ...]]:
        """The rows of each label that has any."""
        return {labels[code]: self.take(self.label == code).scores() for code in np.unique(self.label).tolist()}

    def figures(self, thresholds: Sequence[float], images: int) -> list[Figure]:
        """Precision, recall and F1 at each threshold."""
        true = per_image(self, self.true, images)
        found = []
        for level, threshold in enumerate(thresholds):
            matched, spurious = (per_image(self, column[:, level], images) for column in (self.matched, self.spurious))
            predicted = matched + spurious
            found += [
                Figure(f"precision@{threshold:g}", matched, predicted),
                Figure(f"recall@{threshold:g}", matched, true),
                Figure(f"f1@{threshold:g}", 2 * matched, predicted + true),
            ]
        return found


def per_image(rows: Rows, values: NDArray[Any], images: int) -> Floats:
    """``(I,)``: the sum of ``values`` over the rows of each picture."""
    return np.bincount(rows.image, weights=values, minlength=images).astype(np.float64)


def mean(values: Sequence[float]) -> float:
    """The mean of those that are defined, exactly rounded, so that their order does not matter."""
    defined = [value for value in values if value == value]  # noqa: PLR0124 - NaN is not
    return fsum(defined) / len(defined) if defined else nan


def rising_thresholds(thresholds: Sequence[float]) -> tuple[float, ...]:
    """Thresholds in order, each once. Raises ``UsageError`` where they are not from above 0 to 1."""
    levels = tuple(sorted(set(map(float, thresholds))))
    if not levels or not all(0 < level <= 1 for level in levels):
        raise UsageError(f"thresholds must be from above 0 to 1, not {tuple(thresholds)}")
    return levels
