"""File names that come from datasets, which may be hostile: none leads out of a folder."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from ..errors import UsageError

#: The most bytes that file systems take for a part of a path.
_LONGEST = 255
#: A name as most pictures have it, which cannot lead anywhere.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,200}\.[A-Za-z0-9]{1,8}")


def inside(folder: Path, name: str, suffix: str | None = None) -> Path | None:
    """The path of ``name`` below ``folder``, with another ``suffix`` where one is given.

    None where it leads out, or no file can have such a name. Both kinds of slashes are looked at, since a file may come
    from another system.
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


class OwnFiles:
    """A file below a folder for each asset, none of which two share."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._taken: dict[Path, str] = {}
        self._made: set[Path] = set()

    def of(self, name: str) -> Path | None:
        """The file of an asset, in a folder that is there; None where its name leads out.

        Raises ``UsageError`` where another asset has it.
        """
        path = inside(self._folder, name, self._suffix)
        if path is None:
            return None
        other = self._taken.setdefault(path, name)
        if other != name:
            raise UsageError(f"{name} and {other} would share the file {path.name}: rename one")
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        return path
