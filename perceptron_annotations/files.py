"""Files in and out: lines that may be broken, JSON that may hold lone surrogates, outputs that are whole or absent.

Everything is UTF-8. The one idea: an output is written beside its place and renamed, so no reader ever sees half of it.
"""

from __future__ import annotations

import gzip
import json
import secrets
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from .errors import FileError

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
_GZIP_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile)

#: What decoding a line can raise: malformed JSON, wrong types, bytes that are no UTF-8, brackets without end.
DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


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


def read_lines(path: str | Path, *, progress: Callable[[int], None] | None = None) -> Iterator[Line]:
    """The lines of a plain or gzipped file, or of standard input (``-``), blank ones left out.

    Lines end at LF alone, as JSONL says. ``progress`` is told the position in the file, in its own bytes. Raises
    ``FileError`` where the file cannot be opened; what goes wrong later is the ``fault`` of a line, never an exception.
    """
    with _open_input(path) as raw:
        zipped = raw.peek(2)[:2] == _GZIP_MAGIC
        stream: BufferedIOBase = gzip.GzipFile(fileobj=raw) if zipped else raw
        number = 0
        while True:
            number += 1
            try:
                line = _next_line(stream, number)
            except _GZIP_ERRORS as error:
                yield Line(number, b"", ended=False, fault=f"the gzip data is cut off or damaged here ({error})")
                return
            if line is None:
                return
            if progress is not None:
                progress(raw.tell())
            if line.fault or line.data.strip():
                yield line


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


def _next_line(stream: BufferedIOBase, number: int) -> Line | None:
    data = stream.readline(MAX_LINE_BYTES + 1)
    if not data:
        return None
    if len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
        size = len(data)
        while rest := stream.readline(MAX_LINE_BYTES):
            size += len(rest)
            if rest.endswith(b"\n"):
                break
        return Line(number, data[:SHOWN_BYTES], fault=f"the line has {size} bytes, over the limit of {MAX_LINE_BYTES}")
    if number == 1:
        if data.startswith(_UTF16_BOMS):
            return Line(number, data.removesuffix(b"\n"), fault="the file is UTF-16: save it as UTF-8")
        data = data.removeprefix(_UTF8_BOM)
    return Line(number, data.removesuffix(b"\n").removesuffix(b"\r"), ended=data.endswith(b"\n"))


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


def encode_json(value: Any) -> bytes:
    """``value`` as one line of UTF-8 JSON; lone surrogates are escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii")


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
