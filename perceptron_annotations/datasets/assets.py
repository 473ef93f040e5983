"""The assets that recorded answers are about: each by its name and with its size, and what a second answer does.

An answer names its assets by their index, and they have nothing but a name. So here, and only here, one name is one
asset: record two images of one name by paths that tell them apart. The names of answers are joined with those of the
images whose sizes are known, and an asset takes the name of its image. Every asset of every answer is looked up once,
so that the rows of all answers find theirs by indexing an array.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..completions.sent_assets import RecordedAsset
from ..losses import LossCode, LossCounter
from ..table.recorded_assets import RecordedAssets, as_recorded, asset_names, sides_as_recorded
from ..table.side_tables import Issues
from .asset_status import any_of_assets, ending_of_assets, status_of_assets
from .dataset import DatasetAsset, new_asset
from .known_sizes import KnownSizes, Sizes
from .media_suffixes import kind_of, kinds_of
from .name_joining import JoinReport, NameJoin
from .numbering import Numbering
from .policies import Merge
from .transform import LONGEST_SIDE, ImageTransform

#: In place of the number of an asset: there is none that can be used, or another answer about it counts.
UNUSABLE, MERGED = -1, -2
#: As many answers are looked up one by one as fast as at once.
_FEW = 8


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


class _Run(NamedTuple):
    """Answers one after the other."""

    start: int
    stop: int
    #: Whether all their assets have sizes that can be used as they are.
    is_plain: bool


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
        self._numbers: Numbering[str] = Numbering()
        #: Width and height of each image as it was recorded first, by number.
        self._sizes = array("d")
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
        recorded = RecordedAssets.of(assets)
        if self._has_sizes:
            self._join.add(self._looked_for(keys, recorded))
        shard = _Shard()
        counts = np.diff(recorded.offsets)
        for run in self._runs(recorded):
            if not (run.is_plain and run.stop - run.start > _FEW and self._enter_plain(shard, keys, recorded, run)):
                for place in range(run.start, run.stop):
                    before = len(shard.index)
                    self._enter(shard, keys[place], recorded[place])
                    counts[place] = len(shard.index) - before
                    self._answers += 1
        return AnswerAssets(
            tuple(shard.assets),
            np.array(shard.sizes).reshape(-1, 2),
            np.array(shard.index),
            np.concatenate([[0], np.cumsum(counts)]),
        )

    def _looked_for(self, keys: Sequence[str], recorded: RecordedAssets) -> Iterator[str]:
        """All names; but a function of sizes is asked only for those whose size was not recorded."""
        is_sized = (~np.any(np.isnan(recorded.sizes), axis=1)).tolist()
        bounds = pairwise(recorded.offsets.tolist())
        for names, (start, stop) in zip(recorded.names_by_answer(keys), bounds, strict=True):
            for name, sized in zip(names, is_sized[start:stop] or (False,), strict=True):
                if self._known.has_names or not sized:
                    yield name

    # -- answers about images of recorded size ---------------------------------------------------------------------

    def _runs(self, recorded: RecordedAssets) -> Iterator[_Run]:
        """Answers one after the other that are plain, all of whose assets have a size that can be used, or are not."""
        sides = np.hstack([recorded.sizes, self._transform.apply_to_sizes(recorded.sizes)])
        is_odd = np.any(~((sides >= 1) & (sides <= LONGEST_SIDE)), axis=1)
        is_odd[list(recorded.exact)] = True
        odd = np.concatenate([[0], np.cumsum(is_odd)])[recorded.offsets]
        is_plain = (np.diff(odd) == 0) & (np.diff(recorded.offsets) > 0) & (self.merge is Merge.ALL)
        ends = np.flatnonzero(np.diff(is_plain, append=True)) + 1
        bounds = sorted({0, *ends.tolist(), len(is_plain)})
        for start, stop in pairwise(bounds):
            yield _Run(start, stop, is_plain=bool(is_plain[start]))

    def _enter_plain(self, shard: _Shard, keys: Sequence[str], recorded: RecordedAssets, run: _Run) -> bool:
        """Enter the assets of plain answers at once; false if an image was recorded with another size before."""
        names = recorded.names_of(keys, run.start, run.stop)
        if self._has_sizes:
            images = zip(names, map(self._join.image_of, names), strict=True)
            names = [self._listed.get(name, name) if image is None else image for name, image in images]
        elif self._listed:
            names = [self._listed.get(name, name) for name in names]
        sizes = recorded.sizes[recorded.offsets[run.start] : recorded.offsets[run.stop]]
        if not self._have_sizes(names, sizes):
            return False
        shard.add(names, sizes, self._transform)
        self._answers += run.stop - run.start
        return True

    def _have_sizes(self, names: Sequence[str], sizes: NDArray[np.float64]) -> bool:
        """Whether no image was recorded with another size than one of these ``(E, 2)``; new ones have theirs now."""
        number, new = self._numbers.of(names)
        self._sizes.frombytes(sizes[new].tobytes())
        return bool((np.frombuffer(self._sizes).reshape(-1, 2)[number] == sizes).all())

    # -- all other answers -----------------------------------------------------------------------------------------

    def _enter(self, shard: _Shard, key: str, recorded: tuple[RecordedAsset, ...]) -> None:
        names = asset_names(key, [asset.file_name for asset in recorded])
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
        before = self._first_size(name, size)
        if before != size:
            self.losses.add(LossCode.SIZE_CONFLICT, f"{name}: {width}x{height} after {before[0]}x{before[1]}")
            return UNUSABLE
        number = shard.numbers[name]
        if number == len(shard.assets):
            shard.assets.append(
                DatasetAsset(
                    file_name=name, width=final[0], height=final[1], kind=kind_of(name), orientation=orientation
                )
            )
            shard.sizes.extend(size)
        return number

    def _first_size(self, name: str, size: tuple[float, float]) -> tuple[float, float]:
        """The size that an image was recorded with first, which is this one if it is new."""
        number = self._numbers[name]
        if 2 * number == len(self._sizes):
            self._sizes.extend(size)
        width, height = self._sizes[2 * number : 2 * number + 2]
        return as_recorded(width), as_recorded(height)

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
        self.numbers: Numbering[str] = Numbering()
        self.assets: list[DatasetAsset] = []
        #: Width and height of each as it was recorded.
        self.sizes = array("d")
        self.index = array("q")
        #: The entries of ``index`` that are about each asset, if answers are merged.
        self.entries: dict[int, list[int]] = {}

    def add(self, names: Sequence[str], sizes: NDArray[np.float64], transform: ImageTransform) -> None:
        """Add entries about these assets, of ``(E, 2)`` sizes; equal names have equal sizes."""
        number, new = self.numbers.of(names)
        self.index.frombytes(number.tobytes())
        self.sizes.frombytes(sizes[new].tobytes())
        widths, heights = transform.apply_to_sides(*sides_as_recorded(sizes[new]))
        called = [names[place] for place in new.tolist()]
        self.assets += [
            new_asset(file_name=name, width=width, height=height, kind=kind)
            for name, width, height, kind in zip(called, widths, heights, kinds_of(called), strict=True)
        ]
