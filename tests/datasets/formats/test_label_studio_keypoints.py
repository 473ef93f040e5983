"""Label Studio's key points below a region, and what is chosen of a region, as its exports have them."""

import json

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    Skeleton,
    read_label_studio,
    write_label_studio,
)
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode

COMMON = {"to_name": "image", "original_width": 200, "original_height": 100, "image_rotation": 0, "origin": "manual"}
BOX = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0}


def rectangle(number, label="person", **fields):
    value = {**BOX, "rectanglelabels": [label]}
    return {"id": number, "type": "rectanglelabels", "from_name": "label", "value": value, **COMMON, **fields}


def keypoint(number, label, x, y, **fields):
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [label]}
    return {"id": number, "type": "keypointlabels", "from_name": "kp", "value": value, **COMMON, **fields}


def said(number, kind, name, value):
    return {"id": number, "type": kind, "from_name": name, "value": {**BOX, **value}, **COMMON}


def read(tmp_path, *results, meta=None):
    """The dataset of a task with these results, and its problems."""
    task = {"id": 1, "data": {"image": "a.jpg"}, "meta": meta or {}, "annotations": [{"result": results}]}
    (tmp_path / "given.json").write_text(json.dumps([task]))
    problems = []
    return read_label_studio(tmp_path / "given.json", on_problem=problems.append), problems


def again(dataset, tmp_path):
    """What comes back of it, and the losses."""
    report = write_label_studio(dataset, tmp_path / "written.json")
    problems = []
    found = read_label_studio(tmp_path / "written.json", on_problem=problems.append)
    assert problems == []
    return found, {loss.code: loss.count for loss in report.losses}


def told(dataset):
    """All that is said of the rows."""
    keypoints = [] if dataset.keypoints is None else [dataset.keypoints.as_list(row) for row in range(len(dataset))]
    return dataset.labels, dataset.skeletons, dataset.table.kind.tolist(), dataset.attributes, keypoints


def test_key_points_below_a_region(tmp_path):
    """Finding C3 of datasets and evaluation: key points whose parent is a rectangle, missing ones in their place."""
    dataset, problems = read(
        tmp_path,
        keypoint("k1", "nose", 15, 30, parentID="r1"),
        rectangle("r1"),
        rectangle("r2"),
        keypoint("k2", "ear", 25, 50, parentID="r1"),
        keypoint("k3", "ear", 50, 50, parentID="r2"),
        said("k3", "choices", "occluded", {"choices": ["true"]}),
        keypoint("k4", "cup", 1, 1),
    )
    assert problems == []
    assert (dataset.labels, dataset.skeletons) == (("person", "cup"), (Skeleton(("nose", "ear")), None))
    assert dataset.table.kind.tolist() == [AnnotationKind.BOX, AnnotationKind.BOX, AnnotationKind.POINT]
    assert [dataset.keypoints.as_list(row) for row in range(3)] == [[30, 30, 2, 50, 50, 2], [0, 0, 0, 100, 50, 1], []]
    assert dataset.table.xyxy[0].tolist() == [20, 20, 80, 60]
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})
    np.testing.assert_allclose(found.table.coords, dataset.table.coords)


def test_names_edges_and_flip_indices_come_back(tmp_path):
    builder = DatasetBuilder()
    skeleton = Skeleton(("a", "b", "c"), edges=((0, 1),), flip=(0, 2, 1))
    builder.add_label("dog", skeleton)
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=64))
    builder.add(image, AnnotationKind.BOX, [(0, 0), (8, 8)], "dog", keypoints=[[0, 0, 0], [0, 0, 0], [4, 4, 2]])
    found, losses = again(builder.build(), tmp_path)
    assert (found.skeletons, found.keypoints.as_list(0), losses) == ((skeleton,), [0, 0, 0, 0, 0, 0, 4, 4, 2], {})


def test_what_is_said_of_a_region(tmp_path):
    """Datasets and evaluation D1, Label Studio: choices, texts, ratings and numbers of a region are attributes."""
    dataset, problems = read(
        tmp_path,
        rectangle("r1"),
        said("r1", "choices", "pose", {"choices": ["sitting"]}),
        said("r1", "textarea", "note", {"text": ["by the door"]}),
        said("r1", "rating", "stars", {"rating": 4}),
        said("r1", "number", "age", {"number": 2.5}),
    )
    assert dict(dataset.attributes[0]) == {"pose": "sitting", "note": "by the door", "stars": 4, "age": 2.5}
    assert problems == []
    found, losses = again(dataset, tmp_path)
    assert (told(found), losses) == (told(dataset), {})


@pytest.mark.parametrize(
    ("results", "code", "rows"),
    [
        ([rectangle("r1"), said("r1", "choices", "a", {"choices": ["x", "y"]})], ProblemCode.UNSUPPORTED_ENTRY, 1),
        ([said("r9", "choices", "a", {"choices": ["x"]})], ProblemCode.UNSUPPORTED_ENTRY, 0),
        ([keypoint("k", "a", 1, 1, parentID="gone")], ProblemCode.UNSUPPORTED_ENTRY, 1),
        ([rectangle("r1"), rectangle("r2", parentID="r1")], ProblemCode.UNSUPPORTED_ENTRY, 2),
        (
            [rectangle("r"), keypoint("k", "a", 1, 1, parentID="r"), keypoint("l", "a", 2, 2, parentID="r")],
            ProblemCode.DUPLICATE_ENTRY,
            1,
        ),
    ],
)
def test_what_cannot_be_held_is_told(tmp_path, results, code, rows):
    dataset, problems = read(tmp_path, *results)
    assert ([each.code for each in problems], len(dataset)) == ([code], rows)


def test_what_label_studio_cannot_hold_is_counted(tmp_path):
    builder = DatasetBuilder()
    builder.add_label("dog", Skeleton.numbered(2))
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    pose = [[1, 2, 0], [70, 5, 2]]
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "dog", keypoints=pose, area=5, ignore=True)
    _, losses = again(builder.build(), tmp_path)
    codes = (LossCode.IGNORE, LossCode.OWN_AREA, LossCode.KEYPOINT_PLACE, LossCode.CLIPPED)
    assert losses == dict.fromkeys(codes, 1)
