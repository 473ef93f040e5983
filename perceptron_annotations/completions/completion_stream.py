"""A completion while it arrives: bytes or chunks in, events out, and in the end the Completion of the whole.

:meth:`CompletionStream.feed` does no input or output; :meth:`CompletionStream.read` and :meth:`~CompletionStream.aread`
get the bytes. Chunks are folded into the body that the service would have sent at once, and that body is decoded like
any other; the events say earlier what it will say.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from ..errors import EnvelopeError, UsageError
from ..files import DECODE_ERRORS, decode_json, open_input
from ..frames import Frame
from ..markup.document import Mode, checked_frame, checked_mode
from ..markup.stream import Event, StreamParser
from ..problems import Problem, ProblemCode
from .completion import FIRST_ERROR_STATUS, Completion, Usage, completion_of, plain, read_usage
from .envelope import plain_reasoning, plain_text
from .faults import ServiceFault, read_fault
from .fold import Fold, choices_of
from .reasoning import ContentPiece, ContentSplitter
from .sse import MAX_EVENT_BYTES, SSEDecoder, SSEEvent

_DONE = "[DONE]"


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
    """An event, and the index of the choice that it is about; -1 if it is about all."""

    event: CompletionEvent
    choice: int = -1


class _ChoiceReader:
    """The content of one choice, read as it arrives."""

    def __init__(self, mode: Mode, frame: Frame) -> None:
        self._mode = mode
        self._frame = frame
        self._splitter = ContentSplitter()
        self._parser: StreamParser | None = None

    def feed(self, delta: str) -> Iterator[CompletionEvent]:
        yield from self._read(self._splitter.feed(delta))

    def close(self) -> Iterator[CompletionEvent]:
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
                # The whole answer decides in strict mode, when it is parsed.
                mode = Mode.LENIENT if self._mode is Mode.STRICT else self._mode
                self._parser = StreamParser(mode=mode, before=self._splitter.before, frame=self._frame)
            yield from self._parser.feed(piece.text)


class CompletionStream:
    """Reads one streamed completion.

    :meth:`feed` takes bytes of server-sent events, :meth:`feed_chunk` takes chunks that a client has decoded, and both
    return the events that are certain. :meth:`close` returns the completion; if the stream did not end as it should,
    its answers are cut off.

    >>> stream = pa.CompletionStream()
    >>> delta = {"content": "<point> (1,2) </point>"}
    >>> [each.event.annotation for each in stream.feed_chunk({"choices": [{"index": 0, "delta": delta}]})]
    [Point(x=1.0, y=2.0)]
    >>> _ = stream.feed_chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    >>> stream.close().answer.document.points
    (Point(x=1.0, y=2.0),)

    Args:
        mode: How answers are parsed while they arrive; strict mode is lenient until the answer is whole.
        request: The body that was sent; the media in it are counted.
        asset_count: How many media were sent, if ``request`` is not at hand.
        headers: The headers of HTTP.
        max_event_bytes: An event of the stream may have so many bytes.
        frame: What the coordinates of the events count, as for ``parse``; of the completion's answers,
            ``answer.parse(frame=…)`` reads them so.
    """

    def __init__(
        self,
        *,
        mode: Mode | str = Mode.LENIENT,
        request: Mapping[str, Any] | None = None,
        asset_count: int | None = None,
        headers: Mapping[str, str] | None = None,
        max_event_bytes: int = MAX_EVENT_BYTES,
        frame: Frame = Frame.GRID,
    ) -> None:
        self._mode = checked_mode(mode)
        self._frame = checked_frame(frame)
        self._request = request
        self._asset_count = asset_count
        self._headers = dict(headers or {})
        self._status: int | None = None
        self._decoder = SSEDecoder(max_event_bytes=max_event_bytes)
        self._head = bytearray()  # until the first event, for a body that is not a stream
        self._fold = Fold()
        self._readers: dict[int, _ChoiceReader] = {}
        self._unfinished: set[int] = set()
        self._fault: ServiceFault | None = None
        self._problems: list[Problem] = []
        self._is_done = False
        self._takes_chunks = False
        self._completion: Completion | None = None
        #: The events that the end of the stream made certain; empty before :meth:`close`.
        self.closing_events: tuple[StreamEvent, ...] = ()

    @property
    def completion(self) -> Completion:
        """The completion; of a stream that is still open, what has come so far."""
        return self._completion or self._whole(ended=False)

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take bytes, cut anywhere. Raises ``EnvelopeError`` if an event is too long."""
        self._refuse_closed()
        if not self._readers and len(self._head) < MAX_EVENT_BYTES:
            self._head += data
        events: list[StreamEvent] = []
        for event in self._decoder.feed(data):
            self._take(event, events)
        return events

    def feed_chunk(self, chunk: Mapping[str, Any] | object) -> list[StreamEvent]:
        """Take a chunk: a dict, or an object that the ``openai`` client yields."""
        self._refuse_closed()
        value = plain(chunk)
        if not isinstance(value, Mapping):
            raise UsageError(f"a chunk is a dict or an openai chunk, not {type(chunk).__name__}: use feed() for bytes")
        self._takes_chunks = True
        events: list[StreamEvent] = []
        self._take_chunk(dict(value), events)
        return events

    def close(self) -> Completion:
        """End the stream; the completion."""
        if self._completion is not None:
            return self._completion
        events: list[StreamEvent] = []
        for event in self._decoder.close():
            self._take(event, events)
        for index, reader in self._readers.items():
            events += [StreamEvent(event, index) for event in reader.close()]
        self.closing_events = tuple(events)
        is_error = self._status is not None and self._status >= FIRST_ERROR_STATUS
        if not self._readers and not self._is_done and (is_error or self._head.lstrip()[:1] == b"{"):
            self._completion = self._body_instead()
            return self._completion
        # A client that gives chunks does not pass the end of the stream on.
        ended = self._is_done or (self._takes_chunks and not self._unfinished and bool(self._readers))
        if not ended and self._fault is None and not self._problems:
            self._note(ProblemCode.INTERRUPTED_STREAM, "the stream ended before it was done")
        self._completion = self._whole(ended=ended and not self._problems)
        return self._completion

    # -- sources -----------------------------------------------------------------------------------------------------

    def read(self, source: Iterable[Any] | str | Path) -> Iterator[StreamEvent]:
        """All events of a source; after the last one, :attr:`completion` is whole.

        A source is what the ``openai`` client returns with ``stream=True``, whose bytes are read; an ``httpx`` response
        that streams; the path of a recorded ``.sse`` file; or any iterable of bytes or chunks. Chunks alone do not say
        that the stream has ended: then a reason to finish does. An error that the service sent is not raised. If the
        source raises, the stream is closed and the exception is raised again: ``completion`` then holds what had come.
        """
        source = _response_of(source)
        self._answered_by(source)
        try:
            for piece in _pieces(source):
                yield from self._take_piece(piece)
        except Exception as error:
            self._broken(error)
            raise
        self.close()
        yield from self.closing_events

    async def aread(self, source: AsyncIterable[Any]) -> AsyncIterator[StreamEvent]:
        """Like :meth:`read`, for an asynchronous source of the same kinds."""
        source = _response_of(source)
        self._answered_by(source)
        pieces = source.aiter_bytes() if hasattr(source, "aiter_bytes") else source
        try:
            async for piece in pieces:
                for event in self._take_piece(piece):
                    yield event
        except Exception as error:
            self._broken(error)
            raise
        self.close()
        for event in self.closing_events:
            yield event

    def read_all(self, source: Iterable[Any] | str | Path) -> Completion:
        """The completion of a source; see :meth:`read`."""
        for _ in self.read(source):
            pass
        return self.completion

    async def aread_all(self, source: AsyncIterable[Any]) -> Completion:
        """The completion of an asynchronous source; see :meth:`read`."""
        async for _ in self.aread(source):
            pass
        return self.completion

    def _answered_by(self, source: object) -> None:
        """Take the status and headers of an ``httpx`` response."""
        if hasattr(source, "status_code") and hasattr(source, "headers"):
            self._status = source.status_code
            self._headers = dict(source.headers) | self._headers

    def _take_piece(self, piece: Any) -> list[StreamEvent]:
        return self.feed(bytes(piece)) if isinstance(piece, bytes | bytearray | memoryview) else self.feed_chunk(piece)

    def _broken(self, error: Exception) -> None:
        """Close after the source failed; the client's exception may hold the service's error."""
        body = getattr(error, "body", None)
        if body is not None and self._fault is None:
            self._fault = read_fault(body)
        elif self._fault is None:
            self._note(ProblemCode.BROKEN_CONNECTION, f"the connection broke: {type(error).__name__}: {error}")
        self.close()

    # -- events ------------------------------------------------------------------------------------------------------

    def _refuse_closed(self) -> None:
        if self._completion is not None:
            raise UsageError("the stream is closed: use a new CompletionStream for the next one")

    def _take(self, event: SSEEvent, events: list[StreamEvent]) -> None:
        if self._is_done or self._problems:
            return
        if event.data.strip() == _DONE:
            self._is_done = True
            return
        try:
            chunk: Any = decode_json(event.data.encode("utf-8", "surrogatepass"), object)
        except DECODE_ERRORS as error:
            self._note(ProblemCode.INVALID_CHUNK, f"a chunk of the stream is not JSON: {error}")
            return
        if isinstance(chunk, dict):
            self._take_chunk(chunk, events)
        else:
            message = f"a chunk of the stream is not an object, but {type(chunk).__name__}"
            self._note(ProblemCode.INVALID_CHUNK, message)

    def _take_chunk(self, chunk: Mapping[str, Any], events: list[StreamEvent]) -> None:
        error = chunk.get("error")
        if error is None and chunk.get("object") == "error":
            error = dict(chunk)
        self._fold.add(chunk)
        for index, choice in choices_of(chunk):
            self._take_choice(index, choice, events)
        if chunk.get("usage") is not None:
            usage = read_usage(chunk["usage"], [])
            if usage is not None:
                events.append(StreamEvent(UsageReceived(usage)))
        if error is not None:
            self._fault = read_fault(error)
            events.append(StreamEvent(FaultReceived(self._fault)))

    def _take_choice(self, index: int, choice: Mapping[str, Any], events: list[StreamEvent]) -> None:
        if index not in self._readers:
            self._readers[index] = _ChoiceReader(self._mode, self._frame)
            self._unfinished.add(index)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            if reasoning := plain_reasoning(delta):
                events.append(StreamEvent(ReasoningDelta(reasoning), index))
            if content := plain_text(delta.get("content")):
                events += [StreamEvent(event, index) for event in self._readers[index].feed(content)]
            events += [StreamEvent(call, index) for call in _tool_calls(delta)]
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._unfinished.discard(index)
            events.append(StreamEvent(AnswerFinished(reason), index))

    # -- the end -----------------------------------------------------------------------------------------------------

    def _whole(self, *, ended: bool) -> Completion:
        return completion_of(
            self._fold.body(),
            request=self._request,
            asset_count=self._asset_count,
            headers=self._headers,
            fault=self._fault,
            problems=self._problems,
            ended=ended,
        )

    def _body_instead(self) -> Completion:
        """The completion of one body that came instead of a stream."""
        try:
            return Completion.decode(
                bytes(self._head),
                status=self._status,
                headers=self._headers,
                request=self._request,
                asset_count=self._asset_count,
            )
        except EnvelopeError as error:
            self._note(ProblemCode.NOT_A_STREAM, str(error))
            return self._whole(ended=False)

    def _note(self, code: ProblemCode, message: str) -> None:
        self._problems.append(Problem(code=code, message=message))


