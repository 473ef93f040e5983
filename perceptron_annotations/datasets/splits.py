"""Which asset belongs to which part of a dataset: by a hash of its name, so that adding assets moves no other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ..errors import UsageError
from .dataset import Dataset


def split_of(dataset: Dataset, shares: Mapping[str, float], seed: int = 0) -> dict[str, str]:
    """The split of each asset by file name. ``shares`` are above zero, and are taken relative to their sum."""
    total = sum(shares.values())
    if not shares or not all(share > 0 for share in shares.values()):
        raise UsageError(f"splits must be shares above zero by name, not {dict(shares)}")
    found = {}
    for asset in dataset.assets:
        digest = hashlib.sha256(f"{seed}\0{asset.file_name}".encode("utf-8", "surrogatepass")).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64 * total
        for name, share in shares.items():
            found[asset.file_name] = name
            place -= share
            if place < 0:
                break
    return found
