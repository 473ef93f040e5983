"""Inputs of the verbs: each is opened once, recognised by its head, and read while what is wrong in it is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from os import fspath
from typing import TypeVar

from msgspec import Struct

from ..completions.answer_files import AnswerForm
from ..completions.answer_reading import AnswerReading
from ..completions.documents_jsonl import DocumentRecord
from ..completions.shard_names import answer_shards
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import Recognised, recognise
from ..errors import UsageError
from ..files import STANDARD, Source, encode_json
from ..outputs import write_whole
from ..problems import OnProblem, Problem, ProblemCode, refuse_no_answers
from ..table.read import BATCH_SIZE
from ..table.read_beside import ReaderInput, read_beside
from ..table.recorded_table import RecordedTable, batches_of
from .answer_readers import DocumentReader, LineReader, Made, TableReader
from .console import complain, progress
from .exit_status import is_sound
from .format_words import AnswerFormat, format_from
from .problem_table import ProblemTable

T = TypeVar("T")

#: Answers that are handed on together: so few that those of several workers fill no memory.
_BATCH = 20_000


class RejectedLine(Struct, frozen=True):
    """A line, or a choice of it, that holds no answer, as a file of rejects has it."""

    line_number: int
    code: ProblemCode
    reason: str
    raw: str
    file: str


def rejected(problem: Problem) -> RejectedLine:
    """What a file of rejects has of a problem."""
    number = int(problem.place.rpartition(" ")[2])
    return RejectedLine(number, problem.code, problem.message, problem.raw, problem.path)


def named_form(name: str | None) -> DatasetFormat | AnswerForm | None:
    """What ``--from`` says that a file holds. Raises ``UsageError`` if it names nothing."""
    if name is None:
        return None
    named = format_from(name)
    if isinstance(named, DatasetFormat):
        return named
    return AnswerForm.TABLE if named is AnswerFormat.PARQUET else AnswerForm.RECORDINGS


def _as_it_is(recorded: RecordedTable) -> RecordedTable:
    return recorded


def recognised(name: str, from_: str | None = None) -> AbstractContextManager[Recognised]:
    """An input with what it holds, told by ``--from`` or by how it begins."""
    return recognise(name, named_form(from_))


class Reading:
    """The recorded answers of some inputs, and what was wrong with them, known when they have been read.

    A reading that comes to no answer raises ``InputError`` at its end, so that no output takes its place.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        key: str | None,
        keep: OnProblem,
        watch: Callable[[str], Callable[[int], None] | None],
        first: Recognised | None = None,
        from_: str | None = None,
        jobs: int = 1,
    ) -> None:
        self.problems = ProblemTable()
        self.answers = 0
        #: Lines, or choices of them, that held no answer.
        self.rejected = 0
        #: Answers that are partial or unreadable, or did not end as they should.
        self.unsound = 0
        self.key = key
        self._inputs = inputs
        self._first = first
        self._from = from_
        self._keep = keep
        self._watch = watch
        self._jobs = jobs

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with what was read, as ``--strict`` asks."""
        return not (len(self.problems) or self.unsound)

    def found(self) -> Iterator[tuple[Recognised, Callable[[int], None] | None]]:
        """Each input, and what takes the position in it while it is read. Raises ``UsageError`` for a dataset."""
        for place, name in enumerate(self._inputs):
            if place == 0 and self._first is not None:
                yield from self._within(name, self._first)
                continue
            with recognised(name, self._from) as found:
                yield from self._within(name, found)

    def _within(self, name: str, found: Recognised) -> Iterator[tuple[Recognised, Callable[[int], None] | None]]:
        """An input, or the files in it if it is a folder or a pattern."""
        if found.format is not None:
            self._refuse(name, found.format)
        for shard in answer_shards(found.source):
            if shard is found.source:
                yield found, self._watch(name)
                continue
            with recognised(fspath(shard), self._from) as inner:
                yield from self._within(fspath(shard), inner)

    def _refuse(self, name: str, found: DatasetFormat) -> None:
        """Raise ``UsageError`` for a dataset among the inputs."""
        if self._first is None:
            raise UsageError(f"{name} is a dataset ({found.value}), and this is for answers: use inspect or convert")
        raise UsageError(
            f"{name} is a dataset ({found.value}): convert one at a time, or add --from jsonl if it holds answers"
        )

    def sources(self) -> Iterator[tuple[Source, Callable[[int], None] | None]]:
        """Each input as a source that readers take, and what takes the position in it."""
        for found, watch in self.found():
            yield found.source, watch

    def documents(self, how: AnswerReading) -> Iterator[DocumentRecord]:
        """All answers, each as a document."""
        for found, watch in self.found():
            for record in self._documents(found, how)(found.source, on_problem=self.note, progress=watch):
                self._count(1, not is_sound(record.document, record.ending))
                yield record
        self.finish()

    def lines(self, how: AnswerReading) -> Iterator[bytes]:
        """The lines of a file of documents of all answers, some at a time."""
        inputs = (
            ReaderInput(found.source, LineReader(self._documents(found, how)), watch) for found, watch in self.found()
        )
        yield from chain.from_iterable(self._read(inputs))

    def _documents(self, found: Recognised, how: AnswerReading) -> DocumentReader:
        """What reads an input as documents. Raises ``UsageError`` if it cannot be read so."""
        if found.answers is AnswerForm.TABLE:
            raise UsageError(
                f"{found.source} is Parquet, whose annotations may be some of those in the texts: convert the "
                "recordings to jsonl"
            )
        if found.answers is AnswerForm.DOCUMENTS and (how.stated or self.key is not None):
            raise UsageError(
                f"{found.source} holds documents, which say how they were read: leave out --mode, --frame, --dialect "
                "and --key"
            )
        return DocumentReader(found.answers, how, self.key)

    def tables(self, how: AnswerReading, *, texts: bool = False, size: int = BATCH_SIZE) -> Iterator[RecordedTable]:
        """All answers, of each file a batch of ``size`` at a time."""
        for tables in self.batches(_as_it_is, how, texts=texts, size=size):
            yield from batches_of(tables, size)

    def batches(
        self,
        make: Callable[[RecordedTable], T],
        how: AnswerReading,
        *,
        texts: bool = False,
        size: int = _BATCH,
    ) -> Iterator[Iterator[T]]:
        """What ``make``, which must be picklable, makes of each batch of answers where these are read, file by file.

        A batch has ``size`` answers, or fewer if workers read parts of a file.
        """
        size = size if self._jobs == 1 else min(size, _BATCH)
        reader = TableReader(make, how, self.key, texts, size)
        return self._read(ReaderInput(found.source, reader, watch) for found, watch in self.found())

    def _read(self, inputs: Iterator[ReaderInput[Made[T]]]) -> Iterator[Iterator[T]]:
        """What is made of each input."""
        for results in read_beside(inputs, processes=self._jobs, on_problem=self.note):
            yield self._counted(results)
        self.finish()

    def _counted(self, results: Iterator[Made[T]]) -> Iterator[T]:
        for made in results:
            self._count(made.answers, made.unsound)
            yield made.value

    def _count(self, answers: int, unsound: int) -> None:
        self.answers += answers
        self.unsound += unsound

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep what it cost an answer as a reject."""
        self.problems(problem)
        if problem.raw:
            self.rejected += 1
            self._keep(problem)

    def finish(self) -> None:
        """Raise ``InputError`` if there was no answer."""
        refuse_no_answers(self.answers, self.problems.first, *self._inputs)


def tell_of_standard_input(inputs: Sequence[str | None], jobs: int) -> None:
    """Say that ``--jobs`` does nothing for standard input."""
    if jobs > 1 and STANDARD in inputs:
        complain("standard input is read by one process: name files, for --jobs to read them beside each other")


@contextmanager
def open_inputs(
    inputs: Sequence[str],
    *,
    key: str | None,
    rejects: str | None,
    first: Recognised | None = None,
    from_: str | None = None,
    jobs: int = 1,
) -> Iterator[Reading]:
    """A reading of ``inputs``, of which the first may be open; the lines without an answer go to ``rejects``.

    Several ``jobs`` are worker processes that read beside each other, with the same results.
    """
    tell_of_standard_input(inputs, jobs)
    with (
        progress(list(answer_shards(inputs))) as watch,
        write_whole(rejects) if rejects is not None else nullcontext() as sink,
    ):

        def keep(problem: Problem) -> None:
            if sink is not None:
                sink.write(encode_json(rejected(problem)) + b"\n")

        yield Reading(inputs, key=key, keep=keep, watch=watch, first=first, from_=from_, jobs=jobs)
