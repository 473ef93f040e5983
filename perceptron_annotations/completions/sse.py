"""Bytes in any pieces → server-sent events, by the rules of the WHATWG HTML standard, section 9.2.

It does no input or output itself. No UTF-8 sequence contains the byte of a line end, so lines are cut from bytes and
decoded whole, and every byte is looked at once. Only CR, LF and CRLF end a line; U+2028, U+2029 and U+0085 are content.
"""

from __future__ import annotations

import re

from msgspec import Struct

from ..errors import EnvelopeError

#: An event of a chat completion is a few kB; an event that never ends must not fill the memory.
MAX_EVENT_BYTES = 16 * 2**20

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class SSEEvent(Struct, frozen=True, gc=False, omit_defaults=True):
    """One event; ``data`` is its data lines joined with newlines."""

    data: str
    event: str | None = None
    id: str | None = None


class SSEDecoder:
    r"""Takes bytes as they arrive, and returns the events that they complete.

    Comments, ``retry``, unknown fields and events without data are dropped. Bytes that are not UTF-8 become U+FFFD. An
    event that the end of the stream cuts off is dropped, and :attr:`cut` is set; only a last ``data: [DONE]`` needs no
    line end.

    >>> decoder = pa.completions.SSEDecoder()
    >>> decoder.feed(b'data: {"a":')
    []
    >>> decoder.feed(b' 1}\n\n')
    [SSEEvent(data='{"a": 1}', event=None, id=None)]
    """

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._most = max_event_bytes
        self._line: list[bytes] = []  # the pieces of the line that has not ended
        self._size = 0  # of that line and of the event's data
        self._after_cr = False
        self._first = True
        self._data: list[str] = []
        self._event: str | None = None
        self._id: str | None = None
        #: After :meth:`close`: the stream ended inside an event.
        self.cut = False

    def feed(self, chunk: bytes) -> list[SSEEvent]:
        """The events that ``chunk`` completes. Raises ``EnvelopeError`` if an event is too long."""
        if not chunk:
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r") if chunk else False
        *ended, rest = _LINE_END.split(chunk)
        events: list[SSEEvent] = []
        for piece in ended:
            self._take(piece)
            line = b"".join(self._line)
            self._line.clear()
            self._end_line(line, events)
        self._take(rest)
        return events

    def close(self) -> list[SSEEvent]:
        """End the stream; the events that its end completes."""
        events: list[SSEEvent] = []
        if self._line:
            self._end_line(b"".join(self._line), events)
            self._line.clear()
        if self._data == ["[DONE]"]:
            return [SSEEvent("[DONE]")]
        self.cut = bool(self._data)
        return []

    def _take(self, piece: bytes) -> None:
        if not piece:
            return
        self._line.append(piece)
        self._size += len(piece)
        if self._size > self._most:
            raise EnvelopeError(
                f"an event of the stream is longer than {self._most} bytes: it is not a chat completion"
            )

    def _end_line(self, line: bytes, events: list[SSEEvent]) -> None:
        if self._first:
            line = line.removeprefix(_BOM)
            self._first = False
        if not line:
            if self._data:
                events.append(SSEEvent("\n".join(self._data), self._event, self._id))
            self._data, self._event, self._size = [], None, 0
            return
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            self._data.append(text)
        else:
            self._size -= len(line)
            if name == b"event":
                self._event = text
            elif name == b"id" and "\0" not in text:
                self._id = text
