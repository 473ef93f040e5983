"""The size of a picture from the head of its file, as it is looked at: after its EXIF orientation.

Only heads are read, so what a head claims costs nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..errors import FileError
from .paths import inside

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
#: JPEG markers that hold the size: every start of a frame but tables and restarts.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF = 0xE1
_SCAN = 0xDA
_ORIENTATION = 0x0112
#: Orientations from here on swap width and height.
_FIRST_TURNED = 5


class ImageSize(NamedTuple):
    """Width and height in pixels, and the EXIF orientation that they follow (1: as stored)."""

    width: float
    height: float
    orientation: int = 1


def picture_size(path: str | Path, *, apply_orientation: bool = True) -> ImageSize | None:
    """The size of a PNG, JPEG, WebP, GIF or BMP file; None where it is none of these, broken, or not there."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(32)
            if head.startswith(_JPEG):
                return _jpeg(file, apply_orientation=apply_orientation)
            return _plain(head)
    except (OSError, struct.error):
        return None


def sizes_in(folder: str | Path, *, apply_orientation: bool = True) -> Callable[[str], ImageSize | None]:
    """The size of a picture below ``folder`` by its name, from the head of its file.

    ``apply_orientation`` gives the size as the picture is looked at, after its EXIF orientation. Raises ``FileError``
    where there is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileError(f"there is no folder {folder}")

    def size_of(name: str) -> ImageSize | None:
        path = inside(root, name)
        return None if path is None else picture_size(path, apply_orientation=apply_orientation)

    return size_of


def _plain(head: bytes) -> ImageSize | None:
    if head.startswith(_PNG):
        return ImageSize(*struct.unpack(">II", head[16:24]))
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return ImageSize(*struct.unpack("<HH", head[6:10]))
    if head.startswith(b"BM"):
        width, height = struct.unpack("<ii", head[18:26])
        return ImageSize(width, abs(height))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    return None


def _webp(head: bytes) -> ImageSize | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return ImageSize(1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little"))
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return ImageSize(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return ImageSize(width & 0x3FFF, height & 0x3FFF)
    return None


def _jpeg(file: BinaryIO, *, apply_orientation: bool) -> ImageSize | None:
    file.seek(len(_JPEG))
    orientation = 1
    while True:
        start, marker = struct.unpack(">BB", file.read(2))
        if start != 0xFF or marker == _SCAN:  # noqa: PLR2004
            return None
        if marker == 0xFF:  # noqa: PLR2004 - a filling byte
            file.seek(-1, 1)
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _FRAMES:
            _, height, width = struct.unpack(">BHH", file.read(5))
            if not apply_orientation:
                return ImageSize(width, height)
            turned = orientation >= _FIRST_TURNED
            return ImageSize(height, width, orientation) if turned else ImageSize(width, height, orientation)
        body = file.read(length - 2) if marker == _EXIF else b""
        if body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:]) or orientation
        elif marker != _EXIF:
            file.seek(length - 2, 1)


def _orientation(tiff: bytes) -> int | None:
    """The orientation in a TIFF header, if it is there."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (at,) = struct.unpack(f"{order}I", tiff[4:8])
        (count,) = struct.unpack(f"{order}H", tiff[at : at + 2])
        for entry in range(count):
            tag, _, _, value = struct.unpack(f"{order}HHIH", tiff[at + 2 + 12 * entry : at + 12 + 12 * entry])
            if tag == _ORIENTATION:
                return int(value) if 1 <= value <= 8 else None  # noqa: PLR2004
    except struct.error:
        return None
    return None
