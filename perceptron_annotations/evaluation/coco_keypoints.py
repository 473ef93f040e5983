"""COCO's average precision of keypoints, equal to pycocotools to the last bit.

Poses match as boxes do, but what they have in common is their object keypoint similarity (OKS): how near each keypoint
is to that of the truth, on the scale of the object and of how exactly people label that keypoint.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from ..ops.arrays import Floats, Indices, as_floats
from ..ops.groups import as_scores
from .coco_matching import Overlap, curves, mean_of_defined, ranked, sizes_of_ranges, wanted

#: COCO's sizes of objects with keypoints, in square pixels: small ones have none.
KEYPOINT_AREA_RANGES = {"all": (0.0, 1e5**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e5**2)}
#: How exactly people label the 17 keypoints of COCO: the spread of their labels, relative to the size of the object.
COCO_SIGMAS = np.array(
    [0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]
)
COCO_SIGMAS /= 10.0


class PoseDetections(NamedTuple):
    """Poses as arrays; ``image`` and ``label`` are whole numbers from 0.

    ``xy`` ``(N, k, 2)`` in pixels, ``score`` ``(N,)``; ``area`` is that of their boxes, else of the bounds of ``xy``.
    """

    xy: ArrayLike
    image: ArrayLike
    label: ArrayLike
    score: ArrayLike
    area: ArrayLike | None = None


class PoseTruths(NamedTuple):
    """Poses as arrays, in the order of their files.

    ``keypoints`` ``(M, k, 3)`` are x, y and visibility, ``xywh`` ``(M, 4)`` the boxes, ``area`` ``(M,)`` the object's
    own. ``labelled`` says how many keypoints a file claims; a pose without any is ignored.
    """

    keypoints: ArrayLike
    xywh: ArrayLike
    area: ArrayLike
    image: ArrayLike
    label: ArrayLike
    iscrowd: ArrayLike | None = None
    labelled: ArrayLike | None = None


class KeypointAveragePrecision(Struct, frozen=True, eq=False, kw_only=True):
    """COCO's metrics of keypoints. What is not defined without truth is NaN (pycocotools says -1).

    >>> truth = PoseTruths([[[10, 10, 2], [30, 40, 2]]], [[5, 5, 40, 50]], [2000], [0], [0])
    >>> detections = PoseDetections([[[10, 10], [30, 40]]], [0], [0], [0.9])
    >>> found = keypoint_average_precision(detections, truth, 1)
    >>> round(found.ap, 6), found.ap_by_label.round(6).tolist()
    (1.0, [1.0])
    """

    ap: float
    ap50: float
    ap75: float
    ap_medium: float
    ap_large: float
    ar: float
    ar50: float
    ar75: float
    ar_medium: float
    ar_large: float
    #: The most detections of an image that count.
    max_detections: int
    #: ``(k,)``: the spread of each keypoint that was taken.
    sigmas: NDArray[np.float64]
    #: ``(T, 101, K, A)``: precision by threshold, recall, label and size.
    precision: NDArray[np.float64]
    #: ``(T, K, A)``: recall by threshold, label and size.
    recall: NDArray[np.float64]

    @property
    def metrics(self) -> dict[str, float]:
        """The ten by name, in COCO's order."""
        return {name: getattr(self, name) for name in self.__struct_fields__[:10]}

    @property
    def ap_by_label(self) -> NDArray[np.float64]:
        """``(K,)``: AP of each label; NaN for one without truth."""
        return np.array([mean_of_defined(self.precision[:, :, label, 0]) for label in range(self.precision.shape[2])])


def keypoint_average_precision(
    detections: PoseDetections,
    truths: PoseTruths,
    labels: int,
    *,
    sigmas: ArrayLike | None = None,
    max_detections: int = 20,
) -> KeypointAveragePrecision:
    """COCO's ten metrics of poses of k keypoints given as arrays.

    Of equal scores the earlier image counts first, then the earlier detection. A truth without labelled keypoints is
    ignored, and so is what lies about its box. Raises ``UsageError`` for arrays that do not fit together.

    Args:
        detections: What was predicted, N poses.
        truths: What is true, M poses.
        labels: How many labels there are, K.
        sigmas: ``(k,)``: the spread of each keypoint; without them COCO's own if k is 17, else ``1 / k`` for each.
        max_detections: The most detections of an image that count.

    >>> found = PoseDetections([[[11, 10], [30, 40]]], [0], [0], [0.9])
    >>> truth = PoseTruths([[[10, 10, 2], [30, 40, 0]]], [[5, 5, 40, 50]], [2000], [0], [0])
    >>> round(keypoint_average_precision(found, truth, 1, sigmas=[0.1, 0.1]).ap, 6)
    1.0
    """
    if max_detections < 1:
        raise UsageError(f"max_detections must be 1 or more, not {max_detections}")
    found, poses = _poses("xy", detections.xy, 2), _poses("keypoints", truths.keypoints, 3)
    count = max(found.shape[1], poses.shape[1])
    spread = _sigmas(sigmas, count)
    for name, array in (("xy", found), ("keypoints", poses)):
        if len(array) and array.shape[1] != len(spread):
            raise UsageError(f"{name} must have {len(spread)} keypoints each, not {array.shape[1]}")
    boxes, area = as_floats("xywh", truths.xywh, 4), as_scores(truths.area, len(poses))
    if len(boxes) != len(poses):
        raise UsageError(f"xywh must be {len(poses)} boxes, not {len(boxes)}")
    crowd = np.zeros(len(poses), dtype=bool) if truths.iscrowd is None else np.asarray(truths.iscrowd).astype(bool)
    labelled = (poses[:, :, 2] > 0).sum(axis=1) if truths.labelled is None else np.asarray(truths.labelled)
    outside = sizes_of_ranges(KEYPOINT_AREA_RANGES, _area_of_found(found, detections.area))
    ignored = crowd | (labelled == 0) | sizes_of_ranges(KEYPOINT_AREA_RANGES, area)
    dt = ranked(detections.image, detections.label, detections.score, outside, labels, max_detections)
    gt = wanted(truths.image, truths.label, crowd, ignored, labels)
    similarity = _similarity(found, poses, boxes, area, spread)
    return _summary(*curves(dt, gt, similarity, labels, (max_detections,)), max_detections, spread)


