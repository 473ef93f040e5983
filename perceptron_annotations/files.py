"""Files that are read: opened in one place, with lines that may be broken and JSON that may hold lone surrogates.

Everything is UTF-8. What recognises a file hands it on to what reads it. How files are written is in ``outputs``.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from .errors import FileError
from .file_spans import FileSpan, SpanStream
from .limits import current_limits, refuse_beyond
from .problems import ProblemCode

if TYPE_CHECKING:
    from io import BufferedIOBase

T = TypeVar("T")

#: The name of standard input and output.
STANDARD = "-"
#: How much of an oversized line is kept, to show what it was.
SHOWN_BYTES = 1000

#: How a gzipped file begins.
GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_GZIP_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile)

#: What decoding a line can raise: malformed JSON, wrong types, bytes that are not UTF-8, too many open brackets.
DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
#: How many bytes of a file are read at a time.
BLOCK_BYTES = 2**18


class Fault(NamedTuple):
    """Why a part of a file cannot be read."""

    code: ProblemCode
    message: str


class Line(NamedTuple):
    """A line of a file: its number from 1, its bytes without the line end, and why it cannot be read, if so."""

    number: int
    data: bytes
    #: False for a last line without a line end.
    ended: bool = True
    fault: Fault | None = None

    @property
    def text(self) -> str:
        """The line for a person or a file of rejects; bytes that are not UTF-8 become lone surrogates."""
        return self.data.decode("utf-8", "surrogateescape")


class Block(NamedTuple):
    """Whole lines of a file as they are in it; or one line that cannot be read, with its ``fault``."""

    first_number: int
    data: bytes
    fault: Fault | None = None

    def lines(self) -> Iterator[Line]:
        """The lines, without the blank ones."""
        if self.fault:
            yield Line(self.first_number, self.data, ended=False, fault=self.fault)
            return
        *whole, last = self.data.split(b"\n")
        for number, data in enumerate(whole, self.first_number):
            if data.strip():
                yield Line(number, data.removesuffix(b"\r"))
        if last.strip():
            yield Line(self.first_number + len(whole), last.removesuffix(b"\r"), ended=False)


@contextmanager
def system_errors(action: str, path: Source) -> Iterator[None]:
    """Errors of the system as ``FileError``, but for a reader of a pipe that leaves."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        is_folder_missing = action == "write" and isinstance(error, FileNotFoundError)
        reason = "its folder does not exist" if is_folder_missing else error.strerror or error
        raise FileError(f"cannot {action} {path}: {reason}") from None


def count_lines(data: bytes) -> int:
    """The line ends in ``data``."""
    return data.count(b"\n")


