"""YOLO pose: the points of an object on one line, with its box or with their bounds."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    guess_format,
    read_yolo,
    write_yolo,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode
from tests.datasets.examples import close, objects, png


def poses(*people, labels=("person",), width=100, height=50):
    """Objects of a picture: each is a list of kinds and coordinates."""
    builder = DatasetBuilder(labels)
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=width, height=height))
    for shapes in people:
        number = builder.new_object()
        for kind, coords in shapes:
            builder.add(asset, kind, coords, "person", object=number)
    return builder.build()


def point(x, y):
    return AnnotationKind.POINT, [(x, y)]


def box(*corners):
    return AnnotationKind.BOX, corners


def write(dataset, folder):
    """The report, and the label file; the picture is put where it belongs."""
    report = write_yolo(dataset, folder, task="pose")
    (folder / "images" / "train" / "a.png").write_bytes(png(100, 50))
    return report, (folder / "labels" / "train" / "a.txt").read_text()


def test_by_hand(tmp_path):
    dataset = poses(
        [point(10, 10), point(30, 20), point(20, 40)], [box((0, 0), (50, 50)), point(25, 25)], [point(4, 5)]
    )
    report, text = write(dataset, tmp_path / "d")
    assert text.splitlines() == [
        "0 0.2 0.5 0.19999999999999998 0.6000000000000001 0.1 0.2 2 0.3 0.4 2 0.2 0.8 2",
        "0 0.25 0.5 0.5 1.0 0.25 0.5 2 0 0 0 0 0 0",
        "0 0.04 0.1 0.0 0.0 0.04 0.1 2 0 0 0 0 0 0",
    ]
    data = (tmp_path / "d" / "data.yaml").read_text()
    assert data == 'path: .\ntrain: "images/train"\nkpt_shape: [3, 3]\nnames:\n  0: "person"\n'
    assert (report.objects, report.losses) == (3, ())
    assert guess_format(tmp_path / "d") is DatasetFormat.YOLO_POSE
    close(objects(read_yolo(tmp_path / "d"), "train/"), objects(dataset))


@st.composite
def _people(draw):
    quarters = st.tuples(st.integers(0, 400), st.integers(0, 200)).map(lambda at: (at[0] / 4, at[1] / 4))
    found = []
    for _ in range(draw(st.integers(0, 4))):
        points = draw(st.lists(quarters, min_size=1, max_size=5))
        shapes = [point(x, y) for x, y in points]
        if draw(st.booleans()):
            (left, right), (top, bottom) = (
                sorted(draw(st.lists(st.integers(0, size), min_size=2, max_size=2, unique=True))) for size in (100, 50)
            )
            bounds = [sorted(each)[:: len(each) - 1 or 1] for each in zip(*points, strict=True)]
            assume(bounds != [[left, right], [top, bottom]])
            shapes.insert(0, box((left, top), (right, bottom)))
        found.append(shapes)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=_people())
def test_round_trip(tmp_path_factory, people):
    folder = tmp_path_factory.mktemp("data") / "d"
    dataset = poses(*people)
    report, _ = write(dataset, folder)
    problems = []
    close(objects(read_yolo(folder, on_problem=problems.append), "train/"), objects(dataset))
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
    """Points that are not labelled are left out, one that is hidden is not; a score stands at the end."""
    lines = (
        "0 0.5 0.5 0.2 0.2 0.5 0.5 1 0 0 0 0.9\n"
        "0 0.5 0.5 0.2 0.2 0 0 0 0 0 0\n"
        "0 0.5 0.5 0.2 0.2 0.5 0.5\n"
        "0 0.5 0.5 0.2 0.2 0.5 inf 2 0 0 0\n"
        "1 0.5 0.5 0.2 0.2 0.5 0.5 2 0 0 0\n"
    )
    problems = []
    found = read_yolo(folder_of(tmp_path, lines, "[2, 3]"), on_problem=problems.append)
    assert found.table.kind.tolist() == [AnnotationKind.BOX, AnnotationKind.POINT, AnnotationKind.BOX]
    assert found.object.tolist() == [0, 0, 1]
    assert found.table.vertices(1).tolist() == [[50, 25]]
    assert found.table.score.tolist()[:2] == [0.9, 0.9]
    assert Counter(each.code for each in problems) == {
        ProblemCode.MALFORMED_ENTRY: 1,
        ProblemCode.NON_FINITE_COORDINATES: 1,
        ProblemCode.DANGLING_REFERENCE: 1,
    }


def test_without_visibility(tmp_path):
    found = read_yolo(folder_of(tmp_path, "0 0.5 0.5 0.2 0.2 0.25 0.5 0.75 0.5\n", "[2, 2]"))
    assert found.table.kind.tolist() == [AnnotationKind.BOX, AnnotationKind.POINT, AnnotationKind.POINT]
    assert found.table.coords[2:].tolist() == [[25, 25], [75, 25]]


@pytest.mark.parametrize("shape", ["17", "[17]", "[17, 4]", "[-1, 3]", "[x, 3]", "{}"])
def test_a_pose_that_is_not_said(tmp_path, shape):
    with pytest.raises(FileError, match="kpt_shape must be a count of points and 2 or 3"):
        read_yolo(folder_of(tmp_path, "", shape))
