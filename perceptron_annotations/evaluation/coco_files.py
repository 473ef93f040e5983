"""COCO's metrics straight from COCO's files: by their ``bbox`` and ``area``, as pycocotools reads them.

A ``Dataset`` knows shapes, whose bounds and areas may differ from the ``bbox`` and ``area`` of a file. Here nothing is
computed anew, so that the metrics equal those of pycocotools to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.formats.coco.entries import ReadCategory
from ..datasets.formats.coco.results import Result
from ..errors import FileError
from ..files import Source, read_json
from ..ops.arrays import Floats, Indices
from .coco_arrays import AveragePrecision, Detections, Truths, average_precision
from .coco_dataset import warn_of_ties


class FoundImage(Struct, gc=False):
    """An image, as far as it is read."""

    id: int


class _Annotation(Struct, gc=False):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float | None = None
    iscrowd: int = 0


class _Truth(Struct):
    images: list[FoundImage]
    annotations: list[_Annotation]
    categories: list[ReadCategory]


class CocoAveragePrecision(NamedTuple):
    """COCO's metrics, and the labels along their last axes: the categories of the file in the order of their ids."""

    average_precision: AveragePrecision
    labels: tuple[str, ...]


def evaluate_coco_files(
    results: Source, annotations: Source, *, max_detections: Sequence[int] = (1, 10, 100)
) -> CocoAveragePrecision:
    """COCO's AP and AR of a file of results against a file of instances, by ``bbox`` and ``area`` as they stand there.

    Of equal scores the image with the lower id counts first, then the earlier result. Results in categories that the
    file does not have do not count. Warns with ``TiedScoresWarning`` if many scores are equal. Raises ``FileError`` if
    an entry is malformed or names an image that does not exist, which pycocotools refuses too.

    >>> import json, pathlib
    >>> box = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}
    >>> truth = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "cat"}], "annotations": [box]}
    >>> _ = pathlib.Path("truth.json").write_text(json.dumps(truth))
    >>> _ = pathlib.Path("results.json").write_text(json.dumps([box | {"score": 0.9}]))
    >>> round(evaluate_coco_files("results.json", "truth.json").average_precision.ap50, 6)
    1.0
    """
    truth = read_json(annotations, _Truth, "COCO file of boxes")
    found = read_json(results, list[Result], "list of COCO results")
    joined = join_ids(truth, found, annotations=annotations, results=results)
    known = joined.known
    boxes = [(*each.bbox, np.prod(each.bbox[2:]) if each.area is None else each.area) for each in truth.annotations]
    columns = np.array(boxes, dtype=np.float64).reshape(-1, 5)
    xywh = np.array([each.bbox for each in found], dtype=np.float64).reshape(-1, 4)
    metrics = average_precision(
        Detections(xywh[known], joined.image[known], joined.label[known], joined.score[known]),
        Truths(
            columns[:, :4],
            joined.true_image,
            joined.true_label,
            columns[:, 4],
            np.array([bool(each.iscrowd) for each in truth.annotations], dtype=bool),
        ),
        len(joined.labels),
        max_detections=max_detections,
    )
    return CocoAveragePrecision(metrics, joined.labels)


class _Entry(Protocol):
    @property
    def image_id(self) -> int | str: ...
    @property
    def category_id(self) -> int | str: ...


class _Scored(_Entry, Protocol):
    @property
    def score(self) -> float: ...


class _TruthFile(Protocol):
    @property
    def images(self) -> Sequence[FoundImage]: ...
    @property
    def annotations(self) -> Sequence[_Entry]: ...
    @property
    def categories(self) -> Sequence[ReadCategory]: ...


class JoinedIds(NamedTuple):
    """The ids of N results and M truths as indices of images and categories, which are in the order of their ids."""

    labels: tuple[str, ...]
    #: ``(N,)``: that of each result; its label is -1 if the file does not have its category.
    image: Indices
    label: Indices
    score: Floats
    #: ``(M,)``
    true_image: Indices
    true_label: Indices

    @property
    def known(self) -> NDArray[np.bool_]:
        """``(N,)``: whether the category of a result is one of the file."""
        return self.label >= 0


def join_ids(truth: _TruthFile, found: Sequence[_Scored], *, annotations: Source, results: Source) -> JoinedIds:
    """Look up what results and truths are about. Raises ``FileError`` for an id that the file does not have.

    Warns with ``TiedScoresWarning`` if many scores are equal.
    """
    images = _ids_in_order(each.id for each in truth.images)
    categories = _ids_in_order(each.id for each in truth.categories)
    names = {each.id: each.name for each in truth.categories}
    codes = {category: code for code, category in enumerate(categories)}
    true_image = _places_of([each.image_id for each in truth.annotations], images, annotations)
    image = _places_of([each.image_id for each in found], images, results)
    label = np.array([codes.get(each.category_id, -1) for each in found], dtype=np.int64)
    score = np.array([each.score for each in found], dtype=np.float64)
    warn_of_ties(image, label, score)
    true_label = _places_of([each.category_id for each in truth.annotations], categories, annotations)
    return JoinedIds(tuple(names[each] for each in categories), image, label, score, true_image, true_label)


def _ids_in_order(ids: Iterable[int | str]) -> list[int | str]:
    """Ids from the lowest, each once; text, which a few files have where COCO has numbers, comes last."""
    return sorted(set(ids), key=lambda number: (isinstance(number, str), number))


def _places_of(ids: Sequence[int | str], known: Sequence[int | str], path: Source) -> Indices:
    """The place of each id in a sorted list. Raises ``FileError`` if one is not in it."""
    places = {number: place for place, number in enumerate(known)}
    missing = next((number for number in ids if number not in places), None)
    if missing is not None:
        raise FileError(
            f"{path} names the id {missing}, which does not exist: give the file of annotations that it belongs to"
        )
    return np.array([places[number] for number in ids], dtype=np.int64)
