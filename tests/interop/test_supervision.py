"""Datasets as detections of supervision."""

import sys
import types

import pytest

from perceptron_annotations import UsageError, parse
from perceptron_annotations.errors import FrameError, MissingExtraError
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


ANSWER = (
    '<point_box mention="cat" confidence="0.5"> (250,500) (500,1000) </point_box> <point> (1,2) </point>'
    '<polygon mention="dog" confidence="0.25"> (0,0) (100,0) (100,100) </polygon>'
    '<point_box mention="cat" confidence="1"> (0,0) (10,10) </point_box>'
)


@pytest.fixture
def detections(monkeypatch):
    """The arguments that supervision is given."""
    fake = types.ModuleType("supervision")
    fake.Detections = lambda **given: given
    monkeypatch.setitem(sys.modules, "supervision", fake)


@pytest.mark.usefixtures("detections")
def test_newcomer_m8_a_parsed_answer_is_handed_over():
    """newcomer M8: 'Document' object has no attribute 'assets'."""
    found = to_supervision(parse(ANSWER).to_pixels(640, 480))
    assert found["xyxy"].tolist() == [[160, 240, 320, 480], [0, 0, 64, 48], [0, 0, 6.4, 4.8]]
    assert found["class_id"].tolist() == [0, 1, 0]
    assert found["confidence"].tolist() == [0.5, 0.25, 1.0]
    assert found["data"]["class_name"].tolist() == ["cat", "dog", "cat"]
    empty = to_supervision(parse("nothing").to_pixels(640, 480))
    assert (empty["xyxy"].shape, empty["confidence"]) == ((0, 4), None)


@pytest.mark.usefixtures("detections")
def test_an_answer_about_several_images():
    first = '<point_box asset_idx="0"> (0,0) (500,500) </point_box>'
    last = "<point_box> (500,500) (1000,1000) </point_box>"
    document = parse(first + last).to_pixels(sizes=[(640, 480), (800, 600)])
    assert to_supervision(document, 0)["xyxy"].tolist() == [[0, 0, 320, 240]]
    assert to_supervision(document, 1)["xyxy"].tolist() == [[400, 300, 800, 600]]
    with pytest.raises(UsageError, match=r"assets \[0, 1\]: pass asset="):
        to_supervision(document)
    with pytest.raises(UsageError, match="no asset 2 in a document of 2"):
        to_supervision(document, 2)


@pytest.mark.usefixtures("detections")
def test_what_is_missing_for_detections_is_said(dataset):
    with pytest.raises(FrameError, match=r"document\.to_pixels\(width, height\)"):
        to_supervision(parse(ANSWER))
    with pytest.raises(UsageError, match="no asset 1"):
        to_supervision(parse(ANSWER).to_pixels(10, 10), 1)
    with pytest.raises(UsageError, match="asset=, the image of the dataset that is wanted, from 0 to 1"):
        to_supervision(dataset)
