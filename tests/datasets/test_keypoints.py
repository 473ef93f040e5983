"""Skeletons, keypoints, ignored rows and attributes as columns of a dataset."""

import json
import pickle

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import (
    Dataset,
    DatasetAsset,
    DatasetBuilder,
    Keypoints,
    Skeleton,
    check_sizes,
    read_dataset,
    write_chat,
    write_dataset,
)
from perceptron_annotations.datasets.validation import note_out_of_bounds
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode

IMAGES = [DatasetAsset(file_name=name, width=64, height=48) for name in ("a.png", "b.png")]
EYES = Skeleton(("nose", "left", "right"), edges=((0, 1), (0, 2)), flip=(0, 2, 1))
POSES = {"a": [[4, 5, 2], [0, 0, 0], [7, 8, 1]], "b": [[1, 2, 1], [3, 4, 1], [5, 6, 0]]}


def people():
    """Two people with keypoints, and a cat between them that metrics ignore."""
    builder = DatasetBuilder()
    first, second = (builder.add_asset(image) for image in IMAGES)
    builder.add_label("person", EYES)
    builder.add(second, AnnotationKind.BOX, [(0, 0), (9, 9)], "person", keypoints=POSES["b"], area=12.5)
    builder.add(first, AnnotationKind.BOX, [(1, 2), (9, 9)], "cat", ignore=True, attributes={"truncated": True})
    builder.add(
        first, AnnotationKind.POLYGON, [(0, 0), (9, 0), (9, 9)], "person", keypoints=POSES["a"], bbox=(0, 0, 8, 9)
    )
    return builder.build()


def told(dataset, row):
    """What the new columns say of a row."""
    return (
        dataset.label_of(row),
        bool(dataset.ignore[row]),
        dataset.attributes[row],
        np.nan_to_num(dataset.bbox[row], nan=-1).tolist(),
        float(np.nan_to_num(dataset.area[row], nan=-1)),
        np.nan_to_num(dataset.keypoints.of(row)).tolist(),
    )


TOLD = {
    "cat": ("cat", True, (("truncated", True),), [-1] * 4, -1.0, []),
    "a": ("person", False, (), [0, 0, 8, 9], -1.0, POSES["a"]),
    "b": ("person", False, (), [-1] * 4, 12.5, POSES["b"]),
}


def test_rows_keep_what_belongs_to_them():
    """Finding C3 of datasets and evaluation, A2 of the field."""
    dataset = people()
    assert dataset.skeletons == (EYES, None)
    assert [told(dataset, row) for row in range(3)] == [TOLD["cat"], TOLD["a"], TOLD["b"]]
    some = dataset.take(np.array([2, 0])[::-1])
    assert [told(some, row) for row in range(2)] == [TOLD["cat"], TOLD["b"]]
    second = dataset.take_assets(np.array([False, True]))
    assert [told(second, row) for row in range(1)] == [TOLD["b"]]
    renamed = dataset.with_assets([DatasetAsset(file_name=name) for name in "xy"])
    assert [told(renamed, row) for row in range(3)] == [TOLD["cat"], TOLD["a"], TOLD["b"]]
    checked = check_sizes(dataset, {image.file_name: (64, 48) for image in IMAGES})
    assert [told(checked, row) for row in range(3)] == [TOLD["cat"], TOLD["a"], TOLD["b"]]


def test_a_skeleton_goes_with_its_label():
    dataset = people()
    assert dataset.with_labels(["dog", "person"]).skeletons == (None, EYES)
    assert dataset.relabelled(str.upper).skeletons == (EYES, None)
    assert dataset.relabelled(lambda _: "animal").skeletons == (EYES,)
    builder = DatasetBuilder()
    builder.add_label("person", EYES)
    builder.add_label("dog", Skeleton.numbered(3))
    with pytest.raises(UsageError, match="different skeletons cannot become one label, 'animal'"):
        builder.build().relabelled(lambda _: "animal")


def test_a_dataset_without_any_has_no_columns_of_them():
    builder = DatasetBuilder(["cat"])
    image = builder.add_asset(IMAGES[0])
    builder.add(image, AnnotationKind.POINT, [(1, 2)], "cat")
    dataset = builder.build()
    assert dataset.skeletons == (None,)
    assert (dataset.keypoints, dataset.bbox, dataset.area, dataset.attributes) == (None,) * 4
    assert not dataset.ignore.any()


