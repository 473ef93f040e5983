"""How a dataset is read, the same for each format: one object opens the file and tells what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...problems import OnProblem, Problem, ProblemCode, reporting
from ..dataset import Dataset
from ..validation import note_out_of_bounds


class Reading:
    """A dataset that is being read from ``path``, a file or a folder."""

    def __init__(self, path: str | Path, on_problem: OnProblem) -> None:
        self.path = Path(path)
        self._on_problem = on_problem

    def problem(self, code: ProblemCode, place: str = "", message: object = "") -> None:
        """Tell what is wrong at a place of the file or folder; without a message, in the words of the code."""
        self._on_problem(
            Problem(code=code, message=str(message) or code.meaning, path=str(self.path), place=place),
        )

    def checked(self, dataset: Dataset) -> Dataset:
        """The dataset that was read; its shapes that reach beyond their image are told."""
        note_out_of_bounds(dataset, self._on_problem, path=str(self.path))
        return dataset


@contextmanager
def reading(path: str | Path, on_problem: OnProblem | None) -> Iterator[Reading]:
    """Open the reading of a dataset; without ``on_problem``, its problems become one warning at the end."""
    with reporting(on_problem) as tell:
        yield Reading(path, tell)
