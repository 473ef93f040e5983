"""Files of recorded completions → tables, whole or a batch at a time, with details of each answer if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np

from ..completions.answer_details import AnswerDetails
from ..completions.bulk import Contents, read_contents, rest_of
from ..completions.reasoning import split_reasoning
from ..completions.recorded_lines import LineReader
from ..completions.recording_files import is_transcript, read_transcript
from ..completions.recordings import RecordedAsset, Recording
from ..errors import MarkupError
from ..files import Block, Line, Source, open_input
from ..frames import Frame, FrameKind, checked_frame
from ..issues import Span
from ..markup.backend import scanner
from ..markup.document import Document, Mode, ModeName, checked_mode, parse_within
from ..problems import OnProblem, reporting
from .batch import BulkReader, bulk_reader, check_threads, in_order
from .build import Extra, Sizes, build
from .scanned_lines import BlockScanner, LineColumns, LineScanner, Scanned, line_scanner
from .table import AnnotationTable

C = TypeVar("C")

#: A path, or several.
Paths: TypeAlias = Source | Iterable[Source]
_LINE_END = ord("\n")
#: Responses in one table of :func:`iter_tables`: with their annotations some tens of megabytes.
BATCH_SIZE = 100_000


def read_table(
    paths: Paths,
    *,
    mode: Mode | ModeName = Mode.LENIENT,
    key: str | None = None,
    threads: int = 1,
    on_problem: OnProblem | None = None,
    progress: Callable[[int], None] | None = None,
    frame: Frame = Frame.GRID,
) -> AnnotationTable:
    r"""All recorded answers of some files as one table, with their keys and the sizes of their assets.

    It reads what ``read_recordings`` reads, faster, and has a response for each ``Recording``. In strict mode the first
    error raises ``MarkupError``. Raises ``FileError`` if a file cannot be opened.

    >>> from pathlib import Path
    >>> _ = Path("table.jsonl").write_text('{"key": "a.jpg", "text": "<point> (1,2) </point>"}\n')
    >>> pa.read_table("table.jsonl").responses.key
    ('a.jpg',)

    Args:
        paths: A file, or several, which become one table; ``-`` is standard input.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        threads: How many threads parse beside each other.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(_Parsing.of(mode, frame), key, report, wants_assets=False)
        parts = reader.new_parts()
        for contents in reader.contents(paths, threads, progress):
            parts.add(contents)
    return parts.table()


def iter_tables(
    paths: Paths,
    *,
    batch_size: int = BATCH_SIZE,
    mode: Mode | ModeName = Mode.LENIENT,
    key: str | None = None,
    threads: int = 1,
    on_problem: OnProblem | None = None,
    progress: Callable[[int], None] | None = None,
    frame: Frame = Frame.GRID,
) -> Iterator[AnnotationTable]:
    r"""Like :func:`read_table`, a table at a time, for files that are larger than memory.

    >>> from pathlib import Path
    >>> _ = Path("tables.jsonl").write_text('{"text": "<point> (1,2) </point>"}\n')
    >>> [len(table) for table in pa.table.iter_tables("tables.jsonl")]
    [1]

    Args:
        paths: A file, or several; ``-`` is standard input.
        batch_size: A table has so many responses or a few more; the last table has the rest.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        threads: How many threads parse beside each other.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(_Parsing.of(mode, frame), key, report, wants_assets=False)
        for recorded in _in_batches(reader, paths, batch_size, threads, progress):
            yield recorded.table


class RecordedTable(NamedTuple):
    """A table of answers, and what else their files say: each sequence has one entry for each answer of the table."""

    table: AnnotationTable
    assets: Sequence[tuple[RecordedAsset, ...]]
    #: Where each answer is recorded, what was asked, and other fields; empty if that was not wanted.
    details: Sequence[AnswerDetails] = ()


def iter_recorded(
    paths: Paths,
    *,
    fields: Sequence[str] | None = None,
    batch_size: int = BATCH_SIZE,
    mode: Mode | ModeName = Mode.LENIENT,
    key: str | None = None,
    on_problem: OnProblem | None = None,
    progress: Callable[[int], None] | None = None,
    frame: Frame = Frame.GRID,
) -> Iterator[RecordedTable]:
    r"""Like :func:`iter_tables`, with what else the files say of each answer; yields at least one table.

    A file is read once, and each of its lines is decoded once more if details are wanted.

    >>> from pathlib import Path
    >>> line = '{"key": "a.jpg", "text": "2 cups", "model": "m", "prompt": "How many?"}\n'
    >>> _ = Path("details.jsonl").write_text(line)
    >>> (recorded,) = pa.table.iter_recorded("details.jsonl", fields=["model"])
    >>> recorded.details[0].prompt, recorded.details[0].fields, recorded.details[0].line_number
    ('How many?', {'model': 'm'}, 1)

    Args:
        paths: A file, or several; ``-`` is standard input.
        fields: The recorded fields that are wanted in the details, with dots into objects (``request.temperature``).
            Each is looked up in the line, then in its response, then in its request; ``prompt`` is also what a
            conversation asked last. None for no details; an empty list for details without fields.
        batch_size: A table has so many responses or a few more; the last table has the rest.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(_Parsing.of(mode, frame), key, report, wants_assets=True, fields=fields)
        batches = _in_batches(reader, paths, batch_size, 1, progress)
        yield next(batches, None) or reader.new_parts().recorded()
        yield from batches


