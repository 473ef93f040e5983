"""Questions → replies, in the caller's own loop or without one; each completion is recorded before it is handed out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..completions.models import Service
from ..errors import UsageError
from ..outputs import append_alone
from .ask_limits import AskLimits
from .ask_report import AskReport
from .asking_run import WINDOW_SECONDS, AskingRun
from .endpoint import Endpoint, key_of
from .loop_thread import iterate
from .question import Askable
from .recorded_answers import RecordedAnswers
from .reply import Reply
from .tally import Tally
from .transport import ChatClient, Transport, open_client

#: Threads beside those that a client that blocks may need.
_THREADS = 4
#: The address of a client that does not say where it asks.
_NOWHERE = "http://localhost"


class Asker:
    """Asks a service, records what comes, and knows what was recorded before. One run at a time.

    >>> asker = pa.asking.Asker("http://127.0.0.1:8000/v1", model="my-model", path="answers.jsonl")
    >>> asker.report.asked
    0

    Args:
        service: The name of a service, the URL of a server, an ``Endpoint``, or a client.
        path: The file of recordings, to which each completion is added as it comes. What has a complete answer in it
            is not asked again. Without a file, nothing is recorded.
        client: A client of the caller's own, in place of the one that is made for the endpoint.
        model: The model to ask, unless a question names its own.
        limits: How much is asked at once, in a minute, again, and in all.
    """

    def __init__(
        self,
        service: Endpoint | Service | str | ChatClient,
        *,
        path: str | Path | None = None,
        client: ChatClient | None = None,
        model: str | None = None,
        limits: AskLimits | None = None,
    ) -> None:
        self.endpoint, self._client = _resolved(service, client, model)
        self.path = path
        self.limits = limits or AskLimits()
        self._tally = Tally()
        self._run: AskingRun | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_asking = self._is_stopping = False

    @property
    def report(self) -> AskReport:
        """The counts of this run until now, or of the last one."""
        return self._tally.report(time.time())

    def stop(self) -> None:
        """Ask nothing more; what is on its way is waited for, recorded and handed out. From any thread."""
        self._is_stopping = True
        self._call(lambda run: run.stop("interrupted"))

    def abandon(self) -> None:
        """Wait for nothing that is on its way, either. From any thread."""
        self._call(AskingRun.abandon)

    def ask(self, questions: Iterable[Askable]) -> Generator[Reply, None, None]:
        """One reply for each question, as they come, in any order; without a loop of the caller's.

        If the caller is interrupted, nothing more is asked; what is on its way is waited for and handed out; then the
        interruption goes on. A second one ends all at once. Raises as :meth:`ask_async` does.
        """
        return iterate(lambda: self.ask_async(questions), self)

    async def ask_async(self, questions: Iterable[Askable]) -> AsyncGenerator[Reply, None]:
        """One reply for each question, as they come, in any order.

        Questions are pulled in another thread when there is room for them. If the caller stops before the end, what is
        on its way is waited for and recorded. Raises ``ServiceError`` if the service refuses the key, has no credit or
        does not know the model, after all that was on its way; ``FileError`` if the file cannot be written;
        ``UsageError`` if there is no key.
        """
        if self._is_asking:
            raise UsageError("this Asker is asking already: make another one")
        self._is_asking, self._is_stopping, self._tally = True, False, Tally()
        try:
            async with AsyncExitStack() as stack:
                self._run = await self._start(stack)
                if self._is_stopping:
                    self._run.stop("interrupted")
                replies = await stack.enter_async_context(aclosing(self._run.replies(questions)))
                async for reply in replies:
                    yield reply
        finally:
            self._is_asking, self._run = False, None

    async def _start(self, stack: AsyncExitStack) -> AskingRun:
        """A run that is ready to begin; what it holds is closed with ``stack``."""
        self._loop = asyncio.get_running_loop()
        executor = ThreadPoolExecutor(self.limits.concurrency + _THREADS, "asking")
        stack.callback(executor.shutdown, wait=False, cancel_futures=True)
        recorded = RecordedAnswers()
        if self.path is not None:
            stack.enter_context(append_alone(self.path))
            read = partial(RecordedAnswers.read, self.path, window=WINDOW_SECONDS)
            recorded = await self._loop.run_in_executor(executor, copy_context().run, read)
        client, key = self._client, None
        if client is None:
            key = key_of(self.endpoint)
            client = open_client(self.endpoint, key, timeout=self.limits.timeout)
            stack.push_async_callback(client.close)
        return AskingRun(
            endpoint=self.endpoint,
            transport=Transport(client, timeout=self.limits.timeout, executor=executor, key=key),
            executor=executor,
            limits=self.limits,
            path=self.path,
            recorded=recorded,
            tally=self._tally,
        )

    def _call(self, step: Callable[[AskingRun], None]) -> None:
        """Do something with the run in its loop, if there is one."""
        run, loop = self._run, self._loop
        if run is not None and loop is not None:
            loop.call_soon_threadsafe(step, run)


def _resolved(service: Any, client: Any, model: str | None) -> tuple[Endpoint, Any]:
    """The endpoint to ask, and the client if it is the caller's own."""
    if hasattr(service, "chat") and client is None:
        service, client = str(getattr(service, "base_url", None) or _NOWHERE), service
    if not isinstance(service, Endpoint):
        endpoint = Endpoint.of(service, model=model)
    else:
        endpoint = service if model is None else replace(service, model=model)
    if client is not None and not hasattr(client, "chat"):
        raise UsageError(f"a client has chat.completions.create, as that of openai: {type(client).__name__} has not")
    return endpoint, client
