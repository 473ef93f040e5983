"""The images of ``--images`` and ``--sizes``, beside a dataset that is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..datasets.dataset import Dataset
from ..datasets.image_joining import join_images
from ..datasets.known_sizes import Sizes
from ..datasets.validation import check_sizes
from .problem_table import ProblemTable


def with_images(
    dataset: Dataset, sizes: Sizes | None, join: Mapping[str, str] | None, problems: ProblemTable
) -> tuple[Dataset, Sequence[str]]:
    """The dataset with the names and sizes of its images, and how they were joined; what they deny is a problem."""
    if sizes is None:
        return dataset if join is None else dataset.renamed(join), ()
    named, report = join_images(dataset, sizes, join=join)
    return check_sizes(named, sizes, on_problem=problems), report.remarks
