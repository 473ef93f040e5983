"""Which asset belongs to which part of a dataset: by a list, or by a hash of its name, so that none moves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import isfinite
from pathlib import Path

import numpy as np

from ..errors import UsageError
from .dataset import Dataset
from .paths import inside

#: Shares above zero by name, such as ``{"train": 0.8, "val": 0.2}``, or the split of each asset by its file name.
Splits = Mapping[str, float] | Mapping[str, str]


def split_of(dataset: Dataset, splits: Splits, seed: int = 0) -> dict[str, str]:
    """The split of each asset by file name. Shares are taken relative to their sum.

    Raises ``UsageError`` as :func:`split_names` does, for shares that are not above zero, and where a list lacks one.
    """
    split_names(splits)
    listed = {name: split for name, split in splits.items() if isinstance(split, str)}
    if listed:
        missing = [asset.file_name for asset in dataset.assets if asset.file_name not in listed]
        if missing:
            raise UsageError(f"{len(missing)} pictures are in no split, first {missing[0]}: list them all")
        return {asset.file_name: listed[asset.file_name] for asset in dataset.assets}
    shares = {name: float(share) for name, share in splits.items()}
    total = sum(shares.values())
    if not all(share > 0 for share in shares.values()) or not (shares and isfinite(total)):
        raise UsageError(f"splits must be shares above zero by name, not {shares}")
    return {asset.file_name: _drawn(asset.file_name, shares, total, seed) for asset in dataset.assets}


def split_names(splits: Splits) -> list[str]:
    """The names of the splits, in the order in which they come.

    Raises ``UsageError`` for one that cannot be that of a file or folder.
    """
    listed = [split for split in splits.values() if isinstance(split, str)]
    names = list(dict.fromkeys(listed)) if listed else list(splits)
    for name in names:
        if not name.isprintable() or inside(Path(), name) != Path(name) or len(Path(name).parts) != 1:
            raise UsageError(f"a split needs a plain name, such as train, and not {name!r}")
    return names


def split_dataset(dataset: Dataset, splits: Splits, *, seed: int = 0) -> dict[str, Dataset]:
    """A dataset in parts by name, each with its own assets and all labels.

    With shares, the same name and ``seed`` always give the same part. Raises ``UsageError`` as ``write_yolo`` does.
    """
    names = split_of(dataset, splits, seed)
    return {
        split: dataset.take_assets(np.array([names[asset.file_name] == split for asset in dataset.assets], dtype=bool))
        for split in split_names(splits)
    }


def _drawn(name: str, shares: Mapping[str, float], total: float, seed: int) -> str:
    digest = hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogatepass")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64 * total
    *others, last = shares
    for split in others:
        place -= shares[split]
        if place < 0:
            return split
    return last
