"""The values that datasets are made of, and how they are built."""

import pytest

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import AssetKind, DatasetAsset, DatasetBuilder, boxes_dataset

IMAGE = DatasetAsset(file_name="a.png", width=640, height=480)


def test_the_kind_of_an_asset_may_be_a_word():
    asset = DatasetAsset(file_name="a.mp4", kind="video")
    assert asset.kind is AssetKind.VIDEO
    assert asset == DatasetAsset(file_name="a.mp4", kind=AssetKind.VIDEO)
    for wrong in ("film", 1, None):
        with pytest.raises(UsageError, match="one of image, video"):
            DatasetAsset(file_name="a.mp4", kind=wrong)


def test_labels_are_numbered_as_they_come():
    builder = DatasetBuilder(["dog", "cat", "dog"])
    assert [builder.add_label(name) for name in ("cat", "cow", "dog", "cow")] == [1, 2, 0, 2]
    assert builder.build().labels == ("dog", "cat", "cow")


def test_boxes_from_lists_are_those_of_a_builder():
    builder = DatasetBuilder(["cat"])
    image = builder.add_asset(IMAGE)
    builder.add(image, AnnotationKind.BOX, [(10, 20), (30, 60)], "cat", score=0.5)
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], None, iscrowd=True)
    built = builder.build()
    made = boxes_dataset(
        [IMAGE], ["cat"], [0, 0], [[10, 20, 30, 60], [0, 0, 9, 9]], [0, -1], score=[0.5, float("nan")], iscrowd=[0, 1]
    )
    assert made.table == built.table
    for name in ("label", "object", "iscrowd"):
        assert getattr(made, name).tolist() == getattr(built, name).tolist()


def test_boxes_that_do_not_fit_together_are_refused():
    boxes = [[0, 0, 9, 9]] * 2
    with pytest.raises(UsageError):
        boxes_dataset([IMAGE], ["cat"], [0], boxes, [0])
    with pytest.raises(UsageError, match="order of its assets"):
        boxes_dataset([IMAGE, IMAGE], ["cat"], [1, 0], boxes, [0, 0])
    with pytest.raises(UsageError, match="must be from -1 to 0"):
        boxes_dataset([IMAGE], ["cat"], [0, 0], boxes, [0, 1])
