"""LabelMe: groups, flags and descriptions, as its own files and those of X-AnyLabeling have them."""

import json

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton, read_labelme, write_labelme
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode

RECTANGLE = {"label": "person", "shape_type": "rectangle", "points": [[0, 0], [50, 40]], "group_id": 1}


def point(name, x, y, **fields):
    return {"label": name, "shape_type": "point", "points": [[x, y]], "group_id": 1, "flags": {}} | fields


def polygon(left, **fields):
    return {"label": "cat", "shape_type": "polygon", "points": [[left, 0], [left + 9, 0], [left, 9]]} | fields


def read(tmp_path, *files, **fields):
    """The dataset of some files, each a list of shapes, and its problems."""
    folder = tmp_path / "given"
    folder.mkdir()
    for number, shapes in enumerate(files):
        sheet = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": f"{number}.png", "imageData": None}
        (folder / f"{number}.json").write_text(json.dumps(sheet | {"imageHeight": 48, "imageWidth": 64} | fields))
    problems = []
    return read_labelme(folder, on_problem=problems.append), problems


def again(dataset, tmp_path):
    """What comes back of it, and the losses."""
    report = write_labelme(dataset, tmp_path / "written")
    problems = []
    found = read_labelme(tmp_path / "written", on_problem=problems.append)
    assert problems == []
    return found, {loss.code: loss.count for loss in report.losses}


def told(dataset):
    """All that is said of the rows."""
    keypoints = [] if dataset.keypoints is None else [dataset.keypoints.as_list(row) for row in range(len(dataset))]
    shapes = [dataset.table.vertices(row).tolist() for row in range(len(dataset))]
    rest = dataset.object.tolist(), dataset.ignore.tolist(), dataset.attributes, keypoints
    return dataset.labels, dataset.skeletons, dataset.table.kind.tolist(), shapes, rest


def test_poses_are_groups(tmp_path):
    """Finding C3 of datasets and evaluation: points in a group with a rectangle, missing ones in their place."""
    dataset, problems = read(
        tmp_path,
        [RECTANGLE, point("nose", 5, 6), point("left", 7, 8, flags={"occluded": True})],
        [point("right", 1, 2, group_id=3, difficult=True), RECTANGLE | {"group_id": 3}, point("nose", 3, 4)],
    )
    assert problems == []
    assert (dataset.labels, dataset.skeletons) == (("person", "nose"), (Skeleton(("nose", "left", "right")), None))
    assert [dataset.keypoints.as_list(row) for row in range(3)] == [
        [5, 6, 2, 7, 8, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 2, 1],
        [],
    ]
    assert dataset.attributes[2] == (("group_id", 1),)  # a group of points alone says nothing of an object
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})


def test_names_edges_and_flip_indices_come_back(tmp_path):
    builder = DatasetBuilder()
    skeleton = Skeleton(("a", "b", "c"), edges=((0, 1),), flip=(0, 2, 1))
    builder.add_label("dog", skeleton)
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "dog", keypoints=[[0, 0, 0], [0, 0, 0], [5, 5, 2]])
    found, losses = again(builder.build(), tmp_path)
    assert (found.skeletons, found.keypoints.as_list(0), losses) == ((skeleton,), [0, 0, 0, 0, 0, 0, 5, 5, 2], {})


def test_rings_are_groups(tmp_path):
    """As LabelMe's own converter to COCO reads them: polygons of one label and group are one object."""
    dataset, problems = read(tmp_path, [polygon(0, group_id=2), polygon(30), polygon(15, group_id=2)])
    assert (dataset.object.tolist(), problems) == ([0, 0, 1], [])
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})


def test_flags_groups_and_descriptions(tmp_path):
    """Datasets and evaluation D1, LabelMe: flags, group_id and description; difficult is what metrics ignore."""
    shapes = [
        polygon(0, flags={"blurry": True, "dark": False}, description="by the door"),
        polygon(20, group_id=4, attributes={"colour": "red", "count": 2}),
        RECTANGLE | {"group_id": 4, "difficult": True},
        point("tip", 3, 3, group_id=None, description=None),
    ]
    dataset, problems = read(tmp_path, shapes)
    assert [dict(each) for each in dataset.attributes] == [
        {"blurry": True, "dark": False, "description": "by the door"},
        {"group_id": 4, "colour": "red", "count": 2},
        {"group_id": 4},
        {},
    ]
    assert (dataset.ignore.tolist(), problems) == ([False, False, True, False], [])
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})


@pytest.mark.parametrize(
    ("shapes", "fields", "codes"),
    [
        ([RECTANGLE, point("nose", 5, 6, flags={"blurry": True})], {}, [ProblemCode.UNSUPPORTED_ENTRY]),
        ([polygon(0, group_id=1, flags={"x": True}), polygon(9, group_id=1)], {}, [ProblemCode.UNSUPPORTED_ENTRY]),
        ([polygon(0, flags={"x": None})], {}, [ProblemCode.UNSUPPORTED_ENTRY]),
        ([polygon(0)], {"flags": {"bad": True}}, [ProblemCode.UNSUPPORTED_ENTRY]),
        ([polygon(0)], {"perceptron_annotations": {"skeletons": {"a": 1}}}, [ProblemCode.MALFORMED_ENTRY]),
        ([RECTANGLE, point("nose", 5, 6), point("nose", 7, 8)], {}, []),  # two noses are not one pose
    ],
)
def test_what_cannot_be_held_is_told(tmp_path, shapes, fields, codes):
    dataset, problems = read(tmp_path, shapes, **fields)
    assert ([each.code for each in problems], len(dataset) > 0) == (codes, True)


def test_what_labelme_cannot_hold_is_counted(tmp_path):
    builder = DatasetBuilder()
    builder.add_label("dog", Skeleton.numbered(1))
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "dog", keypoints=[[1, 2, 0]], area=5)
    number = builder.new_object()
    for corner in ((1, 1), (2, 2)):
        builder.add(image, AnnotationKind.POINT, [corner], "cup", object=number)
    _, losses = again(builder.build(), tmp_path)
    assert losses == {LossCode.OWN_AREA: 1, LossCode.KEYPOINTS: 1, LossCode.SPLIT_RINGS: 1}
    assert np.array_equal(builder.build().object, [0, 1, 1])
