"""Datasets as targets of torchvision's models."""

import numpy as np

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton
from perceptron_annotations.interop import to_torchvision


def test_torchvision(dataset):
    empty, target = to_torchvision(dataset)
    assert empty["boxes"].shape == (0, 4)
    assert target["boxes"].tolist() == [[1, 2, 5, 6], [0, 0, 9, 8]]
    assert (target["boxes"].dtype, target["labels"].tolist(), target["image_id"]) == (np.float32, [2, 0], 1)
    assert target["area"].tolist() == [16, 72]
    assert "keypoints" not in target


def test_keypoints_as_keypoint_rcnn_takes_them():
    """x, y and whether the keypoint is labelled, as its documentation says."""
    builder = DatasetBuilder(["cat"])
    builder.add_label("person", Skeleton(("nose", "ear")))
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=100, height=50))
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "cat")
    builder.add(image, AnnotationKind.BOX, [(0, 0), (8, 8)], "person", keypoints=[[3, 4, 1], [0, 0, 0]])
    builder.add_asset(DatasetAsset(file_name="b.png", width=100, height=50))
    target, empty = to_torchvision(builder.build())
    assert target["keypoints"].tolist() == [[[0, 0, 0], [0, 0, 0]], [[3, 4, 1], [0, 0, 0]]]
    assert (target["keypoints"].dtype, empty["keypoints"].shape) == (np.float32, (0, 2, 3))
    builder.add_label("dog", Skeleton(("tail",)))
    assert "keypoints" not in to_torchvision(builder.build())[0]
