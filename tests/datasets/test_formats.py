"""Round trips: what a format claims to hold comes back, and the report names all the rest."""

import csv
import gzip
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError, parse, read_dataset, write_dataset
from perceptron_annotations.datasets import (
    AssetKind,
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    Skeleton,
    guess_format,
    read_activitynet,
    read_coco,
    read_csv,
    read_cvat,
    read_label_studio,
    read_labelme,
    read_voc,
    read_yolo,
    write_chat,
    write_coco,
    write_csv,
    write_cvat,
    write_label_studio,
    write_labelme,
    write_voc,
    write_yolo,
)
from perceptron_annotations.datasets.formats.registry import FORMATS
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import Loss, LossCode, LossError
from perceptron_annotations.problems import ProblemCode, ProblemWarning
from tests.datasets.examples import close, datasets, objects, png

FILES = {
    DatasetFormat.COCO: "out.json",
    DatasetFormat.COCO_VIDEO: "out.json",
    DatasetFormat.LABEL_STUDIO: "out.json",
    DatasetFormat.CVAT: "out.xml",
    DatasetFormat.CSV: "out.csv",
    DatasetFormat.ACTIVITYNET: "out.json",
    DatasetFormat.DATASET_JSONL: "out.jsonl",
    DatasetFormat.DATASET_PARQUET: "out.parquet",
}
IN_FRAMES = [found for found, info in FORMATS.items() if info.frames]
#: The times of a shape in a picture, and whether it is a place of a track.
STILL = ([(None, None)], [False])
pictures_needed = {DatasetFormat.YOLO, DatasetFormat.YOLO_SEGMENT, DatasetFormat.YOLO_POSE}
#: The folder of a split, in which the images of a format are.
BELOW = dict.fromkeys(pictures_needed, "train/")


def there_and_back(dataset, found, folder, **options):
    """Write, put pictures where they are needed, read."""
    path = folder / FILES.get(found, "out")
    report = write_dataset(dataset, path, found, **options)
    if found in pictures_needed:
        for asset in dataset.assets:
            picture = path / "images" / "train" / asset.file_name
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(png(asset.width, asset.height))
    problems = []
    options.pop("splits", None)
    return read_dataset(path, found, on_problem=problems.append, **options), report, problems


@pytest.mark.parametrize("found", list(DatasetFormat))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_a_format_holds_comes_back(tmp_path_factory, found, data):
    """“Generated Datasets written and read back equal on all that the format's row in ``formats`` claims to hold.”"""
    info = FORMATS[found]
    holds = {name: getattr(info, name) for name in ("rings", "scores", "crowds", "times", "frames")}
    dataset = data.draw(datasets(info.holds, **holds))
    again, report, problems = there_and_back(dataset, found, tmp_path_factory.mktemp("data"))
    assert report.losses == ()
    assert problems == []
    wanted = objects(dataset)
    if found in pictures_needed or (info.frames and info.is_folder):  # they are read in the order of their names
        wanted = {name: wanted[name] for name in sorted(wanted)}
    if found is DatasetFormat.ACTIVITYNET:  # it has no sizes
        wanted = {name: (None, None, shapes) for name, (_, _, shapes) in wanted.items()}
    close(objects(again, BELOW.get(found, "")), wanted)
    if info.frames:
        rates = {asset.file_name: (asset.kind, asset.fps) for asset in dataset.assets}
        assert {asset.file_name: (asset.kind, asset.fps) for asset in again.assets} == rates
    assert report.objects == sum(len(each[2]) for each in wanted.values())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset=datasets((AnnotationKind.BOX,)))
def test_the_formats_agree(tmp_path_factory, dataset):
    """“The same Dataset through every format agrees.”"""
    wanted = objects(dataset)
    for found in DatasetFormat:
        if AnnotationKind.BOX in FORMATS[found].holds and found not in IN_FRAMES:
            again, _, _ = there_and_back(dataset, found, tmp_path_factory.mktemp("data"))
            close({name: objects(again, BELOW.get(found, ""))[name] for name in wanted}, wanted)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(dataset=datasets(frames=True))
