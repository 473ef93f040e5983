"""Outputs: whole or absent, never what is being read, and on the disk before they take their place.

What is written goes to a temporary beside its target, as in a database: the temporary is handed to the disk, gets the
mode and the owner of what it replaces, and is renamed; then the folder is handed to the disk too. A temporary is locked
as long as its writer lives, so the next run of the same output knows what a killed one left, and removes it. Where
there are no locks (on Windows, and on some network file systems) nothing is removed, since it may still be written.

A file that is replaced keeps its mode and, if the system allows, its owner; a symbolic link stays, and what it leads to
is replaced; other hard links keep the old contents.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import BufferedWriter
from pathlib import Path
from typing import IO

from .errors import FileError, UsageError
from .files import GZIP_MAGIC, STANDARD, system_errors
from .temporaries import (
    BINARY,
    UNFINISHED,
    GoingToDisk,
    Temporary,
    TemporaryFile,
    TemporaryFolder,
    lock_beside,
    sync,
    sync_folder,
    wait_for_lock,
)

#: What waits inside :func:`written_together` until it takes its place.
_WAITING: ContextVar[list[Temporary] | None] = ContextVar("_WAITING", default=None)


# -- what is read is not written ---------------------------------------------------------------------------------------


def refuse_overwriting(outputs: Iterable[str | Path | None], inputs: Iterable[str | Path | None]) -> None:
    """Raises ``UsageError`` if an output is an input or another output: by identity, so links are followed.

    ``-`` means standard output or input, and None means no file. What is inside a folder that is read is an input too,
    and a folder that holds an input is not an output. What does not exist yet cannot be lost.
    """
    read = [path for path in inputs if path is not None]
    sources = {found: str(path) for path in read if (found := _identity(path, descriptor=0)) is not None}
    folders = [path for path in read if str(path) != STANDARD and Path(path).is_dir()]
    written: dict[object, str] = {}
    for path in outputs:
        if path is None:
            continue
        found = _identity(path, descriptor=1)
        if str(path) == STANDARD and STANDARD in written.values():
            raise UsageError("two outputs cannot both go to standard output: name a file for one of them")
        if found is None:
            written[object()] = str(path)  # what is not a file has no identity, but a name
            continue
        if (source := sources.get(found) or _touched(path, found, read, folders)) is not None:
            raise UsageError(f"{path} would be overwritten, and {source} is read: name another file to write")
        if found in written:
            raise UsageError(f"{written[found]} and {path} are the same file: name another one for one of them")
        written[found] = str(path)


def refuse_nesting(folder: str | Path, inputs: Iterable[str | Path | None]) -> None:
    """Raises ``UsageError`` if a folder that is to be made is inside a folder that is read."""
    above = _identities_above(folder)
    for path in inputs:
        if path is not None and Path(path).is_dir() and _identity(path, descriptor=0) in above:
            raise UsageError(f"{folder} is inside {path}, which is read: name a folder outside of it")


def _touched(path: str | Path, found: object, read: Sequence[str | Path], folders: Sequence[str | Path]) -> str | None:
    """The input that holds an output that exists already, or that is held by it."""
    if not isinstance(found, tuple):
        return None
    if Path(path).is_dir():
        held = [each for each in read if str(each) != STANDARD and found in _identities_above(each)]
        if held:
            return str(held[0])
    above = _identities_above(path)
    for folder in folders:
        if _identity(folder, descriptor=0) in above or found in _members(folder):
            return str(folder)
    return None


def _identity(path: str | Path, *, descriptor: int) -> object:
    """A value that is equal for two names of one file; None for what holds no data to lose, such as a pipe."""
    try:
        status = os.fstat(descriptor) if str(path) == STANDARD else Path(path).stat()
    except FileNotFoundError:
        return os.path.realpath(path)
    except OSError:
        return None
    is_kept = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return (status.st_dev, status.st_ino) if is_kept else None


def _identities_above(path: str | Path) -> set[object]:
    """The identities of the folders that a path is in."""
    return {_identity(folder, descriptor=0) for folder in Path(os.path.realpath(path)).parents}


def _members(folder: str | Path) -> Iterator[object]:
    """The identities of the files below a folder, links followed."""
    seen = set()
    for path, folders, names in os.walk(folder, followlinks=True):
        here = _identity(path, descriptor=0)
        if here in seen:  # a link that leads in a circle
            folders.clear()
            continue
        seen.add(here)
        yield from (_identity(os.path.join(path, name), descriptor=0) for name in names)  # noqa: PTH118 - faster


# -- writing -----------------------------------------------------------------------------------------------------------


@contextmanager
def write_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A file to write to: it replaces ``path`` if no error is raised, and leaves no trace otherwise.

    Standard output (``-``) and what is not a regular file are written to directly. Raises ``FileError``, and
    ``BrokenPipeError`` if the reader of a pipe leaves before the end.
    """
    if str(path) == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    named = Path(path)
    with system_errors("write", path):
        if named.is_dir():
            raise FileError(f"{path} is a directory: name a file in it")
        if named.exists() and not named.is_file():  # not resolved: the link of a pipe in /dev/fd leads to no path
            with named.open("wb") as stream:
                yield stream
            return
        with _written(TemporaryFile(path)) as descriptor, BufferedWriter(GoingToDisk(os.dup(descriptor))) as stream:
            yield stream


