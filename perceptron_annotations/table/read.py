"""Files of recorded completions → tables, whole or a batch at a time, with details of each answer if wanted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from typing import NamedTuple, TypeAlias, overload

import numpy as np

from ..completions.answer_details import AnswerDetails
from ..completions.answer_files import AnswerFile, AnswerForm, answer_file, json_blocks, place_in
from ..completions.bulk import Contents, read_contents, rest_of
from ..completions.logprobs import TokenLogprobs
from ..completions.reasoning import split_reasoning
from ..completions.recorded_lines import LineReader
from ..completions.recording_files import read_transcript
from ..completions.recordings import RecordedAsset, Recording
from ..errors import MarkupError, UsageError
from ..files import InputFile, Line, Source, open_input
from ..frames import Frame, checked_frame
from ..issues import Span
from ..markup.backend import scanner
from ..markup.document import Document, Mode, ModeName, checked_mode
from ..markup.parsing import parse_within
from ..problems import OnProblem, Problem, reporting
from .batch import BulkReader, bulk_reader, check_threads, in_order
from .build import Extra, build
from .recorded_table import RecordedTable, Sent, joined, size_of
from .stored_answers import asset_sizes, stored_answers
from .table import AnnotationTable

#: A path, or several.
Paths: TypeAlias = Source | Iterable[Source]
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
        paths: A file, or several, which become one table; ``-`` is standard input. Each holds recordings, or stored
            answers: documents in JSON Lines, or tables in Parquet, which say themselves how they were read.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        threads: How many threads parse beside each other.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(_Parsing.of(mode, frame), key, report)
        recorded = next(_in_batches(reader, paths, sys.maxsize, threads, progress), None)
    return _TableParts(reader.parsing).table() if recorded is None else recorded.table


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
        paths: A file, or several; ``-`` is standard input. Each holds recordings, or stored answers: documents in JSON
            Lines, or tables in Parquet, which say themselves how they were read.
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
        reader = _FileReader(_Parsing.of(mode, frame), key, report)
        for recorded in _in_batches(reader, paths, batch_size, threads, progress):
            yield recorded.table


def iter_recorded(
    paths: Paths,
    *,
    fields: Sequence[str] | None = None,
    texts: bool = False,
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
        paths: A file, or several; ``-`` is standard input. Each holds recordings, or stored answers: documents in JSON
            Lines, or tables in Parquet, which say themselves how they were read.
        fields: The recorded fields that are wanted in the details, with dots into objects (``request.temperature``).
            Each is looked up in the line, then in its response, then in its request; ``prompt`` is also what a
            conversation asked last. None for no details; an empty list for details without fields.
        texts: Whether the texts and models of the answers are wanted, as for ``write_parquet``.
        batch_size: A table has so many responses or a few more; the last table has the rest.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(_Parsing.of(mode, frame), key, report, fields, keeps_texts=texts)
        batches = _in_batches(reader, paths, batch_size, 1, progress)
        yield next(batches, None) or _TableParts(reader.parsing).recorded()
        yield from batches


def _in_batches(
    reader: _FileReader, paths: Paths, batch_size: int, threads: int, progress: Callable[[int], None] | None
) -> Iterator[RecordedTable]:
    tables: list[RecordedTable] = []
    parts = reader.new_parts()
    for found in reader.contents(paths, threads, progress):
        if isinstance(found, RecordedTable):
            tables += [parts.recorded()] * bool(len(parts)) + [found]
            parts = reader.new_parts()
        else:
            parts.add(found)
        if size_of(tables) + len(parts) >= batch_size:
            yield joined(tables + [parts.recorded()] * bool(len(parts)))
            tables, parts = [], reader.new_parts()
    if tables or len(parts):
        yield joined(tables + [parts.recorded()] * bool(len(parts)))


def table_of_recordings(recordings: Sequence[Recording], mode: Mode, frame: Frame = Frame.GRID) -> AnnotationTable:
    """The answers of recordings that were read, as one table."""
    parts = _TableParts(_Parsing.of(mode, frame))
    contents = Contents()
    for recording in recordings:
        contents.add_recording(recording)
    parts.add(contents)
    return parts.table()


def table_of_contents(contents: Iterable[Contents], mode: Mode, threads: int, *, raw: bool) -> AnnotationTable:
    """Answers as one table; ``raw`` says that reasoning and special tokens in them are set apart."""
    parsing = _Parsing(mode, raw=raw)
    parts = _TableParts(parsing)
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
            choice = contents.choices[index]
            where = f"answer {contents.keys[index]}" + (f", choice {choice}" if choice else "")
            raise MarkupError(error.issue, error.source, where) from None

    def reader(self, read: Callable[[int], Document]) -> BulkReader:
        """What reads many answers; ``read`` reads one of those that it is fed."""
        return bulk_reader(read, self.mode, raw=self.raw, frame=self.frame)


class _TableParts:
    """Answers of several lines, collected for one table; :meth:`table` may be called once."""

    def __init__(self, parsing: _Parsing, *, keeps_texts: bool = False) -> None:
        self._parsing = parsing
        self._sent = Sent.empty() if keeps_texts else None
        self._keys: list[str] = []
        self._assets: list[tuple[RecordedAsset, ...]] = []
        self._details: list[AnswerDetails] = []
        self._endings: list[int] = []
        self._logprobs: dict[int, TokenLogprobs] = {}
        self._contents = Contents()
        self._reader = parsing.reader(lambda index: parsing.document(self._contents, index))

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, found: Contents | _ParsedContents) -> None:
        """Append some answers; those that no thread has parsed are parsed here."""
        self._logprobs |= {len(self._keys) + place: each for place, each in found.logprobs.items()}
        self._keys += found.keys
        self._assets += found.assets
        self._endings += found.endings
        if isinstance(found, _ParsedContents):
            self._reader.absorb(found.reader)
            return
        self._details += found.details
        if self._sent is not None:
            self._sent.add(found)
        self._contents = found
        self._reader.feed(self._parsing.texts(found), found.cuts)

    def table(self) -> AnnotationTable:
        """All of them as one table."""
        extra = Extra(
            key=tuple(self._keys) or None,
            sizes=asset_sizes(self._assets, self._parsing.frame),
            frame=self._parsing.frame.kind,
            endings=np.array(self._endings, dtype=np.uint8),
            logprobs=self._logprobs,
        )
        return build(self._reader.columns(), extra)

    def recorded(self) -> RecordedTable:
        """The table, with the assets and details of its answers."""
        return RecordedTable(self.table(), self._assets, self._details, self._sent)


class _ParsedContents(NamedTuple):
    """Answers that a thread has parsed; their texts are gone."""

    keys: list[str]
    assets: list[tuple[RecordedAsset, ...]]
    endings: list[int]
    logprobs: dict[int, TokenLogprobs]
    reader: BulkReader


@overload
def _parsed_beside(
    contents: Iterable[Contents], parsing: _Parsing, threads: int
) -> Iterator[Contents | _ParsedContents]: ...


@overload
def _parsed_beside(
    contents: Iterable[Contents | RecordedTable], parsing: _Parsing, threads: int
) -> Iterator[Contents | _ParsedContents | RecordedTable]: ...


def _parsed_beside(
    contents: Iterable[Contents | RecordedTable], parsing: _Parsing, threads: int
) -> Iterator[Contents | _ParsedContents | RecordedTable]:
    """The answers in order; parsed by the threads, if there are several."""
    check_threads(threads)
    if threads == 1 or scanner is None or parsing.frame != Frame.GRID:
        yield from contents
    else:
        yield from in_order(lambda each: _parsed(each, parsing), contents, threads)


def _parsed(contents: Contents | RecordedTable, parsing: _Parsing) -> _ParsedContents | RecordedTable:
    if isinstance(contents, RecordedTable):
        return contents
    reader = parsing.reader(lambda index: parsing.document(contents, index))
    reader.feed(parsing.texts(contents), contents.cuts)
    return _ParsedContents(contents.keys, contents.assets, contents.endings, contents.logprobs, reader)


class _FileReader:
    """Reads the contents of files with the options of one call."""

    def __init__(
        self,
        parsing: _Parsing,
        key: str | None,
        on_problem: OnProblem,
        fields: Sequence[str] | None = None,
        *,
        keeps_texts: bool = False,
    ) -> None:
        self.parsing = parsing
        self._fields = fields
        self._keeps_texts = keeps_texts
        self._key = key
        self._on_problem = on_problem

    def new_parts(self) -> _TableParts:
        """What collects answers for one table."""
        return _TableParts(self.parsing, keeps_texts=self._keeps_texts)

    def contents(
        self, paths: Paths, threads: int, progress: Callable[[int], None] | None
    ) -> Iterator[Contents | _ParsedContents | RecordedTable]:
        """The answers of all files in order; parsed by the threads, if there are several."""
        files = [paths] if isinstance(paths, str | PathLike) else paths
        found = (contents for path in files for contents in self._file(path, progress))
        yield from _parsed_beside(found, self.parsing, threads)

    def _file(self, path: Source, progress: Callable[[int], None] | None) -> Iterator[Contents | RecordedTable]:
        with open_input(path) as file:
            found = answer_file(file)
            if found.fault is not None:
                code, message = found.fault
                self._on_problem(Problem(code=code, message=message, path=file.path))
            elif found.form is AnswerForm.RECORDINGS:
                yield from self._recordings(file, found, progress)
            elif found.form is AnswerForm.TRANSCRIPT:
                contents = Contents(self._fields)
                recordings = read_transcript(file, self._key, self._on_problem, progress)
                contents.add_recordings(recordings, Line(1, b""), file.path)
                yield contents
            else:
                self._refuse_reading_otherwise(file)
                yield from stored_answers(
                    file, found, fields=self._fields, on_problem=self._on_problem, progress=progress
                )

    def _recordings(
        self, file: InputFile, found: AnswerFile, progress: Callable[[int], None] | None
    ) -> Iterator[Contents]:
        tell = place_in(found.layout, self._on_problem)
        reader = LineReader(key=self._key, file=file.path, on_problem=tell)
        for block in json_blocks(file, found.layout, progress=progress):
            yield read_contents(block, reader, self._fields)
        yield rest_of(reader, self._fields)

    def _refuse_reading_otherwise(self, file: InputFile) -> None:
        """Raise ``UsageError`` if options of reading were given for answers that were read already."""
        options = {
            "mode": self.parsing.mode is not Mode.LENIENT,
            "frame": self.parsing.frame != Frame.GRID,
            "key": self._key is not None,
        }
        if given := [name for name, is_given in options.items() if is_given]:
            raise UsageError(
                f"{file.path} holds answers that were read already, with their keys: leave out {' and '.join(given)}, "
                "or name the recordings themselves"
            )
