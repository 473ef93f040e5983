"""The status of each asset, from the rows about it or from the answers about it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..markup.document import Status

#: The number that a column holds for each status.
STATUS_CODES = {status: place for place, status in enumerate(Status)}
#: By whether something was read, and whether something was lost.
_OUTCOMES = np.array(
    [
        [STATUS_CODES[Status.EMPTY], STATUS_CODES[Status.UNREADABLE]],
        [STATUS_CODES[Status.OK], STATUS_CODES[Status.PARTIAL]],
    ],
    dtype=np.uint8,
)


def any_of_assets(flags: NDArray[np.bool_], asset: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """``(count,)``: whether one of the ``flags`` about an asset is set; ``asset`` is that of each, -1 for none."""
    found = np.zeros(count, dtype=bool)
    found[asset[flags & (asset >= 0)]] = True
    return found


def status_of_assets(status: NDArray[np.uint8], asset: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``(count,)``: what all answers about an asset came to together; ``asset`` is that of each, -1 for none."""
    partial = status == STATUS_CODES[Status.PARTIAL]
    read = any_of_assets(partial | (status == STATUS_CODES[Status.OK]), asset, count)
    lost = any_of_assets(partial | (status == STATUS_CODES[Status.UNREADABLE]), asset, count)
    found: NDArray[np.uint8] = _OUTCOMES[read.astype(int), lost.astype(int)]
    return found


def status_of_rows(asset: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``(count,)``: OK for an asset that has rows, else EMPTY; ``asset`` is that of each row."""
    there = np.bincount(asset, minlength=count) > 0
    return np.where(there, STATUS_CODES[Status.OK], STATUS_CODES[Status.EMPTY]).astype(np.uint8)
