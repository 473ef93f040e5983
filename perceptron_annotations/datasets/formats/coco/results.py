"""COCO results: a list of boxes or keypoints with scores, whose ids get their names from the file of the truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import nan
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from ....files import DECODE_ERRORS, InputFile, Source, decode_file, read_head, read_json
from ....problems import OnProblem, ProblemCode
from ...builder import boxes_dataset
from ...dataset import Dataset
from ...keypoints import MISSING, MOST_KEYPOINTS, VISIBLE, Keypoints, Skeleton
from ...object_measures import own_measures
from .._details import read_keypoints
from .._reading import Reading, reading
from .annotation_rows import skeleton_of
from .entries import MOST, ReadCategory, ReadImage, same_id

_RESULTS = re.compile(
    rb'\s*\[\s*(?:\]|\{[^{}\[\]]*"(?:image_id|category_id)"\s*:|\{[^{}]*"(?:bbox|segmentation|keypoints)"\s*:)'
)
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


class _Found(Struct, gc=False):
    """A detected box, or pose, or both."""

    image_id: int | str
    category_id: int | str
    score: float
    bbox: tuple[float, float, float, float] | None = None
    keypoints: list[float] | None = None

    def __post_init__(self) -> None:
        self.image_id, self.category_id = same_id(self.image_id), same_id(self.category_id)
        if self.bbox is None and not self.keypoints:
            raise ValueError("it has neither a `bbox` nor `keypoints`")

    def xywh(self, pose: NDArray[np.float64] | None) -> tuple[float, ...]:
        """Its box, else the bounds of its keypoints, as in pycocotools; NaN without either."""
        if self.bbox is not None:
            return self.bbox
        if pose is None:
            return (nan,) * 4
        low, high = pose[:, :2].min(axis=0), pose[:, :2].max(axis=0)
        return (*low.tolist(), *(high - low).tolist())


def is_coco_results(source: Source) -> bool:
    """Whether a file is a list of results: a JSON list whose entries name an image, a category, a box or keypoints."""
    if not isinstance(source, InputFile) and not Path(source).is_file():
        return False
    return _RESULTS.match(read_head(source, _HEAD)) is not None


def read_coco_results(path: Source, annotations: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read the boxes and keypoints of COCO results, with their scores.

    Their images and categories are those of the file ``annotations``, of which every image is an asset. A pose without
    a box has the bounds of its keypoints, all of which are visible if their third number is not 0, since results have
    no visibility. Results that are malformed, not finite, or refer to what does not exist are left out. ``on_problem``
    is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if one of the
    files is not what it should be.

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
        known = (asset >= 0) & (label >= 0)
        poses = _poses(source, truth.categories, entries, np.where(known, label, -1))
        boxes = [each.xywh(pose) for each, pose in zip(entries, poses.of_entries, strict=True)]
        xywh = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        score = np.array([each.score for each in entries], dtype=np.float64)
        finite = (np.abs(xywh) < MOST).all(axis=1) & np.isfinite(score)
        for number in np.flatnonzero(~known).tolist():
            found = entries[number]
            missing = f"image {found.image_id}" if asset[number] < 0 else f"category {found.category_id}"
            source.problem(ProblemCode.DANGLING_REFERENCE, f"result {number}", f"there is no {missing}")
        has_shape = ~np.isnan(xywh).any(axis=1)  # keypoints that do not fit were told
        for number in np.flatnonzero(known & has_shape & ~finite).tolist():
            source.problem(ProblemCode.NON_FINITE_COORDINATES, f"result {number}")
        rows = np.flatnonzero(known & finite)
        rows = rows[np.argsort(asset[rows], kind="stable")]
        assets = [each.asset() for each in truth.images]
        corners = np.hstack([xywh[rows, :2], xywh[rows, :2] + xywh[rows, 2:]])
        labels = tuple(each.name for each in truth.categories)
        dataset = boxes_dataset(assets, labels, asset[rows], corners, label[rows], score=score[rows])
        return source.checked(own_measures(poses.entered(structs.replace(dataset, bbox=xywh[rows]), rows)))


class _Poses(NamedTuple):
    """The keypoints of the results, ``(k, 3)`` or None for each, and the skeletons of the categories."""

    of_entries: Sequence[NDArray[np.float64] | None]
    skeletons: tuple[Skeleton | None, ...]

    def entered(self, dataset: Dataset, entries: NDArray[np.int64]) -> Dataset:
        """The dataset of some entries with their keypoints, if there are any."""
        chosen = [self.of_entries[entry] for entry in entries.tolist()]
        if all(pose is None for pose in chosen):
            return dataset
        return structs.replace(dataset, keypoints=Keypoints.of_rows(chosen), skeletons=self.skeletons)


def _poses(
    source: Reading, categories: Sequence[ReadCategory], entries: Sequence[_Found], label: NDArray[np.int64]
) -> _Poses:
    """What the results have as keypoints; ``label`` is the place of the category of each, -1 for what is left out."""
    longest = dict.fromkeys(range(len(categories)), 0)
    for each, code in zip(entries, label.tolist(), strict=True):
        if each.keypoints and code >= 0:
            longest[code] = max(longest[code], min(len(each.keypoints) // 3, MOST_KEYPOINTS))
    if not any(longest.values()):
        return _Poses([None] * len(entries), ())
    skeletons = tuple(
        skeleton_of(source, each, 0 if each.keypoints else longest[code], f"category {each.id}")
        for code, each in enumerate(categories)
    )
    found: list[NDArray[np.float64] | None] = []
    for number, (each, code) in enumerate(zip(entries, label.tolist(), strict=True)):
        skeleton = None if code < 0 or not each.keypoints else skeletons[code]
        found.append(None if skeleton is None else _pose(source, each.keypoints or [], skeleton, f"result {number}"))
    return _Poses(found, skeletons)


def _pose(source: Reading, numbers: Sequence[float], skeleton: Skeleton, place: str) -> NDArray[np.float64] | None:
    """``(k, 3)``: the keypoints of a result, whose third number may be how sure it is."""
    seen = [float(VISIBLE if number else MISSING) for number in numbers[2::3]]
    triples = list(numbers)
    triples[2::3] = seen
    return read_keypoints(source, triples, skeleton, place)


def _results(source: Reading) -> list[_Found]:
    """All entries at once, or if some are malformed those that are not."""
    data = source.data()
    try:
        return msgspec.json.decode(data, type=list[_Found])
    except DECODE_ERRORS:
        entries = decode_file(data, source.path, list[msgspec.Raw], "list of COCO results")
    found = []
    for number, raw in enumerate(entries):
        try:
            found.append(msgspec.json.decode(raw, type=_Found))
        except DECODE_ERRORS as error:
            source.problem(ProblemCode.MALFORMED_ENTRY, f"result {number}", error)
    return found