def test_columns_that_do_not_fit_are_refused():
    dataset = people()
    fields = {name: getattr(dataset, name) for name in dataset.__struct_fields__}
    wrong = {
        "ignore": (np.zeros(2, dtype=bool), "ignore must be bool of shape"),
        "area": (np.zeros(2), "area must be float64 of shape"),
        "bbox": (np.zeros(3), "bbox must be float64 of shape"),
        "attributes": (((),), "one entry for each of 3 rows"),
        "skeletons": ((EYES,), "one entry for each of 2 labels"),
        "keypoints": (Keypoints.of_rows([POSES["a"], None, None]), "row 0 has 3 keypoints, but the skeleton"),
    }
    for name, (value, message) in wrong.items():
        with pytest.raises(UsageError, match=message):
            Dataset(**fields | {name: value})
    builder = DatasetBuilder()
    builder.add_label("person", EYES)
    with pytest.raises(UsageError, match="another skeleton already"):
        builder.add_label("person", Skeleton.numbered(3))


def test_a_dataset_can_be_pickled():
    dataset = people()
    again = pickle.loads(pickle.dumps(dataset))  # noqa: S301 - made here
    assert [told(again, row) for row in range(3)] == [told(dataset, row) for row in range(3)]
    assert again.skeletons == dataset.skeletons


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"edges": ((0, 3),)}, "must join keypoints 0 to 2"),
        ({"edges": ((-1, 0),)}, "must join keypoints 0 to 2"),
        ({"flip": (0, 1)}, "the partner of each of 3"),
        ({"flip": (1, 2, 0)}, "the partner of each of 3"),
        ({"flip": (0, 2, 3)}, "the partner of each of 3"),
    ],
)
def test_skeletons_that_contradict_themselves(wrong, message):
    with pytest.raises(UsageError, match=message):
        Skeleton(("a", "b", "c"), **wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"offsets": np.array([0, 1])}, "rise from 0 to 2"),
        ({"offsets": np.array([], dtype=np.int64)}, "rise from 0 to 2"),
        ({"offsets": np.array([0, 3, 2])}, "rise from 0 to 2"),
        ({"xy": np.zeros((1, 2))}, "xy of keypoints must be float64"),
        ({"visibility": np.array([3, 0], dtype=np.uint8)}, "must be 0, 1 or 2"),
        ({"xy": np.array([[np.nan, 0], [0, 0]])}, "finite"),
        ({"xy": np.array([[0, 0], [np.inf, 0]])}, "finite"),
    ],
)
def test_keypoints_that_contradict_themselves(wrong, message):
    right = {
        "offsets": np.array([0, 2]),
        "xy": np.array([[1.0, 2.0], [np.nan, np.nan]]),
        "visibility": np.array([2, 0], dtype=np.uint8),
    }
    assert len(Keypoints(**right)) == 1
    with pytest.raises(UsageError, match=message):
        Keypoints(**right | wrong)
    with pytest.raises(UsageError, match="must be 0, 1 or 2"):
        Keypoints.of_rows([[[1, 2, 1.5]]])


def test_keypoints_beyond_their_image_are_told():
    builder = DatasetBuilder()
    image = builder.add_asset(IMAGES[0])
    builder.add_label("person", EYES)
    for pose in ([[70, 5, 2], [0, 0, 0], [7, 8, 1]], [[7, 5, 2], [0, 0, 0], [70, 8, 0]]):
        builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "person", keypoints=pose)
    problems = []
    note_out_of_bounds(builder.build(), problems.append)
    assert [each.code for each in problems] == [ProblemCode.OUT_OF_BOUNDS]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.parametrize("shards", [1, 2])
def test_our_own_formats_lose_nothing(tmp_path, form, shards):
    """Finding C3 of datasets and evaluation: what is beside the rows comes back, in shards too."""
    dataset = people()
    parts = [dataset.take_assets(np.array([True, False])), dataset.take_assets(np.array([False, True]))]
    report = write_dataset(parts if shards > 1 else dataset, tmp_path / f"a.{form}", f"dataset-{form}")
    problems = []
    again = read_dataset(tmp_path / f"a.{form}", on_problem=problems.append)
    assert [told(again, row) for row in range(3)] == [told(dataset, row) for row in range(3)]
    assert (again.labels, again.skeletons, report.losses, problems) == (("person", "cat"), (EYES, None), (), [])


def test_what_markup_and_clips_cannot_hold_is_counted(tmp_path):
    report = write_chat(people(), tmp_path / "chat.jsonl", prompt="Find {labels}.")
    codes = [LossCode.KEYPOINTS, LossCode.IGNORE, LossCode.ATTRIBUTE, LossCode.OWN_BOX, LossCode.OWN_AREA]
    assert [report.count(code) for code in (*codes, LossCode.SKELETON)] == [2, 1, 1, 1, 1, 1]
    builder = DatasetBuilder()
    video = builder.add_asset(DatasetAsset(file_name="a.mp4", kind="video"))
    builder.add(video, AnnotationKind.CLIP, [], "jump", t=1, until=2, attributes={"a": 1}, ignore=True)
    report = write_dataset(builder.build(), tmp_path / "a.json", "activitynet")
    assert [(loss.code, loss.count) for loss in report.losses] == [(LossCode.IGNORE, 1), (LossCode.ATTRIBUTE, 1)]


