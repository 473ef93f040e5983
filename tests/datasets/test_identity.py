"""An image is its place in a dataset, not its name: two images of one name stay two (finding C1)."""

import json
from collections import Counter

import pytest

from perceptron_annotations import AnnotationKind, UsageError, read_dataset, write_dataset
from perceptron_annotations.datasets import (
    AssetIdentity,
    AssetKind,
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    identities_of,
    read_yolo,
    split_dataset,
    write_yolo,
)
from perceptron_annotations.datasets.asset_identity import AssetNumbers
from perceptron_annotations.datasets.formats.catalog import FORMATS
from perceptron_annotations.losses import LossCode
from tests.datasets.examples import png
from tests.datasets.test_formats import FILES

#: Formats that know an image by its name or by a file of that name; the others hold two images of one name.
BY_NAME = {
    DatasetFormat.YOLO,
    DatasetFormat.YOLO_SEGMENT,
    DatasetFormat.YOLO_POSE,
    DatasetFormat.VOC,
    DatasetFormat.LABELME,
    DatasetFormat.CVAT,
    DatasetFormat.ACTIVITYNET,
    DatasetFormat.COCO_VIDEO,
}
SIZES = [(200, 100), (50, 60)]
COUNTS = [3, 5]


def twice(found, names=("a.jpg", "a.jpg"), **fields):
    """Two assets of three and five objects, of the kind that a format holds."""
    info, builder = FORMATS[found], DatasetBuilder(["cat"])
    video = info.frames or found is DatasetFormat.ACTIVITYNET
    for name, (width, height), count in zip(names, SIZES, COUNTS, strict=True):
        kind = AssetKind.VIDEO if video else AssetKind.IMAGE
        asset = builder.add_asset(
            DatasetAsset(file_name=name, width=width, height=height, kind=kind, fps=10 if video else None, **fields)
        )
        for number in range(count):
            add(builder, asset, info.holds[-1], number, timed=info.frames)
    return builder.build()


def add(builder, asset, kind, number, *, timed):
    corners = {
        AnnotationKind.POINT: [(number, 1)],
        AnnotationKind.BOX: [(number, 1), (number + 9, 9)],
        AnnotationKind.POLYGON: [(number, 1), (number + 9, 9), (number, 9)],
        AnnotationKind.CLIP: [],
    }
    times = {"t": 1.0, "until": 2.0} if kind == AnnotationKind.CLIP else {"t": 1.0, "track": True} if timed else {}
    builder.add(asset, kind, corners[kind], "cat", **times)


def back(dataset, found, folder):
    """The report, and what is read; images are put beside the files that need them, under the names in these."""
    path = folder / FILES.get(found, "out")
    report = write_dataset(dataset, path, found)
    for label, (width, height) in zip(sorted(path.glob("labels/**/*.txt")), SIZES, strict=False):
        image = path / "images" / label.relative_to(path / "labels").with_suffix(".jpg")
        image.write_bytes(png(width, height))
    return report, read_dataset(path, found)


@pytest.mark.parametrize("found", list(DatasetFormat))
def test_datasets_c1_two_images_of_one_name_stay_two(tmp_path, found):
    report, again = back(twice(found), found, tmp_path)
    assert (report.assets, report.objects) == (2, 8)
    assert Counter(again.asset.tolist()) == dict(enumerate(COUNTS))
    if found is not DatasetFormat.ACTIVITYNET:  # it has no sizes
        assert [(asset.width, asset.height) for asset in again.assets] == SIZES
    renamed = found in BY_NAME
    assert report.count(LossCode.RENAMED) == renamed
    names = [asset.file_name.removeprefix("train/") for asset in again.assets]
    keeps_name = not renamed or found is DatasetFormat.COCO_VIDEO  # only the images of its frames are renamed
    assert names == ["a.jpg", "a.jpg" if keeps_name else "a_2.jpg"]


@pytest.mark.parametrize("found", [each for each, info in FORMATS.items() if info.streams])
def test_datasets_c1_in_shards(tmp_path, found):
    """A shard that comes later has the same two images, and one that none of the earlier ones had."""
    path = tmp_path / FILES[found]
    later = twice(found, ("a.jpg", "b.jpg"))
    report = write_dataset([twice(found), later], path, found)
    again = read_dataset(path, found)
    assert report.assets == 3
    assert [asset.file_name for asset in again.assets] == ["a.jpg", "a.jpg", "b.jpg"]
    assert Counter(again.asset.tolist()) == {0: 6, 1: 5, 2: 5}


@pytest.mark.parametrize("found", [each for each, info in FORMATS.items() if info.streams])
def test_datasets_c1_the_same_name_in_two_splits(tmp_path, found):
    builder = DatasetBuilder(["cat"])
    assets = [DatasetAsset(file_name="a.jpg", width=9, height=9, split=split) for split in ("train", "val", None)]
    for asset in assets:
        builder.add_asset(asset)
    path = tmp_path / FILES[found]
    assert write_dataset(builder.build(), path, found).losses == ()
    assert [(asset.file_name, asset.split) for asset in read_dataset(path, found).assets] == [
        ("a.jpg", "train"),
        ("a.jpg", "val"),
        ("a.jpg", None),
    ]


