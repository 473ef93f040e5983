"""CSV in and out: records of any length, of which a bad one costs only itself, and cells that are never formulas.

The parser is ours, since that of the standard library stops at a cell of 131,072 characters, fewer than a long polygon
has, and can only be told otherwise for the whole process. A record ends at LF or CRLF, RFC 4180 says how quotes work,
and a quote in the middle of a cell is a character, as for the standard library.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .files import Block, Fault, InputFile
from .limits import beyond, current_limits
from .problems import ProblemCode

#: What begins a formula in some spreadsheet, and the apostrophe itself.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def defused(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula: with an apostrophe in front, if need be."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def armed(cell: str) -> str:
    """What :func:`defused` was given."""
    return cell.removeprefix("'")


def csv_text(lines: Iterable[Sequence[object]]) -> str:
    """Lines of cells as CSV; a cell with a carriage return is quoted too, which some take for the end of a line."""
    text = io.StringIO(newline="")
    plain, quoted = (csv.writer(text, lineterminator="\n", quoting=kind) for kind in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    for line in lines:
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in line)
        (quoted if has_return else plain).writerow(line)
    return text.getvalue()


class Record(NamedTuple):
    """A record of a file: the number of its first line, its cells, and what is wrong with it, if so."""

    number: int
    cells: list[str]
    #: Cells are kept if only their encoding is wrong, and there are none if the record cannot be read.
    fault: Fault | None = None


def read_records(file: InputFile, *, separator: str = ",") -> Iterator[Record]:
    """The records of a file that are not empty. What is wrong in the file is the ``fault`` of a record.

    ``separator`` is the character between cells. A quote that is not closed before the end, or within
    ``Limits.line_bytes``, costs the line that it is in; lines that were taken for part of its cell are read each by
    itself.
    """
    reader = _Reader(separator)
    for block in file.blocks():
        if block.fault is not None:
            yield from reader.finish()
            yield Record(block.first_number, [], block.fault)
        else:
            yield from reader.read(block)
    yield from reader.finish()


class _Reader:
    """Takes lines, and keeps those of a record that has begun."""

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._most = current_limits().line_bytes
        self._first = 0  # the line in which the record began
        self._lines: list[str] = []  # of a record whose last cell is still open
        self._size = 0
        self._record = _RecordParser(separator)

    def read(self, block: Block) -> Iterator[Record]:
        """The records that the lines of a block complete."""
        try:
            text, fault = block.data.decode("utf-8"), None
        except UnicodeDecodeError:
            text = block.data.decode("utf-8", "replace")
            fault = Fault(ProblemCode.WRONG_ENCODING, "bytes that are not UTF-8 were replaced")
        for number, line in enumerate(text.removesuffix("\n").split("\n"), block.first_number):
            found = self._take(number, line)
            for record in found:
                is_replaced = fault is not None and any("\ufffd" in cell for cell in record.cells)
                yield record._replace(fault=fault) if is_replaced else record

    def _take(self, number: int, line: str) -> Iterable[Record]:
        if not self._lines:
            if '"' not in line:
                bare = line.removesuffix("\r")
                return [Record(number, bare.split(self._separator))] if bare else ()
            self._first = number
        if self._record.take(line):
            cells, self._record = self._record.cells, _RecordParser(self._separator)
            self._lines, self._size = [], 0
            return [Record(self._first, cells)]
        self._lines.append(line)
        self._size += len(line) + 1
        return self.finish() if self._size > self._most else ()

    def finish(self) -> Iterator[Record]:
        """The lines of a record that does not end, each by itself; the first one is bad."""
        lines, self._lines, self._size, self._record = self._lines, [], 0, _RecordParser(self._separator)
        is_long = sum(map(len, lines)) > self._most
        why = f"the record {beyond('line_bytes')}" if is_long else "a quote is not closed"
        fault = Fault(ProblemCode.OVERSIZED_LINE if is_long else ProblemCode.MALFORMED_ENTRY, why)
        for number, line in enumerate(lines, self._first):
            alone = _RecordParser(self._separator)
            if number > self._first and alone.take(line):
                if line.strip("\r"):
                    yield Record(number, alone.cells)
            else:
                yield Record(number, [], fault)


class _RecordParser:
    """Takes the lines of one record."""

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self.cells: list[str] = []
        self._open: list[str] | None = None  # the parts of a quoted cell that is not closed

    def take(self, line: str) -> bool:
        """Add the cells of a line; whether the record ends with it."""
        at = 0
        while True:
            text = ""
            if self._open is not None or line.startswith('"', at):
                at += self._open is None
                self._open = self._open or []
                end = _closing_quote(line, at)
                self._open.append(line[at : end if end >= 0 else None].replace('""', '"'))
                if end < 0:
                    self._open.append("\n")
                    return False
                text, self._open, at = "".join(self._open), None, end + 1
            end = line.find(self._separator, at)
            if end < 0:
                self.cells.append(text + line[at:].removesuffix("\r"))
                return True
            self.cells.append(text + line[at:end])
            at = end + 1


def _closing_quote(line: str, at: int) -> int:
    """Where the quote is that closes a cell, or -1; two quotes are one character of it."""
    end = line.find('"', at)
    while end >= 0 and line.startswith('"', end + 1):
        end = line.find('"', end + 2)
    return end
