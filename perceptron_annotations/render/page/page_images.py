"""The images of a folder → small copies for a page, each made once, by several threads.

Pillow makes them (the extra ``render``). Without it, or without a folder, a page draws on empty canvases and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from ...datasets.image_sizes import FolderSizes, ImageSize
from ...datasets.lists import Join, as_join
from ...datasets.name_joining import NameJoin
from ...datasets.paths import inside
from ...errors import FileError
from ...limits import current_limits, use_limits
from ...problems import OnProblem, Problem, ProblemCode
from ...table.batch import in_order
from ..overlay.base_image import base_image

#: The longer side of the copies, by how many there are at most; a file of 1,000 stays near 20 MB.
_SIDES = ((60, 1280), (250, 800), (1_000, 480))
_LEAST_SIDE = 400
_QUALITY = 72
_THREADS = 4


class FoundImage(NamedTuple):
    """The file of an asset, its place among the images of the page, and its size."""

    #: None if no copies can be made.
    place: int | None
    size: ImageSize


class PageImages:
    """The images of a folder that a page shows, by the names of assets."""

    def __init__(self, folder: str | PathLike[str] | None, join: Join | None = None) -> None:
        self.has_folder = folder is not None
        #: Whether Pillow is there to make copies.
        self.has_copies = can_copy()
        self._root = Path(folder or "")
        self._sizes = None if folder is None else FolderSizes(folder, apply_orientation=True)
        self._join = None if self._sizes is None else NameJoin(self._sizes, as_join(join))
        self._places: dict[str, int] = {}
        #: The assets whose image is not in the folder.
        self.missing: list[str] = []

    def __len__(self) -> int:
        return len(self._places)

    def add(self, names: Iterable[str]) -> None:
        """Look for the images of all assets, so that each name is judged beside the others."""
        if self._join is not None:
            self._join.add(names)

    def find(self, name: str) -> FoundImage | None:
        """The image of an asset, which then belongs to the page."""
        image = None if self._join is None else self._join.image_of(name)
        size = None if image is None or self._sizes is None else self._sizes(image)
        if image is None or size is None:
            self.missing.append(name)
            return None
        return FoundImage(self._places.setdefault(image, len(self._places)) if self.has_copies else None, size)

    def path(self, name: str) -> Path | None:
        """The file of the image of an asset; None if it is not in the folder."""
        image = None if self._join is None else self._join.image_of(name)
        return None if image is None else inside(self._root, image)

    def copies(self, on_problem: OnProblem) -> Iterator[bytes]:
        """A small copy of each image of the page, in order, as WebP; empty for one that cannot be read."""
        side = next((pixels for most, pixels in _SIDES if len(self) <= most), _LEAST_SIDE)
        copy_one = partial(_copy, side=side, most_pixels=current_limits().image_pixels)
        paths = [inside(self._root, name) or self._root for name in self._places]
        for path, copy in zip(paths, in_order(copy_one, paths, _THREADS), strict=True):
            if isinstance(copy, bytes):
                yield copy
                continue
            on_problem(Problem(code=ProblemCode.MISSING_IMAGE, message=str(copy), path=str(path)))
            yield b""


def can_copy() -> bool:
    """Whether Pillow is installed."""
    try:
        import PIL.Image  # noqa: F401 - only asks
    except ImportError:
        return False
    return True


def _copy(path: Path, side: int, most_pixels: int) -> bytes | FileError:
    """The image as WebP, at most ``side`` wide and high, upright; or what is wrong with it."""
    from PIL import Image

    try:
        with use_limits(image_pixels=most_pixels):  # a thread does not know those of its caller
            small = base_image(path, least_side=side)
    except FileError as error:
        return error
    small.thumbnail((side, side), Image.Resampling.HAMMING)
    out = BytesIO()
    small.save(out, "WEBP", quality=_QUALITY, method=0)
    return out.getvalue()
