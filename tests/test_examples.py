"""The programs in ``examples/``, run as a user runs them; the one that compares models is tested with its page."""

import ast
import json
import subprocess
import sys

import pytest

from perceptron_annotations import parse
from tests.corpora import ROOT

pytestmark = pytest.mark.backend
PROGRAMS = sorted((ROOT / "examples").glob("*.py"))
#: Recordings of the third journey, which were 20,000.
COUNT = 300


def run(name, *arguments):
    command = [sys.executable, ROOT / "examples" / name, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_a_journey_has_less_than_30_lines_and_no_private_name(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 30
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    names |= {part for node in nodes if isinstance(node, ast.ImportFrom) for part in node.module.split(".")}
    assert [name for name in names if name.startswith("_")] == []


def test_newcomer_journey_1_an_app_reacts_to_each_box():
    """The stream is the first line of the fixture, cut into pieces of 24 characters."""
    line = (ROOT / "fixtures" / "perceptron_mk1.jsonl").read_text(encoding="utf-8").splitlines()[0]
    boxes = parse(json.loads(line)["response"]["choices"][0]["message"]["content"]).to_pixels(1920, 1080).boxes
    status, printed, complaint = run("streaming_app.py", "fixtures/perceptron_mk1_stream.sse", "1920x1080")
    assert (status, complaint) == (0, "")
    reactions = [row for row in printed.splitlines() if row.startswith("-> ")]
    assert reactions == [f"-> {box.mention} at {box.xyxy}" for box in boxes]
    assert printed.endswith(f"\n{len(boxes)} annotations, ok\n")


def test_newcomer_journey_1_an_app_knows_that_the_answer_broke_off(tmp_path):
    whole = (ROOT / "fixtures" / "perceptron_mk1_stream.sse").read_bytes()
    (tmp_path / "broken.sse").write_bytes(whole[: len(whole) // 2])
    status, printed, _ = run("streaming_app.py", tmp_path / "broken.sse", "1920x1080")
    assert status == 1
    assert printed.count("\n-> ") >= 1


def test_newcomer_journey_3_recordings_reach_another_tool(tmp_path):
    """An OpenAI Batch output with keys such as q00000, and images such as q00000.jpg."""
    boxes = {
        "cup": '<point_box mention="cup"> (10,20) (300,400) </point_box>',
        "dog": '<point_box mention="dog"> (1,2) (9,9) </point_box>',
    }
    answers, sizes = tmp_path / "answers.jsonl", tmp_path / "sizes.csv"
    with answers.open("w") as lines:
        for number in range(COUNT):
            text = boxes["cup"] * (number % 4) + boxes["dog"]
            body = {
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]
            }
            line = {"custom_id": f"q{number:05}", "response": {"status_code": 200, "body": body}}
            lines.write(json.dumps(line) + "\n")
    sizes.write_text("file_name,width,height\n" + "".join(f"q{number:05}.jpg,640,480\n" for number in range(COUNT)))
    status, printed, complaint = run("convert_recordings.py", answers, sizes, tmp_path / "coco.json")
    assert status == 0, complaint
    assert printed.splitlines()[-1] == f"{COUNT} images, Counter({{'cup': {COUNT * 6 // 4}, 'dog': {COUNT}}})"
    assert "left out" not in printed
    (first, *_) = json.loads((tmp_path / "coco.json").read_text())["annotations"]
    assert first["bbox"] == pytest.approx([0.64, 0.96, 5.12, 3.36])
