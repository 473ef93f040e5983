"""How many there are: objects that were marked, and numbers that were said, against truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Indices
from ..ops.label_counts import stated_count
from .answers import Outcomes
from .bootstrap import Figure, Measured, measure, share
from .counts import Counts, Rows
from .pairing import Paired, Side, pair
from .scores import mean, per_image


class Numbers(Rows, frozen=True, eq=False, kw_only=True):
    """Pictures and labels, and how many objects of the label they have."""

    #: ``(N,)``
    counted: Indices
    true: Indices

    def scores(self, within: Sequence[int]) -> CountScores:
        """All rows together."""
        pairs, apart = len(self), self.counted - self.true
        wanted = self.true > 0
        relative = (np.abs(apart)[wanted] / self.true[wanted]).tolist()
        return CountScores(
            pairs=pairs,
            exact=share(int((apart == 0).sum()), pairs),
            within={most: share(int((np.abs(apart) <= most).sum()), pairs) for most in within},
            mean_absolute_error=share(int(np.abs(apart).sum()), pairs),
            root_mean_square_error=sqrt(share(int((apart**2).sum()), pairs)),
            mean_relative_error=mean(relative),
            bias=share(int(apart.sum()), pairs),
        )

    def figures(self, name: str, images: int) -> list[Figure]:
        """The share of exact numbers, the mean error and the bias."""
        apart = self.counted - self.true
        pairs = per_image(self, np.ones(len(self)), images)
        parts = {"exact": apart == 0, "mae": np.abs(apart), "bias": apart}
        return [Figure(f"{name}_{part}", per_image(self, column, images), pairs) for part, column in parts.items()]


class CountScores(Struct, frozen=True, kw_only=True):
    """How well numbers agree, over pairs of a picture and a label."""

    pairs: int
    #: The share of the pairs whose numbers are equal, and of those that differ by at most so many.
    exact: float
    within: dict[int, float]
    mean_absolute_error: float
    root_mean_square_error: float
    #: The mean of the error as a share of the true number, where that is above zero.
    mean_relative_error: float
    #: The mean of predicted less true: above zero, too many are predicted.
    bias: float


class CountingCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What the figures of counting derive from; see ``join_counts``."""

    marked: Numbers
    #: Pairs that the truth has, and of which the prose says a number.
    stated: Numbers

    def figures(self) -> list[Figure]:
        """Those of marked objects, and of stated numbers where there are any."""
        images = len(self.answers)
        return [*self.marked.figures("count", images), *self.stated.figures("stated_count", images)]


class CountingReport(Struct, frozen=True, kw_only=True):
    """Numbers of marked objects over all pairs that either side has, and stated ones over those that are stated."""

    outcomes: Outcomes
    marked: CountScores
    by_label: dict[str, CountScores]
    stated: CountScores
    figures: dict[str, Measured]


def count_numbers(predictions: Dataset, truth: Dataset, *, prose: Mapping[str, str] | None = None) -> CountingCounts:
    """Count the objects of each picture and label, whatever shapes they have; a track is one object.

    Pictures join by file name. ``prose`` is what was said about each picture, without markup, such as
    ``Document.prose``: the first number before a label is what is stated of it ("three cats"), in English.
    """
    kinds = (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON)
    paired = pair(predictions, truth, kinds, times=True)
    marked = _marked(predictions, truth, paired)
    return CountingCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        marked=marked,
        stated=_stated(marked, paired, prose or {}),
    )


def report_numbers(
    counts: CountingCounts, *, within: Sequence[int] = (1, 2), samples: int = 1000, seed: int = 0
) -> CountingReport:
    """The figures of counts; intervals from ``samples`` draws of pictures with replacement, 0 for none."""
    marked = counts.marked
    return CountingReport(
        outcomes=counts.answers.report(),
        marked=marked.scores(within),
        by_label={
            counts.labels[code]: marked.take(marked.label == code).scores(within)
            for code in np.unique(marked.label).tolist()
        },
        stated=counts.stated.scores(within),
        figures=measure(counts.figures(), samples=samples, seed=seed),
    )


def evaluate_counting(
    predictions: Dataset,
    truth: Dataset,
    *,
    prose: Mapping[str, str] | None = None,
    within: Sequence[int] = (1, 2),
    samples: int = 1000,
    seed: int = 0,
) -> CountingReport:
    """How well one dataset has as many objects as another; see :func:`count_numbers`."""
    counts = count_numbers(predictions, truth, prose=prose)
    return report_numbers(counts, within=within, samples=samples, seed=seed)


def _marked(predictions: Dataset, truth: Dataset, paired: Paired) -> Numbers:
    width = max(len(paired.labels), 1)
    sides = [_objects(predictions, paired.prediction, width), _objects(truth, paired.truth, width)]
    groups, place = np.unique(np.concatenate(sides), return_inverse=True)
    counted, true = (
        np.bincount(some, minlength=len(groups)) for some in (place[: len(sides[0])], place[len(sides[0]) :])
    )
    return Numbers(image=groups // width, label=groups % width, counted=counted, true=true)


def _objects(dataset: Dataset, side: Side, width: int) -> Indices:
    """The picture and label of each object."""
    _, first = np.unique(dataset.object[side.rows], return_index=True)
    return side.image[first] * width + side.label[first]


def _stated(marked: Numbers, paired: Paired, prose: Mapping[str, str]) -> Numbers:
    found = []
    for row in np.flatnonzero(marked.true).tolist():
        said = prose.get(paired.answers.images[marked.image[row]])
        number = None if said is None else stated_count(said, paired.labels[marked.label[row]])
        if number is not None:
            found.append((row, number))
    rows, numbers = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return Numbers(image=marked.image[rows], label=marked.label[rows], counted=numbers, true=marked.true[rows])
