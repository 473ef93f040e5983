"""Files of answers → spans of them, each of which is read as a part of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from os import fspath

from msgspec.structs import replace

from ..completions.answer_files import HEAD_BYTES, AnswerForm, Layout, answer_file
from ..completions.shard_names import answer_shards
from ..errors import UsageError
from ..file_spans import FileSpan
from ..files import STANDARD, InputFile, open_input, system_errors
from .read import Paths, count_lines

#: Bytes of a span, unless the caller says another number.
SPAN_BYTES = 2**26
#: What stands in lines that may be pieces of one stream, whose answer is in several of them.
_PIECES = (b'.chunk"', b'"delta"', b'"text_completion"')
_LONGEST = max(map(len, _PIECES))
#: Bytes that are looked at together.
_CHUNK = 2**20


def split_files(paths: Paths, size: int = SPAN_BYTES) -> list[FileSpan]:
    r"""Files of answers as spans of about ``size`` bytes, in order, for workers that read them apart.

    Each span stands wherever a path does (``read_table(span)``, ``read_arrow(span)``), and all of them together give
    the answers and the problems of the files, with the numbers of their lines. A file is read once to find its line
    ends. What cannot be cut is one span: gzip, Parquet, stored documents, an array, a transcript, and a file with
    pieces of streams. Raises ``FileError`` if a file cannot be read, ``UsageError`` for standard input and a size
    below 1.

    >>> from pathlib import Path
    >>> _ = Path("two.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    >>> [(span.start, span.stop, span.first_line) for span in pa.table.split_files("two.jsonl", size=10)]
    [(0, 16, 1), (16, None, 2)]
    """
    if size < 1:
        raise UsageError(f"size must be 1 byte or more, not {size}")
    return [span for path in answer_shards(paths) for span in _spans(fspath(path), size)]


def _spans(path: str, size: int) -> list[FileSpan]:
    if path == STANDARD:
        raise UsageError("standard input cannot be read in spans: name a file")
    with open_input(path) as file:
        pieces = _Pieces()
        spans = list(spans_in(file, size, watch=pieces))
        return [FileSpan(path)] if pieces.were_seen else spans


def spans_in(
    file: InputFile, size: int, *, watch: Callable[[Iterator[bytes]], Iterator[bytes]] = iter
) -> Iterator[FileSpan]:
    """The spans of an open file, each as soon as its end is found; one for a file that cannot be cut.

    ``watch`` gets the bytes on their way. A file that has pieces of streams, but not at its beginning, is cut, too: a
    reader refuses a span with such a piece, unless it is the last one.
    """
    if not _has_lines(file):
        yield FileSpan(file.path)
        return
    with file.random_access() as stream:
        yield from _cut(file.path, watch(_chunks(stream, file.path)), size)


def _has_lines(file: InputFile) -> bool:
    """Whether a file has a recording on each line, as it stands on the disk, as far as its beginning tells."""
    found, head = answer_file(file), file.head(HEAD_BYTES)
    is_lines = found.form is AnswerForm.RECORDINGS and found.layout is Layout.LINES
    return is_lines and found.fault is None and not (file.is_gzip or any(piece in head for piece in _PIECES))


def _chunks(stream: BufferedReader, path: str) -> Iterator[bytes]:
    with system_errors("read", path):
        while chunk := stream.read(_CHUNK):
            yield chunk


class _Pieces:
    """Looks for pieces of streams in the bytes of a file, which end at the first that is seen."""

    def __init__(self) -> None:
        self.were_seen = False

    def __call__(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        before = b""
        for chunk in chunks:
            searched = before + chunk  # a piece may lie across two chunks
            if any(piece in searched for piece in _PIECES):
                self.were_seen = True
                return
            yield chunk
            before = chunk[-_LONGEST:]


def _cut(path: str, chunks: Iterable[bytes], size: int) -> Iterator[FileSpan]:
    """The spans of a file of lines. The last one ends with the file, however long that has become."""
    start, first_line, position, number = 0, 1, 0, 1
    last: FileSpan | None = None
    for chunk in chunks:
        if last is not None:
            yield last
            last = None
        at = 0
        while end := chunk.find(b"\n", max(at, start + size - 1 - position)) + 1:
            if last is not None:
                yield last
            number += count_lines(memoryview(chunk)[at:end])
            last = FileSpan(path, start, position + end, first_line)
            at, start, first_line = end, position + end, number
        number += count_lines(memoryview(chunk)[at:])
        position += len(chunk)
    if start < position:
        if last is not None:
            yield last
        last = FileSpan(path, start, None, first_line)
    yield FileSpan(path) if last is None else replace(last, stop=None)
