"""Colours that colour-blind people can tell apart, and that a label keeps in every image and process.

The first seven are the chromatic ones of Okabe and Ito (Color Universal Design, 2008). The other eight were chosen one
by one, each as far as possible from those before it: its least CIEDE2000 difference as seen with normal vision and by
people with deuteranopia, protanopia and tritanopia (the matrices of Machado, Oliveira and Fernandes, 2009), among
colours whose lightness is from 22 to 88. No two of the fifteen are closer than 10.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias
from zlib import crc32

#: Red, green and blue, 0 to 255.
Rgb: TypeAlias = tuple[int, int, int]

PALETTE: tuple[Rgb, ...] = (
    (0x00, 0x72, 0xB2),
    (0xE6, 0x9F, 0x00),
    (0x00, 0x9E, 0x73),
    (0xD5, 0x5E, 0x00),
    (0xCC, 0x79, 0xA7),
    (0x56, 0xB4, 0xE9),
    (0xF0, 0xE4, 0x42),
    (0x66, 0x22, 0x22),
    (0x22, 0x33, 0x66),
    (0xBB, 0xDD, 0xAA),
    (0xAA, 0x22, 0x00),
    (0x00, 0x00, 0xDD),
    (0x99, 0x55, 0x77),
    (0x44, 0xEE, 0xFF),
    (0x88, 0x77, 0xFF),
)
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
#: Text and lines beside an image, and the edge that sets a line off from the image.
INK: Rgb = (32, 33, 36)
#: From this luminance on, black is easier to read on a colour than white: the contrast of WCAG 2 is then equal.
_LIGHT = 0.179
#: Up to here the curve of sRGB is straight.
_SRGB_LINEAR = 0.04045


def label_colour(label: str | None) -> Rgb:
    """The colour of a label as red, green and blue: the same in every image, on every machine and in every process.

    Labels are more than colours, so two labels may share one; :func:`label_colours` keeps labels apart that are known
    together. What has no label has the first colour.

    >>> from perceptron_annotations.render import label_colour
    >>> label_colour("cat") == label_colour("cat"), label_colour(None)
    (True, (0, 114, 178))
    """
    return PALETTE[_place(label)]


def label_colours(labels: Iterable[str]) -> dict[str, Rgb]:
    """A colour for each label, all different for up to fifteen labels; of more, as many as possible are different.

    A label has the colour of :func:`label_colour` unless one that sorts before it took it; then it has the next that
    is free. The order of ``labels`` does not matter.

    >>> from perceptron_annotations.render import label_colours
    >>> len(set(label_colours(["cat", "dog", "ball", "tree", "car"]).values()))
    5
    """
    colours: dict[str, Rgb] = {}
    taken: set[int] = set()
    names = sorted(set(labels))
    for name in names:  # whoever can keep its own colour does
        if _place(name) not in taken:
            taken.add(_place(name))
            colours[name] = label_colour(name)
    for name in names:
        if name not in colours:
            if len(taken) == len(PALETTE):
                taken.clear()
            place = next(at for at in _places_from(_place(name)) if at not in taken)
            taken.add(place)
            colours[name] = PALETTE[place]
    return {name: colours[name] for name in names}


@lru_cache(maxsize=1024)
def ink_on(colour: Rgb) -> Rgb:
    """Black or white, whichever is easier to read on a colour."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT else WHITE


def _place(label: str | None) -> int:
    return 0 if label is None else crc32(label.encode("utf-8", "surrogatepass")) % len(PALETTE)


def _places_from(first: int) -> Iterable[int]:
    return ((first + step) % len(PALETTE) for step in range(len(PALETTE)))


def _linear(part: float) -> float:
    """A part of an sRGB colour as light."""
    return float(part / 12.92 if part <= _SRGB_LINEAR else ((part + 0.055) / 1.055) ** 2.4)
