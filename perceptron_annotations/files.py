"""Files in and out: lines that may be broken, JSON that may hold lone surrogates, outputs that are whole or absent.

Everything is UTF-8. The one idea: an output is written beside its place and renamed, so no reader ever sees half of it.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import shutil
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from .errors import FileError, UsageError

if TYPE_CHECKING:
    from io import BufferedIOBase, BufferedReader

T = TypeVar("T")

#: The name of standard input and output.
STANDARD = "-"
#: A request body is at most 20 MB and an answer far less, so a longer line is not a recorded completion; and one line
#: has to fit into memory.
MAX_LINE_BYTES = 64 * 2**20
#: As much of an oversized line is kept, to show what it was.
SHOWN_BYTES = 1000

_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
#: What tells zlib to read gzip's header.
_GZIP_WINDOW = 31
_GZIP_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile)

#: What decoding a line can raise: malformed JSON, wrong types, bytes that are no UTF-8, brackets without end.
DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


#: As many bytes of a file are read at a time.
BLOCK_BYTES = 2**20


class Line(NamedTuple):
    """A line of a file: its number from 1, its bytes without the line end, and what is wrong with it, if anything."""

    number: int
    data: bytes
    #: False for a last line without a line end.
    ended: bool = True
    fault: str = ""

    @property
    def text(self) -> str:
        """The line for a person or a rejects file; bytes that are no UTF-8 become lone surrogates."""
        return self.data.decode("utf-8", "surrogateescape")


class Block(NamedTuple):
    """Whole lines of a file, as they stand there; or one line that cannot be read, with its ``fault``."""

    first_number: int
    data: bytes
    fault: str = ""

    def lines(self) -> Iterator[Line]:
        """The lines, blank ones left out."""
        if self.fault:
            yield Line(self.first_number, self.data, ended=False, fault=self.fault)
            return
        *whole, last = self.data.split(b"\n")
        for number, data in enumerate(whole, self.first_number):
            if data.strip():
                yield Line(number, data.removesuffix(b"\r"))
        if last.strip():
            yield Line(self.first_number + len(whole), last.removesuffix(b"\r"), ended=False)


def read_lines(path: str | Path, *, progress: Callable[[int], None] | None = None) -> Iterator[Line]:
    """The lines of a plain or gzipped file, or of standard input (``-``), blank ones left out.

    Lines end at LF alone, as JSONL says. ``progress`` is told the position in the file, in its own bytes. Raises
    ``FileError`` where the file cannot be opened; what goes wrong later is the ``fault`` of a line, never an exception.
    """
    for block in read_blocks(path, progress=progress):
        yield from block.lines()


def read_blocks(path: str | Path, *, progress: Callable[[int], None] | None = None) -> Iterator[Block]:
    """The same lines, many at a time; see :func:`read_lines`."""
    with _open_input(path) as raw:
        zipped = raw.peek(2)[:2] == _GZIP_MAGIC
        stream: BufferedIOBase = gzip.GzipFile(fileobj=raw) if zipped else raw
        cutter = _BlockCutter()
        while True:
            try:
                chunk = stream.read1(BLOCK_BYTES)
            except _GZIP_ERRORS as error:
                yield from cutter.finish()
                yield Block(cutter.number, b"", f"the gzip data is cut off or damaged here ({error})")
                return
            if not chunk:
                break
            yield from cutter.cut(chunk)
            if progress is not None:
                progress(raw.tell())
        yield from cutter.finish()


class _BlockCutter:
    """Cuts the bytes of a file at line ends."""

    def __init__(self) -> None:
        self.number = 1  # of the line that has begun
        self._begun: list[bytes] = []
        self._size = 0  # of what has begun, what was dropped included

    def cut(self, chunk: bytes) -> Iterator[Block]:
        """The lines that ``chunk`` ends."""
        if self._size == 0 and self.number == 1:
            chunk = chunk.removeprefix(_UTF8_BOM)
            if chunk.startswith(_UTF16_BOMS):
                first, _, chunk = chunk.partition(b"\n")
                yield Block(1, first, "the file is UTF-16: save it as UTF-8")
                self.number += 1
        first_end = chunk.find(b"\n") + 1
        if self._size + (first_end or len(chunk)) > MAX_LINE_BYTES:
            self._drop(chunk[: first_end or len(chunk)])
            if first_end:
                yield from self.finish()
            chunk = chunk[first_end:] if first_end else b""
        last_end = chunk.rfind(b"\n") + 1
        if last_end:
            data = b"".join([*self._begun, memoryview(chunk)[:last_end]])
            yield Block(self.number, data)
            self.number += data.count(b"\n")
            self._begun, self._size = [], 0
        if rest := chunk[last_end:]:
            self._begun.append(rest)
            self._size += len(rest)

    def _drop(self, part: bytes) -> None:
        """Count a part of a line that is too long, and keep only as much as shows what it was."""
        self._size += len(part)
        self._begun = [b"".join([*self._begun, part])[:SHOWN_BYTES]]

    def finish(self) -> Iterator[Block]:
        """The line that has begun, if any."""
        if self._size > MAX_LINE_BYTES:
            fault = f"the line has {self._size} bytes, over the limit of {MAX_LINE_BYTES}"
            yield Block(self.number, b"".join(self._begun), fault)
            self.number += 1
        elif self._size:
            yield Block(self.number, b"".join(self._begun))
            self.number += 1
        self._begun, self._size = [], 0


@contextmanager
def _open_input(path: str | Path) -> Iterator[BufferedReader]:
    if str(path) == STANDARD:
        yield sys.stdin.buffer  # type: ignore[misc]
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below, whatever the consumer does
    except IsADirectoryError:
        raise FileError(f"{path} is a directory: name the files in it, for example {Path(path) / '*.jsonl'}") from None
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    with stream:
        yield stream


def decode_json(data: bytes, kind: type[T]) -> T:
    """``data`` as a ``kind``. Lone surrogate escapes, which strict decoders refuse, are kept.

    Raises one of :data:`DECODE_ERRORS`.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        if b"\\u" not in data:
            raise
        try:
            decoded = json.loads(data)
        except ValueError:
            raise error from None
        return msgspec.convert(decoded, kind)


