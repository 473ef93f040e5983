"""What we write, other tools read (findings C2 and D4), and what is never written as something else."""

import json

import pytest
import yaml

from perceptron_annotations import AnnotationKind, Recording, UsageError, write_dataset
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import (
    AssetKind,
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    ImageFiles,
    from_recordings,
    read_labelme,
    read_voc,
    read_yolo,
    write_activitynet,
    write_coco,
    write_coco_video,
    write_labelme,
    write_voc,
    write_yolo,
)
from perceptron_annotations.datasets.formats.catalog import FORMATS
from perceptron_annotations.losses import Loss, LossCode
from tests.datasets.examples import png
from tests.datasets.test_formats import FILES

IMAGE_FORMATS = [found for found, info in FORMATS.items() if not (info.frames or info.streams)]
IMAGE_FORMATS = [found for found in (*IMAGE_FORMATS, DatasetFormat.COCO) if found is not DatasetFormat.ACTIVITYNET]


def images(*splits, names=("a.jpg", "sub/b.png")):
    """Images with a box each."""
    builder = DatasetBuilder(["cat"])
    for name, split in zip(names, splits or (None,) * len(names), strict=True):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=40, height=20, split=split))
        builder.add(asset, AnnotationKind.BOX, [(1, 2), (5, 9)], "cat")
    return builder.build()


def yolo_rules(folder):
    """What Ultralytics' ``check_det_dataset`` asks of a ``data.yaml``, in our words.

    ``train`` and ``val`` are there, and so are names (or ``nc``), one for each class from 0; ``path``, if there is one,
    is joined with where the program runs, else the folder of the file counts; and the folder of ``val`` exists.
    """
    data = yaml.safe_load((folder / "data.yaml").read_text())
    assert "path" not in data
    assert {"train", "val", "names"} <= data.keys()
    assert list(data["names"]) == list(range(len(data["names"])))
    for split in ("train", "val", "test"):
        if split in data:
            assert (folder / data[split]).resolve().is_dir()
    return data


@pytest.mark.parametrize("task", ["detect", "segment", "pose"])
@pytest.mark.parametrize("splits", [None, {"train": 0.5, "val": 0.5}, {"val": 1.0}, {"a": 1.0}])
def test_datasets_c2_data_yaml_for_ultralytics(tmp_path, monkeypatch, task, splits):
    write_yolo(images(), tmp_path / "d", task=task, splits=splits)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    data = yolo_rules(tmp_path / "d")
    assert set(splits or {"train": 1}) <= data.keys()


def test_datasets_c2_a_split_that_stands_in_is_not_told(tmp_path):
    """What is read back of our own folder is what was written."""
    write_yolo(images(), tmp_path / "d", images=ImageFiles(photos(tmp_path)))
    problems = []
    again = read_yolo(tmp_path / "d", on_problem=problems.append)
    assert ([asset.split for asset in again.assets], problems) == (["train", "train"], [])


def photos(folder, names=("a.jpg", "sub/b.png")):
    for name in names:
        path = folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(40, 20))
    return folder / "photos"


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize(
    ("write", "below"), [(write_yolo, "images/train"), (write_voc, "JPEGImages"), (write_labelme, ".")]
)
def test_images_are_put_beside_their_labels(tmp_path, write, below, link):
    folder = photos(tmp_path)
    report = write(images(), tmp_path / "d", images=ImageFiles(folder, link=link))
    assert report.losses == ()
    for name in ("a.jpg", "sub/b.png"):
        put = tmp_path / "d" / below / name
        assert put.is_symlink() is link
        assert put.read_bytes() == png(40, 20)


