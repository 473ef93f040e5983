"""The assets that recorded answers are about: each by its name and with its size, and what a second answer does.

An answer names its assets by their index, and they have nothing but a name. So here, and only here, one name is one
asset: record two images of one name by paths that tell them apart. The names of answers are joined with those of the
images whose sizes are known, and an asset takes the name of its image. Every asset of every answer is looked up once,
so that the rows of all answers find theirs by indexing an array.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..completions.recordings import RecordedAsset
from ..losses import LossCode, LossCounter
from ..table.side_tables import Issues
from .asset_status import any_of_assets, ending_of_assets, status_of_assets
from .dataset import DatasetAsset
from .known_sizes import KnownSizes, Sizes
from .media_suffixes import kind_of
from .name_joining import JoinReport, NameJoin
from .policies import Merge
from .transform import LONGEST_SIDE, ImageTransform

#: In place of the number of an asset: there is none that can be used, or another answer about it counts.
UNUSABLE, MERGED = -1, -2


def asset_names(key: str, assets: Sequence[RecordedAsset]) -> list[str]:
    """The names of the assets of an answer: those recorded, else its key; one name for an answer without assets."""
    if len(assets) <= 1:
        return [assets[0].file_name or key if assets else key]
    return [asset.file_name or f"{key}#{index}" for index, asset in enumerate(assets)]


def _is_side(pixels: float) -> bool:
    return 1 <= pixels <= LONGEST_SIDE


class AnswerAssets(NamedTuple):
    """The assets of R answers. ``asset`` has an entry for each asset of each answer, so E entries in all."""

    assets: tuple[DatasetAsset, ...]
    #: ``(A, 2)``: width and height of the assets in pixels, as they were recorded.
    recorded_sizes: NDArray[np.float64]
    #: ``(E,)``: an index into ``assets``, or ``UNUSABLE``, or ``MERGED``.
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

    def __init__(self, sizes: Sizes | None, listed: Mapping[str, str], merge: Merge, transform: ImageTransform) -> None:
        self.merge = merge
        self.losses = LossCounter()
        self._known = KnownSizes(sizes)
        self._has_sizes = sizes is not None
        self._listed = listed
        self._join = NameJoin(self._known, listed)
        #: The names of answers that have no image, and of images without a size.
        self._missed: set[str] = set()
        #: How names were joined up to so many answers.
        self._told, self._names = 0, JoinReport()
        self._transform = transform
        self._sizes: dict[str, tuple[float, float]] = {}
        #: The number of the answer that counts for each asset, if answers are merged.
        self._answer_of: dict[str, int] = {}
        self._answers = 0

    @property
    def names(self) -> JoinReport:
        """How the names of the answers were joined with those of images; nothing without names of images."""
        if self._has_sizes and self._told != self._answers:
            self._told, self._names = self._answers, self._join.report(self._missed)
        return self._names

    def enter(self, keys: Sequence[str], assets: Sequence[tuple[RecordedAsset, ...]]) -> AnswerAssets:
        """Look up the assets of some more answers, whose keys are ``keys``.

        Raises ``UsageError`` if a name leaves open which image an earlier call has given to another name.
        """
        names = [asset_names(key, recorded) for key, recorded in zip(keys, assets, strict=True)]
        if self._has_sizes:
            self._join.add(self._looked_for(names, assets))
        shard = _Shard()
        offsets = [0]
        for named, recorded in zip(names, assets, strict=True):
            self._enter(shard, named, recorded)
            self._answers += 1
            offsets.append(len(shard.index))
        return AnswerAssets(
            tuple(shard.assets),
            np.array(shard.sizes, dtype=np.float64).reshape(-1, 2),
            np.array(shard.index, dtype=np.int64),
            np.array(offsets, dtype=np.int64),
        )

    def _looked_for(self, names: Sequence[Sequence[str]], assets: Sequence[tuple[RecordedAsset, ...]]) -> Iterator[str]:
        """All names; but a function of sizes is asked only for those whose size was not recorded."""
        for named, recorded in zip(names, assets, strict=True):
            for name, asset in zip(named, recorded or (RecordedAsset(),), strict=True):
                if self._known.has_names or asset.width is None or asset.height is None:
                    yield name

    def _enter(self, shard: _Shard, names: Sequence[str], recorded: tuple[RecordedAsset, ...]) -> None:
        images = [self._join.image_of(name) for name in names] if self._has_sizes else [None] * len(names)
        if not recorded and images[0] is None:
            self._missed.add(names[0])
            self.losses.add(LossCode.UNKNOWN_KEY if self._has_sizes else LossCode.MISSING_ASSET, names[0])
            return
        for name, image, asset in zip(names, images, recorded or (RecordedAsset(),), strict=True):
            if image is None and (asset.width is None or asset.height is None):
                self._missed.add(name)
            number = self._number_of(shard, self._listed.get(name, name) if image is None else image, image, asset)
            if self.merge is not Merge.ALL and number >= 0:
                number = self._merged(shard, shard.assets[number].file_name, number)
            shard.index.append(number)

    def _number_of(self, shard: _Shard, name: str, image: str | None, asset: RecordedAsset) -> int:
        """The number of an asset in its shard, or ``UNUSABLE`` if its size is unknown or not the one from before."""
        width, height, orientation = asset.width, asset.height, 1
        if width is None or height is None:
            known = None if image is None else self._known.size_of(image)
            width, height, orientation = known or (width, height, 1)
        if width is None or height is None:
            self.losses.add(LossCode.MISSING_SIZE, name if width is height is None else f"{name}: {width}x{height}")
            return UNUSABLE
        size = (width, height)
        final = self._transform.apply_to_size(width, height)
        if not (_is_side(width) and _is_side(height) and _is_side(final[0]) and _is_side(final[1])):
            self.losses.add(LossCode.MISSING_SIZE, f"{name}: {final[0]:g}x{final[1]:g}")
            return UNUSABLE
        before = self._sizes.setdefault(name, size)
        if before != size:
            self.losses.add(LossCode.SIZE_CONFLICT, f"{name}: {width}x{height} after {before[0]}x{before[1]}")
            return UNUSABLE
        number = shard.numbers.setdefault(name, len(shard.assets))
        if number == len(shard.assets):
            shard.assets.append(
                DatasetAsset(
                    file_name=name, width=final[0], height=final[1], kind=kind_of(name), orientation=orientation
                )
            )
            shard.sizes.append(size)
        return number

    def _merged(self, shard: _Shard, name: str, number: int) -> int:
        """The same number, or ``MERGED`` if an earlier answer counts; with ``LAST``, earlier answers lose the asset."""
        counting = self._answer_of.setdefault(name, self._answers)
        if counting != self._answers:
            self.losses.add(LossCode.MERGED_ANSWER, f"{name}: answer {self._answers}")
            if self.merge is Merge.FIRST:
                return MERGED
            self._answer_of[name] = self._answers
            for entry in shard.entries.pop(number):
                shard.index[entry] = MERGED
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
