"""COCO's figures straight from COCO's files: by the boxes and areas that stand there, as pycocotools reads them.

A ``Dataset`` knows shapes, whose bounds and areas may differ from a file's ``bbox`` and ``area``; here nothing is made
anew, so that the figures are pycocotools' to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from ..datasets.formats.coco.entries import ReadCategory
from ..datasets.formats.coco.results import Result
from ..errors import FileError
from ..files import read_json
from ..ops.arrays import Indices
from .coco_arrays import AveragePrecision, Detections, Truths, average_precision
from .coco_dataset import warn_of_ties


class _Image(Struct, gc=False):
    id: int


class _Annotation(Struct, gc=False):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float | None = None
    iscrowd: int = 0


class _Truth(Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[ReadCategory]


class CocoRanking(NamedTuple):
    """COCO's figures, and the labels along their last axes: the categories of the file by their ids."""

    figures: AveragePrecision
    labels: tuple[str, ...]


def evaluate_coco_files(
    results: str | Path, annotations: str | Path, *, max_detections: Sequence[int] = (1, 10, 100)
) -> CocoRanking:
    """COCO's AP and AR of a file of results against one of instances, by ``bbox`` and ``area`` as they stand.

    Of equal scores the image with the lower id counts first, then the earlier result. Results in categories that the
    file does not have do not count. Warns where many scores are equal. Raises ``FileError`` where an entry is malformed
    or names an image that is not there, as pycocotools refuses it.
    """
    truth = read_json(annotations, _Truth, "COCO file of boxes")
    found = read_json(results, list[Result], "list of COCO results")
    images, categories = sorted({each.id for each in truth.images}), sorted({each.id for each in truth.categories})
    names = {each.id: each.name for each in truth.categories}
    wanted = _places([each.image_id for each in truth.annotations], images, annotations)
    image = _places([each.image_id for each in found], images, results)
    codes = {category: code for code, category in enumerate(categories)}
    label = np.array([codes.get(each.category_id, -1) for each in found], dtype=np.int64)
    score = np.array([each.score for each in found], dtype=np.float64)
    warn_of_ties(image, label, score)
    known = label >= 0
    boxes = [(*each.bbox, np.prod(each.bbox[2:]) if each.area is None else each.area) for each in truth.annotations]
    columns = np.array(boxes, dtype=np.float64).reshape(-1, 5)
    xywh = np.array([each.bbox for each in found], dtype=np.float64).reshape(-1, 4)
    figures = average_precision(
        Detections(xywh[known], image[known], label[known], score[known]),
        Truths(
            columns[:, :4],
            wanted,
            _places([each.category_id for each in truth.annotations], categories, annotations),
            columns[:, 4],
            np.array([bool(each.iscrowd) for each in truth.annotations], dtype=bool),
        ),
        len(categories),
        max_detections=max_detections,
    )
    return CocoRanking(figures, tuple(names[category] for category in categories))


def _places(ids: Sequence[int], known: Sequence[int], path: str | Path) -> Indices:
    """The place of each id in a sorted list. Raises ``FileError`` for one that is not in it."""
    places = {number: place for place, number in enumerate(known)}
    missing = next((number for number in ids if number not in places), None)
    if missing is not None:
        raise FileError(f"{path} names the id {missing}, which is not there: give the annotations it belongs to")
    return np.array([places[number] for number in ids], dtype=np.int64)
