"""File names that come from datasets, which may be hostile: none leads out of a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

#: The most bytes that file systems take for a part of a path.
_LONGEST = 255


def inside(folder: Path, name: str, suffix: str | None = None) -> Path | None:
    """The path of ``name`` below ``folder``, with another ``suffix`` where one is given; None where it leads out.

    Both kinds of slashes are looked at, since a file may come from another system.
    """
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    parts = windows.parts
    if not name or "\0" in name or windows.drive or windows.root or posix.is_absolute() or ".." in parts:
        return None
    found = PurePosixPath(*parts) if parts else PurePosixPath(name)
    if not found.name or any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST for part in found.parts):
        return None
    if suffix is not None:
        found = found.with_name(f"{found.stem}{suffix}")
    return folder / found
