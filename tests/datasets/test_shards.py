"""Answers in shards give what they give as a whole, and parts of a dataset what the dataset has."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perceptron_annotations import UsageError, files, read_dataset, read_recordings, write_dataset
from perceptron_annotations.completions import answer_files
from perceptron_annotations.datasets import (
    RecordingImporter,
    from_recordings,
    read_label_map,
    read_labels,
    read_splits,
    split_dataset,
    write_yolo,
)
from perceptron_annotations.datasets.formats.registry import FORMATS
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from tests.datasets.examples import close, datasets, objects

STREAMING = [name for name, info in FORMATS.items() if info.streams]
ANSWER = st.sampled_from(
    [
        '<point_box mention="cat"> (0,0) (500,500) </point_box>',
        '<polygon mention="red cup"> (0,0) (500,0) (500,500) </polygon> <point> (1,2) </point>',
        '<track mention="dog"> <point t="0"> (1,2) </point> <point t="1"> (1,3) </point> </track>',
        "nothing there",
        "<point_box> (1,2) (3",
    ]
)


def write_answers(path, answers):
    """Answers about pictures of one size, by the number of the picture."""
    with path.open("w") as file:
        for number, (picture, text) in enumerate(answers):
            asset = {"file_name": f"{picture}.png", "width": 100, "height": 50}
            file.write(json.dumps({"key": f"k{number}", "text": text, "assets": [asset]}) + "\n")
    return path


def by_asset(dataset):
    """The objects of each picture in any order: shards bring them in the order of answers."""
    return {name: (*size, sorted(map(repr, found))) for name, (*size, found) in objects(dataset).items()}


@pytest.mark.parametrize("name", STREAMING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(answers=st.lists(st.tuples(st.integers(0, 3), ANSWER), max_size=12), size=st.integers(1, 5))
def test_shards_are_written_as_the_whole(tmp_path_factory, name, answers, size):
    """“Memory bounded by shard and not by file”: whatever the shards are, the file says the same.

    Answers that are read together stay together, so they are read in small pieces.
    """
    folder = tmp_path_factory.mktemp("shards")
    source = write_answers(folder / "in.jsonl", answers)
    importer = RecordingImporter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 100)
        patch.setattr(answer_files, "HEAD_BYTES", 100)  # what was looked at comes in one piece
        shards = list(importer.shards(source, batch_size=size))
    assert len(shards) >= len(answers) // (size + 1)
    sharded = write_dataset(iter(shards), folder / "a", name)
    whole, report = RecordingImporter().read(source)
    assert importer.report == report
    written = write_dataset(whole, folder / "b", name)
    assert (sharded.assets, sharded.objects, sharded.labels) == (written.assets, written.objects, written.labels)
    assert {each.code: each.count for each in sharded.losses} == {each.code: each.count for each in written.losses}
    one, other = (read_dataset(folder / part, name) for part in "ab")
    assert by_asset(one) == by_asset(other)
    assert set(one.labels) == set(other.labels)
    assert one.table.status.tolist() == other.table.status.tolist()
    assert one.table.responses.truncated.tolist() == other.table.responses.truncated.tolist()


def test_reading_files_is_importing_recordings(tmp_path):
    answers = [
        (0, "<point> (1,2) </point>"),
        (1, "<point> bad </point>"),
        (1, "none"),
        (2, "<point> (1,2) </point> <point> (1"),
    ]
    source = write_answers(tmp_path / "in.jsonl", answers)
    with source.open("a") as file:
        file.write("{broken\n")
    problems, others = [], []
    read, report = RecordingImporter().read(source, on_problem=problems.append)
    imported, other = from_recordings(read_recordings(source, on_problem=others.append))
    assert [problem.place for problem in problems] == ["line 5"]
    assert (report, problems) == (other, others)
    assert objects(read) == objects(imported)
    assert read.table.status.tolist() == ["ok", "unreadable", "partial"]
    assert read.source == imported.source


def test_the_first_answer_counts_over_shards(tmp_path):
    source = write_answers(tmp_path / "in.jsonl", [(0, "<point> (1,2) </point>")] * 3)
    importer = RecordingImporter(merge="first")
    shards = list(importer.shards(source, batch_size=1))
    assert sum(map(len, shards)) == 1
    assert importer.report.losses[0].code is LossCode.MERGED_ANSWER
    with pytest.raises(UsageError, match="which answer is the last"):
        next(RecordingImporter(merge="last").shards(source))


def test_formats_of_whole_datasets_refuse_shards(tmp_path):
    with pytest.raises(UsageError, match="takes a whole dataset"):
        write_dataset(iter([]), tmp_path / "out", "yolo")


@given(dataset=datasets(), seed=st.integers(0, 5))
def test_parts_make_the_whole(dataset, seed):
    parts = split_dataset(dataset, {"train": 0.75, "val": 0.25}, seed=seed)
    assert list(parts) == ["train", "val"]
    found = {name: each for part in parts.values() for name, each in objects(part).items()}
    close({name: found[name] for name in objects(dataset)}, objects(dataset))
    assert all(part.labels == dataset.labels for part in parts.values())
    listed = {asset.file_name: "a" for asset in dataset.assets}
    assert objects(split_dataset(dataset, listed)["a"]) == objects(dataset)


def test_lists(tmp_path):
    (tmp_path / "m.csv").write_text("mention,label\ncats,cat\nkitty,cat\n")
    (tmp_path / "m.json").write_text('{"cats": "cat", "kitty": "cat"}')
    for name in ("m.csv", "m.json"):
        assert read_label_map(tmp_path / name) == {"cats": "cat", "kitty": "cat"}
    (tmp_path / "l.txt").write_text("\ufeffcat\n\nred cup\n")
    (tmp_path / "l.json").write_text('["cat", "red cup"]')
    for name in ("l.txt", "l.json"):
        assert read_labels(tmp_path / name) == ["cat", "red cup"]
    (tmp_path / "s.csv").write_text("file_name,split\na.png,train\n")
    assert read_splits(tmp_path / "s.csv") == {"a.png": "train"}
    (tmp_path / "bad.json").write_text('{"a": 5}')
    for read, message in (
        (read_label_map, "mention and label"),
        (read_labels, "not a JSON list of labels"),
        (read_splits, "split"),
    ):
        with pytest.raises(FileError, match=message):
            read(tmp_path / "bad.json")
    with pytest.raises(FileError, match="cannot read"):
        read_labels(tmp_path / "none.txt")
    with pytest.raises(UsageError, match="in no split"):
        split_dataset(RecordingImporter().read(write_answers(tmp_path / "x", [("a", "")]))[0], {"b.png": "train"})


@pytest.mark.parametrize("name", ["", ".", "..", "../../x", "/x", "a/b", "a\\b", "a\0b", "a\nb", "x" * 300, "\ud800"])
@pytest.mark.parametrize("is_list", [False, True])
def test_a_split_is_a_plain_name(tmp_path, name, is_list):
    dataset = RecordingImporter().read(write_answers(tmp_path / "x", [("a", "")]))[0]
    splits = {"a.png": name} if is_list else {name: 1.0}
    with pytest.raises(UsageError, match="a plain word"):
        write_yolo(dataset, tmp_path / "out" / "d", splits=splits)
    with pytest.raises(UsageError, match="a plain word"):
        split_dataset(dataset, splits)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_splits_that_are_none(tmp_path):
    dataset = RecordingImporter().read(write_answers(tmp_path / "x", [("a", "")]))[0]
    for shares in ({}, {"a": 0.0}, {"a": float("nan")}, {"a": float("inf"), "b": 1.0}, {"a": 1e308, "b": 1e308}):
        with pytest.raises(UsageError, match="shares above zero"):
            split_dataset(dataset, shares)
    with pytest.raises(UsageError, match="another name"):
        write_yolo(dataset, tmp_path / "d", splits={"names": 1.0})
