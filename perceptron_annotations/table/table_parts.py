"""Answers of several lines → one table: how they are parsed, and what is collected of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from ..completions.answer_details import AnswerDetails, DetailsOfAnswers, UnreadDetails, in_dialect
from ..completions.answer_reading import AnswerReading
from ..completions.bulk import Contents
from ..completions.reasoning import split_reasoning
from ..dialects.dialect import Dialect
from ..errors import MarkupError
from ..frames import Frame
from ..issues import Span
from ..markup.document import Document
from .batch import check_threads, in_order
from .build import Extra, build, sizes_in
from .bulk_readers import BulkReader, bulk_reader, is_compiled
from .line_columns import LineColumns, Scanned, Wanted
from .recorded_table import RecordedTable
from .table import AnnotationTable


class Parsing(NamedTuple):
    """How answers are parsed."""

    reading: AnswerReading
    #: Whether reasoning and special tokens are set apart.
    raw: bool = True

    def texts(self, contents: Contents) -> list[str]:
        """What the scanner gets of some answers."""
        return contents.scanned if self.raw else contents.texts

    def document(self, contents: Contents, index: int) -> Document:
        """One answer, apart from its reasoning if it is raw, as the table has it."""
        text = contents.texts[index]
        answer = split_reasoning(text).answer if self.raw else Span(0, len(text))
        try:
            document = self.reading.document(
                text,
                answer,
                cut=contents.cuts[index],
                key=contents.keys[index],
                model=contents.models[index],
                assets=contents.assets[index],
            )
            return self.reading.tabled(document)
        except MarkupError as error:
            choice = contents.choices[index]
            where = f"answer {contents.keys[index]}" + (f", choice {choice}" if choice else "")
            raise MarkupError(error.issue, error.source, where) from None

    def frame(self, contents: Contents, index: int) -> Frame:
        """What the coordinates of one answer count."""
        dialect = self.reading.dialect_of(contents.models[index])
        return self.reading.frame_of(dialect, contents.assets[index], contents.keys[index])

    def reader(
        self,
        read: Callable[[int], Document],
        frame_of: Callable[[int], Frame] | None = None,
        dialect_at: Callable[[int], Dialect | None] | None = None,
    ) -> BulkReader:
        """What reads many answers; see ``bulk_reader``."""
        return bulk_reader(read, self.reading, raw=self.raw, frame_of=frame_of, dialect_at=dialect_at)

    def dialects(self, contents: Contents) -> list[Dialect | None]:
        """The dialect of each of some answers; none if all are in our own markup."""
        return [] if self.reading.dialect is None else list(map(self.reading.dialect_of, contents.models))


class TableParts:
    """Answers of several lines, collected for one table; :meth:`table` may be called once."""

    def __init__(self, parsing: Parsing, wanted: Wanted) -> None:
        self._parsing = parsing
        self._wanted = wanted
        self._columns = LineColumns(wanted)
        self._details: list[AnswerDetails | UnreadDetails] = []
        #: The names of the dialects of the answers, if they are not all in our own markup.
        self._dialects: list[str] = []
        self._contents = Contents()
        self._reader = parsing.reader(
            lambda index: parsing.document(self._contents, index),
            lambda index: parsing.frame(self._contents, index),
            lambda index: parsing.reading.dialect_of(self._contents.models[index]),
        )

    def __len__(self) -> int:
        return len(self._columns.keys)

    def add(self, found: Contents | Scanned) -> None:
        """Append some answers; those that are not read yet are read here."""
        if isinstance(found, Scanned):
            self._note(
                found.dialects or [self._parsing.reading.dialect_of(None)] * len(found.columns.keys), found.details
            )
            self._columns.extend(found.columns)
            self._reader.absorb(found.reader)
            return
        self._columns.add(found)
        self._note(self._parsing.dialects(found), found.details)
        self._contents = found
        self._reader.feed(self._parsing.texts(found), found.cuts)

    def _note(self, dialects: Sequence[Dialect | None], details: Sequence[AnswerDetails | UnreadDetails]) -> None:
        """Append the dialects and the details of some answers."""
        if self._parsing.reading.dialect is None:
            self._details += details
            return
        self._dialects += ["" if dialect is None else dialect.name for dialect in dialects]
        self._details += map(in_dialect, details, dialects)

    def table(self) -> AnnotationTable:
        """All of them as one table."""
        columns, frame = self._columns, self._parsing.reading.table_frame
        sides = columns.assets.sent_sizes() if frame == Frame.SENT else columns.assets.sizes
        extra = Extra(
            key=tuple(columns.keys) or None,
            sizes=sizes_in(frame, columns.assets.counts, sides),
            frame=frame.kind,
            endings=np.frombuffer(columns.endings, dtype=np.uint8),
            logprobs=columns.logprobs,
        )
        return build(self._reader.columns(), extra)

    def recorded(self) -> RecordedTable:
        """The table, with the assets and details of its answers."""
        assets = self._columns.assets.recorded() if self._wanted.assets else ()
        sent = self._columns.sent if self._wanted.texts else None
        return RecordedTable(self.table(), assets, DetailsOfAnswers(self._details), sent, self._dialects)


@overload
def parsed_beside(
    contents: Iterable[Contents], parsing: Parsing, wanted: Wanted, threads: int
) -> Iterator[Contents | Scanned]: ...


@overload
def parsed_beside(
    contents: Iterable[Contents | RecordedTable], parsing: Parsing, wanted: Wanted, threads: int
) -> Iterator[Contents | Scanned | RecordedTable]: ...


def parsed_beside(
    contents: Iterable[Contents | RecordedTable], parsing: Parsing, wanted: Wanted, threads: int
) -> Iterator[Contents | Scanned | RecordedTable]:
    """The answers in order; parsed by the threads, if there are several."""
    check_threads(threads)
    if threads == 1 or not is_compiled(parsing.reading):
        yield from contents
    else:
        yield from in_order(lambda each: _parsed(each, parsing, wanted), contents, threads)


def _parsed(contents: Contents | RecordedTable, parsing: Parsing, wanted: Wanted) -> Scanned | RecordedTable:
    if isinstance(contents, RecordedTable):
        return contents
    reader = parsing.reader(
        lambda index: parsing.document(contents, index),
        lambda index: parsing.frame(contents, index),
        lambda index: parsing.reading.dialect_of(contents.models[index]),
    )
    reader.feed(parsing.texts(contents), contents.cuts)
    columns = LineColumns(wanted)
    columns.add(contents)
    return Scanned(columns, reader, contents.details, parsing.dialects(contents))
