"""Poses of COCO files, with what else they say of an object: the same numbers come back, and pycocotools reads them."""

import contextlib
import copy
import io
import json

import numpy as np
import pytest
from pycocotools.coco import COCO

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    Skeleton,
    read_coco,
    read_coco_video,
    write_coco,
)
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode

#: Of COCO's own file of people, as its documentation gives them.
NAMES = (
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle"
).split()
EDGES = [[16, 14], [14, 12], [17, 15], [15, 13], [12, 13], [6, 12], [7, 13], [6, 7], [6, 8], [7, 9], [8, 10]]
EDGES += [[9, 11], [2, 3], [1, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5, 7]]
PERSON = {"id": 1, "name": "person", "supercategory": "", "keypoints": NAMES, "skeleton": EDGES}
FACE = [[427.5, 170, 1], [429, 169, 2], [0, 0, 0], [434, 168, 2], [0, 0, 0]]
BODY = [[441, 177, 2], [446, 177, 1], [437, 200, 2], [0, 0, 0], [430, 218.25, 2], [430, 208, 1]]
LEGS = [[445, 226, 2], [443, 223, 2], [442, 261, 2], [435, 264, 2], [434, 299, 2], [11, 12, 0]]
POSE = [number for triple in (*FACE, *BODY, *LEGS) for number in triple]
RING = [423.01, 299.9, 419.33, 290.5, 416.5, 159.51, 470.2, 159.51]


def annotation(number, **fields):
    return {
        "id": number,
        "image_id": 7,
        "category_id": 1,
        "bbox": [412.8, 157.61, 53.05, 138.01],
        "iscrowd": 0,
    } | fields


def coco(*annotations, categories=(PERSON,)):
    image = {"id": 7, "file_name": "a.jpg", "width": 640, "height": 425}
    return {"images": [image], "annotations": list(annotations), "categories": [*categories]}


def read(file, tmp_path, reader=read_coco):
    """The dataset of a file, and its problems."""
    path = tmp_path / "given.json"
    path.write_text(json.dumps(file))
    problems = []
    return reader(path, on_problem=problems.append), problems


def written(dataset, tmp_path):
    """What is written, and its losses."""
    report = write_coco(dataset, tmp_path / "written.json")
    return json.loads((tmp_path / "written.json").read_text()), report.losses


def same(written, given):
    """Whether each annotation has the numbers of the given one, apart from ids."""
    for found, wanted in zip(written["annotations"], given["annotations"], strict=True):
        for name in wanted.keys() - {"id", "image_id", "category_id"}:
            assert found[name] == wanted[name], name


def test_people_come_back_with_the_same_numbers(tmp_path):
    """Finding C3 of datasets and evaluation, A2 of the field: index, visibility, names, skeleton, box and area."""
    given = coco(
        annotation(1, keypoints=POSE, num_keypoints=13, area=2913.1104, segmentation=[RING]),
        annotation(2, keypoints=POSE, num_keypoints=13, area=1234.5),
        annotation(3, keypoints=[0] * 51, num_keypoints=0, area=1, iscrowd=1),
        annotation(4, area=53.05 * 138.01),
    )
    dataset, problems = read(given, tmp_path)
    assert problems == []
    assert dataset.table.kind.tolist() == [AnnotationKind.POLYGON, *[AnnotationKind.BOX] * 3]
    (skeleton,) = dataset.skeletons
    assert skeleton.names == tuple(NAMES)
    assert skeleton.edges[0] == (15, 13)
    assert dataset.keypoints.counts.tolist() == [17, 17, 17, 0]
    assert dataset.keypoints.visibility[:17].tolist() == POSE[2::3]
    assert np.isnan(dataset.keypoints.xy[2]).all()
    assert dataset.keypoints.xy[16].tolist() == [11, 12]  # not labelled, and still said to be somewhere
    file, losses = written(dataset, tmp_path)
    assert losses == ()
    assert file["categories"] == [PERSON]
    same(file, given)
    again, _ = read(file, tmp_path)
    assert again.keypoints.xy.tobytes() == dataset.keypoints.xy.tobytes()
    with contextlib.redirect_stdout(io.StringIO()):
        tool = COCO(tmp_path / "written.json")
    assert tool.anns[2]["keypoints"] == POSE
    assert tool.cats[1]["keypoints"] == NAMES


