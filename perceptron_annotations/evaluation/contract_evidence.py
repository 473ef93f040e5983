"""What the numbers of many boxes say for and against a contract: an order, and what the numbers count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..dialects.resizing import ResizeRule, resized
from ..dialects.scales import Order
from ..errors import UsageError
from ..frames import Size
from ..ops.arrays import Floats, Indices
from ..ops.iou import box_iou

#: A model may point a little beyond the edge of its image; further out, a number contradicts its frame.
_BEYOND = 0.02
#: Boxes that all lie so near to the origin are those of a frame that is much smaller.
_CROWDED = 0.02
#: Fewer boxes than this may lie anywhere by chance.
_FEWEST = 5

_GRIDS = (1.0, 100.0, 999.0, 1000.0, 1024.0)
_NAMES = {1.0: "unit", 100.0: "percent"}
_ORDERS = (Order.XYXY, Order.YXYX, Order.XYWH)


class WrittenBoxes(Struct, frozen=True, kw_only=True):
    """The boxes of many answers as four numbers each, N of them, with the image of each and what is known of that."""

    #: ``(N, 4)`` as written.
    numbers: Floats
    #: ``(N,)`` places in the columns below.
    image: Indices
    #: ``(I, 2)`` width and height of each image as it was uploaded, NaN if unknown.
    sizes: Floats
    #: For each image its true boxes, ``(T, 4)`` left, top, right and bottom in the unit square; None if unknown.
    truth: Sequence[Floats | None]


class Contract(Struct, frozen=True):
    """An order and what the numbers count: parts of a side, or pixels after a resize rule.

    >>> from perceptron_annotations.dialects import Order
    >>> print(Contract(Order.YXYX, 1000.0), Contract(Order.XYXY, None, "smart_resize_28"), sep="; ")
    json-yxyx-1000; json-xyxy-pixels after smart_resize_28
    """

    order: Order
    #: None for pixels.
    parts: float | None
    resize: ResizeRule | None = None

    def __str__(self) -> str:
        """``json-xyxy-1000``, as ``dialect_named`` takes it; behind pixels the resize rule."""
        if self.parts is None:
            return f"json-{self.order}-pixels" + (f" after {self.resize}" if self.resize else "")
        return f"json-{self.order}-{_NAMES.get(self.parts, f'{self.parts:g}')}"


def unit_corners(contract: Contract, boxes: WrittenBoxes) -> Floats:
    """``(N, 4)`` left, top, right and bottom in the unit square if the contract holds; NaN without a size."""
    a, b, c, d = boxes.numbers.T
    if contract.order is Order.YXYX:
        a, b, c, d = b, a, d, c
    elif contract.order is Order.XYWH:
        c, d = a + c, b + d
    extents = _extents(contract, boxes.sizes)[boxes.image]
    return np.stack([a, b, c, d], axis=1) / np.tile(extents, 2)


def _extents(contract: Contract, sizes: Floats) -> Floats:
    """``(I, 2)`` how far the numbers reach in each image."""
    if contract.parts is not None:
        return np.full(sizes.shape, contract.parts)
    return np.array([_resized((width, height), contract.resize) for width, height in sizes.tolist()]).reshape(-1, 2)


def _resized(size: Size, rule: ResizeRule | None) -> Size:
    if np.isnan(size).any():
        return np.nan, np.nan
    try:
        return resized(size, rule)
    except UsageError:  # an image that the service refuses
        return np.nan, np.nan


def contracts(boxes: WrittenBoxes) -> Iterator[Contract]:
    """The contracts that models are known to use, without those that need sizes that nobody knows."""
    for order in _ORDERS:
        yield from (Contract(order, parts) for parts in _GRIDS)
    if not np.isnan(boxes.sizes).all():
        yield from (Contract(order, None, rule) for order, rule in product(_ORDERS, (None, *ResizeRule)))


def contradictions(corners: Floats) -> NDArray[np.bool_]:
    """``(N,)`` whether a box speaks against the contract that gave its corners; a box without a size does not.

    Its corners are out of order, it reaches beyond the image by more than a fiftieth, or all boxes lie in the first
    fiftieth of their images.
    """
    known = ~np.isnan(corners).any(axis=1)
    left, top, right, bottom = corners.T
    with np.errstate(invalid="ignore"):
        against = (left > right) | (top > bottom) | (corners < -_BEYOND).any(axis=1)
        against |= (corners > 1 + _BEYOND).any(axis=1)
        crowded = known.sum() >= _FEWEST and bool((corners[known] < _CROWDED).all())
    found: NDArray[np.bool_] = known & (against | crowded)
    return found


def agreement(corners: Floats, boxes: WrittenBoxes) -> Floats:
    """``(I,)`` how well the boxes of each image agree with its truth; NaN for an image without known truth.

    It is the mean of the greatest IoU of each true box with any box of the answer, and of each of these with a true
    one: 1 if they are the same.
    """
    found = np.full(len(boxes.truth), np.nan)
    order = np.argsort(boxes.image, kind="stable")
    bounds = np.searchsorted(boxes.image[order], np.arange(len(boxes.truth) + 1))
    for image, truth in enumerate(boxes.truth):
        rows = order[bounds[image] : bounds[image + 1]]
        if truth is None or not len(truth) or not len(rows) or np.isnan(corners[rows]).any():
            continue
        overlaps = box_iou(_ordered(corners[rows]), truth)
        found[image] = np.concatenate([overlaps.max(axis=0), overlaps.max(axis=1)]).mean()
    return found


def _ordered(corners: Floats) -> Floats:
    return np.concatenate([np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])], 1)
