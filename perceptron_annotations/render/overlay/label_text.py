"""The label of a shape as a small image: its words and its score on a ground of its colour.

Setting letters is what drawing costs most, and the same words come again on image after image. So words and scores are
set once each and kept, and so are whole labels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .fonts import FontNames, fitting_font, font
from .palette import Rgb, ink_on

if TYPE_CHECKING:
    from PIL import Image

#: More characters than this are never set; what is taken out of the middle leaves an ellipsis.
_MOST_CHARACTERS = 64
_ELLIPSIS = "…"
#: Space around the letters and between words and score, in ems.
_SIDE_SPACE = 0.34
_TOP_SPACE = 0.16
_SCORE_SPACE = 0.5
_WORD_SPACE = 0.3


class LabelStyle(NamedTuple):
    """What all labels of an image share."""

    size: int
    fonts: FontNames = ()
    #: No label is wider than this, in pixels.
    most_width: int = 10_000


def label_image(text: str, score: str, colour: Rgb, style: LabelStyle) -> Image.Image:
    """A label in RGB; ``text`` may be any text of a model. It is shared, so it must not be changed."""
    return _whole_label(_shortened(text, _MOST_CHARACTERS), score, colour, style)


@lru_cache(maxsize=4096)
def _whole_label(text: str, score: str, colour: Rgb, style: LabelStyle) -> Image.Image:
    from PIL import Image

    side, gap = round(_SIDE_SPACE * style.size), round(_SCORE_SPACE * style.size)
    number = _set_line(score, style.size, ()) if score else None
    room = style.most_width - 2 * side - (number.width + gap if number else 0)
    words = _fitted(text, room, style) if text else None
    parts = [part for part in (words, number) if part is not None]
    height = line_height(style.size)
    width = 2 * side + sum(part.width for part in parts) + gap * max(len(parts) - 1, 0)
    label = Image.new("RGB", (max(width, 1), height), colour)
    place = side
    for part in parts:
        label.paste(ink_on(colour), (place, (height - part.height) // 2), part)
        place += part.width + gap
    return label


def plain_text(text: str, size: int) -> Image.Image:
    """Words of our own as a mask. It is shared, so it must not be changed."""
    return _set_line(text, size, ())


@lru_cache(maxsize=64)
def line_height(size: int) -> int:
    """How high a label is."""
    return round(size * (1 + 2 * _TOP_SPACE)) + 1


def _fitted(text: str, room: int, style: LabelStyle) -> Image.Image:
    """The words as a mask, with characters taken out of their middle until it is at most ``room`` wide."""
    count = len(text)
    mask = _set_line(text, style.size, style.fonts)
    while mask.width > room and count > 1:
        count = max(1, min(count - 1, count * max(room, 1) // mask.width))
        mask = _set_line(_shortened(text, count), style.size, style.fonts)
    return mask.crop((0, 0, max(min(mask.width, room), 1), mask.height))


def _shortened(text: str, count: int) -> str:
    """At most ``count`` characters of a text, from its start and its end."""
    if len(text) <= count:
        return text
    kept = max(count - 1, 0)
    return text[: kept - kept // 2] + _ELLIPSIS + (text[len(text) - kept // 2 :] if kept // 2 else "")


@lru_cache(maxsize=4096)
def _set_line(text: str, size: int, fonts: FontNames) -> Image.Image:
    """A line of text as a mask that is as high as the letters of its font may be."""
    from PIL import Image, ImageDraw

    name, shown = fitting_font(text, fonts)
    chosen = font(name, size)
    # The space of Pillow's own font is so narrow that words run together where letters are small.
    pieces = shown.split(" ") if name is None else [shown]
    space = round(_WORD_SPACE * size)
    widths = [round(chosen.getlength(piece)) for piece in pieces]
    height = line_height(size)
    ascent, descent = chosen.getmetrics()
    mask = Image.new("L", (max(sum(widths) + space * (len(pieces) - 1), 1), height))
    draw = ImageDraw.Draw(mask)
    left = 0
    for piece, width in zip(pieces, widths, strict=True):
        draw.text((left, (height + ascent - descent) / 2), piece, fill=255, font=chosen, anchor="ls")
        left += width + space
    return mask
