"""``parse``: one answer as a table, as JSON or as canonical markup."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from msgspec import structs

from ..completions.answer_files import HEAD_BYTES, TASK_MEMBERS
from ..completions.answer_reading import AnswerReading
from ..completions.documents_jsonl import DocumentRecord, encode_document
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import Recognised, recognise
from ..dialects.model_dialects import BY_MODEL
from ..errors import FileError, UsageError
from ..files import STANDARD, InputFile, Source, read_bytes
from ..geometry import Annotation, Clip, Shape
from ..json_head import json_head
from ..markup.document import Document
from ..markup.parsing import parse as parse_text
from ..markup.write import to_markup
from ..visible_text import visible
from .console import console, emit, print_table
from .exit_status import is_sound
from .filters import Selection
from .format_words import Format
from .frame_option import size_from
from .inputs import open_inputs


def print_answer(
    source: str, *, how: AnswerReading, output: Format, size: str | None, selection: Selection, literal: bool
) -> bool:
    """Read ``source`` and print it; whether all of it could be read."""
    record = _read(source, how, size, literal=literal)
    document = record.document
    if output is Format.MARKUP:
        chosen = [annotation for annotation in document.annotations if selection(annotation)]
        emit((document.to_markup() if selection.everything else to_markup(chosen)) + "\n")
        return is_sound(document)
    if size is not None:
        document = document.to_pixels(*size_from(size))
    if output is Format.JSON:
        if not selection.everything:
            raise UsageError("json holds whole documents: use --label and --kind with --format table or markup")
        emit(encode_document(structs.replace(record, document=document)).decode("utf-8") + "\n")
        return is_sound(document)
    _print(document, selection)
    return is_sound(document)


def _read(source: str, how: AnswerReading, size: str | None, *, literal: bool) -> DocumentRecord:
    """The answer: the words themselves, those of a file, or that of a file of one recorded answer or document."""
    if literal or "<" in source or not source or (how.dialect is not None and "{" in source and not _exists(source)):
        return DocumentRecord(key="text", document=_parsed(source, how, size))
    if not _exists(source):
        raise FileError(f"there is no file {source}; to parse the words themselves, add --text")
    if Path(source).is_dir():
        raise FileError(f"{source} is a directory: name a file that holds one answer")
    with recognise(source) as found:
        if found.fault is not None:
            raise FileError(f"cannot read {source}: {found.fault.message}")
        if found.format is not None and found.is_told and how.dialect is None and not _may_be_answer(found):
            raise UsageError(f"{source} is a dataset ({found.format.value}), not an answer: use inspect or convert")
        if found.answers is None:
            return DocumentRecord(key=source, document=_parsed(_text(found.source), how, size))
        with open_inputs([source], key=None, rejects=None, first=found) as reading:
            record = _only(list(islice(reading.documents(how), 2)), source)
            reading.problems.complain(source)
            return record


def _parsed(text: str, how: AnswerReading, size: str | None) -> Document:
    """An answer of which nothing is recorded; ``size`` is that of its image."""
    if how.dialect == BY_MODEL:
        raise UsageError(f"nobody says which model gave this answer: name its dialect in place of {BY_MODEL}")
    if how.dialect is None:
        return parse_text(text, mode=how.mode, frame=how.frame)
    if how.dialect.scale.needs_size and how.frame is None and size is None:
        raise UsageError(
            f"the numbers of {how.dialect.name} are pixels: say the size of the image, --size WIDTHxHEIGHT"
        )
    image = None if size is None else size_from(size)
    return parse_text(text, mode=how.mode, frame=how.frame, dialect=how.dialect, image_size=image)


def _exists(source: str) -> bool:
    try:
        return source == STANDARD or Path(source).exists()
    except OSError:  # words that are too long for a name
        return False


def _only(records: list[DocumentRecord], source: str) -> DocumentRecord:
    """The one answer of a file. Raises ``UsageError`` if there are more."""
    if len(records) > 1:
        raise UsageError(f"{source} holds several answers, and parse prints one: use check, count or convert")
    return records[0]


def _may_be_answer(found: Recognised) -> bool:
    """Whether what looks like a dataset may be words of a model: a list of objects that are no tasks."""
    if found.format is not DatasetFormat.LABEL_STUDIO or not isinstance(found.source, InputFile):
        return False
    head = json_head(found.source.head(HEAD_BYTES))
    return head is None or not any(name in head.members for name in TASK_MEMBERS)


def _text(source: Source) -> str:
    """The words of a file."""
    data = read_bytes(source)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{source} is not UTF-8 at byte {error.start}: save it as UTF-8") from None


def _print(document: Document, selection: Selection) -> None:
    out = console()
    rows = [
        _row(row, annotation, document) for row, annotation in enumerate(document.annotations) if selection(annotation)
    ]
    print_table(out, "annotations", ("row", "kind", "mention", "coordinates", "t", "asset", "span"), rows)
    issues = [
        (
            issue.severity.value + (" (recovered)" if issue.recovered else ""),
            issue.message,
            f"{issue.span.start}-{issue.span.end}",
        )
        for issue in document.issues
    ]
    print_table(out, "issues", ("severity", "issue", "span"), issues)
    cut = ", truncated" if document.truncated else ""
    out.print(visible(f"{document.status.value}{cut}: {len(rows)} annotations, {len(issues)} issues"))


def _row(row: int, annotation: Annotation, document: Document) -> tuple[object, ...]:
    span = document.spans[row]
    return (
        row,
        type(annotation).__name__.lower(),
        annotation.mention or "",
        _coordinates(annotation),
        "" if isinstance(annotation, Clip) or annotation.t is None else f"{annotation.t:g}",
        "" if annotation.asset_idx is None else annotation.asset_idx,
        f"{span.start}-{span.end}",
    )


def _coordinates(annotation: Annotation) -> str:
    if isinstance(annotation, Shape):
        return " ".join(f"({x:.10g},{y:.10g})" for x, y in annotation.coordinates)
    return f"{annotation.start:g} s" + ("" if annotation.end is None else f" - {annotation.end:g} s")
