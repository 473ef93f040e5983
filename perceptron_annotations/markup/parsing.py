"""One answer → its :class:`Document`: :func:`parse`, and what it is made of.

The text of an answer comes in; its annotations, tree, prose and issues go out, all computed when :func:`parse` returns.
The compiled scanner reads nearly every answer; what it leaves goes through :class:`.TreeBuilder`, and both end in equal
documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import eq
from typing import Protocol

from msgspec.structs import replace

from ..errors import MarkupError, UsageError
from ..frames import Frame, checked_frame
from ..geometry import Annotation, Collection, Track
from ..issues import Issue, IssueCode, Severity, Span, reading_order
from . import grammar
from .backend import scanner
from .document import Document, Mode, ModeName, Views, by_kind, checked_mode
from .foreign import is_plain
from .nodes import Node, Outside, Text
from .other_forms import OtherForm, note_foreign, read_other_form
from .tree import TreeBuilder

#: Looked up once: the way to a member of a class takes as long as making an annotation.
_STRICT, _, _SALVAGE = Mode
_GRID = Frame.GRID
_NO_VIEWS: Views = ((), (), (), ())
_REPEAT_RUN = grammar.REPEAT_RUN


def parse(
    text: str,
    *,
    mode: Mode | ModeName = Mode.LENIENT,
    finish_reason: str | None = None,
    frame: Frame = Frame.GRID,
) -> Document:
    """Read the answer of a model: markup, or the JSON of our own schema if all of the text is that.

    In strict mode the first error raises ``MarkupError``; in the others nothing that a model can write raises. What
    another model's way of writing boxes says is not read, but told: the warning ``foreign_markup``. Work is linear in
    the length of the text.

    Args:
        text: The answer without any reasoning.
        mode: What becomes of malformed markup.
        finish_reason: What the service said of its end; ``"length"`` marks the document truncated.
        frame: What the coordinates count, if the model was asked for pixels or for the unit square. Fractions are then
            read in every mode.

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
    answer = Span(0, len(text))
    if finish_reason is None and frame is _GRID:  # nearly always
        if scanner is not None:
            document: Document | None = scanner.read(text, mode)
            if document is not None:
                return document
        elif is_plain(text):
            return Document(text, mode, answer, (Text(0, len(text)),) if text else ())
        return parse_purely(text, answer, mode, False)
    return parse_within(text, answer, mode=mode, cut=finish_reason == "length", frame=checked_frame(frame))


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
    first = grammar.TAG_START.search(source, start, end) if "<" in source else None
    if first is None:
        return _without_tags(source, answer, mode, cut, frame)
    builder = TreeBuilder(source, start, mode, frame)
    if source.find(">", first.end(), end) >= 0:  # otherwise no tag is whole
        builder.tell(grammar.TOKEN.finditer(source, first.start(), end))
    builder.finish(end)
    return assemble(builder, source, answer, mode, cut, frame)


def _without_tags(source: str, answer: Span, mode: Mode, cut: bool, frame: Frame) -> Document:
    other = read_other_form(source, answer, mode, frame)
    if other is None:
        issues = note_foreign(source, answer)
        nodes = (Text(answer.start, answer.end),) if answer.start < answer.end else ()
        if mode is not _SALVAGE:
            around = _around(nodes, source, answer)
            return Document(source, mode, answer, around, issues=issues, truncated=cut, frame=frame, read_in=frame)
        other = OtherForm(issues, nodes=nodes)
    return _document(other, source, answer, mode, cut, frame)


class _Said(Protocol):
    """What an answer says, before it is looked at as a whole: a tree, or another form."""

    @property
    def nodes(self) -> Sequence[Node]: ...
    @property
    def annotations(self) -> Sequence[Annotation]: ...
    @property
    def spans(self) -> Sequence[Span]: ...
    @property
    def issues(self) -> Sequence[Issue]: ...
    @property
    def tracks(self) -> tuple[Track, ...]: ...
    @property
    def collections(self) -> tuple[Collection, ...]: ...
    @property
    def truncated(self) -> bool: ...


