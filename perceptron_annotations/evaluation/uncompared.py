"""What could not be compared: shapes at a time, and shapes of a kind for which the other side has nothing."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from .counts import Counts, Rows
from .pairing import DatasetPair, is_timed
from .tasks import Task


class Reason(StrEnum):
    """Why rows were not compared."""

    TIMED = "timed"
    """Shapes with a timestamp, as in videos, have no metric; they are counted alone."""
    NO_TASK = "no_task"
    """No task that was evaluated compares rows of this kind with what the other side has."""

    @property
    def meaning(self) -> str:
        """In words."""
        return _MEANINGS[self]


_MEANINGS = {
    Reason.TIMED: "shapes with a timestamp, as in videos, that were not compared",
    Reason.NO_TASK: "not compared, as the other side has nothing for it or its task was not asked for",
}


class NotCompared(Struct, frozen=True, kw_only=True):
    """How many rows of one side and kind were not compared, and why. Counting may still have counted them."""

    #: ``predictions`` or ``truth``.
    side: str
    kind: AnnotationKind
    reason: Reason
    count: int


class UncomparedRows(Rows, frozen=True, eq=False, kw_only=True):
    """Rows that were not compared; they have no label."""

    #: ``(N,)``: whether it is of the truth; the kind; and whether it has a timestamp.
    is_truth: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    timed: NDArray[np.bool_]

    def report(self) -> tuple[NotCompared, ...]:
        """How many, by side, kind and reason."""
        return tuple(self._report())

    def _report(self) -> Iterator[NotCompared]:
        for is_truth in (False, True):
            for kind in AnnotationKind:
                for reason in Reason:
                    some = (self.is_truth == is_truth) & (self.kind == kind) & (self.timed == (reason is Reason.TIMED))
                    if some.any():
                        side = "truth" if is_truth else "predictions"
                        yield NotCompared(side=side, kind=kind, reason=reason, count=int(some.sum()))


class UncomparedCounts(Counts, frozen=True, eq=False, kw_only=True):
    """The rows that no task compared, image by image."""

    rows: UncomparedRows

    def report(self) -> tuple[NotCompared, ...]:
        """How many, by side, kind and reason."""
        return self.rows.report()


def uncompared_counts(both: DatasetPair, tasks: frozenset[Task], distance: float | None) -> UncomparedCounts:
    """The rows on images of the truth that none of these tasks compares; counting compares no shapes."""
    sides = [
        _of_side(both.predictions, both.image, _compared(tasks, is_truth=False, distance=distance)),
        _of_side(both.truth, both.true_image, _compared(tasks, is_truth=True, distance=distance)),
    ]
    image, kind, timed = (np.concatenate(column) for column in zip(*sides, strict=True))
    nothing = np.empty(0, dtype=np.int64)
    rows = UncomparedRows(
        image=image,
        label=np.full(len(image), -1),
        is_truth=np.arange(len(image)) >= len(sides[0][0]),
        kind=kind,
        timed=timed,
    )
    return UncomparedCounts(answers=both.answers, labels=(), timed=Rows(image=nothing, label=nothing), rows=rows)


def _compared(tasks: frozenset[Task], *, is_truth: bool, distance: float | None) -> set[AnnotationKind]:
    regions = {AnnotationKind.BOX, AnnotationKind.POLYGON}
    compared: set[AnnotationKind] = set()
    if tasks & {Task.DETECTION, Task.AVERAGE_PRECISION, Task.KEYPOINTS}:
        compared |= regions
    if Task.POINTING in tasks:
        compared |= regions if is_truth else {AnnotationKind.POINT}
        compared |= {AnnotationKind.POINT} if distance is not None else set()
    if Task.TEMPORAL in tasks:
        compared.add(AnnotationKind.CLIP)
    return compared


def _of_side(
    dataset: Dataset, image: NDArray[np.int64], compared: set[AnnotationKind]
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.bool_]]:
    """The image and kind of each row that is not compared, and whether it has a timestamp."""
    timed = is_timed(dataset)
    rows = np.flatnonzero((timed | ~np.isin(dataset.table.kind, [int(kind) for kind in compared])) & (image >= 0))
    return image[rows], dataset.table.kind[rows], timed[rows]