def yolo(folder, splits=("train", "val"), data=None):
    """A folder with an image ``a.jpg`` in each split, of as many boxes as the number of its split says."""
    for count, split in enumerate(splits, start=1):
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        (folder / "images" / split / "a.jpg").write_bytes(png(100 * count, 50))
        (folder / "labels" / split / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n" * count)
    lines = data or "\n".join(f"{split}: images/{split}" for split in splits)
    (folder / "data.yaml").write_text(f"{lines}\nnames: [cat]\n")
    return folder


def test_datasets_c1_yolo_keeps_the_split(tmp_path):
    """The report's own example: ``a.jpg`` in train and in val."""
    found = read_yolo(yolo(tmp_path / "in"))
    assert [(asset.file_name, asset.split) for asset in found.assets] == [
        ("train/a.jpg", "train"),
        ("val/a.jpg", "val"),
    ]
    assert Counter(found.asset.tolist()) == {0: 1, 1: 2}
    report = write_yolo(found, tmp_path / "out")
    assert (report.assets, report.objects, report.losses) == (2, 3, ())
    assert {
        path.relative_to(tmp_path / "out").as_posix(): len(path.read_text().splitlines())
        for path in (tmp_path / "out").rglob("*.txt")
    } == {"labels/train/a.txt": 1, "labels/val/a.txt": 2}
    divided = write_yolo(found, tmp_path / "new", splits={"train/a.jpg": "test", "val/a.jpg": "test"})
    assert (divided.objects, divided.losses) == (3, ())
    assert sorted(path.name for path in (tmp_path / "new" / "labels" / "test").iterdir()) == ["train", "val"]
    voc = write_dataset(found, tmp_path / "voc", "voc")
    assert (voc.objects, voc.count(LossCode.RENAMED)) == (3, 0)
    assert len(list((tmp_path / "voc").rglob("*.xml"))) == 2


def test_datasets_c1_two_coco_images_of_one_name(tmp_path):
    images = [{"id": number, "file_name": "a.jpg", "width": 200 // number, "height": 100} for number in (1, 2)]
    annotations = [
        {"id": number, "image_id": number % 2 + 1, "category_id": 1, "bbox": [1, 2, 3, 4]} for number in range(1, 6)
    ]
    file = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "in.json").write_text(json.dumps(file))
    found = read_dataset(tmp_path / "in.json", "coco")
    for target in ("csv", "dataset-jsonl", "dataset-parquet", "coco"):
        path = tmp_path / f"out.{target}"
        assert write_dataset(found, path, target).losses == ()
        again = read_dataset(path, target)
        assert [(asset.file_name, asset.width) for asset in again.assets] == [("a.jpg", 200), ("a.jpg", 100)]
        assert Counter(again.asset.tolist()) == {0: 2, 1: 3}


def test_what_identifies_an_asset():
    fields = [("a", None, None), ("a", "val", None), ("a", None, "7"), ("a", None, None), ("b", None, None)]
    assets = [DatasetAsset(file_name=name, split=split, source_id=number) for name, split, number in fields]
    found = identities_of(assets)
    assert [each.occurrence for each in found] == [0, 0, 0, 1, 0]
    assert found[1] == AssetIdentity("a", "val", None, 0)
    assert len(set(found)) == 5


def test_an_asset_has_one_number_whatever_the_others_of_its_shard_are():
    """Issue 18, item 6: assets that have nothing but a name are numbered by it, and all are the same as before."""
    numbers, known = AssetNumbers(), {}
    fields = [("a", None, None), ("a", "val", None), ("a", None, "7"), ("a", None, None), ("b", None, None)]
    for chosen in ([0, 4], [0, 1], [4, 3, 0], [2], [0, 3], [1, 2, 4], []):
        shard = [
            DatasetAsset(file_name=name, split=split, source_id=own)
            for name, split, own in [fields[place] for place in chosen]
        ]
        wanted = [known.setdefault(identity, len(known)) for identity in identities_of(shard)]
        assert numbers.enter(shard) == wanted
    assert len(numbers) == len(known) == 5


def test_every_asset_has_a_key_of_its_own():
    """As ``ops.consensus`` takes the answers of one key for samples of one question."""
    builder = DatasetBuilder()
    for name in ("a#2", "a", "a", "b", "a", "a#2"):
        builder.add_asset(DatasetAsset(file_name=name))
    dataset = builder.build()
    keys = dataset.table.responses.key
    assert keys == ("a#2", "a", "a#3", "b", "a#4", "a#2#2")
    assert dataset.with_assets(dataset.assets).table.responses.key == keys


def test_a_number_that_is_in_a_name_already(tmp_path):
    builder = DatasetBuilder(["cat"])
    for name in ("a_2.jpg", "a.jpg", "a.jpg", "a.jpg"):
        builder.add_asset(DatasetAsset(file_name=name, width=9, height=9))
    report = write_dataset(builder.build(), tmp_path / "d", "labelme")
    assert report.count(LossCode.RENAMED) == 2
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == ["a.json", "a_2.json", "a_3.json", "a_4.json"]


def test_parts_by_their_own_split():
    dataset = twice(DatasetFormat.COCO, split="val")
    assert {name: len(part) for name, part in split_dataset(dataset).items()} == {"val": 8}
    drawn = split_dataset(dataset, {"train": 1.0})
    assert [asset.split for asset in drawn["train"].assets] == ["train", "train"]
    with pytest.raises(UsageError, match=r"2 assets have no split, first a\.jpg"):
        split_dataset(twice(DatasetFormat.COCO))