def test_csv_has_no_names_of_keypoints(tmp_path):
    report = write_dataset(people(), tmp_path / "a.csv", "csv")
    assert [(loss.code, loss.count) for loss in report.losses] == [(LossCode.SKELETON, 1)]
    problems = []
    again = read_dataset(tmp_path / "a.csv", on_problem=problems.append)
    assert [told(again, row) for row in range(3)] == [told(people(), row) for row in range(3)]
    assert (again.labels, again.skeletons, problems) == (("cat", "person"), (None, Skeleton.numbered(3)), [])


@pytest.mark.parametrize(
    ("skeletons", "shape", "codes"),
    [
        ("[]", {}, ["malformed_entry"]),
        ('{"cat": {"names": ["a"], "edges": [[0, 1]]}}', {}, ["malformed_entry"]),
        ('{"cat": {"names": 1}}', {}, ["malformed_entry"]),
        ("null", {"keypoints": [1, 2, 2]}, ["dangling_reference"]),
        ('{"cat": {"names": ["a"]}}', {"keypoints": [1, 2, 2, 3, 4, 1]}, ["malformed_entry"]),
        ("null", {"attributes": {"a": None}}, ["unsupported_entry"]),
        ("null", {"attributes": 3}, ["malformed_entry"]),
    ],
)
def test_what_is_wrong_in_a_line_costs_only_itself(tmp_path, skeletons, shape, codes):
    shape = {"kind": "box", "vertices": [[0, 0], [9, 9]], "object": 0, "label": "cat"} | shape
    asset = {"number": 0, "asset": {"file_name": "a.png"}, "status": "ok", "shapes": [shape]}
    head = f'{{"schema": "perceptron-annotations/dataset", "version": 1, "skeletons": {skeletons}}}\n'
    (tmp_path / "a.jsonl").write_text(head + json.dumps(asset))
    problems = []
    dataset = read_dataset(tmp_path / "a.jsonl", "dataset-jsonl", on_problem=problems.append)
    assert (len(dataset), dataset.keypoints, dataset.attributes) == (1, None, None)
    assert [each.code.value for each in problems] == codes


def _coco_of(count):
    box = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 48}],
            "categories": [{"id": 1, "name": "dog"}],
            "annotations": [box | {"id": 1, "keypoints": [1, 2, 2] * count}, box | {"id": 2, "keypoints": [1, 2, 1]}],
        }
    )


def _cvat_of(count):
    points = "".join(f'<points label="{number}" points="1,2"/>' for number in range(count))
    pose = f'<skeleton label="dog">{points}</skeleton>'
    box = '<box label="dog" xtl="0" ytl="0" xbr="9" ybr="9"/>'
    return f'<annotations><image id="0" name="a.png" width="64" height="48">{pose}{box}</image></annotations>'


def _labelme_of(count):
    points = [
        {"label": f"{number}", "shape_type": "point", "points": [[1, 2]], "group_id": 1} for number in range(count)
    ]
    box = {"label": "dog", "shape_type": "rectangle", "points": [[0, 0], [9, 9]], "group_id": 1}
    sheet = {"imagePath": "a.png", "imageWidth": 64, "imageHeight": 48, "shapes": [box, *points]}
    return json.dumps(sheet)


def _csv_of(count):
    keypoints = " ".join(["1 2 2"] * count)
    return f"file_name,kind,label,x1,y1,x2,y2,keypoints\na.png,box,dog,0,0,9,9,{keypoints}\n"


def _jsonl_of(count):
    skeleton = {"names": [f"{number}" for number in range(count)]}
    shape = {"kind": "box", "vertices": [[0, 0], [9, 9]], "object": 0, "label": "dog", "keypoints": [1, 2, 2] * count}
    lines = [
        {"schema": "perceptron-annotations/dataset", "version": 1, "skeletons": {"dog": skeleton}},
        {"number": 0, "asset": {"file_name": "a.png"}, "status": "ok", "shapes": [shape]},
    ]
    return "\n".join(map(json.dumps, lines))


@pytest.mark.parametrize(
    ("form", "name", "content"),
    [
        ("coco", "a.json", _coco_of),
        ("cvat", "a.xml", _cvat_of),
        ("labelme", "a.json", _labelme_of),
        ("csv", "a.csv", _csv_of),
        ("dataset-jsonl", "a.jsonl", _jsonl_of),
    ],
)
def test_too_many_keypoints_cost_only_themselves(tmp_path, form, name, content):
    """Each object has all keypoints of its label, so a short file must not make a thousand of a million."""
    for count, is_told in ((1000, False), (1001, True)):
        (tmp_path / name).write_text(content(count))
        problems = []
        dataset = read_dataset(tmp_path / name, form, on_problem=problems.append)
        assert bool(problems) is is_told
        assert len(dataset) > 0
        assert (0 if dataset.keypoints is None else dataset.keypoints.counts.max()) in (1000, 0)
