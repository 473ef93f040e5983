"""Scale F8 and F11: ``--jobs`` writes, prints and exits as one process does, whatever the files and wherever cut."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from perceptron_annotations.table import answer_spans, read_beside
from tests.cli.in_process import run
from tests.corpora import ROOT
from tests.table.test_read import GOOD, ODD_LINES, body, write

FIXTURES = ROOT / "fixtures"
BOM = b"\xef\xbb\xbf"
#: What is about images that come again, in other files too, some with a size that is not the one from before.
IMAGES = [
    {
        "key": f"k{n}",
        "text": f'猫 <point_box mention="{"cat" if n % 3 else "Fußgänger"}"> ({n},2) (30,{n + 40}) </point_box> '
        + GOOD,
        "assets": [{"file_name": f"{n % 7}.png", "width": 640, "height": 480 if n % 11 else 481}],
        "model": f"m{n % 2}",
    }
    for n in range(40)
]
CHOICES = [body(choices=[choice | {"index": n} for n, choice in enumerate(body()["choices"] * 3)])]


def chunk(text, end=None):
    """A piece of a stream on a line of its own."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": end}
    return {"id": "s", "object": "chat.completion.chunk", "choices": [choice]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of every kind, with what is odd in them."""
    folder = tmp_path_factory.mktemp("jobs")
    odd = [line for lines in ODD_LINES.values() for line in lines]
    write(folder / "a.jsonl", *IMAGES[:20], *odd, *CHOICES, *IMAGES[10:30], {"text": "<point> here </point>"})
    packed = write(folder / "b.jsonl", *odd, *IMAGES)
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(packed.read_bytes()))
    lines = b"\r\n".join(json.dumps(line, ensure_ascii=False).encode() for line in IMAGES)
    (folder / "c.jsonl").write_bytes(BOM + lines.replace(b"k7", b"\xff\xfe") + b"\r\n\r\n   \r\n" + lines)
    write(folder / "d.jsonl", *IMAGES[3:9], b"{", b"\x80", *IMAGES[:4], b'{"text": "<po', end="")
    stream = [chunk("<point> (1,"), chunk("2) </point>"), *IMAGES[:3], chunk("", "stop")]
    write(folder / "e.jsonl", *IMAGES[:12], *stream, *IMAGES[12:20], {"text": GOOD})
    (folder / "f.sse").write_bytes((FIXTURES / "openrouter_stream.sse").read_bytes())
    (folder / "g.json").write_text(json.dumps(IMAGES[:5]))
    (folder / "h.json").write_text(json.dumps(body(), indent=2))
    (folder / "i.jsonl").write_bytes(b"")
    (folder / "j.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert run("convert", folder / "a.jsonl", folder / "d.jsonl", "-o", folder / "k.jsonl").status == 0
    return folder


@pytest.fixture(autouse=True)
def short_spans(monkeypatch):
    """Spans of a line or a few, and of a file with pieces of streams that are not seen at its beginning."""
    monkeypatch.setattr(read_beside, "SPAN_BYTES", 1500)
    monkeypatch.setattr(answer_spans, "HEAD_BYTES", 100)


def outcome(tmp_path, jobs, verb, *words, to=""):
    """What a command prints and writes with so many processes."""
    target = tmp_path / f"{jobs}{to}"
    target.mkdir()
    written = ["-o", target / "out", "--to", to] if to else []
    kept = [] if verb == "evaluate" else ["--rejects", target / "rejects.jsonl"]
    found = run(verb, *words, *written, *kept, "--jobs", jobs)
    files = {path.relative_to(target): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    return found.status, found.out.replace(str(target), ""), found.err.replace(str(target), ""), files


def check_the_same(tmp_path, *words, to="", jobs=(2,)):
    wanted = outcome(tmp_path, 1, *words, to=to)
    for count in jobs:
        assert outcome(tmp_path, count, *words, to=to) == wanted
    return wanted


@pytest.mark.backend
@pytest.mark.parametrize("to", ["parquet", "coco", "yolo"])
def test_what_is_converted(folder, tmp_path, to):
    """Row groups, shards, labels in order of appearance and ids are those of one process."""
    status, _, err, files = check_the_same(tmp_path, "convert", folder, to=to, jobs=(2, 3) if to == "coco" else (2,))
    assert (status, err, len(files[Path("rejects.jsonl")].splitlines()) > 10) == (0, "", True)


@pytest.mark.backend
def test_whole_answers(folder, tmp_path):
    files = [path for path in folder.iterdir() if path.name not in ("k.jsonl", "i.jsonl")]
    assert check_the_same(tmp_path, "convert", *sorted(files), to="jsonl")[0] == 0


@pytest.mark.backend
def test_what_is_counted_and_checked(folder, tmp_path):
    (tmp_path / "count").mkdir()
    (tmp_path / "check").mkdir()
    assert check_the_same(tmp_path / "count", "count", folder, "--ignore-case", "--strict", jobs=(2, 3))[0] == 1
    assert check_the_same(tmp_path / "check", "check", folder, "--strict")[0] == 1


def test_row_groups_are_cut_at_the_same_answers(folder, tmp_path, monkeypatch):
    """However few of them a worker hands on, and even if a span has more than a row group."""
    monkeypatch.setattr("perceptron_annotations.cli.convert.SHARD_SIZE", 7)
    check_the_same(tmp_path, "convert", folder, to="parquet")
    check_the_same(tmp_path, "convert", folder, "--merge", "first", to="csv")


def test_the_last_answer_about_an_image(folder, tmp_path):
    check_the_same(tmp_path, "convert", folder / "a.jsonl", folder / "c.jsonl", "--merge", "last", to="coco")


@pytest.mark.parametrize(
    "words",
    [
        ["convert", "a.jsonl", "--mode", "strict"],
        ["convert", "a.jsonl", "--frame", "sent", "--mode", "strict"],
        ["convert", "d.jsonl", "none.jsonl"],
        ["convert", "i.jsonl"],
        ["convert", "k.jsonl", "a.jsonl", "--mode", "salvage"],
    ],
    ids=" ".join,
)
def test_what_ends_with_an_error(folder, tmp_path, words):
    """It has one line, that of one process, and nothing is written."""
    verb, *names = words
    inputs = [folder / word if "." in word else word for word in names]
    status, _, err, files = check_the_same(tmp_path, verb, *inputs, to="parquet")
    assert (status, files, err.count("error: ")) == (2, {}, 1)


def test_limits_hold_in_workers(folder, tmp_path):
    check_the_same(tmp_path, "--limit", "line_bytes=300", "count", folder / "a.jsonl")


# -- the command itself ------------------------------------------------------------------------------------------------


def command(*words):
    return [sys.executable, "-m", "perceptron_annotations", *map(str, words)]


@pytest.fixture(scope="module")
def long_file(tmp_path_factory):
    """More than one span."""
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in IMAGES)
    path = tmp_path_factory.mktemp("long") / "long.jsonl"
    path.write_bytes(lines * (5 * 2**22 // len(lines)))
    return path


def children_of(pid):
    """The processes that a process has started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(each) for each in found.stdout.split()]


