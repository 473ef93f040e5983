"""Ctrl-C asks nothing more and waits for what is on its way; a second one ends at once. Nothing paid for is lost."""

import signal
import subprocess
import sys
import time

import pytest

from tests.asking.test_ask import GOOD, KEY, lines
from tests.completions.loopback import serving

PROGRAM = """
import sys, perceptron_annotations as pa
from perceptron_annotations.asking import Asker, AskLimits, Endpoint
{signals}
asked = Endpoint(base_url=sys.argv[1], key_env="TEST_KEY", model="m")
asker = Asker(asked, path=sys.argv[2], limits=AskLimits(concurrency=4, drain=20))
try:
    for reply in asker.ask(pa.Request(prompt=str(number)) for number in range(1000)):
        print("reply", flush=True)
        {work}
finally:
    print(asker.report.stopped, flush=True)
"""
EXITS = "import signal\nsignal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))"


@pytest.fixture
def server():
    with serving() as running:
        running.reply = GOOD._replace(wait=1.0)
        yield running


def start(server, path, work="pass", signals=""):
    code = PROGRAM.format(work=work, signals=signals)
    command = [sys.executable, "-c", code, server.url, str(path)]
    environment = {"TEST_KEY": KEY, "PYTHONPATH": ":".join(sys.path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(server.asked) < 4:
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)])
def test_the_first_interruption_waits_for_what_is_on_its_way(server, tmp_path, number, status):
    path = tmp_path / "a.jsonl"
    process = start(server, path, signals=EXITS)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == status
    assert out.split() == ["reply"] * 4 + ["interrupted"]
    assert len(lines(path)) == len(server.asked) == 4


def test_an_interruption_while_the_caller_works(server, tmp_path):
    path = tmp_path / "a.jsonl"
    process = start(server, path, work="import time; time.sleep(60)")
    assert process.stdout.readline() == "reply\n"
    while len(server.asked) < 8:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert len(lines(path)) == len(server.asked) == 8


def test_the_second_interruption_ends_at_once(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = GOOD._replace(wait=40.0)
    process = start(server, path)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert time.monotonic() - begin < 20
    assert process.returncode == -signal.SIGINT
    assert lines(path) == []
