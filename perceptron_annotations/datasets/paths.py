"""Paths from the file names in datasets, which may be hostile: none leads out of its folder.

A file that is made has a name that Linux, macOS and Windows can all hold, beside all others in its folder, and that
shows what it is: no characters that do not print or that turn the text around.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path, PurePosixPath, PureWindowsPath
from posixpath import splitext
from typing import NamedTuple

#: The most bytes that file systems allow in a part of a path.
_LONGEST = 255
#: The most bytes of a whole path below a folder; Linux allows 4,096 for all of it.
_LONGEST_PATH = 2048
#: A plain file name, as most images have one, perhaps in folders; it cannot lead out of a folder.
_PLAIN = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,200}/){0,8}[A-Za-z0-9_][A-Za-z0-9_-]{0,200}\.[A-Za-z0-9]{1,8}")

#: What Windows refuses in names or takes for something else, characters of control, and those that change the direction
#: of a text.
_UNPORTABLE = re.compile('[<>:"|?*\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]')
#: Names that Windows takes for devices, whatever comes after a dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?= *(?:\.|$))", re.IGNORECASE)
#: What Windows drops at the end of a name.
_TRAILING = re.compile(r"[. ]+$")


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
        is_too_long = len(name.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST for part in found.parts)
    except UnicodeEncodeError:
        return None
    if not found.name or is_too_long:
        return None
    if suffix is not None:
        found = found.with_name(f"{found.stem}{suffix}")
    return folder / found


def is_inside(name: str) -> bool:
    """Whether a file of this name is below whatever folder it is looked for in; see :func:`inside`."""
    return _PLAIN.fullmatch(name) is not None or inside(Path(), name) is not None


def portable(name: str) -> str:
    """``name`` as every system can hold it: what some cannot hold is ``_``, and so is what is added to a device.

    Folders in it are kept, with whatever separates them.
    """
    if _PLAIN.fullmatch(name) and not any(map(_DEVICE.match, name.split("/"))):
        return name
    parts = re.split(r"([/\\])", name)
    for at in range(0, len(parts), 2):
        part = _TRAILING.sub("_", _UNPORTABLE.sub("_", parts[at])) if parts[at] != "." else "."
        parts[at] = _DEVICE.sub(r"\1_", part, count=1) if _DEVICE.match(part) else part
    return "".join(parts)


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

    file: str
    #: The name of the asset as every system can hold it; if another asset has the file of that name, with a number
    #: before its suffix.
    name: str

    @property
    def path(self) -> Path:
        """The path of the file."""
        return Path(self.file)


class OwnFiles:
    """A file of its own for each asset below a folder, whatever their names: nothing is ever written over."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        #: What every path below the folder begins with.
        self._prefix = str(folder / "x")[:-1]
        self._names = OwnNames(self._key)
        #: The folders that were made, each by one of its names.
        self._made: set[str] = set()

    def of(self, name: str) -> OwnFile | None:
        """The file for one more asset, whose folder is made if needed; None if the name leads out of the folder."""
        own = self._names.of(portable(name)) if is_inside(name) else None
        file = None if own is None else self._file(own)
        if own is None or file is None:
            return None
        parent = os.path.dirname(file)  # noqa: PTH120 - without making a Path, as below
        if parent not in self._made:
            Path(parent).mkdir(parents=True, exist_ok=True)
            self._made.add(parent)
        return OwnFile(file, own)

    def _file(self, name: str) -> str | None:
        """The path that a name stands for, without making a ``Path`` if it is plain: there may be a million of them."""
        if _PLAIN.fullmatch(name):
            return f"{self._prefix}{name.partition('.')[0].replace('/', os.sep)}{self._suffix}"
        path = inside(self._folder, name, self._suffix)
        return None if path is None else str(path)

    def _key(self, name: str) -> str | None:
        """What is equal for two names of one file, also on a system that ignores case or composes characters."""
        file = self._file(name)
        if file is None:
            return None
        text = unicodedata.normalize("NFC", file)
        return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
