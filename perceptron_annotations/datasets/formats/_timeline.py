"""Seconds ⇄ numbers of video frames: what formats that count the frames of videos share.

A frame number is a time only together with a frame rate. That is never guessed: it is the rate of the video, or the one
that the caller gives for videos that do not state theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ...geometry import AnnotationKind
from ...losses import LossCode
from ..dataset import UNNAMED, Dataset, DatasetAsset
from ..policies import AssetKind
from ._selection import RowLosses, lose_unread

#: CVAT keeps frame numbers as integers of 32 bits, and no video has more frames.
MAX_FRAME = 2**31 - 1
#: Seconds by which a time may differ from that of its frame without being told: times are often written with six
#: digits.
TOLERANCE = 1e-6


def is_rate(fps: float | None) -> bool:
    """Whether all frame numbers become finite seconds with this rate."""
    return fps is not None and fps > 0 and isfinite(fps) and isfinite(MAX_FRAME / fps)


def checked_rate(fps: float | None) -> float | None:
    """The rate that a caller gives for videos that do not state one. Raises ``UsageError`` if it is not a rate."""
    if fps is not None and not is_rate(fps):
        raise UsageError(f"fps must be a positive number of frames per second, not {fps}")
    return fps


def rate_of(own: float | None, given: float | None, place: str) -> float:
    """The frame rate of a video, else the one that the caller gives. Raises ``UsageError`` if there is neither."""
    for fps in (own, given):
        if fps is not None and is_rate(fps):
            return fps
    raise UsageError(
        f"{place} does not state its frame rate, so its frame numbers cannot become times: pass fps=, on the command "
        "line --fps"
    )


def is_frame(number: int) -> bool:
    """Whether a video can have a frame of this number."""
    return 0 <= number <= MAX_FRAME


class ObjectFrames(NamedTuple):
    """An object of a video, and where it is in which frames."""

    label: str
    #: The rows of the object by frame number, in the order of frames.
    frames: dict[int, list[int]]


class VideoObjects(NamedTuple):
    """A video of known size and frame rate, and those of its objects that a format can hold."""

    asset: DatasetAsset
    width: float
    height: float
    fps: float
    objects: list[ObjectFrames]


class VideoSelection(RowLosses):
    """The objects of a dataset by video and frame, for formats that hold objects in the frames of videos.

    ``fps`` is the frame rate of videos that do not state one. An object has one row in a frame; but all of its rows of
    the kind ``together`` that have the same time stay. Raises ``UsageError`` if ``fps`` is not a rate.
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
        holds: Collection[LossCode] = (),
    ) -> None:
        super().__init__(dataset)
        given = checked_rate(fps)
        self._rates = np.array([self._rate(asset, given) for asset in dataset.assets], dtype=np.float64)
        self._rates[lose_unread(dataset, ~np.isnan(self._rates), self.losses)] = nan
        frames, held = self._framed(self.of_kinds(kinds))
        #: By asset, by object, by frame: rows.
        self._frames: dict[int, dict[int, dict[int, list[int]]]] = {}
        held &= self._entered(frames, held, together)
        self.lose_marked(LossCode.MISSING_LABEL, held & (dataset.label < 0))
        if not scores:
            self.lose_marked(LossCode.SCORE, held & ~np.isnan(dataset.table.score))
        if not crowds:
            self.lose_marked(LossCode.ISCROWD, held & dataset.iscrowd)
        self.lose_details(held, holds)
        if LossCode.KEYPOINTS not in holds:
            self.lose_skeletons(lambda _: False)
        #: ``(N,)``: the rows that the format can hold.
        self.held = held

    def _rate(self, asset: DatasetAsset, given: float | None) -> float:
        """The frame rate of an asset; NaN, and a loss, if none of its frames can be written."""
        fps = asset.fps if is_rate(asset.fps) else given
        if asset.kind is not AssetKind.VIDEO:
            self.losses.add(LossCode.IMAGE, asset.file_name)
        elif asset.width is None or asset.height is None:
            self.losses.add(LossCode.MISSING_SIZE, asset.file_name)
        elif fps is None:
            self.losses.add(LossCode.UNKNOWN_FRAME_RATE, asset.file_name)
        else:
            return fps
        return nan

    def _framed(self, held: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The frame number of each row, and which rows have one."""
        t, rates = self._dataset.table.t, self._rates[self._dataset.asset]
        held = held & ~np.isnan(rates)
        self.lose_marked(LossCode.MISSING_TIMESTAMP, held & np.isnan(t))
        held &= ~np.isnan(t)
        with np.errstate(over="ignore", invalid="ignore"):
            frames = np.rint(t * rates)
            is_there = (frames >= 0) & (frames <= MAX_FRAME)
            self.lose_marked(LossCode.OUTSIDE_VIDEO, held & ~is_there)
            held &= is_there
            self.lose_marked(LossCode.ROUNDED_TIMESTAMP, held & (np.abs(frames / rates - t) > TOLERANCE))
        return frames, held

    def _entered(
        self, frames: NDArray[np.float64], held: NDArray[np.bool_], together: AnnotationKind
    ) -> NDArray[np.bool_]:
        """Which rows stay: of several rows of one object in one frame, the first."""
        dataset, stays = self._dataset, held.copy()
        kinds, t = dataset.table.kind, dataset.table.t
        for row in np.flatnonzero(held).tolist():
            found = self._frames.setdefault(int(dataset.asset[row]), {}).setdefault(int(dataset.object[row]), {})
            rows = found.setdefault(int(frames[row]), [])
            if not rows or (kinds[row] == kinds[rows[0]] == together and t[row] == t[rows[0]]):
                rows.append(row)
            else:
                stays[row] = False
        self.lose_marked(LossCode.SECOND_SHAPE_IN_FRAME, held & ~stays)
        return stays

    def videos(self) -> Iterator[VideoObjects]:
        """Each video of known size and frame rate, including those without objects."""
        for number, asset in enumerate(self._dataset.assets):
            if np.isnan(self._rates[number]):
                continue
            objects = [self._object(frames) for frames in self._frames.get(number, {}).values()]
            self.assets += 1
            self.objects += len(objects)
            yield VideoObjects(asset, asset.width or 0.0, asset.height or 0.0, float(self._rates[number]), objects)

    def _object(self, frames: dict[int, list[int]]) -> ObjectFrames:
        first = next(iter(frames.values()))[0]
        return ObjectFrames(self._dataset.label_of(first) or UNNAMED, dict(sorted(frames.items())))
