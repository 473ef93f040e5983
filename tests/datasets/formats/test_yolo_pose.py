"""YOLO pose: the points of an object on one line, with its box or with their bounds."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    Skeleton,
    guess_format,
    read_yolo,
    write_yolo,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode
from tests.datasets.examples import png

NAMES = Skeleton(("nose", "left eye", "right eye"), flip=(0, 2, 1))


def points(*people, width=100, height=50):
    """Objects of a picture without a skeleton: each is a list of kinds and coordinates."""
    builder = DatasetBuilder(["person"])
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=width, height=height))
    for shapes in people:
        number = builder.new_object()
        for kind, coords in shapes:
            builder.add(asset, kind, coords, "person", object=number)
    return builder.build()


def poses(*people, skeleton=NAMES):
    """People of a picture: each is the corners of a box, and keypoints."""
    builder = DatasetBuilder()
    builder.add_label("person", skeleton)
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=100, height=50))
    for corners, keypoints in people:
        builder.add(asset, AnnotationKind.BOX, corners, "person", keypoints=keypoints)
    return builder.build()


def told(dataset):
    """The boxes and the keypoints."""
    return [
        (dataset.table.xyxy[row].tolist(), np.nan_to_num(dataset.keypoints.of(row)).tolist())
        for row in range(len(dataset))
    ]


def point(x, y):
    return AnnotationKind.POINT, [(x, y)]


def box(*corners):
    return AnnotationKind.BOX, corners


def write(dataset, folder):
    """The report, and the label file; the picture is put where it belongs."""
    report = write_yolo(dataset, folder, task="pose")
    (folder / "images" / "train" / "a.png").write_bytes(png(100, 50))
    return report, (folder / "labels" / "train" / "a.txt").read_text()


def test_people_come_back_with_the_same_numbers(tmp_path):
    """Finding C3 of datasets and evaluation: index, visibility, flip_idx, names and box of three keypoints."""
    dataset = poses(
        ([(0, 0), (50, 50)], [[0, 0, 0], [50, 25, 1], [60, 30, 2]]),
        ([(10, 5), (20, 10)], [[12, 6, 2], [15, 10, 2], [0, 0, 0]]),
        ([(25, 0), (75, 50)], [[0, 0, 0]] * 3),
    )
    report, text = write(dataset, tmp_path / "d")
    assert text.splitlines() == [
        "0 0.25 0.5 0.5 1.0 0 0 0 0.5 0.5 1 0.6 0.6 2",
        "0 0.15000000000000002 0.15000000000000002 0.1 0.1 0.12 0.12 2 0.15 0.2 2 0 0 0",
        "0 0.5 0.5 0.5 1.0 0 0 0 0 0 0 0 0 0",
    ]
    data = (tmp_path / "d" / "data.yaml").read_text()
    assert "kpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\n" in data
    assert 'kpt_names:\n  0: ["nose", "left eye", "right eye"]\n' in data
    assert (report.objects, report.losses) == (3, ())
    assert guess_format(tmp_path / "d") is DatasetFormat.YOLO_POSE
    problems = []
    again = read_yolo(tmp_path / "d", on_problem=problems.append)
    for (box, keypoints), (wanted, others) in zip(told(again), told(dataset), strict=True):
        np.testing.assert_allclose(box, wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(keypoints, others, rtol=0, atol=1e-12)
    assert (again.skeletons, problems) == ((NAMES,), [])


#: As in the finding: keypoint 0 is missing, and keypoint 1 is hidden.
GIVEN = "0 0.5 0.5 0.25 0.5 0 0 0 0.5 0.5 1 0.625 0.625 2\n"


@pytest.mark.parametrize(
    ("shape", "line", "keypoints"),
    [
        ("[3, 3]\nflip_idx: [0, 2, 1]", GIVEN, [[0, 0, 0], [50, 25, 1], [62.5, 31.25, 2]]),
        ("[3, 2]", "0 0.5 0.5 0.25 0.5 -1 -1 0.5 0.5 0.625 0.625\n", [[0, 0, 0], [50, 25, 2], [62.5, 31.25, 2]]),
    ],
)
def test_a_file_of_another_tool_comes_back(tmp_path, shape, line, keypoints):
    """Finding C3. Without visibilities, Ultralytics takes negative coordinates for missing ones."""
    dataset = read_yolo(folder_of(tmp_path, line, shape))
    assert told(dataset) == [([37.5, 12.5, 62.5, 37.5], keypoints)]
    _, text = write(dataset, tmp_path / "again")
    visible = [int(seen) for *_, seen in keypoints]
    assert text == f"0 0.5 0.5 0.25 0.5 0 0 0 0.5 0.5 {visible[1]} 0.625 0.625 2\n"
    data = (tmp_path / "again" / "data.yaml").read_text()
    assert ("flip_idx: [0, 2, 1]" in data, "kpt_names" in data) == ("flip_idx" in shape, False)


@pytest.mark.parametrize("said", ["flip_idx: [0, 0, 1]", "flip_idx: 3", "kpt_names: [a, b]", "kpt_names: {0: [a]}"])
def test_flip_indices_and_names_that_do_not_fit(tmp_path, said):
    problems = []
    dataset = read_yolo(folder_of(tmp_path, GIVEN, f"[3, 3]\n{said}"), on_problem=problems.append)
    assert dataset.skeletons == (Skeleton.numbered(3),)
    assert [each.code for each in problems] == [ProblemCode.MALFORMED_ENTRY]


def test_coco_people(tmp_path):
    """Finding A2 of the field: polygons with keypoints become poses with their own box, missing ones in place."""
    builder = DatasetBuilder()
    builder.add_label("person", Skeleton(("a", "b"), edges=((0, 1),)))
    builder.add_label("dog", Skeleton(("c", "d", "e"), flip=(0, 2, 1)))
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=100, height=50))
    number, ring = builder.new_object(), [(20, 20), (30, 20), (30, 30)]
    pose = [[0, 0, 0], [120, 10, 1]]
    builder.add(asset, AnnotationKind.POLYGON, ring, "person", object=number, bbox=(10, 10, 50, 20), keypoints=pose)
    builder.add(asset, AnnotationKind.POLYGON, np.add(ring, 5), "person", object=number, bbox=(10, 10, 50, 20))
    builder.add(asset, AnnotationKind.BOX, [(0, 0), (9, 9)], "person")
    builder.add(asset, AnnotationKind.POINT, [(5, 5)], "dog")
    report, text = write(builder.build(), tmp_path / "d")
    assert text == "0 0.35 0.4 0.5 0.39999999999999997 0 0 0 1.0 0.2 1 0 0 0\n"
    assert {loss.code: loss.count for loss in report.losses} == {
        LossCode.POLYGON_AS_BOX: 2,
        LossCode.BOX: 1,
        LossCode.POINT: 1,
        LossCode.SKELETON: 2,
        LossCode.CLIPPED: 1,
    }


def test_points_without_a_skeleton(tmp_path):
    """What a model answers: each object's points in their order, with its box, else with their bounds."""
    dataset = points(
        [point(10, 10), point(30, 20), point(20, 40)], [box((0, 0), (50, 50)), point(25, 25)], [point(4, 5)]
    )
    report, text = write(dataset, tmp_path / "d")
    assert text.splitlines() == [
        "0 0.2 0.5 0.19999999999999998 0.6000000000000001 0.1 0.2 2 0.3 0.4 2 0.2 0.8 2",
        "0 0.25 0.5 0.5 1.0 0.25 0.5 2 0 0 0 0 0 0",
        "0 0.04 0.1 0.0 0.0 0.04 0.1 2 0 0 0 0 0 0",
    ]
    assert "kpt_shape: [3, 3]\nnames:" in (tmp_path / "d" / "data.yaml").read_text()
    assert (report.objects, report.losses) == (3, ())
    assert read_yolo(tmp_path / "d").keypoints.counts.tolist() == [3, 3, 3]


