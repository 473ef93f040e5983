"""COCO results: a list of boxes and polygons with scores, which has names only beside the file of its truth."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from ....files import DECODE_ERRORS, decode_file, read_bytes, read_head, read_json
from ....problems import ProblemCode
from ...builder import boxes_dataset
from ...dataset import Dataset, DatasetAsset
from ...reports import Tally
from ...validation import count_outside
from .entries import MOST, ReadCategory, ReadImage

_RESULTS = re.compile(rb'\s*\[\s*(?:\]|\{[^{}\[\]]*"(?:image_id|category_id)"\s*:|\{[^{}]*"(?:bbox|segmentation)"\s*:)')
#: As much of a file is looked at.
_HEAD = 4096


class _Truth(Struct):
    images: list[ReadImage] = []
    categories: list[ReadCategory] = []


class Result(Struct, gc=False):
    """A box that was found."""

    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    score: float


def is_coco_results(path: str | Path) -> bool:
    """Whether a file is a list of results: a JSON list whose entries name an image, a category or a box."""
    place = Path(path)
    if place.suffix.lower() != ".json" or not place.is_file():
        return False
    return _RESULTS.match(read_head(place, _HEAD)) is not None


def read_coco_results(path: str | Path, annotations: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read the boxes of COCO results, with their scores, on the images and in the categories of ``annotations``.

    Every image of that file is an asset. What is malformed, not finite or names what is not there costs only itself and
    is counted in ``problems``. Raises ``FileError`` where a file is none of the two.
    """
    tally = Tally() if problems is None else problems
    truth = read_json(annotations, _Truth, "COCO file")
    entries = _results(path, tally)
    images = {each.id: place for place, each in enumerate(truth.images)}
    categories = {each.id: place for place, each in enumerate(truth.categories)}
    asset = np.array([images.get(each.image_id, -1) for each in entries], dtype=np.int64)
    label = np.array([categories.get(each.category_id, -1) for each in entries], dtype=np.int64)
    xywh = np.array([each.bbox for each in entries], dtype=np.float64).reshape(-1, 4)
    score = np.array([each.score for each in entries], dtype=np.float64)
    known = (asset >= 0) & (label >= 0)
    finite = (np.abs(xywh) < MOST).all(axis=1) & np.isfinite(score)
    for bad, problem in (
        (~known, ProblemCode.DANGLING_REFERENCE),
        (known & ~finite, ProblemCode.NON_FINITE_COORDINATES),
    ):
        places = np.flatnonzero(bad)
        if len(places):
            tally.add(problem, f"result {places[0]}", len(places))
    rows = np.flatnonzero(known & finite)
    rows = rows[np.argsort(asset[rows], kind="stable")]
    assets = [
        DatasetAsset(file_name=each.file_name, width=each.width, height=each.height, source_id=str(each.id))
        for each in truth.images
    ]
    corners = np.hstack([xywh[rows, :2], xywh[rows, :2] + xywh[rows, 2:]])
    labels = tuple(each.name for each in truth.categories)
    found = boxes_dataset(assets, labels, asset[rows], corners, label[rows], score=score[rows])
    return count_outside(found, tally)


def _results(path: str | Path, tally: Tally) -> list[Result]:
    """All entries at once, or where some are malformed those that are not."""
    data = read_bytes(path)
    try:
        return msgspec.json.decode(data, type=list[Result])
    except DECODE_ERRORS:
        entries = decode_file(data, path, list[msgspec.Raw], "list of COCO results")
    found = []
    for place, raw in enumerate(entries):
        try:
            found.append(msgspec.json.decode(raw, type=Result))
        except (msgspec.ValidationError, RecursionError) as error:
            tally.add(ProblemCode.MALFORMED_ENTRY, f"result {place}: {error}")
    return found
