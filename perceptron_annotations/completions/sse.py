"""Bytes in any pieces → server-sent events, by the rules of the WHATWG HTML standard, section 9.2.

Sans-I/O. The one idea: line ends are single bytes that no UTF-8 sequence contains, so lines are cut from bytes and
decoded whole, and every byte is looked at once. Only CR, LF and CRLF end a line; U+2028, U+2029 and U+0085 are content.
"""

from __future__ import annotations

import re

from msgspec import Struct

from ..errors import EnvelopeError

#: An event of a chat completion is a few kB; one that never ends must not fill the memory.
MAX_EVENT_BYTES = 16 * 2**20

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class SSEEvent(Struct, frozen=True, gc=False, omit_defaults=True):
    """One event; ``data`` is its data lines joined with newlines."""

    data: str
    event: str | None = None
    id: str | None = None


class SSEDecoder:
    """Takes bytes as they come, and gives the events that they complete.

    Comments, ``retry`` and unknown fields are left out, and so is an event without data. Bytes that are no UTF-8 become
    U+FFFD. An event that the end of the stream cuts off is none, which :attr:`cut` tells; only a last ``data: [DONE]``
    needs no line end.
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
        """The events that ``chunk`` completes. Raises ``EnvelopeError`` for an event that is too long."""
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
        """The end of the stream."""
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
            raise EnvelopeError(f"an event of the stream is longer than {self._most} bytes: it is no chat completion")

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
