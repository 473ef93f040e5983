"""Boxes as ``(N, 4)`` float64 arrays of left, top, right, bottom: layouts, areas, and how two boxes relate.

Corners may come in any order. A box without width or height has the area 0; one that is not finite lies nowhere.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from ..words import member_of
from .arrays import Floats, as_floats, ordered_columns


class BoxFormat(StrEnum):
    """The layout of the four numbers of a box."""

    XYXY = "xyxy"
    """Two opposite corners."""
    XYWH = "xywh"
    """The left top corner and the size, as COCO writes it."""
    CXCYWH = "cxcywh"
    """The centre and the size, as YOLO writes it."""


#: The words for the layouts.
BoxFormatName: TypeAlias = Literal["xyxy", "xywh", "cxcywh"]


def box_convert(boxes: ArrayLike, in_fmt: BoxFormat | BoxFormatName, out_fmt: BoxFormat | BoxFormatName) -> Floats:
    """``(N, 4)`` boxes in another layout. Corners that come as xyxy are ordered first; NaN stays NaN.

    Raises ``UsageError`` if a layout is not one of :class:`BoxFormat`.

    >>> pa.ops.box_convert([[30, 10, 10, 50]], "xyxy", "xywh").tolist()
    [[10.0, 10.0, 20.0, 40.0]]
    """
    array = as_floats("boxes", boxes, 4)
    source, target = member_of(BoxFormat, in_fmt, "in_fmt"), member_of(BoxFormat, out_fmt, "out_fmt")
    first, second = array[:, :2], array[:, 2:]
    if source is BoxFormat.XYXY:
        low, high = np.minimum(first, second), np.maximum(first, second)
    elif source is BoxFormat.XYWH:
        low, high = first, first + second
    else:
        low, high = first - second / 2, first + second / 2
    if target is BoxFormat.XYXY:
        return np.hstack([low, high])
    size = second if source is not BoxFormat.XYXY else high - low  # sizes that were given stay what they were
    if target is BoxFormat.XYWH:
        return np.hstack([low, size])
    return np.hstack([first if source is BoxFormat.CXCYWH else low + size / 2, size])


def box_area(boxes: ArrayLike) -> Floats:
    """``(N,)``: width times height of xyxy boxes; 0 for one that is not finite.

    >>> pa.ops.box_area([[0, 0, 10, 20], [5, 5, 5, 9]]).tolist()
    [200.0, 0.0]
    """
    left, top, right, bottom = ordered_columns("boxes", boxes)
    area: Floats = (right - left) * (bottom - top)
    return area


def box_intersection(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, 4)``: the box that box i of ``a`` and box i of ``b`` share; NaN if they do not even touch.

    >>> pa.ops.box_intersection([[0, 0, 10, 10]], [[5, 5, 20, 20]]).tolist()
    [[5.0, 5.0, 10.0, 10.0]]
    """
    first, second = _aligned(a, b)
    shared = np.vstack([np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])])
    shared[:, (shared[0] > shared[2]) | (shared[1] > shared[3])] = np.nan
    return shared.T.copy()


def enclosing_box(a: ArrayLike, b: ArrayLike) -> Floats:
    """``(N, 4)``: the smallest box around box i of ``a`` and box i of ``b``.

    >>> pa.ops.enclosing_box([[0, 0, 10, 10]], [[5, 5, 20, 20]]).tolist()
    [[0.0, 0.0, 20.0, 20.0]]
    """
    first, second = _aligned(a, b)
    return np.vstack([np.minimum(first[:2], second[:2]), np.maximum(first[2:], second[2:])]).T.copy()


def box_contains(outer: ArrayLike, inner: ArrayLike) -> NDArray[np.bool_]:
    """``(N,)``: whether box i of ``inner`` lies in box i of ``outer``, edges included.

    >>> pa.ops.box_contains([[0, 0, 10, 10], [0, 0, 10, 10]], [[0, 2, 10, 8], [5, 5, 11, 9]]).tolist()
    [True, False]
    """
    around, within = _aligned(outer, inner)
    holds: NDArray[np.bool_] = np.all((around[:2] <= within[:2]) & (around[2:] >= within[2:]), axis=0)
    return holds


def box_center(boxes: ArrayLike) -> Floats:
    """``(N, 2)``: the centres.

    >>> pa.ops.box_center([[0, 0, 10, 20]]).tolist()
    [[5.0, 10.0]]
    """
    columns = ordered_columns("boxes", boxes)
    return ((columns[:2] + columns[2:]) / 2).T.copy()


def clip_boxes_to_image(boxes: ArrayLike, width: float, height: float) -> Floats:
    """``(N, 4)``: the part of each box that lies in ``0 … width`` and ``0 … height``; one outside has no area.

    >>> pa.ops.clip_boxes_to_image([[-5, 10, 700, 90]], 640, 480).tolist()
    [[0.0, 10.0, 640.0, 90.0]]
    """
    columns = ordered_columns("boxes", boxes)
    np.clip(columns[0::2], 0.0, width, out=columns[0::2])
    np.clip(columns[1::2], 0.0, height, out=columns[1::2])
    return columns.T.copy()


def _aligned(a: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
    first, second = ordered_columns("a", a), ordered_columns("b", b)
    if first.shape != second.shape:
        raise UsageError(f"a and b must have as many boxes each, not {first.shape[1]} and {second.shape[1]}")
    return first, second