def test_box_and_area_beside_polygons(tmp_path):
    """Datasets and evaluation D1, COCO: a bbox and an area that are not those of the polygons stay."""
    polygon = {"segmentation": [[0, 0, 10, 0, 10, 10], [20, 20, 30, 20, 30, 30]]}
    given = coco(
        annotation(1, area=77, **polygon),
        annotation(2, **polygon | {"bbox": [0, 0, 30, 30], "area": 100}),
        annotation(3, bbox=[0.1, 0.2, 0.3, 0.4], area=0.3 * 0.4),
        annotation(4, bbox=[0.1, 0.2, 0.3, 0.4], area=0.125),
        annotation(5, bbox=[9, 9, -4, 2], area=8),
        categories=[{"id": 1, "name": "cat"}],
    )
    dataset, _ = read(given, tmp_path)
    assert dataset.area[[0, 1, 5]].tolist() == [77, 77, 0.125]
    assert np.isnan(dataset.bbox[2:4]).all()  # the bounds of the polygons anyway
    assert np.isnan(dataset.area[[2, 3, 4]]).all()
    file, losses = written(dataset, tmp_path)
    assert losses == ()
    same(file, given)


def test_attributes_and_ignore(tmp_path):
    """Datasets and evaluation D1, COCO: attributes and ignore stay; what cannot be held is told."""
    given = coco(
        annotation(1, ignore=1, attributes={"occluded": True, "colour": "red", "count": 3, "turn": 0.5}, area=1),
        annotation(2, ignore=0),
        categories=[{"id": 1, "name": "cat"}],
    )
    dataset, problems = read(given, tmp_path)
    assert (dataset.ignore.tolist(), problems) == ([True, False], [])
    assert dict(dataset.attributes[0]) == given["annotations"][0]["attributes"]
    file, losses = written(dataset, tmp_path)
    assert losses == ()
    assert (file["annotations"][0]["ignore"], "ignore" in file["annotations"][1]) == (1, False)
    assert file["annotations"][0]["attributes"] == given["annotations"][0]["attributes"]
    given["annotations"][0]["attributes"] |= {"list": [1], "nothing": None}
    given["annotations"][1]["attributes"] = [1]
    again, problems = read(given, tmp_path)
    assert again.attributes[0] == dataset.attributes[0]
    assert sorted(each.code for each in problems) == [ProblemCode.MALFORMED_ENTRY, *[ProblemCode.UNSUPPORTED_ENTRY] * 2]


def test_flip_indices_are_kept_in_a_field_of_our_own(tmp_path):
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    skeleton = Skeleton(("nose", "left", "right"), edges=((0, 1),), flip=(0, 2, 1))
    builder.add_label("dog", skeleton)
    pose = [[1, 2, 2], [0, 0, 0], [3, 4, 1]]
    builder.add(image, AnnotationKind.BOX, [(0, 0), (9, 9)], "dog", keypoints=pose)
    file, losses = written(builder.build(), tmp_path)
    again, problems = read(file, tmp_path)
    assert (again.skeletons, losses, problems) == ((skeleton,), (), [])


def test_points_stay_points(tmp_path):
    """Plain points are annotations with one keypoint, and no one-keypoint people when they come back."""
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    for corner in ((1, 2), (3, 4)):
        builder.add(image, AnnotationKind.POINT, [corner], "cup")
    builder.add(image, AnnotationKind.BOX, [(1, 2), (3, 4)], "cup")
    file, _ = written(builder.build(), tmp_path)
    again, problems = read(file, tmp_path)
    assert (again.table.kind.tolist(), again.skeletons, problems) == ([0, 0, 1], (None,), [])
    assert again.keypoints is None


def test_a_pose_of_one_keypoint_is_not_a_point(tmp_path):
    category = {"id": 1, "name": "head", "keypoints": ["point"], "skeleton": []}
    given = coco(
        annotation(1, keypoints=[5, 6, 2]), annotation(2, keypoints=[5, 6, 2], bbox=[5, 6, 0, 0]), categories=[category]
    )
    dataset, _ = read(given, tmp_path)
    assert dataset.keypoints.counts.tolist() == [1, 1]
    same(written(dataset, tmp_path)[0], given)


