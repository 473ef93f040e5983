"""The status of each asset, from the rows about it or from the answers about it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..completions.ending import ENDING_CODES, Ending
from ..markup.document import Status

#: The number that a column holds for each status.
STATUS_CODES = {status: code for code, status in enumerate(Status)}
#: The code by whether anything was read (the row) and whether anything was lost (the column).
_COMBINED = np.array(
    [
        [STATUS_CODES[Status.EMPTY], STATUS_CODES[Status.UNREADABLE]],
        [STATUS_CODES[Status.OK], STATUS_CODES[Status.PARTIAL]],
    ],
    dtype=np.uint8,
)


def any_of_assets(flags: NDArray[np.bool_], asset: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """``(count,)``: whether any of the ``flags`` of an asset is set; ``asset`` is that of each flag, -1 for none."""
    is_set = np.zeros(count, dtype=bool)
    is_set[asset[flags & (asset >= 0)]] = True
    return is_set


def ending_of_assets(ending: NDArray[np.uint8], asset: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``(count,)``: the worst ending of the answers about an asset; ``asset`` is that of each answer, -1 for none.

    An asset without an answer is unstated.
    """
    worst = np.zeros(count, dtype=np.uint8)
    is_told = asset >= 0
    np.maximum.at(worst, asset[is_told], ending[is_told])
    worst[np.bincount(asset[is_told], minlength=count) == 0] = ENDING_CODES[Ending.UNSTATED]
    return worst


def status_of_assets(status: NDArray[np.uint8], asset: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``(count,)``: one status for all answers about an asset; ``asset`` is that of each answer, -1 for none."""
    partial = status == STATUS_CODES[Status.PARTIAL]
    read = any_of_assets(partial | (status == STATUS_CODES[Status.OK]), asset, count)
    lost = any_of_assets(partial | (status == STATUS_CODES[Status.UNREADABLE]), asset, count)
    combined: NDArray[np.uint8] = _COMBINED[read.astype(int), lost.astype(int)]
    return combined


def status_of_rows(asset: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``(count,)``: OK for an asset that has rows, else EMPTY; ``asset`` is that of each row."""
    has_rows = np.bincount(asset, minlength=count) > 0
    return np.where(has_rows, STATUS_CODES[Status.OK], STATUS_CODES[Status.EMPTY]).astype(np.uint8)