def _in_batches(
    reader: _FileReader, paths: Paths, batch_size: int, threads: int, progress: Callable[[int], None] | None
) -> Iterator[RecordedTable]:
    parts = reader.new_parts()
    for contents in reader.contents(paths, threads, progress):
        parts.add(contents)
        if len(parts) >= batch_size:
            yield parts.recorded()
            parts = reader.new_parts()
    if len(parts):
        yield parts.recorded()


def table_of_recordings(recordings: Sequence[Recording], mode: Mode, frame: Frame = Frame.GRID) -> AnnotationTable:
    """The answers of recordings that were read, as one table."""
    parts = _TableParts(_Parsing.of(mode, frame), wants_assets=False)
    contents = Contents()
    for recording in recordings:
        contents.add_recording(recording)
    parts.add(contents)
    return parts.table()


def table_of_contents(contents: Iterable[Contents], mode: Mode, threads: int, *, raw: bool) -> AnnotationTable:
    """Answers as one table; ``raw`` says that reasoning and special tokens in them are set apart."""
    parsing = _Parsing(mode, raw=raw)
    parts = _TableParts(parsing, wants_assets=False)
    for found in _parsed_beside(contents, parsing, threads):
        parts.add(found)
    return parts.table()


class _Parsing(NamedTuple):
    """How answers are parsed."""

    mode: Mode
    frame: Frame = Frame.GRID
    #: Whether reasoning and special tokens are set apart.
    raw: bool = True

    @staticmethod
    def of(mode: Mode | ModeName, frame: Frame) -> _Parsing:
        """The options that a caller gave, checked."""
        return _Parsing(checked_mode(mode), checked_frame(frame))

    def texts(self, contents: Contents) -> list[str]:
        """What the scanner gets of some answers."""
        return contents.scanned if self.raw else contents.texts

    def document(self, contents: Contents, index: int) -> Document:
        """One answer, apart from its reasoning if it is raw."""
        text = contents.texts[index]
        answer = split_reasoning(text).answer if self.raw else Span(0, len(text))
        try:
            return parse_within(text, answer, mode=self.mode, cut=contents.cuts[index], frame=self.frame)
        except MarkupError as error:
            raise MarkupError(error.issue, error.source, f"answer {contents.keys[index]}") from None

    def reader(self, read: Callable[[int], Document]) -> BulkReader:
        """What reads many answers; ``read`` reads one of those that it is fed."""
        return bulk_reader(read, self.mode, raw=self.raw, frame=self.frame)


