"""Files of answers → spans of them, each of which is read as a part of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BufferedReader
from os import fspath

from msgspec.structs import replace

from ..completions.answer_files import AnswerForm, Layout, answer_file
from ..completions.shard_names import answer_shards
from ..errors import UsageError
from ..file_spans import FileSpan
from ..files import STANDARD, InputFile, open_input, system_errors
from .read import Paths

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
        if not _has_lines(file):
            return [FileSpan(path)]
        with file.random_access() as stream:
            return _cut(path, _chunks(stream, path), size) or [FileSpan(path)]


def _has_lines(file: InputFile) -> bool:
    """Whether a file has a recording on each line, as it stands on the disk."""
    found = answer_file(file)
    is_lines = found.form is AnswerForm.RECORDINGS and found.layout is Layout.LINES
    return is_lines and found.fault is None and not file.is_gzip


def _chunks(stream: BufferedReader, path: str) -> Iterator[bytes]:
    with system_errors("read", path):
        while chunk := stream.read(_CHUNK):
            yield chunk


def _cut(path: str, chunks: Iterable[bytes], size: int) -> list[FileSpan]:
    """The spans of a file of lines; none if it has pieces of streams."""
    spans: list[FileSpan] = []
    start, first_line, position, number = 0, 1, 0, 1
    before = b""
    for chunk in chunks:
        searched = before + chunk  # a piece may lie across two chunks
        if any(piece in searched for piece in _PIECES):
            return []
        at = 0
        while end := chunk.find(b"\n", max(at, start + size - 1 - position)) + 1:
            number += chunk.count(b"\n", at, end)
            spans.append(FileSpan(path, start, position + end, first_line))
            at, start, first_line = end, position + end, number
        number += chunk.count(b"\n", at)
        position += len(chunk)
        before = chunk[-_LONGEST:]
    if start < position:
        spans.append(FileSpan(path, start, None, first_line))
    elif spans:
        spans[-1] = replace(spans[-1], stop=None)
    return spans
