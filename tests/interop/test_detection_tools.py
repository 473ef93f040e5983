"""Datasets in the memory of other tools."""

import sys
import types

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.errors import MissingExtraError
from perceptron_annotations.interop import dataset_to_pandas, dataset_to_polars, to_supervision, to_torchvision


@pytest.fixture
def dataset():
    builder = DatasetBuilder(["cat", "dog"])
    for name in ("a.png", "b.png"):
        builder.add_asset(DatasetAsset(file_name=name, width=100, height=50))
    builder.add(1, AnnotationKind.BOX, [(5, 6), (1, 2)], "dog", score=0.5)
    builder.add(1, AnnotationKind.POLYGON, [(0, 0), (9, 0), (9, 8)], None, score=0.25)
    builder.add(1, AnnotationKind.POINT, [(1, 1)], "cat")
    builder.add(1, AnnotationKind.BOX, [(3, 3), (3, 9)], "cat", score=1.0)
    return builder.build()


def test_torchvision(dataset):
    empty, target = to_torchvision(dataset)
    assert empty["boxes"].shape == (0, 4)
    assert target["boxes"].tolist() == [[1, 2, 5, 6], [0, 0, 9, 8]]
    assert (target["boxes"].dtype, target["labels"].tolist(), target["image_id"]) == (np.float32, [2, 0], 1)
    assert target["area"].tolist() == [16, 72]


def test_frames(dataset):
    frame = dataset_to_pandas(dataset)
    assert frame["file_name"].tolist() == ["b.png"] * 4
    assert frame["label"].tolist()[0] == "dog"
    again = dataset_to_polars(dataset)
    assert again["label"].to_list() == ["dog", None, "cat", "cat"]


def test_supervision(dataset):
    pytest.importorskip("supervision", reason="a heavy peer, in an environment of its own")
    found = to_supervision(dataset, 1)
    assert found.xyxy.tolist() == [[1, 2, 5, 6], [0, 0, 9, 8], [3, 3, 3, 9]]
    assert found.class_id.tolist() == [1, -1, 0]
    assert found.confidence.tolist() == [0.5, 0.25, 1.0]
    assert found["class_name"].tolist() == ["dog", "", "cat"]
    assert len(to_supervision(dataset, 0)) == 0


def test_wrong_use_is_named(dataset, monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", types.ModuleType("supervision"))
    with pytest.raises(UsageError, match="no asset 2 in a dataset of 2"):
        to_supervision(dataset, 2)
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(MissingExtraError, match="pip install supervision"):
        to_supervision(dataset, 0)
