"""Which image is which: by name, and by split and id where a name is that of several (C1)."""

import pytest

from perceptron_annotations import AnnotationKind, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation.joining import join_assets


def assets(*fields):
    return [DatasetAsset(file_name=name, split=split, source_id=source_id) for name, split, source_id in fields]


def joined(found, true):
    result = join_assets(assets(*found), assets(*true))
    names = [None if place < 0 else result.images[place] for place in result.predicted.tolist()]
    return names, result.ambiguous


@pytest.mark.parametrize(
    ("found", "true", "names", "ambiguous"),
    [
        # A name alone is enough if it is that of one image, whatever else is said.
        ([("a", None, None)], [("a", "val", "7")], ["a"], ()),
        ([("a", "test", "1")], [("a", "val", "7")], ["a"], ()),
        # Several answers about one image.
        ([("a", None, None), ("a", None, None)], [("a", None, None)], ["a", "a"], ()),
        # Of two images of one name the split tells, or the id.
        ([("a", "val", None)], [("a", "train", None), ("a", "val", None)], ["a (val)"], ()),
        ([("a", None, "2")], [("a", None, "1"), ("a", None, "2")], ["a (id 2)"], ()),
        ([("a", "val", "2")], [("a", "val", "1"), ("a", "val", "2"), ("a", "train", "2")], ["a (val, id 2)"], ()),
        # Nothing tells.
        ([("a", None, None)], [("a", "train", None), ("a", "val", None)], [None], ("a",)),
        ([("a", None, None)], [("a", None, None), ("a", None, None)], [None], ("a",)),
        # Their order tells if both sides have as many.
        ([("a", None, None)] * 2, [("a", None, None)] * 2, ["a", "a (#2)"], ()),
        # The predictions have both splits, the truth one.
        ([("a", "train", None), ("a", "val", None)], [("a", "val", None)], [None, "a"], ("a",)),
    ],
)
def test_c1_images_of_one_name(found, true, names, ambiguous):
    assert joined(found, true) == (names, ambiguous)


def dataset(*images):
    builder = DatasetBuilder()
    for asset, labels in images:
        number = builder.add_asset(asset)
        for label in labels:
            builder.add(number, AnnotationKind.BOX, [(0, 0), (10, 10)], label)
    return builder.build()


def test_c1_two_images_of_one_name_are_two():
    """The finding: two images of the truth with one name counted as one."""
    train, val = assets(("a.jpg", "train", None), ("a.jpg", "val", None))
    truth = dataset((train, ["cat"]), (val, ["dog"]))
    report = evaluate(dataset((val, ["dog"]), (train, ["cat", "cat"])), truth)
    assert (report.outcomes.images, report.detection.overall[0].true_positives) == (2, 2)
    assert report.partial.images == ("a.jpg (train)", "a.jpg (val)")
    assert report.worst == ()


def test_c1_ambiguous_names_are_told():
    train, val, nowhere = assets(("a.jpg", "train", None), ("a.jpg", "val", None), ("a.jpg", None, None))
    report = evaluate(dataset((nowhere, ["cat"])), dataset((train, ["cat"]), (val, ["cat"])))
    assert report.outcomes.ambiguous_images == ("a.jpg",)
    assert (report.outcomes.unknown_images, len(report.outcomes.unanswered_images)) == ((), 2)
    assert "names that several images of the truth have: 1, first a.jpg; no split or id says" in report.to_table()
