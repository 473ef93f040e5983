"""COCO's metrics of keypoints straight from COCO's files, by their ``keypoints`` and ``area`` as they stand there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from ..datasets.formats.coco.entries import ReadCategory
from ..errors import FileError
from ..files import Source, read_json
from ..ops.arrays import Floats
from .coco_files import FoundImage, join_ids
from .coco_keypoints import KeypointAveragePrecision, PoseDetections, PoseTruths, keypoint_average_precision


class _Pose(Struct, gc=False):
    image_id: int | str
    category_id: int | str
    keypoints: list[float]
    bbox: tuple[float, float, float, float]
    area: float
    num_keypoints: int
    iscrowd: int = 0


class _Truth(Struct):
    images: list[FoundImage]
    annotations: list[_Pose]
    categories: list[ReadCategory]


class _Result(Struct, gc=False):
    image_id: int | str
    category_id: int | str
    keypoints: list[float]
    score: float
    bbox: list[float] = []


class CocoKeypointAveragePrecision(NamedTuple):
    """COCO's metrics, and the labels along their last axes: the categories of the file in the order of their ids."""

    average_precision: KeypointAveragePrecision
    labels: tuple[str, ...]


def evaluate_coco_keypoint_files(
    results: Source, annotations: Source, *, sigmas: ArrayLike | None = None, max_detections: int = 20
) -> CocoKeypointAveragePrecision:
    """COCO's AP and AR by object keypoint similarity, of a file of results against a file of people, say.

    Of equal scores the image with the lower id counts first, then the earlier result. Results in categories that the
    file does not have do not count. Warns with ``TiedScoresWarning`` if many scores are equal. Raises ``FileError`` if
    an entry is malformed, has another number of keypoints than the first, or names an image that does not exist.

    Args:
        results: A list of ``image_id``, ``category_id``, ``keypoints`` (x, y and a number that is not used) and
            ``score``; if the first one has a ``bbox``, the size of each is that of its ``bbox``.
        annotations: The truth, whose objects have ``keypoints``, ``num_keypoints``, ``bbox`` and ``area``.
        sigmas: The spread of each keypoint; without them COCO's own for 17 keypoints, else 1 by their number.
        max_detections: The most results of an image that count.

    >>> import json, pathlib
    >>> pose = {"image_id": 1, "category_id": 1, "keypoints": [5, 5, 2]}
    >>> truth = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "cat"}]}
    >>> truth["annotations"] = [pose | {"num_keypoints": 1, "bbox": [0, 0, 9, 9], "area": 81}]
    >>> _ = pathlib.Path("truth.json").write_text(json.dumps(truth))
    >>> _ = pathlib.Path("results.json").write_text(json.dumps([pose | {"score": 0.9}]))
    >>> round(evaluate_coco_keypoint_files("results.json", "truth.json").average_precision.ap50, 6)
    1.0
    """
    truth = read_json(annotations, _Truth, "COCO file of keypoints")
    found = read_json(results, list[_Result], "list of COCO results with keypoints")
    joined = join_ids(truth, found, annotations=annotations, results=results)
    known = joined.known
    poses, guesses = _triples(truth.annotations, annotations), _triples(found, results)
    area = _areas(found, results)
    metrics = keypoint_average_precision(
        PoseDetections(
            guesses[known][:, :, :2],
            joined.image[known],
            joined.label[known],
            joined.score[known],
            None if area is None else area[known],
        ),
        PoseTruths(
            poses,
            np.array([each.bbox for each in truth.annotations], dtype=np.float64).reshape(-1, 4),
            np.array([each.area for each in truth.annotations], dtype=np.float64),
            joined.true_image,
            joined.true_label,
            np.array([bool(each.iscrowd) for each in truth.annotations], dtype=bool),
            np.array([each.num_keypoints for each in truth.annotations], dtype=np.int64),
        ),
        len(joined.labels),
        sigmas=sigmas,
        max_detections=max_detections,
    )
    return CocoKeypointAveragePrecision(metrics, joined.labels)


def _triples(entries: Sequence[_Pose | _Result], path: Source) -> Floats:
    """``(N, k, 3)``: the keypoints of each entry. Raises ``FileError`` if one has another number of them."""
    lists = [each.keypoints for each in entries]
    count = len(lists[0]) if lists else 0
    for number, each in enumerate(lists):
        if len(each) != count or count % 3:
            raise FileError(
                f"{path}: entry {number} has {len(each)} numbers as keypoints, which must be three for each keypoint, "
                f"and as many as those of the first entry, {count}"
            )
    return np.array(lists, dtype=np.float64).reshape(len(lists), -1, 3)


def _areas(found: Sequence[_Result], path: Source) -> NDArray[np.float64] | None:
    """The areas of the boxes, if the first result has one; as in pycocotools, then all must have one."""
    if not (found and found[0].bbox):
        return None
    number = next((place for place, each in enumerate(found) if len(each.bbox) != 4), None)  # noqa: PLR2004
    if number is not None:
        raise FileError(f"{path}: result {number} has no bbox of four numbers, but the first result has one")
    return np.array([each.bbox[2] * each.bbox[3] for each in found], dtype=np.float64)
