"""``parse``: one answer as a table, as JSON or as canonical markup."""

from __future__ import annotations

import sys
from pathlib import Path

from ..completions.documents_jsonl import DocumentRecord, encode_document
from ..errors import FileError, UsageError
from ..files import STANDARD
from ..frames import Frame
from ..geometry import Annotation, Clip, Shape
from ..markup.document import Document, Mode
from ..markup.parsing import parse as parse_text
from ..markup.write import to_markup
from ..visible_text import visible
from .console import console, emit, print_table
from .exit_status import is_sound
from .filters import Selection
from .frame_option import size_from
from .options import Format


def print_answer(
    source: str, *, mode: Mode, frame: Frame, output: Format, size: str | None, selection: Selection, literal: bool
) -> bool:
    """Read ``source`` and print it; whether all of it could be read."""
    name, text = _read(source, literal=literal)
    document = parse_text(text, mode=mode, frame=frame)
    if output is Format.MARKUP:
        chosen = [annotation for annotation in document.annotations if selection(annotation)]
        emit((document.to_markup() if selection.everything else to_markup(chosen)) + "\n")
        return is_sound(document)
    if size is not None:
        document = document.to_pixels(*size_from(size))
    if output is Format.JSON:
        if not selection.everything:
            raise UsageError("json holds whole documents: use --label and --kind with --format table or markup")
        emit(encode_document(DocumentRecord(key=name, document=document)).decode("utf-8") + "\n")
        return is_sound(document)
    _print(document, selection)
    return is_sound(document)


def _read(source: str, *, literal: bool) -> tuple[str, str]:
    """The name and the text of the answer."""
    if literal or "<" in source or not source:
        return "text", source
    try:
        data = sys.stdin.buffer.read() if source == STANDARD else Path(source).read_bytes()
    except IsADirectoryError:
        raise FileError(f"{source} is a directory: name a file that holds one answer") from None
    except FileNotFoundError:
        raise FileError(f"there is no file {source}; to parse the words themselves, add --text") from None
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {source}: {error}") from None
    try:
        return source, data.decode("utf-8-sig")
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
