"""The programs of the how-to pages, each run as a user runs it."""

import ast
import json
import runpy
import shutil
import subprocess
import sys
from importlib import import_module

import openai
import pytest

from perceptron_annotations import read_dataset, read_recordings
from perceptron_annotations.datasets import from_recordings
from tests.completions.loopback import Reply, serving
from tests.corpora import ROOT
from tests.datasets.examples import png
from tests.docs.pages import authored, client_of

PROGRAMS = ROOT / "docs" / "programs"
EXAMPLES = ROOT / "examples" / "evaluate"
COMPARING = ROOT / "examples" / "compare_models.py"
EVENTS = "text/event-stream"


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Runs a program in an empty folder, and gives its exit status."""

    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [str(name), *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(PROGRAMS / name), run_name="__main__")
        return ended.value.code

    monkeypatch.chdir(tmp_path)
    return run


@pytest.fixture
def service(monkeypatch):
    """A service at the address that the programs are told."""
    with serving() as server:
        stream = (ROOT / "fixtures" / "perceptron_mk1_stream.sse").read_bytes()
        server.reply = Reply([stream[at : at + 200] for at in range(0, len(stream), 200)], content_type=EVENTS)
        monkeypatch.setattr(openai, "OpenAI", client_of(server))
        monkeypatch.setenv("PERCEPTRON_URL", server.url)
        monkeypatch.setenv("PERCEPTRON_KEY", "secret-key")
        yield server


ASKED = ("https://example.com/crossing.jpg", "Box every road user.")


def test_an_answer_is_printed_and_drawn_while_it_arrives(program, service, tmp_path, capsys):
    assert program("stream_and_draw.py", *ASKED, "-o", "boxes.svg", "--record", "answers.jsonl") == 0
    assert "Four road users are near the crossing: " in capsys.readouterr().out
    drawing = (tmp_path / "boxes.svg").read_text()
    assert drawing.count("<title>") == 4
    assert "delivery van" in drawing
    asked = service.asked[0]
    assert asked["stream"] is True
    assert asked["vision_config"] == {"annotation_format": "box"}
    (recording,) = read_recordings("answers.jsonl")
    assert recording.key == ASKED[0]
    assert len(recording.document().boxes) == 4
    assert "secret-key" not in (tmp_path / "answers.jsonl").read_text()


def test_a_broken_stream_is_said_to_be_incomplete(program, service, capsys):
    service.reply = service.reply._replace(pieces=service.reply.pieces[:6])
    assert program("stream_and_draw.py", *ASKED) == 1
    assert "not complete" in capsys.readouterr().err


def test_a_folder_of_recordings_becomes_yolo(program, tmp_path, capsys):
    (tmp_path / "recordings").mkdir()
    shutil.copy(EXAMPLES / "small.jsonl", tmp_path / "recordings")
    (tmp_path / "recordings" / "broken.jsonl").write_text("{\n")
    (tmp_path / "labels.csv").write_text("mention,label\ncup,tableware\nplate,tableware\n")
    assert program("recordings_to_yolo.py", "recordings", "yolo", "--label-map", "labels.csv") == 0
    printed = capsys.readouterr().out
    assert "24 answers, 1 problems" in printed
    assert "broken.jsonl: line 1: " in printed
    for split in ("train", "val"):
        for label in (tmp_path / "yolo" / "labels" / split).iterdir():
            image = tmp_path / "yolo" / "images" / split / f"{label.stem}.png"
            image.write_bytes(png(1280, 960))
    dataset = read_dataset("yolo")
    assert set(dataset.labels) == {"tableware", "spoon"}
    assert len(dataset) == 71


@pytest.mark.parametrize(
    ("present", "new", "status"),
    [("small", "large", 0), ("large", "small", 1), ("small", "small", 1)],
    ids=["better", "worse", "below the minimum"],
)
def test_a_worse_model_fails_the_build(program, capsys, present, new, status):
    files = [EXAMPLES / "truth.json", EXAMPLES / f"{present}.jsonl", EXAMPLES / f"{new}.jsonl"]
    assert program(COMPARING, *files) == status
    printed = capsys.readouterr().out
    assert printed.startswith("answers about 24 of 24 images")
    assert f"compared with {present}" in printed
    assert ("large better" in printed) == (present != new)


def test_newcomer_m9_the_comparison_is_a_short_program_without_private_names():
    """Newcomer M9: a comparison for a pull request needed four looks into the source."""
    source = COMPARING.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 30
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in imported} == {"perceptron_annotations", "perceptron_annotations.evaluation"}
    for node in imported:
        assert {alias.name for alias in node.names} <= set(import_module(node.module).__all__)


@pytest.mark.parametrize(
    "command",
    [("mypy", "--strict", "--cache-dir"), ("pyright", "--pythonpath", sys.executable)],
    ids=["mypy", "pyright"],
)
def test_newcomer_m9_the_comparison_satisfies_type_checkers(tmp_path, command):
    """Newcomer M9."""
    folder = [tmp_path] if command[-1] == "--cache-dir" else []
    done = subprocess.run(
        [sys.executable, "-m", *command, *folder, COMPARING], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if "npm" in done.stdout + done.stderr:
        pytest.skip("pyright could not fetch its program from the npm registry")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_examples_are_as_their_script_makes_them():
    made = runpy.run_path(str(EXAMPLES / "make.py"))["files"]()
    for name, content in made.items():
        assert (EXAMPLES / name).read_text(encoding="utf-8") == content
    assert json.loads(made["truth.json"])["categories"]


def test_images_are_asked_about_in_a_loop(program, monkeypatch, capsys):
    monkeypatch.delenv("PERCEPTRON_API_KEY", raising=False)
    photos = ROOT / "examples" / "ask" / "photos"
    with serving() as server:
        server.reply = authored
        monkeypatch.setenv("PERCEPTRON_URL", server.url)
        assert program("ask_in_a_loop.py", photos) == 0
        printed = capsys.readouterr().out.splitlines()
        assert sorted(printed[:-1]) == [
            "corner.png: 2 boxes",
            "market/empty.png: 0 boxes",
            "market/morning.png: 3 boxes",
            "market/noon.png: 1 boxes",
        ]
        assert program("ask_in_a_loop.py", photos) == 0
        assert capsys.readouterr().out.startswith("4 were answered before")
        assert len(server.asked) == 4
    found, report = from_recordings(read_recordings("answers.jsonl"))
    assert len(found) == 6
    assert report.losses == ()
