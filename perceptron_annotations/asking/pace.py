"""When a request may be sent: after those before it, within the rate, and not while the service asks for a pause."""

from __future__ import annotations

import asyncio
import time

from .rate_window import RateWindow


class StoppedError(Exception):
    """No more requests are to be sent; it never leaves this package."""


class Pace:
    """Lets requests through, one after the other, in the order in which they came."""

    def __init__(self, window: RateWindow | None) -> None:
        self._window = window
        self._turn = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._open_at = 0.0
        loop = asyncio.get_running_loop()
        # Times are those of the loop, which never go back; the difference makes them seconds since 1970.
        self._loop, self._offset = loop, time.time() - loop.time()

    def now(self) -> float:
        """Seconds since 1970, by a clock that never goes back."""
        return self._loop.time() + self._offset

    async def turn(self) -> float:
        """Wait until a request may be sent; the time at which it is. Raises ``StoppedError`` if none may any more."""
        async with self._turn:
            while (delay := self._delay()) > 0:
                await self.sleep(delay)
            if self.is_stopped:
                raise StoppedError
            now = self.now()
            if self._window is not None:
                self._window.add(now)
            return now

    async def sleep(self, seconds: float) -> None:
        """Wait. Raises ``StoppedError`` if asking is stopped meanwhile."""
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return
        raise StoppedError

    def pause(self, seconds: float) -> None:
        """Let nothing through for some time, because the service said so."""
        self._open_at = max(self._open_at, self.now() + seconds)

    def stop(self) -> None:
        """Let nothing through any more."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is let through any more."""
        return self._stopped.is_set()

    def _delay(self) -> float:
        now = self.now()
        rated = 0.0 if self._window is None else self._window.delay(now)
        return max(rated, self._open_at - now)
