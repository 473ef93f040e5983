"""``inspect``: what is in a dataset, and what is wrong with it."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np

from ..datasets.assets import Sizes
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import Recognised, checked_format, recognise
from ..datasets.formats.registry import rate_option, read_dataset
from ..datasets.validation import check_sizes
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..visible_text import visible
from .console import console, print_table
from .options import Target
from .problem_table import ProblemTable

#: Characters of the longest bar.
_BAR = 30


def run(path: str, *, from_: Target | None, fps: float | None, sizes: Sizes | None) -> None:
    """Print labels with a histogram, kinds, sizes and problems; ``sizes`` are those of the pictures."""
    if from_ in (Target.JSONL, Target.PARQUET):
        raise UsageError("a dataset is inspected, not answers: use check or count for these")
    problems = ProblemTable()
    given = None if from_ is None else Recognised(DatasetFormat(from_.value), path)
    with recognise(path) if given is None else nullcontext(given) as recognised:
        found = checked_format(recognised.format, path)
        dataset = read_dataset(recognised.source, found, on_problem=problems, **rate_option(found, fps))
    if sizes is not None:
        dataset = check_sizes(dataset, sizes, on_problem=problems)
    out = console()
    out.print(visible(f"{path}: {found.value}, {dataset!r}"))
    counts = np.bincount(dataset.label[dataset.label >= 0], minlength=len(dataset.labels))
    most = max(int(counts.max(initial=0)), 1)
    rows = [
        (label, str(count), "█" * max(1, round(count / most * _BAR)) if count else "")
        for label, count in zip(dataset.labels, counts.tolist(), strict=True)
    ]
    rows.sort(key=lambda row: -int(row[1]))
    print_table(out, "labels", ("label", "rows", ""), rows)
    kinds = np.bincount(dataset.table.kind, minlength=len(AnnotationKind))
    print_table(
        out,
        "shapes",
        ("kind", "rows"),
        [(kind.name.lower(), str(kinds[kind])) for kind in AnnotationKind if kinds[kind]],
    )
    known = np.array([(asset.width, asset.height) for asset in dataset.assets if asset.width], dtype=np.float64)
    if len(known):
        low, middle, high = known.min(axis=0), np.median(known, axis=0), known.max(axis=0)
        shown = [
            (name, *(f"{size[at]:g}" for size in (low, middle, high))) for at, name in enumerate(("width", "height"))
        ]
        print_table(out, "sizes", ("", "least", "median", "most"), shown)
    problems.print(out)
