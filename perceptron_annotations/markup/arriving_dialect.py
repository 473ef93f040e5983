"""An answer in a dialect while it arrives: text in any chunks → events, and the document that ``parse`` would give.

The pieces that the surface decides go to the same :class:`~.piece_builder.PieceBuilder` that ``parse`` uses, one by
one, and what each adds to it is told.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..dialects.dialect import Dialect
from ..dialects.known_dialects import known
from ..dialects.pieces import Piece, Prose
from ..frames import Frame, Size, checked_frame
from ..issues import Span
from ..received_text import Received
from .arriving_prose import prose_deltas, settled_prose
from .dialect_reading import finished
from .document import Document, Mode
from .nodes import Element
from .piece_builder import PieceBuilder
from .stream_events import AnnotationFound, ContainerClosed, ContainerOpened, Event, IssueFound


class ArrivingDialect:
    """Reads one answer in a dialect as it arrives; see ``ArrivingAnswer``."""

    def __init__(
        self, dialect: Dialect | str, mode: Mode, before: str, image_size: Size | None, frame: Frame | None
    ) -> None:
        self._dialect = known(dialect)
        self._mode = mode
        self._frame = self._dialect.scale.frame(image_size) if frame is None else checked_frame(frame)
        self._received = Received()
        self._received.append(before)
        self._start = len(before)
        self._salvage = mode is Mode.SALVAGE
        self._reader = self._dialect.surface.reader(self._start, salvage=self._salvage)
        self._builder = PieceBuilder(self._dialect, self._frame)
        self._prose = Span(self._start, self._start)  # the stretch at the end of what is read, and
        self._told_prose = self._start  # so much of it is told
        self._opened = 0

    def take(self, delta: str) -> list[Event]:
        """See ``ArrivingAnswer``."""
        self._received.append(delta)
        events: list[Event] = []
        self._tell(self._reader.read(delta), events)
        if self._prose.end > self._told_prose:
            settled = self._prose.end
            if self._salvage:
                settled = settled_prose(self._received, self._told_prose, settled)
            self._tell_prose(settled, events)
        return events

    def end(self, *, cut: bool) -> tuple[Document, list[Event]]:
        """See ``ArrivingAnswer``."""
        events: list[Event] = []
        self._tell(self._reader.finish(), events)
        self._tell_prose(self._prose.end, events)
        builder = self._builder
        builder.truncated = self._reader.truncated
        told = set(map(id, builder.issues))
        length = self._received.length
        source, answer = self._received[0:length], Span(self._start, length)
        document = finished(builder, source, answer, self._dialect, mode=self._mode, cut=cut, frame=self._frame)
        events += [IssueFound(issue) for issue in document.issues if id(issue) not in told]
        return document, events

    def _tell(self, pieces: Iterable[Piece], events: list[Event]) -> None:
        for piece in pieces:
            if isinstance(piece, Prose) and piece.span.start == self._prose.end:
                self._prose = Span(self._prose.start, piece.span.end)
            else:
                self._tell_prose(self._prose.end, events)
                self._prose = piece.span if isinstance(piece, Prose) else Span(piece.span.end, piece.span.end)
                self._told_prose = self._prose.start
            told = len(self._builder.issues)
            self._builder.tell((piece,))
            events += map(IssueFound, self._builder.issues[told:])
            if isinstance(element := self._builder.nodes[-1], Element):
                self._tell_element(element, None, events)

    def _tell_prose(self, end: int, events: list[Event]) -> None:
        """Tell the prose up to a place, which may be before what is told."""
        start = self._told_prose
        if end > start:
            events += prose_deltas(self._received[start:end], start, salvage=self._salvage)
            self._told_prose = end

    def _tell_element(self, element: Element, container: int | None, events: list[Event]) -> None:
        """Tell an element, and all that it holds."""
        if not element.children:
            for row in element.rows:
                annotation, span = self._builder.annotations[row], self._builder.spans[row]
                events.append(AnnotationFound(row, annotation, span, container is not None, container))
            return
        opened = self._opened
        self._opened += 1
        mention = element.value.mention if element.value is not None else None
        events.append(ContainerOpened(opened, element.tag, element.span, mention))
        for child in element.children:
            if isinstance(child, Element):
                self._tell_element(child, opened, events)
        own = [child.first_row for child in element.children if isinstance(child, Element) and not child.children]
        events.append(ContainerClosed(opened, element.tag, element.span, complete=True, confirmed=tuple(own)))
