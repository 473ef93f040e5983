"""An answer in markup while it arrives: text in any chunks → events, and the document that ``parse`` would give.

A tag that may still be cut is held back with the state of its quotes, so that more text is looked at once; everything
else goes to the same :class:`~.tree.TreeBuilder` that ``parse`` uses. An answer that begins like JSON may be
annotations as a whole, so its text is held back until it ends. Total work is linear, however the answer is cut.
"""

from __future__ import annotations

import re

from ..frames import Frame
from ..issues import Span
from ..received_text import Received
from . import grammar, truncation
from .arriving_prose import prose_deltas, settled_prose
from .arriving_text import LEAF_OPENED, HeldTag, unfinished_leaf
from .document import Document, Mode
from .nodes import Element, Text, prose_spans
from .open_elements import OpenContainer
from .other_forms import Beginning
from .parsing import assemble
from .stream_events import AnnotationFound, ContainerClosed, ContainerOpened, Event, IssueFound, TextDelta
from .tree import TreeBuilder


class _ToldContainer:
    """A container whose open event was given and that is not closed, with the annotations directly in it."""

    def __init__(self, id: int, opened: OpenContainer) -> None:  # noqa: A002 - it is the id of the events
        self.id = id
        self.opened = opened
        self.told: list[AnnotationFound] = []


