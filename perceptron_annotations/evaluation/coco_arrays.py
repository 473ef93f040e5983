"""COCO's average precision and recall, equal to pycocotools to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from ..ops.arrays import Floats, Indices, as_floats
from ..ops.groups import as_scores
from .coco_matching import curves, mean_of_defined, ranked, sizes_of_ranges, wanted

#: COCO's sizes of objects in square pixels.
AREA_RANGES = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}


class Detections(NamedTuple):
    """Boxes as arrays; ``image`` and ``label`` are whole numbers from 0.

    ``xywh`` ``(N, 4)`` in pixels, since areas and edges are computed from it as COCO does; ``score`` ``(N,)``.
    """

    xywh: ArrayLike
    image: ArrayLike
    label: ArrayLike
    score: ArrayLike


class Truths(NamedTuple):
    """Boxes as arrays, in the order of their files; ``area`` is the object's own (its mask's, say), else its box's."""

    xywh: ArrayLike
    image: ArrayLike
    label: ArrayLike
    area: ArrayLike | None = None
    iscrowd: ArrayLike | None = None


class AveragePrecision(Struct, frozen=True, eq=False, kw_only=True):
    """COCO's metrics. What is not defined without truth is NaN (pycocotools says -1).

    >>> box = [[0, 0, 10, 10]]
    >>> found = average_precision(Detections(box, [0], [0], [0.9]), Truths(box, [0], [0]), 1)
    >>> round(found.metrics["ap50"], 6), found.ap_by_label.round(6).tolist()
    (1.0, [1.0])
    """

    ap: float
    ap50: float
    ap75: float
    ap_small: float
    ap_medium: float
    ap_large: float
    #: Average recall with as many detections an image as ``max_detections`` says, and by size with the most.
    ar_first: float
    ar_second: float
    ar: float
    ar_small: float
    ar_medium: float
    ar_large: float
    max_detections: tuple[int, int, int]
    #: ``(T, 101, K, A)``: precision by threshold, recall, label and size, with the most detections.
    precision: NDArray[np.float64]
    #: ``(T, K, A, 3)``: recall by threshold, label, size and number of detections.
    recall: NDArray[np.float64]

    @property
    def metrics(self) -> dict[str, float]:
        """The twelve by name, in COCO's order."""
        return {name: getattr(self, name) for name in self.__struct_fields__[:12]}

    @property
    def ap_by_label(self) -> NDArray[np.float64]:
        """``(K,)``: AP of each label; NaN for one without truth."""
        return np.array([mean_of_defined(self.precision[:, :, label, 0]) for label in range(self.precision.shape[2])])


def average_precision(
    detections: Detections, truths: Truths, labels: int, *, max_detections: Sequence[int] = (1, 10, 100)
) -> AveragePrecision:
    """COCO's twelve metrics of boxes given as arrays.

    Of equal scores the earlier image counts first, then the earlier detection; if many are equal, the metrics say
    little. Raises ``UsageError`` for arrays that do not fit together.

    Args:
        detections: What was predicted, N boxes.
        truths: What is true, M boxes.
        labels: How many labels there are, K.
        max_detections: Three rising numbers of detections an image, as in COCO.

    >>> detections = Detections([[0, 0, 10, 10], [50, 50, 9, 9]], [0, 0], [0, 0], [0.9, 0.8])
    >>> round(average_precision(detections, Truths([[0, 0, 10, 10]], [0], [0]), 1).ap, 6)
    1.0
    """
    if len(max_detections) != 3 or list(max_detections) != sorted(max_detections):  # noqa: PLR2004
        raise UsageError(f"max_detections must be three rising numbers, not {tuple(max_detections)}")
    xywh, boxes = as_floats("xywh", detections.xywh, 4), as_floats("xywh", truths.xywh, 4)
    crowd = np.zeros(len(boxes), dtype=bool) if truths.iscrowd is None else np.asarray(truths.iscrowd).astype(bool)
    area = boxes[:, 2] * boxes[:, 3] if truths.area is None else as_scores(truths.area, len(boxes))

    def overlap(detection: Indices, truth: Indices) -> Floats:
        return _coco_iou(xywh[detection], boxes[truth], crowd[truth])

    outside = sizes_of_ranges(AREA_RANGES, xywh[:, 2] * xywh[:, 3])
    dt = ranked(detections.image, detections.label, detections.score, outside, labels, max_detections[-1])
    gt = wanted(truths.image, truths.label, crowd, crowd | sizes_of_ranges(AREA_RANGES, area), labels)
    first, second, most = max_detections
    return _summary(*curves(dt, gt, overlap, labels, (first, second, most)), (first, second, most))


def _coco_iou(a: Floats, b: Floats, crowd: NDArray[np.bool_]) -> Floats:
    """As ``maskUtils.iou`` computes it: a crowd counts with the area of the detection alone."""
    width = np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 1] + a[:, 3], b[:, 1] + b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.where((width <= 0) | (height <= 0), 0.0, width * height)
    area = a[:, 2] * a[:, 3]
    whole = np.where(crowd, area, area + b[:, 2] * b[:, 3] - shared)
    return np.divide(shared, whole, out=np.zeros(len(shared)), where=shared > 0)


def _summary(precision: Floats, recall: Floats, most: tuple[int, int, int]) -> AveragePrecision:
    half, three_quarters = 0, 5
    found = AveragePrecision(
        ap=mean_of_defined(precision[:, :, :, 0]),
        ap50=mean_of_defined(precision[[half], :, :, 0]),
        ap75=mean_of_defined(precision[[three_quarters], :, :, 0]),
        ap_small=mean_of_defined(precision[:, :, :, 1]),
        ap_medium=mean_of_defined(precision[:, :, :, 2]),
        ap_large=mean_of_defined(precision[:, :, :, 3]),
        ar_first=mean_of_defined(recall[:, :, 0, 0]),
        ar_second=mean_of_defined(recall[:, :, 0, 1]),
        ar=mean_of_defined(recall[:, :, 0, 2]),
        ar_small=mean_of_defined(recall[:, :, 1, 2]),
        ar_medium=mean_of_defined(recall[:, :, 2, 2]),
        ar_large=mean_of_defined(recall[:, :, 3, 2]),
        max_detections=most,
        precision=precision,
        recall=recall,
    )
    for array in (precision, recall):
        array[array == -1.0] = np.nan
    return found
