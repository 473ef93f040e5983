"""Scale, section 5: ``convert --resume`` skips the parts that are whole, and ends with those of an undisturbed run."""

import json
import os
import random
import signal
import subprocess
import time

import pytest

from perceptron_annotations import read_table
from perceptron_annotations.cli import resume, resume_manifest  # noqa: TID251 - it is the command that is tested
from perceptron_annotations.outputs import append_alone
from tests.cli.in_process import run
from tests.cli.test_jobs import IMAGES, TURNS, children_of, command, is_alive, looks_at_processes, wait_for
from tests.table.test_read import write

pytestmark = pytest.mark.backend


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    monkeypatch.setattr(resume, "PART_BYTES", 2000)


@pytest.fixture
def inputs(tmp_path):
    folder = tmp_path / "inputs"
    folder.mkdir()
    write(folder / "a.jsonl", *IMAGES, b"{", *IMAGES, b'"\xff"')
    write(folder / "b.jsonl", *IMAGES[:5], {"text": "<point> here </point>"})
    write(folder / "c.jsonl", b"nothing", b"{}")
    return folder


def convert(inputs, folder, *words):
    return run("convert", inputs, "--resume", folder, *words)


def contents(folder):
    """What is in the files, and in the manifest whatever the order of its lines."""
    lines = (folder / resume_manifest.MANIFEST).read_bytes().splitlines()
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != resume_manifest.MANIFEST}
    return found, sorted(lines)


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*")}


@pytest.fixture
def whole(inputs, tmp_path):
    """An undisturbed run."""
    found = convert(inputs, tmp_path / "whole", "--rejects", tmp_path / "rejects.jsonl")
    assert (found.status, found.err) == (0, "")
    return tmp_path / "whole"


def test_the_parts_are_the_answers(inputs, whole, tmp_path):
    """They are input of every verb, and what is said of them is what one file would have."""
    assert run("convert", inputs, "-o", tmp_path / "one.parquet", "--rejects", tmp_path / "other.jsonl").status == 0
    assert read_table(whole) == read_table(tmp_path / "one.parquet")
    assert (tmp_path / "rejects.jsonl").read_bytes() == (tmp_path / "other.jsonl").read_bytes()
    assert len(times(whole)) > 5
    two = tmp_path / "two"
    assert convert(inputs, two, "--jobs", 2).status == 0
    assert contents(two) == contents(whole)


def test_a_second_run_skips_all(inputs, whole, tmp_path):
    before, first = times(whole), convert(inputs, tmp_path / "again")
    (inputs / "a.jsonl").touch()
    found = convert(inputs, whole, "--rejects", tmp_path / "second.jsonl")
    assert times(whole) == before
    told = found.out.splitlines()
    assert told.pop(1) == f"{len(contents(whole)[1]) - 1} parts were there already"
    assert told[1:] == first.out.splitlines()[1:]
    assert (tmp_path / "second.jsonl").read_bytes() == (tmp_path / "rejects.jsonl").read_bytes()
    assert convert(inputs, whole, "--strict").status == 1


def test_a_run_that_was_stopped_goes_on(inputs, whole, tmp_path, monkeypatch):
    """Parts that are whole stay; what is half done, torn or left over is not."""
    folder, add = tmp_path / "stopped", resume_manifest.Manifest.add

    def stop(manifest, part):
        if len(manifest.parts) == 4:
            raise KeyboardInterrupt
        add(manifest, part)

    monkeypatch.setattr(resume_manifest.Manifest, "add", stop)
    with pytest.raises(KeyboardInterrupt):
        convert(inputs, folder)
    monkeypatch.undo()
    monkeypatch.setattr(resume, "PART_BYTES", 2000)
    before = times(folder)
    manifest = folder / resume_manifest.MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-20])
    (folder / ".part-x.parquet.0123abcd.part").write_bytes(b"left")
    assert "3 parts were there already" in convert(inputs, folder).out
    assert contents(folder) == contents(whole)
    assert sum(before[name] == now for name, now in times(folder).items() if name in before) == 3


