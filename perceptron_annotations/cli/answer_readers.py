"""What reads files of answers for a verb, in this process or in a worker: picklable, and what it gives is small.

The work of a verb that needs nothing but some answers is done where these are read; what it makes of them is handed on
with the counts that every verb reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from ..completions.answer_files import AnswerForm
from ..completions.answer_reading import AnswerReading
from ..completions.documents_jsonl import DocumentRecord, encode_document, read_documents
from ..completions.recording_files import read_recordings
from ..files import Source
from ..problems import OnProblem
from ..table.read import BATCH_SIZE, iter_recorded
from ..table.recorded_table import RecordedTable
from .exit_status import is_sound

T = TypeVar("T")

#: Documents whose lines are handed on together.
_LINES = 1000


class Made(NamedTuple, Generic[T]):
    """What was made of some answers."""

    answers: int
    #: Answers that are partial or unreadable, or did not end as they should.
    unsound: int
    value: T


class TableReader(NamedTuple, Generic[T]):
    """Reads answers as tables, and gives what ``make`` makes of each; ``make`` must be picklable."""

    make: Callable[[RecordedTable], T]
    how: AnswerReading
    key: str | None
    #: Whether the texts of the answers are wanted.
    texts: bool = False
    #: Answers in a table.
    size: int = BATCH_SIZE

    def __call__(
        self, source: Source, *, on_problem: OnProblem, progress: Callable[[int], None] | None = None
    ) -> Iterator[Made[T]]:
        for recorded in iter_recorded(
            source,
            mode=self.how.mode,
            key=self.key,
            on_problem=on_problem,
            progress=progress,
            frame=self.how.frame,
            dialect=self.how.dialect,
            image_sizes=self.how.image_sizes,
            texts=self.texts,
            batch_size=self.size,
        ):
            responses = recorded.table.responses
            if len(responses):
                yield Made(len(responses), int((~responses.is_sound).sum()), self.make(recorded))


class DocumentReader(NamedTuple):
    """Reads answers as documents, from recordings or from documents that were stored."""

    form: AnswerForm | None
    how: AnswerReading
    key: str | None

    def __call__(
        self, source: Source, *, on_problem: OnProblem, progress: Callable[[int], None] | None = None
    ) -> Iterator[DocumentRecord]:
        if self.form is AnswerForm.DOCUMENTS:
            yield from read_documents(source, on_problem=on_problem)
            return
        for recording in read_recordings(source, key=self.key, on_problem=on_problem, progress=progress):
            yield DocumentRecord.read(recording, self.how)


class LineReader(NamedTuple):
    """Reads answers as documents, and gives the lines of some at a time, as a file of documents has them."""

    read: DocumentReader

    def __call__(
        self, source: Source, *, on_problem: OnProblem, progress: Callable[[int], None] | None = None
    ) -> Iterator[Made[bytes]]:
        records = self.read(source, on_problem=on_problem, progress=progress)
        while some := list(islice(records, _LINES)):
            unsound = sum(not is_sound(each.document, each.ending) for each in some)
            yield Made(len(some), unsound, b"".join(encode_document(each) + b"\n" for each in some))
