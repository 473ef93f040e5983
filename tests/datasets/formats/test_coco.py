"""COCO files, read back by pycocotools."""

import contextlib
import io
import json
import sys

import pytest
from pycocotools.coco import COCO

from perceptron_annotations import AnnotationKind, Recording, Status, UsageError
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    PointPolicy,
    from_recordings,
    read_coco,
    write_coco,
    write_coco_results,
)
from perceptron_annotations.errors import FileError, MarkupError
from perceptron_annotations.losses import Loss, LossCode
from perceptron_annotations.problems import ProblemCode

ONE = (RecordedAsset("a.png", 200, 100),)


def recording(text, assets=ONE, key="k"):
    return Recording(key=key, text=text, assets=assets)


@pytest.fixture
def convert(tmp_path):
    def run(*recordings, points=PointPolicy.KEYPOINTS, **options):
        path = tmp_path / "coco.json"
        dataset, report = from_recordings(recordings, **options)
        loss = write_coco(dataset, path, points=points)
        with contextlib.redirect_stdout(io.StringIO()):
            return report, loss, COCO(str(path))

    return run


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own, on numpy 2
def test_boxes_polygons_and_points(convert):
    report, loss, coco = convert(
        recording(
            '<point_box mention="cup"> (500,500) (100,200) </point_box> '
            '<polygon mention="leaf"> (0,0) (500,0) (500,500) </polygon> <point mention="cup"> (10,20) </point>'
        )
    )
    assert coco.imgs == {1: {"id": 1, "file_name": "a.png", "width": 200, "height": 100}}
    box, polygon, point = coco.loadAnns([1, 2, 3])
    assert box["bbox"] == [20, 20, 80, 30]
    assert (box["area"], box["iscrowd"], box["segmentation"], box["category_id"]) == (2400, 0, [], 1)
    assert polygon["segmentation"] == [[0, 0, 100, 0, 100, 50]]
    assert polygon["bbox"] == [0, 0, 100, 50]
    assert polygon["area"] == 2500
    assert coco.annToMask(polygon).sum() == pytest.approx(2500, rel=0.05)
    assert (point["keypoints"], point["num_keypoints"], point["bbox"], point["area"]) == ([2, 2, 2], 1, [2, 2, 0, 0], 0)
    assert [category["name"] for category in coco.loadCats([1, 2])] == ["cup", "leaf"]
    assert coco.cats[1]["keypoints"] == ["point"]
    assert "keypoints" not in coco.cats[2]
    assert box["perceptron_annotations"] == {"source": "k", "span": [0, 58]}
    assert (loss.assets, loss.objects, loss.labels, loss.losses, report.losses) == (1, 3, 2, (), ())


def test_what_coco_cannot_hold_is_counted(convert):
    _, loss, coco = convert(
        recording(
            '<clip t="1" /> <clip t="2" /> <point t="1"> (1,2) </point> '
            '<track> <point_box t="0"> (1,2) (3,4) </point_box> </track> <point_box> (1,2) (3,4) </point_box>'
        )
    )
    assert len(coco.anns) == 1
    assert {each.code: each.count for each in loss.losses} == {
        LossCode.CLIP: 2,
        LossCode.TIMESTAMP: 1,
        LossCode.TRACK: 1,
        LossCode.MISSING_LABEL: 1,
    }
    assert loss.losses[0].example == "a.png: object"


def test_nothing_is_placed_without_a_size(convert):
    box = "<point_box> (1,2) (3,4) </point_box>"
    report, _, coco = convert(
        recording(box, assets=(), key="none"),
        recording(box, assets=(RecordedAsset("b.png"),)),
        recording(box, assets=(RecordedAsset("c.png", 0, 10),)),
        recording('<point asset_idx="3"> (1,2) </point>'),
        recording(box),
        recording(box, assets=(RecordedAsset("a.png", 300, 100),)),
    )
    assert len(coco.anns) == 1
    assert report.unplaced == 5
    assert report.losses[0] == Loss(LossCode.MISSING_ASSET, 1, "none")
    assert {each.code: each.count for each in report.losses} == {
        LossCode.MISSING_ASSET: 1,
        LossCode.MISSING_SIZE: 2,
        LossCode.UNKNOWN_ASSET: 1,
        LossCode.SIZE_CONFLICT: 1,
    }


def test_each_asset_is_an_image(convert):
    two = (RecordedAsset("a.png", 100, 100), RecordedAsset(None, 1000, 1000))
    _, _, coco = convert(recording('<point_box asset_idx="0"> (1,2) (3,4) </point_box> <point> (1,2) </point>', two))
    assert [image["file_name"] for image in coco.imgs.values()] == ["a.png", "k#1"]
    first, last = coco.anns.values()
    assert (first["image_id"], last["image_id"]) == (1, 2)  # without an index: the last
    assert last["keypoints"] == [1, 2, 2]