def test_a_point_with_the_label_of_a_skeleton_is_counted(tmp_path):
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    builder.add_label("dog", Skeleton.numbered(2))
    builder.add(image, AnnotationKind.POINT, [(1, 2)], "dog")
    file, losses = written(builder.build(), tmp_path)
    assert (file["annotations"], [(loss.code, loss.count) for loss in losses]) == ([], [(LossCode.POINT, 1)])


@pytest.mark.parametrize(
    ("category", "keypoints", "names", "kept", "codes"),
    [
        ({}, [1, 2, 2, 3, 4, 1], ("0", "1"), [[1, 2, 2], [3, 4, 1]], []),  # no names
        ({"keypoints": ["a"]}, [1, 2, 2, 3, 4, 1], ("a", "1"), [[1, 2, 2], [3, 4, 1]], ["malformed_entry"]),
        ({"keypoints": ["a", "b"]}, [1, 2, 2], ("a", "b"), [[1, 2, 2], [0, 0, 0]], []),  # filled up
        ({"keypoints": ["a", "b"]}, [1, 2, 2, 3], ("a", "b"), [], ["malformed_entry"]),
        ({"keypoints": "ab"}, [1, 2, 2, 3, 4, 1], ("0", "1"), [[1, 2, 2], [3, 4, 1]], ["malformed_entry"]),
        (
            {"keypoints": ["a", "b"], "skeleton": [[0, 1]]},
            [1, 2, 2],
            ("a", "b"),
            [[1, 2, 2], [0, 0, 0]],
            ["malformed_entry"],
        ),
        ({"keypoints": ["a"]}, [1, 2, 0.75], ("a",), [[1, 2, 2]], ["malformed_entry"]),
        (
            {"keypoints": ["a"], "perceptron_annotations": {"flip": [1]}},
            [1, 2, 1],
            ("a",),
            [[1, 2, 1]],
            ["malformed_entry"],
        ),
    ],
)
def test_keypoints_that_do_not_fit_cost_only_themselves(tmp_path, category, keypoints, names, kept, codes):
    given = coco(annotation(1, keypoints=keypoints), categories=[{"id": 1, "name": "dog"} | category])
    dataset, problems = read(given, tmp_path)
    assert dataset.skeletons[0].names == names
    assert [each.code.value for each in problems] == codes
    assert dataset.table.xyxy.tolist() == [[412.8, 157.61, 412.8 + 53.05, 157.61 + 138.01]]
    found = [] if dataset.keypoints is None else np.nan_to_num(dataset.keypoints.of(0)).tolist()
    assert found == kept


def test_a_pose_without_a_box_gets_the_bounds_of_what_is_labelled(tmp_path):
    given = coco(annotation(1, keypoints=[1, 2, 2, 0, 0, 0, 5, 9, 1], bbox=None), categories=[{"id": 1, "name": "dog"}])
    dataset, _ = read(given, tmp_path)
    assert dataset.table.xyxy.tolist() == [[1, 2, 5, 9]]


def test_two_skeletons_of_one_name(tmp_path):
    given = coco(categories=[PERSON, PERSON | {"id": 2, "keypoints": ["a", "b"], "skeleton": []}])
    dataset, problems = read(given, tmp_path)
    assert dataset.skeletons[0].names == tuple(NAMES)
    assert [each.code for each in problems] == [ProblemCode.DUPLICATE_ENTRY]


def test_poses_in_videos(tmp_path):
    from perceptron_annotations.datasets import write_coco_video

    frames = [{"id": number, "file_name": f"{number}.jpg", "video_id": 1, "frame_id": number} for number in (1, 2)]
    people = [
        annotation(number, image_id=number, instance_id=5, keypoints=POSE, area=7.5 * number, segmentation=[RING])
        for number in (1, 2)
    ]
    video = {"id": 1, "name": "a.mp4", "width": 640, "height": 425, "fps": 25}
    given = {"videos": [video], "images": frames, "annotations": people, "categories": [PERSON]}
    dataset, problems = read(given, tmp_path, read_coco_video)
    assert (dataset.keypoints.counts.tolist(), dataset.area.tolist(), problems) == ([17, 17], [7.5, 15], [])
    write_coco_video(dataset, tmp_path / "again.json")
    file = json.loads((tmp_path / "again.json").read_text())
    wanted = copy.deepcopy(given)
    for each in wanted["annotations"]:
        each.pop("instance_id")
    same(file, wanted)
    assert file["categories"] == [PERSON]
