"""Bytes in any pieces → server-sent events, by the rules of the WHATWG HTML standard, section 9.2.

It does no input or output itself. No UTF-8 sequence contains the byte of a line end, so lines are cut from bytes and
decoded whole, and every byte is looked at once. Only CR, LF and CRLF end a line; U+2028, U+2029 and U+0085 are content.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from ..errors import EnvelopeError

#: An event of a chat completion is a few kB; an event that never ends must not fill the memory.
MAX_EVENT_BYTES = 16 * 2**20

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
#: The fields of events; a comment has an empty name.
_KNOWN = frozenset({b"", b"data", b"event", b"id", b"retry"})


class SSEEvent(Struct, frozen=True, gc=False, omit_defaults=True):
    """One event; ``data`` is its data lines joined with newlines."""

    data: str
    event: str | None = None
    id: str | None = None


class SSEDecoder:
    r"""Takes bytes as they arrive, and returns the events that they complete.

    Comments, ``retry``, unknown fields and events without data are dropped. Bytes that are not UTF-8 become U+FFFD. An
    event that the end of the stream cuts off is dropped, and :attr:`cut` is set; only a last ``data: [DONE]`` needs no
    line end. Some servers leave out the blank lines between events: ``is_whole`` says of the data of a line that no
    other line belongs to it.

    >>> decoder = pa.completions.SSEDecoder()
    >>> decoder.feed(b'data: {"a":')
    []
    >>> decoder.feed(b' 1}\n\n')
    [SSEEvent(data='{"a": 1}', event=None, id=None)]
    """

    def __init__(
        self, *, max_event_bytes: int = MAX_EVENT_BYTES, is_whole: Callable[[str], bool] | None = None
    ) -> None:
        self._most = max_event_bytes
        self._is_whole = is_whole or _is_done
        self._line: list[bytes] = []  # the pieces of the line that has not ended
        self._size = 0  # of that line and of the event's data
        self._after_cr = False
        self._first = True
        self._data: list[str] = []
        self._event: str | None = None
        self._id: str | None = None
        self._overflows = False
        #: After :meth:`close`: the stream ended inside an event.
        self.cut = False
        #: How many lines were dropped that are neither fields nor comments.
        self.strays = 0

    def feed(self, chunk: bytes) -> list[SSEEvent]:
        """The events that ``chunk`` completes. Raises ``EnvelopeError`` if an event is too long.

        The events before that one are returned first, and the next call raises.
        """
        self._refuse_overflow()
        if not chunk:
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r") if chunk else False
        *ended, rest = _LINE_END.split(chunk)
        events: list[SSEEvent] = []
        for piece in ended:
            self._take(piece)
            if self._overflows:
                break
            line = b"".join(self._line)
            self._line.clear()
            self._end_line(line, events)
        self._take(rest)
        if not events:
            self._refuse_overflow()
        return events

    def close(self) -> list[SSEEvent]:
        """End the stream; the events that its end completes. Raises ``EnvelopeError`` if an event is too long."""
        self._refuse_overflow()
        events: list[SSEEvent] = []
        if self._line:
            self._end_line(b"".join(self._line), events)
            self._line.clear()
        if self._data and (self._is_whole("\n".join(self._data)) or self._is_whole(self._data[-1])):
            self._dispatch(events)
        self.cut = bool(self._data)
        return events

    def _take(self, piece: bytes) -> None:
        if not piece:
            return
        self._line.append(piece)
        self._size += len(piece)
        self._overflows = self._overflows or self._size > self._most

    def _refuse_overflow(self) -> None:
        if self._overflows:
            raise EnvelopeError(
                f"an event of the stream is longer than {self._most} bytes: it is not a chat completion"
            )

    def _dispatch(self, events: list[SSEEvent]) -> None:
        if self._data:
            events.append(SSEEvent("\n".join(self._data), self._event, self._id))
        self._data, self._event, self._size = [], None, 0

    def _end_line(self, line: bytes, events: list[SSEEvent]) -> None:
        if self._first:
            line = line.removeprefix(_BOM)
            self._first = False
        if not line:
            self._dispatch(events)
            return
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            if len(self._data) == 1 and self._is_whole(self._data[0]):
                self._dispatch(events)
                self._size = len(line)
            self._data.append(text)
        else:
            self._size -= len(line)
            if name == b"event":
                self._event = text
            elif name == b"id" and "\0" not in text:
                self._id = text
            elif name not in _KNOWN:
                self.strays += 1


def _is_done(data: str) -> bool:
    return data == "[DONE]"
