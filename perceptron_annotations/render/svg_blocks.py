"""Pieces of a drawing with their sizes, and how they stand together: below each other or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .html_fragments import Html, tag, together

#: Between two pieces, in CSS pixels.
_GAP = 12.0
_LINE = 15.0
_FONT_SIZE = 12
#: The width of a column of characters of that font.
_COLUMN = 6.8


class Block(NamedTuple):
    """A drawing in a rectangle from ``(0, 0)``, in CSS pixels."""

    width: float
    height: float
    body: Html


def below(blocks: Sequence[Block], gap: float = _GAP) -> Block:
    """One block below the other, at the left."""
    y, parts = 0.0, []
    for block in blocks:
        parts.append(_moved(block, 0, y))
        y += block.height + gap
    return Block(max((block.width for block in blocks), default=0.0), max(y - gap, 0.0), together(parts))


def beside(blocks: Sequence[Block]) -> Block:
    """One block beside the other, at the top."""
    x, parts = 0.0, []
    for block in blocks:
        parts.append(_moved(block, x, 0))
        x += block.width + _GAP
    return Block(max(x - _GAP, 0.0), max((block.height for block in blocks), default=0.0), together(parts))


def words(line: str) -> Block:
    """A line of text."""
    drawn = tag("text", line, x=0, y=_LINE - 4, font_size=_FONT_SIZE, fill="currentColor", fill_opacity=0.75)
    return Block(_COLUMN * len(line), _LINE, drawn)


def _moved(block: Block, x: float, y: float) -> Html:
    return block.body if x == y == 0 else tag("g", block.body, transform=f"translate({x:.6g} {y:.6g})")


def svg_of(block: Block, *, style: str | None = None, class_: str | None = None) -> Html:
    """The element ``svg`` of a block."""
    width, height = max(block.width, 1.0), max(block.height, 1.0)
    return tag(
        "svg",
        block.body,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width:.6g} {height:.6g}",
        font_family="system-ui, sans-serif",
        style=style,
        class_=class_,
    )
