"""An answer while it arrives: text in any chunks → events, and in the end the document that ``parse`` would give.

Sans-I/O: the caller feeds what it received. What an answer in markup says is read by :mod:`.arriving_markup`, and what
one in another dialect says by :mod:`.arriving_dialect`; the parser sees to it that either is used as it must be.
"""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from ..dialects.dialect import Dialect
from ..errors import UsageError
from ..frames import Frame, Size, checked_frame
from .arriving_dialect import ArrivingDialect
from .arriving_markup import ArrivingMarkup
from .document import Document, Mode, ModeName, checked_mode
from .stream_events import Event


class ArrivingAnswer(Protocol):
    """What reads an answer in one way of writing."""

    def take(self, delta: str) -> list[Event]:
        """The events that more text settles."""

    def end(self, *, cut: bool) -> tuple[Document, list[Event]]:
        """The answer has ended: its document, and the events of the end. Raises ``MarkupError`` in strict mode.

        ``cut`` says that the service cut it.
        """


_TWO_THREADS = (
    "a StreamParser is for one thread at a time: give each answer a parser of its own, or feed it under a lock"
)


class StreamParser:
    """Reads one answer as it arrives.

    ``feed(delta)`` returns the events that the delta settles; ``close()`` ends the answer, returns its document and, in
    strict mode, raises the first error. The events of the end are in :attr:`closing_events`; an answer in our own JSON
    comes there as a whole.

    Args:
        mode: What becomes of what is malformed.
        before: Text that comes before the answer, such as reasoning: it is not read, but spans count it.
        frame: What the coordinates count, as for ``parse``.
        dialect: How another model writes, as for ``parse``. A group of such a dialect is told as a container that is
            opened and closed at once.
        image_size: ``(width, height)`` of the image, for a dialect whose numbers are pixels.

    >>> parser = pa.StreamParser()
    >>> parser.feed("Here: <point> (1,2")
    [TextDelta(text='Here: ', span=Span(start=0, end=6))]
    >>> [type(event).__name__ for event in parser.feed("0) </point>!")]
    ['AnnotationFound', 'TextDelta']
    >>> parser.close().points
    (Point(x=1.0, y=20.0),)
    """

    def __init__(
        self,
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        before: str = "",
        frame: Frame | None = None,
        dialect: Dialect | str | None = None,
        image_size: Size | None = None,
    ) -> None:
        mode = checked_mode(mode)
        self._answer: ArrivingAnswer
        if dialect is None:
            self._answer = ArrivingMarkup(mode, before, Frame.GRID if frame is None else checked_frame(frame))
        else:
            self._answer = ArrivingDialect(dialect, mode, before, image_size, frame)
        self._document: Document | None = None
        self._turn = Lock()  # of the thread that feeds or closes
        #: What the end of the answer settled; empty before ``close``.
        self.closing_events: tuple[Event, ...] = ()

    def feed(self, delta: str) -> list[Event]:
        """Take the next piece of the answer, of any length.

        A parser is for one thread at a time. Raises ``UsageError`` if another thread is feeding or closing it; then the
        piece is not taken.
        """
        if not self._turn.acquire(blocking=False):
            raise UsageError(_TWO_THREADS)
        try:
            if not isinstance(delta, str):
                raise UsageError(f"delta must be a str, not {type(delta).__name__}: decode bytes incrementally first")
            if self._document is not None:
                raise UsageError("the answer is closed: use a new StreamParser for the next one")
            return self._answer.take(delta)
        finally:
            self._turn.release()

    def close(self, *, finish_reason: str | None = None) -> Document:
        """End the answer.

        Raises ``MarkupError`` in strict mode, at the first error of the whole answer, and ``UsageError`` if another
        thread is feeding or closing the parser.
        """
        if not self._turn.acquire(blocking=False):
            raise UsageError(_TWO_THREADS)
        try:
            if self._document is None:
                self._document, events = self._answer.end(cut=finish_reason == "length")
                self.closing_events = tuple(events)
            return self._document
        finally:
            self._turn.release()
