"""What an answer says → its document: run by every reader of an answer when it is at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import eq
from typing import Protocol

from ..errors import MarkupError
from ..frames import Frame
from ..geometry import Annotation, Collection, Track
from ..issues import Issue, IssueCode, Severity, Span, reading_order
from . import grammar
from .document import Document, Mode, Views, by_kind
from .nodes import Node, Outside, Text

_STRICT, _, _SALVAGE = Mode
_NO_VIEWS: Views = ((), (), (), ())
_REPEAT_RUN = grammar.REPEAT_RUN


class Said(Protocol):
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


def finished_document(
    said: Said, source: str, answer: Span, mode: Mode, cut: bool, frame: Frame, dialect: str = ""
) -> Document:
    """The document of what an answer says; raises the first error in strict mode."""
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
    if answer.start > 0 or answer.end < len(source):
        nodes = around(nodes, source, answer)
    annotations = tuple(annotations)
    points, boxes, polygons, clips = by_kind(annotations) if annotations else _NO_VIEWS
    return Document(
        source,
        mode,
        answer,
        tuple(nodes),
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
        dialect,
    )


def around(nodes: Iterable[Node], source: str, answer: Span) -> tuple[Node, ...]:
    """``nodes`` with what stands before and behind the answer."""
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