def test_the_formats_of_videos_agree(tmp_path_factory, dataset):
    """The same tracks through every format that holds them agree."""
    wanted = objects(dataset)
    for found in (found for found in DatasetFormat if FORMATS[found].times):
        again, report, _ = there_and_back(dataset, found, tmp_path_factory.mktemp("data"))
        assert report.losses == ()
        close({name: objects(again)[name] for name in wanted}, wanted)


def said_of(dataset):
    """What is beside the shapes, by the order of rows."""
    none = [()] * len(dataset)
    keypoints = none if dataset.keypoints is None else [dataset.keypoints.as_list(row) for row in range(len(dataset))]
    said = [dict(each) for each in dataset.attributes or none]
    return dataset.ignore.tolist(), said, np.round([list(each) for each in keypoints], 9).tolist()


@pytest.mark.parametrize("found", [name for name, info in FORMATS.items() if info.keypoints or info.attributes])
def test_what_is_beside_shapes_comes_back(tmp_path, found):
    """Datasets and evaluation C3, D1: keypoints, attributes and ignored objects, if a format's row claims them."""
    info, builder = FORMATS[found], DatasetBuilder()
    skeleton = Skeleton(("a", "b", "c")) if found is not DatasetFormat.CSV else Skeleton.numbered(3)
    poses = [[[4, 6, 2], [40, 30, 1], [0, 0, 0]], [[0, 0, 0], [8, 10, 2], [50, 45, 2]]]
    video = {"kind": "video", "fps": 10} if info.frames else {}
    builder.add_label("person", skeleton if info.keypoints else None)
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=64, **video))
    for number, pose in enumerate(poses):
        seen = np.array([each[:2] for each in pose if each[2]])
        builder.add(
            image,
            AnnotationKind.BOX,
            [seen.min(axis=0), seen.max(axis=0)],
            "person",
            keypoints=pose if info.keypoints else None,
            attributes={"occluded": True, "colour": "red", "size": 2.5} if info.attributes and number else None,
            ignore=info.ignored and number == 1,
            **({"t": 0.5, "track": True} if info.frames else {}),
        )
    dataset = builder.build()
    again, report, problems = there_and_back(dataset, found, tmp_path)
    assert (report.losses, problems, said_of(again)) == ((), [], said_of(dataset))
    assert again.skeletons == dataset.skeletons


@pytest.mark.parametrize("found", list(DatasetFormat))
def test_what_is_beside_shapes_is_counted_otherwise(tmp_path, found):
    info, builder = FORMATS[found], DatasetBuilder()
    builder.add_label("person", Skeleton.numbered(1, (0,)))
    video = {"kind": "video", "fps": 10} if info.frames else {}
    image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=64, **video))
    kind, at = AnnotationKind.BOX, {"t": 0.5, "track": True} if info.frames else {}
    corners = [(1, 1), (9, 9)]
    if kind not in info.holds and not info.keypoints:
        pytest.skip("boxes are lost as a whole")
    builder.add(image, kind, corners, "person", keypoints=[[5, 5, 2]], attributes={"a": 1}, ignore=True, **at)
    _, report, _ = there_and_back(builder.build(), found, tmp_path)
    counted = [LossCode.KEYPOINTS, LossCode.ATTRIBUTE, LossCode.IGNORE]
    held = [info.keypoints, info.attributes, info.ignored]
    assert [report.count(code) for code in counted] == [int(not each) for each in held]
    if not info.keypoints:
        assert report.count(LossCode.SKELETON) == 1