@contextmanager
def write_folder(path: str | Path) -> Iterator[Path]:
    """A folder to fill: it becomes ``path`` if no error is raised, and leaves no trace otherwise. Raises ``FileError``.

    What exists already is never touched: the folder must be new, or empty.
    """
    if str(path) == STANDARD:
        raise FileError("a folder cannot be written to standard output: name a new folder")
    with system_errors("write", path):
        temporary = TemporaryFolder(path)
        if temporary.target.exists() and (not temporary.target.is_dir() or any(temporary.target.iterdir())):
            raise temporary.taken
        with _written(temporary):
            yield temporary.path


@contextmanager
def set_aside(path: str | Path) -> Iterator[IO[bytes]]:
    """A file without a name, for what comes later in the output ``path``; nothing of it is left, however a run ends.

    It is in the folder of the output, where there is room, or in that of the system if the output is a stream.
    """
    named = Path(os.path.realpath(path))
    is_file = str(path) != STANDARD and (named.is_file() or not named.exists())
    with system_errors("write", path), tempfile.TemporaryFile(dir=named.parent if is_file else None) as stream:
        yield stream


@contextmanager
def written_together() -> Iterator[None]:
    """What is written inside takes its place at the end, one after the other; and nothing does if an error is raised.

    >>> from perceptron_annotations.outputs import write_whole, written_together
    >>> with written_together():
    ...     with write_whole("a.txt") as stream:
    ...         _ = stream.write(b"a")
    ...     print(Path("a.txt").exists())
    False
    """
    if _WAITING.get() is not None:
        yield
        return
    waiting: list[Temporary] = []
    token = _WAITING.set(waiting)
    try:
        yield
        _replace(waiting)
    finally:
        _WAITING.reset(token)
        for temporary in waiting:
            temporary.discard()


def remove_written(path: str | Path) -> None:
    """Remove a file that was written before; nothing if it is not there. Raises ``FileError`` if it stays."""
    with system_errors("remove", path), suppress(FileNotFoundError):
        Path(path).unlink()


def remove_unfinished() -> None:
    """Remove all that is still being written, because this process ends."""
    for temporary in list(UNFINISHED):
        temporary.discard()


@contextmanager
def _written(temporary: Temporary) -> Iterator[int]:
    """The descriptor of a new temporary, which takes its place at the end, or waits for others that do."""
    try:
        temporary.remove_left_over()
        descriptor = temporary.create()
        yield descriptor
        temporary.finish(descriptor)
        waiting = _WAITING.get()
        if waiting is None:
            _replace([temporary])
        else:
            waiting.append(temporary)
    except BaseException:
        temporary.discard()
        raise


def _replace(temporaries: Sequence[Temporary]) -> None:
    """Let each take its place, and hand their folders to the disk."""
    for temporary in temporaries:
        with system_errors("write", temporary.name):
            temporary.take_place()
    for temporary in {each.target.parent: each for each in temporaries}.values():
        with system_errors("write", temporary.name):
            sync_folder(temporary.target.parent)


# -- appending ---------------------------------------------------------------------------------------------------------


def append_line(path: str | Path, line: bytes) -> None:
    """Add a line to the end of a file, and hand it to the disk; one process at a time, and the others wait.

    A last line without a line end is a torn one, and is ended first. If the disk is full or fails, what was written of
    the line is removed. Raises ``FileError``, also if the file is gzipped, since readers would lose the line.
    """
    with system_errors("write", path), _open_to_append(path) as descriptor:
        wait_for_lock(descriptor)
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size:
            _refuse_gzip(path, descriptor)
            os.lseek(descriptor, size - 1, os.SEEK_SET)
            line = line if os.read(descriptor, 1) == b"\n" else b"\n" + line
        _append(descriptor, size, line + b"\n")
    if not size:
        with system_errors("write", path):
            sync_folder(Path(os.path.realpath(path)).parent)


def check_appendable(path: str | Path) -> bool:
    """Whether a file has something in it, to which lines can be added; it is made if it does not exist.

    Raises ``FileError`` if :func:`append_line` would.
    """
    with system_errors("write", path), _open_to_append(path) as descriptor:
        _refuse_gzip(path, descriptor)
        return os.lseek(descriptor, 0, os.SEEK_END) > 0


@contextmanager
def append_alone(path: str | Path) -> Iterator[None]:
    """Keep other runs that do the same from a file. Raises ``FileError`` if one of them has it."""
    with lock_beside(Path(os.path.realpath(path))) as is_alone:
        if not is_alone:
            raise FileError(f"another run is adding to {path}: wait for its end, or name another file")
        yield


@contextmanager
def _open_to_append(path: str | Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | BINARY, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_gzip(path: str | Path, descriptor: int) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    if os.read(descriptor, len(GZIP_MAGIC)) == GZIP_MAGIC:
        raise FileError(f"{path} is gzipped, so no line can be added: unpack it, or name another file")


def _append(descriptor: int, size: int, data: bytes) -> None:
    done = 0
    try:
        while done < len(data):
            done += os.write(descriptor, data[done:])
        sync(descriptor)
    except BaseException:
        if os.fstat(descriptor).st_size == size + done:  # nobody who takes no locks wrote meanwhile
            os.ftruncate(descriptor, size)
        raise
