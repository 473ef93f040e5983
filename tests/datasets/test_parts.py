"""Scale F6: parts that workers write apart are one dataset, whoever wrote which part when."""

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError, read_dataset, write_dataset
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    RecordingImporter,
    Skeleton,
    join_parts,
    read_parts,
    shard_of,
    write_part,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.table import read_arrow
from tests.corpora import ROOT
from tests.datasets.examples import close, datasets, objects


def labelled(*images):
    builder = DatasetBuilder()
    for name, *labels in images:
        asset = builder.add_asset(DatasetAsset(file_name=name, width=64, height=48))
        for label in labels:
            builder.add(asset, AnnotationKind.BOX, [(1, 2), (30, 40)], label)
    return builder.build()


@settings(max_examples=40, deadline=None)
@given(whole=datasets(), order=st.permutations(range(4)))
def test_parts_are_the_whole(tmp_path_factory, whole, order):
    """“The ids are those of the whole”: in whichever order the parts were written."""
    folder = tmp_path_factory.mktemp("parts")
    for part in order:
        chosen = [shard_of(asset.file_name, 4) == part for asset in whole.assets]
        rows = [bool(chosen[asset]) for asset in whole.table.response]
        part_of = whole.take(rows)
        write_part(part_of, folder / "parts", part)
    join_parts(folder / "parts", folder / "joined.json", "coco")
    found = objects(read_dataset(folder / "joined.json"))
    close({name: found[name] for name in objects(whole)}, objects(whole))


def test_labels_are_the_same_ids_whatever_each_part_holds(tmp_path):
    """Scale F6: “'bottle' is category 2 in one part and 7 in another”."""
    for part, images in enumerate([[("a.jpg", "pan", "bottle")], [("b.jpg",)], [("c.jpg", "bottle", "ant")]]):
        write_part(labelled(*images), tmp_path / "parts", part)
    assert [each.labels for each in read_parts(tmp_path / "parts")] == [("ant", "bottle", "pan")] * 3
    join_parts(tmp_path / "parts", tmp_path / "all.json", "coco")
    found = json.loads((tmp_path / "all.json").read_text())
    assert [each["name"] for each in found["categories"]] == ["ant", "bottle", "pan"]
    assert [(each["id"], each["file_name"]) for each in found["images"]] == [(1, "a.jpg"), (2, "b.jpg"), (3, "c.jpg")]
    assert [(each["id"], each["image_id"], each["category_id"]) for each in found["annotations"]] == [
        (1, 1, 3),
        (2, 1, 2),
        (3, 3, 2),
        (4, 3, 1),
    ]
    join_parts(tmp_path / "parts", tmp_path / "some.json", "coco", labels=["pan", "cup"])
    some = json.loads((tmp_path / "some.json").read_text())
    assert [each["name"] for each in some["categories"]] == ["pan", "cup"]
    assert len(some["annotations"]) == 1


def test_a_skeleton_that_one_part_knows_is_that_of_all(tmp_path):
    builder = DatasetBuilder()
    builder.add_label("person", Skeleton(names=("nose", "tail"), edges=((0, 1),)))
    asset = builder.add_asset(DatasetAsset(file_name="a.jpg", width=64, height=48))
    builder.add(asset, AnnotationKind.BOX, [(1, 2), (30, 40)], "person", keypoints=[(2, 3, 2), (4, 5, 2)])
    write_part(builder.build(), tmp_path, 0)
    write_part(labelled(("b.jpg", "person", "cup")), tmp_path, 1)
    first, second = read_parts(tmp_path)
    assert first.labels == second.labels == ("cup", "person")
    assert first.skeletons == second.skeletons
    assert second.skeletons[1].names == ("nose", "tail")


def test_a_part_that_is_written_again_is_replaced(tmp_path):
    write_part(labelled(("a.jpg", "cup"), ("b.jpg", "cup")), tmp_path, 3)
    path = write_part(labelled(("a.jpg", "cup")), tmp_path, 3)
    assert [each.name for each in tmp_path.iterdir()] == [path.name] == ["part-00003.parquet"]
    (tmp_path / ".part-00004.parquet.1234.part").write_bytes(b"torn")  # of a worker that was killed
    (part,) = read_parts(tmp_path)
    assert [asset.file_name for asset in part.assets] == ["a.jpg"]