def test_single_points_stay_points(tmp_path):
    """Plain points are no one-keypoint people when they come back."""
    dataset = points([point(25, 12.5)], [point(50, 25)])
    write(dataset, tmp_path / "d")
    again = read_yolo(tmp_path / "d")
    assert (again.table.kind.tolist(), again.table.coords.tolist()) == ([0, 0], dataset.table.coords.tolist())
    assert (again.keypoints, again.skeletons) == (None, (None,))


@st.composite
def _people(draw):
    quarters = st.tuples(st.integers(0, 400), st.integers(0, 200)).map(lambda at: (at[0] / 4, at[1] / 4))
    count, found = draw(st.integers(1, 5)), []
    for _ in range(draw(st.integers(0, 4))):
        (left, right), (top, bottom) = (
            sorted(draw(st.lists(st.integers(0, size), min_size=2, max_size=2, unique=True))) for size in (100, 50)
        )
        keypoint = st.just([0, 0, 0]) | st.tuples(quarters, st.integers(1, 2)).map(lambda each: [*each[0], each[1]])
        found.append(([(left, top), (right, bottom)], draw(st.lists(keypoint, min_size=count, max_size=count))))
    return found, Skeleton.numbered(count)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=_people())
def test_round_trip(tmp_path_factory, given):
    folder = tmp_path_factory.mktemp("data") / "d"
    people, skeleton = given
    dataset = poses(*people, skeleton=skeleton)
    report, _ = write(dataset, folder)
    problems = []
    again = read_yolo(folder, on_problem=problems.append)
    assert len(again) == len(dataset)
    for row in range(len(dataset)):
        np.testing.assert_allclose(again.table.xyxy[row], dataset.table.xyxy[row], rtol=0, atol=1e-9)
        np.testing.assert_allclose(again.keypoints.of(row), dataset.keypoints.of(row), rtol=0, atol=1e-9)
    assert (report.objects, report.losses, problems) == (len(people), (), [])


