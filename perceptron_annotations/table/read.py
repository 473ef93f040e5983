"""Files of recorded completions → tables, whole or a batch at a time, with details of each answer if wanted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import numpy as np

from ..completions.answer_files import AnswerForm, answer_file, json_blocks, place_in
from ..completions.answer_reading import AnswerDialect, AnswerReading
from ..completions.bulk import Contents, read_contents, rest_of
from ..completions.recorded_lines import LineReader
from ..completions.recording_files import read_transcript
from ..completions.recordings import Recording
from ..completions.shard_names import answer_shards
from ..errors import UsageError
from ..files import Block, InputFile, Line, Source, open_input
from ..frames import Frame, Size
from ..markup.document import Document, Mode, ModeName
from ..problems import OnProblem, Problem, reporting
from .batch import check_threads
from .bulk_readers import scans_lines
from .line_columns import Scanned, Wanted
from .recorded_table import RecordedTable, batches_of
from .scanned_lines import BlockScanner, LineScanner, line_scanner
from .stored_answers import stored_answers
from .table import AnnotationTable
from .table_parts import Parsing, TableParts, parsed_beside

C = TypeVar("C")

#: A path, or several; a folder or a pattern stands for the files of answers in it.
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
    frame: Frame | None = None,
    dialect: AnswerDialect | None = None,
) -> AnnotationTable:
    r"""All recorded answers of some files as one table, with their keys and the sizes of their assets.

    It reads what ``read_recordings`` reads, faster, and has a response for each ``Recording``. In strict mode the first
    error raises ``MarkupError``. Raises ``FileError`` if a file cannot be opened.

    >>> from pathlib import Path
    >>> _ = Path("table.jsonl").write_text('{"key": "a.jpg", "text": "<point> (1,2) </point>"}\n')
    >>> pa.read_table("table.jsonl").responses.key
    ('a.jpg',)

    Args:
        paths: A file, or several, which become one table; ``-`` is standard input, and a folder or a pattern stands
            for its files. Each holds recordings, or stored
            answers: documents in JSON Lines, or tables in Parquet, which say themselves how they were read.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        threads: How many threads parse beside each other.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
        dialect: How the answers are written, if not in our own markup; ``"by-model"`` for the dialect of the model that
            is recorded with each. The table is on the 0–1000 grid.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(Parsing(AnswerReading.of(mode, frame, dialect)), key, report, Wanted(assets=False))
        recorded = next(_in_batches(reader, paths, sys.maxsize, threads, progress), None)
    return reader.new_parts().table() if recorded is None else recorded.table


