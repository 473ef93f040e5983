"""A path is opened once: what tells the format hands the open file on to what reads it."""

import gzip
import json
import subprocess
import sys

import pytest

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.datasets import AssetKind, DatasetAsset, DatasetBuilder, DatasetFormat
from perceptron_annotations.datasets.formats.catalog import FORMATS
from tests.datasets.examples import png
from tests.datasets.test_formats import FILES, pictures_needed

#: Prints how often each file below a folder was opened for reading while some code ran. A hook cannot be removed, so it
#: runs in a process of its own.
COUNTER = """
import collections, json, os, sys
root, code = sys.argv[1:3]
opened = collections.Counter()

def count(event, args):
    if event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(args[0]))
        writes = set(args[1] or "") & set("wxa+") or args[2] & (os.O_WRONLY | os.O_RDWR)
        if path.startswith(root) and not writes and not os.path.isdir(path):
            opened[os.path.relpath(path, root)] += 1

sys.addaudithook(count)
sys.argv = ["perceptron-annotations", *sys.argv[3:]]
exec(code)
sys.stderr.write("OPENED" + json.dumps(opened))
"""
READ = "from perceptron_annotations import read_dataset; read_dataset(sys.argv[1], **json.loads(sys.argv[2]))"
VERB = """
from perceptron_annotations.cli.main import app
app(standalone_mode=False)
"""
#: Writers that read a file again which they read before: none.
TWICE = set()


def opened(folder, code, *arguments):
    command = [sys.executable, "-c", COUNTER, str(folder), code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.rpartition("OPENED")[2])


def written(folder, name):
    """A dataset in a format, with the images that it needs."""
    is_video = FORMATS[name].frames
    builder = DatasetBuilder()
    for each in ("a", "b"):
        asset = DatasetAsset(file_name=f"{each}.mp4", width=64, height=48, kind=AssetKind.VIDEO, fps=25)
        if not is_video:
            asset = DatasetAsset(file_name=f"{each}.png", width=64, height=48)
        number = builder.add_asset(asset)
        when = {"t": 0.4, "track": True} if is_video else {}
        builder.add(number, AnnotationKind.BOX, [[4, 8], [20, 30]], "cat", **when)
    path = folder / FILES.get(name, "out")
    write_dataset(builder.build(), path, name)
    if name in pictures_needed:
        for image in ("a.png", "b.png"):
            (path / "images" / "train" / image).write_bytes(png(64, 48))
    return path


@pytest.mark.parametrize("name", list(DatasetFormat))
def test_every_format_opens_each_file_once(tmp_path, name):
    path = written(tmp_path, name)
    (tmp_path / "others").mkdir()
    runs = [
        opened(tmp_path, READ, path, "{}"),
        opened(tmp_path, VERB, "inspect", path),
        opened(tmp_path, VERB, "convert", path, "-o", tmp_path / "others" / "out.csv"),
    ]
    for run in runs:
        assert {file: count for file, count in run.items() if count > 1 and file not in TWICE} == {}
        assert run


def test_a_format_that_is_named_is_not_looked_for(tmp_path):
    path = written(tmp_path, DatasetFormat.COCO)
    assert opened(tmp_path, READ, path, '{"format": "coco"}') == {"out.json": 1}


def test_answers_are_opened_once_by_every_verb(tmp_path):
    message = {"role": "assistant", "content": "<point> (1,2) </point>"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "1", "object": "chat.completion", "model": "m", "choices": [choice]}
    recorded = {"response": body, "assets": [{"file_name": "a.png", "width": 64, "height": 48}]}
    (tmp_path / "in.jsonl").write_text(json.dumps(recorded) + "\n")
    for target in ("out.json", "out.csv", "out.jsonl"):
        assert opened(tmp_path, VERB, "convert", tmp_path / "in.jsonl", "-o", tmp_path / target) == {"in.jsonl": 1}
    (tmp_path / "more.jsonl").write_bytes((tmp_path / "in.jsonl").read_bytes())
    inputs, once = (tmp_path / "in.jsonl", tmp_path / "more.jsonl"), {"in.jsonl": 1, "more.jsonl": 1}
    for verb in (
        ("convert", "-o", tmp_path / "two.csv"),
        ("check",),
        ("count",),
        ("dedupe", "-o", tmp_path / "two.pq"),
    ):
        assert opened(tmp_path, VERB, verb[0], *inputs, *verb[1:]) == once


@pytest.mark.parametrize("form", ["jsonl", "parquet", "array", "pretty", "gzip"])
def test_house_3_stored_answers_are_opened_once_by_every_verb(tmp_path, form):
    """Whatever they are called: what tells their kind hands them on."""
    folder = tmp_path / "in"
    folder.mkdir()
    recorded = {"key": "a.png", "text": "<point> (1,2) </point>", "assets": [{"file_name": "a.png"}]}
    recorded["assets"][0] |= {"width": 64, "height": 48}
    source, path = tmp_path / "source.jsonl", folder / "file"
    source.write_text(json.dumps(recorded) + "\n")
    if form in ("jsonl", "parquet"):
        opened(folder, VERB, "convert", source, "--to", form, "-o", path)
    else:
        text = json.dumps([recorded]) if form == "array" else json.dumps(recorded, indent=2)
        path.write_bytes(gzip.compress(text.encode()) if form == "gzip" else text.encode())
    truth = tmp_path / "truth.json"
    opened(folder, VERB, "convert", source, "--to", "coco", "-o", truth)
    for words in (
        ("convert", "--to", "csv", "-o", tmp_path / "out.csv"),
        ("check",),
        ("count",),
        ("dedupe", "-o", tmp_path / "out.parquet"),
        ("evaluate", "--truth", truth, "--task", "counting"),
        *([("parse",)] if form != "parquet" else []),
    ):
        assert opened(folder, VERB, words[0], path, *words[1:]) == {"file": 1}
