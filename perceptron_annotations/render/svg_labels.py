"""Labels of what is drawn on a canvas: which have room, what they say, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from .html_fragments import Attributes, Html, tag, together
from .overlay.clipping import Area
from .overlay.label_layout import LabelPlace, place_labels
from .plain_tables import display_width, shortened
from .scene import edge_of

#: The width of a column of text and the height of a label, in CSS pixels, of a font of this size.
_COLUMN, _HEIGHT, _FONT_SIZE = 6.2, 14, 11
_LONGEST = 40
#: Labels cover at most this share of a canvas: with more of them nobody would see the shapes.
_MOST_COVERED = 0.25


class Named(NamedTuple):
    """Something that was drawn there, and what it is called."""

    area: Area
    text: str
    colour: str


def labels_svg(named: Sequence[Named], width: float, height: float) -> list[Html]:
    """The labels of the first of ``named``, as many as a canvas of this size has room for."""
    columns = max(min(_LONGEST, int(width / _COLUMN) - 2), 1)
    texts: list[str] = []
    sizes: list[tuple[int, int]] = []
    covered = 0
    for each in named:
        if covered > _MOST_COVERED * width * height:
            break
        texts.append(shortened(each.text, columns))
        sizes.append((ceil(display_width(texts[-1]) * _COLUMN + 6), _HEIGHT))
        covered += sizes[-1][0] * _HEIGHT
    canvas = Area(0, 0, int(width), int(height))
    areas = [each.area.within(canvas) for each in named[: len(texts)]]
    places = place_labels(areas, sizes, (int(width), int(height)))
    drawn = zip(named, texts, sizes, places, strict=False)
    return [_label(each, text, size[0], place) for each, text, size, place in drawn if place is not None]


def _label(named: Named, text: str, width: int, place: LabelPlace) -> Html:
    """A label on a ground of its colour; a line leads to its shape if it is away from that."""
    ink = edge_of(named.colour)
    extent: Attributes = {"x": place.left, "y": place.top, "width": width, "height": _HEIGHT, "rx": 2}
    ground = tag("rect", class_="label", fill=named.colour, **extent)
    words = tag("text", text, x=place.left + 3, y=place.top + 10.5, font_size=_FONT_SIZE, fill=ink)
    if not place.is_away:
        return together((ground, words))
    x, y = (named.area.left + named.area.right) / 2, (named.area.top + named.area.bottom) / 2
    line = tag("line", x1=place.left, y1=place.top + _HEIGHT / 2, x2=x, y2=y, stroke=named.colour)
    return together((line, ground, words))
