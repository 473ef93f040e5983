"""``parse``: one answer as a table, as JSON or as canonical markup."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from msgspec import structs

from ..completions.answer_files import HEAD_BYTES, TASK_MEMBERS
from ..completions.documents_jsonl import DocumentRecord, encode_document
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import Recognised, recognise
from ..errors import FileError, UsageError
from ..files import STANDARD, InputFile, Source, read_bytes
from ..frames import Frame
from ..geometry import Annotation, Clip, Shape
from ..json_head import json_head
from ..markup.document import Document, Mode
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
    source: str, *, mode: Mode, frame: Frame, output: Format, size: str | None, selection: Selection, literal: bool
) -> bool:
    """Read ``source`` and print it; whether all of it could be read."""
    record = _read(source, mode=mode, frame=frame, literal=literal)
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


def _read(source: str, *, mode: Mode, frame: Frame, literal: bool) -> DocumentRecord:
    """The answer: the words themselves, those of a file, or that of a file of one recorded answer or document."""
    if literal or "<" in source or not source:
        return DocumentRecord(key="text", document=parse_text(source, mode=mode, frame=frame))
    if not _exists(source):
        raise FileError(f"there is no file {source}; to parse the words themselves, add --text")
    if Path(source).is_dir():
        raise FileError(f"{source} is a directory: name a file that holds one answer")
    with recognise(source) as found:
        if found.fault is not None:
            raise FileError(f"cannot read {source}: {found.fault.message}")
        if found.format is not None and found.is_told and not _may_be_answer(found):
            raise UsageError(f"{source} is a dataset ({found.format.value}), not an answer: use inspect or convert")
        if found.answers is None:
            return DocumentRecord(key=source, document=parse_text(_text(found.source), mode=mode, frame=frame))
        with open_inputs([source], key=None, rejects=None, first=found) as reading:
            record = _only(list(islice(reading.documents(mode, frame), 2)), source)
            reading.problems.complain(source)
            return record


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
