"""What identifies an asset: its place in a dataset, and what finds it again in another shard or file.

A file name does not: a dataset may have two images of one name, in two splits or in two folders that a file does not
tell apart. Within a dataset an asset is its index in ``Dataset.assets``, and nothing else. Shards and files of one
dataset know an asset by its :class:`AssetIdentity`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat, starmap
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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


def identities_of(assets: Sequence[DatasetAsset]) -> list[AssetIdentity]:
    """The identity of each asset of a dataset or of a shard, in order.

    >>> from perceptron_annotations.datasets import DatasetAsset
    >>> twice = [DatasetAsset(file_name="a.png", split=split) for split in ("train", "val", "val")]
    >>> [(found.split, found.occurrence) for found in identities_of(twice)]
    [('train', 0), ('val', 0), ('val', 1)]
    """
    return list(starmap(AssetIdentity, _identified(assets)))


#: The fields of an identity.
_Key: TypeAlias = tuple[str, str | None, str | None, int]


def _identified(assets: Sequence[DatasetAsset]) -> Iterable[_Key]:
    """The fields of the identities."""
    names, splits = [asset.file_name for asset in assets], [asset.split for asset in assets]
    sources = [asset.source_id for asset in assets]
    if len(set(zip(names, splits, sources, strict=True))) == len(names):  # as nearly always
        return zip(names, splits, sources, repeat(0), strict=False)
    seen: Counter[tuple[str, str | None, str | None]] = Counter()
    found: list[_Key] = []
    for name, split, source in zip(names, splits, sources, strict=True):
        found.append((name, split, source, seen[name, split, source]))
        seen[name, split, source] += 1
    return found


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
        self._numbers: dict[_Key, int] = {}  # without making identities, since there may be millions

    def __len__(self) -> int:
        return len(self._numbers)

    def enter(self, assets: Sequence[DatasetAsset]) -> list[int]:
        """The number of each asset of one more shard."""
        numbers = self._numbers
        return [numbers.setdefault(identity, len(numbers)) for identity in _identified(assets)]
