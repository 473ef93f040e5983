"""Files of answers → what a reader makes of them, in order, read by worker processes: file by file and span by span.

What comes, and what is told, is what one process gives: a span knows the numbers of its lines, results are handed on in
the order of the files, and a file whose spans turn out to depend on each other is read on in one piece.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from os import fspath
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from msgspec.structs import replace

from ..completions.recorded_lines import CutStreamError
from ..errors import FileError
from ..file_spans import FileSpan
from ..files import STANDARD, Source, open_input
from ..problems import OnProblem, Problem
from ..worker_pool import RunningCall, WorkerDiedError, WorkerPool
from .answer_spans import spans_in

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

#: Bytes of a span: some ten thousand answers, so that sending them costs little and few of them fill no memory.
SPAN_BYTES = 2**24
#: Spans for each worker that are read or have been, and whose turn has not come.
_AHEAD = 2


class Reader(Protocol[R_co]):
    """Reads a source and gives results, one after the other. It must be picklable, and so must what it gives."""

    def __call__(
        self, source: Source, *, on_problem: OnProblem, progress: Callable[[int], None] | None = None
    ) -> Iterator[R_co]: ...


class ReaderInput(NamedTuple, Generic[R]):
    """A file, which may be open, what reads it, and what is told the position in it."""

    source: Source
    read: Reader[R]
    watch: Callable[[int], None] | None = None


def read_beside(inputs: Iterable[ReaderInput[R]], *, processes: int, on_problem: OnProblem) -> Iterator[Iterator[R]]:
    """For each input, what its reader gives, to be taken before that of the next.

    One process reads here; several are worker processes, which get the spans of files that can be cut and all other
    files whole. What can be opened only once, such as a pipe, is read here all the same. Raises what a reader raises,
    and ``FileError`` if workers die of a span again and again.
    """
    if processes == 1:
        for each in inputs:
            yield each.read(each.source, on_problem=on_problem, progress=each.watch)
        return
    with WorkerPool(processes) as pool:
        numbered = _Driver[R](pool, on_problem, _AHEAD * processes).results(inputs)
        for _, results in groupby(numbered, key=itemgetter(0)):
            yield (result for _, result in results)


def is_read_once(source: Source) -> bool:
    """Whether something can be opened only once, and so not by a worker, or not at all."""
    return fspath(source) == STANDARD or not Path(source).is_file()


# -- in a worker -------------------------------------------------------------------------------------------------------


class _Work(NamedTuple, Generic[R]):
    """What a worker is asked: to read a span."""

    span: FileSpan
    read: Reader[R]


class _Piece(NamedTuple, Generic[R]):
    """What a worker answers: problems, and the result that they were found before; none after the last."""

    problems: list[Problem]
    results: list[R]


def _read_span(work: _Work[R]) -> Iterator[_Piece[R]]:
    problems: list[Problem] = []
    results = work.read(work.span, on_problem=problems.append)
    if work.span.stop is not None:
        results = iter(list(results))  # a stream that is cut is found before anything is told
    for result in results:
        yield _Piece(problems, [result])
        problems.clear()
    yield _Piece(problems, [])


# -- in the parent -----------------------------------------------------------------------------------------------------


class _Turn(NamedTuple, Generic[R]):
    """A span that a worker reads, of the input of a number."""

    number: int
    input: ReaderInput[R]
    span: FileSpan
    call: RunningCall[_Piece[R]]


class _Driver(Generic[R]):
    """Has spans read by a pool, and takes what comes in their order."""

    def __init__(self, pool: WorkerPool, on_problem: OnProblem, most_ahead: int) -> None:
        self._pool = pool
        self._on_problem = on_problem
        self._most_ahead = most_ahead
        self._ahead: deque[_Turn[R]] = deque()
        #: The number of an input that was read to its end in one piece.
        self._ended = -1

    def results(self, inputs: Iterable[ReaderInput[R]]) -> Iterator[tuple[int, R]]:
        """The results of all inputs, each with the number of its input."""
        for number, each in enumerate(inputs):
            if is_read_once(each.source):
                yield from self._take(0)
                for result in each.read(each.source, on_problem=self._on_problem, progress=each.watch):
                    yield number, result
                continue
            with open_input(each.source) as file:
                for span in spans_in(file, SPAN_BYTES):
                    if number == self._ended:
                        break
                    self._ahead.append(self._turn(number, each, span))
                    yield from self._take(self._most_ahead)
        yield from self._take(0)

    def _turn(self, number: int, given: ReaderInput[R], span: FileSpan) -> _Turn[R]:
        return _Turn(number, given, span, self._pool.call(_read_span, _Work(span, given.read)))

    def _take(self, most: int) -> Iterator[tuple[int, R]]:
        """The results of the spans whose turn it is, until at most so many are left."""
        while len(self._ahead) > most:
            turn = self._ahead.popleft()
            try:
                yield from self._results_of(turn)
            except CutStreamError:
                yield from self._read_on(turn)

    def _read_on(self, turn: _Turn[R]) -> Iterator[tuple[int, R]]:
        """What is left of a file, read here in place of its spans: workers may wait for what comes after it."""
        self._ended = turn.number
        while self._ahead and self._ahead[0].number == turn.number:
            self._ahead.popleft().call.drop()
        rest = replace(turn.span, stop=None)
        for result in turn.input.read(rest, on_problem=self._on_problem, progress=turn.input.watch):
            yield turn.number, result

    def _results_of(self, turn: _Turn[R]) -> Iterator[tuple[int, R]]:
        span, watch = turn.span, turn.input.watch
        try:
            for piece in turn.call.results():
                for problem in piece.problems:
                    self._on_problem(problem)
                for result in piece.results:
                    yield turn.number, result
        except WorkerDiedError as died:
            raise FileError(
                f"cannot read {span.path} from byte {span.start}: each process that read it was ended ({died}). If "
                "memory is short, use fewer of them (--jobs)"
            ) from None
        if watch is not None:
            watch(Path(span.path).stat().st_size if span.stop is None else span.stop)
