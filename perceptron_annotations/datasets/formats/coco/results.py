"""COCO results: a list of boxes with scores, whose ids get their names from the file of the truth."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct, structs

from ....files import DECODE_ERRORS, Source, decode_file, read_head, read_json
from ....problems import OnProblem, ProblemCode
from ...builder import boxes_dataset
from ...dataset import Dataset
from ...object_measures import own_measures
from .._reading import Reading, reading
from .entries import MOST, ReadCategory, ReadImage, same_id

_RESULTS = re.compile(rb'\s*\[\s*(?:\]|\{[^{}\[\]]*"(?:image_id|category_id)"\s*:|\{[^{}]*"(?:bbox|segmentation)"\s*:)')
#: Bytes of a file that are looked at.
_HEAD = 4096


class _Truth(Struct):
    images: list[ReadImage] = []
    categories: list[ReadCategory] = []


class Result(Struct, gc=False):
    """A detected box."""

    image_id: int | str
    category_id: int | str
    bbox: tuple[float, float, float, float]
    score: float

    def __post_init__(self) -> None:
        self.image_id, self.category_id = same_id(self.image_id), same_id(self.category_id)


def is_coco_results(source: Source) -> bool:
    """Whether a file is a list of results: a JSON list whose entries name an image, a category or a box."""
    path = Path(source)
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    return _RESULTS.match(read_head(source, _HEAD)) is not None


def read_coco_results(path: Source, annotations: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read the boxes of COCO results, with their scores, on the images and in the categories of ``annotations``.

    Every image of that file is an asset. Results that are malformed, not finite, or refer to what does not exist are
    left out. ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises
    ``FileError`` if one of the files is not what it should be.

    >>> from pathlib import Path
    >>> truth = '{"images": [{"id": 7, "file_name": "a.png"}], "categories": [{"id": 3, "name": "cat"}]}'
    >>> _ = Path("truth.json").write_text(truth)
    >>> results = '[{"image_id": 7, "category_id": 3, "bbox": [4, 8, 16, 22], "score": 0.9}]'
    >>> _ = Path("results.json").write_text(results)
    >>> pa.datasets.read_coco_results("results.json", "truth.json").table.score.tolist()
    [0.9]
    """
    with reading(path, on_problem) as source:
        truth = read_json(annotations, _Truth, "COCO file")
        entries = _results(source)
        images = {each.id: place for place, each in enumerate(truth.images)}
        categories = {each.id: place for place, each in enumerate(truth.categories)}
        asset = np.array([images.get(each.image_id, -1) for each in entries], dtype=np.int64)
        label = np.array([categories.get(each.category_id, -1) for each in entries], dtype=np.int64)
        xywh = np.array([each.bbox for each in entries], dtype=np.float64).reshape(-1, 4)
        score = np.array([each.score for each in entries], dtype=np.float64)
        known = (asset >= 0) & (label >= 0)
        finite = (np.abs(xywh) < MOST).all(axis=1) & np.isfinite(score)
        for number in np.flatnonzero(~known).tolist():
            found = entries[number]
            missing = f"image {found.image_id}" if asset[number] < 0 else f"category {found.category_id}"
            source.problem(ProblemCode.DANGLING_REFERENCE, f"result {number}", f"there is no {missing}")
        for number in np.flatnonzero(known & ~finite).tolist():
            source.problem(ProblemCode.NON_FINITE_COORDINATES, f"result {number}")
        rows = np.flatnonzero(known & finite)
        rows = rows[np.argsort(asset[rows], kind="stable")]
        assets = [each.asset() for each in truth.images]
        corners = np.hstack([xywh[rows, :2], xywh[rows, :2] + xywh[rows, 2:]])
        labels = tuple(each.name for each in truth.categories)
        dataset = boxes_dataset(assets, labels, asset[rows], corners, label[rows], score=score[rows])
        return source.checked(own_measures(structs.replace(dataset, bbox=xywh[rows])))


def _results(source: Reading) -> list[Result]:
    """All entries at once, or if some are malformed those that are not."""
    data = source.data()
    try:
        return msgspec.json.decode(data, type=list[Result])
    except DECODE_ERRORS:
        entries = decode_file(data, source.path, list[msgspec.Raw], "list of COCO results")
    found = []
    for number, raw in enumerate(entries):
        try:
            found.append(msgspec.json.decode(raw, type=Result))
        except DECODE_ERRORS as error:
            source.problem(ProblemCode.MALFORMED_ENTRY, f"result {number}", error)
    return found
