"""A loop in a thread of its own, so that asking goes on while a caller without a loop works on a reply."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future, wait
from typing import Any, ClassVar, Protocol, TypeVar

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
    """A thread that runs coroutines, with the context variables of who submits them."""

    #: The one of this process: clients of the caller belong to one loop, and may be used for several runs.
    shared: ClassVar[LoopThread | None] = None

    def __init__(self) -> None:
        self.process = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asking", daemon=True)
        self._thread.start()

    @classmethod
    def of_process(cls) -> LoopThread:
        """The thread of this process; threads do not survive a fork."""
        if cls.shared is None or cls.shared.process != os.getpid():
            cls.shared = cls()
        return cls.shared

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine; its result will be in the future."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


def iterate(source: Callable[[], AsyncGenerator[T, None]], owner: Stoppable) -> Generator[T, None, None]:
    """What an asynchronous generator yields, which runs on in a thread between two items.

    At the first interruption ``owner`` is stopped, what still comes is yielded, and the interruption goes on at the
    end. At the second one ``owner`` is abandoned.
    """
    interruption: BaseException | None = None
    thread, items = LoopThread.of_process(), source()
    coming = thread.submit(_next(items))
    try:
        while True:
            try:
                found = coming.result()
            except INTERRUPTIONS as error:
                if interruption is not None:
                    raise
                interruption = error
                owner.stop()
                continue
            if not found:
                break
            yield found[0]
            coming = thread.submit(_next(items))
    except INTERRUPTIONS:
        if interruption is not None:
            owner.abandon()
        raise
    finally:
        try:
            wait([coming])
            thread.submit(_closed(items)).result()
        except INTERRUPTIONS:
            owner.abandon()
            raise
    if interruption is not None:
        raise interruption


async def _next(items: AsyncGenerator[T, None]) -> tuple[T] | tuple[()]:
    """The next item, or nothing at the end."""
    async for item in items:
        return (item,)
    return ()


async def _closed(items: AsyncGenerator[T, None]) -> None:
    await items.aclose()
