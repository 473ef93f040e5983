"""What identifies an asset: its place in a dataset, and what finds it again in another shard or file.

A file name does not: a dataset may have two images of one name, in two splits or in two folders that a file does not
tell apart. Within a dataset an asset is its index in ``Dataset.assets``, and nothing else. Shards and files of one
dataset know an asset by its :class:`AssetIdentity`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .numbering import Numbering

if TYPE_CHECKING:
    from .dataset import DatasetAsset


class AssetIdentity(NamedTuple):
    """What an asset has in common with itself in another shard or file of the same dataset.

    The assets of one dataset all have different ones. Two datasets of different origin, such as a truth and
    predictions, may agree on the names alone: what joins them looks at ``file_name`` first, and at the other fields
    only if a name comes twice.
    """

    file_name: str
    split: str | None
    source_id: str | None
    #: How many assets before it in its dataset or shard have the same three fields.
    occurrence: int


#: The fields after the name, of an asset that has nothing else.
_NAME_ALONE = (None, None, 0)


def identities_of(assets: Sequence[DatasetAsset]) -> list[AssetIdentity]:
    """The identity of each asset of a dataset or of a shard, in order.

    >>> from perceptron_annotations.datasets import DatasetAsset
    >>> twice = [DatasetAsset(file_name="a.png", split=split) for split in ("train", "val", "val")]
    >>> [(found.split, found.occurrence) for found in identities_of(twice)]
    [('train', 0), ('val', 0), ('val', 1)]
    """
    names, splits = [asset.file_name for asset in assets], [asset.split for asset in assets]
    sources = [asset.source_id for asset in assets]
    return list(map(AssetIdentity, names, splits, sources, _occurrences(zip(names, splits, sources, strict=True))))


def _occurrences(things: Iterable[Hashable]) -> Iterator[int]:
    """How many equal things are before each."""
    seen: Counter[Hashable] = Counter()
    for thing in things:
        yield seen[thing]
        seen[thing] += 1


def keys_of(assets: Sequence[DatasetAsset]) -> tuple[str, ...]:
    """A different text for each asset of a dataset: its file name, with ``#2`` after it for the second of one name.

    >>> from perceptron_annotations.datasets import DatasetAsset
    >>> keys_of([DatasetAsset(file_name=name) for name in ("a.png", "b.png", "a.png")])
    ('a.png', 'b.png', 'a.png#2')
    """
    names = [asset.file_name for asset in assets]
    taken = set(names)
    if len(taken) == len(names):
        return tuple(names)
    keys: list[str] = []
    counts: Counter[str] = Counter()
    for name in names:
        counts[name] += 1
        key = name
        if counts[name] > 1:
            while (key := f"{name}#{counts[name]}") in taken:
                counts[name] += 1
            taken.add(key)
        keys.append(key)
    return tuple(keys)


class AssetNumbers:
    """The assets of all shards so far, numbered from 0 in the order in which they first come.

    >>> from perceptron_annotations.datasets import DatasetAsset
    >>> numbers = AssetNumbers()
    >>> numbers.enter([DatasetAsset(file_name="a.png"), DatasetAsset(file_name="b.png")])
    [0, 1]
    >>> numbers.enter([DatasetAsset(file_name="b.png"), DatasetAsset(file_name="c.png")])
    [1, 2]
    """

    def __init__(self) -> None:
        #: Nearly all assets have nothing but a name, which takes the place of their identity.
        self._numbers: Numbering[str | AssetIdentity] = Numbering()

    def __len__(self) -> int:
        return len(self._numbers)

    def enter(self, assets: Sequence[DatasetAsset]) -> list[int]:
        """The number of each asset of one more shard."""
        keys: list[str] | list[str | AssetIdentity]
        keys = names = [asset.file_name for asset in assets]
        told = {asset.split for asset in assets} | {asset.source_id for asset in assets}
        if not told <= {None} or len(set(names)) < len(names):
            keys = [found.file_name if found[1:] == _NAME_ALONE else found for found in identities_of(assets)]
        numbers: list[int] = self._numbers.of(keys).number.tolist()
        return numbers
