"""One answer in a dialect → its ``Document``."""

from __future__ import annotations

from ..frames import Frame, Size, checked_frame
from ..issues import Issue, IssueCode, Span
from ..markup import grammar
from ..markup.document import Document, Mode
from ..markup.foreign import ForeignFamily
from ..markup.other_forms import find_other_markup
from ..markup.parsing import document_of
from .building import PieceBuilder
from .dialect import Dialect
from .known_dialects import dialect_named


def known(dialect: Dialect | str) -> Dialect:
    """A dialect, or the one that has this name."""
    return dialect if isinstance(dialect, Dialect) else dialect_named(dialect)


def read_within(
    source: str,
    answer: Span,
    dialect: Dialect,
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
        dialect: How it is written.
        mode: What becomes of what is malformed.
        cut: Whether the service said that it cut the answer.
        image_size: The size of the image, for dialects in pixels.
        frame: What the coordinates count, if it is not what the dialect says.
    """
    placed = dialect.scale.frame(image_size) if frame is None else checked_frame(frame)
    builder = PieceBuilder(dialect, placed)
    reader = dialect.surface.reader(answer.start, salvage=mode is Mode.SALVAGE)
    builder.tell(reader.read(answer.of(source)))
    builder.tell(reader.finish())
    builder.truncated = reader.truncated
    return finished(builder, source, answer, dialect, mode=mode, cut=cut, frame=placed)


def finished(
    builder: PieceBuilder, source: str, answer: Span, dialect: Dialect, *, mode: Mode, cut: bool, frame: Frame
) -> Document:
    """The document of all pieces of an answer; raises the first error in strict mode."""
    if not builder.annotations and not builder.issues:
        builder.issues += _unread(source, answer)
    return document_of(builder, source, answer, mode=mode, cut=cut, frame=frame, dialect=dialect.name)


def _unread(source: str, answer: Span) -> list[Issue]:
    """What an answer without elements in this dialect holds of another, so that it is not taken for an empty one."""
    own = grammar.TAG_START.search(source, answer.start, answer.end)
    if own is not None:
        return [Issue(IssueCode.FOREIGN_MARKUP, Span(*own.span()), ForeignFamily.OWN_MARKUP.value)]
    other = find_other_markup(source, answer)
    return list(other.issues) if other is not None else []
