"""Recordings and images whose names differ, from Python: keys of batches, folders of images, lists (newcomer M2)."""

import json

import pytest

from perceptron_annotations import Recording, UsageError
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import (
    JoinedBy,
    RecordingImporter,
    from_recordings,
    read_join,
    read_sizes,
    sizes_in,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from perceptron_annotations.ops import LabelMap, count_labels
from perceptron_annotations.table import iter_tables
from tests.datasets.examples import png

BOX = '<point_box mention="{}"> (0,0) (500,500) </point_box>'


def answer(key, label="cat", **fields):
    return Recording(key=key, text=BOX.format(label), **fields)


def batch_line(number):
    """A line of an OpenAI Batch output file."""
    message = {"role": "assistant", "content": BOX.format("cat"), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    response = {"status_code": 200, "request_id": f"r{number}", "body": body}
    return json.dumps({"id": f"batch_req_{number}", "custom_id": f"q{number:05}", "response": response, "error": None})


@pytest.fixture
def batch(tmp_path):
    """A batch of four answers, and a folder with the images of three, beside other files."""
    (tmp_path / "big.jsonl").write_text("\n".join(map(batch_line, range(4))) + "\n")
    folder = tmp_path / "images"
    (folder / "part").mkdir(parents=True)
    (folder / "q00000.png").write_bytes(png(100, 50))
    (folder / "q00000.json").write_text("{}")
    (folder / "part" / "q00001.PNG").write_bytes(png(200, 50))
    (folder / "q00002.png").write_bytes(png(300, 50))
    (folder / ".cache").mkdir()
    (folder / ".cache" / "q00002.png").write_bytes(png(1, 1))
    return tmp_path


@pytest.mark.parametrize("form", [str, lambda folder: folder, sizes_in])
def test_newcomer_m2_keys_of_a_batch_and_a_folder_of_images(batch, form):
    dataset, report = RecordingImporter(sizes=form(batch / "images")).read(batch / "big.jsonl")
    assert [(asset.file_name, asset.width) for asset in dataset.assets] == [
        ("q00000.png", 100),
        ("part/q00001.PNG", 200),
        ("q00002.png", 300),
    ]
    assert dataset.source == ("q00000", "q00001", "q00002")
    assert [(each.by, each.count, each.name, each.image) for each in report.names.joined] == [
        (JoinedBy.STEM, 2, "q00000", "q00000.png"),
        (JoinedBy.PATH_AND_STEM, 1, "q00001", "part/q00001.PNG"),
    ]
    assert (report.names.unknown, report.names.unknown_example, report.unplaced) == (1, "q00003", 1)
    assert [(loss.code, loss.count) for loss in report.losses] == [(LossCode.UNKNOWN_KEY, 1)]


def test_newcomer_m2_keys_of_a_batch_and_a_list_of_sizes(batch):
    (batch / "sizes.csv").write_text("file_name,width,height\n" + "".join(f"q{n:05}.jpg,640,480\n" for n in range(4)))
    for sizes in (batch / "sizes.csv", str(batch / "sizes.csv"), read_sizes(batch / "sizes.csv")):
        dataset, report = RecordingImporter(sizes=sizes).read(batch / "big.jsonl")
        assert [asset.file_name for asset in dataset.assets] == [f"q{n:05}.jpg" for n in range(4)]
        assert report.losses == ()
        assert report.names.remarks == ("joined by stem: 4, first q00000 with q00000.jpg",)


def test_whole_files_and_shards_join_alike(batch):
    whole, report = RecordingImporter(sizes=batch / "images").read(batch / "big.jsonl")
    importer = RecordingImporter(sizes=batch / "images")
    shards = list(importer.shards(batch / "big.jsonl", batch_size=1))
    assert [asset for shard in shards for asset in shard.assets] == list(whole.assets)
    assert importer.report == report


def test_a_shard_that_makes_an_earlier_one_a_guess_is_refused():
    answers = [answer("a.png"), answer("a.jpg")]
    sizes = {"a.jpg": (10, 10)}
    dataset, report = from_recordings(answers, sizes=sizes)
    assert (dataset.source, report.names.unknown_example) == (("a.jpg",), "a.png")
    importer = RecordingImporter(sizes=sizes)
    importer.add(answers[:1])
    with pytest.raises(UsageError, match=r"'a\.png' was joined with the image 'a\.jpg' before"):
        importer.add(answers[1:])


def test_a_recorded_name_takes_that_of_its_image_and_keeps_its_size():
    recorded = answer("k", assets=(RecordedAsset("C:\\\\data\\a.jpg".replace("\\\\", "\\"), 50, 40),))
    other = answer("l", assets=(RecordedAsset("far/away.jpg", 8, 8),))
    dataset, report = from_recordings([recorded, other], sizes={"a.jpg": (100, 80)})
    assert [(each.file_name, each.width) for each in dataset.assets] == [("a.jpg", 50), ("far/away.jpg", 8)]
    # What has all it needs is not missed.
    assert report.names.remarks == (f"joined by path: 1, first {recorded.assets[0].file_name} with a.jpg",)


def test_names_that_leave_it_open_are_told_and_not_guessed():
    sizes = {"train/a.jpg": (10, 10), "val/a.jpg": (20, 20), "b.jpg": (30, 30)}
    dataset, report = from_recordings([answer("a"), answer("x/b.jpg"), answer("y/b.jpg"), answer("A")], sizes=sizes)
    assert (len(dataset.assets), report.names.joined, report.unplaced) == (0, (), 4)
    assert (report.names.ambiguous, report.names.ambiguous_example) == (3, "a (train/a.jpg, val/a.jpg)")
    assert (report.names.unknown, report.names.unknown_example) == (1, "A")
    assert all("--join FILE" in remark for remark in report.names.remarks)


@pytest.mark.parametrize("header", ["key,file_name", "custom_id,image", "note,id,path", "filename,name"])
def test_a_list_says_which_image_a_key_means(tmp_path, header):
    columns = header.split(",")
    keys = {"key", "custom_id", "id", "name"}
    lines = [
        ",".join(key if column in keys else "" if column == "note" else image for column in columns)
        for key, image in (("q0", "shop/a.jpg"), ("q1", "b"))
    ]
    (tmp_path / "names.csv").write_text("\ufeff" + "\r\n".join([header, *lines]) + "\r\n")
    assert read_join(tmp_path / "names.csv") == {"q0": "shop/a.jpg", "q1": "b"}
    sizes = {"a.jpg": (10, 10), "b.jpg": (20, 20)}
    dataset, report = from_recordings([answer("q0"), answer("q1")], sizes=sizes, join=tmp_path / "names.csv")
    assert [asset.file_name for asset in dataset.assets] == ["a.jpg", "b.jpg"]
    assert [(each.by, each.count) for each in report.names.joined] == [(JoinedBy.LIST, 2)]


def test_a_list_in_json_and_without_sizes(tmp_path):
    (tmp_path / "names.json").write_text('{"q0": "a.jpg"}')
    (tmp_path / "entries.json").write_text('[{"custom_id": "q0", "image": "a.jpg", "width": 5}]')
    for name in ("names.json", "entries.json"):
        assert read_join(tmp_path / name) == {"q0": "a.jpg"}
    recorded = answer("q0", assets=(RecordedAsset(None, 10, 10),))
    dataset, report = from_recordings([recorded], join=tmp_path / "names.json")
    assert ([asset.file_name for asset in dataset.assets], report.losses) == (["a.jpg"], ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q0,a.jpg\nq1,b.jpg\n", "the first line must be key,file_name, the names of the columns, and is 'q0,a.jpg'"),
        ("q0,a.jpg\n", "the first line must be key,file_name"),
        ("", "the first line must be key,file_name"),
        ("key\nq0\n", "the first line must be key,file_name"),
        ("key,file_name\nq0\n", "entry 1: .* an entry must have key and file_name"),
        ("key,file_name\nq0,a.jpg\nq0,b.jpg\n", "the key 'q0' has two images, a.jpg and b.jpg"),
    ],
)
def test_lists_that_say_nothing_are_refused(tmp_path, text, message):
    (tmp_path / "names.csv").write_text(text)
    with pytest.raises(FileError, match=message):
        read_join(tmp_path / "names.csv")


def test_a_label_map_may_be_a_mapping_or_a_file(tmp_path):
    (tmp_path / "map.csv").write_text("mention,label\nkitten,cat\n")
    recorded = [answer("a.jpg", "kitten"), answer("a.jpg", "Kitten")]
    forms = ({"kitten": "cat"}, tmp_path / "map.csv", LabelMap(ignore_case=False, synonyms={"kitten": "cat"}))
    for form in forms:
        dataset, _ = from_recordings(recorded, sizes={"a.jpg": (9, 9)}, label_map=form)
        assert dataset.labels == ("cat", "Kitten")
        plain, _ = from_recordings(recorded, sizes={"a.jpg": (9, 9)})
        assert plain.relabelled(form).labels == ("cat", "Kitten")
    with pytest.raises(UsageError, match="a label map must be a LabelMap or a mapping"):
        from_recordings(recorded, label_map=[("kitten", "cat")])


def test_counting_takes_a_mapping_too(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"key": "a", "text": BOX.format("kitten") + BOX.format("cat")}) + "\n")
    (table,) = iter_tables(tmp_path / "a.jsonl")
    counts = count_labels(table, labels={"kitten": "cat"})
    assert (counts.labels, counts.counts.tolist()) == (("cat",), [[2]])
    with pytest.raises(UsageError, match="read_label_map"):
        count_labels(table, labels="map.csv")


def test_sizes_that_are_none_are_refused():
    with pytest.raises(UsageError, match="sizes must be a mapping"):
        from_recordings([], sizes=[("a.jpg", 5, 5)])
    with pytest.raises(FileError):
        from_recordings([], sizes="nowhere.csv")
    with pytest.raises(UsageError, match="join must be a mapping"):
        from_recordings([], join=[("a", "b")])