class ArrivingMarkup:
    """Reads one answer in markup as it arrives; see ``ArrivingAnswer``."""

    def __init__(self, mode: Mode, before: str, frame: Frame) -> None:
        self._mode = mode
        self._salvage = mode is Mode.SALVAGE
        self._frame = frame
        self._received = Received()
        self._received.append(before)
        self._start = len(before)
        self._builder = TreeBuilder(self._received, self._start, mode, frame)
        self._beginning: Beginning | None = Beginning(salvage=self._salvage)  # until it is clear what it may be
        self._withholds = True  # text, because all of the answer may be annotations in another form than markup
        self._held: HeldTag | None = None
        self._deferred: list[str] = []  # inside a container: the end of the text, which is not looked at yet
        self._leaf_opened = False  # in which the open tag of a leaf is whole
        self._told_text = self._start  # the text before it is told, or belongs to an element
        self._told_nodes = 0
        self._told_rows = 0
        self._told_issues = 0
        self._open: list[_ToldContainer] = []
        self._opened = 0

    def take(self, delta: str) -> list[Event]:
        """The events that more text settles."""
        if self._deferred and ">" not in delta:
            self._deferred.append(delta)
            self._received.append(delta)
            return []
        start = self._received.length
        self._received.append(delta)
        held = self._held
        if self._beginning is not None:
            self._look_at_beginning(delta)
        if self._deferred or (held is None and self._open and self._builder.pending is None):
            return self._feed_container(delta)
        if held is not None:
            if held.undecided_after(delta):
                return []
            start, delta = held.start, held.text
            self._held = None
        elif "<" not in delta:  # most deltas; nothing in it can begin or end an element
            if self._open or self._withholds or self._builder.pending is not None:
                return []
            if not self._salvage and self._told_text == start:
                self._told_text = self._received.length
                return [TextDelta(delta, Span(start, self._told_text))] if delta else []
        events: list[Event] = []
        self._scan(delta, start, events)
        self._tell_text(events)
        return events

    def _feed_container(self, delta: str) -> list[Event]:
        """Take a delta inside an open container: no event comes before a tag ends that is not that of a leaf."""
        self._deferred.append(delta)
        if ">" not in delta:
            return []
        text = "".join(self._deferred)
        self._deferred = [text]
        if not self._leaf_opened and LEAF_OPENED.fullmatch(text):
            self._leaf_opened = True
            return []
        events: list[Event] = []
        self._scan_deferred(events)
        if not self._open or len(self._builder.root.nodes) > self._told_nodes:
            self._tell_text(events)
        return events

    def _look_at_beginning(self, delta: str) -> None:
        decided = self._beginning.add(delta) if self._beginning is not None else True
        if decided is not None:
            self._beginning = None
            self._withholds = decided

    def end(self, *, cut: bool) -> tuple[Document, list[Event]]:
        """The answer has ended: its document, and the events of the end. Raises ``MarkupError`` in strict mode."""
        events: list[Event] = []
        if self._deferred:
            text, start = self._undeferred()
            self._scan(text, start, events)
        if self._held is not None:
            # It never became a tag, so what it held back is looked at without it.
            held, self._held = self._held, None
            for match in grammar.TOKEN.finditer(held.text, 1):
                self._tell(match, held.start, events)
        length = self._received.length
        source = self._received[0:length]
        self._builder.finish(length)
        self._tell_news(events)
        told = set(map(id, self._builder.issues))
        answer = Span(self._start, length)
        told = set(map(id, self._builder.issues))
        document = assemble(self._builder, source, answer, self._mode, cut, self._frame)
        events += [  # of an answer in another form
            AnnotationFound(row, document.annotations[row], document.spans[row])
            for row in range(self._told_rows, len(document.annotations))
        ]
        for span in prose_spans(document.nodes):
            if span.end > self._told_text:
                start = max(span.start, self._told_text)
                events.append(TextDelta(source[start : span.end], Span(start, span.end)))
        events += [IssueFound(issue) for issue in document.issues if id(issue) not in told]
        return document, events

    # -- from text to the builder ------------------------------------------------------------------------------------

    def _scan(self, text: str, offset: int, events: list[Event]) -> None:
        """Tell the builder every tag of ``text``, and hold back the first that the end cuts."""
        for match in truncation.STREAM_TOKEN.finditer(text):
            if match.lastgroup == "cut":
                self._held = HeldTag(match.start() + offset, match.group())
                return
            self._tell(match, offset, events)

    def _scan_deferred(self, events: list[Event]) -> None:
        """Tell the builder what was deferred, but for a leaf that has not ended, which is deferred on."""
        text, start = self._undeferred()
        last = unfinished_leaf(text)
        at = 0
        for match in truncation.STREAM_TOKEN.finditer(text, 0, last):
            if match.lastgroup == "cut":  # the last "<" may stand inside its quotes
                self._scan(text[at:], start + at, events)
                return
            self._tell(match, start, events)
            at = match.end()
        if last == len(text):
            return
        if self._open:
            self._deferred = [text[last:]]
            self._leaf_opened = LEAF_OPENED.fullmatch(self._deferred[0]) is not None
        else:
            self._scan(text[last:], start + last, events)

    def _undeferred(self) -> tuple[str, int]:
        """The text that was deferred, and its place; nothing is deferred any more."""
        text = "".join(self._deferred)
        self._deferred, self._leaf_opened = [], False
        return text, self._received.length - len(text)

    def _tell(self, match: re.Match[str], offset: int, events: list[Event]) -> None:
        self._builder.tell((match,), offset)
        self._tell_news(events)

    # -- from the builder to events ----------------------------------------------------------------------------------

    def _tell_news(self, events: list[Event]) -> None:
        """What one tag changed in the builder. It opens one container, or closes some; it never does both."""
        builder = self._builder
        if len(builder.issues) > self._told_issues:
            news = builder.issues[self._told_issues :]
            events.extend(map(IssueFound, news))
            self._told_issues = len(builder.issues)
            self._withholds = self._withholds and not any(issue.failure for issue in news)
        for row in range(self._told_rows, len(builder.annotations)):
            container = self._open[-1] if self._open else None
            found = AnnotationFound(
                row,
                builder.annotations[row],
                builder.spans[row],
                container is not None,
                None if container is None else container.id,
            )
            if container is not None:
                container.told.append(found)
            events.append(found)
        self._told_rows = len(builder.annotations)
        depth = len(builder.stack) - 1
        if depth or builder.root.nodes:
            self._withholds = False  # there is an element, so the answer is markup
        while len(self._open) > depth:
            self._tell_closed(events)
        if len(self._open) < depth:
            opened = builder.stack[-1]
            container = _ToldContainer(self._opened, opened)
            self._opened += 1
            self._open.append(container)
            mention = opened.context.mention
            events.append(ContainerOpened(container.id, opened.tag, Span(opened.start, opened.cursor), mention))

    def _tell_closed(self, events: list[Event]) -> None:
        container = self._open.pop()
        outer = self._open[-1].opened if self._open else self._builder.root
        element = next(node for node in reversed(outer.nodes) if isinstance(node, Element))
        confirmed: list[int] = []
        replaced: list[AnnotationFound] = []
        for told in container.told:
            final = self._builder.annotations[told.id]
            if final == told.annotation:
                confirmed.append(told.id)
            else:
                replaced.append(AnnotationFound(told.id, final, told.span, False, container.id))
        events.append(
            ContainerClosed(
                container.id,
                container.opened.tag,
                element.span,
                element.closed,
                tuple(confirmed),
                tuple(replaced),
            )
        )

    def _tell_text(self, events: list[Event]) -> None:
        """The prose that is settled: all before whatever may still be, or belong to, an element."""
        if self._withholds:
            return
        root = self._builder.root
        for node in root.nodes[self._told_nodes :]:
            if isinstance(node, Text):
                self._tell_prose(node.span.end, events)
            self._told_text = node.span.end
        self._told_nodes = len(root.nodes)
        if self._open:
            settled = self._open[0].opened.start
        elif self._builder.pending is not None:
            settled = self._builder.pending.start
        elif self._held is not None:
            settled = self._held.start
        else:
            settled = self._received.length
        if self._salvage:
            settled = settled_prose(self._received, self._told_text, settled)
        self._tell_prose(settled, events)

    def _tell_prose(self, end: int, events: list[Event]) -> None:
        start = self._told_text
        self._told_text = max(end, start)
        events += prose_deltas(self._received[start:end], start, salvage=self._salvage)
