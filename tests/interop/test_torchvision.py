"""Datasets as targets of torchvision's models."""

import numpy as np

from perceptron_annotations.interop import to_torchvision


def test_torchvision(dataset):
    empty, target = to_torchvision(dataset)
    assert empty["boxes"].shape == (0, 4)
    assert target["boxes"].tolist() == [[1, 2, 5, 6], [0, 0, 9, 8]]
    assert (target["boxes"].dtype, target["labels"].tolist(), target["image_id"]) == (np.float32, [2, 0], 1)
    assert target["area"].tolist() == [16, 72]
