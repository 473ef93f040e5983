"""One run: questions are pulled one by one, and each goes to its end before the task that has it takes the next.

So no more than ``concurrency`` questions are in memory, beside as many replies that nobody has taken yet. What blocks
(reading images, hashing, writing to the disk) is done in threads. A completion is on the disk before it is handed out.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextvars import copy_context
from enum import Enum, auto
from pathlib import Path
from typing import TypeVar

from ..completions.completion import Completion, ServiceError
from ..completions.recording import recorded_line
from ..completions.request_options import RequestWarning
from ..errors import AnnotationsError
from ..outputs import append_line
from .ask_limits import AskLimits
from .endpoint import Endpoint
from .pace import Pace, StoppedError
from .prepared import Prepared, not_sent, prepared
from .question import Askable, PendingQuestion, Question
from .rate_window import RateWindow
from .recorded_answers import RecordedAnswers, is_answered
from .reply import Reply
from .retrying import fault_of, is_general, is_lasting, wait_before
from .tally import Tally
from .transport import Transport

V = TypeVar("V")


class _End(Enum):
    """What comes after the last question."""

    END = auto()


#: Seconds of the window in which requests are counted, and a little more, since each takes another time to arrive.
WINDOW_SECONDS = 61.0
#: So many failures in a row, for each question that is asked at once, mean that the service is down.
_MOST_FAILURES = 3


class AskingRun:
    """The state of one run; made inside of the loop that it runs in."""

    def __init__(
        self,
        *,
        endpoint: Endpoint,
        transport: Transport,
        executor: Executor,
        limits: AskLimits,
        path: str | Path | None,
        recorded: RecordedAnswers,
        tally: Tally,
    ) -> None:
        self._endpoint = endpoint
        self._transport = transport
        self._executor = executor
        self._limits = limits
        self._path = path
        self._recorded = recorded
        self._tally = tally
        rate = limits.requests_per_minute or endpoint.requests_per_minute
        times = recorded.times
        self.pace = Pace(None if rate is None else RateWindow(limit=rate, seconds=WINDOW_SECONDS, times=times))
        self._loop = asyncio.get_running_loop()
        self._replies: asyncio.Queue[Reply | None] = asyncio.Queue(limits.concurrency + 1)  # one for the end
        self._is_closed = False
        self._pulling = asyncio.Lock()
        self._workers: list[asyncio.Task[None]] = []
        self._deadline: asyncio.TimerHandle | None = None
        self._error: BaseException | None = None
        self._failures = 0  # in a row, of what was tried to the end

    async def replies(self, questions: Iterable[Askable]) -> AsyncGenerator[Reply, None]:
        """The replies, as they come. Raises what asking failed of, after those that were on their way."""
        source = iter(questions)
        self._stop_at_limit()
        self._workers = [self._loop.create_task(self._work(source)) for _ in range(self._limits.concurrency)]
        end = self._loop.create_task(self._end())
        try:
            while (reply := await self._replies.get()) is not None:
                yield reply
            self._is_closed = True
        finally:
            await self._close(end)
        if self._error is not None:
            raise self._error

    def stop(self, reason: str) -> None:
        """Ask nothing more, and give what is on its way ``drain`` seconds."""
        if not self.pace.is_stopped:
            self._tally.stopped = self._tally.stopped or reason
            self.pace.stop()
            self._deadline = self._loop.call_later(self._limits.drain, self.abandon)

    def abandon(self) -> None:
        """Wait for nothing that is on its way."""
        self.pace.stop()
        for worker in self._workers:
            worker.cancel()

    # -- tasks -------------------------------------------------------------------------------------------------------

    async def _work(self, source: Iterator[Askable]) -> None:
        """Ask questions, one after the other, until there are no more."""
        try:
            while not self.pace.is_stopped:
                async with self._pulling:
                    askable = await self._in_thread(lambda: next(source, _End.END))
                if askable is _End.END:
                    return
                reply = await self._reply(askable)
                if reply is not None and not self._is_closed:
                    await self._replies.put(reply)
        except StoppedError:
            return
        except Exception as error:
            self._fail(error)

    async def _end(self) -> None:
        """Tell the reader of the replies that there are no more."""
        await asyncio.wait(self._workers)
        await self._replies.put(None)

    async def _close(self, end: asyncio.Task[None]) -> None:
        """Wait for what is on its way, also if nobody wants the replies any more."""
        if not self._is_closed:
            self._is_closed = True
            self.stop("the caller wants no more")
        while not self._replies.empty():  # a task may wait for a place in it
            self._replies.get_nowait()
        try:
            await asyncio.wait([end])
        finally:
            self.abandon()
            if self._deadline is not None:
                self._deadline.cancel()

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self.stop(str(error))

    async def _in_thread(self, function: Callable[[], V]) -> V:
        """The result of a function that blocks, with the context of this task (``use_limits``)."""
        return await self._loop.run_in_executor(self._executor, copy_context().run, function)

    # -- one question ------------------------------------------------------------------------------------------------

    async def _reply(self, askable: Askable) -> Reply | None:
        """What came of a question; None if it was answered before."""
        try:
            question = await self._in_thread(lambda: prepared(askable, self._endpoint))
        except (AnnotationsError, OSError) as error:
            key = askable.key if isinstance(askable, Question | PendingQuestion) else None
            return await self._finish(Reply(key=key or "", completion=not_sent(error)), None)
        if self._recorded.take(question.key, question.sha256):
            self._tally.skipped += 1
            return None
        self._tally.changed += self._recorded.has_key(question.key)
        completion, asked_at = await self._asked(question)
        return await self._finish(Reply(key=question.key, completion=completion, asked_at=asked_at), question)

    async def _asked(self, question: Prepared) -> tuple[Completion, tuple[float, ...]]:
        """The completion of the last try, and when each try was sent."""
        asked_at = [await self.pace.turn()]
        while True:
            completion = await self._sent(question)
            fault = fault_of(completion)
            wait = None if fault is None else wait_before(len(asked_at) + 1, fault, self._limits)
            if fault is None or wait is None:
                return completion, tuple(asked_at)
            if fault.retry_after is not None:
                self.pace.pause(fault.retry_after)
            try:
                await self.pace.sleep(wait)
                asked_at.append(await self.pace.turn())
            except StoppedError:
                return completion, tuple(asked_at)

    async def _sent(self, question: Prepared) -> Completion:
        tally = self._tally
        tally.requests += 1
        self._count_bytes(question.size)
        tally.in_flight += 1
        tally.first = tally.first or self.pace.now()
        try:
            completion = await self._transport.send(question.payload)
        finally:
            tally.in_flight -= 1
            tally.last = self.pace.now()
        tally.add_usage(completion)
        return completion

    def _count_bytes(self, size: int) -> None:
        """Count what is sent, and warn once if it is more than the service documents."""
        most, before = self._endpoint.media_bytes, self._recorded.sent_bytes + self._tally.sent_bytes
        self._tally.sent_bytes += size
        if most is not None and before <= most < before + size:
            warnings.warn(
                f"more than {most / 1e9:g} GB were sent within 48 hours, the documented limit on media: "
                "the service may refuse more",
                RequestWarning,
                stacklevel=2,
            )

    async def _finish(self, reply: Reply, question: Prepared | None) -> Reply:
        """Record a reply, count it, and stop if no other question could have an answer."""
        self._tally.add_outcome(reply.completion, is_answered=is_answered(reply.completion))
        if self._path is not None:
            await self._record(reply, question, self._path)
        fault = fault_of(reply.completion)
        self._failures = self._failures + 1 if fault is not None and is_general(fault) else 0
        is_down = self._failures >= _MOST_FAILURES * self._limits.concurrency
        if fault is not None and (is_down or is_lasting(fault, self._limits)):
            if (fault.retry_after or 0.0) > self._limits.longest_wait:
                self.stop(f"the service asks to wait {fault.retry_after:,.0f} seconds: start again then")
            self._fail(ServiceError(fault, reply.completion))
        self._stop_at_limit()
        return reply

    def _stop_at_limit(self) -> None:
        most = self._limits.max_tokens_total
        if most is not None and self._recorded.total_tokens + self._tally.total_tokens >= most:
            self.stop(f"the limit of {most:,} tokens was reached")

    async def _record(self, reply: Reply, question: Prepared | None, path: str | Path) -> None:
        def write() -> None:
            line = recorded_line(
                reply.completion,
                request=None if question is None else question.body,
                request_sha256=None if question is None else question.sha256,
                assets=() if question is None else question.assets,
                key=reply.key or None,
                asked_at=reply.asked_at,
            )
            append_line(path, line)

        try:
            await self._in_thread(write)
        except AnnotationsError as error:  # the reply is handed out all the same
            self._fail(error)
