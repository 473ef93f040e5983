"""Documents ⇄ one JSON object a line, without loss.

A line holds what makes a document: the source, which part of it is the answer, the mode and the frame. It also holds
the annotations, tracks, collections and issues, for readers in other languages; our reader only compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from ..errors import UsageError
from ..files import DECODE_ERRORS, Fault, InputFile, Line, Source, decode_json, encode_json, is_torn, open_input
from ..frames import Frame
from ..markup.document import Document, Mode, ModeName
from ..markup.document_form import CHANGED, DocumentForm, document_of, fields_of, read_again
from ..outputs import write_whole
from ..problems import OnProblem, Problem, ProblemCode, reporting
from .answer_details import prompt_of
from .answer_files import DOCUMENT_SCHEMA, AnswerFile, answer_file, json_blocks, place_in
from .answer_reading import AnswerDialect, AnswerReading
from .ending import Ending
from .recordings import Recording
from .sent_assets import RecordedAsset

#: The version of the fields of a line.
VERSION = 1


class DocumentRecord(Struct, frozen=True, kw_only=True):
    """A document and what it belongs to.

    >>> recording = pa.Recording(key="a.jpg", text="<point> (1,2) </point>")
    >>> pa.completions.DocumentRecord.of(recording).document.points
    (Point(x=1.0, y=2.0),)
    """

    key: str
    document: Document
    choice: int = 0
    model: str | None = None
    finish_reason: str | None = None
    ending: Ending = Ending.UNSTATED
    reasoning: str | None = None
    assets: tuple[RecordedAsset, ...] = ()
    #: What was asked, if the recording says it.
    prompt: str | None = None

    @staticmethod
    def of(
        recording: Recording,
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        frame: Frame | None = None,
        dialect: AnswerDialect | None = None,
    ) -> DocumentRecord:
        """The record of a recorded answer.

        Args:
            recording: The answer.
            mode: As for ``Recording.document``, as are the others.
            frame: What the coordinates count.
            dialect: How the answer is written.
        """
        return DocumentRecord.read(recording, AnswerReading.of(mode, frame, dialect))

    @staticmethod
    def read(recording: Recording, reading: AnswerReading) -> DocumentRecord:
        """:meth:`of` with its options in one."""
        return DocumentRecord(
            key=recording.key,
            document=recording.read(reading),
            choice=recording.choice,
            model=recording.model,
            finish_reason=recording.finish_reason,
            ending=recording.ending,
            reasoning=recording.reasoning,
            assets=recording.assets,
            prompt=prompt_of(recording.raw),
        )


class _DocumentLine(DocumentForm, frozen=True, kw_only=True):
    schema: str
    version: int
    key: str
    choice: int
    model: str | None
    finish_reason: str | None
    ending: Ending
    reasoning: str | None
    assets: tuple[RecordedAsset, ...]
    prompt: str | None = None


class _Header(Struct, frozen=True):
    schema: str | None = None
    version: int | None = None


def encode_document(record: DocumentRecord) -> bytes:
    """One line, without its line end."""
    return encode_json(
        _DocumentLine(
            schema=DOCUMENT_SCHEMA,
            version=VERSION,
            key=record.key,
            choice=record.choice,
            model=record.model,
            finish_reason=record.finish_reason,
            ending=record.ending,
            reasoning=record.reasoning,
            assets=record.assets,
            prompt=record.prompt,
            **fields_of(record.document),
        )
    )


def write_documents(records: Iterable[DocumentRecord], path: str | Path) -> int:
    """Write one line for each record; returns how many. Raises ``FileError``; then ``path`` is as it was.

    >>> record = pa.completions.DocumentRecord(key="a.jpg", document=pa.parse("<point> (1,2) </point>"))
    >>> pa.completions.write_documents([record], "documents.jsonl")
    1
    """
    count = 0
    with write_whole(path) as stream:
        for record in records:
            stream.write(encode_document(record) + b"\n")
            count += 1
    return count


def read_documents(path: Source, *, on_problem: OnProblem | None = None) -> Iterator[DocumentRecord]:
    """The records of a file that :func:`write_documents` made, equal to those written.

    A line of another schema or version, a broken one, and one whose annotations are not those of its source go to
    ``on_problem``; without it, one ``ProblemWarning`` at the end counts them. Raises ``FileError`` if the file cannot
    be opened.

    >>> record = pa.completions.DocumentRecord(key="a.jpg", document=pa.parse("<point> (1,2) </point>"))
    >>> _ = pa.completions.write_documents([record], "documents.jsonl")
    >>> list(pa.completions.read_documents("documents.jsonl")) == [record]
    True
    """
    with reporting(on_problem) as report, open_input(path) as file:
        for stored in stored_documents(file, answer_file(file), report):
            yield stored.record


class StoredDocument(NamedTuple):
    """A document that was read, and where it stands."""

    line: Line
    record: DocumentRecord
    #: The document in the frame that its source was read in.
    as_read: Document


def stored_documents(
    file: InputFile,
    found: AnswerFile,
    on_problem: OnProblem,
    progress: Callable[[int], None] | None = None,
) -> Iterator[StoredDocument]:
    """The documents of an open file, of which is ``found`` how it is laid out."""
    if found.fault is not None:
        on_problem(Problem(code=found.fault.code, message=found.fault.message, path=file.path))
        return
    tell = place_in(found.layout, on_problem)
    for block in json_blocks(file, found.layout, progress=progress):
        for line in block.lines():
            read = _read_line(line)
            if isinstance(read, StoredDocument):
                yield read
            else:
                place = f"line {line.number}"
                tell(Problem(code=read.code, message=read.message, path=file.path, place=place, raw=line.text))


def _read_line(line: Line) -> StoredDocument | Fault:
    if line.fault:
        return line.fault
    try:
        header = decode_json(line.data, _Header)
        if (header.schema, header.version) != (DOCUMENT_SCHEMA, VERSION):
            said = f"schema {header.schema!r}, version {header.version!r}"
            return Fault(ProblemCode.UNKNOWN_SCHEMA, f"not {DOCUMENT_SCHEMA} version {VERSION}: {said}")
        return _restored(line, decode_json(line.data, _DocumentLine))
    except (msgspec.ValidationError, UsageError) as error:
        return Fault(ProblemCode.INVALID_DOCUMENT, str(error))
    except DECODE_ERRORS as error:
        code = ProblemCode.TORN_LINE if is_torn(line, error) else ProblemCode.UNREADABLE_LINE
        return Fault(code, str(error))


def _restored(line: Line, read: _DocumentLine) -> StoredDocument | Fault:
    """The document of a line, if its annotations are those that its source gives."""
    as_read = read_again(read)
    document = document_of(read, as_read)
    if document is None:
        return Fault(ProblemCode.CHANGED_DOCUMENT, CHANGED)
    record = DocumentRecord(
        key=read.key,
        document=document,
        choice=read.choice,
        model=read.model,
        finish_reason=read.finish_reason,
        ending=read.ending,
        reasoning=read.reasoning,
        assets=read.assets,
        prompt=read.prompt,
    )
    return StoredDocument(line, record, as_read)