def read_bytes(path: str | Path) -> bytes:
    """A whole file, without a byte order mark. Raises ``FileError``."""
    try:
        return Path(path).read_bytes().removeprefix(_UTF8_BOM)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None


def read_head(path: str | Path, size: int) -> bytes:
    """The first bytes of a plain or gzipped file, at most ``size``, without a byte order mark; damaged ones are none.

    Raises ``FileError``.
    """
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(size)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    if head.startswith(_GZIP_MAGIC):
        try:
            head = zlib.decompressobj(wbits=_GZIP_WINDOW).decompress(head, size)
        except zlib.error:
            return b""
    return head.removeprefix(_UTF8_BOM)


def read_json(path: str | Path, kind: type[T], what: str) -> T:
    """The JSON file at ``path`` as a ``kind``. Raises ``FileError`` that says it is not ``what`` it should be."""
    return decode_file(read_bytes(path), path, kind, what)


def decode_file(data: bytes, path: str | Path, kind: type[T], what: str) -> T:
    """The content of a JSON file that was read. Raises ``FileError`` as :func:`read_json` does."""
    try:
        return decode_json(data, kind)
    except DECODE_ERRORS as error:
        raise FileError(f"{path} is no {what}: {error}") from None


def encode_json(value: Any) -> bytes:
    """``value`` as one line of UTF-8 JSON; lone surrogates are escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii")


def refuse_overwriting(outputs: Iterable[str | Path | None], inputs: Iterable[str | Path | None]) -> None:
    """Raises ``UsageError`` if an output is an input or another output: by identity, so links are followed.

    ``-`` stands for standard output or input, and None for nothing. A file inside a folder that is read is an input
    too. What does not exist yet cannot be lost.
    """
    read = {found: str(path) for path in inputs if (found := _identity(path, descriptor=0)) is not None}
    folders = {Path(path).resolve(): str(path) for path in inputs if path is not None and Path(path).is_dir()}
    written: dict[object, str] = {}
    for path in outputs:
        found = _identity(path, descriptor=1)
        if found is None:
            continue
        above = [folders[each] for each in Path(str(path)).resolve().parents if each in folders]
        if found in read or (above and Path(str(path)).is_file()):
            source = read.get(found) or above[0]
            raise UsageError(f"{path} would be overwritten, and {source} is read: name another file to write")
        if found in written:
            raise UsageError(f"{written[found]} and {path} are the same file: name another one for one of them")
        written[found] = str(path)


def _identity(path: str | Path | None, *, descriptor: int) -> object:
    """What is the same for two names of one file; None for what holds no data to lose, such as a pipe."""
    if path is None:
        return None
    try:
        status = os.fstat(descriptor) if str(path) == STANDARD else Path(path).stat()
    except FileNotFoundError:
        return str(Path(path).resolve())
    except OSError:
        return None
    is_kept = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return (status.st_dev, status.st_ino) if is_kept else None


@contextmanager
def write_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of ``path`` when all went well, and leaves no trace otherwise.

    Standard output (``-``) and what is no regular file are written to directly. Raises ``FileError``.
    """
    if str(path) == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path).resolve()
    if target.is_dir():
        raise FileError(f"{path} is a directory: name a file in it")
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
        try:
            with temporary.open("xb") as stream:
                yield stream
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = "its folder does not exist" if isinstance(error, FileNotFoundError) else error.strerror
        raise FileError(f"cannot write {path}: {reason}") from None


@contextmanager
def write_folder(path: str | Path) -> Iterator[Path]:
    """A folder to fill that takes its place when all went well, and leaves no trace otherwise. Raises ``FileError``.

    What stands there already is never touched: the folder must be new, or empty.
    """
    if str(path) == STANDARD:
        raise FileError("a folder cannot be written to standard output: name a new folder")
    target = Path(path).resolve()
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise FileError(f"{path} exists and is not empty: name a new folder")
        temporary.mkdir()
        try:
            yield temporary
            if target.exists():
                target.rmdir()
            temporary.replace(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        reason = "its folder does not exist" if isinstance(error, FileNotFoundError) else error.strerror
        raise FileError(f"cannot write {path}: {reason}") from None
