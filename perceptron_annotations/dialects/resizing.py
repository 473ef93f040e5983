"""How services resize an image before a model sees it: named rules from the size uploaded to the size seen."""

from __future__ import annotations

import math
from enum import StrEnum

from ..errors import UsageError
from ..frames import Size


class ResizeRule(StrEnum):
    """The rules by name."""

    SMART_RESIZE_28 = "smart_resize_28"
    """Qwen2-VL and Qwen2.5-VL: sides are multiples of 28, from 56² to 14² · 4 · 1280 pixels in all."""


def resized(size: Size, rule: ResizeRule | None) -> Size:
    """The size of an image of this size after a rule; None leaves it as it is.

    >>> from perceptron_annotations.dialects import resized
    >>> resized((640, 480), "smart_resize_28")
    (644, 476)
    """
    if rule is None:
        return size
    width, height = size
    rule = ResizeRule(rule)
    return smart_resize(width, height, factor=28, min_pixels=56 * 56, max_pixels=14 * 14 * 4 * 1280)


def smart_resize(width: float, height: float, *, factor: int, min_pixels: int, max_pixels: int) -> Size:
    """The size that ``qwen_vl_utils.smart_resize`` gives: multiples of ``factor`` within a number of pixels.

    Raises ``UsageError`` if one side is more than 200 times as long as the other, which the original refuses too.

    Args:
        width: Of the image, in pixels.
        height: Of the image, in pixels.
        factor: Both sides become multiples of it.
        min_pixels: The least number of pixels after it.
        max_pixels: The greatest number of pixels after it.

    >>> from perceptron_annotations.dialects import smart_resize
    >>> smart_resize(4000, 3000, factor=28, min_pixels=3136, max_pixels=1_003_520)
    (1148, 840)
    """
    if max(width, height) / min(width, height) > _MOST_RATIO:
        raise UsageError(f"an image of {width:g}×{height:g} is too narrow: one side is over 200 times the other")
    wide, high = (max(factor, round(side / factor) * factor) for side in (width, height))
    if wide * high > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        wide, high = (max(factor, math.floor(side / shrink / factor) * factor) for side in (width, height))
    elif wide * high < min_pixels:
        grow = math.sqrt(min_pixels / (width * height))
        wide, high = (math.ceil(side * grow / factor) * factor for side in (width, height))
    return wide, high


_MOST_RATIO = 200
