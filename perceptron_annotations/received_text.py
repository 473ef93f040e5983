"""A text while it arrives: chunks come in, slices of the whole go out, without joining it."""

from __future__ import annotations

from bisect import bisect_right

#: Characters that are joined at a time.
_WINDOW = 4096


class Received:
    """All text so far, sliced without joining it."""

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self.length = 0
        self._starts: list[int] = []
        self._next_start = 0
        self._window = (0, "")  # where what was looked at last starts, and that, since the next is mostly behind it

    def append(self, chunk: str) -> None:
        self.chunks.append(chunk)
        self.length += len(chunk)

    def __getitem__(self, key: slice) -> str:
        start, end = key.start, key.stop
        window_start, window = self._window
        if not window_start <= start <= end <= window_start + len(window):
            window_start, window = self._window = start, self._joined(start, max(end, start + _WINDOW))
        return window[start - window_start : end - window_start]

    def _joined(self, start: int, end: int) -> str:
        """What has arrived from ``start`` to ``end``, or less."""
        for chunk in self.chunks[len(self._starts) :]:
            self._starts.append(self._next_start)
            self._next_start += len(chunk)
        end = min(end, self.length)
        if start >= end:
            return ""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1)
        text = "".join(self.chunks[first:last])
        return text[start - self._starts[first] : end - self._starts[first]]