@pytest.mark.parametrize("found", list(DatasetFormat))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data())
def test_the_report_names_the_rest(tmp_path_factory, found, data):
    """Whatever is not held is counted: objects written and lost add up."""
    info = FORMATS[found]
    dataset = data.draw(datasets(rings=True, scores=True, crowds=True, frames=info.frames))
    _, report, _ = there_and_back(dataset, found, tmp_path_factory.mktemp("data"))
    held = np.isin(dataset.table.kind, info.holds)
    if not held.all():
        assert report.losses
    if dataset.iscrowd.any() and not info.crowds and report.objects:
        assert report.count(LossCode.ISCROWD) or not dataset.iscrowd[held].any()
    if not info.scores and (~np.isnan(dataset.table.score[held])).any():
        assert report.count(LossCode.SCORE)
    if report.losses:
        with pytest.raises(LossError, match=str(report.losses[0].count)):
            report.raise_for_loss()


def one(*rows, name="a.png", width=100, height=50):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height))
    for kind, coords, label in rows:
        builder.add(asset, kind, coords, label)
    return builder.build()


def example_for(found, *rows):
    """A dataset that a format holds some of: a picture, or a video with tracks."""
    if found not in IN_FRAMES:
        return one(*rows)
    builder = DatasetBuilder()
    video = DatasetAsset(file_name="a.mp4", width=100, height=50, kind=AssetKind.VIDEO, fps=25.0)
    asset = builder.add_asset(video)
    for kind, coords, label in rows:
        builder.add(asset, kind, coords, label, t=0.4, track=True)
    return builder.build()


BOX = (AnnotationKind.BOX, [(10, 10), (30, 20)], "cat")


def test_yolo_by_hand(tmp_path):
    triangle = (AnnotationKind.POLYGON, [(0, 0), (50, 0), (50, 25)], "leaf")
    report = write_yolo(one(BOX, triangle, (AnnotationKind.BOX, [(90, 40), (120, 60)], "cat")), tmp_path / "d")
    text = (tmp_path / "d" / "labels" / "train" / "a.txt").read_text()
    # The third is clipped to (90, 40) (100, 50), and not moved to the middle of what is left.
    found = [[float(word) for word in line.split()] for line in text.splitlines()]
    np.testing.assert_allclose(found, [[0, 0.2, 0.3, 0.2, 0.2], [1, 0.25, 0.25, 0.5, 0.5], [0, 0.95, 0.9, 0.1, 0.2]])
    assert {loss.code: loss.count for loss in report.losses} == {LossCode.POLYGON_AS_BOX: 1, LossCode.CLIPPED: 1}
    data = (tmp_path / "d" / "data.yaml").read_text()
    assert data == (
        'train: "images/train"\nval: "images/train"\nnames:\n  0: "cat"\n  1: "leaf"\n'
        "perceptron_annotations:\n  stand_ins: ['val']\n"
    )
    write_yolo(one(triangle, BOX), tmp_path / "s", task="segment")
    text = (tmp_path / "s" / "labels" / "train" / "a.txt").read_text()
    assert text == "0 0.0 0.0 0.5 0.0 0.5 0.5\n1 0.1 0.2 0.3 0.2 0.3 0.4 0.1 0.4\n"
    with pytest.raises(FileError, match="is not empty"):
        write_yolo(one(BOX), tmp_path / "d")
    shared = DatasetBuilder()
    for name in ("a.png", "a.jpg"):
        shared.add_asset(DatasetAsset(file_name=name, width=9, height=9))
    report = write_yolo(shared.build(), tmp_path / "t")
    assert report.losses == (Loss(LossCode.RENAMED, 1, "train/a.jpg as train/a_2.jpg"),)
    assert sorted(path.name for path in (tmp_path / "t" / "labels" / "train").iterdir()) == ["a.txt", "a_2.txt"]


def test_yolo_without_a_label(tmp_path):
    """Under "object", which may be in the list already."""
    nothing = (AnnotationKind.BOX, BOX[1], None)
    cases = (([BOX, nothing], "01"), ([(AnnotationKind.BOX, BOX[1], "object"), BOX, nothing], "010"))
    for number, (shapes, wanted) in enumerate(cases):
        report = write_yolo(one(*shapes), tmp_path / str(number))
        text = (tmp_path / str(number) / "labels" / "train" / "a.txt").read_text()
        assert "".join(line[0] for line in text.splitlines()) == wanted
        assert report.count(LossCode.MISSING_LABEL) == 1