class InputFile:
    """A file that is open for reading, plain or gzipped; made by :func:`open_input`.

    :meth:`head` shows how the file begins and takes nothing away, so what recognises a file hands it on to what reads
    it: functions that take a path take it as well. All bytes are decompressed, without a byte order mark of UTF-8.
    """

    def __init__(
        self, path: str | PathLike[str], stream: BufferedReader, first_line: int = 1, *, ends_early: bool = False
    ) -> None:
        #: The name that the file was opened by; ``-`` is standard input.
        self.path = fspath(path)
        #: Whether it is a span of a file that goes on after it.
        self.ends_early = ends_early
        #: The number of the first line: not 1 in a span of a file.
        self.first_line = first_line
        self._raw = stream
        with system_errors("read", self.path):
            #: Whether it is gzipped; its bytes are decompressed all the same.
            self.is_gzip = first_line == 1 and stream.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
        self._stream: BufferedIOBase = gzip.GzipFile(fileobj=stream) if self.is_gzip else stream
        self._peeked = b""  # read for head(), and not yet handed on
        self._damage: Exception | None = None  # found by head(), told when the reading comes to it
        if first_line == 1:
            self._peeked = self.head(len(_UTF8_BOM)) and self._peeked.removeprefix(_UTF8_BOM)

    def __str__(self) -> str:
        return self.path

    def __fspath__(self) -> str:
        return self.path

    def head(self, size: int) -> bytes:
        """The next ``size`` bytes, or fewer if the file ends or is damaged before; they are still to be read."""
        parts, count = [self._peeked], len(self._peeked)
        while count < size and (more := self._more()):
            parts.append(more)
            count += len(more)
        self._peeked = b"".join(parts)
        return self._peeked[:size]

    def read(self) -> bytes:
        """All bytes that were not read yet.

        Raises ``FileError`` if they are more than ``Limits.file_bytes``, if gzip data is damaged or the system fails.
        """
        return b"".join(self.limited_chunks("file_bytes"))

    @contextmanager
    def random_access(self) -> Iterator[BufferedReader]:
        """The whole file, at its beginning and free to seek, for formats that are read from their end.

        It is on disk if the file is, and in memory if it is a pipe or gzipped. What is still to be read stays so.
        Raises what :meth:`read` raises.
        """
        if self._stream is not self._raw or not self._raw.seekable():
            self._raw = self._stream = BufferedReader(BytesIO(self.read()))  # type: ignore[assignment]
        place = self._raw.tell()
        self._raw.seek(0)
        yield self._raw
        self._raw.seek(place)

    def limited_chunks(self, limit: str) -> Iterator[bytes]:
        """As :meth:`chunks`; raises ``FileError`` too if the bytes are beyond the limit of this name."""
        count = 0
        for chunk in self.chunks():
            count += len(chunk)
            refuse_beyond(limit, count, self.path)
            yield chunk

    def chunks(self) -> Iterator[bytes]:
        """All bytes that were not read yet, a part at a time; raises what :meth:`read` raises."""
        while chunk := self._take():
            yield chunk
        if self._damage is not None:
            raise FileError(f"cannot read {self.path}: {_damaged(self._damage).message}")

    def blocks(
        self,
        *,
        progress: Callable[[int], None] | None = None,
        count_lines: Callable[[bytes], int] = count_lines,
    ) -> Iterator[Block]:
        """The lines, many at a time; see :meth:`lines`. ``count_lines`` counts the line ends of a block."""
        cutter = _BlockCutter(count_lines, self.first_line)
        count = 0
        while chunk := self._take():
            yield from cutter.cut(chunk)
            count += len(chunk)
            if progress is not None:
                progress(self._raw.tell() if self._raw.seekable() else count)
        yield from cutter.finish()
        if self._damage is not None:
            yield Block(cutter.number, b"", _damaged(self._damage))

    def lines(self, *, progress: Callable[[int], None] | None = None) -> Iterator[Line]:
        """The lines that were not read yet, without the blank ones. A line ends at LF alone, as JSONL says.

        ``progress`` is called with the position in the file, in its own bytes; in a pipe, with the count of its bytes,
        decompressed. What is wrong in the file is the ``fault`` of a line. Raises ``FileError`` if the system fails.
        """
        for block in self.blocks(progress=progress):
            yield from block.lines()

    def _take(self) -> bytes:
        """The next bytes, and none at the end or before damage."""
        chunk, self._peeked = self._peeked or self._more(), b""
        return chunk

    def _more(self) -> bytes:
        if self._damage is not None:
            return b""
        with system_errors("read", self.path):
            try:
                return self._stream.read1(BLOCK_BYTES)
            except _GZIP_ERRORS as error:
                self._damage = error
                return b""


def _damaged(error: Exception) -> Fault:
    return Fault(ProblemCode.DAMAGED_GZIP, f"the gzip data is cut off or damaged here ({error})")


#: What a reader of a file takes: a path, ``-`` for standard input, a :class:`FileSpan`, or an :class:`InputFile`, which
#: is open already.
Source: TypeAlias = str | PathLike[str]