def test_what_is_lost_is_counted(tmp_path):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=100, height=50))
    pair = builder.new_object()
    corners = [(10, 10), (30, 20)]
    for corner in corners:
        builder.add(asset, AnnotationKind.POINT, [corner], "a", object=pair, score=0.5, iscrowd=True)
    builder.add(asset, AnnotationKind.BOX, corners, "a", object=pair)  # the bounds of its points
    builder.add(asset, AnnotationKind.BOX, [(0, 0), (9, 9)], "a", object=pair)  # a second one
    builder.add(asset, AnnotationKind.BOX, [(0, 0), (9, 9)], "a")  # without points
    beyond = builder.new_object()
    builder.add(asset, AnnotationKind.POINT, [(120, 20)], None, object=beyond)
    builder.add(asset, AnnotationKind.BOX, [(110, 10), (130, 30)], None, object=beyond)
    builder.add(asset, AnnotationKind.POLYGON, [(0, 0), (9, 0), (9, 9)], "a")
    builder.add(asset, AnnotationKind.CLIP, [], "a", t=1.0)
    builder.add(asset, AnnotationKind.POINT, [(1, 1)], "a", t=1.0)
    builder.add(asset, AnnotationKind.POINT, [(1, 1)], "a", t=1.0, track=True)
    report, text = write(builder.build(), tmp_path / "d")
    assert text.splitlines() == [
        "0 0.2 0.30000000000000004 0.19999999999999998 0.2 0.1 0.2 2 0.3 0.4 2",
        "1 1.0 0.4 0.0 0.0 1.0 0.4 2 0 0 0",
    ]
    assert report.objects == 2
    assert {loss.code: loss.count for loss in report.losses} == {
        LossCode.POLYGON: 1,
        LossCode.CLIP: 1,
        LossCode.TRACK: 1,
        LossCode.TIMESTAMP: 1,
        LossCode.ISCROWD: 2,
        LossCode.MISSING_LABEL: 2,
        LossCode.SCORE: 2,
        LossCode.BOX_OF_POINTS: 1,
        LossCode.BOX: 2,
        LossCode.ZERO_AREA: 1,
        LossCode.CLIPPED: 1,
    }


def folder_of(tmp_path, lines, shape):
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    (tmp_path / "images" / "a.png").write_bytes(png(100, 50))
    (tmp_path / "labels" / "a.txt").write_text(lines)
    (tmp_path / "data.yaml").write_text(f"train: images\nkpt_shape: {shape}\nnames: [person]\n")
    return tmp_path


def test_as_other_tools_write_it(tmp_path):
    """Keypoints that are not labelled keep their place; a score stands at the end."""
    lines = (
        "0 0.5 0.5 0.2 0.2 0.5 0.5 1 0 0 0 0.9\n"
        "0 0.5 0.5 0.2 0.2 0 0 0 0 0 0\n"
        "0 0.5 0.5 0.2 0.2 0.5 0.5\n"
        "0 0.5 0.5 0.2 0.2 0.5 inf 2 0 0 0\n"
        "1 0.5 0.5 0.2 0.2 0.5 0.5 2 0 0 0\n"
    )
    problems = []
    found = read_yolo(folder_of(tmp_path, lines, "[2, 3]"), on_problem=problems.append)
    assert found.table.kind.tolist() == [AnnotationKind.BOX, AnnotationKind.BOX]
    assert told(found)[0][1] == [[50, 25, 1], [0, 0, 0]]
    assert told(found)[1][1] == [[0, 0, 0], [0, 0, 0]]
    assert found.table.score.tolist()[:1] == [0.9]
    assert Counter(each.code for each in problems) == {
        ProblemCode.MALFORMED_ENTRY: 1,
        ProblemCode.NON_FINITE_COORDINATES: 1,
        ProblemCode.DANGLING_REFERENCE: 1,
    }


def test_a_visibility_that_is_none(tmp_path):
    """Predictions have a confidence there: told, and taken for visible."""
    problems = []
    found = read_yolo(folder_of(tmp_path, "0 0.5 0.5 0.2 0.2 0.5 0.5 0.9\n", "[1, 3]"), on_problem=problems.append)
    assert told(found)[0][1] == [[50, 25, 2]]
    assert [each.code for each in problems] == [ProblemCode.MALFORMED_ENTRY]


@pytest.mark.parametrize("shape", ["17", "[17]", "[17, 4]", "[-1, 3]", "[x, 3]", "{}", "[1001, 3]"])
def test_a_pose_that_is_not_said(tmp_path, shape):
    with pytest.raises(FileError, match="kpt_shape must be a count of points and 2 or 3"):
        read_yolo(folder_of(tmp_path, "", shape))
