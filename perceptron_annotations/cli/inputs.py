"""Inputs of the verbs: each is opened once, recognised by its head, and read while what is wrong in it is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from msgspec import Struct

from ..completions.ending import Ending
from ..completions.recording_files import read_recordings
from ..completions.recordings import Recording
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import Recognised, recognise
from ..errors import UsageError
from ..files import Source, encode_json
from ..frames import Frame
from ..markup.document import Document, Mode
from ..outputs import write_whole
from ..problems import OnProblem, Problem, ProblemCode, refuse_no_answers
from ..table.read import iter_tables
from ..table.table import AnnotationTable
from .console import progress
from .exit_status import is_sound
from .options import AnswerFormat, format_from
from .problem_table import ProblemTable


class RejectedLine(Struct, frozen=True):
    """A line, or a choice of it, that holds no answer, as a file of rejects has it."""

    line_number: int
    code: ProblemCode
    reason: str
    raw: str
    file: str


def _rejected(problem: Problem) -> RejectedLine:
    number = int(problem.place.removeprefix("line "))
    return RejectedLine(number, problem.code, problem.message, problem.raw, problem.path)


@contextmanager
def recognised(name: str, from_: str | None = None) -> Iterator[Recognised]:
    """An input with the format of its dataset, told by ``--from`` or by how it begins; None for recorded answers."""
    with recognise(name) as found:
        if from_ is None:
            yield found
            return
        named = format_from(from_)
        if named is AnswerFormat.PARQUET:
            raise UsageError("whole answers in Parquet are not converted: read them with read_parquet")
        yield Recognised(named if isinstance(named, DatasetFormat) else None, found.source)


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
        first: Source | None = None,
        from_: str | None = None,
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

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with what was read, as ``--strict`` asks."""
        return not (len(self.problems) or self.unsound)

    def sources(self) -> Iterator[tuple[Source, Callable[[int], None] | None]]:
        """Each input, and what takes the position in it while it is read."""
        for place, name in enumerate(self._inputs):
            if place == 0 and self._first is not None:
                yield self._first, self._watch(name)
                continue
            with recognised(name, self._from) as found:
                if found.format is not None and self._first is not None:
                    raise UsageError(
                        f"{name} is a dataset ({found.format.value}): convert one at a time, or add --from jsonl if it "
                        "holds answers"
                    )
                yield found.source, self._watch(name)

    def recordings(self) -> Iterator[Recording]:
        """All recordings. Give each document that is made of them to :meth:`note_document`."""
        for source, watch in self.sources():
            for recording in read_recordings(source, key=self.key, on_problem=self.note, progress=watch):
                self.answers += 1
                yield recording
        self.finish()

    def tables(self, mode: Mode, frame: Frame) -> Iterator[AnnotationTable]:
        """The same as tables, a batch at a time."""
        for source, watch in self.sources():
            for table in iter_tables(
                source, mode=mode, key=self.key, on_problem=self.note, progress=watch, frame=frame
            ):
                self.answers += len(table.responses)
                self.unsound += int((~table.responses.is_sound).sum())
                yield table
        self.finish()

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep what it cost an answer as a reject."""
        self.problems(problem)
        if problem.raw:
            self.rejected += 1
            self._keep(problem)

    def note_document(self, document: Document, ending: Ending) -> None:
        """Count a document that is partial or unreadable, or did not end as it should."""
        self.unsound += not is_sound(document, ending)

    def finish(self) -> None:
        """Raise ``InputError`` if there was no answer."""
        refuse_no_answers(self.answers, self.problems.first, *self._inputs)


@contextmanager
def open_inputs(
    inputs: Sequence[str],
    *,
    key: str | None,
    rejects: str | None,
    first: Source | None = None,
    from_: str | None = None,
) -> Iterator[Reading]:
    """A reading of ``inputs``, of which the first may be open; the lines without an answer go to ``rejects``."""
    with progress(inputs) as watch, write_whole(rejects) if rejects is not None else nullcontext() as sink:

        def keep(problem: Problem) -> None:
            if sink is not None:
                sink.write(encode_json(_rejected(problem)) + b"\n")

        yield Reading(inputs, key=key, keep=keep, watch=watch, first=first, from_=from_)