def test_errors(tmp_path):
    with pytest.raises(UsageError, match="part must be 0 or more, not -1"):
        write_part(labelled(), tmp_path, -1)
    with pytest.raises(FileError, match="holds no parts: write_part makes them"):
        list(read_parts(tmp_path))
    write_part(labelled(("a.jpg", "cup")), tmp_path, 0)
    with pytest.raises(UsageError, match="takes a whole dataset, not shards of it"):
        join_parts(tmp_path, tmp_path / "a.xml", "cvat")


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures").glob("*.jsonl")), ids=lambda path: path.stem)
def test_answers_in_arrow_are_the_answers_in_the_file(path):
    """Problems among them are left out, as they are not answers; reports are those of the file."""
    wanted, report = RecordingImporter().read(path, on_problem=[].append)
    importer = RecordingImporter()
    parts = [importer.add_arrow(batch) for batch in read_arrow(path)]
    assert objects(parts[0]) == objects(wanted)
    assert importer.report == report


def test_a_dataset_of_parts_is_that_of_the_whole(tmp_path):
    """From shards of answers through Arrow and parts to COCO; the images are those of one process."""
    path = ROOT / "examples" / "evaluate" / "large.jsonl"
    whole, _ = RecordingImporter().read(path)
    write_dataset(whole, tmp_path / "whole.json", "coco")
    (batch,) = read_arrow(path)
    names = [assets[0]["file_name"] for assets in batch.column("assets").to_pylist()]
    for part in range(3):
        rows = [row for row, name in enumerate(names) if shard_of(name, 3) == part]
        write_part(RecordingImporter().add_arrow(batch.take(rows)), tmp_path / "parts", part)
    join_parts(tmp_path / "parts", tmp_path / "joined.json", "coco")
    close(objects(read_dataset(tmp_path / "joined.json")), objects(read_dataset(tmp_path / "whole.json")))


@pytest.mark.parametrize("format", ["coco", "csv", "dataset-jsonl", "dataset-parquet"])
@pytest.mark.parametrize("last", ["d.jpg", "a.jpg"], ids=["of different images", "two about one image"])
def test_parts_of_different_images_are_written_as_any_shards_are(tmp_path, format, last):
    """Scale F8: that no image is remembered does not show; and one image of two parts stays one."""
    parts = [labelled(("a.jpg", "pan"), ("b.jpg",)), labelled(("c.jpg", "pan")), labelled((last, "pan", "pan"))]
    for number, part in enumerate(parts):
        write_part(part, tmp_path / "parts", number)
    report = join_parts(tmp_path / "parts", tmp_path / "joined", format)
    shards = (each for each in list(read_parts(tmp_path / "parts")))
    assert write_dataset(shards, tmp_path / "plain", format) == report
    assert (tmp_path / "joined").read_bytes() == (tmp_path / "plain").read_bytes()
    assert report.assets == (4 if last == "d.jpg" else 3)


def test_an_image_whose_answer_could_not_be_read_is_left_out_of_parts_too(tmp_path):
    lines = [
        {"key": "a.jpg", "text": "<point_box> (1,2"},
        {"key": "b.jpg", "text": "<point_box> (1,2) (3,4) </point_box>"},
    ]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for number, name in enumerate(("a.jpg", "b.jpg")):
        found, _ = RecordingImporter(sizes={name: (64, 48)}).read(tmp_path / "answers.jsonl")
        write_part(found, tmp_path / "parts", number)
    report = join_parts(tmp_path / "parts", tmp_path / "all.json", "coco")
    images = json.loads((tmp_path / "all.json").read_text())["images"]
    assert [(image["id"], image["file_name"]) for image in images] == [(2, "b.jpg")]
    assert [(loss.code.value, loss.count) for loss in report.losses if loss.code.value == "unread_answer"] == [
        ("unread_answer", 1)
    ]


@pytest.mark.parametrize("format", ["coco", "dataset-jsonl", "dataset-parquet"])
def test_joining_takes_the_memory_of_one_part(tmp_path, format):
    """Scale F8: “write_coco from shards is not flat”. The names are long, so that they show."""
    for part in range(16):
        names = [f"{part}-{number}{'x' * 20_000}.jpg" for number in range(20)]
        for folder in ["all", "four"] if part < 4 else ["all"]:
            write_part(labelled(*((name,) for name in names)), tmp_path / folder, part)
    peaks = {}
    for folder in ("four", "all"):
        tracemalloc.start()
        join_parts(tmp_path / folder, tmp_path / f"{folder}.out", format)
        peaks[folder] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks["all"] < 1.2 * peaks["four"]
