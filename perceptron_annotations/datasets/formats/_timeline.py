"""Seconds ⇄ frames: what formats that count the frames of videos share.

The one idea: a frame number is a time only together with a frame rate, which is therefore never guessed: it is that of
the video, or the one that the caller gives for videos without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ...geometry import AnnotationKind
from ...losses import LossCode
from ..dataset import UNNAMED, Dataset, DatasetAsset
from ..policies import AssetKind
from ._selection import Losing

#: CVAT keeps frames as integers of 32 bits, and no video is as long.
MAX_FRAME = 2**31 - 1
#: Seconds by which a time may miss its frame and still be taken as on it: times are often written with six digits.
TOLERANCE = 1e-6


def is_rate(fps: float | None) -> bool:
    """Whether frames of every number become seconds with it."""
    return fps is not None and fps > 0 and isfinite(fps) and isfinite(MAX_FRAME / fps)


def checked_rate(fps: float | None) -> float | None:
    """What a caller gives for videos without a frame rate. Raises ``UsageError``."""
    if fps is not None and not is_rate(fps):
        raise UsageError(f"fps must be a number of frames a second above zero, not {fps}")
    return fps


def rate_of(own: float | None, given: float | None, where: str) -> float:
    """The frame rate of a video, else the one that is given for those without. Raises ``UsageError``."""
    for fps in (own, given):
        if fps is not None and is_rate(fps):
            return fps
    raise UsageError(
        f"{where} does not say its frame rate, so that its frames have no times: pass fps=, on the command line --fps"
    )


def is_frame(number: int) -> bool:
    """Whether a video can have a frame of this number."""
    return 0 <= number <= MAX_FRAME


class Course(NamedTuple):
    """An object of a video, and where it is when."""

    label: str
    #: The frames in their order, each with its rows: more than one where the format takes them together.
    places: dict[int, list[int]]


class Reel(NamedTuple):
    """A video of known size and frame rate, and what a format holds of it."""

    asset: DatasetAsset
    width: float
    height: float
    fps: float
    courses: list[Course]


class Timeline(Losing):
    """Walks through the videos of a dataset, for formats that hold objects by frame.

    ``fps`` is the frame rate of videos that have none. Of one object, a frame has one row; or all rows of one time
    that are of one kind ``together``. Raises ``UsageError`` for an ``fps`` that is none.
    """

    def __init__(
        self,
        dataset: Dataset,
        kinds: Collection[AnnotationKind],
        *,
        fps: float | None,
        together: AnnotationKind,
        scores: bool = False,
        crowds: bool = False,
    ) -> None:
        super().__init__(dataset)
        given = checked_rate(fps)
        self._rates = np.array([self._rate(asset, given) for asset in dataset.assets], dtype=np.float64)
        frames, held = self._framed(self.of_kinds(kinds))
        #: By asset, by object, by frame: rows.
        self._places: dict[int, dict[int, dict[int, list[int]]]] = {}
        held &= self._placed(frames, held, together)
        self.lose_where(LossCode.MISSING_LABEL, held & (dataset.label < 0))
        if not scores:
            self.lose_where(LossCode.SCORE, held & ~np.isnan(dataset.table.score))
        if not crowds:
            self.lose_where(LossCode.ISCROWD, held & dataset.iscrowd)
        #: ``(N,)``: the rows that the format holds.
        self.held = held

    def _rate(self, asset: DatasetAsset, given: float | None) -> float:
        """The frame rate of an asset; NaN where it has no frames to write, which is counted."""
        fps = asset.fps if is_rate(asset.fps) else given
        if asset.kind is not AssetKind.VIDEO:
            self.tally.add(LossCode.IMAGE, asset.file_name)
        elif asset.width is None or asset.height is None:
            self.tally.add(LossCode.MISSING_SIZE, asset.file_name)
        elif fps is None:
            self.tally.add(LossCode.UNKNOWN_FRAME_RATE, asset.file_name)
        else:
            return fps
        return float("nan")

    def _framed(self, held: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The frame of each row, and which rows have one."""
        t, rates = self._dataset.table.t, self._rates[self._dataset.asset]
        held = held & ~np.isnan(rates)
        self.lose_where(LossCode.MISSING_TIMESTAMP, held & np.isnan(t))
        held &= ~np.isnan(t)
        with np.errstate(over="ignore", invalid="ignore"):
            frames = np.rint(t * rates)
            is_there = (frames >= 0) & (frames <= MAX_FRAME)
            self.lose_where(LossCode.OUTSIDE_VIDEO, held & ~is_there)
            held &= is_there
            self.lose_where(LossCode.ROUNDED_TIMESTAMP, held & (np.abs(frames / rates - t) > TOLERANCE))
        return frames, held

    def _placed(
        self, frames: NDArray[np.float64], held: NDArray[np.bool_], together: AnnotationKind
    ) -> NDArray[np.bool_]:
        """Which rows stay where an object has several on one frame."""
        dataset, stays = self._dataset, held.copy()
        kinds, t = dataset.table.kind, dataset.table.t
        for row in np.flatnonzero(held).tolist():
            course = self._places.setdefault(int(dataset.asset[row]), {}).setdefault(int(dataset.object[row]), {})
            rows = course.setdefault(int(frames[row]), [])
            if not rows or (kinds[row] == kinds[rows[0]] == together and t[row] == t[rows[0]]):
                rows.append(row)
            else:
                stays[row] = False
        self.lose_where(LossCode.SECOND_SHAPE_IN_FRAME, held & ~stays)
        return stays

    def reels(self) -> Iterator[Reel]:
        """Each video of known size and frame rate, those without objects included."""
        for number, asset in enumerate(self._dataset.assets):
            if np.isnan(self._rates[number]):
                continue
            courses = [self._course(places) for places in self._places.get(number, {}).values()]
            self.assets += 1
            self.objects += len(courses)
            yield Reel(asset, asset.width or 0.0, asset.height or 0.0, float(self._rates[number]), courses)

    def _course(self, places: dict[int, list[int]]) -> Course:
        first = next(iter(places.values()))[0]
        return Course(self._dataset.label_of(first) or UNNAMED, dict(sorted(places.items())))