def test_images_of_one_name_and_missing_ones(tmp_path):
    """The copy has the name that the labels have; what is not in the folder, or leads out of it, is counted."""
    folder = photos(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    names = ("a.jpg", "a.jpg", "b.jpg", "gone.jpg")
    report = write_labelme(images(*[None] * 4, names=names), tmp_path / "d", images=ImageFiles(folder))
    assert report.losses == (
        Loss(LossCode.RENAMED, 1, "a.jpg as a_2.jpg"),
        Loss(LossCode.MISSING_IMAGE, 1, "gone.jpg"),
    )
    found = sorted(path.name for path in (tmp_path / "d").iterdir() if path.suffix == ".jpg")
    assert found == ["a.jpg", "a_2.jpg", "b.jpg"]
    hidden = write_yolo(images(None, names=("../secret.jpg",)), tmp_path / "e", images=ImageFiles(folder))
    assert (hidden.assets, hidden.count(LossCode.UNSAFE_FILE_NAME)) == (1, 1)
    assert not [path for path in (tmp_path / "e").rglob("*") if path.suffix == ".jpg"]


def test_datasets_d4_voc_has_its_lists(tmp_path):
    """datumaro, torchvision and mmdet find images by ``ImageSets/Main``."""
    write_voc(images("train", "val"), tmp_path / "d")
    lists = {path.name: path.read_text() for path in (tmp_path / "d" / "ImageSets" / "Main").iterdir()}
    assert lists == {"train.txt": "a\n", "val.txt": "sub/b\n"}
    assert [asset.split for asset in read_voc(tmp_path / "d").assets] == ["train", "val"]
    write_voc(images(), tmp_path / "e")
    assert (tmp_path / "e" / "ImageSets" / "Main" / "trainval.txt").read_text() == "a\nsub/b\n"
    assert [asset.split for asset in read_voc(tmp_path / "e").assets] == [None, None]
    report = write_voc(images("../../x", "val"), tmp_path / "f")
    assert report.count(LossCode.SPLIT) == 1
    assert not (tmp_path / "x.txt").exists()


def test_datasets_d4_rings_share_a_group(tmp_path):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=40, height=20, split="val"))
    number = builder.new_object()
    for left in (0, 20):
        builder.add(asset, AnnotationKind.POLYGON, [(left, 0), (left + 9, 0), (left, 9)], "cat", object=number)
    builder.add(asset, AnnotationKind.BOX, [(1, 2), (5, 9)], "cat")
    report = write_labelme(builder.build(), tmp_path / "d")
    assert (report.objects, report.losses) == (2, (Loss(LossCode.SPLIT, 1, "a.png"),))
    sheet = json.loads((tmp_path / "d" / "a.json").read_text())
    assert [shape["group_id"] for shape in sheet["shapes"]] == [1, 1, None]
    again = read_labelme(tmp_path / "d")
    assert again.object[0] == again.object[1] != again.object[2]


@pytest.mark.parametrize("found", IMAGE_FORMATS)
def test_datasets_d4_videos_are_no_images(tmp_path, found):
    builder = DatasetBuilder(["cat"])
    for name, kind in (("v.mp4", AssetKind.VIDEO), ("a.png", AssetKind.IMAGE)):
        builder.add_asset(DatasetAsset(file_name=name, width=40, height=20, kind=kind))
    path = tmp_path / FILES.get(found, "out")
    report = write_dataset(builder.build(), path, found)
    assert (report.assets, report.losses) == (1, (Loss(LossCode.VIDEO, 1, "v.mp4"),))
    written = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    assert not any("v.mp4" in each.read_text() or each.stem == "v" for each in written)


ANSWERS = {
    "ok.png": "<point> (1,2) </point>",
    "empty.png": "There is nothing.",
    "broken.png": "<point> bad </point>",
    "cut.png": "I see <point_box> (1,2) (3",
    "partly.png": "<point> (1,2) </point> <point> bad </point>",
}


def answered():
    size = (100, 50)
    recordings = [
        Recording(key=name, text=text, assets=(RecordedAsset(name, *size),)) for name, text in ANSWERS.items()
    ]
    return from_recordings(recordings)[0]


@pytest.mark.parametrize("found", IMAGE_FORMATS)
def test_an_answer_that_was_not_read_is_no_image_without_objects(tmp_path, found):
    """A model that learns from it would learn that there is nothing."""
    path = tmp_path / FILES.get(found, "out")
    report = write_dataset(answered(), path, found)
    assert (report.assets, report.count(LossCode.UNREAD_ANSWER)) == (3, 2)
    written = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    said = "".join([each.name + each.read_text() for each in written])
    assert ("empty" in said, "broken" in said, "cut" in said, "partly" in said) == (True, False, False, True)


@pytest.mark.parametrize("found", [DatasetFormat.DATASET_JSONL, DatasetFormat.DATASET_PARQUET])
def test_a_format_with_statuses_keeps_all_answers(tmp_path, found):
    report = write_dataset(answered(), tmp_path / FILES[found], found)
    assert (report.assets, report.losses) == (5, ())


def test_an_unread_answer_in_a_shard_of_its_own(tmp_path):
    """It counts only if no other shard has something about the image."""

    def dataset(text):
        return from_recordings([Recording(key="1", text=text, assets=(RecordedAsset("a.png", 100, 50),))])[0]

    good, empty, bad = (dataset(text) for text in ("<point> (1,2) </point>", "Nothing.", "<point> bad </point>"))
    for shards, count in (([bad, good], 1), ([good, bad], 1), ([empty, bad], 0), ([bad], 0)):
        report = write_coco(iter(shards), tmp_path / "a.json")
        assert (report.assets, report.count(LossCode.UNREAD_ANSWER)) == (count, 1 - count)
        assert len(json.loads((tmp_path / "a.json").read_text())["images"]) == count


def test_unread_answers_about_videos(tmp_path):
    recording = Recording(key="v.mp4", text="<clip> bad </clip>", assets=(RecordedAsset("v.mp4", 100, 50),))
    dataset = from_recordings([recording])[0]
    for write in (write_activitynet, lambda *given: write_coco_video(*given, fps=5)):
        report = write(dataset, tmp_path / "a.json")
        assert (report.assets, report.count(LossCode.UNREAD_ANSWER)) == (0, 1)


def test_names_of_splits_that_mean_something_else(tmp_path):
    with pytest.raises(UsageError, match="names means something else"):
        write_yolo(images("names", "train"), tmp_path / "d")
