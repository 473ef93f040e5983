"""Folders and patterns as Spark, Ray and object stores leave them."""

import pytest

from perceptron_annotations import FileSpan, completions, read_table
from perceptron_annotations.errors import FileError
from perceptron_annotations.files import open_input
from perceptron_annotations.table import split_files

pytestmark = pytest.mark.backend

LINE = b'{"key": "%s", "text": "<point> (1,2) </point>"}\n'


def answer_shards(paths):
    return list(completions.answer_shards(paths))


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(LINE % path.stem.encode())
    return folder


def test_what_spark_and_ray_leave_beside_the_shards_is_left_out(tmp_path):
    wanted = ["day=1/part-00000.jsonl", "day=1/part-00001.jsonl", "day=2/part-00000.JSONL", "z.json"]
    marks = [
        "_SUCCESS",
        "_temporary/0/part-00000.jsonl",
        ".part-00000.jsonl.crc",
        "day=1/.a.jsonl",
        "notes.txt",
        "a.jpg",
    ]
    folder = make(tmp_path, *wanted, *marks)
    (folder / "folder.jsonl").mkdir()
    assert answer_shards(folder) == [str(folder / name) for name in wanted]


def test_patterns(tmp_path):
    folder = make(tmp_path, "a-1.jsonl", "a-2.jsonl", "b/a-3.jsonl", "a[1].jsonl")
    assert answer_shards(str(folder / "a-*.jsonl")) == [str(folder / name) for name in ("a-1.jsonl", "a-2.jsonl")]
    assert answer_shards(str(folder / "**" / "a-*.jsonl")) == [
        str(folder / name) for name in ("a-1.jsonl", "a-2.jsonl", "b/a-3.jsonl")
    ]
    assert answer_shards(str(folder / "a[1].jsonl")) == [str(folder / "a[1].jsonl")], "the name of a file is no pattern"
    assert answer_shards(str(folder / "[b]")) == [str(folder / "b" / "a-3.jsonl")], "a folder that matches is read"
    with pytest.raises(FileError, match=r"cannot read .*c\*\.jsonl: no file matches it"):
        answer_shards(str(folder / "c*.jsonl"))


def test_what_stays_as_it_is(tmp_path):
    path = make(tmp_path, "a.jsonl") / "a.jsonl"
    with open_input(path) as file:
        given = ["-", path, FileSpan(str(path), 3), file, tmp_path / "missing.jsonl"]
        assert answer_shards(given) == given
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="is a directory: name the files in it"):
        read_table(tmp_path / "empty")


def test_tables_and_spans_of_a_folder(tmp_path):
    folder = make(tmp_path, "b.jsonl", "a.jsonl", "c/d.jsonl")
    assert read_table(folder).responses.key == ("a", "b", "d")
    assert read_table([folder / "c", folder / "a.jsonl"]).responses.key == ("d", "a")
    assert [span.path for span in split_files(folder)] == answer_shards(folder)


def test_a_link_in_a_circle_ends(tmp_path):
    folder = make(tmp_path, "a.jsonl")
    (folder / "again").symlink_to(folder)
    assert answer_shards(folder) == [str(folder / "a.jsonl")]
