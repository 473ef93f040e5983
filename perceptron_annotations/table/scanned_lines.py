"""Lines of files of recordings → columns, by the compiled scanner; the lines that it leaves, by ``completions.bulk``.

The scanner takes the lines that hold one answer and nothing else to tell, in one pass and outside the interpreter's
lock, so blocks of a file can be read beside each other. A line that it leaves comes to the same by the way of all
others, in its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import NamedTuple, Protocol

from ..completions.answer_details import UnreadDetails
from ..completions.bulk import Contents, read_contents
from ..completions.ending import ENDING_CODES, Ending
from ..completions.recorded_lines import LineReader
from ..files import Block
from ..markup.backend import scanner
from .batch import in_order
from .bulk_readers import BulkReader
from .line_columns import LineColumns, Scanned, Wanted

#: The endings that the scanner tells, in its order.
_ENDINGS = tuple(ENDING_CODES[each] for each in (Ending.UNSTATED, Ending.COMPLETE, Ending.LENGTH))


class LineScanner(Protocol):
    """Reads lines of recordings, with a reader of their answers."""

    scanner: BulkReader

    def feed_lines(self, data: bytes, start: int, found: LineColumns) -> int:
        """Read lines, the first at ``start``: where the first begins that has to be read by another way."""


class _ScannedLines(NamedTuple):
    """Lines that the scanner read: the number of the first, and where they are in their block."""

    columns: LineColumns
    lines: LineScanner
    first_number: int
    start: int
    end: int


class _Left(NamedTuple):
    """Lines that the scanner left: the number of the first, and where they are in their block."""

    first_number: int
    start: int
    end: int


class BlockScanner:
    """Scans the blocks of files by some threads, with scanners that are used again."""

    def __init__(self, new_scanner: Callable[[], LineScanner], wanted: Wanted, threads: int) -> None:
        self._new_scanner = new_scanner
        self._wanted = wanted
        self._threads = threads
        self._idle: list[LineScanner] = []

    def contents(self, blocks: Iterable[Block], reader: LineReader) -> Iterator[Contents | Scanned]:
        """The answers of the blocks in order; ``reader`` reads the lines that are left, and tells what is wrong."""
        for block, parts in self._scanned(blocks):
            if block.fault or _reads_on(reader):
                yield read_contents(block, reader, self._wanted.fields)
                continue
            for part in parts:
                if isinstance(part, _ScannedLines):
                    yield Scanned(part.columns, part.lines.scanner, self._details(block.data, part, reader.file))
                    self._idle.append(part.lines)
                    continue
                left = Block(part.first_number, block.data[part.start : part.end])
                yield read_contents(left, reader, self._wanted.fields)
                if _reads_on(reader):
                    number = part.first_number + block.data.count(b"\n", part.start, part.end)
                    yield read_contents(Block(number, block.data[part.end :]), reader, self._wanted.fields)
                    break

    def _details(self, data: bytes, part: _ScannedLines, file: str) -> list[UnreadDetails]:
        """The details of the answers in some lines, if they are wanted."""
        fields, sent = self._wanted.fields, part.columns.sent
        if fields is None or sent is None or not part.columns.keys:
            return []
        lines = data[part.start : part.end].removesuffix(b"\n").split(b"\n")
        answers = zip(lines, count(part.first_number), part.columns.keys, sent.texts, strict=False)
        return [
            UnreadDetails(line.removesuffix(b"\r"), number, file, fields, key, text)
            for line, number, key, text in answers
        ]

    def _scanned(self, blocks: Iterable[Block]) -> Iterator[tuple[Block, list[_ScannedLines | _Left]]]:
        if self._threads == 1:
            return ((block, self._parts(block)) for block in blocks)
        return in_order(lambda block: (block, self._parts(block)), blocks, self._threads)

    def _parts(self, block: Block) -> list[_ScannedLines | _Left]:
        """What the scanner reads of a block and what it leaves, in turn.

        Each line that it reads has one answer. If it leaves one line after the other, it is asked ever more seldom.
        """
        parts: list[_ScannedLines | _Left] = []
        data, number, at, skipped = block.data, block.first_number, 0, 1
        while at < len(data) and not block.fault:
            lines, columns = self._idle.pop() if self._idle else self._new_scanner(), LineColumns(self._wanted)
            stop = lines.feed_lines(data, at, columns)
            columns.number_lines(number)
            parts.append(_ScannedLines(columns, lines, number, at, stop))
            number += len(columns.keys)
            skipped = 1 if stop > at else 2 * skipped
            at = stop
            for _ in range(skipped):
                at = data.find(b"\n", at) + 1 or len(data)
            if stop < len(data):
                parts.append(_Left(number, stop, at))
                number += skipped
        return parts


def _reads_on(reader: LineReader) -> bool:
    """Whether a reader has to be given all lines that follow."""
    return reader.has_streams


def line_scanner(reader: BulkReader, wanted: Wanted) -> LineScanner:
    """A scanner of lines that leaves those that ``reader`` does not decide."""
    made: LineScanner = scanner.LineScanner(  # type: ignore[union-attr]
        reader, _ENDINGS, keeps_names=wanted.assets, keeps_texts=wanted.keeps_texts
    )
    return made
