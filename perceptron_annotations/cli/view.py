"""``view``: answers as a page to look through, with their images, the truth, and another model."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ..datasets.lists import Join
from ..evaluation.evaluation_options import EvaluationOptions
from ..evaluation.predictions import Predictions, ReadingOptions, Truth, read_predictions, read_truth
from ..render.page.page_writing import PageReport, write_page
from ..wording import counted
from .console import complain, progress, report_console
from .problem_table import ProblemTable

_MEGABYTE = 1_000_000
#: What a page shows of a recording besides its answer.
SHOWN_FIELDS = ("model", "reasoning")


class Inputs(NamedTuple):
    """The files that are shown, and how they are read."""

    predictions: Sequence[str]
    truth: str | None
    #: The predictions of another model.
    compare: str | None
    #: The folder with the images, and what they are called there.
    images: str | None
    join: Join | None
    reading: ReadingOptions


def write_view(inputs: Inputs, output: str, *, title: str | None, options: EvaluationOptions) -> bool:
    """Write the page, and say how large it is; whether nothing was wrong in what was read."""
    problems: list[ProblemTable] = []
    truth = None if inputs.truth is None else _truth(inputs.truth, inputs.reading, problems)
    models = [_predictions(path, truth, inputs.reading, problems) for path in inputs.predictions]
    other = None if inputs.compare is None else _predictions(inputs.compare, truth, inputs.reading, problems)
    problems.append(ProblemTable())
    with _counted_images() as count:
        report = write_page(
            models,
            output,
            truth=truth,
            compare=other,
            images=inputs.images,
            join=inputs.join,
            options=options,
            title=title,
            on_problem=problems[-1],
            progress=count,
        )
    problems[-1].complain(inputs.images or output)
    for note in report.notes:
        complain(note)
    report_console(report.path).print(told(report))
    unsound = sum(each.reading.unsound for each in (*models, *([] if other is None else [other])))
    return not (unsound or any(map(len, problems)))


class _ImageCount:
    """How many images are in the page so far."""

    def __init__(self) -> None:
        self._done, self._total = 0, 0

    def __call__(self, done: int, total: int) -> None:
        self._done, self._total = done, total

    def told(self) -> tuple[float, str]:
        """The share, and the words beside the bar."""
        if not self._total:
            return 0.0, "writing"
        return self._done / self._total, f"{self._done:,} of {self._total:,} images"


@contextmanager
def _counted_images() -> Iterator[_ImageCount]:
    """What is told how many images are done; a bar shows it if a person watches."""
    count = _ImageCount()
    if not sys.stderr.isatty():
        yield count
        return
    from .progress_bar import asking_bar

    with asking_bar(count.told):
        yield count


def _truth(path: str, options: ReadingOptions, problems: list[ProblemTable]) -> Truth:
    problems.append(ProblemTable())
    truth = read_truth(path, options, on_problem=problems[-1])
    problems[-1].complain(path)
    return truth


def _predictions(path: str, truth: Truth | None, options: ReadingOptions, problems: list[ProblemTable]) -> Predictions:
    problems.append(ProblemTable())
    with progress([path]) as watch:
        found = read_predictions(path, truth, options, on_problem=problems[-1], progress=watch(path))
    problems[-1].complain(path)
    return found


def told(report: PageReport) -> str:
    """What was written, in a line."""
    opens = report.path if report.path[-1:] not in "/\\" else f"{report.path}index.html"
    return f"{opens}: {counted(report.cards, 'answer')}, {counted(report.images, 'image')}, {_size(report.bytes)}"


def _size(count: int) -> str:
    return f"{count / _MEGABYTE:.1f} MB" if count >= _MEGABYTE else f"{count / 1000:.0f} kB"
