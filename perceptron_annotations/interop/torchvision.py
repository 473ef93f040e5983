"""A :class:`Dataset` → the targets that torchvision's detection models are trained with."""

from __future__ import annotations

from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ._box_rows import box_rows


class DetectionTarget(TypedDict):
    """What torchvision wants to know of one image, with NumPy arrays in place of tensors."""

    #: ``(N, 4)``: left, top, right, bottom in pixels, with an area above zero.
    boxes: NDArray[np.float32]
    #: ``(N,)``: labels from 1; 0 is the background, and a box without a label.
    labels: NDArray[np.int64]
    #: The index of the asset.
    image_id: int
    #: ``(N,)``: in square pixels.
    area: NDArray[np.float32]
    #: ``(N,)``: 0 or 1.
    iscrowd: NDArray[np.int64]
    #: ``(N, k, 3)``: x, y, and 1 if the keypoint is labelled, else 0; only if all skeletons have k keypoints.
    keypoints: NotRequired[NDArray[np.float32]]


def to_torchvision(dataset: Dataset) -> list[DetectionTarget]:
    """A target for each asset, in their order. ``torch.from_numpy`` makes tensors of its arrays without a copy.

    Polygons become their bounding boxes; points and clips are left out, and so are boxes without area, which these
    models refuse. The label of code ``i`` in ``dataset.labels`` is ``i + 1``. If the labels have skeletons of one size,
    there are keypoints too, zeros for what is missing.

    >>> from perceptron_annotations.datasets import DatasetAsset, boxes_dataset
    >>> from perceptron_annotations.interop import to_torchvision
    >>> image = DatasetAsset(file_name="a.png", width=640, height=480)
    >>> (target,) = to_torchvision(boxes_dataset([image], ["cat"], [0], [[10, 20, 30, 60]], [0]))
    >>> target["boxes"].tolist(), target["labels"].tolist(), target["area"].tolist()
    ([[10.0, 20.0, 30.0, 60.0]], [1], [800.0])
    """
    sizes = {len(skeleton) for skeleton in dataset.skeletons if skeleton is not None}
    count = sizes.pop() if len(sizes) == 1 else 0
    return [_target(dataset, asset, count) for asset in range(len(dataset.assets))]


def _target(dataset: Dataset, asset: int, keypoints: int) -> DetectionTarget:
    rows = box_rows(dataset, asset)
    boxes = dataset.table.xyxy[rows].reshape(-1, 4)
    extent = boxes[:, 2:] - boxes[:, :2]
    has_area = (extent > 0).all(axis=1)
    rows, boxes, extent = rows[has_area], boxes[has_area], extent[has_area]
    target: DetectionTarget = {
        "boxes": boxes.astype(np.float32),
        "labels": dataset.label[rows].astype(np.int64) + 1,
        "image_id": asset,
        "area": extent.prod(axis=1).astype(np.float32),
        "iscrowd": dataset.iscrowd[rows].astype(np.int64),
    }
    if keypoints:
        target["keypoints"] = _keypoints(dataset, rows, keypoints)
    return target


def _keypoints(dataset: Dataset, rows: NDArray[np.int64], count: int) -> NDArray[np.float32]:
    """``(N, count, 3)``: the keypoints of rows, zeros for a row without any."""
    found = np.zeros((len(rows), count, 3), dtype=np.float32)
    keypoints = dataset.keypoints
    if keypoints is not None:
        for place in np.flatnonzero(keypoints.counts[rows]).tolist():
            found[place] = np.reshape(keypoints.as_list(int(rows[place])), (count, 3))
    found[:, :, 2] = found[:, :, 2] > 0
    return found