def test_yolo_splits(tmp_path):
    builder = DatasetBuilder(["x"])
    for number in range(200):
        builder.add_asset(DatasetAsset(file_name=f"{number}.png", width=9, height=9))
    report = write_yolo(builder.build(), tmp_path / "d", splits={"train": 0.8, "val": 0.2})
    found = {split: len(list((tmp_path / "d" / "labels" / split).glob("*.txt"))) for split in ("train", "val")}
    assert sum(found.values()) == report.assets == 200
    assert 20 <= found["val"] <= 60


def test_odd_yolo(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(png(100, 50))
    (tmp_path / "images" / "b.png").write_bytes(b"broken")
    lines = "0 0.5 0.5 0.2 0.2 0.75\r\n7 0.5 0.5 0.2 0.2\nx\n0 nan 0.5 0.2 0.2\n0 1\n\n"
    (tmp_path / "labels" / "a.txt").write_text("\ufeff" + lines)
    (tmp_path / "labels" / "c.txt").write_text("")
    (tmp_path / "data.yaml").write_text("train: ../images\nval: /etc\nnames: [cat]\n")
    problems = []
    dataset = read_yolo(tmp_path, on_problem=problems.append)
    assert objects(dataset) == {
        "a.png": (100, 50, [("cat", [("BOX", [[40, 20], [60, 30]])], False, 0.75, *STILL)]),
        "b.png": (None, None, []),
        "c": (None, None, []),
    }
    assert Counter(each.code for each in problems) == {
        ProblemCode.UNSAFE_FILE_NAME: 2,
        ProblemCode.MISSING_SIZE: 2,
        ProblemCode.DANGLING_REFERENCE: 1,
        ProblemCode.MALFORMED_ENTRY: 2,
        ProblemCode.NON_FINITE_COORDINATES: 1,
    }
    with pytest.raises(FileError, match="cannot read"):
        read_yolo(tmp_path / "none")
    (tmp_path / "data.yaml").write_text("!!python/object/apply:os.system ['touch pwned']")
    with pytest.raises(FileError, match="does not describe a YOLO dataset"):
        read_yolo(tmp_path)


def test_voc_says_where_it_counts_from(tmp_path):
    write_voc(one(BOX), tmp_path / "plain")
    write_voc(one(BOX), tmp_path / "ones", one_based=True)
    assert "<xmin>10.0</xmin>" in (tmp_path / "plain" / "Annotations" / "a.xml").read_text()
    assert "<xmin>11.0</xmin>" in (tmp_path / "ones" / "Annotations" / "a.xml").read_text()
    assert read_voc(tmp_path / "ones", one_based=True).table.xyxy.tolist() == [[10, 10, 30, 20]]
    assert read_voc(tmp_path / "ones").table.xyxy.tolist() == [[11, 11, 30, 20]]


BOMB = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><annotation><filename>&y;</filename></annotation>'
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>'


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        ("<annotation><filename>x.png</filename></annotation>", ProblemCode.MISSING_SIZE, "x.png"),
        (
            "<annotation><size><width>9</width><height>9</height></size><object><name>a</name></object></annotation>",
            ProblemCode.MALFORMED_ENTRY,
            "object 0",
        ),
    ],
)
def test_odd_voc(tmp_path, text, reason, message):
    (tmp_path / "a.xml").write_text(text)
    write_voc(one(BOX, name="z.png"), tmp_path / "out")
    (tmp_path / "z.xml").write_bytes((tmp_path / "out" / "Annotations" / "z.xml").read_bytes())
    problems = []
    dataset = read_voc(tmp_path / "a.xml", on_problem=problems.append)
    assert [(each.code, message in str(each)) for each in problems] == [(reason, True)]
    assert len(dataset.assets) == 1
    (tmp_path / "out" / "Annotations" / "z.xml").rename(tmp_path / "out" / "Annotations" / "y.xml")
    assert len(read_voc(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "document type declaration"),
        (XXE, "document type declaration"),
        ("<annotation>", "is not valid XML"),
        ("<other/>", "has the root <other>"),
    ],
)
def test_hostile_voc(tmp_path, text, message):
    """A broken file of a folder costs itself; one that is named, or a folder without a sound one, is an error."""
    (tmp_path / "a.xml").write_text(text)
    for path in (tmp_path / "a.xml", tmp_path):
        with pytest.raises(FileError, match=message):
            read_voc(path, on_problem=lambda problem: None)
    write_voc(one(BOX, name="z.png"), tmp_path / "out")
    problems = []
    dataset = read_voc(tmp_path, on_problem=problems.append)
    assert [(each.code, message in str(each)) for each in problems] == [(ProblemCode.UNREADABLE_FILE, True)]
    assert "root:" not in repr(dataset.assets)
    assert len(dataset) == 1


