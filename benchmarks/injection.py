"""The n-th call of the system that writes fails: ``with Failing(folder, n) as failing: …``.

Counted are the calls that open, make, write, sync, rename, link and remove what is below a folder. They are replaced in
``os`` and ``io``, where Python's own modules find them too; a file is written through one that counts. A write that
fails has written a half of its data, as on a disk that is full.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from unittest import mock

from perceptron_annotations import temporaries

#: The calls that take a path first, with the error that each fails with.
_ON_PATHS = {
    "open": errno.EACCES,
    "mkdir": errno.ENOSPC,
    "rename": errno.EIO,
    "replace": errno.EIO,
    "link": errno.EIO,
    "unlink": errno.EIO,
    "rmdir": errno.EIO,
}
#: The calls that take a descriptor first.
_ON_DESCRIPTORS = {"fsync": errno.EIO, "write": errno.ENOSPC, "ftruncate": errno.EIO}


class Failing:
    """While it is entered, call number ``number`` (from 1) fails, and with ``for_good`` all that come after it too."""

    def __init__(self, folder: Path, number: int, *, for_good: bool = False) -> None:
        self.calls: list[str] = []
        self._folder = os.path.realpath(folder)
        self._number = number
        self._for_good = for_good
        self._open: set[int] = set()
        self._stack = ExitStack()

    @property
    def has_failed(self) -> bool:
        """Whether there were as many calls."""
        return len(self.calls) >= self._number

    def __enter__(self) -> Self:
        patches: list[tuple[Any, str, Callable[..., Any]]] = [
            *((os, name, self._on_path(name)) for name in _ON_PATHS),
            *((os, name, self._on_descriptor(name)) for name in _ON_DESCRIPTORS),
            (os, "dup", self._duplicating),
            (io, "open", self._opening),
            (builtins, "open", self._opening),
            (temporaries, "_sync_file_system", self._syncing),
        ]
        self._real = {name: getattr(os, name) for name in (*_ON_PATHS, *_ON_DESCRIPTORS, "dup")}
        self._open_stream, self._sync_all = io.open, temporaries._sync_file_system  # noqa: SLF001
        for module, name, function in patches:
            self._stack.enter_context(mock.patch.object(module, name, function))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def count(self, name: str, number: int) -> None:
        """Count a call, and fail if it is its turn."""
        self.calls.append(name)
        now = len(self.calls)
        if now == self._number or (self._for_good and now > self._number):
            raise OSError(number, os.strerror(number))

    def write(self, descriptor: int, data: Any) -> int:
        """Write, or write a half and fail."""
        try:
            self.count("write", errno.ENOSPC)
        except OSError:
            self._real["write"](descriptor, bytes(data)[: len(data) // 2])
            raise
        return int(self._real["write"](descriptor, data))

    def _is_ours(self, path: Any) -> bool:
        if isinstance(path, int):
            return path in self._open
        return os.path.realpath(os.fspath(path)).startswith(self._folder)

    def _on_path(self, name: str) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **named: Any) -> Any:
            ours = named.get("dir_fd") in self._open or self._is_ours(path)
            if ours:
                self.count(name, _ON_PATHS[name])
            found = self._real[name](path, *rest, **named)
            if ours and name == "open":
                self._open.add(found)
            return found

        return call

    def _on_descriptor(self, name: str) -> Callable[..., Any]:
        def call(descriptor: int, *rest: Any) -> Any:
            if descriptor not in self._open:
                return self._real[name](descriptor, *rest)
            if name == "write":
                return self.write(descriptor, *rest)
            self.count(name, _ON_DESCRIPTORS[name])
            return self._real[name](descriptor, *rest)

        return call

    def _duplicating(self, descriptor: int) -> int:
        found = int(self._real["dup"](descriptor))
        if descriptor in self._open:
            self._open.add(found)
        return found

    def _syncing(self, descriptor: int) -> bool:
        self.count("fsync", errno.EIO)
        return self._sync_all(descriptor)

    def _opening(self, file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        """A stream; if it writes to one of our files, through a raw file that counts."""
        if not self._is_ours(file) or not set(mode) & set("wax"):
            return self._open_stream(file, mode, *rest, **named)
        if not isinstance(file, int):
            self.count("open", errno.EACCES)
        stream = io.BufferedWriter(_Counting(self, file, mode.replace("b", "").replace("t", "")))
        if "b" in mode:
            return stream
        return io.TextIOWrapper(stream, encoding=named.get("encoding"), newline=named.get("newline"))


class _Counting(io.FileIO):
    """A raw file whose writes are counted."""

    def __init__(self, failing: Failing, file: Any, mode: str) -> None:
        super().__init__(file, mode)  # type: ignore[arg-type]
        self._failing = failing

    def write(self, data: Any) -> int:
        return self._failing.write(self.fileno(), data)
