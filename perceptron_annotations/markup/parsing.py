"""One answer → its :class:`Document`: :func:`parse`, and what it is made of.

The text of an answer comes in; its annotations, tree, prose and issues go out, all computed when :func:`parse` returns.
The compiled scanner reads nearly every answer; what it leaves goes through :class:`.TreeBuilder`, and both end in equal
documents.
"""

from __future__ import annotations

from msgspec.structs import replace

from ..dialects.dialect import Dialect
from ..errors import UsageError
from ..frames import Frame, Size, checked_frame
from ..issues import Span
from . import grammar
from .backend import scanner
from .document import Document, Mode, ModeName, checked_mode
from .foreign import is_plain
from .nodes import Node, Text
from .other_forms import OtherForm, note_foreign, read_other_form
from .said import around, finished_document
from .tree import TreeBuilder

#: Looked up once: the way to a member of a class takes as long as making an annotation.
_SALVAGE = Mode.SALVAGE
_GRID = Frame.GRID
_TAG_START, _TOKEN = grammar.TAG_START, grammar.TOKEN


def parse(
    text: str,
    *,
    mode: Mode | ModeName = Mode.LENIENT,
    finish_reason: str | None = None,
    frame: Frame | None = None,
    dialect: Dialect | str | None = None,
    image_size: Size | None = None,
) -> Document:
    """Read the answer of a model: markup, or the JSON of our own schema if all of the text is that.

    In strict mode the first error raises ``MarkupError``; in the others nothing that a model can write raises. What
    another model's way of writing boxes says is not read unless ``dialect`` names it, but told: the warning
    ``foreign_markup``. Work is linear in the length of the text.

    Args:
        text: The answer without any reasoning.
        mode: What becomes of malformed markup.
        finish_reason: What the service said of its end; ``"length"`` marks the document truncated.
        frame: What the coordinates count, if the model was asked for pixels or for the unit square. Fractions are then
            read in every mode. By default the grid of 0–1000, or what the dialect says.
        dialect: How another model writes: a ``Dialect``, or the name of one such as ``"qwen3-vl"``.
        image_size: ``(width, height)`` of the image as it was uploaded, for a dialect whose numbers are pixels.

    >>> document = pa.parse('<point mention="cat"> (316,136) </point> <point> oops </point>')
    >>> document.points
    (Point(x=316.0, y=136.0, mention='cat'),)
    >>> document.status, [issue.code for issue in document.issues]
    (<Status.PARTIAL: 'partial'>, [<IssueCode.INVALID_POINT_COORDS: 'invalid_point_coords'>])
    """
    if type(text) is not str:
        text = _characters(text)
    if type(mode) is not Mode:
        mode = checked_mode(mode)
    if finish_reason is None and frame is None and dialect is None:  # nearly always
        if scanner is not None:
            document: Document | None = scanner.read(text, mode)
            if document is not None:
                return document
        elif is_plain(text):
            return Document(text, mode, Span(0, len(text)), (Text(0, len(text)),) if text else ())
        return parse_purely(text, Span(0, len(text)), mode, False)
    answer = Span(0, len(text))
    if dialect is not None:
        from .dialect_reading import read_within

        cut = finish_reason == "length"
        return read_within(text, answer, dialect, mode=mode, cut=cut, image_size=image_size, frame=frame)
    checked = _GRID if frame is None else checked_frame(frame)
    return parse_within(text, answer, mode=mode, cut=finish_reason == "length", frame=checked)


def _characters(text: str) -> str:
    """Those of a subclass, whatever it makes of ``str()``. Raises ``UsageError`` if ``text`` is not a text."""
    if not isinstance(text, str):
        raise UsageError(f"text must be a str, not {_what_instead(text)}")
    return str.__str__(text)


def _what_instead(text: object) -> str:
    """What came in place of a text, and what to pass."""
    if text is None:
        return "None: a completion without content has no answer to parse; pass content or ''"
    if isinstance(text, bytes | bytearray):
        return f"{type(text).__name__}: decode it first, as UTF-8"
    if isinstance(text, dict) or hasattr(text, "choices"):
        return f"{type(text).__name__}: for a response of a service, use Completion.decode(response).parse()"
    return type(text).__name__


def parse_within(source: str, answer: Span, *, mode: Mode, cut: bool, frame: Frame = _GRID) -> Document:
    """Read the part ``answer`` of ``source``; all spans index ``source``, and what is around is ``Outside``.

    ``cut`` says that the answer is known to be cut off.
    """
    if scanner is not None and frame == _GRID:
        document: Document | None = scanner.read(source, mode, answer.start, answer.end, cut)
        if document is not None:
            return document
    return parse_purely(source, answer, mode, cut, frame)


def parse_purely(source: str, answer: Span, mode: Mode, cut: bool, frame: Frame = _GRID) -> Document:
    """:func:`parse_within` by the pure parser, whatever else there is."""
    start, end = answer.start, answer.end
    if "<" not in source or _TAG_START.search(source, start, end) is None:
        return _without_tags(source, answer, mode, cut, frame)
    builder = TreeBuilder(source, start, mode, frame)
    if ">" in source:  # otherwise no tag is whole
        builder.tell(_TOKEN.finditer(source, start, end))
    builder.finish(end)
    return assemble(builder, source, answer, mode, cut, frame)


def _without_tags(source: str, answer: Span, mode: Mode, cut: bool, frame: Frame) -> Document:
    other = read_other_form(source, answer, mode, frame)
    if other is None:
        issues = note_foreign(source, answer)
        start, end = answer.start, answer.end
        nodes: tuple[Node, ...] = (Text(start, end),) if start < end else ()
        if mode is not _SALVAGE:
            if start > 0 or end < len(source):
                nodes = around(nodes, source, answer)
            return Document(source, mode, answer, nodes, issues=issues, truncated=cut, frame=frame, read_in=frame)
        other = OtherForm(issues, nodes=nodes)
    return finished_document(other, source, answer, mode, cut, frame)


def assemble(builder: TreeBuilder, source: str, answer: Span, mode: Mode, cut: bool, frame: Frame) -> Document:
    """The document of a finished tree; raises the first error in strict mode."""
    if builder.annotations or not builder.is_empty:
        return finished_document(builder, source, answer, mode, cut, frame)
    other = read_other_form(source, answer, mode, frame) if builder.is_bare else None
    if other is None:
        builder.issues += note_foreign(source, answer)
        return finished_document(builder, source, answer, mode, cut, frame)
    other = replace(other, issues=(*builder.issues, *other.issues), truncated=builder.truncated or other.truncated)
    return finished_document(other, source, answer, mode, cut, frame)
