"""A long file of lines → spans of it that can be read apart, in other processes or on other machines.

A span stands wherever a path does. It begins and ends at line ends, and knows the number of its first line, so that
what is told about it is told as of the whole file.
"""

from __future__ import annotations

from io import BufferedReader, RawIOBase
from typing import Any

from msgspec import Struct


class FileSpan(Struct, frozen=True):
    """A part of a file: whole lines, or all of it. It is taken for a path by every reader of answers.

    >>> pa.FileSpan("answers.jsonl", start=1_000, stop=2_000, first_line=17)
    FileSpan(path='answers.jsonl', start=1000, stop=2000, first_line=17)
    """

    path: str
    #: The first byte.
    start: int = 0
    #: The byte after the last one; None for the end of the file.
    stop: int | None = None
    #: The number of the first line, from 1.
    first_line: int = 1

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self.path

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole file."""
        return self.start == 0 and self.stop is None


class SpanStream(RawIOBase):
    """The bytes of a span as a file of its own; it closes the file that it reads."""

    def __init__(self, stream: BufferedReader, span: FileSpan) -> None:
        self._stream = stream
        self._stop = span.stop
        stream.seek(span.start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with the next bytes, as far as the span goes."""
        rest = None if self._stop is None else max(self._stop - self._stream.tell(), 0)
        return self._stream.readinto(memoryview(buffer)[:rest])

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()
