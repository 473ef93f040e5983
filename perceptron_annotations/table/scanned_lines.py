"""Lines of files of recordings → columns, by the compiled scanner; the lines that it leaves, by ``completions.bulk``.

The scanner takes the lines that hold one answer and nothing else to tell, in one pass and outside the interpreter's
lock, so blocks of a file can be read beside each other. A line that it leaves comes to the same by the way of all
others, in its turn.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple, Protocol

from msgspec import StructMeta

from ..completions.bulk import Contents, read_contents
from ..completions.ending import ENDING_CODES, Ending
from ..completions.logprobs import TokenLogprobs
from ..completions.recorded_lines import LineReader
from ..completions.recordings import RecordedAsset
from ..files import Block
from ..markup.backend import scanner
from .batch import BulkReader, in_order

_NO_SIZE = float("nan")
#: The endings that the scanner tells, in its order.
_ENDINGS = tuple(ENDING_CODES[each] for each in (Ending.UNSTATED, Ending.COMPLETE, Ending.LENGTH))


class LineColumns:
    """What belongs to answers beside the columns of their annotations: one entry for each answer."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        #: Empty if they are not wanted; their sizes are kept all the same.
        self.assets: list[tuple[RecordedAsset, ...]] = []
        #: How each answer ended, as a place in ``Ending``.
        self.endings = bytearray()
        self.asset_counts = array("q")
        #: Width and height of each asset, NaN for one that is not known.
        self.sizes = array("d")
        #: Of the answers that have them, by their place.
        self.logprobs: dict[int, TokenLogprobs] = {}

    def add(self, contents: Contents, *, wants_assets: bool) -> None:
        """Append what belongs to some answers."""
        self.logprobs |= {len(self.keys) + place: each for place, each in contents.logprobs.items()}
        self.keys += contents.keys
        self.endings += bytes(contents.endings)
        self.asset_counts.extend(map(len, contents.assets))
        for assets in contents.assets:
            for asset in assets:
                self.sizes.append(_NO_SIZE if asset.width is None else asset.width)
                self.sizes.append(_NO_SIZE if asset.height is None else asset.height)
        if wants_assets:
            self.assets += contents.assets

    def extend(self, other: LineColumns) -> None:
        """Append all of another."""
        self.logprobs |= {len(self.keys) + place: each for place, each in other.logprobs.items()}
        self.keys += other.keys
        self.assets += other.assets
        self.endings += other.endings
        self.asset_counts += other.asset_counts
        self.sizes += other.sizes


class Scanned(NamedTuple):
    """Answers that were read into a reader of their own."""

    columns: LineColumns
    reader: BulkReader


class LineScanner(Protocol):
    """Reads lines of recordings, with a reader of their answers."""

    scanner: BulkReader

    def feed_lines(self, data: bytes, start: int, found: LineColumns) -> int:
        """Read lines, the first at ``start``: where the first begins that has to be read by another way."""


class _ScannedLines(NamedTuple):
    columns: LineColumns
    lines: LineScanner


class _Left(NamedTuple):
    """Lines that the scanner left: the number of the first, and where they are in their block."""

    first_number: int
    start: int
    end: int


class BlockScanner:
    """Scans the blocks of files by some threads, with scanners that are used again."""

    def __init__(self, new_scanner: Callable[[], LineScanner], threads: int) -> None:
        self._new_scanner = new_scanner
        self._threads = threads
        self._idle: list[LineScanner] = []

    def contents(self, blocks: Iterable[Block], reader: LineReader) -> Iterator[Contents | Scanned]:
        """The answers of the blocks in order; ``reader`` reads the lines that are left, and tells what is wrong."""
        for block, parts in self._scanned(blocks):
            if block.fault or reader.has_streams:
                yield read_contents(block, reader)
                continue
            for part in parts:
                if isinstance(part, _ScannedLines):
                    yield Scanned(part.columns, part.lines.scanner)
                    self._idle.append(part.lines)
                    continue
                yield read_contents(Block(part.first_number, block.data[part.start : part.end]), reader)
                if reader.has_streams:  # all that follows is for it to read
                    number = part.first_number + block.data.count(b"\n", part.start, part.end)
                    yield read_contents(Block(number, block.data[part.end :]), reader)
                    break

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
            lines, columns = self._idle.pop() if self._idle else self._new_scanner(), LineColumns()
            stop = lines.feed_lines(data, at, columns)
            parts.append(_ScannedLines(columns, lines))
            number += len(columns.keys)
            skipped = 1 if stop > at else 2 * skipped
            at = stop
            for _ in range(skipped):
                at = data.find(b"\n", at) + 1 or len(data)
            if stop < len(data):
                parts.append(_Left(number, stop, at))
                number += skipped
        return parts


def line_scanner(reader: BulkReader, *, wants_assets: bool) -> LineScanner:
    """A scanner of lines that leaves those that ``reader`` does not decide."""
    made: LineScanner = scanner.LineScanner(reader, _ENDINGS, _make_asset if wants_assets else None)  # type: ignore[union-attr]
    return made


#: Makes an asset of fields that have the right types; the constructor would look at them again.
_make_asset = partial(StructMeta.__call__, RecordedAsset)
