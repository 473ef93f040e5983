"""Recordings on their images: where sizes come from, which label, and what becomes of several answers."""

import json

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind, Recording, UsageError
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    ImageTransform,
    Merge,
    RecordingImporter,
    from_recordings,
    read_sizes,
    sizes_in,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from perceptron_annotations.ops import LabelMap
from tests.datasets.examples import png

BOX = '<point_box mention="{}"> (0,0) (500,500) </point_box>'


def recording(text, name="a.png", key="k", size=(100, 50)):
    return Recording(key=key, text=text, assets=(RecordedAsset(name, *size),))


def test_sizes_come_from_images_or_a_list(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.png").write_bytes(png(10, 20))
    size_of = sizes_in(tmp_path)
    assert size_of("sub/a.png") == (10, 20, 1)
    assert size_of("../a.png") is None
    dataset, report = from_recordings([recording(BOX.format("cat"), "sub/a.png", size=(None, None))], sizes=size_of)
    assert dataset.table.xyxy.tolist() == [[0, 0, 5, 10]]
    assert report.losses == ()
    without = Recording(key="sub/a.png", text=BOX.format("cat"))
    assert from_recordings([without], sizes=size_of)[0].table.xyxy.tolist() == [[0, 0, 5, 10]]
    (tmp_path / "s.csv").write_text("\ufefffile_name,width,height\na.png,30,40\n")
    (tmp_path / "s.json").write_text(json.dumps({"a.png": [30, 40]}))
    (tmp_path / "c.json").write_text(
        json.dumps({"images": [{"id": 1, "file_name": "a.png", "width": 30, "height": 40}]})
    )
    for name in ("s.csv", "s.json", "c.json"):
        assert read_sizes(tmp_path / name) == {"a.png": (30, 40)}
    for text, message in (("{", "is not valid JSON"), ('{"a": 5}', "entry 1"), ("[5]", "entry 1")):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(FileError, match=message):
            read_sizes(tmp_path / "bad.json")
    with pytest.raises(FileError, match="there is no folder"):
        sizes_in(tmp_path / "none")


def test_labels():
    text = BOX.format("Cat") + BOX.format("cats") + BOX.format("dog") + "<point> (1,2) </point>"
    dataset, report = from_recordings([recording(text)], label_map=LabelMap(singular=True))
    assert dataset.labels == ("cat", "dog")
    assert dataset.label.tolist() == [0, 0, 1, -1]
    dataset, report = from_recordings([recording(text)], labels=["zebra", "cats"])
    assert (dataset.labels, dataset.label.tolist()) == (("zebra", "cats"), [1, -1])
    assert [(each.code, each.count, each.example) for each in report.losses] == [(LossCode.UNLISTED_LABEL, 2, "Cat")]
    assert len(report.losses) == 1
    with pytest.raises(UsageError, match="different from each other"):
        from_recordings([], labels=["a", "a"])


@pytest.mark.parametrize(("merge", "wanted"), [(Merge.ALL, [0, 1, 2]), (Merge.FIRST, [0, 2]), (Merge.LAST, [1, 2])])
def test_several_answers_about_one_asset(merge, wanted):
    answers = [
        recording(BOX.format("first")),
        recording(BOX.format("second"), key="l"),
        recording(BOX.format("x"), "b"),
    ]
    dataset, report = from_recordings(answers, merge=merge, labels=["first", "second", "x"])
    assert dataset.label.tolist() == wanted
    assert len(dataset.assets) == 2
    assert [each.code for each in report.losses] == ([] if merge is Merge.ALL else [LossCode.MERGED_ANSWER])


def test_tracks_are_objects():
    track = '<track mention="a"> <point t="0"> (1,2) </point> <point t="1"> (1,3) </point> </track>'
    dataset, _ = from_recordings([recording(track + "<point> (5,5) </point>" + track)])
    assert len(np.unique(dataset.object)) == 3
    assert dataset.object.tolist() == [0, 0, 2, 3, 3]
    assert (dataset.table.track >= 0).tolist() == [True, True, False, True, True]
    assert dataset.source == ("k",) * 5


HUGE = '<polygon mention="c"> (0,0) (9007199254740990,0) (500,9007199254740990) </polygon> <point> (1,2) </point>'


@pytest.mark.parametrize("size", [1e308, 1e200, 1e16, float("inf"), float("nan"), 0.5, -5])
def test_a_size_that_no_image_has_is_none(size):
    """Their areas would overflow, and JSON has no infinite numbers."""
    for answer in (recording(HUGE, size=(size, 50)), recording(HUGE, size=(None, None))):
        dataset, report = from_recordings([answer], sizes={"a.png": (size, 50)})
        assert (len(dataset.assets), report.losses[0].code, report.unplaced) == (0, LossCode.MISSING_SIZE, 2)
    assert len(from_recordings([recording(HUGE, size=(2**53, 50))])[0].assets) == 1


def test_a_transform_to_a_size_that_no_image_has():
    for scale in (1e300, 5e-3):
        dataset, report = from_recordings([recording(HUGE)], transform=ImageTransform(scale=(scale, scale)))
        assert (len(dataset.assets), report.losses[0].code) == (0, LossCode.MISSING_SIZE)
    for crop in ((0, 0, 1e17, 5), (1e308, 0, 5, 5), (0, float("nan"), 5, 5), (0, 0, float("inf"), 5)):
        with pytest.raises(UsageError, match="crop must be"):
            ImageTransform(crop=crop)


def test_the_last_answer_is_known_only_if_all_come_at_once():
    importer = RecordingImporter(merge="last")
    importer.add([recording(BOX.format("cat"))])
    with pytest.raises(UsageError, match="in one call"):
        importer.add([recording(BOX.format("dog"))])


def test_labels_are_a_list_of_words():
    with pytest.raises(UsageError, match="labels must be words in a list"):
        RecordingImporter(labels="cup")


def test_an_object_that_was_named_is_not_given_again():
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9))
    builder.add(asset, AnnotationKind.BOX, [(1, 1), (2, 2)], "cat", object=0)
    builder.add(asset, AnnotationKind.BOX, [(1, 1), (2, 2)], "dog")
    assert len(set(builder.build().object.tolist())) == 2