def test_given_categories(convert):
    text = '<point mention="b"> (1,2) </point> <point mention="x"> (1,2) </point> <point> (1,2) </point>'
    report, _, coco = convert(recording(text), labels=["a", "b"])
    assert [category["name"] for category in coco.cats.values()] == ["a", "b", "object"]
    assert [annotation["category_id"] for annotation in coco.anns.values()] == [2, 3]
    assert report.losses[0].code is LossCode.UNLISTED_LABEL
    _, _, coco = convert(recording(text))
    assert [category["name"] for category in coco.cats.values()] == ["b", "x", "object"]
    with pytest.raises(UsageError, match="different from each other"):
        convert(labels=["a", "a"])


def test_points_can_be_left_out(convert):
    _, loss, coco = convert(recording("<point> (1,2) </point>"), points=PointPolicy.OMIT)
    assert not coco.anns
    assert loss.losses[0].code is LossCode.POINT


def test_odd_shapes_are_written_as_they_are(convert):
    text = "<point_box> (900,0) (1200,10) </point_box> <point_box> (1,2) (1,4) </point_box>"
    _, _, coco = convert(recording(text))
    assert coco.anns[1]["bbox"] == pytest.approx([180, 0, 60, 1])
    assert coco.anns[2]["area"] == 0


def test_outcomes_are_counted(convert):
    report, _, _ = convert(recording("<point> (1,2) </point>"), recording("no"), recording("<point> bad </point>"))
    assert dict(report.statuses) == {Status.OK: 1, Status.EMPTY: 1, Status.UNREADABLE: 1, Status.PARTIAL: 0}


def test_hostile_mentions_survive(convert):
    mention = 'a"\\\u2028\x00</script>'
    _, _, coco = convert(recording("<point mention='a\"\\\u2028\x00&lt;/script>'> (1,2) </point>"))
    assert coco.cats[1]["name"] == mention


def test_lone_surrogates_survive(tmp_path):
    write_coco(from_recordings([recording('<point mention="\ud800"> (1,2) </point>')])[0], tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_bytes())["categories"][0]["name"] == "\ud800"


def test_two_runs_are_the_same_bytes(tmp_path):
    for name in "ab":
        write_coco(from_recordings([recording("<point> (1,2) </point>")])[0], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("before")
    with pytest.raises(MarkupError):
        write_coco(from_recordings([recording("<point> bad </point>")], mode="strict")[0], path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    nothing = from_recordings([])[0]
    with pytest.raises(FileError, match="its folder does not exist"):
        write_coco(nothing, tmp_path / "none" / "out.json")
    with pytest.raises(FileError, match="is a directory"):
        write_coco(nothing, tmp_path)


def test_results_need_scores(tmp_path):
    dataset = from_recordings(
        [recording('<point_box mention="a"> (0,0) (500,500) </point_box> <point> (1,2) </point>')]
    )[0]
    path = tmp_path / "results.json"
    with pytest.raises(
        UsageError, match=r"pass score= for shapes without one, or make scores from several answers with ops\.consensus"
    ):
        write_coco_results(dataset, path)
    assert not path.exists()
    report = write_coco_results(dataset, path, score=1.0)
    assert json.loads(path.read_text()) == [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 100, 50], "score": 1}]
    assert report.count(LossCode.POINT) == 1
    write_coco_results(dataset, path, score=1.0, image_ids={"a.png": 7}, category_ids={"a": 3})
    assert json.loads(path.read_text())[0]["image_id"] == 7
    assert write_coco_results(dataset, path, score=1.0, image_ids={}).count(LossCode.UNLISTED_LABEL) == 1


def test_numbers_that_overflow_stay_finite(tmp_path):
    """JSON has no infinite numbers, and a warning is no message."""
    builder = DatasetBuilder(["cat"])
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9))
    builder.add(asset, AnnotationKind.BOX, [[-1e308, -1e308], [1e308, 1e308]], "cat")
    write_coco(builder.build(), tmp_path / "o.json")
    (made,) = json.loads((tmp_path / "o.json").read_text())["annotations"]
    most = sys.float_info.max
    assert (made["bbox"], made["area"]) == ([-1e308, -1e308, most, most], most)
    made["bbox"] = [1e308, 0, 1e308, 1]
    (tmp_path / "o.json").write_text(
        json.dumps(json.loads((tmp_path / "o.json").read_text()) | {"annotations": [made]})
    )
    assert read_coco(tmp_path / "o.json", on_problem=(problems := []).append).table.coords.tolist() == []
    assert problems[0].code is ProblemCode.NON_FINITE_COORDINATES
