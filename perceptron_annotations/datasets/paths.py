"""Paths from the file names in datasets, which may be hostile: none leads out of its folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path, PurePosixPath, PureWindowsPath
from posixpath import splitext
from typing import NamedTuple

#: The most bytes that file systems allow in a part of a path.
_LONGEST = 255
#: A plain file name, as most images have one, which cannot lead out of a folder.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,200}\.[A-Za-z0-9]{1,8}")


def inside(folder: Path, name: str, suffix: str | None = None) -> Path | None:
    """The path of ``name`` below ``folder``, with ``suffix`` in place of its own if one is given.

    None if the name leads out of the folder, or if no file can have it. Slashes and backslashes both separate folders,
    since a dataset may come from another system.
    """
    if _PLAIN.fullmatch(name):
        return folder / (name if suffix is None else f"{name.partition('.')[0]}{suffix}")
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    parts = windows.parts
    if not name or "\0" in name or windows.drive or windows.root or posix.is_absolute() or ".." in parts:
        return None
    found = PurePosixPath(*parts) if parts else PurePosixPath(name)
    try:
        is_too_long = any(len(part.encode()) > _LONGEST for part in found.parts)
    except UnicodeEncodeError:
        return None
    if not found.name or is_too_long:
        return None
    if suffix is not None:
        found = found.with_name(f"{found.stem}{suffix}")
    return folder / found


class OwnNames:
    """A name of its own for each asset: its name, or if an earlier asset has that, one with a number in it.

    ``place_of`` says what two assets must not share, such as the file that a name stands for, and None for a name that
    stands for none; without it, they must not share a name.
    """

    def __init__(self, place_of: Callable[[str], Hashable] = str) -> None:
        self._place_of = place_of
        self._taken: set[Hashable] = set()
        #: How many assets wanted a place, so that the next one need not try all numbers.
        self._wanted: Counter[Hashable] = Counter()

    def of(self, name: str) -> str | None:
        """The name of one more asset, ``a_2.jpg`` for the second ``a.jpg``; None for a name that has no place."""
        own, wanted = name, self._place_of(name)
        place = wanted
        self._wanted[wanted] += 1
        while place is not None and place in self._taken:
            stem, suffix = splitext(name)
            own = f"{stem}_{self._wanted[wanted]}{suffix}"
            place = self._place_of(own)
            self._wanted[wanted] += place in self._taken
        self._taken.add(place)
        return None if place is None else own


class OwnFile(NamedTuple):
    """The file of an asset, and the name that the asset has in it."""

    path: Path
    #: The name of the asset; or, since another asset has the file of that name, one with a number before its suffix.
    name: str


class OwnFiles:
    """A file of its own for each asset below a folder, whatever their names: nothing is ever written over."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._names = OwnNames(self._path)
        self._made: set[Path] = set()

    def of(self, name: str) -> OwnFile | None:
        """The file for one more asset, whose folder is made if needed; None if the name leads out of the folder."""
        own = self._names.of(name)
        path = None if own is None else self._path(own)
        if own is None or path is None:
            return None
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        return OwnFile(path, own)

    def _path(self, name: str) -> Path | None:
        return inside(self._folder, name, self._suffix)
