"""No more than so many requests in any so many seconds: a sliding window over the times at which they were sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class RateWindow:
    """Says how long to wait before the next request; times are seconds of one clock, and never go back.

    >>> from perceptron_annotations.asking import RateWindow
    >>> window = RateWindow(limit=2, seconds=60)
    >>> window.delay(0.0), window.add(0.0), window.add(10.0), window.delay(20.0)
    (0.0, None, None, 40.0)
    """

    def __init__(self, *, limit: int, seconds: float = 60.0, times: Iterable[float] = ()) -> None:
        self.limit = limit
        self.seconds = seconds
        self._times = deque(sorted(times)[-limit:], maxlen=limit)

    def add(self, time: float) -> None:
        """A request is sent."""
        self._times.append(max(time, self._times[-1]) if self._times else time)

    def delay(self, now: float) -> float:
        """Seconds from ``now`` until a request may be sent; 0 if it may be sent at once."""
        if len(self._times) < self.limit:
            return 0.0
        return max(self._times[0] + self.seconds - now, 0.0)
