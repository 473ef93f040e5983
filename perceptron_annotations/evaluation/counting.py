"""How many there are: objects that were marked, and numbers that were said, against the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Indices
from ..ops.label_counts import LabelMap
from .answers import Outcomes
from .counts import Rows, TaskCounts
from .detection import REGIONS
from .ignoring import Ignoring
from .intervals import Estimate, Metric, Scale, estimate, share
from .matching import Matcher
from .pairing import DatasetPair, Paired, Side, pair, ranks
from .pointing import ignored_points
from .scores import mean, per_image
from .shape_overlaps import shape_overlaps
from .stated_numbers import StatedCount, count_of, stated_counts
from .tasks import IouType, Matching

#: Predictions match a truth, or lie in a crowd, if they overlap by so much.
_IGNORED_FROM = 0.5


class CountScores(Struct, frozen=True, kw_only=True):
    """How well numbers agree, over pairs of an image and a label."""

    pairs: int
    #: The share of the pairs whose numbers are equal, and of those that differ by at most so many.
    exact: float
    within: dict[int, float]
    mean_absolute_error: float
    root_mean_square_error: float
    #: The mean of the error as a share of the true number, over pairs whose true number is above zero.
    mean_relative_error: float
    #: The mean of predicted less true: above zero, too many are predicted.
    bias: float


class Numbers(Rows, frozen=True, eq=False, kw_only=True):
    """Images and labels, and how many objects of the label they have."""

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

    def metrics(self, name: str, images: int) -> list[Metric]:
        """The share of exact numbers, the mean error and the bias."""
        apart = self.counted - self.true
        pairs = per_image(self, np.ones(len(self)), images)
        parts = (("exact", apart == 0, Scale.SHARE), ("mae", np.abs(apart), Scale.MEAN), ("bias", apart, Scale.MEAN))
        return [
            Metric(f"{name}_{part}", per_image(self, column, images), pairs, scale) for part, column, scale in parts
        ]


class CountingReport(Struct, frozen=True, kw_only=True):
    """Numbers of marked objects over all pairs that either side has, and stated ones over those that are stated."""

    outcomes: Outcomes
    marked: CountScores
    by_label: dict[str, CountScores]
    stated: CountScores
    #: Exact numbers, mean absolute errors and bias by name, such as ``count_mae``, with the interval in which they lie.
    metrics: dict[str, Estimate]


class CountingCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What the metrics of counting derive from."""

    marked: Numbers
    #: Pairs that the truth has, and of which the prose says a number.
    stated: Numbers

    def used_labels(self) -> tuple[Indices, Indices]:
        """Those of the predictions, and of the truth."""
        rows = self.marked
        return rows.label[rows.counted > 0], rows.label[rows.true > 0]

    def metrics(self) -> list[Metric]:
        """Those of marked objects, and of stated numbers."""
        images = len(self.answers)
        return [*self.marked.metrics("count", images), *self.stated.metrics("stated_count", images)]

    def report(self, *, within: Sequence[int] = (1, 2)) -> CountingReport:
        """The metrics with their intervals."""
        marked = self.marked
        return CountingReport(
            outcomes=self.answers.report(),
            marked=marked.scores(within),
            by_label={
                self.labels[code]: marked.take(marked.label == code).scores(within)
                for code in np.unique(marked.label).tolist()
            },
            stated=self.stated.scores(within),
            metrics=estimate(self.metrics()),
        )


def compare_numbers(both: DatasetPair, *, prose: Mapping[str, str] | None = None) -> CountingCounts:
    """Count objects on both sides as :func:`evaluate_counting` says."""
    paired = pair(both, (AnnotationKind.POINT, *REGIONS), times=True)
    if len(paired.ignored.rows):
        paired = paired._replace(prediction=_without_ignored(both, paired.prediction))
    marked = _marked(both, paired)
    return CountingCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        marked=marked,
        stated=_stated(marked, paired, prose or {}),
    )


def evaluate_counting(
    predictions: Dataset,
    truth: Dataset,
    *,
    prose: Mapping[str, str] | None = None,
    within: Sequence[int] = (1, 2),
) -> CountingReport:
    """How well the numbers of objects agree, image by image and label by label.

    An object counts once whatever its shapes; a track is one object. Crowds and ignored objects are not counted, nor
    are predictions that match no truth and lie there.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        prose: What was said about each image, by file name and without markup, such as ``Document.prose``: the first
            number before a label is what is stated of it ("three cats"), in English.
        within: Errors up to which a number counts as near, for ``CountScores.within``.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder in (truth, predictions):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=30, height=40))
    ...     builder.add(image, pa.AnnotationKind.POINT, [(5, 10)], "cup")
    >>> report = evaluate_counting(predictions.build(), truth.build(), prose={"a.jpg": "I see two cups."})
    >>> report.marked.exact, report.stated.bias
    (1.0, 1.0)
    """
    counts = compare_numbers(DatasetPair.of(predictions, truth), prose=prose)
    return counts.report(within=within)


def _without_ignored(both: DatasetPair, found: Side) -> Side:
    """The objects of the predictions without those that match no truth and lie where the truth ignores objects."""
    paired = pair(both, REGIONS)
    above = float(np.nextafter(_IGNORED_FROM, 0.0))
    overlaps = shape_overlaps(both, paired.prediction, paired.truth, IouType.BBOX, above=above)
    shapes = Matcher(both, paired, overlaps, ranks(both.predictions, paired), Matching.OPTIMAL).at(_IGNORED_FROM)
    ignored = Ignoring.regions(both, paired, IouType.BBOX).of(shapes, _IGNORED_FROM)
    rows = np.append(paired.prediction.rows[ignored], ignored_points(both))
    objects = both.predictions.object
    return found.take(np.flatnonzero(~np.isin(objects[found.rows], objects[rows])))


def _marked(both: DatasetPair, paired: Paired) -> Numbers:
    width = max(len(paired.labels), 1)
    sides = [_objects(both.predictions, paired.prediction, width), _objects(both.truth, paired.truth, width)]
    groups, place = np.unique(np.concatenate(sides), return_inverse=True)
    counted, true = (
        np.bincount(some, minlength=len(groups)) for some in (place[: len(sides[0])], place[len(sides[0]) :])
    )
    return Numbers(image=groups // width, label=groups % width, counted=counted, true=true)


def _objects(dataset: Dataset, side: Side, width: int) -> Indices:
    """The image and label of each object."""
    _, first = np.unique(dataset.object[side.rows], return_index=True)
    return side.image[first] * width + side.label[first]


def _stated(marked: Numbers, paired: Paired, prose: Mapping[str, str]) -> Numbers:
    found = []
    labels = lru_cache(LabelMap(singular=True))  # answers state the numbers of few different things
    stated: dict[str, list[StatedCount]] = {}  # of an image, whose prose is read once for all labels
    for row in np.flatnonzero(marked.true).tolist():
        image = paired.answers.images[marked.image[row]]
        if image not in stated:
            stated[image] = stated_counts(prose.get(image, ""))
        number = count_of(stated[image], paired.labels[marked.label[row]], labels=labels)
        if number is not None:
            found.append((row, number))
    rows, numbers = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return Numbers(image=marked.image[rows], label=marked.label[rows], counted=numbers, true=marked.true[rows])