def _response_of(source: Any) -> Any:
    """The response behind a stream of the ``openai`` client if nothing was read from it, else the source itself."""
    response = getattr(source, "response", None)
    unread = hasattr(response, "iter_bytes") and not getattr(response, "is_stream_consumed", True)
    return response if unread else source


def _pieces(source: Iterable[Any] | str | Path) -> Iterator[Any]:
    if isinstance(source, str | Path):
        with open_input(source) as file:
            yield from file.chunks()
    elif isinstance(source, bytes | bytearray | memoryview):
        yield bytes(source)
    elif hasattr(source, "iter_bytes"):
        yield from source.iter_bytes()
    else:
        yield from source


class _SentCall(Struct, frozen=True):
    index: int | None = None
    id: str | None = None
    function: dict[str, Any] = {}


def _tool_calls(delta: Mapping[str, Any]) -> Iterator[ToolCallDelta]:
    calls = delta.get("tool_calls")
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        try:
            sent = msgspec.convert(call, _SentCall)
        except msgspec.ValidationError:
            continue  # decoding the whole body reports it
        name, arguments = sent.function.get("name"), sent.function.get("arguments")
        yield ToolCallDelta(
            place if sent.index is None else sent.index,
            sent.id,
            name if isinstance(name, str) else None,
            arguments if isinstance(arguments, str) else "",
        )
