"""How services resize an image before a model sees it: named rules from the size uploaded to the size seen.

A rule leaves an image that it made as it is, so the size may be that before the upload or that after a resize of your
own by the same rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from ..codes import Code
from ..errors import UsageError
from ..frames import Size
from ..words import member_of


class ResizeRule(Code):
    """The rules by name."""

    SMART_RESIZE_28 = (
        "smart_resize_28",
        "Qwen2-VL, Qwen2.5-VL: multiples of 28, 4 to 16,384 tokens of 28×28 pixels (qwen_vl_utils 0.0.14)",
    )
    SMART_RESIZE_28_1280 = (
        "smart_resize_28_1280",
        "the same with 256 to 1,280 tokens, the range that the model cards recommend",
    )
    SMART_RESIZE_32 = (
        "smart_resize_32",
        "Qwen3-VL: multiples of 32, 4 to 16,384 tokens of 32×32 pixels (qwen_vl_utils 0.0.14)",
    )
    UI_TARS = (
        "ui_tars",
        "UI-TARS 1.5: multiples of 28, 100 to 16,384 tokens of 28×28 pixels (bytedance/UI-TARS README_coordinates.md)",
    )
    CLAUDE = (
        "claude",
        (
            "Claude 4.7 and later: 2,576 pixels a side and 4,784 tokens of 28×28 at most "
            "(platform.claude.com, Coordinates and bounding boxes)"
        ),
    )
    CLAUDE_STANDARD = (
        "claude_standard",
        "Claude before 4.7: 1,568 pixels a side and 1,568 tokens at most (the same page)",
    )
    OPENAI_TILES = (
        "openai_tiles",
        (
            "GPT-4o, GPT-4.1, GPT-5.1: within 2,048×2,048, then the short side at most 768 "
            "(developers.openai.com, Images and vision)"
        ),
    )
    OPENAI_2500_PATCHES = (
        "openai_2500_patches",
        "GPT-5.4 and later with detail high: within 2,048×2,048 and 2,500 patches of 32×32 (the same page)",
    )
    OPENAI_6144_PATCHES = (
        "openai_6144_patches",
        "GPT-5.2, GPT-4.1 mini: within 2,048×2,048 and 6,144 patches of 32×32 (the same page)",
    )
    OPENAI_10000_PATCHES = (
        "openai_10000_patches",
        "GPT-5.5 with detail original or auto: within 6,000×6,000 and 10,000 patches of 32×32 (the same page)",
    )
    LONG_EDGE_2048 = "long_edge_2048", "the longer side at most 2,048, as some clients resize before the upload"


def resized(size: Size, rule: ResizeRule | None) -> Size:
    """The size of an image of this size after a rule; None leaves it as it is.

    >>> from perceptron_annotations.dialects import resized
    >>> resized((640, 480), "smart_resize_28"), resized((1920, 1080), "claude_standard")
    ((644, 476), (1456, 819))
    """
    return size if rule is None else _RULES[member_of(ResizeRule, rule, "the resize rule")](*size)


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


def _smart_resize(width: float, height: float, *, factor: int, least: int, most: int) -> Size:
    """The rule with its limits in tokens, each a square of ``factor`` pixels."""
    area = factor * factor
    return smart_resize(width, height, factor=factor, min_pixels=least * area, max_pixels=most * area)


def _claude(width: float, height: float, *, edge: int, tokens: int) -> Size:
    """The greatest size of the same shape whose sides, padded to patches of 28 pixels, are within both limits."""

    def fits(long: float, short: float) -> bool:
        columns, rows = math.ceil(long / _CLAUDE_PATCH), math.ceil(short / _CLAUDE_PATCH)
        return max(columns, rows) * _CLAUDE_PATCH <= edge and columns * rows <= tokens

    long, short = max(width, height), min(width, height)
    if fits(long, short):
        return width, height
    least, most = 1, math.ceil(long)
    while least + 1 < most:
        middle = (least + most) // 2
        if fits(middle, _beside(middle, long / short)):
            least = middle
        else:
            most = middle
    other = _beside(least, long / short)
    return (least, other) if width >= height else (other, least)


def _beside(long: int, ratio: float) -> int:
    return max(round(long / ratio), 1)


def _within(width: float, height: float, *, edge: int) -> Size:
    """Both sides at most ``edge``, in whole pixels."""
    long = max(width, height)
    if long <= edge:
        return width, height
    return max(round(width * edge / long), 1), max(round(height * edge / long), 1)


def _openai_tiles(width: float, height: float) -> Size:
    width, height = _within(width, height, edge=2048)
    short = min(width, height)
    if short <= _TILES_SHORT_SIDE:
        return width, height
    return math.floor(width * _TILES_SHORT_SIDE / short), math.floor(height * _TILES_SHORT_SIDE / short)


def _openai_patches(width: float, height: float, *, edge: int, patches: int) -> Size:
    width, height = _within(width, height, edge=edge)
    if math.ceil(width / _PATCH) * math.ceil(height / _PATCH) <= patches:
        return width, height
    shrink = math.sqrt(_PATCH * _PATCH * patches / (width * height))
    shrink *= min(max(math.floor(side * shrink / _PATCH), 1) / (side * shrink / _PATCH) for side in (width, height))
    return max(math.floor(width * shrink + _ROUNDING), 1), max(math.floor(height * shrink + _ROUNDING), 1)


_MOST_RATIO = 200
_CLAUDE_PATCH = 28
_TILES_SHORT_SIDE = 768
_PATCH = 32
#: A side that is whole but for the last bits of a float is that many pixels.
_ROUNDING = 1e-9

_RULES: dict[ResizeRule, Callable[[float, float], Size]] = {
    ResizeRule.SMART_RESIZE_28: partial(_smart_resize, factor=28, least=4, most=16384),
    ResizeRule.SMART_RESIZE_28_1280: partial(_smart_resize, factor=28, least=256, most=1280),
    ResizeRule.SMART_RESIZE_32: partial(_smart_resize, factor=32, least=4, most=16384),
    ResizeRule.UI_TARS: partial(_smart_resize, factor=28, least=100, most=16384),
    ResizeRule.CLAUDE: partial(_claude, edge=2576, tokens=4784),
    ResizeRule.CLAUDE_STANDARD: partial(_claude, edge=1568, tokens=1568),
    ResizeRule.OPENAI_TILES: _openai_tiles,
    ResizeRule.OPENAI_2500_PATCHES: partial(_openai_patches, edge=2048, patches=2500),
    ResizeRule.OPENAI_6144_PATCHES: partial(_openai_patches, edge=2048, patches=6144),
    ResizeRule.OPENAI_10000_PATCHES: partial(_openai_patches, edge=6000, patches=10000),
    ResizeRule.LONG_EDGE_2048: partial(_within, edge=2048),
}
