"""What a person who watches sees of asking, and what a log has of it."""

import json
import os
import subprocess
import sys
import threading

import pytest

from perceptron_annotations.asking import AskReport
from perceptron_annotations.cli.ask_progress import progress_of  # noqa: TID251 - it is tested here
from tests.cli.test_ask import PROMPT, completion, photos
from tests.cli.test_progress_bar import terminal
from tests.completions.loopback import Reply, serving
from tests.corpora import ROOT

RUN = "from perceptron_annotations.cli.main import main; main()"
#: Ends well if the status is 1, as it is if some question got no answer.
EXPECTING_1 = """
import sys
from perceptron_annotations.cli.main import main
try:
    main()
except SystemExit as end:
    sys.exit(end.code != 1)
"""
#: A log whose lines come each half second.
QUICK_LOG = "from perceptron_annotations.cli import ask_progress; ask_progress._EVERY = 0.5; " + RUN


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serving() as server:
        server.reply = completion()._replace(delay=0.15)
        yield server


def words(server):
    given = ["ask", "photos", "--service", server.url, "--model", "m", "--prompt", PROMPT, "-o", "answers.jsonl"]
    return [*given, "--concurrency", "2"]


@pytest.mark.parametrize(
    ("report", "share", "told"),
    [
        (AskReport(), 0.0, "0 of 80"),
        (AskReport(skipped=80), 1.0, "80 of 80"),
        (AskReport(answered=39, failed=1, seconds=20), 0.5, "40 of 80, 2.0 a second, 1 error, 0:20 left"),
        (AskReport(answered=8, seconds=3600, cost=1.5), 0.1, "8 of 80, 0.0 a second, $1.50, 9:00:00 left"),
        (AskReport(answered=80, seconds=8, total_tokens=12345), 1.0, "80 of 80, 10.0 a second, 12,345 tokens"),
    ],
)
def test_the_words_of_progress(report, share, told):
    assert progress_of(report, 80) == (share, told)


def test_a_person_sees_rate_errors_tokens_and_time_left(server, tmp_path):
    photos(*[f"{number:02}.png" for number in range(16)])
    (tmp_path / "photos" / "00.jpg").write_bytes(b"not an image")
    shown = terminal(*words(server), cwd=tmp_path, program=EXPECTING_1)
    assert "0 of 17" in shown or "1 of 17" in shown
    assert "a second" in shown
    assert "1 error" in shown
    assert " tokens" in shown
    assert " left" in shown
    assert "00.jpg: cannot read" in shown


def test_a_log_has_a_line_now_and_then(server, tmp_path):
    photos(*[f"{number:02}.png" for number in range(16)])
    done = subprocess.run(
        [sys.executable, "-c", QUICK_LOG, *words(server)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("asking: ")]
    assert 1 <= len(lines) <= 10
    assert all(" of 16" in line for line in lines)
    assert "\x1b" not in done.stderr


def test_many_errors_are_told_and_counted(server, tmp_path):
    photos(*[f"{number:02}.png" for number in range(9)])
    lock = threading.Lock()
    asked = []

    def mostly_wrong(request):
        with lock:
            asked.append(request)
            wrong = Reply([json.dumps({"error": {"message": "too small", "code": 400}}).encode()], status=400)
            return completion() if len(asked) == 1 else wrong

    server.reply = mostly_wrong
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words(server)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count(".png: too small") == 4  # three as they come, and the first in the summary
    assert "8 questions without an answer (bad_request); first: " in done.stderr
