"""``inspect``: what is in a dataset, and what is wrong with it."""

from __future__ import annotations

import numpy as np

from ..datasets.dataset import Dataset
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import Recognised, checked_format
from ..datasets.formats.registry import rate_option, read_dataset
from ..datasets.known_sizes import Sizes
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..visible_text import visible
from .console import bar, console, print_table
from .inputs import recognised
from .named_images import with_images
from .problem_table import ProblemTable

#: Characters of the longest bar.
_BAR = 30


def print_summary(path: str, *, from_: str | None, fps: float | None, sizes: Sizes | None) -> bool:
    """Print labels with a histogram, kinds, sizes and problems; whether there are no problems.

    ``sizes`` are those of the image files, against which the recorded ones are checked.
    """
    problems = ProblemTable()
    with recognised(path, from_) as given:
        found = _dataset_format(given, path, from_)
        dataset = read_dataset(given.source, found, on_problem=problems, **rate_option(found, fps))
    dataset, remarks = with_images(dataset, sizes, None, problems)
    out = console()
    out.print(visible(f"{path}: {found.value}, {dataset!r}"))
    for remark in remarks:
        out.print(visible(remark))
    print_table(out, "labels", ("label", "rows", ""), _histogram(dataset))
    kinds = np.bincount(dataset.table.kind, minlength=len(AnnotationKind))
    print_table(
        out, "shapes", ("kind", "rows"), [(str(kind), str(kinds[kind])) for kind in AnnotationKind if kinds[kind]]
    )
    print_table(out, "sizes", ("", "least", "median", "most"), _sizes(dataset))
    problems.print(out)
    return not len(problems)


def _dataset_format(given: Recognised, path: str, from_: str | None) -> DatasetFormat:
    """The format of a dataset. Raises ``UsageError`` if it is not one, ``FileError`` if it is nothing that is read."""
    if given.format is None and from_ is not None:
        raise UsageError(f"{from_} is a format of answers: use check or count for these")
    return checked_format(
        given,
        path,
        for_answers="use check or count",
        untold=f"cannot tell the format of {path}: name it with --from, or use check or count for recorded answers",
    )


def _histogram(dataset: Dataset) -> list[tuple[str, str, str]]:
    """A row for each label, the most frequent first."""
    counts = np.bincount(dataset.label[dataset.label >= 0], minlength=len(dataset.labels))
    most = max(int(counts.max(initial=0)), 1)
    rows = [
        (label, str(count), bar(max(1, round(count / most * _BAR))) if count else "")
        for label, count in zip(dataset.labels, counts.tolist(), strict=True)
    ]
    return sorted(rows, key=lambda row: -int(row[1]))


def _sizes(dataset: Dataset) -> list[tuple[str, ...]]:
    """The least, median and largest width and height, of assets of known size."""
    known = np.array([(asset.width, asset.height) for asset in dataset.assets if asset.width], dtype=np.float64)
    if not len(known):
        return []
    found = known.min(axis=0), np.median(known, axis=0), known.max(axis=0)
    return [(name, *(f"{size[at]:g}" for size in found)) for at, name in enumerate(("width", "height"))]
