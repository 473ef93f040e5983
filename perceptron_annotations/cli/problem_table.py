"""The problems of what was read, as a table: how many there are of each kind, and where the first one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files import Source
from ..problems import Problem, ProblemCode
from .console import complain, print_table

if TYPE_CHECKING:
    from rich.console import Console


class ProblemTable:
    """Counts problems while something is read; it is what ``on_problem`` takes."""

    def __init__(self) -> None:
        self._first: dict[ProblemCode, Problem] = {}
        self._counts: dict[ProblemCode, int] = {}

    def __call__(self, problem: Problem) -> None:
        self._first.setdefault(problem.code, problem)
        self._counts[problem.code] = self._counts.get(problem.code, 0) + 1

    def __len__(self) -> int:
        return sum(self._counts.values())

    @property
    def first(self) -> Problem | None:
        """The first problem of all."""
        return next(iter(self._first.values()), None)

    def print(self, out: Console) -> None:
        """Print a row for each code, if there is any."""
        rows = [(count, code.meaning, _told(self._first[code])) for code, count in self._counts.items()]
        print_table(out, "problems", ("count", "what", "first"), rows)

    def complain(self, path: Source) -> None:
        """Say the same on standard error, one line for each code."""
        for code, count in self._counts.items():
            complain(f"{path}: {count} x {code.meaning}; first: {_told(self._first[code])}")


def _told(problem: Problem) -> str:
    """Where a problem is, and what its code does not say already."""
    parts = (problem.place, problem.message if problem.message != problem.code.meaning else "")
    return ": ".join(part for part in parts if part)
