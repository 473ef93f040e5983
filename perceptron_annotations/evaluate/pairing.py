"""Two datasets side by side: pictures joined by name, labels by word, and what only one of them has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import UNNAMED, Dataset
from ..ops.arrays import Indices


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


def pair(predictions: Dataset, truth: Dataset, kinds: tuple[int, ...], *, crowds: bool = False) -> Paired:
    """Join two datasets; ``kinds`` are the shapes that count; crowds of the truth do where ``crowds``.

    What has no label is labelled ``"object"``. Images and labels are sorted by name, so that shards give the same.
    """
    names = sorted({asset.file_name for asset in truth.assets})
    places = {name: place for place, name in enumerate(names)}
    labels = sorted({*_used(predictions), *_used(truth)})
    codes = {label: code for code, label in enumerate(labels)}
    predicted = {asset.file_name for asset in predictions.assets}
    return Paired(
        tuple(names),
        tuple(labels),
        _side(predictions, places, codes, np.isin(predictions.table.kind, kinds)),
        _side(truth, places, codes, np.isin(truth.table.kind, kinds) & (crowds | ~truth.iscrowd)),
        tuple(sorted(predicted - places.keys())),
        tuple(name for name in names if name not in predicted),
    )


def _used(dataset: Dataset) -> set[str]:
    found = {dataset.labels[code] for code in np.unique(dataset.label).tolist() if code >= 0}
    return found | ({UNNAMED} if (dataset.label < 0).any() else set())


def _side(dataset: Dataset, places: dict[str, int], codes: dict[str, int], counted: NDArray[np.bool_]) -> Side:
    of_asset = np.array([places.get(asset.file_name, -1) for asset in dataset.assets] or [-1], dtype=np.int64)
    of_label = np.array([*(codes.get(label, -1) for label in dataset.labels), codes.get(UNNAMED, -1)], dtype=np.int64)
    image = of_asset[dataset.asset]
    rows = np.flatnonzero(counted & (image >= 0))
    return Side(rows, image[rows], of_label[dataset.label[rows]])