@pytest.mark.parametrize("name", ["../out.png", "/etc/passwd", "C:\\x.png", "a/../../b.png", "..\\b.png", "nul\0.png"])
@pytest.mark.parametrize("write", [write_yolo, write_voc, write_labelme])
def test_names_never_lead_out(tmp_path, write, name):
    """“File names that would escape the output folder are refused.”"""
    report = write(one(BOX, name=name), tmp_path / "in" if (tmp_path / "in").mkdir() else tmp_path / "in" / "out")
    assert report.count(LossCode.UNSAFE_FILE_NAME) == 1
    assert report.objects == 0
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["out"]
    assert list(tmp_path.glob("*.txt")) == []


def test_odd_labelme(tmp_path):
    shapes = [
        {"label": "a", "points": [[1, 2], [3, 4]], "shape_type": "rectangle"},
        {"label": "b", "points": [[1, 2], [3, 4]], "shape_type": "circle"},
        {"label": "c", "points": [[1, 2]], "shape_type": "polygon"},
        {"points": []},
    ]
    sheet = {"shapes": shapes, "imagePath": "..\\pictures\\x.png", "imageWidth": 9, "imageHeight": 8}
    (tmp_path / "x.json").write_text(json.dumps(sheet))
    (tmp_path / "y.json").write_text("{")
    problems = []
    dataset = read_labelme(tmp_path, on_problem=problems.append)
    assert objects(dataset) == {"x.png": (9, 8, [("a", [("BOX", [[1, 2], [3, 4]])], False, None, *STILL)])}
    assert Counter(each.code for each in problems) == {
        ProblemCode.UNSUPPORTED_ENTRY: 1,
        ProblemCode.MALFORMED_ENTRY: 2,
        ProblemCode.UNREADABLE_FILE: 1,
    }


def test_odd_coco(tmp_path):
    path = tmp_path / "a.json"
    image = {"id": 1, "file_name": "a.png", "width": 9, "height": 9}
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 0, "bbox": [1, 2, 3, 4]},
        {"id": 1, "image_id": 1, "category_id": 0, "bbox": [1, 2, 3, 4]},
        {"id": 2, "image_id": 5, "category_id": 0, "bbox": [1, 2, 3, 4]},
        {"id": 3, "image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]},
        {"id": 4, "image_id": 1, "category_id": 0, "bbox": [1, 2, 3]},
        {
            "id": 5,
            "image_id": 1,
            "category_id": 0,
            "bbox": [1, 2, 3, 4],
            "segmentation": {"counts": "x", "size": [9, 9]},
        },
        {"id": 6, "image_id": 1, "category_id": 0, "segmentation": [[1, 2, 3]], "bbox": [0, 0, 1, 1]},
        {"id": 7, "image_id": "?"},
    ]
    path.write_text(
        json.dumps({"images": [image, image], "annotations": annotations, "categories": [{"id": 0, "name": "cat"}]})
    )
    problems = []
    dataset = read_coco(path, on_problem=problems.append)
    assert [dataset.source[row] for row in range(len(dataset))] == ["1", "5", "6"]
    assert Counter(each.code for each in problems) == {
        ProblemCode.DUPLICATE_ENTRY: 2,
        ProblemCode.DANGLING_REFERENCE: 2,
        ProblemCode.MALFORMED_ENTRY: 3,
        ProblemCode.UNSUPPORTED_ENTRY: 1,
    }
    for text, message in (("{", "COCO file"), ("{}", "no images, annotations or categories"), ("[]", "COCO file")):
        path.write_text(text)
        with pytest.raises(FileError, match=message):
            read_coco(path)