def assemble(builder: TreeBuilder, source: str, answer: Span, mode: Mode, cut: bool, frame: Frame) -> Document:
    """The document of a finished tree; raises the first error in strict mode."""
    if builder.annotations or not builder.is_empty:
        return _document(builder, source, answer, mode, cut, frame)
    other = read_other_form(source, answer, mode, frame) if builder.is_bare else None
    if other is None:
        builder.issues += note_foreign(source, answer)
        return _document(builder, source, answer, mode, cut, frame)
    other = replace(other, issues=(*builder.issues, *other.issues), truncated=builder.truncated or other.truncated)
    return _document(other, source, answer, mode, cut, frame)


def _document(said: _Said, source: str, answer: Span, mode: Mode, cut: bool, frame: Frame) -> Document:
    nodes, annotations, spans, issues = said.nodes, said.annotations, said.spans, said.issues
    if mode is _SALVAGE:
        issues = [*issues, *_special_token_issues(nodes, source)]
        nodes = _without_special_tokens(nodes, source)
    # A run of three has one of these pairs.
    if len(annotations) >= _REPEAT_RUN and any(map(eq, annotations[1::2], annotations[2::2])):
        issues = [*issues, *_repeats(annotations, spans)]
    if issues:
        if len(issues) > 1:
            issues = sorted(issues, key=reading_order)
        if mode is _STRICT:
            _raise_first_error(issues, source)
    annotations = tuple(annotations)
    points, boxes, polygons, clips = by_kind(annotations) if annotations else _NO_VIEWS
    return Document(
        source,
        mode,
        answer,
        _around(nodes, source, answer),
        annotations,
        tuple(spans),
        points,
        boxes,
        polygons,
        clips,
        said.tracks,
        said.collections,
        tuple(issues),
        said.truncated or cut,
        frame,
        frame,
    )


def _around(nodes: Iterable[Node], source: str, answer: Span) -> tuple[Node, ...]:
    """``nodes`` with what stands before and behind the answer."""
    if answer.start == 0 and answer.end == len(source):
        return tuple(nodes)
    before = (Outside(0, answer.start),) if answer.start > 0 else ()
    behind = (Outside(answer.end, len(source)),) if answer.end < len(source) else ()
    return (*before, *nodes, *behind)


def _raise_first_error(issues: Sequence[Issue], source: str) -> None:
    for issue in issues:
        if issue.severity is Severity.ERROR:
            raise MarkupError(issue, source)


def _special_token_issues(nodes: Iterable[Node], source: str) -> Iterator[Issue]:
    return (Issue(IssueCode.SPECIAL_TOKEN, span, span.of(source)) for span in _special_tokens(nodes, source))


def _repeats(annotations: Sequence[Annotation], spans: Sequence[Span]) -> Iterable[Issue]:
    """One warning for every run of equal annotations."""
    first = 0
    for row in range(1, len(annotations) + 1):
        if row < len(annotations) and annotations[row] == annotations[row - 1]:
            continue
        if row - first >= _REPEAT_RUN:
            yield Issue(
                IssueCode.REPEATED_ELEMENT, Span(spans[first].start, spans[row - 1].end), f"{row - first} times"
            )
        first = row


def _special_tokens(nodes: Iterable[Node], source: str) -> Iterator[Span]:
    """The places of ``<|im_end|>`` and the like in the text of a raw decode."""
    for node in nodes:
        if isinstance(node, Text):
            for match in grammar.SPECIAL_TOKEN.finditer(source, *node.span):
                yield Span(*match.span())


def _without_special_tokens(nodes: Iterable[Node], source: str) -> list[Node]:
    """``nodes`` with the special tokens taken out of the text."""
    kept: list[Node] = []
    for node in nodes:
        if not isinstance(node, Text):
            kept.append(node)
            continue
        start, end = node.span
        for span in _special_tokens([node], source):
            if span.start > start:
                kept.append(Text(start, span.start))
            kept.append(Outside(span.start, span.end))
            start = span.end
        if start < end:
            kept.append(Text(start, end))
    return kept
