"""Datasets as detections of supervision."""

import sys
import types

import pytest

from perceptron_annotations import UsageError
from perceptron_annotations.errors import MissingExtraError
from perceptron_annotations.interop import to_supervision


def test_supervision(dataset):
    pytest.importorskip("supervision", reason="a heavy peer, in an environment of its own")
    found = to_supervision(dataset, 1)
    assert found.xyxy.tolist() == [[1, 2, 5, 6], [0, 0, 9, 8], [3, 3, 3, 9]]
    assert found.class_id.tolist() == [1, -1, 0]
    assert found.confidence.tolist() == [0.5, 0.25, 1.0]
    assert found["class_name"].tolist() == ["dog", "", "cat"]
    assert len(to_supervision(dataset, 0)) == 0


def test_what_supervision_is_given(dataset, monkeypatch):
    """Without supervision itself, which is seldom installed here."""
    fake = types.ModuleType("supervision")
    fake.Detections = lambda **given: given
    monkeypatch.setitem(sys.modules, "supervision", fake)
    found = to_supervision(dataset, 1)
    assert found["xyxy"].tolist() == [[1, 2, 5, 6], [0, 0, 9, 8], [3, 3, 3, 9]]
    assert found["class_id"].tolist() == [1, -1, 0]
    assert found["confidence"].tolist() == [0.5, 0.25, 1.0]
    assert found["data"]["class_name"].tolist() == ["dog", "", "cat"]
    empty = to_supervision(dataset, 0)
    assert (empty["xyxy"].shape, empty["confidence"]) == ((0, 4), None)


def test_wrong_use_is_named(dataset, monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", types.ModuleType("supervision"))
    with pytest.raises(UsageError, match="no asset 2 in a dataset of 2"):
        to_supervision(dataset, 2)
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(MissingExtraError, match="pip install supervision"):
        to_supervision(dataset, 0)
