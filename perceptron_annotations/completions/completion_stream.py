"""A completion while it arrives: bytes or chunks in, events out, and in the end the Completion of the whole.

:meth:`CompletionStream.feed` does no input or output; :meth:`CompletionStream.read` and :meth:`~CompletionStream.aread`
get the bytes. Chunks are folded into the body that the service would have sent at once, and that body is decoded like
any other; the events say earlier what it will say.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..dialects.dialect import Dialect
from ..errors import EnvelopeError, UsageError
from ..files import DECODE_ERRORS, decode_json, open_input
from ..frames import Frame, Size
from ..markup.document import Mode, ModeName, checked_mode
from ..markup.stream import StreamParser
from ..problems import Problem, ProblemCode
from .completion import FIRST_ERROR_STATUS, Completion, completion_of, plain
from .completion_events import (
    AnswerFinished,
    AnswerReader,
    FaultReceived,
    ReasoningDelta,
    StreamEvent,
    ToolCallDelta,
    UsageReceived,
)
from .envelope import error_in
from .faults import ServiceFault, read_fault
from .fold import CallPiece, Fold, Piece
from .sent import decode_object, type_of
from .sse import MAX_EVENT_BYTES, SSEDecoder, SSEEvent
from .usage import read_usage

_DONE = "[DONE]"


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
        dialect: How another model writes, for the events; ``answer.parse(dialect=…)`` reads the whole answer so.
        image_size: ``(width, height)`` of the image, for a dialect whose numbers are pixels.
    """

    def __init__(
        self,
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        request: Mapping[str, Any] | None = None,
        asset_count: int | None = None,
        headers: Mapping[str, str] | None = None,
        max_event_bytes: int = MAX_EVENT_BYTES,
        frame: Frame | None = None,
        dialect: Dialect | str | None = None,
        image_size: Size | None = None,
    ) -> None:
        mode = checked_mode(mode)
        # The whole answer decides in strict mode, when it is parsed.
        read_in = Mode.LENIENT if mode is Mode.STRICT else mode
        self._new_parser = partial(StreamParser, mode=read_in, frame=frame, dialect=dialect, image_size=image_size)
        self._new_parser()  # raises for what no parser takes, before anything has come
        self._request = request
        self._asset_count = asset_count
        self._headers = dict(headers or {})
        self._status: int | None = None
        self._decoder = SSEDecoder(max_event_bytes=max_event_bytes, is_whole=_is_whole)
        self._head = bytearray()  # until the first event, for a body that is not a stream
        self._fold = Fold()
        self._readers: dict[int, AnswerReader] = {}
        self._fault: ServiceFault | None = None
        self._problems: dict[Problem, None] = {}  # each once, in order
        self._is_done = False
        self._is_broken = False  # a piece is missing, so nothing more is read
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
        try:
            for event in self._decoder.close():
                self._take(event, events)
        except EnvelopeError as error:
            self._break(ProblemCode.OVERSIZED_EVENT, str(error))
        for index, reader in self._readers.items():
            events += [StreamEvent(event, index) for event in reader.close()]
        self.closing_events = tuple(events)
        is_error = self._status is not None and self._status >= FIRST_ERROR_STATUS
        is_body = bytes(self._head).removeprefix(BOM_UTF8).lstrip()[:1] == b"{"
        if not self._readers and not self._is_done and (is_error or is_body):
            self._completion = self._body_instead()
            return self._completion
        # A client that gives chunks does not pass the end of the stream on.
        ended = self._is_done or (self._takes_chunks and self._fold.is_finished)
        if not ended and self._fault is None and not self._is_broken:
            self._note(ProblemCode.INTERRUPTED_STREAM, "the stream ended before it was done")
        if self._decoder.strays:
            message = f"{self._decoder.strays} lines of the stream are not fields of server-sent events"
            self._note(ProblemCode.INVALID_CHUNK, message)
        self._completion = self._whole(ended=ended and not self._is_broken)
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
            self._break(ProblemCode.BROKEN_CONNECTION, f"the connection broke: {type(error).__name__}: {error}")
        self.close()

    # -- events ------------------------------------------------------------------------------------------------------

    def _refuse_closed(self) -> None:
        if self._completion is not None:
            raise UsageError("the stream is closed: use a new CompletionStream for the next one")

    def _take(self, event: SSEEvent, events: list[StreamEvent]) -> None:
        data = event.data.strip()
        if self._is_broken or not data:
            return
        if data == _DONE:
            self._is_done = True
        elif self._is_done:
            self._note(ProblemCode.INVALID_CHUNK, "there are events after the end of the stream: they are not read")
        elif event.event == "error" and not _holds_error(data):
            self._fail(read_fault(data), events)
        else:
            self._take_data(data, events)

    def _take_data(self, data: str, events: list[StreamEvent]) -> None:
        encoded = data.encode("utf-8", "surrogatepass")
        try:
            chunk = decode_object(encoded)
        except DECODE_ERRORS as error:
            lines = data.split("\n")
            if len(lines) > 1 and any(map(_is_whole, lines)):  # events without blank lines between them
                for line in lines:
                    self._take(SSEEvent(line), events)
            elif (other := _other_json(encoded)) is not None:
                message = f"an event of the stream is not an object, but {type_of(other[0])}"
                self._note(ProblemCode.INVALID_CHUNK, message)
            elif "{" in data:
                self._break(ProblemCode.INVALID_CHUNK, f"a chunk of the stream is not JSON: {error}")
            else:
                self._note(ProblemCode.INVALID_CHUNK, f"an event of the stream is not JSON: {error}")
            return
        self._take_chunk(chunk, events)

    def _take_chunk(self, chunk: Mapping[str, Any], events: list[StreamEvent]) -> None:
        if self._is_broken:
            return
        error = error_in(chunk)
        for piece in self._fold.add(chunk):
            self._take_choice(piece, events)
        self._is_broken = self._fold.has_holes
        if chunk.get("usage") is not None:
            usage = read_usage(chunk["usage"], [])
            if usage is not None:
                events.append(StreamEvent(UsageReceived(usage)))
        if error is not None:
            self._fail(read_fault(error), events)

    def _fail(self, fault: ServiceFault, events: list[StreamEvent]) -> None:
        self._fault = fault
        events.append(StreamEvent(FaultReceived(fault)))

    def _take_choice(self, piece: Piece, events: list[StreamEvent]) -> None:
        index = piece.choice
        if index not in self._readers:
            self._readers[index] = AnswerReader(self._new_parser)
        if piece.reasoning:
            events.append(StreamEvent(ReasoningDelta(piece.reasoning), index))
        if piece.content:
            events += [StreamEvent(event, index) for event in self._readers[index].feed(piece.content)]
        events += [StreamEvent(_tool_call(call), index) for call in piece.calls]
        if piece.reason is not None:
            events.append(StreamEvent(AnswerFinished(piece.reason), index))

    # -- the end -----------------------------------------------------------------------------------------------------

    def _whole(self, *, ended: bool) -> Completion:
        return completion_of(
            self._fold.body(),
            request=self._request,
            asset_count=self._asset_count,
            headers=self._headers,
            fault=self._fault,
            problems=[*self._problems, *self._fold.problems],
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
        self._problems[Problem(code=code, message=message)] = None

    def _break(self, code: ProblemCode, message: str) -> None:
        self._note(code, message)
        self._is_broken = True


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


def _holds_error(data: str) -> bool:
    """Whether the data of an event is an object that holds an error in a field of its own."""
    try:
        return error_in(decode_object(data.encode("utf-8", "surrogatepass"))) is not None
    except DECODE_ERRORS:
        return False


def _is_whole(data: str) -> bool:
    """Whether the data of an event is the end of the stream or a JSON object, to which no other line belongs."""
    if data == _DONE:
        return True
    if not (data.startswith("{") and data.rstrip().endswith("}")):
        return False
    try:
        decode_object(data.encode("utf-8", "surrogatepass"))
    except DECODE_ERRORS:
        return False
    return True


def _other_json(data: bytes) -> tuple[object] | None:
    """JSON that is not an object; None if it is not JSON."""
    try:
        return (decode_json(data, object),)
    except DECODE_ERRORS:
        return None


def _tool_call(call: CallPiece) -> ToolCallDelta:
    function = call.fields.get("function")
    fields = function if isinstance(function, dict) else {}
    name, arguments, sent_id = fields.get("name"), fields.get("arguments"), call.fields.get("id")
    return ToolCallDelta(
        call.number,
        sent_id if isinstance(sent_id, str) else None,
        name if isinstance(name, str) else None,
        arguments if isinstance(arguments, str) else "",
    )
