"""Two datasets side by side: images joined by name, labels by word, and what only one of them has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import UNNAMED, Dataset
from ..datasets.lists import Join
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.crowds import Overlaps
from ..ops.groups import joint_groups, ranges
from .answers import Answers
from .counts import Rows
from .joining import join_assets


class DatasetPair(NamedTuple):
    """Predictions and the truth, and the image of each of their rows: what all tasks share."""

    predictions: Dataset
    truth: Dataset
    answers: Answers
    #: ``(N,)`` of predictions, and of truths: the place of the image in ``answers``, -1 if the truth does not have it.
    image: Indices
    true_image: Indices

    @staticmethod
    def of(predictions: Dataset, truth: Dataset, join: Join | None = None) -> DatasetPair:
        """Join two datasets; see :mod:`.joining`. Raises ``UsageError`` if one of them is something else."""
        for name, given in (("predictions", predictions), ("truth", truth)):
            if not isinstance(given, Dataset):
                raise UsageError(
                    f"{name} must be a Dataset, not {type(given).__name__}: read_dataset(path) reads one, "
                    "RecordingImporter().read(path)[0] makes one of recorded answers"
                )
        joined = join_assets(predictions.assets, truth.assets, join)
        image, true_image = joined.predicted[predictions.asset], joined.true[truth.asset]
        return DatasetPair(predictions, truth, Answers.of(predictions, joined), image, true_image)


class Side(NamedTuple):
    """The N objects of one dataset that are evaluated, in the order of their rows. The rings of a mask are one."""

    #: ``(N,)``: the first row of each, and its place in the images and labels of the pairing.
    rows: Indices
    image: Indices
    label: Indices
    #: ``(P,)``: all their rows, those of one side by side; and ``(N,)``, where those of each begin.
    parts: Indices
    first: Indices

    def take(self, objects: Indices) -> Side:
        """Some of the objects, in this order."""
        counts = np.append(self.first[1:], len(self.parts)) - self.first
        parts = self.parts[ranges(self.first[objects], counts[objects])]
        first = np.cumsum(counts[objects]) - counts[objects]
        return Side(self.rows[objects], self.image[objects], self.label[objects], parts, first)

    def without_labels(self) -> Side:
        """The same, as if all had one label."""
        return self._replace(label=np.zeros_like(self.label))


class Paired(NamedTuple):
    """The objects of two datasets that one task compares."""

    answers: Answers
    labels: tuple[str, ...]
    prediction: Side
    truth: Side
    #: Crowds and other objects of the truth that do not count, nor do predictions of what lies there.
    ignored: Side
    #: The shapes with a timestamp on both sides, which do not count.
    timed: Rows


def pair(
    both: DatasetPair,
    kinds: tuple[AnnotationKind, ...],
    *,
    truth_kinds: tuple[AnnotationKind, ...] | None = None,
    ignored: bool = False,
    times: bool = False,
) -> Paired:
    """Choose the objects to compare: shapes of ``kinds``, and of ``truth_kinds`` in the truth if they differ.

    Crowds and ignored objects of the truth are apart, or count if ``ignored``; shapes with a timestamp count if
    ``times``. What has no label is labelled ``"object"``. Images and labels are sorted by name, so that shards give the
    same.
    """
    predictions, truth = both.predictions, both.truth
    found, timed = _counted(predictions, kinds, times=times)
    wanted, timed_truths = _counted(truth, truth_kinds or kinds, times=times)
    labels = sorted({*_used(predictions, found), *_used(truth, wanted)})
    apart = wanted & (truth.iscrowd | truth.ignore) & (not ignored)
    codes = {label: code for code, label in enumerate(labels)}
    left_out = np.append(both.image[timed], both.true_image[timed_truths])
    left_out = left_out[left_out >= 0]
    return Paired(
        both.answers,
        tuple(labels),
        _side(predictions, both.image, codes, found),
        _side(truth, both.true_image, codes, wanted & ~apart),
        _side(truth, both.true_image, codes, apart),
        Rows(image=left_out, label=np.full(len(left_out), -1)),
    )


def _counted(
    dataset: Dataset, kinds: tuple[AnnotationKind, ...], *, times: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """``(N,)`` each: which rows count, and which do not because they have a timestamp."""
    table = dataset.table
    of_kind = np.isin(table.kind, kinds)
    timed = of_kind & is_timed(dataset) & (not times)
    return of_kind & ~timed, timed


def is_timed(dataset: Dataset) -> NDArray[np.bool_]:
    """``(N,)``: whether a row is a shape with a timestamp."""
    table = dataset.table
    timed: NDArray[np.bool_] = (table.kind != AnnotationKind.CLIP) & (~np.isnan(table.t) | (table.track >= 0))
    return timed


def _used(dataset: Dataset, rows: NDArray[np.bool_]) -> set[str]:
    codes = np.unique(dataset.label[rows]).tolist()
    return {dataset.labels[code] if code >= 0 else UNNAMED for code in codes}


def _side(dataset: Dataset, image: Indices, codes: dict[str, int], counted: NDArray[np.bool_]) -> Side:
    of_label = np.array([*(codes.get(label, -1) for label in dataset.labels), codes.get(UNNAMED, -1)], dtype=np.int64)
    parts, first = dataset.by_object(np.flatnonzero(counted & (image >= 0)))
    rows = parts[first]
    return Side(rows, image[rows], of_label[dataset.label[rows]], parts, first)


class Queries(Rows, frozen=True, eq=False, kw_only=True):
    """Images and labels that the truth has, as questions: where is it?"""

    #: ``(Q,)``: how much the first prediction overlaps the best truth; 0 without a prediction.
    overlap: Floats


def first_overlaps(paired: Paired, overlaps: Overlaps, scores: Floats) -> Queries:
    """How well the first prediction of each image and label of the truth fits, those in order.

    The first is the one with the highest score, of equal ones the first written.
    """
    found, wanted = paired.prediction, paired.truth
    width = max(len(paired.labels), 1)
    queries = np.unique(wanted.image * width + wanted.label)
    asked = found.image * width + found.label
    order = np.lexsort((-np.nan_to_num(scores), asked))
    query, first = np.unique(asked[order], return_index=True)
    best = overlaps.best(len(asked))
    overlap = np.zeros(len(queries))
    if len(query):
        place = np.minimum(np.searchsorted(query, queries), len(query) - 1)
        overlap = np.where(query[place] == queries, best[order[first]][place], 0.0)
    return Queries(image=queries // width, label=queries % width, overlap=overlap)


def ranks(predictions: Dataset, paired: Paired) -> Floats:
    """``(N,)``: the scores of predictions; NaN for all of an image and label if one has none."""
    scores = predictions.table.score[paired.prediction.rows]
    _, group = np.unique(joint_keys(paired)[0], return_inverse=True)
    missing = np.bincount(group, weights=np.isnan(scores)) > 0 if len(group) else np.zeros(0, dtype=bool)
    return np.where(missing[group], np.nan, scores)


def joint_keys(paired: Paired) -> tuple[Indices, Indices]:
    """A number for the image and label of each prediction, and of each truth."""
    return keys_of(paired.prediction, paired.truth)


def keys_of(first: Side, second: Side) -> tuple[Indices, Indices]:
    """A number for the image and label of each object of two sides, equal for equal ones."""
    count = len(first.rows)
    image, label = np.append(first.image, second.image), np.append(first.label, second.label)
    key = joint_groups(label, image, count + len(second.rows))
    return key[:count], key[count:]