def test_guessing_and_wrong_use(tmp_path):
    for found in DatasetFormat:
        path = tmp_path / found / FILES.get(found, "out")
        path.parent.mkdir()
        write_dataset(example_for(found, BOX), path, found)
        guessed = guess_format(path)
        assert guessed == (DatasetFormat.YOLO if found is DatasetFormat.YOLO_SEGMENT else found)
    (tmp_path / "d.jsonl.gz").write_bytes(
        gzip.compress((tmp_path / "dataset-jsonl" / FILES[DatasetFormat.DATASET_JSONL]).read_bytes())
    )
    assert guess_format(tmp_path / "d.jsonl.gz") is DatasetFormat.DATASET_JSONL
    with pytest.raises(FileError, match="no such file or folder"):
        guess_format(tmp_path / "x.bin")
    (tmp_path / "x.bin").touch()
    with pytest.raises(UsageError, match="cannot tell the format of"):
        guess_format(tmp_path / "x.bin")
    with pytest.raises(UsageError, match="format must be one of coco"):
        write_dataset(one(BOX), tmp_path / "x", "tfrecord")
    for read in (read_voc, read_labelme):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(FileError, match="there is no"):
            read(tmp_path / "empty")


def test_two_runs_are_the_same_bytes(tmp_path):
    for found in DatasetFormat:
        dataset = example_for(found, BOX, (AnnotationKind.POLYGON, [(0, 0), (5, 0), (5, 5)], "leaf"))
        for run in "ab":
            (tmp_path / f"{found}{run}").mkdir()
            write_dataset(dataset, tmp_path / f"{found}{run}" / FILES.get(found, "out"), found)
        one_, other = (
            {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
            for root in (tmp_path / f"{found}a", tmp_path / f"{found}b")
        )
        assert one_ == other


def test_coco_of_several_rings(tmp_path):
    builder = DatasetBuilder(["x"])
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=100, height=100))
    number = builder.new_object()
    for left in (0, 50):
        ring = [(left, 0), (left + 10, 0), (left + 10, 10), (left, 10)]
        builder.add(asset, AnnotationKind.POLYGON, ring, "x", object=number, iscrowd=False)
    write_coco(builder.build(), tmp_path / "a.json")
    (annotation,) = json.loads((tmp_path / "a.json").read_text())["annotations"]
    assert (annotation["bbox"], annotation["area"], annotation["iscrowd"]) == ([0, 0, 60, 10], 200, 0)
    assert len(annotation["segmentation"]) == 2


