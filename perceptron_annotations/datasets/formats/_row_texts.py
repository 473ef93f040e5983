"""Rows of text from columns, if the package was compiled.

A writer that makes an object for each row spends most of its time on them. The compiled writer makes the text of the
rows right from the columns, byte for byte what the objects would have become. Without it, and for what is rare, a
format makes the objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...markup.backend import scanner

if TYPE_CHECKING:
    from types import ModuleType

_LINE_END = ord("\n")
#: Rows that are written together: of COCO's, about 60 kB. Four times as many cost the system twice the time.
_PIECE = 250
_ENCODER = msgspec.json.Encoder()


def _compiled() -> ModuleType | None:
    if scanner is None:  # the pure backend runs, which is pure in all it does
        return None
    try:
        from . import _rows
    except ImportError:
        return None
    return _rows


_rows: Any = _compiled()
#: Whether there is a compiled writer, so that :class:`RowTexts` may be used.
writes_rows = _rows is not None


class TextColumn(NamedTuple):
    """Many texts in a row: number i is ``data[offsets[i] : offsets[i + 1]]``."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @staticmethod
    def of(texts: Sequence[bytes]) -> TextColumn:
        """Texts that were made one by one."""
        offsets = np.cumsum([0, *map(len, texts)])
        return TextColumn(np.frombuffer(b"".join(texts), dtype=np.uint8), offsets)

    def take(self, chosen: NDArray[np.bool_]) -> TextColumn:
        """Those for which ``chosen``, with an entry for each, is true."""
        lengths = np.diff(self.offsets)
        offsets = np.append(0, np.cumsum(lengths[chosen]))
        return TextColumn(self.data[np.repeat(chosen, lengths)], offsets)

    @staticmethod
    def of_json(texts: Sequence[str]) -> TextColumn:
        """Texts as strings of JSON. Raises ``UnicodeEncodeError`` for a lone surrogate."""
        lines = np.frombuffer(_ENCODER.encode_lines(texts), dtype=np.uint8)
        ends = np.flatnonzero(lines == _LINE_END)  # a string of JSON has none in it
        offsets = np.zeros(len(ends) + 1, dtype=np.int64)
        offsets[1:] = ends - np.arange(len(ends))
        return TextColumn(lines[lines != _LINE_END], offsets)


class RowTexts:
    """Writes rows that have the same parts: texts, and columns of int64 or float64 with an entry for each row.

    Numbers are written as msgspec does in JSON, or ``as_python`` does by ``repr``; in lists, with a ``separator``.
    """

    def __init__(self, count: int, *, as_python: bool = False, separator: bytes = b",") -> None:
        self._count = count
        self._rows = _rows.Rows(count, as_python=as_python, separator=separator)

    def add(self, *parts: bytes | NDArray[np.int64] | NDArray[np.float64]) -> None:
        """Add parts to all rows; a text is the same in each."""
        for part in parts:
            if isinstance(part, bytes):
                self._rows.text(part)
            elif part.dtype == np.float64:
                self._rows.numbers(np.ascontiguousarray(part))
            else:
                self._rows.integers(np.ascontiguousarray(part, dtype=np.int64))

    def add_texts(self, texts: TextColumn, number: NDArray[np.int64]) -> None:
        """Add one of some texts to each row."""
        self._rows.texts(texts.data, texts.offsets, number)

    def add_lists(self, numbers: NDArray[np.float64], offsets: NDArray[np.int64], number: NDArray[np.int64]) -> None:
        """Add a list of numbers to each row: list i is ``numbers[offsets[i] : offsets[i + 1]]``."""
        self._rows.lists(np.ascontiguousarray(numbers), offsets, number)

    @contextmanager
    def only(self, chosen: NDArray[np.bool_]) -> Iterator[None]:
        """What is added inside is in the rows for which ``chosen`` is true."""
        self._rows.begin(chosen)
        yield
        self._rows.end()

    def pieces(self) -> Iterator[bytes]:
        """The rows, some at a time, which stay in the cache of the processor until they are written to a file."""
        for start in range(0, self._count, _PIECE):
            yield self._rows.written(start, min(start + _PIECE, self._count))

    def with_offsets(self) -> TextColumn:
        """All rows, and where each of them begins."""
        offsets = np.zeros(self._count + 1, dtype=np.int64)
        text = self._rows.written(0, self._count, offsets[1:])
        return TextColumn(np.frombuffer(text, dtype=np.uint8), offsets)


def runs(values: tuple[str, ...], rows: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """The values of some rows, without each that is the same object as the one before it; and which each row has."""
    number = np.empty(len(rows), dtype=np.int64)
    return _rows.runs(values, np.ascontiguousarray(rows), number), number