def iter_tables(
    paths: Paths,
    *,
    batch_size: int = BATCH_SIZE,
    mode: Mode | ModeName = Mode.LENIENT,
    key: str | None = None,
    threads: int = 1,
    on_problem: OnProblem | None = None,
    progress: Callable[[int], None] | None = None,
    frame: Frame | None = None,
    dialect: AnswerDialect | None = None,
) -> Iterator[AnnotationTable]:
    r"""Like :func:`read_table`, a table at a time, for files that are larger than memory.

    >>> from pathlib import Path
    >>> _ = Path("tables.jsonl").write_text('{"text": "<point> (1,2) </point>"}\n')
    >>> [len(table) for table in pa.table.iter_tables("tables.jsonl")]
    [1]

    Args:
        paths: A file, or several; ``-`` is standard input, and a folder or a pattern stands for its files. Each holds
            recordings, or stored answers: documents in JSON Lines, or tables in Parquet, which say themselves how they
            were read.
        batch_size: A table has so many responses; the last table has the rest.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        threads: How many threads parse beside each other.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
        dialect: How the answers are written, if not in our own markup; ``"by-model"`` for the dialect of the model that
            is recorded with each. The table is on the 0–1000 grid.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(Parsing(AnswerReading.of(mode, frame, dialect)), key, report, Wanted(assets=False))
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
    frame: Frame | None = None,
    dialect: AnswerDialect | None = None,
    image_sizes: Mapping[str, Size | None] | None = None,
) -> Iterator[RecordedTable]:
    r"""Like :func:`iter_tables`, with what else the files say of each answer; yields at least one table.

    A file is read once. If details are wanted, those of an answer are read from its line when they are first looked at.

    >>> from pathlib import Path
    >>> line = '{"key": "a.jpg", "text": "2 cups", "model": "m", "prompt": "How many?"}\n'
    >>> _ = Path("details.jsonl").write_text(line)
    >>> (recorded,) = pa.table.iter_recorded("details.jsonl", fields=["model"])
    >>> recorded.details[0].prompt, recorded.details[0].fields, recorded.details[0].line_number
    ('How many?', {'model': 'm'}, 1)

    Args:
        paths: A file, or several; ``-`` is standard input, and a folder or a pattern stands for its files. Each holds
            recordings, or stored answers: documents in JSON Lines, or tables in Parquet, which say themselves how they
            were read.
        fields: The recorded fields that are wanted in the details, with dots into objects (``request.temperature``).
            Each is looked up in the line, then in its response, then in its request; ``prompt`` is also what a
            conversation asked last. None for no details; an empty list for details without fields.
        texts: Whether the texts and models of the answers are wanted, as for ``write_parquet``.
        batch_size: A table has so many responses; the last table has the rest.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file that is read, in its own bytes.
        frame: What the coordinates count, as for ``parse``. In pixels, it is the size of each asset of the table too.
        dialect: How the answers are written, if not in our own markup; ``"by-model"`` for the dialect of the model that
            is recorded with each. The table is on the 0–1000 grid.
        image_sizes: ``(width, height)`` of images whose size is not recorded, by file name or key, for dialects whose
            numbers are pixels.
    """
    with reporting(on_problem) as report:
        reader = _FileReader(
            Parsing(AnswerReading.of(mode, frame, dialect, image_sizes)),
            key,
            report,
            Wanted(texts=texts, fields=fields),
        )
        batches = _in_batches(reader, paths, batch_size, 1, progress)
        yield next(batches, None) or reader.new_parts().recorded()
        yield from batches


def _in_batches(
    reader: _FileReader, paths: Paths, batch_size: int, threads: int, progress: Callable[[int], None] | None
) -> Iterator[RecordedTable]:
    return batches_of(_in_parts(reader, paths, batch_size, threads, progress), batch_size)


def _in_parts(
    reader: _FileReader, paths: Paths, batch_size: int, threads: int, progress: Callable[[int], None] | None
) -> Iterator[RecordedTable]:
    """Tables that begin and end where the blocks of a file do, few of which have more than a batch."""
    parts = reader.new_parts()
    for found in reader.contents(paths, threads, progress):
        is_table = isinstance(found, RecordedTable)
        if not isinstance(found, RecordedTable):
            parts.add(found)
        if len(parts) and (is_table or len(parts) >= batch_size):
            yield parts.recorded()
            parts = reader.new_parts()
        if isinstance(found, RecordedTable):
            yield found
    if len(parts):
        yield parts.recorded()


def table_of_recordings(recordings: Sequence[Recording], reading: AnswerReading) -> AnnotationTable:
    """The answers of recordings that were read, as one table."""
    parts = TableParts(Parsing(reading), Wanted(assets=False))
    contents = Contents()
    for recording in recordings:
        contents.add_recording(recording)
    parts.add(contents)
    return parts.table()


def table_of_contents(
    contents: Iterable[Contents], reading: AnswerReading, threads: int, *, raw: bool
) -> AnnotationTable:
    """Answers as one table; ``raw`` says that reasoning and special tokens in them are set apart."""
    parsing = Parsing(reading, raw=raw)
    wanted = Wanted(assets=False)
    parts = TableParts(parsing, wanted)
    for found in parsed_beside(contents, parsing, wanted, threads):
        parts.add(found)
    return parts.table()


class _FileReader:
    """Reads the contents of files with the options of one call."""

    def __init__(
        self,
        parsing: Parsing,
        key: str | None,
        on_problem: OnProblem,
        wanted: Wanted,
    ) -> None:
        self._parsing = parsing
        self._wanted = wanted
        self._key = key
        self._on_problem = on_problem

    def new_parts(self) -> TableParts:
        """What collects answers for one table."""
        return TableParts(self._parsing, self._wanted)

    def contents(
        self, paths: Paths, threads: int, progress: Callable[[int], None] | None
    ) -> Iterator[Contents | Scanned | RecordedTable]:
        """The answers of all files in order; read by the threads, if there are several."""
        check_threads(threads)
        files = answer_shards(paths)
        is_scanned = scans_lines(self._parsing.reading)
        if is_scanned and self._key is None:
            blocks = BlockScanner(self._line_scanner, self._wanted, threads)
            for path in files:
                yield from self._file(path, progress, blocks.contents)
        else:
            found = (contents for path in files for contents in self._file(path, progress, self._lines))
            yield from parsed_beside(found, self._parsing, self._wanted, threads)

    def _line_scanner(self) -> LineScanner:
        return line_scanner(self._parsing.reader(_unread), self._wanted)

    def _file(
        self,
        path: Source,
        progress: Callable[[int], None] | None,
        read: Callable[[Iterable[Block], LineReader], Iterator[C]],
    ) -> Iterator[C | Contents | RecordedTable]:
        """The answers of a file whose lines are ``read`` so."""
        with open_input(path) as file:
            found = answer_file(file)
            if found.fault is not None:
                code, message = found.fault
                self._on_problem(Problem(code=code, message=message, path=file.path))
            elif found.form is AnswerForm.RECORDINGS:
                tell = place_in(found.layout, self._on_problem)
                reader = LineReader(key=self._key, file=file.path, on_problem=tell, ends_early=file.ends_early)
                yield from read(json_blocks(file, found.layout, progress=progress, count_lines=count_lines), reader)
                yield rest_of(reader, self._wanted.fields)
            elif found.form is AnswerForm.TRANSCRIPT:
                contents = Contents(self._wanted.fields)
                recordings = read_transcript(file, self._key, self._on_problem, progress)
                contents.add_recordings(recordings, Line(1, b""), file.path)
                yield contents
            else:
                self._refuse_reading_otherwise(file)
                yield from stored_answers(
                    file, found, fields=self._wanted.fields, on_problem=self._on_problem, progress=progress
                )

    def _lines(self, blocks: Iterable[Block], reader: LineReader) -> Iterator[Contents]:
        return (read_contents(block, reader, self._wanted.fields) for block in blocks)

    def _refuse_reading_otherwise(self, file: InputFile) -> None:
        """Raise ``UsageError`` if options of reading were given for answers that were read already."""
        if given := [*self._parsing.reading.stated, *(["key"] if self._key is not None else [])]:
            raise UsageError(
                f"{file.path} holds answers that were read already, with their keys: leave out {' and '.join(given)}, "
                "or name the recordings themselves"
            )


def _unread(index: int) -> Document:
    """What a scanner of lines leaves is read by another reader."""
    raise AssertionError(index)


def count_lines(data: bytes | memoryview) -> int:
    """The line ends in ``data``, counted several times as fast as by ``bytes.count``."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_END))