def test_csv_is_defused_and_whole(tmp_path):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="=cmd|' /C calc'!A0.png", width=9, height=9))
    for label in ("=1+1", "-2", "+3", "@sum", "'quoted", "a\r\nb", None):
        builder.add(asset, AnnotationKind.BOX, [(1, 2), (3, 4)], label)
    path = tmp_path / "a.csv"
    write_csv(builder.build(), path)
    with path.open(newline="", encoding="utf-8") as file:
        cells = [cell for line in list(csv.reader(file))[1:] for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    again = read_csv(path)
    assert [again.label_of(row) for row in range(7)] == ["=1+1", "-2", "+3", "@sum", "'quoted", "a\r\nb", None]
    path.write_text("file_name,kind,x1,y1\na.png,point,1,2\na.png,point,x,2\na.png,blob,1,2\n,point,1,2\nb.png,,,\n")
    problems = []
    found = read_csv(path, on_problem=problems.append)
    assert (len(found), len(found.assets)) == (1, 2)
    assert [*Counter(each.code for each in problems).items()] == [(ProblemCode.MALFORMED_ENTRY, 3)]
    path.write_text("a,b\n")
    with pytest.raises(FileError, match="no column file_name"):
        read_csv(path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/data/local-files/?d=shelf/red%20room.png", "shelf/red room.png"),
        ("http://localhost:8080/data/local-files/?d=a.png", "a.png"),
        ("/data/local-files/?d=", "/data/local-files/?d="),
        ("red%20room.png", "red%20room.png"),
        ("s3://bucket/a.png", "s3://bucket/a.png"),
    ],
)
def test_label_studio_names_served_files_by_their_address(tmp_path, text, name):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"data": {"image": text}}]))
    assert read_label_studio(path).assets[0].file_name == name


def test_label_studio_by_hand(tmp_path):
    path = tmp_path / "a.json"
    write_label_studio(one(BOX), path)
    (task,) = json.loads(path.read_text())
    (result,) = task["predictions"][0]["result"]
    assert result["value"] == {"rectanglelabels": ["cat"], "x": 10, "y": 20, "width": 20, "height": 20, "rotation": 0}
    assert (result["type"], result["from_name"], result["to_name"]) == ("rectanglelabels", "label", "image")
    result["value"]["rotation"] = 5
    odd = [
        task,
        {"data": {}},
        5,
        {"data": {"image": "b"}, "annotations": [{"result": [{"type": "brushlabels", "value": {}}]}]},
    ]
    path.write_text(json.dumps(odd))
    problems = []
    assert len(read_label_studio(path, on_problem=problems.append)) == 0
    assert Counter(each.code for each in problems) == {
        ProblemCode.UNSUPPORTED_ENTRY: 1,
        ProblemCode.MALFORMED_ENTRY: 2,
        ProblemCode.MISSING_SIZE: 1,
    }


def test_label_studio_takes_nothing_beyond_the_picture(tmp_path):
    path = tmp_path / "a.json"
    shapes = [
        (AnnotationKind.BOX, [(90, 40), (120, 60)], "cat"),
        (AnnotationKind.BOX, [(100, 10), (120, 20)], "cat"),
        (AnnotationKind.POLYGON, [(-10, 0), (50, 0), (50, 75)], "leaf"),
        (AnnotationKind.POINT, [(-5, 25)], "tip"),
    ]
    report = write_label_studio(one(*shapes), path)
    results = json.loads(path.read_text())[0]["predictions"][0]["result"]
    assert [result["value"] for result in results] == [
        {"rectanglelabels": ["cat"], "x": 90, "y": 80, "width": 10, "height": 20, "rotation": 0},
        {"polygonlabels": ["leaf"], "points": [[0, 0], [50, 0], [50, 100]], "closed": True},
        {"keypointlabels": ["tip"], "x": 0, "y": 50, "width": 0.5},
    ]
    assert report.objects == 3
    assert {loss.code: loss.count for loss in report.losses} == {LossCode.CLIPPED: 4, LossCode.ZERO_AREA: 1}


@pytest.mark.parametrize(
    ("root", "address", "name"),
    [
        ("", "sub/red room.png", "sub/red room.png"),
        ("s3://bucket/", "s3://bucket/sub/red room.png", "s3://bucket/sub/red room.png"),
        ("/data/local-files/?d=", "/data/local-files/?d=sub/red%20room.png", "sub/red room.png"),
    ],
)
def test_label_studio_finds_pictures_below_a_root(tmp_path, root, address, name):
    path = tmp_path / "a.json"
    write_label_studio(one(BOX, name="sub/red room.png"), path, image_root=root)
    assert json.loads(path.read_text())[0]["data"] == {"image": address}
    assert read_label_studio(path).assets[0].file_name == name


