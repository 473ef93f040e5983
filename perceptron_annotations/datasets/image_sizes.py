"""The size of an image, from the head of its file and as it is displayed: after its EXIF orientation.

The library imagesize reads the heads. Files may be hostile, so it gets an open file that stops it after a bounded
number of reads, it gets only formats whose readers are bounded by that, and what it returns is checked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import BytesIO
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from ..errors import FileError
from ..limits import current_limits
from .media_suffixes import IMAGE_SUFFIXES
from .paths import inside

#: How PNG, JPEG, GIF, BMP, WebP and TIFF files begin. Other formats that imagesize knows stay closed: a few kilobytes
#: of HEIF keep it busy for minutes, and an SVG has no pixels.
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"GIF87a", b"GIF89a", b"BM", b"RIFF", b"II*\0", b"MM\0*", b"II+\0")
#: The head that tells the formats apart, with the kind of a WebP file, and the least that holds a size (of a GIF).
_HEAD_BYTES = 16
_LEAST_BYTES = 10
#: EXIF numbers the eight ways to turn and mirror an image from 1, as stored.
_ORIENTATIONS = range(1, 9)


class ImageSize(NamedTuple):
    """Width and height in pixels, and the EXIF orientation that they follow (1: as stored)."""

    width: float
    height: float
    orientation: int = 1


def image_size(path: str | Path, *, apply_orientation: bool = True) -> ImageSize | None:
    """The size of a PNG, JPEG, GIF, BMP, WebP or TIFF file.

    None if the file is none of these, is broken, does not exist, or is not a regular file. The orientation is that of
    JPEG and TIFF files; with ``apply_orientation=False`` it is 1, and the size as stored.
    """
    try:
        with open_regular(path) as file:
            return _read_size(file, apply_orientation=apply_orientation)
    except (OSError, ValueError):  # a name with a NUL or a lone surrogate is that of no file
        return None


def size_of_data(data: bytes, *, apply_orientation: bool = True) -> ImageSize | None:
    """The size of an image that was read, as :func:`image_size` gives that of a file."""
    return _read_size(BytesIO(data), apply_orientation=apply_orientation)


def sizes_in(folder: str | PathLike[str], *, apply_orientation: bool = True) -> FolderSizes:
    """A function that gives the size of an image below ``folder`` by its name, or None if it cannot be read.

    Sizes are those of the displayed image, after its EXIF orientation; with ``apply_orientation=False`` they are as
    stored. Only the head of a file is read. Raises ``FileError`` if there is no such folder.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import sizes_in
    >>> _ = Path("a.gif").write_bytes(b"GIF89a" + bytes([64, 1, 240, 0]))
    >>> size_of = sizes_in(".")
    >>> size_of("a.gif")
    ImageSize(width=320, height=240, orientation=1)
    >>> size_of("../a.gif") is None
    True
    """
    return FolderSizes(folder, apply_orientation=apply_orientation)


class FolderSizes:
    """The images below a folder: their sizes by name, and their names, which are paths from the folder on.

    It is a function of a name, as :func:`sizes_in` says. The folder is listed only if somebody asks for all names.

    >>> from pathlib import Path
    >>> Path("photos/shop").mkdir(parents=True)
    >>> _ = Path("photos/shop/a.gif").write_bytes(b"GIF89a" + bytes([64, 1, 240, 0]))
    >>> photos = pa.datasets.sizes_in("photos")
    >>> list(photos), "shop/a.gif" in photos, "a.gif" in photos
    (['shop/a.gif'], True, False)
    """

    def __init__(self, folder: str | PathLike[str], *, apply_orientation: bool) -> None:
        self._root = Path(folder)
        if not self._root.is_dir():
            raise FileError(f"there is no folder {folder}")
        self._apply_orientation = apply_orientation

    def __call__(self, name: str) -> ImageSize | None:
        """The size of an image, or None if it cannot be read."""
        path = inside(self._root, name)
        return None if path is None else image_size(path, apply_orientation=self._apply_orientation)

    def __contains__(self, name: object) -> bool:
        """Whether there is a file of exactly this name, which :meth:`__iter__` would give if it ends as images do."""
        if not isinstance(name, str) or inside(self._root, name) is None or str(PurePosixPath(name)) != name:
            return False
        try:
            return (self._root / name).is_file()
        except (OSError, ValueError):  # a name that no file can have
            return False

    def __iter__(self) -> Iterator[str]:
        """The names of all files that end as images do; hidden files and folders, and linked folders, are left out."""
        for folder, folders, files in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            inner = Path(folder).relative_to(self._root).parts
            for name in sorted(files):
                if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES:
                    yield "/".join((*inner, name))


def open_regular(path: str | Path) -> BinaryIO:
    """The file, opened. Raises ``OSError`` for pipes and devices, which may never end; without waiting for them."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return os.fdopen(descriptor, "rb")


def _read_size(file: BinaryIO, *, apply_orientation: bool) -> ImageSize | None:
    import imagesize  # which loads an HTTP client, for addresses that it never gets here

    head = file.read(_HEAD_BYTES)
    if len(head) < _LEAST_BYTES or not head.startswith(_SIGNATURES):
        return None
    try:
        info = imagesize.get_info(
            _Bounded(file), dpi=False, colors=False, channels=False, exif_rotation=apply_orientation
        )
    except Exception:
        return None
    width, height = info.width & _size_bits(head), info.height & _size_bits(head)
    if width < 1 or height < 1:
        return None
    orientation = info.rotation if apply_orientation and info.rotation in _ORIENTATIONS else 1
    return ImageSize(width, height, orientation)


def _size_bits(head: bytes) -> int:
    """The bits of a number from imagesize that belong to a side.

    It reads the sides of a GIF as signed numbers of 16 bits, and those of WebP's VP8 with two bits of scaling.
    """
    if head.startswith(b"GIF8"):
        return 0xFFFF
    return 0x3FFF if head.startswith(b"RIFF") and head.endswith(b"VP8 ") else -1


class _Bounded:
    """A file that can be read a limited number of times, so that no file keeps a reader busy."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._bytes = 0
        self._reads = 0
        self._limits = current_limits()

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes. Raises ``ValueError`` past the limits."""
        self._bytes += size
        self._reads += 1
        if size < 0 or self._bytes > self._limits.image_bytes or self._reads > self._limits.image_reads:
            raise ValueError("the size of the image does not stand in the head of the file")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As the file does."""
        return self._file.seek(offset, whence)
