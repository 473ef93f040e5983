"""The assets that recorded answers are about: each by its name and with its size, and what a second answer does.

An answer names its assets by their index, and they have nothing but a name. So here, and only here, one name is one
asset: record two images of one name by paths that tell them apart. Every asset of every answer is looked up once, so
that the rows of all answers find theirs by indexing an array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..completions.recordings import RecordedAsset
from ..losses import LossCode, LossCounter
from ..table.side_tables import Issues
from .asset_status import any_of_assets, ending_of_assets, status_of_assets
from .dataset import DatasetAsset
from .image_sizes import ImageSize
from .policies import AssetKind, Merge
from .transform import LONGEST_SIDE, ImageTransform

#: Width and height by file name: a mapping, or a function that returns None for an image that it does not know.
Sizes: TypeAlias = Mapping[str, tuple[float, float]] | Callable[[str], ImageSize | None]
#: File names with these endings are videos.
_VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".avi", ".mkv")


def size_lookup(sizes: Sizes | None) -> Callable[[str], ImageSize | None]:
    """``sizes`` as a function from file name to size; without any, it knows no image."""
    if not isinstance(sizes, Mapping):
        return sizes or (lambda _: None)
    return lambda name: ImageSize(*sizes[name]) if name in sizes else None


def asset_names(key: str, assets: Sequence[RecordedAsset]) -> list[str]:
    """The names of the assets of an answer: those recorded, else its key; one name for an answer without assets."""
    if len(assets) <= 1:
        return [assets[0].file_name or key if assets else key]
    return [asset.file_name or f"{key}#{index}" for index, asset in enumerate(assets)]


class AnswerAssets(NamedTuple):
    """The assets of R answers. ``asset`` has an entry for each asset of each answer, so E entries in all."""

    assets: tuple[DatasetAsset, ...]
    #: ``(A, 2)``: width and height of the assets in pixels, as they were recorded.
    recorded_sizes: NDArray[np.float64]
    #: ``(E,)``: an index into ``assets``, or -1 if the asset cannot be used.
    asset: NDArray[np.int64]
    #: ``(R + 1,)``: the entries of answer i are ``asset[offsets[i] : offsets[i + 1]]``.
    offsets: NDArray[np.int64]

    def truncated(self, truncated: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """``(A,)``: whether an answer about an asset was cut off; ``truncated`` is ``(R,)``."""
        return any_of_assets(np.repeat(truncated, np.diff(self.offsets)), self.asset, len(self.assets))

    def ending(self, ending: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """``(A,)``: the worst ending of the answers about an asset; ``ending`` is ``(R,)``."""
        return ending_of_assets(np.repeat(ending, np.diff(self.offsets)), self.asset, len(self.assets))

    def status(self, status: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """``(A,)``: the status of all answers about an asset together; ``status`` is ``(R,)``."""
        return status_of_assets(np.repeat(status, np.diff(self.offsets)), self.asset, len(self.assets))

    def issues(self, issues: Issues) -> Issues:
        """The issues of answers that have an asset, each at the first asset of its answer, in the order of assets."""
        first = np.full(len(self.offsets) - 1, -1, dtype=np.int64)
        usable = np.flatnonzero(self.asset >= 0)[::-1]
        first[np.searchsorted(self.offsets, usable, side="right") - 1] = self.asset[usable]
        asset = first[issues.response]
        rows = np.argsort(asset, kind="stable")
        rows = rows[asset[rows] >= 0]
        return issues.of_responses(rows, asset[rows])


class AssetRegister:
    """The assets of all answers so far, by name. What cannot be used is counted in ``losses``."""

    def __init__(self, sizes: Sizes | None, merge: Merge, transform: ImageTransform) -> None:
        self.merge = merge
        self.losses = LossCounter()
        self._size_of = size_lookup(sizes)
        self._transform = transform
        self._sizes: dict[str, tuple[float, float]] = {}
        #: The number of the answer that counts for each asset, if answers are merged.
        self._answer_of: dict[str, int] = {}
        self._answers = 0

    def enter(self, keys: Sequence[str], assets: Sequence[tuple[RecordedAsset, ...]]) -> AnswerAssets:
        """Look up the assets of some more answers, whose keys are ``keys``."""
        shard = _Shard()
        offsets = [0]
        for key, recorded in zip(keys, assets, strict=True):
            self._enter(shard, key, recorded)
            self._answers += 1
            offsets.append(len(shard.index))
        return AnswerAssets(
            tuple(shard.assets),
            np.array(shard.sizes, dtype=np.float64).reshape(-1, 2),
            np.array(shard.index, dtype=np.int64),
            np.array(offsets, dtype=np.int64),
        )

    def _enter(self, shard: _Shard, key: str, recorded: tuple[RecordedAsset, ...]) -> None:
        if not recorded and self._size_of(key) is not None:
            recorded = (RecordedAsset(key),)
        if not recorded:
            self.losses.add(LossCode.MISSING_ASSET, key)
        for name, asset in zip(asset_names(key, recorded), recorded, strict=False):
            number = self._number_of(shard, name, asset.width, asset.height)
            if self.merge is not Merge.ALL and number >= 0:
                number = self._merged(shard, name, number)
            shard.index.append(number)

    def _number_of(self, shard: _Shard, name: str, width: float | None, height: float | None) -> int:
        """The number of an asset in its shard, or -1 if its size is unknown, unusable or not the one from before."""
        orientation = 1
        if width is None or height is None:
            known = self._size_of(name)
            width, height, orientation = known or (width, height, 1)
        if width is None or height is None:
            self.losses.add(LossCode.MISSING_SIZE, name if width is height is None else f"{name}: {width}x{height}")
            return -1
        size = (width, height)
        final = self._transform.apply_to_size(*size)
        if not all(1 <= side <= LONGEST_SIDE for side in (*size, *final)):
            self.losses.add(LossCode.MISSING_SIZE, f"{name}: {final[0]:g}x{final[1]:g}")
            return -1
        before = self._sizes.setdefault(name, size)
        if before != size:
            self.losses.add(LossCode.SIZE_CONFLICT, f"{name}: {width}x{height} after {before[0]}x{before[1]}")
            return -1
        number = shard.numbers.setdefault(name, len(shard.assets))
        if number == len(shard.assets):
            kind = AssetKind.VIDEO if name.lower().endswith(_VIDEO_SUFFIXES) else AssetKind.IMAGE
            shard.assets.append(
                DatasetAsset(file_name=name, width=final[0], height=final[1], kind=kind, orientation=orientation)
            )
            shard.sizes.append(size)
        return number

    def _merged(self, shard: _Shard, name: str, number: int) -> int:
        """The same number, or -1 if an earlier answer counts; with ``LAST``, earlier answers lose the asset."""
        counting = self._answer_of.setdefault(name, self._answers)
        if counting != self._answers:
            self.losses.add(LossCode.MERGED_ANSWER, f"{name}: answer {self._answers}")
            if self.merge is Merge.FIRST:
                return -1
            self._answer_of[name] = self._answers
            for entry in shard.entries.pop(number):
                shard.index[entry] = -1
        shard.entries.setdefault(number, []).append(len(shard.index))
        return number


class _Shard:
    """The assets of some answers, while they are looked up."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.assets: list[DatasetAsset] = []
        self.sizes: list[tuple[float, float]] = []
        self.index: list[int] = []
        #: The entries of ``index`` that are about each asset, if answers are merged.
        self.entries: dict[int, list[int]] = {}
