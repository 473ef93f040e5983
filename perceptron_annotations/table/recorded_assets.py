"""The assets that recorded answers are about, as columns: millions of them, of which few are looked at one by one."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, pairwise
from math import isnan
from typing import overload

import numpy as np
from msgspec import StructMeta
from numpy.typing import NDArray

from ..completions.sent_assets import RecordedAsset, sent_size

_NO_SIZE = float("nan")
#: Makes an asset of fields that have the right types; the constructor would look at them again.
_make = partial(StructMeta.__call__, RecordedAsset)


class AssetColumns:
    """Collects the assets of answers; the scanner of lines appends to the columns itself."""

    def __init__(self) -> None:
        self.names: list[str | None] = []
        #: How many assets each answer has.
        self.counts = array("q")
        #: Width and height of each asset, NaN for one that is not known.
        self.sizes = array("d")
        #: The assets of which the columns do not say all, by place: ``640.0`` is not ``640``, and a size that was sent
        #: has no column.
        self.exact: dict[int, RecordedAsset] = {}

    def add(self, assets: Sequence[RecordedAsset]) -> None:
        """Append the assets of one more answer."""
        self.counts.append(len(assets))
        for asset in assets:
            self.sizes.append(_NO_SIZE if asset.width is None else asset.width)
            self.sizes.append(_NO_SIZE if asset.height is None else asset.height)
            told = _is_told(asset.width, self.sizes[-2]) and _is_told(asset.height, self.sizes[-1])
            if not told or asset.sent_width is not None or asset.sent_height is not None:
                self.exact[len(self.names)] = asset
            self.names.append(asset.file_name)

    def extend(self, other: AssetColumns) -> None:
        """Append all of another."""
        self.exact |= {len(self.names) + place: asset for place, asset in other.exact.items()}
        self.names += other.names
        self.counts += other.counts
        self.sizes += other.sizes

    def sent_sizes(self) -> array[float]:
        """Width and height of each asset as it was sent, NaN for one that is not known."""
        sizes = self.sizes[:]
        for place, asset in self.exact.items():
            for side, value in enumerate(sent_size(asset)):
                sizes[2 * place + side] = _NO_SIZE if value is None else value
        return sizes

    def recorded(self) -> RecordedAssets:
        """All of them."""
        offsets = np.zeros(len(self.counts) + 1, dtype=np.int64)
        np.cumsum(np.frombuffer(self.counts, dtype=np.int64), out=offsets[1:])
        return RecordedAssets(self.names, offsets, np.array(self.sizes).reshape(-1, 2), self.exact)


class RecordedAssets(Sequence[tuple[RecordedAsset, ...]]):
    """The assets of each of some answers. A tuple of them is made when somebody asks for it.

    It is equal to any other sequence of the same assets.
    """

    def __init__(
        self,
        names: list[str | None],
        offsets: NDArray[np.int64],
        sizes: NDArray[np.float64],
        exact: dict[int, RecordedAsset],
    ) -> None:
        #: ``(E,)``: of each asset of each answer.
        self.names = names
        #: ``(R + 1,)``: the assets of answer i are those from ``offsets[i]`` to before ``offsets[i + 1]``.
        self.offsets = offsets
        #: ``(E, 2)``: width and height, NaN for one that is not known.
        self.sizes = sizes
        #: The assets of which the columns do not say all, by place.
        self.exact = exact

    @classmethod
    def of(cls, assets: Sequence[Sequence[RecordedAsset]]) -> RecordedAssets:
        """Those of any sequence."""
        if isinstance(assets, cls):
            return assets
        columns = AssetColumns()
        for each in assets:
            columns.add(each)
        return columns.recorded()

    @classmethod
    def of_columns(
        cls,
        names: list[str | None],
        offsets: NDArray[np.int64],
        sizes: NDArray[np.float64],
        sent: NDArray[np.float64],
    ) -> RecordedAssets:
        """Those of stored columns; ``sent`` are the sizes that were sent, NaN if they are not others."""
        exact: dict[int, RecordedAsset] = {}
        for place in np.flatnonzero(~np.isnan(sent).all(axis=1)).tolist():
            exact[place] = _make(
                names[place], *map(_number, sizes[place].tolist()), *map(_number, sent[place].tolist())
            )
        return cls(names, offsets, sizes, exact)

    @classmethod
    def joined(cls, parts: Sequence[RecordedAssets]) -> RecordedAssets:
        """Those of some answers after those of others."""
        first = np.cumsum([0, *(len(each.names) for each in parts)]).tolist()
        counts = [np.diff(each.offsets) for each in parts]
        return cls(
            list(chain.from_iterable(each.names for each in parts)),
            np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
            np.concatenate([each.sizes for each in parts]),
            {at + place: asset for at, each in zip(first, parts, strict=False) for place, asset in each.exact.items()},
        )

    def part(self, start: int, stop: int) -> RecordedAssets:
        """Those of the answers from ``start`` to before ``stop``."""
        first, last = self.offsets[start].item(), self.offsets[stop].item()
        exact = {place - first: asset for place, asset in self.exact.items() if first <= place < last}
        offsets = self.offsets[start : stop + 1] - first
        return RecordedAssets(self.names[first:last], offsets, self.sizes[first:last], exact)

    def sent_sizes(self) -> NDArray[np.float64]:
        """``(E, 2)``: the sizes that were sent, NaN if they are not others."""
        sent = np.full((len(self.names), 2), np.nan)
        for place, asset in self.exact.items():
            sides = asset.sent_width, asset.sent_height
            sent[place] = [_NO_SIZE if side is None else side for side in sides]
        return sent

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int, /) -> tuple[RecordedAsset, ...]: ...

    @overload
    def __getitem__(self, index: slice, /) -> list[tuple[RecordedAsset, ...]]: ...

    def __getitem__(self, index: int | slice, /) -> tuple[RecordedAsset, ...] | list[tuple[RecordedAsset, ...]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return tuple([self._asset(each) for each in range(*self.offsets[place : place + 2].tolist())])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    def names_of(self, keys: Sequence[str], start: int, stop: int) -> list[str]:
        """The names of all assets of some answers, none of which is without."""
        first, last = self.offsets[start].item(), self.offsets[stop].item()
        names = self.names[first:last]
        if last - first == stop - start:
            return [name or key for name, key in zip(names, keys[start:stop], strict=True)]
        return list(chain.from_iterable(self._by_answer(keys, start, stop)))

    def names_by_answer(self, keys: Sequence[str]) -> Iterator[list[str]]:
        """What :func:`asset_names` says of each answer; ``keys`` are those of the answers."""
        return self._by_answer(keys, 0, len(self))

    def _by_answer(self, keys: Sequence[str], start: int, stop: int) -> Iterator[list[str]]:
        bounds = pairwise(self.offsets[start : stop + 1].tolist())
        return (asset_names(key, self.names[a:b]) for key, (a, b) in zip(keys[start:stop], bounds, strict=True))

    def _asset(self, place: int) -> RecordedAsset:
        if place in self.exact:
            return self.exact[place]
        width, height = map(_number, self.sizes[place].tolist())
        made: RecordedAsset = _make(self.names[place], width, height)
        return made


def asset_names(key: str, names: Sequence[str | None]) -> list[str]:
    """The names of the assets of an answer: their file names, else its key; one name for an answer without assets."""
    if len(names) <= 1:
        return [names[0] or key if names else key]
    return [name or f"{key}#{index}" for index, name in enumerate(names)]


def _is_told(side: float | None, stored: float) -> bool:
    """Whether a side is what :func:`_number` makes of the float that is ``stored`` for it."""
    told = _number(stored)
    return told == side and type(told) is type(side)


def _number(side: float) -> float | None:
    """A side as it was recorded: None for NaN, and a whole number as such."""
    return None if isnan(side) else as_recorded(side)


def sides_as_recorded(sizes: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """The widths and the heights of ``(E, 2)`` sizes, all of which are known."""
    whole = sizes.astype(np.int64)
    if (whole == sizes).all():
        widths, heights = whole.T.tolist()
    else:
        widths, heights = (list(map(as_recorded, column)) for column in sizes.T.tolist())
    return widths, heights


def as_recorded(side: float) -> float:
    """A side that is known as it was recorded: a whole number as such."""
    return int(side) if side.is_integer() else side