@contextmanager
def open_input(source: Source) -> Iterator[InputFile]:
    """The one way in which files are opened for reading. What is open already is handed on, and stays open.

    Raises ``FileError`` if it cannot be opened or read.
    """
    if isinstance(source, InputFile):
        yield source
        return
    if fspath(source) == STANDARD:
        yield InputFile(source, sys.stdin.buffer)  # type: ignore[arg-type]
        return
    with system_errors("read", source):
        if Path(source).is_dir():
            raise FileError(f"{source} is a directory: name the files in it, for example {Path(source) / '*.jsonl'}")
        stream = Path(source).open("rb")  # noqa: SIM115 - closed below, whatever the consumer does
    with stream:
        if isinstance(source, FileSpan) and not source.is_whole:
            part, ends_early = SpanStream(stream, source), source.stop is not None
            yield InputFile(source, BufferedReader(part), source.first_line, ends_early=ends_early)
        else:
            yield InputFile(source, stream)


class _BlockCutter:
    """Cuts the bytes of a file at line ends."""

    def __init__(self, count_lines: Callable[[bytes], int], first_number: int) -> None:
        self._count_lines = count_lines
        self.number = first_number  # of the line that has begun
        self._begun: list[bytes] = []
        self._size = 0  # of what has begun, with what was dropped of it
        self._most = current_limits().line_bytes

    def cut(self, chunk: bytes) -> Iterator[Block]:
        """The lines that ``chunk`` ends."""
        if self._size == 0 and self.number == 1 and chunk.startswith(_UTF16_BOMS):
            first, _, chunk = chunk.partition(b"\n")
            yield Block(1, first, Fault(ProblemCode.WRONG_ENCODING, "the file is UTF-16: save it as UTF-8"))
            self.number += 1
        first_end = chunk.find(b"\n") + 1
        if self._size + (first_end or len(chunk)) > self._most:
            self._drop(chunk[: first_end or len(chunk)])
            if first_end:
                yield from self.finish()
            chunk = chunk[first_end:] if first_end else b""
        last_end = chunk.rfind(b"\n") + 1
        if last_end:
            data = b"".join([*self._begun, memoryview(chunk)[:last_end]])
            yield Block(self.number, data)
            self.number += self._count_lines(data)
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
        if self._size > self._most:
            message = f"the line has {self._size} bytes, over the limit of {self._most}"
            yield Block(self.number, b"".join(self._begun), Fault(ProblemCode.OVERSIZED_LINE, message))
            self.number += 1
        elif self._size:
            yield Block(self.number, b"".join(self._begun))
            self.number += 1
        self._begun, self._size = [], 0


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


def is_torn(line: Line, error: Exception) -> bool:
    """Whether a line cannot be decoded because its end is missing, be it the last one or ended by a later writer."""
    if isinstance(error, msgspec.ValidationError):
        return False
    return not line.ended or _is_unfinished(line.data)


def _is_unfinished(data: bytes) -> bool:
    """Whether an object has a string or a bracket that is not closed."""
    rest = _JSON_STRING.sub(b"", data)
    opened, closed = (sum(map(rest.count, brackets)) for brackets in ((b"{", b"["), (b"}", b"]")))
    return rest.lstrip().startswith(b"{") and (b'"' in rest or opened > closed)


def read_bytes(source: Source) -> bytes:
    """A whole file, decompressed, without a byte order mark. Raises ``FileError``."""
    with open_input(source) as file:
        return file.read()


def read_head(source: Source, size: int) -> bytes:
    """How a file begins; see :meth:`InputFile.head`. Raises ``FileError`` if it cannot be opened."""
    with open_input(source) as file:
        return file.head(size)


def read_json(source: Source, kind: type[T], what: str) -> T:
    """A JSON file as a ``kind``. Raises ``FileError`` that says it is not ``what`` it should be."""
    return decode_file(read_bytes(source), source, kind, what)


def decode_file(data: bytes, source: Source, kind: type[T], what: str) -> T:
    """The content of a JSON file that was read. Raises ``FileError`` as :func:`read_json` does."""
    try:
        return decode_json(data, kind)
    except DECODE_ERRORS as error:
        raise FileError(f"{source} is not a {what}: {error}") from None


def encode_json(value: Any) -> bytes:
    """``value`` as one line of UTF-8 JSON; lone surrogates are escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii")