def _poses(name: str, given: ArrayLike, width: int) -> Floats:
    """``(N, k, width)`` numbers."""
    array = np.asarray(given, dtype=np.float64)
    if not array.size:
        return np.empty((0, 0, width))
    if array.ndim != 3 or array.shape[2] != width:  # noqa: PLR2004
        raise UsageError(f"{name} must be of shape (N, k, {width}), not {array.shape}")
    return array


def _sigmas(given: ArrayLike | None, count: int) -> Floats:
    """The spread of each keypoint."""
    if given is None:
        return COCO_SIGMAS if count == len(COCO_SIGMAS) else np.full(count, 1.0 / max(count, 1))
    sigmas = as_floats("sigmas", given)
    if not (sigmas > 0).all():
        raise UsageError("sigmas must be above zero")
    return sigmas


def _area_of_found(xy: Floats, given: ArrayLike | None) -> Floats:
    """The areas of the detections."""
    if given is not None:
        return as_scores(given, len(xy))
    if not len(xy):
        return np.empty(0)
    sides = xy.max(axis=1) - xy.min(axis=1)
    area: Floats = sides[:, 0] * sides[:, 1]
    return area


# -- similarity ------------------------------------------------------------------------------------------------------


def _similarity(found: Floats, poses: Floats, boxes: Floats, area: Floats, sigmas: Floats) -> Overlap:
    """OKS of pairs, as ``computeOks`` computes it: with the same sums in the same order."""
    variances = (sigmas * 2) ** 2
    visible = poses[:, :, 2] > 0 if len(poses) else np.zeros((0, len(sigmas)), dtype=bool)
    counts = visible.sum(axis=1)

    def overlap(detection: Indices, truth: Indices) -> Floats:
        similarity = np.zeros(len(detection))
        for count in np.unique(counts[truth]).tolist():
            some = np.flatnonzero(counts[truth] == count)
            theirs, ours = truth[some], found[detection[some]]
            if count:
                places = np.nonzero(visible[theirs])[1].reshape(-1, count)
                rows = np.arange(len(some))[:, None]
                distance = ours[rows, places] - poses[theirs[:, None], places, :2]
            else:
                places = np.broadcast_to(np.arange(len(sigmas)), (len(some), len(sigmas)))
                distance = _beyond(ours, boxes[theirs])
            with np.errstate(over="ignore", invalid="ignore"):
                squared = distance[:, :, 0] ** 2 + distance[:, :, 1] ** 2
                error = squared / variances[places] / (area[theirs, None] + np.spacing(1)) / 2
                similarity[some] = np.sum(np.exp(-error), axis=1) / error.shape[1]
        return similarity

    return overlap


def _beyond(xy: Floats, boxes: Floats) -> Floats:
    """How far each keypoint lies beyond a box of three times the size: what is near a truth without keypoints."""
    low = boxes[:, None, :2] - boxes[:, None, 2:]
    high = boxes[:, None, :2] + boxes[:, None, 2:] * 2
    beyond: Floats = np.maximum(0.0, low - xy) + np.maximum(0.0, xy - high)
    return beyond


def _summary(precision: Floats, recall: Floats, most: int, sigmas: Floats) -> KeypointAveragePrecision:
    half, three_quarters = 0, 5
    recalls = recall[..., 0]
    found = KeypointAveragePrecision(
        ap=mean_of_defined(precision[:, :, :, 0]),
        ap50=mean_of_defined(precision[[half], :, :, 0]),
        ap75=mean_of_defined(precision[[three_quarters], :, :, 0]),
        ap_medium=mean_of_defined(precision[:, :, :, 1]),
        ap_large=mean_of_defined(precision[:, :, :, 2]),
        ar=mean_of_defined(recalls[:, :, 0]),
        ar50=mean_of_defined(recalls[[half], :, 0]),
        ar75=mean_of_defined(recalls[[three_quarters], :, 0]),
        ar_medium=mean_of_defined(recalls[:, :, 1]),
        ar_large=mean_of_defined(recalls[:, :, 2]),
        max_detections=most,
        sigmas=sigmas,
        precision=precision,
        recall=recalls,
    )
    for array in (precision, recall):
        array[array == -1.0] = np.nan
    return found
