"""What the README shows is what happens."""

import doctest
import json
import os
import re
import runpy
import subprocess
import sys
from functools import partial

import openai
import pytest

from perceptron_annotations import Recording, parse, read_recordings
from tests.completions.loopback import Reply, serving
from tests.corpora import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_examples_with_prompts():
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    text = "\n".join(block for block in BLOCKS if block.startswith(">>>"))
    runner.run(doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0))
    assert runner.summarize(verbose=False).failed == 0
    assert runner.tries >= 5


@pytest.mark.parametrize("block", [block for block in BLOCKS if not block.startswith(">>>")])
def test_programs(block, tmp_path, monkeypatch, capsys):
    line = {"text": "<point> (1,2) </point>", "key": "k", "assets": [{"file_name": "a", "width": 9, "height": 9}]}
    (tmp_path / "answers.jsonl").write_text(json.dumps(line))
    monkeypatch.chdir(tmp_path)
    with serving() as server:
        server.reply = reply_to(block)
        client = partial(openai.OpenAI, max_retries=0)
        monkeypatch.setattr(openai, "OpenAI", lambda base_url, api_key: client(base_url=server.url, api_key=api_key))
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert capsys.readouterr().out


def reply_to(block):
    """What the service that a program asks would answer: a line of its fixture, or a recorded stream."""
    if "for_openrouter" in block:
        stream = (ROOT / "fixtures" / "openrouter_stream.sse").read_bytes()
        return Reply([stream], content_type="text/event-stream")
    name = next((name for name in ("isaac", "my-model") if name in block), "perceptron_mk1")
    path = ROOT / "fixtures" / f"{name.replace('my-model', 'perceptron_cloud')}.jsonl"
    line = json.loads(path.read_text(encoding="utf-8").split("\n")[0])
    return Reply([json.dumps(line.get("response", line)).encode()])


def test_every_service_is_shown_and_asked():
    for form in ("for_perceptron()", 'for_perceptron("isaac-0.2")', "for_openrouter()", "for_openai_compatible("):
        assert any(form in block and "OpenAI(" in block for block in BLOCKS)


def test_the_first_answer_is_the_table_below_it():
    assert "0   │ box  │ cat     │ (316,136) (703,906) │   │       │ 2–60" in README
    answer = parse('A <point_box mention="cat"> (316,136) (703,906) </point_box>')
    assert tuple(answer.spans[0]) == (2, 60)


def test_fixtures_are_counted_right():
    """The fixtures' README says how many answers each file holds."""
    text = (ROOT / "fixtures" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "fixtures").glob("*.jsonl"):
        assert f"`{path.name}`" in text
        assert any(isinstance(recording, Recording) for recording in read_recordings(path))


def test_the_evaluation_is_what_it_prints(tmp_path):
    """The worked example: files as their script makes them, the table as the command prints it, a picture drawn."""
    made = runpy.run_path(str(ROOT / "examples" / "evaluate" / "make.py"))["files"]()
    for name, content in made.items():
        assert (ROOT / "examples" / "evaluate" / name).read_text(encoding="utf-8") == content
    (command,) = re.findall(r"^perceptron-annotations (evaluate .*)$", README, re.MULTILINE)
    command = command.replace("curves.png", str(tmp_path / "curves.png"))
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "perceptron_annotations", *command.split()],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert f"prints\n\n```text\n{printed}\n```" in README
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
