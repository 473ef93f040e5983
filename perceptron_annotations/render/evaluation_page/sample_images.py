"""Small copies and cuts of images, as addresses that hold them; None for images that are not at hand."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from os import PathLike
from typing import TYPE_CHECKING

from ...datasets.lists import Join
from ...errors import FileError
from ..overlay.base_image import base_image
from ..overlay.clipping import Area
from ..page.page_images import PageImages, can_copy

if TYPE_CHECKING:
    from PIL import Image

_QUALITY = 72
#: JPEG is decoded with at least so many pixels, of which cuts are made.
_DECODED = 1200
#: So many images are kept in memory.
_KEPT = 8


class SampleImages:
    """The images of a folder that sections show, by the names of the truth."""

    def __init__(self, folder: str | PathLike[str] | None, join: Join | None, names: Iterable[str]) -> None:
        self._images = PageImages(folder if can_copy() else None, join)
        self._images.add(names)
        self._opened = lru_cache(maxsize=_KEPT)(self._open)

    def small(self, name: str, side: int) -> str | None:
        """The whole image, at most ``side`` wide and high."""
        image = self._opened(name)
        return None if image is None else _address(image, side)

    def cut(self, name: str, area: Area, side: int) -> str | None:
        """A part of the image, whose edges are shares of its width and height."""
        image = self._opened(name)
        if image is None:
            return None
        width, height = image.size
        edges = (
            round(area.left * width),
            round(area.top * height),
            round(area.right * width),
            round(area.bottom * height),
        )
        if edges[0] >= edges[2] or edges[1] >= edges[3]:
            return None
        return _address(image.crop(edges), side)

    def _open(self, name: str) -> Image.Image | None:
        path = self._images.path(name)
        try:
            return None if path is None else base_image(path, least_side=_DECODED)
        except FileError:  # the page itself reports the images that cannot be read
            return None


def _address(image: Image.Image, side: int) -> str:
    small = image.copy()
    small.thumbnail((side, side))
    out = BytesIO()
    small.save(out, "WEBP", quality=_QUALITY)
    return f"data:image/webp;base64,{b64encode(out.getvalue()).decode()}"