class _TableParts:
    """Answers of several lines, collected for one table; :meth:`table` may be called once."""

    def __init__(self, parsing: _Parsing, *, wants_assets: bool) -> None:
        self._parsing = parsing
        self._wants_assets = wants_assets
        self._columns = LineColumns()
        self._details: list[AnswerDetails] = []
        self._contents = Contents()
        self._reader = parsing.reader(lambda index: parsing.document(self._contents, index))

    def __len__(self) -> int:
        return len(self._columns.keys)

    def add(self, found: Contents | Scanned) -> None:
        """Append some answers; those that are not read yet are read here."""
        if isinstance(found, Scanned):
            self._columns.extend(found.columns)
            self._reader.absorb(found.reader)
            return
        self._columns.add(found, wants_assets=self._wants_assets)
        self._details += found.details
        self._contents = found
        self._reader.feed(self._parsing.texts(found), found.cuts)

    def table(self) -> AnnotationTable:
        """All of them as one table."""
        columns = self._columns
        extra = Extra(
            key=tuple(columns.keys) or None,
            sizes=self._sizes(),
            frame=self._parsing.frame.kind,
            endings=np.frombuffer(columns.endings, dtype=np.uint8),
            logprobs=columns.logprobs,
        )
        return build(self._reader.columns(), extra)

    def _sizes(self) -> Sizes:
        """The recorded sizes, or that of the frame if the coordinates are its pixels."""
        frame, counts = self._parsing.frame, np.array(self._columns.asset_counts, dtype=np.int64)
        sizes = np.array(self._columns.sizes, dtype=np.float64).reshape(-1, 2)
        if frame.kind is FrameKind.PIXELS:
            counts = np.maximum(counts, 1)
            sizes = np.tile([float(frame.width or 0), float(frame.height or 0)], (int(counts.sum()), 1))
        return Sizes(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), sizes)

    def recorded(self) -> RecordedTable:
        """The table, with the assets and details of its answers."""
        return RecordedTable(self.table(), self._columns.assets, self._details)


def _parsed_beside(contents: Iterable[Contents], parsing: _Parsing, threads: int) -> Iterator[Contents | Scanned]:
    """The answers in order; parsed by the threads, if there are several."""
    check_threads(threads)
    if threads == 1 or scanner is None or parsing.frame != Frame.GRID:
        yield from contents
    else:
        yield from in_order(lambda each: _parsed(each, parsing), contents, threads)


def _parsed(contents: Contents, parsing: _Parsing) -> Scanned:
    reader = parsing.reader(lambda index: parsing.document(contents, index))
    reader.feed(parsing.texts(contents), contents.cuts)
    columns = LineColumns()
    columns.add(contents, wants_assets=True)
    return Scanned(columns, reader)


class _FileReader:
    """Reads the contents of files with the options of one call."""

    def __init__(
        self,
        parsing: _Parsing,
        key: str | None,
        on_problem: OnProblem,
        *,
        wants_assets: bool,
        fields: Sequence[str] | None = None,
    ) -> None:
        self._parsing = parsing
        self._wants_assets = wants_assets
        self._fields = fields
        self._key = key
        self._on_problem = on_problem

    def new_parts(self) -> _TableParts:
        """The parts of a table of some of the answers."""
        return _TableParts(self._parsing, wants_assets=self._wants_assets)

    def contents(
        self, paths: Paths, threads: int, progress: Callable[[int], None] | None
    ) -> Iterator[Contents | Scanned]:
        """The answers of all files in order; read by the threads, if there are several."""
        check_threads(threads)
        files = [paths] if isinstance(paths, str | PathLike) else paths
        is_scanned = scanner is not None and self._parsing.frame == Frame.GRID
        if is_scanned and self._key is None and self._fields is None:
            blocks = BlockScanner(self._line_scanner, threads)
            for path in files:
                yield from self._file(path, progress, blocks.contents)
        else:
            found = (contents for path in files for contents in self._file(path, progress, self._lines))
            yield from _parsed_beside(found, self._parsing, threads)

    def _file(
        self,
        path: Source,
        progress: Callable[[int], None] | None,
        read: Callable[[Iterable[Block], LineReader], Iterator[C]],
    ) -> Iterator[C | Contents]:
        """The answers of a file whose lines are ``read`` so."""
        with open_input(path) as file:
            if is_transcript(file.path):
                contents = Contents(self._fields)
                recordings = read_transcript(file, self._key, self._on_problem, progress)
                contents.add_recordings(recordings, Line(1, b""), file.path)
                yield contents
                return
            reader = LineReader(key=self._key, file=file.path, on_problem=self._on_problem)
            yield from read(file.blocks(progress=progress, count_lines=_count_lines), reader)
            yield rest_of(reader, self._fields)

    def _line_scanner(self) -> LineScanner:
        return line_scanner(self._parsing.reader(_unread), wants_assets=self._wants_assets)

    def _lines(self, blocks: Iterable[Block], reader: LineReader) -> Iterator[Contents]:
        return (read_contents(block, reader, self._fields) for block in blocks)


def _unread(index: int) -> Document:
    """What a scanner of lines leaves is read by another reader."""
    raise AssertionError(index)


def _count_lines(data: bytes) -> int:
    """The line ends in ``data``, counted several times as fast as by ``bytes.count``."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_END))