def test_cvat_by_hand(tmp_path):
    path = tmp_path / "a.xml"
    write_cvat(one(BOX, (AnnotationKind.POINT, [(1, 2)], "x")), path)
    text = path.read_text()
    assert 'xtl="10.0" ytl="10.0" xbr="30.0" ybr="20.0"' in text
    path.write_text(
        text.replace('points="1.0,2.0"', 'points="1,2;3,4"').replace("</image>", "<mask/><box label='x'/></image>")
    )
    problems = []
    found = read_cvat(path, on_problem=problems.append)
    assert found.table.kind.tolist() == [AnnotationKind.BOX, AnnotationKind.POINT, AnnotationKind.POINT]
    assert len(np.unique(found.object)) == 2
    assert Counter(each.code for each in problems) == {
        ProblemCode.UNSUPPORTED_ENTRY: 1,
        ProblemCode.MALFORMED_ENTRY: 1,
    }


def test_chat_is_canonical_markup(tmp_path):
    path = tmp_path / "a.jsonl"
    report = write_chat(one(BOX, (AnnotationKind.POINT, [(0.3, 60)], "x")), path, system="Be brief.")
    system, user, assistant = json.loads(path.read_text())["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    assert user["content"][1]["text"] == "Find every cat, x."
    assert (
        assistant["content"]
        == '<point_box mention="cat"> (100,200) (300,400) </point_box> <point mention="x"> (3,1000) </point>'
    )
    assert report.count(LossCode.ROUNDED_COORDINATES) == 1
    assert parse(assistant["content"]).issues == ()
    assert write_chat(DatasetBuilder().build(), path).assets == 0


def test_odd_temporal(tmp_path):
    path = tmp_path / "a.json"
    entries = [{"segment": [1, 2], "label": "a"}, {"segment": [1], "label": "a"}, {"segment": [-1, 2], "label": "a"}]
    path.write_text(json.dumps({"database": {"v": {"annotations": entries}, "w": 5}}))
    problems = []
    found = read_activitynet(path, on_problem=problems.append)
    assert (len(found), found.table.t.tolist(), found.table.until.tolist()) == (1, [1], [2])
    assert [*Counter(each.code for each in problems).items()] == [(ProblemCode.MALFORMED_ENTRY, 3)]


def test_sizes_have_all_their_digits(tmp_path):
    """VOC wrote a width of 1,234,567 with six digits."""
    for found in (DatasetFormat.VOC, DatasetFormat.CVAT):
        path = tmp_path / FILES.get(found, "out")
        write_dataset(one(BOX, width=1234567, height=20.5), path, found)
        (asset,) = read_dataset(path, found).assets
        assert (asset.width, asset.height) == (1234567, 20.5)


def test_an_option_that_a_format_does_not_take(tmp_path):
    write_dataset(one(BOX), tmp_path / "a.json", "coco")
    with pytest.raises(UsageError, match=r"no option 'fps' for coco: read_coco takes the options on_problem$"):
        read_dataset(tmp_path / "a.json", fps=5)
    with pytest.raises(UsageError, match=r"'task' for yolo: write_yolo takes the options splits, seed, images$"):
        write_dataset(one(BOX), tmp_path / "out", "yolo", task="pose")
    with pytest.raises(UsageError, match=r"no option 'points' for csv: write_csv takes no options$"):
        write_dataset(one(BOX), tmp_path / "out", "csv", points="omit")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json"]


@pytest.mark.parametrize("read", [read_coco, read_dataset])
def test_without_on_problem_one_warning_counts(tmp_path, read):
    """It is told where the reader was called, not where it read."""
    coco = {"images": [{"file_name": "a"}, {"file_name": "b"}], "annotations": [{}], "categories": []}
    (tmp_path / "a.json").write_text(json.dumps(coco))
    with pytest.warns(ProblemWarning, match=r"3 malformed_entry; first: .*a\.json: images\[0\]: ") as told:
        read(tmp_path / "a.json")
    assert [each.filename for each in told] == [__file__]
