"""The rules by which Ultralytics 8.4 takes a folder of YOLO, as assertions of our own, over generated datasets.

It refuses a folder without ``train`` or ``val``, takes a relative ``path`` from where it runs, and leaves an image out
whole if one line of its labels breaks a rule. ``python -m tests.peers.ultralytics_command`` runs its own code.
"""

from itertools import count

import yaml
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton

FOLDERS = count()
#: How far it lets a coordinate leave the image.
TOLERANCE = 0.01
WIDTH, HEIGHT = 64, 48

#: Within the image, at its border and beyond.
numbers = st.one_of(st.floats(-100, 200, allow_nan=False), st.sampled_from([0.0, 0.5, 47.9, 48.0, 64.0]))
corners = st.tuples(numbers, numbers)
labels = st.sampled_from(["cat", "salt & pepper", "yes", "1", "null", "a: b", "ü", "#"])
shapes = st.tuples(
    st.sampled_from([AnnotationKind.BOX, AnnotationKind.POLYGON]), labels, st.lists(corners, min_size=3, max_size=5)
)
splits = st.sampled_from([None, {"train": 1}, {"train": 0.5, "val": 0.5}, {"fold1": 0.5, "test": 0.5}])


def dataset_of(images, *, pose=False):
    builder = DatasetBuilder()
    if pose:
        builder.add_label("person", Skeleton(names=("head", "left", "right"), flip=(0, 2, 1)))
    for number, found in enumerate(images):
        asset = builder.add_asset(DatasetAsset(file_name=f"{number}.png", width=WIDTH, height=HEIGHT))
        for kind, label, places in found:
            if pose:
                keypoints = [[*place, 2] for place in places[:3]]
                builder.add(asset, AnnotationKind.BOX, places[:2], "person", keypoints=keypoints)
            else:
                builder.add(asset, kind, places[:2] if kind == AnnotationKind.BOX else places, label)
    return builder.build()


def checked(folder):
    """The lines of all label files, as Ultralytics reads them, after its rules about the folder."""
    data = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))
    assert "path" not in data
    for split in ("train", "val"):
        assert (folder / data[split]).is_dir()
    names = data["names"]
    assert sorted(names) == list(range(len(names)))
    assert all(isinstance(name, str) for name in names.values())
    for path in folder.glob("labels/**/*.txt"):
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        rows = [[float(number) for number in line] for line in lines]
        for row in rows:
            assert row[0] in names
            assert all(-TOLERANCE <= number <= 1 + TOLERANCE for number in row[1:5])
        yield data, rows


@given(images=st.lists(st.lists(shapes, max_size=4), max_size=3), splits=splits)
def test_boxes(images, splits, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / f"boxes-{next(FOLDERS)}"
    write_dataset(dataset_of(images), folder, "yolo", splits=splits)
    for _, rows in checked(folder):
        assert all(len(row) == 5 for row in rows)
        assert all(min(row[3:]) >= 0 for row in rows)


@given(images=st.lists(st.lists(shapes, max_size=4), max_size=3), splits=splits)
def test_segments(images, splits, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / f"segments-{next(FOLDERS)}"
    write_dataset(dataset_of(images), folder, "yolo-segment", splits=splits)
    for _, rows in checked(folder):
        assert all(len(row) > 6 and len(row) % 2 == 1 for row in rows), "rows of boxes and of rings may not be mixed"
        assert all(0 <= number <= 1 for row in rows for number in row[1:])


@given(images=st.lists(st.lists(shapes, max_size=4), max_size=3), splits=splits)
def test_poses(images, splits, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / f"poses-{next(FOLDERS)}"
    write_dataset(dataset_of(images, pose=True), folder, "yolo-pose", splits=splits)
    for data, rows in checked(folder):
        points, columns = data["kpt_shape"]
        assert columns in (2, 3)
        assert sorted(data["flip_idx"]) == list(range(points))
        assert all(len(row) == 5 + points * columns for row in rows)
