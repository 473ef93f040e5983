"""What tests read from drawn images: where a colour is."""

import numpy as np
from PIL import Image


def plain(width=320, height=240, colour=(90, 90, 90)):
    """An image of one colour that is not in the palette."""
    return Image.new("RGB", (width, height), colour)


def is_colour(image, colour):
    """``(height, width)``: whether a pixel has exactly this colour."""
    return (np.asarray(image) == np.array(colour)).all(axis=-1)


def bounds(mask):
    """Left, top, right and bottom of what is true, right and bottom exclusive; None if nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return None if not len(rows) else (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)


def changed(before, after):
    """``(height, width)``: whether a pixel is another one."""
    return (np.asarray(before.convert("RGB")) != np.asarray(after)).any(axis=-1)