def test_what_changed_is_done_again(inputs, whole, tmp_path):
    path = inputs / "a.jsonl"
    data = path.read_bytes()
    at = data.index(b'"k7"')
    before = times(whole)
    path.write_bytes(data[:at] + b'"K7"' + data[at + 4 :])
    convert(inputs, whole)
    changed = [name for name, now in times(whole).items() if now != before[name]]
    assert len(changed) == 1
    path.write_bytes(data[: len(data) // 2])  # parts of what is gone go, too
    found = convert(inputs, whole)
    assert len(times(whole)) < len(before)
    convert(inputs, tmp_path / "new")
    assert contents(whole)[0] == contents(tmp_path / "new")[0]
    assert "parts were there already" in found.out


def test_more_inputs_and_fewer(inputs, whole):
    count = len(times(whole))
    write(inputs / "d.jsonl", *IMAGES[:3])
    assert convert(inputs, whole).status == 0
    assert len(times(whole)) == count + 1
    found = convert(inputs / "b.jsonl", whole)
    assert "parts of files that are not among the inputs stay" in found.out
    assert len(times(whole)) == count + 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--mode", "salvage"], "was begun with --mode lenient and not salvage: take the same, or name a new folder"),
        (["--key", "model"], "was begun with --key unset and not model"),
        (["-o", "out.parquet"], "leave out --output"),
        (["--to", "coco"], "--resume writes whole answers in parquet"),
        (["--merge", "first"], "--resume writes whole answers in parquet"),
    ],
)
def test_what_is_refused(inputs, whole, words, told):
    before = contents(whole)
    found = convert(inputs, whole, *words)
    assert (found.status, told in found.err, found.err.count("\n")) == (2, True, 1)
    assert contents(whole) == before


def test_folders_and_inputs_that_are_refused(inputs, whole, tmp_path):
    for found, told in (
        (convert(inputs, inputs), "was not begun with --resume"),
        (convert("-", whole), "standard input"),
        (convert(inputs / "c.jsonl", tmp_path / "nothing"), "no recorded answer could be read"),
        (run("convert", inputs), "--output PATH is missing, or --resume FOLDER"),
    ):
        assert (found.status, told in found.err, found.err.count("\n")) == (2, True, 1)
    assert run("convert", inputs, "-o", tmp_path / "truth.json", "--to", "coco").status == 0
    assert "is a dataset (coco)" in convert(tmp_path / "truth.json", tmp_path / "dataset").err
    with append_alone(whole / resume_manifest.MANIFEST):
        assert "another run" in convert(inputs, whole).err


@looks_at_processes
@pytest.mark.parametrize("turn", TURNS)
def test_the_command_and_a_worker_are_killed(inputs, tmp_path, turn):
    """The next run takes what is whole, and nothing of the dead one is left."""
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in IMAGES)
    for number in range(6):
        (inputs / f"{number}.jsonl").write_bytes(lines * 200)
    words = (inputs, "--resume", tmp_path / "killed", "--jobs", 2)
    process = subprocess.Popen(command("convert", *words), stdout=-1, stderr=-1)
    wait_for(lambda: len(children_of(process.pid)) == 2)
    workers = children_of(process.pid)
    time.sleep(random.Random(turn).random() * turn / 10)
    os.kill(workers[0], signal.SIGKILL)
    process.kill()
    _, err = process.communicate(timeout=60)
    assert err == b""
    wait_for(lambda: not any(map(is_alive, workers)))
    for folder in ("killed", "undisturbed"):
        found = subprocess.run(
            command("convert", inputs, "--resume", tmp_path / folder), capture_output=True, check=True
        )
        assert found.stderr == b""
    assert contents(tmp_path / "killed") == contents(tmp_path / "undisturbed")
