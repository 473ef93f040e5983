"""Calls in processes of their own → their results, in the order of the calls, whichever process dies on the way.

Each thread of a pool has a worker, a new interpreter, and speaks with it through the worker's standard streams. A
worker that dies is replaced, and its call is made again from the beginning; results that had come are not given twice,
so a call must give the same results whenever it is made. A worker whose parent dies, even of signal 9, ends as soon as
its call does, and leaves nothing. (Workers of ``multiprocessing`` wait for ever then, one that dies takes all others
along, and each runs the main module of the program again.)
"""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from weakref import WeakSet

from .limits import current_limits
from .worker_process import Call, Reply, ReplyKind, receive, send

A = TypeVar("A")
R = TypeVar("R")

#: How often a call is made before its worker's death is taken for its own fault.
_TRIES = 4
#: Results of a call that wait for their consumer, before its worker waits too.
_AHEAD = 2
#: Calls for each worker that are under way or done, and whose turn has not come.
_CALLS_AHEAD = 2
#: Bytes that a pipe holds, if the system lets us choose: a mebibyte is what Linux gives without asking.
_PIPE_BYTES = 2**20
#: What a worker runs; its modules are those of this process, wherever it was started.
_PROGRAM = "import sys; sys.path[:] = {path!r}; from {module} import serve; serve()"


class WorkerDiedError(Exception):
    """The workers of a call died, one after the other; it says how the last one did."""


class WorkerPool:
    """Some worker processes, which end with the ``with`` block."""

    def __init__(self, processes: int) -> None:
        self._calls: SimpleQueue[RunningCall[Any] | None] = SimpleQueue()
        self._running: WeakSet[RunningCall[Any]] = WeakSet()
        self._threads = [Thread(target=self._serve, daemon=True) for _ in range(processes)]
        self._workers: set[_Worker] = set()
        self._lock = Lock()
        self._is_closed = False

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_closed = True
            for worker in self._workers:
                worker.kill()
        for call in self._running:
            call.drop()
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def call(self, function: Callable[[A], Iterator[R]], argument: A) -> RunningCall[R]:
        """Have a worker call a function, as soon as one is free. What it takes and gives must be picklable."""
        call = RunningCall[R](Call(function, argument, current_limits()))
        self._running.add(call)
        self._calls.put(call)
        return call

    # -- in the threads ------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        """Make calls with a worker, until there are no more."""
        worker: _Worker | None = None
        while (call := self._calls.get()) is not None:
            worker = self._made(call, worker)
        if worker is not None:
            worker.end()

    def _made(self, call: RunningCall[Any], worker: _Worker | None) -> _Worker | None:
        """Make a call, with a new worker if there is none or it dies; the worker, for the next call."""
        error: Exception = WorkerDiedError()
        for _ in range(_TRIES):
            try:
                worker = worker or self._new_worker()
                if worker is None:
                    return None
                call.make(worker)
            except (EOFError, OSError) as died:
                error = WorkerDiedError(self._end(worker) or str(died))
            except Exception as failed:  # what was sent cannot be pickled, or is too large
                self._end(worker)
                error = failed
                break
            else:
                return worker
            worker = None
        call.tell(Reply(ReplyKind.ERROR, error))
        return None

    def _new_worker(self) -> _Worker | None:
        """Start one; None if the pool is closed."""
        with self._lock:
            if self._is_closed:
                return None
            worker = _Worker()
            self._workers.add(worker)
            return worker

    def _end(self, worker: _Worker | None) -> str:
        """How a worker ended that cannot be used any more; nothing if none was started."""
        if worker is None:
            return ""
        with self._lock:
            self._workers.discard(worker)
        return worker.end()


class RunningCall(Generic[R]):
    """A call that is made by a thread, and whose results are taken by another; :meth:`WorkerPool.call` gives one."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._told: SimpleQueue[Reply] = SimpleQueue()
        self._room = Semaphore(_AHEAD)
        self._count = 0
        self._is_dropped = False

    def results(self) -> Iterator[R]:
        """The results, as they come. Raises what the call raises, and ``WorkerDiedError``."""
        while (reply := self._told.get()).kind is ReplyKind.RESULT:
            self._room.release()
            yield reply.value
        if reply.kind is ReplyKind.ERROR:
            raise reply.value

    def make(self, worker: _Worker) -> None:
        """Make the call, again if it was made before. Raises ``EOFError`` or ``OSError`` if the worker dies."""
        if self._is_dropped:
            return
        for place, reply in enumerate(worker.replies(self._call)):
            if place < self._count:
                continue  # told before an earlier worker died
            if not self._is_dropped:
                self._room.acquire()
            if not self._is_dropped:
                self.tell(reply)

    def tell(self, reply: Reply) -> None:
        """Hand on a reply."""
        self._count += 1
        self._told.put(reply)

    def drop(self) -> None:
        """Nobody takes the results that are still to come."""
        self._is_dropped = True
        self._room.release()


class _Worker:
    """A process that answers calls."""

    def __init__(self) -> None:
        program = _PROGRAM.format(path=sys.path, module=receive.__module__)
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a program of our own
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=_PIPE_BYTES,
            start_new_session=True,  # Ctrl-C is for the parent, which ends its workers
        )

    def replies(self, call: Call) -> Iterator[Reply]:
        """Make a call. Raises ``EOFError`` or ``OSError`` if the process dies."""
        calls, replies = self._process.stdin, self._process.stdout
        if calls is None or replies is None:
            raise EOFError
        send(calls, call)
        kind = ReplyKind.RESULT
        while kind is ReplyKind.RESULT:
            reply: Reply = receive(replies)()
            kind = reply.kind
            yield reply

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self) -> str:
        """How it died, in words, after it has."""
        self._process.kill()
        status = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # what it was sent and did not take
                    stream.close()
        return f"signal {-status}" if status < 0 else f"exit status {status}"


def results_in_order(function: Callable[[A], Iterator[R]], arguments: Iterable[A], *, processes: int) -> Generator[R]:
    """The results of a function for each argument: of one process in this one, of several in workers.

    Raises what a call raises, in its turn, and ``WorkerDiedError``.
    """
    if processes == 1:
        for argument in arguments:
            yield from function(argument)
        return
    with WorkerPool(processes) as pool:
        ahead: deque[RunningCall[R]] = deque()
        for argument in arguments:
            ahead.append(pool.call(function, argument))
            if len(ahead) > _CALLS_AHEAD * processes:
                yield from ahead.popleft().results()
        while ahead:
            yield from ahead.popleft().results()
