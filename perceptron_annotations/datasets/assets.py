"""Which assets recorded answers are about: each by its name, with its size, and what becomes of a second answer.

The one idea: an answer names assets by their place, so every place of every answer (a slot) is looked up once, and rows
follow by indexing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..completions.recordings import RecordedAsset
from ..losses import LossCode
from ..table.side_tables import Issues
from .dataset import AssetKind, DatasetAsset, any_of_assets, status_of_assets
from .image_sizes import ImageSize
from .reports import Tally
from .transform import LONGEST_SIDE, ImageTransform


class Merge(StrEnum):
    """What becomes of several answers about one asset."""

    ALL = "all"
    """The annotations of all of them."""
    FIRST = "first"
    """Those of the first answer; the others are left out and counted."""
    LAST = "last"
    """Those of the last answer."""


#: The size of a picture by its file name, and how it is turned.
Sizes: TypeAlias = Mapping[str, tuple[float, float]] | Callable[[str], ImageSize | None]
_VIDEOS = (".mp4", ".webm", ".mov", ".avi", ".mkv")


def asset_names(key: str, assets: Sequence[RecordedAsset]) -> list[str]:
    """The names of the assets of an answer: those recorded, else its key; for an answer without assets its key."""
    if len(assets) <= 1:
        return [assets[0].file_name or key if assets else key]
    return [asset.file_name or f"{key}#{place}" for place, asset in enumerate(assets)]


class Slots(NamedTuple):
    """The assets of some answers; a slot is one asset of one of them."""

    assets: tuple[DatasetAsset, ...]
    #: ``(A, 2)``: the sizes of the assets as they were recorded.
    recorded: NDArray[np.float64]
    #: ``(S,)``: the asset of each slot, -1 for none; those of answer i are ``asset[ends[i] : ends[i + 1]]``.
    asset: NDArray[np.int64]
    ends: NDArray[np.int64]

    def truncated(self, truncated: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """``(A,)``: whether an answer about an asset was cut off."""
        return any_of_assets(np.repeat(truncated, np.diff(self.ends)), self.asset, len(self.assets))

    def status(self, status: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """``(A,)``: what all answers about an asset came to."""
        return status_of_assets(np.repeat(status, np.diff(self.ends)), self.asset, len(self.assets))

    def issues(self, issues: Issues) -> Issues:
        """Those of answers with an asset, at the first one that it has, in the order of assets."""
        first = np.full(len(self.ends) - 1, -1, dtype=np.int64)
        held = np.flatnonzero(self.asset >= 0)[::-1]
        first[np.searchsorted(self.ends, held, side="right") - 1] = self.asset[held]
        asset = first[issues.response]
        rows = np.argsort(asset, kind="stable")
        rows = rows[asset[rows] >= 0]
        return issues.of_responses(rows, asset[rows])


class Register:
    """The assets of all answers so far, by name."""

    def __init__(self, sizes: Sizes | None, merge: Merge, placement: ImageTransform) -> None:
        self.merge = merge
        self.omitted = Tally()
        self._size_of = looked_up(sizes)
        self._placement = placement
        self._sizes: dict[str, tuple[float, float]] = {}
        self._answered: dict[str, int] = {}
        self._answers = 0

    def enter(self, keys: Sequence[str], assets: Sequence[tuple[RecordedAsset, ...]]) -> Slots:
        """Look up the assets of some more answers."""
        shard = _Shard()
        ends = [0]
        for key, named in zip(keys, assets, strict=True):
            self._enter(shard, key, named)
            self._answers += 1
            ends.append(len(shard.slots))
        return Slots(
            tuple(shard.assets),
            np.array(shard.sizes, dtype=np.float64).reshape(-1, 2),
            np.array(shard.slots, dtype=np.int64),
            np.array(ends, dtype=np.int64),
        )

    def _enter(self, shard: _Shard, key: str, named: tuple[RecordedAsset, ...]) -> None:
        if not named and self._size_of(key) is not None:
            named = (RecordedAsset(key),)
        if not named:
            self.omitted.add(LossCode.MISSING_ASSET, key)
        for name, asset in zip(asset_names(key, named), named, strict=False):
            number = self._asset(shard, name, asset.width, asset.height)
            if self.merge is not Merge.ALL and number >= 0:
                number = self._merged(shard, name, number)
            shard.slots.append(number)

    def _asset(self, shard: _Shard, name: str, width: float | None, height: float | None) -> int:
        """The number of an asset in its shard, or -1 where its size is of no use."""
        orientation = 1
        if width is None or height is None:
            found = self._size_of(name)
            width, height, orientation = found or (width, height, 1)
        if width is None or height is None:
            self.omitted.add(LossCode.MISSING_SIZE, name if width is height is None else f"{name}: {width}x{height}")
            return -1
        size = (width, height)
        placed = self._placement.size(*size)
        if not all(1 <= side <= LONGEST_SIDE for side in (*size, *placed)):
            self.omitted.add(LossCode.MISSING_SIZE, f"{name}: {placed[0]:g}x{placed[1]:g}")
            return -1
        before = self._sizes.setdefault(name, size)
        if before != size:
            self.omitted.add(LossCode.SIZE_CONFLICT, f"{name}: {width}x{height} after {before[0]}x{before[1]}")
            return -1
        number = shard.numbers.setdefault(name, len(shard.assets))
        if number == len(shard.assets):
            kind = AssetKind.VIDEO if name.lower().endswith(_VIDEOS) else AssetKind.IMAGE
            shard.assets.append(
                DatasetAsset(file_name=name, width=placed[0], height=placed[1], kind=kind, orientation=orientation)
            )
            shard.sizes.append(size)
        return number

    def _merged(self, shard: _Shard, name: str, number: int) -> int:
        """The same number, or -1 where another answer counts; the last takes the slots of the ones before."""
        answered = self._answered.setdefault(name, self._answers)
        if answered != self._answers:
            self.omitted.add(LossCode.MERGED_ANSWER, f"{name}: answer {self._answers}")
            if self.merge is Merge.FIRST:
                return -1
            self._answered[name] = self._answers
            for slot in shard.places.pop(number):
                shard.slots[slot] = -1
        shard.places.setdefault(number, []).append(len(shard.slots))
        return number


class _Shard:
    """The assets of some answers, while they are looked up."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.assets: list[DatasetAsset] = []
        self.sizes: list[tuple[float, float]] = []
        self.slots: list[int] = []
        #: The slots of each asset, where answers are merged.
        self.places: dict[int, list[int]] = {}


def looked_up(sizes: Sizes | None) -> Callable[[str], ImageSize | None]:
    """What knows the size of a picture by its name."""
    if not isinstance(sizes, Mapping):
        return sizes or (lambda _: None)
    return lambda name: ImageSize(*sizes[name]) if name in sizes else None
