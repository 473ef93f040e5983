"""What the ops take, brought to one form: ordered float64 boxes, groups as offsets.

The one idea: a box that is not finite lies nowhere, so it becomes an empty box at the origin, and no formula below
meets a NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def as_floats(name: str, values: ArrayLike, width: int | None = None) -> Floats:
    """``values`` as float64 of shape ``(N,)`` or ``(N, width)``; raises ``UsageError`` that names them."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"{name} must be numbers in an array") from None
    if width is not None and array.size == 0:
        array = array.reshape(0, width)
    wanted = (len(array),) if width is None and array.ndim else (len(array) if array.ndim else 0, width)
    if array.shape != wanted:
        shape = "(N,)" if width is None else f"(N, {width})"
        raise UsageError(f"{name} must have the shape {shape}, not {array.shape}")
    return array


def ordered_columns(name: str, boxes: ArrayLike) -> Floats:
    """``(4, N)``: left, top, right and bottom of xyxy boxes, ordered, a row each; one that is not finite is empty."""
    given = np.ascontiguousarray(as_floats(name, boxes, 4).T)
    columns = np.empty_like(given)
    np.minimum(given[:2], given[2:], out=columns[:2])
    np.maximum(given[:2], given[2:], out=columns[2:])
    if not np.isfinite(columns.sum()):  # one is not finite, or the sum is too large
        columns[:, ~np.isfinite(columns).all(axis=0)] = 0.0
    return columns


def as_groups(name: str, groups: ArrayLike | None, count: int) -> Indices:
    """``(count,)`` whole numbers, one group for each row; all in group 0 where None."""
    if groups is None:
        return np.zeros(count, dtype=np.int64)
    array = np.asarray(groups)
    if array.shape != (count,) or (array.size and array.dtype.kind not in "iub"):
        raise UsageError(f"{name} must be {count} whole numbers, not {array.dtype} of shape {array.shape}")
    return array.astype(np.int64, copy=False)


class Grouped(NamedTuple):
    """Rows in the order of their groups: ``order[offsets[g] : offsets[g + 1]]`` are those of the g-th of ``ids``."""

    order: Indices
    offsets: Indices
    ids: Indices
    is_input_order: bool


def grouped(groups: Indices) -> Grouped:
    """The rows by group, those of one in input order."""
    is_sorted = bool(np.all(groups[1:] >= groups[:-1]))
    order = np.arange(len(groups)) if is_sorted else np.argsort(groups, kind="stable")
    there = groups[order]
    starts = np.flatnonzero(np.concatenate([[True], there[1:] != there[:-1]])) if len(there) else np.empty(0, np.int64)
    return Grouped(order, np.append(starts, len(there)), there[starts], is_sorted)


def ranges(starts: Indices, counts: Indices) -> Indices:
    """``start … start + count`` of each, one after the other."""
    total = int(counts.sum())
    ends = np.cumsum(counts)
    return np.repeat(starts - (ends - counts), counts) + np.arange(total)
