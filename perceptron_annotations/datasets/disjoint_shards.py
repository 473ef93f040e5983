"""Shards of a dataset of which no two are about one image, so that who writes them need not remember the images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .asset_identity import AssetNumbers
from .dataset import Dataset, DatasetAsset


class DisjointShards:
    """Shards, each of whose images is in no other of them. They are a dataset to every writer that takes shards."""

    def __init__(self, shards: Iterable[Dataset]) -> None:
        self._shards = shards

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self._shards)


def asset_numbers(dataset: Dataset | Iterable[Dataset]) -> AssetNumbers:
    """What numbers the assets of a dataset whose shards are to be written."""
    return _PassingAssets() if isinstance(dataset, DisjointShards) else AssetNumbers()


class _PassingAssets(AssetNumbers):
    """Numbers assets none of which comes again."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, assets: Sequence[DatasetAsset]) -> list[int]:
        before = self._count
        self._count += len(assets)
        return list(range(before, self._count))
