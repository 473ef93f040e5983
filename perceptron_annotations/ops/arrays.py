"""What the ops take, brought to one form: float64, boxes ordered.

A box that cannot be measured (not finite, or beyond 1e150, where areas overflow) lies nowhere. It becomes an empty box
at the origin here, so that no formula of the ops meets a NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Coordinates beyond it have areas that float64 does not hold.
LARGEST = 1e150


def as_floats(name: str, values: ArrayLike, width: int | None = None) -> Floats:
    """``values`` as float64 of shape ``(N,)`` or ``(N, width)``; raises ``UsageError`` that names them."""
    try:
        given = np.asanyarray(values)
        is_whole = not (np.iscomplexobj(given) or np.ma.is_masked(given))
        array = np.asarray(given, dtype=np.float64) if is_whole else np.empty(0)
    except (TypeError, ValueError):
        raise UsageError(f"{name} must be numbers in an array") from None
    if not is_whole:
        raise UsageError(f"{name} must be real numbers, none of them masked: leave masked rows out")
    if width is not None and array.size == 0:
        array = array.reshape(0, width)
    wanted = (len(array),) if width is None and array.ndim else (len(array) if array.ndim else 0, width)
    if array.shape != wanted:
        shape = "(N,)" if width is None else f"(N, {width})"
        raise UsageError(f"{name} must have the shape {shape}, not {array.shape}")
    return array


def ordered_columns(name: str, boxes: ArrayLike) -> Floats:
    """``(4, N)``: see :func:`ordered`."""
    return ordered(as_floats(name, boxes, 4))


def ordered(boxes: Floats) -> Floats:
    """``(4, …)``: left, top, right and bottom of xyxy boxes ``(…, 4)``; one that cannot be measured is empty."""
    columns = np.array(np.moveaxis(boxes, -1, 0), order="C")
    if not np.all(columns[:2] <= columns[2:]):
        columns = np.concatenate([np.minimum(columns[:2], columns[2:]), np.maximum(columns[:2], columns[2:])])
    if not (columns[:2].min(initial=0.0) >= -LARGEST and columns[2:].max(initial=0.0) <= LARGEST):  # or NaN
        columns[:, ~measurable(columns, axis=0)] = 0.0
    return columns


def measurable(values: Floats, axis: int) -> NDArray[np.bool_]:
    """Whether all numbers along ``axis`` are finite and small enough that areas are."""
    small: NDArray[np.bool_] = np.all(np.abs(values) <= LARGEST, axis=axis)
    return small
