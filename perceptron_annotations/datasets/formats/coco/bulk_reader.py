"""COCO files in which nothing is wrong, read at once.

A whole file is decoded into typed fields, and its columns are checked together. If anything is wrong, or if there is
what is rare (keypoints, masks), ``read_coco`` reads entry by entry instead, which is slower and says what is wrong.
"""

from __future__ import annotations

from itertools import chain

import msgspec
import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from ....files import DECODE_ERRORS
from ....geometry import AnnotationKind
from ....ops.groups import ranges
from ...dataset import Dataset, DatasetAsset, dataset_table
from ...object_measures import own_measures
from .entries import MOST, ReadCategory, ReadImage, ReadOwn

_BOX_NUMBERS = 4
_LEAST_RING = 6
_NO_BOX = (float("nan"),) * _BOX_NUMBERS


class _Annotation(Struct, gc=False, forbid_unknown_fields=True):
    image_id: int
    category_id: int
    id: int | str | None = None
    bbox: list[float] | None = None
    segmentation: list[list[float]] | None = None
    keypoints: None = None
    area: float | None = None
    iscrowd: int | bool = 0
    ignore: int | bool = 0
    score: float | None = None
    attributes: dict[str, str | int | float | bool] | None = None
    perceptron_annotations: ReadOwn | None = None


class _File(Struct):
    images: list[ReadImage]
    annotations: list[_Annotation]
    categories: list[ReadCategory]


def read_sound_coco(data: bytes) -> Dataset | None:
    """The dataset of a COCO file, or None if it has to be read entry by entry."""
    try:
        file = msgspec.json.decode(data, type=_File)
    except DECODE_ERRORS:
        return None
    images = {image.id: place for place, image in enumerate(file.images)}
    labels = tuple(category.name for category in file.categories)
    if any(image.file_name is None for image in file.images):
        return None
    categories = {category.id: place for place, category in enumerate(file.categories)}
    entries = file.annotations
    ids = [entry.id for entry in entries if entry.id is not None]
    repeated = len(images) < len(file.images) or len(set(labels)) < len(labels) or len(set(ids)) < len(ids)
    if repeated or len(categories) < len(labels) or any(category.keypoints for category in file.categories):
        return None
    if any(len(entry.bbox or _NO_BOX) != _BOX_NUMBERS for entry in entries):
        return None
    asset = np.array([images.get(entry.image_id, -1) for entry in entries], dtype=np.int64)
    label = np.array([categories.get(entry.category_id, -1) for entry in entries], dtype=np.int32)
    shapes = [entry.segmentation or [entry.bbox or []] for entry in entries]
    numbers = np.array([len(shape) for shape in chain.from_iterable(shapes)], dtype=np.int64)
    rows = np.repeat(np.arange(len(entries)), [len(each) for each in shapes])
    is_ring = np.array([bool(entry.segmentation) for entry in entries], dtype=bool)[rows]
    flat = np.array(list(chain.from_iterable(chain.from_iterable(shapes))), dtype=np.float64)
    is_sound = np.where(is_ring, (numbers >= _LEAST_RING) & (numbers % 2 == 0), numbers == _BOX_NUMBERS)
    if not (is_sound.all() and (np.abs(flat) < MOST).all() and (asset >= 0).all() and (label >= 0).all()):
        return None
    assets = tuple([image.asset() for image in file.images])
    found = _dataset(assets, labels, entries, _Rows(asset[rows], label[rows], rows, is_ring, numbers // 2, flat))
    return own_measures(structs.replace(found, label_sources=tuple([each.source for each in file.categories])))


class _Rows(Struct):
    """Columns of boxes and rings; ``flat`` has the numbers of all of them, of a box its top left corner and size."""

    asset: NDArray[np.int64]
    label: NDArray[np.int32]
    entry: NDArray[np.int64]
    is_ring: NDArray[np.bool_]
    pairs: NDArray[np.int64]
    flat: NDArray[np.float64]


def _dataset(
    assets: tuple[DatasetAsset, ...], labels: tuple[str, ...], entries: list[_Annotation], rows: _Rows
) -> Dataset:
    coords = rows.flat.reshape(-1, 2)
    offsets = np.concatenate([[0], np.cumsum(rows.pairs)])
    first = offsets[:-1][~rows.is_ring]
    coords[first + 1] += coords[first]
    order = np.argsort(rows.asset, kind="stable")
    pairs = rows.pairs[order]
    entry = rows.entry[order]
    count = len(order)
    owns = [each.perceptron_annotations for each in entries]
    scores = [
        each.score if each.score is not None else own.score if own is not None else None
        for each, own in zip(entries, owns, strict=True)
    ]
    sources = [
        (own.source if own is not None else None) or ("" if each.id is None else str(each.id))
        for each, own in zip(entries, owns, strict=True)
    ]
    missing = np.full(count, np.nan)
    attributes = [tuple(each.attributes.items()) if each.attributes else () for each in entries]
    boxes = np.array([each.bbox or _NO_BOX for each in entries], dtype=np.float64).reshape(-1, _BOX_NUMBERS)
    return Dataset(
        assets=assets,
        labels=labels,
        table=dataset_table(
            assets,
            response=rows.asset[order],
            kind=np.where(rows.is_ring[order], AnnotationKind.POLYGON, AnnotationKind.BOX).astype(np.uint8),
            score=np.array(scores, dtype=np.float64)[entry],
            t=missing,
            until=missing,
            coords=coords[ranges(offsets[:-1][order], pairs)],
            offsets=np.concatenate([[0], np.cumsum(pairs)]).astype(np.int64),
            mention=rows.label[order],
            mentions=labels,
        ),
        label=rows.label[order],
        object=entry,
        iscrowd=np.array([bool(each.iscrowd) for each in entries], dtype=bool)[entry],
        ignore=np.array([bool(each.ignore) for each in entries], dtype=bool)[entry],
        bbox=boxes[entry],
        area=np.array([each.area for each in entries], dtype=np.float64)[entry],
        attributes=tuple([attributes[place] for place in entry.tolist()]) if any(attributes) else None,
        source=tuple([sources[place] for place in entry.tolist()]) if any(sources) else None,
    )
