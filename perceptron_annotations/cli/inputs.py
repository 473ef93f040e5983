"""Recordings from several files, and the lines of all of them that hold no answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import IO, NamedTuple

from msgspec import Struct

from ..completions.recordings import Recording, read_recordings
from ..files import Source, encode_json, write_whole
from ..problems import Problem, ProblemCode
from .console import progress

#: So many rejected lines are shown; ``--rejects`` keeps them all.
_SHOWN = 10


class RejectedLine(Struct, frozen=True):
    """A line, or a choice of it, that holds no answer, as a file of rejects has it."""

    line_number: int
    code: ProblemCode
    reason: str
    raw: str
    file: str

    @staticmethod
    def of(problem: Problem) -> RejectedLine:
        """The line of a problem of a file of recordings."""
        number = int(problem.place.removeprefix("line "))
        return RejectedLine(number, problem.code, problem.message, problem.raw, problem.path)


class Rejects:
    """Takes the problems of files of recordings: counts them, keeps the first, writes them to ``sink`` if given."""

    def __init__(self, sink: IO[bytes] | None) -> None:
        self.count = 0
        self.first: list[RejectedLine] = []
        self._sink = sink

    def __call__(self, problem: Problem) -> None:
        line = RejectedLine.of(problem)
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(line)
        if self._sink is not None:
            self._sink.write(encode_json(line) + b"\n")


class Inputs(NamedTuple):
    """The recordings of several files, and what they held besides; that is complete when all were read."""

    recordings: Iterator[Recording]
    rejects: Rejects


@contextmanager
def open_inputs(inputs: Sequence[Source], *, key: str | None, rejects: str | None) -> Iterator[Inputs]:
    """All recordings of ``inputs``, in order; the lines without an answer are written to ``rejects``, if given."""
    with progress(inputs) as watch, open_rejects(rejects) as keep:
        found = (
            recording
            for name in inputs
            for recording in read_recordings(name, key=key, on_problem=keep, progress=watch(name))
        )
        yield Inputs(found, keep)


@contextmanager
def open_rejects(path: str | None) -> Iterator[Rejects]:
    """What takes the lines without an answer, and writes them to ``path``, if given."""
    with write_whole(path) if path is not None else nullcontext() as sink:
        yield Rejects(sink)
