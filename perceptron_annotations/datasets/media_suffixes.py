"""The endings of the names of images and videos, and the name of a file without such an ending.

Only known endings count: what comes after the dot of ``frame_1.5`` or ``shop_jpg.rf.3f2a`` belongs to the name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import repeat
from posixpath import splitext
from typing import NamedTuple

from .policies import AssetKind

#: What Ultralytics takes for an image, and what cameras, scanners and browsers write besides.
IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".jp2"}
    | {".dng", ".mpo", ".pfm", ".jpe", ".jfif", ".heif", ".ppm", ".pgm", ".pbm"}
)
VIDEO_SUFFIXES = frozenset({".mp4", ".webm", ".mov", ".avi", ".mkv", ".m4v", ".mpg", ".mpeg"})
_VIDEO_ENDINGS = tuple(VIDEO_SUFFIXES)


def kind_of(name: str) -> AssetKind:
    """What the ending of a name says that an asset is: an image, unless it is that of a video."""
    return AssetKind.VIDEO if name.lower().endswith(_VIDEO_ENDINGS) else AssetKind.IMAGE


def kinds_of(names: Collection[str]) -> Iterable[AssetKind]:
    """The same of many names."""
    together = "\n".join([*names, ""]).lower()
    if any(f"{ending}\n" in together for ending in _VIDEO_ENDINGS):
        return map(kind_of, names)
    return repeat(AssetKind.IMAGE, len(names))


class Stem(NamedTuple):
    """The name of a file without its ending, and what the ending says that the file is; None if it has none."""

    text: str
    kind: AssetKind | None


def stem_of(name: str) -> Stem:
    """The last part of a path, without the ending of an image or a video if it has one.

    >>> stem_of("a.v2.JPG"), stem_of("a.v2")
    (Stem(text='a.v2', kind=<AssetKind.IMAGE: 'image'>), Stem(text='a.v2', kind=None))
    """
    text, suffix = splitext(name)
    if suffix.lower() in IMAGE_SUFFIXES:
        return Stem(text, AssetKind.IMAGE)
    if suffix.lower() in VIDEO_SUFFIXES:
        return Stem(text, AssetKind.VIDEO)
    return Stem(name, None)
