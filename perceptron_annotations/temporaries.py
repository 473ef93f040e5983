"""Temporaries: what is written beside a target, locked while its writer lives, and renamed when it is on the disk.

The lock belongs to the open file and ends with its process, however that ends. So a temporary whose lock is free was
left by a writer that was killed, and the next writer of the same target removes it. A system or a file system without
such locks (Windows; network file systems that do not pass them on) tells nothing, and there what was left stays.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import FileError

try:
    import fcntl

    _HAS_LOCKS = True
except ImportError:  # Windows
    _HAS_LOCKS = False

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BINARY = getattr(os, "O_BINARY", 0)
#: What a file system says that has no such call.
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
#: Bytes of the name of a target in that of its temporary; file systems allow 255, and some 143, in a name.
_SHOWN_BYTES = 100
#: The name of a temporary of any target.
_ANY = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)
#: Bytes of a file that are sent to the disk together.
_SENT_TOGETHER = 1 << 23
#: What this process is writing.
UNFINISHED: set[Temporary] = set()


class Temporary:
    """What is written in place of a target: beside it, and locked while its writer lives."""

    #: The mode of what is new, from which the umask takes; and of what replaces another, until it gets the other's.
    modes: tuple[int, int]

    def __init__(self, name: str | Path) -> None:
        self.name = name
        self.target = Path(os.path.realpath(name))
        if self.target.is_symlink():
            self.target.stat()  # a link that leads in a circle: tells so
        self.path = self.target
        self._replaced = self.target.stat() if self.target.exists() else None
        self._descriptor: int | None = None

    def create(self) -> int:
        """Make it under a new name, and lock it; its descriptor."""
        UNFINISHED.add(self)  # first, since a signal may end the process anywhere
        mode = self.modes[self._replaced is not None]
        while True:
            self.path = self.target.with_name(f"{self._stem}{os.urandom(4).hex()}.part")
            self._descriptor = descriptor = self._make(mode)
            if _lock(descriptor) is not False and _leads_to(self.path, descriptor):
                return descriptor
            self._release()  # another run has taken it for one that was left

    def remove_left_over(self) -> None:
        """Remove what killed writers of the same target left; what cannot be removed stays."""
        ours = re.compile(re.escape(self._stem) + r"[0-9a-f]{8}\.part")
        with suppress(OSError), os.scandir(self.target.parent) as entries:
            for path in [Path(entry.path) for entry in entries if ours.fullmatch(entry.name)]:
                with suppress(OSError):
                    _remove_unlocked(path)

    def finish(self, descriptor: int) -> None:
        """Give it the mode and owner of what it replaces, and hand it to the disk."""
        if self._replaced is not None:
            _keep_access(descriptor, self._replaced)
        self._sync(descriptor)

    def take_place(self) -> None:
        """Rename it to its target."""
        if not _HAS_LOCKS:
            self._release()  # Windows renames nothing that is open
        self._rename()
        self._release()
        UNFINISHED.discard(self)

    def discard(self) -> None:
        """Remove it, unless it has taken its place."""
        self._release()
        if self.path != self.target:
            _remove(self.path)
        UNFINISHED.discard(self)

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    @property
    def _stem(self) -> str:
        """How the names of the temporaries of this target begin."""
        return f".{os.fsencode(self.target.name)[:_SHOWN_BYTES].decode('utf-8', 'ignore')}."

    def _make(self, mode: int) -> int:
        raise NotImplementedError

    def _sync(self, descriptor: int) -> None:
        raise NotImplementedError

    def _rename(self) -> None:
        raise NotImplementedError


class TemporaryFile(Temporary):
    """A file that replaces another, or is new."""

    modes = (0o666, 0o600)

    def _make(self, mode: int) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, mode)

    def _sync(self, descriptor: int) -> None:
        sync(descriptor)

    def _rename(self) -> None:
        self.path.replace(self.target)


class GoingToDisk(FileIO):
    """A file to write to that goes to the disk while it is written, so that little is left for the end to wait for."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb")
        #: How many bytes were written, and how many of them were told to go.
        self._written = self._sent = 0

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some bytes; how many they were."""
        count = super().write(data) or 0
        self._written += count
        if self._written - self._sent >= _SENT_TOGETHER and sys.platform == "linux":
            # It drops pages that are on the disk already, and sends those that are not, without waiting for them.
            with suppress(OSError):
                os.posix_fadvise(self.fileno(), self._sent, self._written - self._sent, os.POSIX_FADV_DONTNEED)
            self._sent = self._written
        return count


class TemporaryFolder(Temporary):
    """A folder that is new, or replaces an empty one."""

    modes = (0o777, 0o700)

    @property
    def taken(self) -> FileError:
        """The error if something is at the target."""
        if self.target.is_dir():
            return FileError(f"{self.name} is a folder that is not empty: name a new one")
        return FileError(f"{self.name} is a file: name a new folder")

    def _make(self, mode: int) -> int:
        self.path.mkdir(mode)
        return os.open(self.path if _HAS_LOCKS else os.devnull, os.O_RDONLY)  # Windows opens no folder

    def _sync(self, descriptor: int) -> None:
        """Hand over all files at once, if the system can: one by one takes a hundred times as long."""
        if not _sync_file_system(descriptor):
            for folder, _, names in os.walk(self.path):
                for name in names:
                    _sync_path(Path(folder, name))
                sync_folder(Path(folder))

    def _rename(self) -> None:
        if not _HAS_LOCKS:
            with suppress(FileNotFoundError):
                self.target.rmdir()  # Windows replaces no folder, not even an empty one
        try:
            self.path.replace(self.target)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise self.taken from None
            raise


def _lock(descriptor: int) -> bool | None:
    """Whether the lock was free, and is held now; None if there are no locks."""
    if not _HAS_LOCKS:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def wait_for_lock(descriptor: int) -> None:
    """Lock a file when its lock is free; or go on at once if there are no locks."""
    if _HAS_LOCKS:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)


@contextmanager
def lock_beside(target: Path) -> Iterator[bool]:
    """Whether nobody else holds the lock of a file while the block runs; it is a hidden file beside it.

    What a killed process left of it is free. True if there are no locks, or no file can be made there.
    """
    path = target.with_name(f".{target.name}.lock")
    descriptor, is_free = _taken(path)
    try:
        yield is_free is not False
    finally:
        if is_free:
            _remove(path)
        if descriptor is not None:
            os.close(descriptor)


def _taken(path: Path) -> tuple[int | None, bool | None]:
    """A file that is open and still there, and whether its lock was free and is held now."""
    while _HAS_LOCKS:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:
            break
        is_free = _lock(descriptor)
        if is_free is False or _leads_to(path, descriptor):
            return descriptor, is_free
        os.close(descriptor)  # who had it has removed it meanwhile
    return None, None


def _leads_to(path: Path, descriptor: int) -> bool:
    """Whether what is open is still there."""
    try:
        return not _HAS_LOCKS or os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def remove_all_left_over(folder: Path) -> None:
    """Remove what killed writers left in a folder, whatever their targets were; what cannot be removed stays."""
    with suppress(OSError), os.scandir(folder) as entries:
        for path in [Path(entry.path) for entry in entries if _ANY.fullmatch(entry.name)]:
            with suppress(OSError):
                _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    """Remove a temporary if its writer does not live."""
    kind = path.lstat().st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return
    descriptor = os.open(path, os.O_RDONLY if stat.S_ISDIR(kind) else os.O_RDWR)  # some locks need a file to write to
    try:
        if _lock(descriptor) and _leads_to(path, descriptor):
            _remove(path)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _keep_access(descriptor: int, replaced: os.stat_result) -> None:
    """Give a file the owner and mode of the one that it replaces, as far as the system allows."""
    if not hasattr(os, "fchown"):
        return
    new, mode = os.fstat(descriptor), stat.S_IMODE(replaced.st_mode)
    try:
        if new.st_uid != replaced.st_uid:
            os.fchown(descriptor, replaced.st_uid, replaced.st_gid)
        elif new.st_gid != replaced.st_gid:
            os.fchown(descriptor, -1, replaced.st_gid)
    except OSError:
        mode &= 0o777
    if os.fstat(descriptor).st_gid != replaced.st_gid:
        mode = mode & ~0o070 | (mode & 0o007) << 3  # what the old group might do, another one may not
    with suppress(PermissionError):
        os.fchmod(descriptor, mode)


def sync(descriptor: int) -> None:
    """Hand what was written to the disk, if the file system can."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise


def _sync_path(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | BINARY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Hand the names in a folder to the disk, if it may be opened; Windows opens none."""
    if _HAS_LOCKS:
        with suppress(PermissionError):
            _sync_path(path)


def _sync_file_system(descriptor: int) -> bool:
    """Hand over all that is written to the file system of a file; whether the system has that."""
    if sys.platform != "linux":
        return False
    import ctypes

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    if syncfs(descriptor):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True
