"""What the lines of a comparison mean, in a row below the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from .canvas import Canvas
from .label_text import line_height, plain_text
from .palette import INK, WHITE
from .strokes import Stroke

if TYPE_CHECKING:
    from PIL import Image

#: The sample of a line, in ems.
_SAMPLE = 2.6


class LegendEntry(NamedTuple):
    """A line and its words."""

    stroke: Stroke
    text: str


def legend(entries: Sequence[LegendEntry], width: int, size: int) -> Image.Image:
    """An image of ``width`` with the entries beside each other, in as many rows as they need."""
    from PIL import Image

    height, gap, sample = line_height(size) + size // 2, size // 2, round(_SAMPLE * size)
    placed, x, y = [], gap, gap // 2
    for entry in entries:
        words = plain_text(entry.text, size)
        needed = sample + gap + words.width
        if x > gap and x + needed > width - gap:
            x, y = gap, y + height
        placed.append((entry, words, x, y))
        x += needed + 2 * gap
    canvas = Canvas(Image.new("RGB", (width, y + height + gap // 2), WHITE), text_size=size)
    for entry, words, left, top in placed:
        middle = top + height // 2 + entry.stroke.width / 2  # its edges lie between pixels
        canvas.path([(left, middle), (left + sample, middle)], entry.stroke)
        canvas.image.paste(INK, (left + sample + gap, top + (height - words.height) // 2), words)
    return canvas.image