def is_alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_standard_input_is_read_by_one_process(folder):
    data = (folder / "a.jsonl").read_bytes()
    one, two = (
        subprocess.run(command("count", "-", "--jobs", jobs), input=data, capture_output=True, check=True)
        for jobs in (1, 2)
    )
    assert one.stdout == two.stdout
    assert (one.stderr, two.stderr.count(b"\n")) == (b"", 1)
    assert b"standard input is read by one process" in two.stderr


looks_at_processes = pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes")
#: Moments at which something is killed: the first in the gate, all of them if it has time.
TURNS = [pytest.param(n, id=str(n), marks=[pytest.mark.heavy(sample="the first")] * bool(n)) for n in range(10)]


@looks_at_processes
@pytest.mark.parametrize("turn", TURNS)
def test_a_worker_that_is_killed(long_file, tmp_path, turn):
    """Its span is read again by another: the files are the same, and nobody is told."""
    wanted = subprocess.run(command("count", long_file), capture_output=True, check=True)
    process = subprocess.Popen(command("count", long_file, "--jobs", 2), stdout=-1, stderr=-1)
    wait_for(lambda: len(children_of(process.pid)) == 2)
    time.sleep(turn * 0.07)
    for pid in children_of(process.pid)[: 1 + turn % 2]:
        os.kill(pid, signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, wanted.stdout, b"")


@looks_at_processes
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda each: each.name)
def test_a_command_that_is_ended(long_file, tmp_path, turn, number):
    """Its workers end with it, nothing is written over, and a signal that can be handled leaves nothing."""
    target = tmp_path / "out.parquet"
    target.write_bytes(b"before")
    process = subprocess.Popen(command("convert", long_file, "-o", target, "--jobs", 2), stdout=-1, stderr=-1)
    wait_for(lambda: len(children_of(process.pid)) == 2)
    workers = children_of(process.pid)
    time.sleep(turn * 0.07)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (target.read_bytes(), err) == (b"before", b"")
    wait_for(lambda: not any(map(is_alive, workers)))
    if number != signal.SIGKILL:
        assert (process.returncode, [*tmp_path.iterdir()]) == (128 + number, [target])


@looks_at_processes
def test_a_worker_that_always_dies_is_told_in_one_line(folder, tmp_path):
    """As if memory were too short for a span."""
    process = subprocess.Popen(command("count", folder / "a.jsonl", "--jobs", 2), stdout=-1, stderr=-1)
    ended = threading.Event()

    def kill():
        while not ended.is_set():
            for pid in children_of(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    out, err = process.communicate(timeout=60)
    ended.set()
    thread.join()
    assert (process.returncode, out, err.count(b"\n")) == (2, b"", 1)
    assert b"each process that read it was ended (signal 9)" in err


def test_what_is_evaluated(folder, tmp_path, monkeypatch):
    """Details of answers come from workers, too: where each is, what it says, and fields to slice by."""
    assert run("convert", folder / "c.jsonl", "-o", tmp_path / "truth.json").status == 0
    words = ["--truth", tmp_path / "truth.json", "--by", "model", "--worst", "3", "--format", "json"]
    check_the_same(tmp_path, "evaluate", folder, "--compare", folder / "a.jsonl", *words)
