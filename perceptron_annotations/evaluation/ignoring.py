"""Predictions of what the truth ignores: neither right nor wrong, as in COCO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches, match_crowd_optimal, match_optimal
from ..ops.crowds import Crowd, Overlaps
from ..ops.overlap import Pairs
from .counts import Rows
from .matching import canonical_order
from .pairing import DatasetPair, Paired, Side
from .shape_overlaps import region_areas, shape_overlaps
from .tasks import IouType

#: Digits of a share that is computed from an IoU, so that a half is one half.
_DIGITS = 12


class Ignored(Struct, frozen=True, kw_only=True):
    """How much does not count because the truth says so."""

    #: Crowds and ignored objects of the truth.
    truths: int
    #: Predictions that match no truth and lie there, at the lowest threshold.
    predictions: int


class IgnoredRows(Rows, frozen=True, eq=False, kw_only=True):
    """The objects of the truth that are ignored, and the predictions that are because of them, at one threshold."""

    #: ``(N,)``: whether the row is of the truth.
    is_truth: NDArray[np.bool_]

    def report(self) -> Ignored:
        """How many they are."""
        truths = int(self.is_truth.sum())
        return Ignored(truths=truths, predictions=len(self) - truths)


class Ignoring:
    """Which predictions that match no truth are ignored.

    Any number of predictions that lie in a crowd of their image and label, by the share of their own area; and one
    prediction for each other ignored object, by IoU. ``overlaps`` has the IoU of two sides, ``sizes`` the sizes of one.
    """

    def __init__(
        self,
        both: DatasetPair,
        paired: Paired,
        overlaps: Callable[[Side, Side], Overlaps],
        sizes: Callable[[Dataset, Side], Floats],
    ) -> None:
        self._paired = paired
        self._is_needed = len(paired.ignored.rows) > 0
        if self._is_needed:
            order = canonical_order(both.predictions, paired.prediction)
            found = paired.prediction.take(order)
            is_crowd = both.truth.iscrowd[paired.ignored.rows]
            crowds, objects = (paired.ignored.take(np.flatnonzero(some)) for some in (is_crowd, ~is_crowd))
            self._order, self._objects = order, len(objects.rows)
            self._overlaps = overlaps(found, objects)
            self._inside = _shares(overlaps(found, crowds), sizes(both.predictions, found), sizes(both.truth, crowds))

    @classmethod
    def regions(cls, both: DatasetPair, paired: Paired, iou_type: IouType) -> Self:
        """That of boxes and polygons."""
        return cls(both, paired, lambda found, wanted: shape_overlaps(both, found, wanted, iou_type), region_areas)

    def of(self, matches: Matches, threshold: float) -> NDArray[np.bool_]:
        """``(N,)``: whether a prediction is ignored."""
        ignored = np.zeros(len(self._paired.prediction.rows), dtype=bool)
        if self._is_needed:
            free = ignored.copy()
            free[matches.unmatched_prediction] = True
            ignored[self._order] = self._ordered(free[self._order], threshold)
        return ignored

    def _ordered(self, free: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
        ignored = free & (self._inside.best(len(free)) >= threshold)
        free = free & ~ignored
        near = self._overlaps.pairs.take(free[self._overlaps.pairs.i])
        counts = len(free), self._objects
        taken = [match_optimal(near, *counts, threshold=threshold)]
        for crowd in self._overlaps.crowds:
            some = crowd._replace(rows=crowd.rows[free[crowd.rows]])
            taken.append(match_crowd_optimal(some, *counts, threshold=threshold))
        for each in taken:
            ignored[each.prediction] = True
        return ignored

    def rows(self, ignored: NDArray[np.bool_]) -> IgnoredRows:
        """The ignored objects, and the predictions that are ignored."""
        objects, found = self._paired.ignored, self._paired.prediction
        return IgnoredRows(
            image=np.append(objects.image, found.image[ignored]),
            label=np.append(objects.label, found.label[ignored]),
            is_truth=np.arange(len(objects.rows) + int(ignored.sum())) < len(objects.rows),
        )


def without(matches: Matches, ignored: NDArray[np.bool_]) -> Matches:
    """The same matches, without ignored predictions among those that match nothing."""
    free = matches.unmatched_prediction
    return matches._replace(unmatched_prediction=free[~ignored[free]])


def _shares(overlaps: Overlaps, area: Floats, other: Floats) -> Overlaps:
    """From IoU to the share of the first area that lies in the second."""

    def shares(iou: Floats, one: Floats, both: Floats) -> Floats:
        shared = np.round(iou * both / (1.0 + iou) / np.where(one > 0, one, 1.0), _DIGITS)
        return np.minimum(shared, 1.0)

    def of(crowd: Crowd) -> Crowd:
        def measure(rows: Indices, columns: Indices) -> Floats:
            return shares(crowd.measure(rows, columns), area[rows][:, None], area[rows][:, None] + other[columns])

        return crowd._replace(measure=measure)

    i, j, iou = overlaps.pairs
    pairs = Pairs(i, j, shares(iou, area[i], area[i] + other[j]))
    return Overlaps(pairs, [of(crowd) for crowd in overlaps.crowds])
