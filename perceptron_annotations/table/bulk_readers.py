"""What reads lists of answers into columns: the compiled scanner, or the pure parser, behind one interface.

The scanner reads our own markup, and plain boxes in JSON of other models; what it leaves, and all other dialects, are
read one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Protocol

from msgspec.structs import replace

from ..completions.answer_reading import AnswerReading
from ..dialects.dialect import Dialect
from ..dialects.json_objects import JsonObjects
from ..dialects.json_shapes import BOX_KEYS
from ..dialects.scales import Order
from ..frames import Frame
from ..markup.backend import scanner
from ..markup.columns import Columns
from ..markup.document import Document, Mode
from ..markup.flatten import Flattener


class BulkReader(Protocol):
    """Reads lists of answers into columns, one list after the other."""

    def feed(self, texts: list[str], cuts: Sequence[bool] | None = None) -> None:
        """Read some answers; ``cuts`` says which the service cut off."""

    def expect(self, more: int) -> None:
        """Make room for ``more`` answers like those that were read."""

    def absorb(self, other: Any) -> None:
        """Append what another reader has read, which is then empty and may read on."""

    def columns(self) -> Columns:
        """All that was read; the reader must not be used again."""


def is_compiled(reading: AnswerReading) -> bool:
    """Whether the compiled scanner reads such answers."""
    return scanner is not None and (reading.is_own or reading.is_by_model or boxes_of(reading) is not None)


def boxes_of(reading: AnswerReading) -> Dialect | None:
    """The one dialect of all answers, if the compiled scanner knows its boxes."""
    dialect = reading.dialect
    if not isinstance(dialect, Dialect) or reading.mode is Mode.SALVAGE:
        return None
    surface = dialect.surface
    return dialect if isinstance(surface, JsonObjects) and not surface.keyed_by_second else None


def scans_lines(reading: AnswerReading) -> bool:
    """Whether the compiled scanner finds and reads such answers in the lines of files: nothing else there matters."""
    if scanner is None or reading.is_own:
        return scanner is not None
    dialect = boxes_of(reading)
    return dialect is not None and _frame_of_all(reading, dialect) is not None


def _frame_of_all(reading: AnswerReading, dialect: Dialect) -> Frame | None:
    """What the coordinates of all answers in a dialect count; None if each has its own frame."""
    if reading.frame is not None:
        return None if reading.frame == Frame.SENT else reading.frame
    return None if dialect.scale.needs_size else dialect.scale.frame(None)


def bulk_reader(
    read: Callable[[int], Document],
    reading: AnswerReading,
    *,
    raw: bool = False,
    frame_of: Callable[[int], Frame] | None = None,
    dialect_at: Callable[[int], Dialect | None] | None = None,
) -> BulkReader:
    """A reader of many answers.

    Args:
        read: Gives the document of one answer of the list that is fed, as the table has it.
        reading: How the answers are read.
        raw: Whether the texts may hold reasoning and special tokens, so that such an answer is ``read`` one by one.
        frame_of: What the coordinates of an answer of the list count, if it is not always the same.
        dialect_at: The dialect of an answer of the list, if it is that of its model.
    """
    if dialect_at is not None and scanner is not None and reading.is_by_model:
        return _ByModelReader(read, reading, raw=raw, frame_of=frame_of, dialect_at=dialect_at)
    if scanner is None or not is_compiled(reading):
        return _PureReader(read)

    if (dialect := boxes_of(reading)) is not None:
        return _box_scanner(_flattened(read), dialect, reading, frame_of)
    made: BulkReader = scanner.Scanner(
        _flattened(read),
        refuses_errors=reading.mode is not Mode.LENIENT,
        refuses_specials=raw or reading.mode is Mode.SALVAGE,
        refuses_thoughts=raw,
    )
    return made


def _box_scanner(
    read: Callable[[int], Columns],
    dialect: Dialect,
    reading: AnswerReading,
    frame_of: Callable[[int], Frame] | None,
) -> BulkReader:
    """The compiled reader of answers in JSON; it looks for the frame of each only if these are not one."""
    made: Any = scanner.BoxScanner(read)  # type: ignore[union-attr]
    frame = _frame_of_all(reading, dialect)
    made.follow(sorted(BOX_KEYS), dialect.order.value, dialect.scale.offset, frame, frame_of if frame is None else None)
    reader: BulkReader = made
    return reader


class _ByModelReader:
    """Reads answers of several models: those that are in one dialect, one after the other, by the reader of that."""

    def __init__(
        self,
        read: Callable[[int], Document],
        reading: AnswerReading,
        *,
        raw: bool,
        frame_of: Callable[[int], Frame] | None,
        dialect_at: Callable[[int], Dialect | None],
    ) -> None:
        self._read, self._reading, self._raw, self._frame_of = read, reading, raw, frame_of
        self._dialect_at = dialect_at
        self._first = 0  # of the answers that are fed to one reader
        self._whole = self._new_reader(None)
        self._readers: dict[Dialect | None, BulkReader] = {None: self._whole}

    def _new_reader(self, dialect: Dialect | None) -> BulkReader:
        def read(index: int) -> Document:
            return self._read(self._first + index)

        def frame(index: int) -> Frame:
            return Frame.GRID if self._frame_of is None else self._frame_of(self._first + index)

        reading = replace(self._reading, dialect=dialect)
        if dialect is None or boxes_of(reading) is not None:
            return bulk_reader(read, reading, raw=self._raw, frame_of=frame)
        return _leaving_all(read)

    def feed(self, texts: list[str], cuts: Sequence[bool] | None = None) -> None:
        for dialect, places in groupby(range(len(texts)), self._dialect_at):
            self._first, *rest = places
            some = slice(self._first, self._first + len(rest) + 1)
            if dialect not in self._readers:
                self._readers[dialect] = self._new_reader(dialect)
            reader = self._readers[dialect]
            reader.feed(texts[some], None if cuts is None else cuts[some])
            if reader is not self._whole:
                self._whole.absorb(reader)

    def expect(self, more: int) -> None:
        self._whole.expect(more)

    def absorb(self, other: Any) -> None:
        self._whole.absorb(other._whole)  # noqa: SLF001 - its own

    def columns(self) -> Columns:
        return self._whole.columns()


def _leaving_all(read: Callable[[int], Document]) -> BulkReader:
    """A compiled reader that knows no box, so that each answer is ``read``; another can absorb it."""
    made: Any = scanner.BoxScanner(_flattened(read))  # type: ignore[union-attr]
    made.follow((), Order.XYXY.value, 0.0, Frame.GRID)
    reader: BulkReader = made
    return reader


def _flattened(read: Callable[[int], Document]) -> Callable[[int], Columns]:
    """The columns of the document that is ``read``."""

    def flattened(index: int) -> Columns:
        flat = Flattener()
        flat.add(read(index))
        return flat.columns()

    return flattened


class _PureReader:
    def __init__(self, read: Callable[[int], Document]) -> None:
        self._read = read
        self._flat = Flattener()

    def feed(self, texts: list[str], cuts: Sequence[bool] | None = None) -> None:  # noqa: ARG002 - ``read`` knows them
        for index in range(len(texts)):
            self._flat.add(self._read(index))

    def expect(self, more: int) -> None:
        pass  # arrays of Python grow as they like

    def absorb(self, other: Any) -> None:
        raise NotImplementedError  # threads gain nothing here, so there is only ever one reader

    def columns(self) -> Columns:
        return self._flat.columns()
