"""Which image is which: by name, and by split and id where a name is that of several (C1)."""

import pytest

from perceptron_annotations import AnnotationKind, UsageError, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, JoinedBy
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
    assert "names that may be several images of the truth: 1, first a.jpg; nothing says which one" in report.to_table()


# -- names that differ -------------------------------------------------------------------------------------------------


def test_newcomer_m2_images_join_by_path_and_by_ending():
    """The finding: ``images/table_00.jpg`` or ``table_00.png`` against ``table_00.jpg``, and no option that helps."""
    truth = dataset(*((each, ["cat"]) for each in assets(*((f"table_{n:02}.jpg", None, None) for n in range(4)))))
    names = ["images/table_00.jpg", "table_01.png", "C:\\data\\table_02.png", "table_03.jpg"]
    predictions = dataset(*((each, ["cat"]) for each in assets(*((name, None, None) for name in names))))
    report = evaluate(predictions, truth)
    assert report.detection.overall[0].f1 == 1.0
    assert report.outcomes.unknown_images == report.outcomes.unanswered_images == ()
    assert report.partial.images == ("table_00.jpg", "table_01.jpg", "table_02.jpg", "table_03.jpg")
    assert [(each.by, each.count, each.name, each.image) for each in report.outcomes.joined] == [
        (JoinedBy.PATH, 1, names[0], "table_00.jpg"),
        (JoinedBy.STEM, 1, names[1], "table_01.jpg"),
        (JoinedBy.PATH_AND_STEM, 1, names[2], "table_02.jpg"),
    ]
    assert f"images joined by stem: 1, first {names[1]} with table_01.jpg" in report.to_table()


def test_what_did_not_join_is_told_with_what_to_type():
    truth = dataset(*((each, ["cat"]) for each in assets(("a.jpg", None, None), ("b.jpg", None, None))))
    report = evaluate(dataset((DatasetAsset(file_name="a"), ["cat"]), (DatasetAsset(file_name="q7"), ["cat"])), truth)
    assert report.outcomes.unknown_images == ("q7",)
    told = report.to_table()
    assert "images that are not in the truth: 1, first q7" in told
    assert "images without an answer: 1, first b.jpg" in told
    assert "--join FILE" in told


def test_a_list_joins_names_that_have_nothing_in_common(tmp_path):
    truth = dataset(*((each, ["cat"]) for each in assets(("a.jpg", None, None), ("b.jpg", None, None))))
    predictions = dataset((DatasetAsset(file_name="q0"), ["cat"]), (DatasetAsset(file_name="q1"), ["cat"]))
    listed = {"q0": "b.jpg", "q1": "data/a.png"}
    (tmp_path / "names.csv").write_text("custom_id,image\nq0,b.jpg\nq1,data/a.png\n")
    slices = {"by": {"q0": "first", "q1": "second"}}
    for join in (listed, tmp_path / "names.csv"):
        report = evaluate(predictions, truth, join=join, by=slices, worst=2)
        assert report.detection.overall[0].f1 == 1.0
        assert [(each.by, each.count) for each in report.outcomes.joined] == [(JoinedBy.LIST, 2)]
        assert {name: part.outcomes.images for name, part in report.slices["by"].items()} == {"first": 1, "second": 1}
    assert evaluate(predictions.renamed(listed), truth).detection.overall == report.detection.overall
    with pytest.raises(UsageError, match="join must be a mapping"):
        evaluate(predictions, truth, join=[("q0", "b.jpg")])


def test_names_that_swap_are_swapped_once():
    truth = dataset((DatasetAsset(file_name="a.jpg"), ["cat"]), (DatasetAsset(file_name="b.jpg"), ["dog"]))
    swapped = dataset((DatasetAsset(file_name="b.jpg"), ["cat"]), (DatasetAsset(file_name="a.jpg"), ["dog"]))
    assert evaluate(swapped, truth, join={"a.jpg": "b.jpg", "b.jpg": "a.jpg"}).detection.overall[0].f1 == 1.0


def test_two_images_of_one_name_are_not_joined_by_ending():
    train, val = assets(("a.jpg", "train", None), ("a.jpg", "val", None))
    truth = dataset((train, ["cat"]), (val, ["cat"]))
    report = evaluate(dataset((DatasetAsset(file_name="a"), ["cat"])), truth)
    assert (report.outcomes.ambiguous_images, report.outcomes.joined) == (("a",), ())
    report = evaluate(dataset((DatasetAsset(file_name="a", split="val"), ["cat"])), truth)
    assert [each.image for each in report.outcomes.joined] == ["a.jpg (val)"]
