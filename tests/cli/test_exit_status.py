"""How the command ends: one table of exit statuses, the same for every verb, whatever happens to its streams."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time

import pytest

from tests.cli.test_cli import assert_one_line_error, run
from tests.corpora import ROOT

BOX = '<point_box mention="cup"> (100,100) (500,500) </point_box>'
FAILED = 2
COMMAND = [sys.executable, "-m", "perceptron_annotations"]


def line(text, name="a.jpg", **fields):
    assets = [{"file_name": name, "width": 100, "height": 100}]
    return json.dumps({"key": name, "text": text, "assets": assets, **fields}) + "\n"


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """The good answers as COCO."""
    folder = tmp_path_factory.mktemp("truth")
    (folder / "good.jsonl").write_text(line(BOX))
    assert run("convert", folder / "good.jsonl", "--to", "coco", "-o", folder / "truth.json").returncode == 0
    return (folder / "truth.json").read_text()


@pytest.fixture
def files(tmp_path, truth):
    """Inputs with and without something wrong, and an output that is there already."""
    contents = {
        "good.jsonl": line(BOX),
        "partial.jsonl": line(BOX + "<point> bad </point>"),
        "unreadable.jsonl": line("<point> bad </point>"),
        "cut.jsonl": line(BOX, finish_reason="length"),
        "refused.jsonl": json.dumps({"choices": [{"message": {"content": None, "refusal": "No."}}]}) + "\n",
        "odd.jsonl": line(BOX, finish_reason=["stop"]),
        "torn.jsonl": line(BOX) + "{torn\n",
        "nothing.jsonl": "hello\n",
        "empty.jsonl": "",
        "sizeless.jsonl": json.dumps({"key": "a", "text": BOX}) + "\n",
        "clip.jsonl": line('<clip mention="a" t="1 seconds 2 seconds" />'),
        "bad.csv": "file_name,kind,x1,y1,x2,y2,width,height\na.jpg,box,1,1,x,5,10,10\na.jpg,box,1,1,5,5,10,10\n",
        "other.jsonl": line(BOX, "b.jpg"),
        "sizeless.csv": "file_name,kind,x1,y1,x2,y2\na.jpg,box,1,1,5,5\n",
        "empty.json": '{"images": [], "annotations": [], "categories": []}',
        "old.out": "old",
        "old.parquet": "old",
        "truth.json": truth,
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    return tmp_path


#: A command, and its status without and with ``--strict``.
STATUSES = [
    ("parse {BOX}", 0, 0),
    ("parse {BAD}", 0, 1),
    ("parse {CUT}", 0, 1),
    ("parse nothing.txt", 2, 2),
    ("check good.jsonl", 0, 0),
    ("check partial.jsonl", 0, 1),
    ("check unreadable.jsonl", 0, 1),
    ("check cut.jsonl", 0, 1),
    ("check refused.jsonl", 0, 1),
    ("check odd.jsonl", 0, 1),
    ("check torn.jsonl", 0, 1),
    ("check nothing.jsonl", 2, 2),
    ("check empty.jsonl", 2, 2),
    ("count good.jsonl", 0, 0),
    ("count partial.jsonl", 0, 1),
    ("count torn.jsonl", 0, 1),
    ("count nothing.jsonl", 2, 2),
    ("dedupe good.jsonl -o old.parquet", 0, 0),
    ("dedupe partial.jsonl -o old.parquet", 0, 1),
    ("dedupe nothing.jsonl -o old.parquet", 2, 2),
    ("convert good.jsonl --to coco -o old.out", 0, 0),
    ("convert partial.jsonl --to coco -o old.out", 0, 1),
    ("convert unreadable.jsonl --to coco -o old.out", 2, 2),
    ("convert cut.jsonl --to coco -o old.out", 0, 1),
    ("convert torn.jsonl --to coco -o old.out", 0, 1),
    ("convert clip.jsonl --to coco -o old.out", 2, 2),
    ("convert sizeless.jsonl --to coco -o old.out", 2, 2),
    ("convert nothing.jsonl --to coco -o old.out", 2, 2),
    ("convert empty.jsonl --to coco -o old.out", 2, 2),
    ("convert good.jsonl --to jsonl -o old.out", 0, 0),
    ("convert partial.jsonl --to jsonl -o old.out", 0, 1),
    ("convert torn.jsonl --to jsonl -o old.out", 0, 1),
    ("convert nothing.jsonl --to jsonl -o old.out", 2, 2),
    ("convert partial.jsonl --to parquet -o old.out", 0, 1),
    ("convert nothing.jsonl --to parquet -o old.out", 2, 2),
    ("convert truth.json --to csv -o old.out", 0, 0),
    ("convert bad.csv --to coco -o old.out", 0, 1),
    ("convert truth.json --to csv -o old.out --category dog", 2, 2),
    ("convert truth.json --to csv -o old.out --label dog", 2, 2),
    ("convert sizeless.csv --to coco -o old.out", 2, 2),
    ("convert good.jsonl other.jsonl --to voc -o new", 0, 0),
    ("convert good.jsonl other.jsonl --to coco -o old.out --merge last", 0, 0),
    ("inspect truth.json", 0, 0),
    ("inspect bad.csv", 0, 1),
    ("inspect good.jsonl", 2, 2),
    ("evaluate good.jsonl --truth truth.json", 0, 0),
    ("evaluate partial.jsonl --truth truth.json", 0, 1),
    ("evaluate torn.jsonl --truth truth.json", 0, 1),
    ("evaluate nothing.jsonl --truth truth.json", 2, 2),
    ("evaluate empty.json --truth truth.json", 2, 2),
    ("evaluate other.jsonl --truth truth.json", 2, 2),
    ("evaluate good.jsonl --truth truth.json --compare torn.jsonl", 0, 1),
    ("evaluate truth.json --truth truth.json --fail-under f1@0.5=0.9", 0, 0),
    ("evaluate unreadable.jsonl --truth truth.json --fail-under f1@0.5=0.9", 1, 1),
    ("evaluate good.jsonl --truth truth.json --fail-under f1@0.5=1.1", 1, 1),
    ("formats", 0, None),
    ("formats --nothing", 2, None),
]


@pytest.mark.parametrize(("command", "status", "strict"), STATUSES, ids=[row[0] for row in STATUSES])
def test_every_verb(files, monkeypatch, command, status, strict):
    """What is written is the same with ``--strict``; a run that fails replaces nothing.

    Newcomer M1, datasets D2: nothing read is no success, and ``--strict`` counts what was left out.
    """
    texts = {"BOX": BOX, "BAD": BOX + "<point> bad </point>", "CUT": BOX + "<point> (1"}
    words = [each.format(**texts) if each[0] == "{" else each for each in command.split()]
    outputs = []
    for wanted, option in ((status, []), (strict, ["--strict"])):
        if wanted is not None:
            old = [files / name for name in ("old.out", "old.parquet")]
            for path in old:
                path.write_text("old")
            (files / f"new{option}").mkdir()
            named = {"new": files / f"new{option}"} | {path.name: path for path in files.iterdir() if path.is_file()}
            result = run(*(named.get(word, word) for word in words), *option)
            assert result.returncode == wanted, result.stdout + result.stderr
            assert (wanted == FAILED) == result.stderr.startswith("error: ")
            told = [told for told in result.stderr.splitlines() if told.startswith("error") or " x " not in told]
            assert len(told) == (wanted == FAILED or ("fail-under" in command and wanted == 1))
            outputs.append([path.read_bytes() for path in old])
            assert ": :" not in result.stderr
            if wanted == FAILED:
                assert outputs[-1] == [b"old", b"old"]
    assert outputs[1:] in ([], outputs[:1])


def test_usage_errors_are_one_line():
    for words in (
        ["convert"],
        ["convert", "x", "--nothing"],
        ["nothing"],
        ["evaluate", "x", "--truth", "y", "--iou", "a"],
    ):
        result = run(*words)
        assert_one_line_error(result)
        assert "--help" in result.stderr
    assert run().returncode == FAILED


@pytest.mark.parametrize("verb", ["check", "count", "inspect", "convert --to coco -o new.json"])
def test_an_empty_name_is_not_the_working_folder(tmp_path, verb):
    """As ``"$UNSET"`` gives it: nothing is read and nothing is written."""
    command, *options = verb.split()
    before = sorted(ROOT.iterdir())
    assert_one_line_error(run(command, "", *options), "the name of an input is empty")
    assert sorted(ROOT.iterdir()) == before


def test_an_unexpected_error_is_one_line_that_asks_for_a_report(tmp_path):
    """The minor reliability m1: a last line of defence, and ``--debug``."""
    code = (
        "import sys; import perceptron_annotations.cli.parse as parse\n"
        "parse.print_answer = lambda *_, **__: {}['a bug\\nof ours']\n"
        "from perceptron_annotations.cli.main import main\n"
        "sys.argv = ['x', 'parse', 'text', '--text', *sys.argv[1:]]; main()"
    )
    for option, lines in (([], 1), (["--debug"], None)):
        result = subprocess.run(
            [sys.executable, "-c", code, *option], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert result.returncode == FAILED
        assert "please report it" in result.stderr
        assert ("Traceback" in result.stderr) == (lines is None)
        assert lines is None or result.stderr.count("\n") == lines


def unread(pipe):
    """How many bytes in a pipe nobody has read; a verb that has read them is at work."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_signals_end_in_order(tmp_path, number):
    """Reliability M11: the status names the signal, nothing half-written is left, at most a line is printed."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        [*COMMAND, "convert", "-", "--to", "coco", "-o", tmp_path / "a.json"],
        cwd=ROOT,
        stdin=reader,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(reader)
        os.write(writer, b'{"text": "<point> (1,2) </point>"}\n')
        while unread(writer):
            time.sleep(0.02)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    os.close(writer)
    assert process.returncode == 128 + number
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_does_not_disturb_the_end(tmp_path, number):
    """Reliability M11: the first one may come in the middle of a step, and the next ones while things are removed."""
    code = (
        "import os, signal\n"
        "from perceptron_annotations import temporaries\n"
        "from perceptron_annotations.cli.main import main\n"
        "def signalling(function):\n"
        "    def call(*arguments, **named):\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        return function(*arguments, **named)\n"
        "    return call\n"
        "temporaries.sync = signalling(temporaries.sync)\n"
        "temporaries._sync_file_system = signalling(temporaries._sync_file_system)\n"
        "temporaries._remove = signalling(temporaries._remove)\n"
        "main()"
    )
    for target in ("coco", "voc"):
        words = ["convert", "examples/evaluate/truth.json", "--to", target, "-o", str(tmp_path / "out")]
        result = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, check=False)
        assert (result.returncode, result.stderr) == (128 + number, b"")
        assert list(tmp_path.iterdir()) == []


def test_an_error_that_a_signal_became_has_the_status_of_the_signal(tmp_path):
    """Found by the run of 100 signals a format: code between us and the signal made another error of it."""
    code = (
        "import os, signal\n"
        "from perceptron_annotations import temporaries\n"
        "from perceptron_annotations.cli.main import main\n"
        "def sync(*arguments):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except BaseException:\n"
        "        raise RuntimeError('a callback failed') from None\n"
        "temporaries.sync = sync\n"
        "main()"
    )
    words = ["convert", "examples/evaluate/truth.json", "--to", "coco", "-o", str(tmp_path / "out")]
    result = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (128 + signal.SIGTERM, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        "check {answers}",
        "evaluate {answers} --truth {truth}",
        "convert {answers} --to csv -o -",
        "inspect {truth}",
        "formats",
    ],
)
def test_a_reader_that_leaves_is_ordinary(words):
    """The minor reliability m2, ``… | head -1``: status 0, and not a word on standard error."""
    paths = {"answers": "examples/evaluate/small.jsonl", "truth": "examples/evaluate/truth.json"}
    script = 'set -o pipefail; "$@" | head -c 1 >/dev/null'
    command = [*COMMAND, *words.format(**paths).split()]
    result = subprocess.run(
        ["bash", "-c", script, "bash", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("closed", "words", "status"),
    [
        ("<&-", "check -", 2),
        (">&-", "check examples/evaluate/small.jsonl", 0),
        ("2>&-", "check examples/evaluate/small.jsonl", 0),
        (">&-", "convert examples/evaluate/small.jsonl --to coco -o {folder}/a.json", 0),
        ("<&- >&- 2>&-", "convert examples/evaluate/small.jsonl --to coco -o {folder}/a.json", 0),
    ],
)
def test_closed_streams_are_ordinary(tmp_path, closed, words, status):
    """The minor reliability m1: they were tracebacks, and ``convert`` wrote nothing."""
    command = [*COMMAND, *words.format(folder=tmp_path).split()]
    result = subprocess.run(
        ["bash", "-c", f'"$@" {closed}', "bash", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == status
    assert "Traceback" not in result.stderr
    if "a.json" in words:
        assert json.loads((tmp_path / "a.json").read_bytes())["images"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize(
    "words", [["inspect", "examples/evaluate/truth.json"], ["parse", '<point mention="猫"> (1,2) </point>']]
)
def test_output_that_is_not_utf8(encoding, words):
    """Reliability M14: what a stream cannot encode is shown as its escape; bars are drawn with what it can show."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    result = subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, env=environment, check=False)
    assert result.returncode == 0
    assert result.stderr == b""
    shown = result.stdout.decode(encoding)
    assert "\\u732b" in shown if words[0] == "parse" else "####" in shown
    assert "\\u25" not in shown


def test_every_verb_shows_an_example():
    for verb in ("parse", "check", "convert", "formats", "inspect", "count", "dedupe", "evaluate"):
        shown = run(verb, "-h").stdout
        assert f"Example: perceptron-annotations {verb}" in " ".join(shown.split())


def test_check_counts_lines_without_an_answer_and_how_answers_ended(files):
    """A field of a wrong type is a problem, but its line holds an answer and is not rejected."""
    rejects = files / "rejects.jsonl"
    result = run("check", files / "odd.jsonl", files / "refused.jsonl", files / "nothing.jsonl", "--rejects", rejects)
    said = " ".join(result.stdout.split())
    assert "2 answers" in said
    assert "1 lines without an answer" in said
    assert "a field beside an answer has the wrong type" in said
    assert "the model refused to answer" in said
    assert [json.loads(each)["code"] for each in rejects.read_text().splitlines()] == ["unreadable_line"]
