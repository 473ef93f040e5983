"""Two datasets side by side: pictures joined by name, labels by word, and what only one of them has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import UNNAMED, Dataset
from ..ops.arrays import Floats, Indices
from ..ops.overlap import Pairs
from ..table.table import Kind


class Side(NamedTuple):
    """The rows of one dataset that are evaluated."""

    rows: Indices
    #: ``(N,)``: places in the images and labels of the pairing.
    image: Indices
    label: Indices


class Paired(NamedTuple):
    """What both have in common."""

    images: tuple[str, ...]
    labels: tuple[str, ...]
    prediction: Side
    truth: Side
    #: Pictures that were predicted and are not in the truth: their predictions are not counted.
    unknown_images: tuple[str, ...]
    #: Pictures of the truth about which nothing was predicted: their truths count as missed.
    unanswered_images: tuple[str, ...]
    #: How many shapes on both sides are at a time, as in videos: they do not count.
    timed: int


def pair(
    predictions: Dataset,
    truth: Dataset,
    kinds: tuple[Kind, ...],
    *,
    truth_kinds: tuple[Kind, ...] | None = None,
    crowds: bool = False,
) -> Paired:
    """Join two datasets; ``kinds`` are the shapes that count, ``truth_kinds`` those of the truth where they are others.

    Crowds of the truth count where ``crowds``; shapes at a time do not. What has no label is labelled ``"object"``.
    Images and labels are sorted by name, so that shards give the same.
    """
    names = sorted({asset.file_name for asset in truth.assets})
    places = {name: place for place, name in enumerate(names)}
    found, timed = _counted(predictions, kinds)
    wanted, timed_truths = _counted(truth, truth_kinds or kinds)
    wanted &= crowds | ~truth.iscrowd
    labels = sorted({*_used(predictions, found), *_used(truth, wanted)})
    codes = {label: code for code, label in enumerate(labels)}
    predicted = {asset.file_name for asset in predictions.assets}
    return Paired(
        tuple(names),
        tuple(labels),
        _side(predictions, places, codes, found),
        _side(truth, places, codes, wanted),
        tuple(sorted(predicted - places.keys())),
        tuple(name for name in names if name not in predicted),
        timed + timed_truths,
    )


def _counted(dataset: Dataset, kinds: tuple[Kind, ...]) -> tuple[NDArray[np.bool_], int]:
    """``(N,)``: which rows count, and how many do not because they are at a time."""
    table = dataset.table
    of_kind = np.isin(table.kind, kinds)
    timed = of_kind & (table.kind != Kind.CLIP) & (~np.isnan(table.t) | (table.track >= 0))
    return of_kind & ~timed, int(timed.sum())


def _used(dataset: Dataset, rows: NDArray[np.bool_]) -> set[str]:
    codes = np.unique(dataset.label[rows]).tolist()
    return {dataset.labels[code] if code >= 0 else UNNAMED for code in codes}


def _side(dataset: Dataset, places: dict[str, int], codes: dict[str, int], counted: NDArray[np.bool_]) -> Side:
    of_asset = np.array([places.get(asset.file_name, -1) for asset in dataset.assets] or [-1], dtype=np.int64)
    of_label = np.array([*(codes.get(label, -1) for label in dataset.labels), codes.get(UNNAMED, -1)], dtype=np.int64)
    image = of_asset[dataset.asset]
    rows = np.flatnonzero(counted & (image >= 0))
    return Side(rows, image[rows], of_label[dataset.label[rows]])


def first_overlaps(paired: Paired, pairs: Pairs, scores: Floats | None) -> tuple[Indices, Floats]:
    """For each picture and label of the truth, numbered ``image * labels + label`` and ascending: how much the first
    prediction of it overlaps the best truth; 0 where there is none.

    The first is the one with the highest score, or without scores the first written.
    """
    found, wanted = paired.prediction, paired.truth
    width = max(len(paired.labels), 1)
    queries = np.unique(wanted.image * width + wanted.label)
    asked = found.image * width + found.label
    turn = np.arange(len(asked)) if scores is None else np.argsort(np.argsort(-scores, kind="stable"))
    order = np.lexsort((turn, asked))
    query, first = np.unique(asked[order], return_index=True)
    best = np.zeros(len(asked))
    np.maximum.at(best, pairs.i, pairs.overlap)
    overlaps = np.zeros(len(queries))
    if len(query):
        place = np.minimum(np.searchsorted(query, queries), len(query) - 1)
        overlaps = np.where(query[place] == queries, best[order[first]][place], 0.0)
    return queries, overlaps
