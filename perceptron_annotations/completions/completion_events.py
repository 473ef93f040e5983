"""What a stream tells while it arrives: an event for each piece that is certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct

from ..markup.stream import StreamParser
from ..markup.stream_events import Event
from .faults import ServiceFault
from .reasoning import ContentPiece, ContentSplitter
from .usage import Usage


class ReasoningDelta(Struct, frozen=True, gc=False):
    """A piece of what the model thinks; it is not part of its answer."""

    text: str


class AnswerRestarted(Struct, frozen=True, gc=False):
    """What was reported as the answer so far was reasoning: ``</think>`` came without its start.

    Forget the events of that answer.
    """


class ToolCallDelta(Struct, frozen=True, gc=False):
    """A piece of a tool call; call it when the answer is complete, from ``Answer.tool_calls``."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


class AnswerFinished(Struct, frozen=True, gc=False):
    """The reason why a choice ended. It may come twice."""

    reason: str


class UsageReceived(Struct, frozen=True, gc=False):
    """The tokens and the cost of the completion."""

    usage: Usage


class FaultReceived(Struct, frozen=True, gc=False):
    """The service sent an error; what came before it stays."""

    fault: ServiceFault


CompletionEvent: TypeAlias = (
    Event | ReasoningDelta | AnswerRestarted | ToolCallDelta | AnswerFinished | UsageReceived | FaultReceived
)


class StreamEvent(Struct, frozen=True, gc=False):
    """An event, and the index of the answer that it is about (``Answer.index``); -1 if it is about all."""

    event: CompletionEvent
    choice: int = -1


class AnswerReader:
    """The content of one choice, read as it arrives; ``new_parser`` makes a parser for the answer behind a text."""

    def __init__(self, new_parser: Callable[..., StreamParser]) -> None:
        self._new_parser = new_parser
        self._splitter = ContentSplitter()
        self._parser: StreamParser | None = None

    def feed(self, delta: str) -> Iterator[CompletionEvent]:
        """The events of some more content."""
        yield from self._read(self._splitter.feed(delta))

    def close(self) -> Iterator[CompletionEvent]:
        """The events of its end."""
        yield from self._read(self._splitter.close())
        if self._parser is not None:
            self._parser.close()
            yield from self._parser.closing_events

    def _read(self, pieces: Iterable[ContentPiece]) -> Iterator[CompletionEvent]:
        for piece in pieces:
            if piece.restarts:
                self._parser = None
                yield AnswerRestarted()
            if not piece.is_answer:
                yield ReasoningDelta(piece.text)
                continue
            if self._parser is None:
                self._parser = self._new_parser(before=self._splitter.before)
            yield from self._parser.feed(piece.text)
