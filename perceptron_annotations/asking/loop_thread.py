"""A loop in a thread of its own, so that asking goes on while a caller without a loop works on a reply."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future
from contextvars import copy_context
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

T = TypeVar("T")

#: How the process is asked to end: by Ctrl-C, or by other signals that a program has made an end of.
INTERRUPTIONS = (KeyboardInterrupt, SystemExit)


class Stoppable(Protocol):
    """What can be asked to come to an end from another thread."""

    def stop(self) -> None:
        """Begin nothing more."""

    def abandon(self) -> None:
        """Wait for nothing."""


class LoopThread:
    """Runs coroutines in a thread, as long as it is open; what still runs at the end is cancelled."""

    def __enter__(self) -> Self:
        ready = threading.Event()
        run = copy_context().run
        self._thread = threading.Thread(target=lambda: run(asyncio.run, self._serve(ready)), name="asking", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine; its result will be in the future."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        await self._closing.wait()


def iterate(source: Callable[[], AsyncGenerator[T, None]], owner: Stoppable) -> Generator[T, None, None]:
    """What an asynchronous generator yields, which runs on in a thread between two items.

    At the first interruption ``owner`` is stopped, what still comes is yielded, and the interruption goes on at the
    end. At the second one ``owner`` is abandoned.
    """
    interruption: BaseException | None = None
    with LoopThread() as thread:
        items = source()
        try:
            while True:
                coming = thread.submit(_next(items))
                try:
                    found = coming.result()
                except INTERRUPTIONS as error:
                    if interruption is not None:
                        raise
                    interruption = error
                    owner.stop()
                    found = coming.result()
                if not found:
                    break
                yield found[0]
        except INTERRUPTIONS:
            if interruption is not None:
                owner.abandon()
            raise
        finally:
            _close(thread, items, owner)
    if interruption is not None:
        raise interruption


async def _next(items: AsyncGenerator[T, None]) -> tuple[T] | tuple[()]:
    """The next item, or nothing at the end."""
    async for item in items:
        return (item,)
    return ()


def _close(thread: LoopThread, items: AsyncGenerator[T, None], owner: Stoppable) -> None:
    closing = thread.submit(_closed(items))
    try:
        closing.result()
    except INTERRUPTIONS:
        owner.abandon()
        raise


async def _closed(items: AsyncGenerator[T, None]) -> None:
    await items.aclose()
