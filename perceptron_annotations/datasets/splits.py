"""The parts of a dataset, such as train and val: its own, by a list, or by a stable hash of the file name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import isclose, isfinite
from pathlib import Path

import numpy as np
from msgspec import structs

from ..errors import UsageError
from .dataset import Dataset
from .paths import inside

#: How far from 1 the sum of shares may be, so that thirds may be written with some digits.
_TOLERANCE = 1e-6
#: Shares by split, which sum to 1, such as ``{"train": 0.8, "val": 0.2}``, or the split of each asset by its file name.
Splits = Mapping[str, float] | Mapping[str, str]


def split_of(dataset: Dataset, splits: Splits | None, seed: int = 0) -> list[str]:
    """The split of each asset; without ``splits``, an asset has its own split.

    Raises ``UsageError`` as :func:`check_splits` does, and if a list does not have an asset or an asset has no split of
    its own.
    """
    if splits is None:
        missing = [asset.file_name for asset in dataset.assets if asset.split is None]
        if missing:
            raise UsageError(f"{len(missing)} assets have no split, first {missing[0]}: give splits, such as train=0.8")
        return _checked([asset.split or "" for asset in dataset.assets])
    check_splits(splits)
    listed = {name: split for name, split in splits.items() if isinstance(split, str)}
    if listed:
        missing = [asset.file_name for asset in dataset.assets if asset.file_name not in listed]
        if missing:
            raise UsageError(f"{len(missing)} assets are in no split, first {missing[0]}: list every asset")
        return [listed[asset.file_name] for asset in dataset.assets]
    shares = {name: float(share) for name, share in splits.items()}
    return [_drawn(asset.file_name, shares, seed) for asset in dataset.assets]


def check_splits(splits: Splits) -> None:
    """Raise ``UsageError`` for shares that are not above zero or do not sum to 1, and for names that no file can have.

    >>> check_splits({"train": 8, "val": 2})
    Traceback (most recent call last):
    ...
    perceptron_annotations.errors.UsageError: the shares of splits must sum to 1, not 10: write train=0.8,val=0.2
    """
    split_names(splits)
    if any(isinstance(share, str) for share in splits.values()):
        return
    shares = {name: float(share) for name, share in splits.items()}
    total = sum(shares.values())
    if not shares or not isfinite(total) or not all(share > 0 for share in shares.values()):
        given = ",".join(f"{name}={share:g}" for name, share in shares.items())
        raise UsageError(f"splits must be shares above zero, such as train=0.8,val=0.2, not {given or 'none'}")
    if not isclose(total, 1, rel_tol=0, abs_tol=_TOLERANCE):
        raise UsageError(f"the shares of splits must sum to 1, not {total:g}: write {_summing_to_one(shares, total)}")


def _summing_to_one(shares: Mapping[str, float], total: float) -> str:
    """Shares in the same ratio, with as few digits as it takes; what rounding leaves goes to the last."""
    *others, last = shares
    for digits in (3, 6):
        rounded = {name: round(shares[name] / total, digits) for name in others}
        rounded[last] = round(1 - sum(rounded.values()), digits)
        if min(rounded.values()) > 0:
            return ",".join(f"{name}={share:g}" for name, share in rounded.items())
    return "shares such as train=0.8,val=0.2"


def split_names(splits: Splits) -> list[str]:
    """The names of the splits, in the order in which they first come.

    Raises ``UsageError`` if one of them cannot be the name of a file or folder.
    """
    listed = [split for split in splits.values() if isinstance(split, str)]
    return list(dict.fromkeys(_checked(listed or list(splits))))


def _checked(names: list[str]) -> list[str]:
    for name in dict.fromkeys(names):
        if not name.isprintable() or inside(Path(), name) != Path(name) or len(Path(name).parts) != 1:
            raise UsageError(f"the name of a split must be a plain word, such as train, not {name!r}")
    return names


def split_dataset(dataset: Dataset, splits: Splits | None = None, *, seed: int = 0) -> dict[str, Dataset]:
    """The parts of a dataset by name, each with its own assets, whose ``split`` is that name, and all labels.

    Without ``splits``, the parts are those that the assets have already. With shares, an asset goes to a split by a
    hash of its file name and ``seed``: it stays there when other assets come or go, and the sizes of the parts are
    close to the shares, not equal to them. Raises ``UsageError`` if a share is not above zero or shares do not sum to
    1, if a list does not have an asset or an asset has no split, or if the name of a split cannot be that of a file.

    >>> from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, split_dataset
    >>> builder = DatasetBuilder()
    >>> for number in range(500):
    ...     _ = builder.add_asset(DatasetAsset(file_name=f"{number}.png"))
    >>> parts = split_dataset(builder.build(), {"train": 0.8, "val": 0.2})
    >>> {name: len(part.assets) for name, part in parts.items()}
    {'train': 396, 'val': 104}
    >>> parts["val"].assets[0].split
    'val'
    """
    names = split_of(dataset, splits, seed)
    marked = dataset.with_assets(
        [structs.replace(asset, split=name) for asset, name in zip(dataset.assets, names, strict=True)]
    )
    parts = dict.fromkeys(names) if splits is None else split_names(splits)
    return {part: marked.take_assets(np.array([name == part for name in names], dtype=bool)) for part in parts}


def _drawn(name: str, shares: Mapping[str, float], seed: int) -> str:
    digest = hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogatepass")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    *others, last = shares
    for split in others:
        place -= shares[split]
        if place < 0:
            return split
    return last
