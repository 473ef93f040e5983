"""The images of a COCO file that is written: their ids and their text, over all shards of a dataset."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ....files import encode_json
from ....losses import LossCode, LossCounter
from ....outputs import set_aside
from ...asset_identity import AssetNumbers
from ...dataset import Dataset, DatasetAsset, sizes_of
from ...disjoint_shards import DisjointShards
from .._row_texts import RowTexts, TextColumn, writes_rows
from .._selection import held_images, unread_assets
from .entries import image_of
from .ids import Ids

#: Whole numbers below it are the same as floats.
_WHOLE = 2.0**53
_NO_ID = -1


class WrittenImages:
    """The images so far. What becomes known of an asset is kept by its number among the assets of all shards."""

    def __init__(self, losses: LossCounter, free_ids: Ids | None = None) -> None:
        self._losses = losses
        self._numbers = AssetNumbers()
        self._free_ids = Ids(losses) if free_ids is None else free_ids
        #: The id of each asset, ``_NO_ID`` if it is not written.
        self._ids = array("q")
        #: Whether some shard has rows of it.
        self._has_rows = bytearray()
        #: The names of assets of which some shard has nothing that could be read, by number.
        self._unread: dict[int, str] = {}
        #: The assets of each shard that are written, in order, and their texts.
        self._shards: list[tuple[NDArray[np.int64], TextColumn]] = []

    def __len__(self) -> int:
        """How many are written."""
        return sum(len(number) for number, _ in self._shards)

    def enter(self, dataset: Dataset) -> NDArray[np.int64]:
        """``(A,)``: the id of each asset of one more shard, -1 for one that is not written."""
        number = np.array(self._numbers.enter(dataset.assets), dtype=np.int64)
        new = len(self._numbers) - len(self._ids)
        self._ids.extend([_NO_ID] * new)
        self._has_rows.extend(bytes(new))
        for place in np.flatnonzero(unread_assets(dataset)).tolist():
            self._unread.setdefault(int(number[place]), dataset.assets[place].file_name)
        np.frombuffer(self._has_rows, dtype=bool)[number[dataset.asset]] = True
        ids = np.frombuffer(self._ids, dtype=np.int64)
        places = np.flatnonzero(held_images(dataset, self._losses) & (ids[number] == _NO_ID))
        assets = [dataset.assets[place] for place in places.tolist()]
        given = self._free_ids.give([asset.source_id for asset in assets])
        ids[number[places]] = given
        self._shards.append((number[places], _texts(given, assets)))
        return ids[number]

    def write_to(self, stream: IO[bytes]) -> None:
        """Write all of them as they are in a list of JSON, when every shard was entered."""
        stream.write(memoryview(self.text())[1:])

    def text(self) -> bytes:
        """All of them, each with a comma before it.

        Without those that would look as if there were nothing on them, though no answer about them could be read.
        """
        dropped = {number for number in self._unread if self._ids[number] != _NO_ID and not self._has_rows[number]}
        for number, name in self._unread.items():
            if number in dropped:
                self._losses.add(LossCode.UNREAD_ANSWER, name)
        if dropped:
            kept = [~np.isin(number, list(dropped)) for number, _ in self._shards]
            self._shards = [
                (number[some], texts.take(some)) for some, (number, texts) in zip(kept, self._shards, strict=True)
            ]
        return b"".join([texts.data.data for _, texts in self._shards])


class SettledImages(WrittenImages):
    """The images of shards of which no two are about one: what was said of them is set aside, and not remembered."""

    def __init__(self, losses: LossCounter, aside: IO[bytes]) -> None:
        super().__init__(losses)
        self._aside = aside
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, dataset: Dataset) -> NDArray[np.int64]:
        shard = WrittenImages(self._losses, self._free_ids)
        ids = shard.enter(dataset)
        self._aside.write(shard.text())
        self._count += len(shard)
        return ids

    def write_to(self, stream: IO[bytes]) -> None:
        self._aside.seek(min(1, self._aside.tell()))
        shutil.copyfileobj(self._aside, stream)


@contextmanager
def images_of(dataset: Dataset | Iterable[Dataset], path: str | Path, losses: LossCounter) -> Iterator[WrittenImages]:
    """The images of a dataset that is written to ``path``, before any shard was entered."""
    if isinstance(dataset, DisjointShards):
        with set_aside(path) as aside:
            yield SettledImages(losses, aside)
    else:
        yield WrittenImages(losses)


def _texts(ids: Sequence[int], assets: Sequence[DatasetAsset]) -> TextColumn:
    """Images with these ids as JSON, with a comma before each."""
    sizes = sizes_of(assets)
    if writes_rows and {asset.split for asset in assets} <= {None} and (np.abs(sizes) < _WHOLE).all():
        try:
            return _of_columns(ids, [asset.file_name for asset in assets], sizes)
        except UnicodeEncodeError:  # a name with a lone surrogate, which is escaped
            pass
    return TextColumn.of([b"," + encode_json(image_of(own, asset)) for own, asset in zip(ids, assets, strict=True)])


def _of_columns(ids: Sequence[int], names: list[str], sizes: NDArray[np.float64]) -> TextColumn:
    """The like without anything but names and sizes. Raises ``UnicodeEncodeError``."""
    rows = RowTexts(len(ids))
    rows.add(b',{"id":', np.array(ids, dtype=np.int64), b',"file_name":')
    rows.add_texts(TextColumn.of_json(names), np.arange(len(ids)))
    whole = sizes.astype(np.int64)
    for side, name in enumerate((b',"width":', b',"height":')):
        rows.add(name)
        is_whole = whole[:, side] == sizes[:, side]
        with rows.only(is_whole):
            rows.add(whole[:, side])
        with rows.only(~is_whole):
            rows.add(sizes[:, side])
    rows.add(b"}")
    return rows.with_offsets()
