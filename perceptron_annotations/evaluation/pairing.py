"""Two datasets side by side: images joined by name, labels by word, and what only one of them has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import UNNAMED, Dataset
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.groups import joint_groups
from ..ops.overlap import Pairs
from .answers import Answers
from .counts import Rows


class DatasetPair(NamedTuple):
    """Predictions and the truth, and the image of each of their rows: what all tasks share."""

    predictions: Dataset
    truth: Dataset
    answers: Answers
    #: ``(N,)`` of predictions, and of truths: the place of the image in ``answers``, -1 if the truth does not have it.
    image: Indices
    true_image: Indices

    @staticmethod
    def of(predictions: Dataset, truth: Dataset) -> DatasetPair:
        """Join two datasets; images join by file name. Raises ``UsageError`` if one of them is something else."""
        for name, given in (("predictions", predictions), ("truth", truth)):
            if not isinstance(given, Dataset):
                raise UsageError(
                    f"{name} must be a Dataset, not {type(given).__name__}: read_dataset(path) reads one, "
                    "RecordingImporter().read(path)[0] makes one of recorded answers"
                )
        answers = Answers.of(predictions, truth)
        places = {name: place for place, name in enumerate(answers.images)}
        return DatasetPair(predictions, truth, answers, _images(predictions, places), _images(truth, places))


class Side(NamedTuple):
    """The N objects of one dataset that are evaluated, in the order of their rows. The rings of a mask are one."""

    #: ``(N,)``: the first row of each, and its place in the images and labels of the pairing.
    rows: Indices
    image: Indices
    label: Indices
    #: ``(P,)``: all their rows, those of one side by side; and ``(N,)``, where those of each begin.
    parts: Indices
    first: Indices


class Paired(NamedTuple):
    """The objects of two datasets that one task compares."""

    answers: Answers
    labels: tuple[str, ...]
    prediction: Side
    truth: Side
    #: The shapes with a timestamp on both sides, which do not count.
    timed: Rows


def pair(
    both: DatasetPair,
    kinds: tuple[AnnotationKind, ...],
    *,
    truth_kinds: tuple[AnnotationKind, ...] | None = None,
    crowds: bool = False,
    times: bool = False,
) -> Paired:
    """Choose the objects to compare: shapes of ``kinds``, and of ``truth_kinds`` in the truth if they differ.

    Crowds of the truth count if ``crowds``, shapes with a timestamp if ``times``. What has no label is labelled
    ``"object"``. Images and labels are sorted by name, so that shards give the same.
    """
    predictions, truth = both.predictions, both.truth
    found, timed = _counted(predictions, kinds, times=times)
    wanted, timed_truths = _counted(truth, truth_kinds or kinds, times=times)
    wanted &= crowds | ~truth.iscrowd
    labels = sorted({*_used(predictions, found), *_used(truth, wanted)})
    codes = {label: code for code, label in enumerate(labels)}
    left_out = np.append(both.image[timed], both.true_image[timed_truths])
    left_out = left_out[left_out >= 0]
    return Paired(
        both.answers,
        tuple(labels),
        _side(predictions, both.image, codes, found),
        _side(truth, both.true_image, codes, wanted),
        Rows(image=left_out, label=np.full(len(left_out), -1)),
    )


def _counted(
    dataset: Dataset, kinds: tuple[AnnotationKind, ...], *, times: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """``(N,)`` each: which rows count, and which do not because they have a timestamp."""
    table = dataset.table
    of_kind = np.isin(table.kind, kinds)
    timed = of_kind & (table.kind != AnnotationKind.CLIP) & (~np.isnan(table.t) | (table.track >= 0)) & (not times)
    return of_kind & ~timed, timed


def _images(dataset: Dataset, places: dict[str, int]) -> Indices:
    """``(N,)``: the place of the image of each row, -1 if it is not among ``places``."""
    of_asset = np.array([places.get(asset.file_name, -1) for asset in dataset.assets], dtype=np.int64)
    return of_asset[dataset.asset]


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


def first_overlaps(paired: Paired, pairs: Pairs, scores: Floats) -> Queries:
    """How well the first prediction of each image and label of the truth fits, those in order.

    The first is the one with the highest score, of equal ones the first written.
    """
    found, wanted = paired.prediction, paired.truth
    width = max(len(paired.labels), 1)
    queries = np.unique(wanted.image * width + wanted.label)
    asked = found.image * width + found.label
    order = np.lexsort((-scores, asked))
    query, first = np.unique(asked[order], return_index=True)
    best = np.zeros(len(asked))
    np.maximum.at(best, pairs.i, pairs.overlap)
    overlaps = np.zeros(len(queries))
    if len(query):
        place = np.minimum(np.searchsorted(query, queries), len(query) - 1)
        overlaps = np.where(query[place] == queries, best[order[first]][place], 0.0)
    return Queries(image=queries // width, label=queries % width, overlap=overlaps)


def ranks(predictions: Dataset, paired: Paired) -> Floats:
    """``(N,)``: the order in which predictions match: by score, or 0 for all of an image and label if one has none."""
    scores = predictions.table.score[paired.prediction.rows]
    _, group = np.unique(joint_keys(paired)[0], return_inverse=True)
    missing = np.bincount(group, weights=np.isnan(scores)) > 0 if len(group) else np.zeros(0, dtype=bool)
    return np.where(missing[group], 0.0, scores)


def joint_keys(paired: Paired) -> tuple[Indices, Indices]:
    """A number for the image and label of each prediction, and of each truth."""
    found, wanted = paired.prediction, paired.truth
    count = len(found.rows)
    image, label = np.append(found.image, wanted.image), np.append(found.label, wanted.label)
    key = joint_groups(label, image, count + len(wanted.rows))
    return key[:count], key[count:]
