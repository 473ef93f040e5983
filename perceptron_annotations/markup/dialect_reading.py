"""One answer in a dialect → its ``Document``."""

from __future__ import annotations

from ..dialects.dialect import Dialect
from ..dialects.known_dialects import known
from ..frames import Frame, Size, checked_frame
from ..issues import Issue, IssueCode, Span
from . import grammar
from .document import Document, Mode
from .other_forms import note_foreign
from .piece_builder import PieceBuilder
from .said import finished_document


def read_within(
    source: str,
    answer: Span,
    dialect: Dialect | str,
    *,
    mode: Mode,
    cut: bool,
    image_size: Size | None = None,
    frame: Frame | None = None,
) -> Document:
    """Read the part ``answer`` of ``source``; all spans index ``source``.

    Args:
        source: The text in which the answer stands.
        answer: Which part of it is the answer.
        dialect: How it is written, or the name for that.
        mode: What becomes of what is malformed.
        cut: Whether the service said that it cut the answer.
        image_size: The size of the image, for dialects in pixels.
        frame: What the coordinates count, if it is not what the dialect says.
    """
    declared = known(dialect)
    placed = declared.scale.frame(image_size) if frame is None else checked_frame(frame)
    builder = PieceBuilder(declared, placed)
    reader = declared.surface.reader(answer.start, salvage=mode is Mode.SALVAGE)
    builder.tell(reader.read(answer.of(source)))
    builder.tell(reader.finish())
    builder.truncated = reader.truncated
    return finished(builder, source, answer, declared, mode=mode, cut=cut, frame=placed)


def finished(
    builder: PieceBuilder, source: str, answer: Span, dialect: Dialect, *, mode: Mode, cut: bool, frame: Frame
) -> Document:
    """The document of all pieces of an answer; raises the first error in strict mode."""
    if not builder.annotations and not builder.issues:
        builder.issues += _unread(source, answer)
    return finished_document(builder, source, answer, mode, cut, frame, dialect.name)


#: The detail of ``foreign_markup`` for our own markup, which is foreign to a dialect.
_OWN = "perceptron"


def _unread(source: str, answer: Span) -> list[Issue]:
    """What an answer without elements in this dialect holds of another, so that it is not taken for an empty one."""
    own = grammar.TAG_START.search(source, answer.start, answer.end)
    if own is not None:
        return [Issue(IssueCode.FOREIGN_MARKUP, Span(*own.span()), _OWN)]
    return list(note_foreign(source, answer))
