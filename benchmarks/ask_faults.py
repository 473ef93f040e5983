"""``python -m benchmarks.ask_faults``: a service that fails in every way, and a client that is killed and restarted.

Images are asked about, 16 at once, of a server on this machine: 429 with and without ``Retry-After``, bursts of 500,
connections dropped before and inside of the body, stalls beyond the client's patience, JSON that is cut off, and now
and then a wrong key. The client is killed (kill -9) at random moments and started again. The server's log is the
oracle: in the end each image has exactly one complete answer in the file, and none was asked again after a complete
answer had been recorded. Printed are the runs with their largest memory, and what was violated; the exit status is 1 if
anything was. ``--seed`` makes the faults and the moments the same again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.machine import describe
from perceptron_annotations import Request, UsageError
from perceptron_annotations.asking import Asker, AskLimits, Endpoint, PendingQuestion, Question
from perceptron_annotations.completions import Service, ServiceError, image
from tests.completions.loopback import Reply, Server, serving

KEY = "sk-right-0123456789"
WRONG_KEY = "sk-wrong-0123456789"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: How often each fault comes, for a thousand requests.
FAULTS = {
    "429 with Retry-After": 10,
    "429 without": 30,
    "500 burst": 3,
    "dropped before": 30,
    "dropped inside": 30,
    "cut JSON": 30,
    "stalled": 4,
    "slow": 4,
}
_BURST_SECONDS = 0.5
#: What a client gets about, so that the last kill comes before the last answer.
_ANSWERS_A_SECOND = 50
#: Of so many runs, one has a wrong key.
_WRONG_RUNS = 7
#: What one run may need beyond another, in MiB, for memory to be called flat.
_FLAT_MIB = 25


class Asked(NamedTuple):
    """One request, as the server saw it."""

    run: int
    name: str
    #: ``good``, or the fault that was sent.
    reply: str


class FaultyServer(Server):
    """Fails as ``FAULTS`` says, and keeps a log."""

    #: Set by the caller before anything is asked.
    random: random.Random
    stall: float

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Asked] = []
        self.run = 0
        self._lock = threading.Lock()
        self._burst_end = 0.0

    def choose(self, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """A reply by chance, which is logged."""
        self.asked.clear()  # the bodies of all images would fill the memory
        name = asked["messages"][-1]["content"][-1]["text"].rpartition(" ")[2]
        with self._lock:
            kind = "wrong key" if headers["authorization"] != f"Bearer {KEY}" else self._kind()
            self.log.append(Asked(self.run, name, "good" if kind == "slow" else kind))
            seconds = self.random.uniform(0.02, 0.15)
        return self._reply(kind, name, seconds)

    def _kind(self) -> str:
        if time.monotonic() < self._burst_end:
            return "500 burst"
        (kind,) = self.random.choices([*FAULTS, "good"], [*FAULTS.values(), 1000 - sum(FAULTS.values())])
        if kind == "500 burst":
            self._burst_end = time.monotonic() + _BURST_SECONDS
        return kind

    def _reply(self, kind: str, name: str, seconds: float) -> Reply:
        body = json.dumps(answer(name)).encode()
        error = b'{"error": {"message": "later"}}'
        replies = {
            "good": Reply([body], wait=seconds),
            "slow": Reply([body], wait=self.stall / 3),
            "stalled": Reply([body], wait=self.stall),
            "429 with Retry-After": Reply([error], status=429, headers=(("retry-after", "0.3"),)),
            "429 without": Reply([error], status=429),
            "500 burst": Reply([error], status=500),
            "dropped before": Reply([], silent=True, wait=seconds),
            "dropped inside": Reply([body[: len(body) // 2]], drop=True, wait=seconds),
            "cut JSON": Reply([body[: len(body) // 2]], wait=seconds),
            "wrong key": Reply([b'{"error": {"message": "Incorrect API key"}}'], status=401),
        }
        return replies[kind]


def answer(name: str) -> dict[str, Any]:
    """A whole answer."""
    message = {"role": "assistant", "content": f'<point_box mention="{name}"> (1,2) (30,40) </point_box>'}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return {"id": name, "model": "m", "choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}


# -- the client --------------------------------------------------------------------------------------------------------


def questions(count: int, size: int) -> Iterator[PendingQuestion]:
    """Questions about images that are made when their turn comes."""

    def prepare(number: int) -> Question:
        data = _SIGNATURE + random.Random(number).randbytes(size)
        request = Request(prompt=f"Box every car in {number}.png", media=image(data), annotation_format="box")
        return Question(request=request)

    for number in range(count):
        yield PendingQuestion(key=f"{number}.png", prepare=lambda number=number: prepare(number))


def run_client(url: str, path: str, count: int, size: int, patience: float) -> None:
    """Ask about all images, and print what came of it."""
    endpoint = Endpoint(base_url=url, service=Service.PERCEPTRON, key_env="ASK_KEY", model="perceptron-mk1")
    limits = AskLimits(
        concurrency=16, requests_per_minute=1_000_000, timeout=patience, first_wait=0.05, longest_wait=5, drain=2
    )
    asker = Asker(endpoint, path=path, limits=limits)
    try:
        for _ in asker.ask(questions(count, size)):
            pass
    except ServiceError as error:
        print(error)
    print("done" if not asker.report.failed else f"{asker.report.failed} failed")


# -- the runs ----------------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """One life of the client."""

    ending: str
    seconds: float
    requests: int
    answered: int
    peak_mib: float


class Trial:
    """Runs of the client against one server, and what they violated."""

    def __init__(self, server: FaultyServer, path: Path, *, count: int, size: int, seed: int) -> None:
        self.server = server
        self.path = path
        self.runs: list[Run] = []
        self.violations: list[str] = []
        self._count = count
        self._size = size
        self._random = random.Random(seed)

    def run_all(self, kills: int) -> None:
        """Kill the client so often, and then let it end."""
        longest = self._count / (kills + 1) / _ANSWERS_A_SECOND
        for number in range(kills):
            self.run_once(self._random.uniform(0.05, longest), KEY if (number + 1) % _WRONG_RUNS else WRONG_KEY)
        for _ in range(10):
            if self.run_once(None, KEY) == "done":
                break
        else:
            self.violations.append("ten runs to the end left questions without an answer")
        self._check_end()

    def run_once(self, kill_after: float | None, key: str) -> str:
        """One life: killed so many seconds after its first request, or to its end; how it ended."""
        before, first = self._answered(), len(self.server.log)
        self.server.run += 1
        command = [sys.executable, "-m", "benchmarks.ask_faults", "--client", self.server.url, str(self.path)]
        command += [str(self._count), str(self._size), str(self.server.stall * 2 / 3)]
        environment = os.environ | {"ASK_KEY": key}
        begin = time.monotonic()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            peak = self._watch(process, first, kill_after)
            out = process.communicate()[0]
        killed = process.returncode < 0
        ending = "killed" if killed else out.strip().splitlines()[-1]
        sent = self.server.log[first:]
        self.runs.append(Run(ending, time.monotonic() - begin, len(sent), len(self._answered()), peak))
        again = [asked.name for asked in sent if asked.name in before]
        self.violations += [f"run {self.server.run}: {name} was asked again, and was recorded" for name in again]
        self._check_run(sent)
        return ending

    def _watch(self, process: subprocess.Popen[str], first: int, kill_after: float | None) -> float:
        """Kill the client in its time; its largest memory, in MiB."""
        peak, deadline = 0.0, None
        while process.poll() is None:
            peak = max(peak, _peak_mib(process.pid))
            if deadline is None and len(self.server.log) > first and kill_after is not None:
                deadline = time.monotonic() + kill_after
            if deadline is not None and time.monotonic() >= deadline:
                peak = max(peak, _peak_mib(process.pid))
                process.kill()
                break
            time.sleep(0.02)
        return peak

    def _check_run(self, sent: list[Asked]) -> None:
        """Within a run, nothing is asked after a whole answer to it was sent."""
        good: set[str] = set()
        for asked in sent:
            if asked.name in good:
                self.violations.append(f"run {asked.run}: {asked.name} was asked again after a whole answer")
            if asked.reply == "good":
                good.add(asked.name)

    def _check_end(self) -> None:
        found = self._answered()
        names = {f"{number}.png" for number in range(self._count)}
        self.violations += [f"{name} has {found[name]} complete answers" for name in names if found[name] != 1]
        self.violations += [f"{name} was never asked about" for name in found.keys() - names]
        peaks = [run.peak_mib for run in self.runs if run.peak_mib]
        if peaks and max(peaks) - min(peaks) > _FLAT_MIB:
            self.violations.append(f"memory is not flat: from {min(peaks):.0f} to {max(peaks):.0f} MiB")
        if KEY in self.path.read_text() or WRONG_KEY in self.path.read_text():
            self.violations.append("a key is in the file")

    def _answered(self) -> Counter[str]:
        """The complete answers in the file, as plain JSON has them."""
        found: Counter[str] = Counter()
        if self.path.exists():
            for line in self.path.read_bytes().split(b"\n"):
                try:
                    recorded = json.loads(line)
                except ValueError:  # torn by a kill
                    continue
                if recorded["response"] == answer(recorded["key"]):
                    found[recorded["key"]] += 1
        return found


def _peak_mib(process: int) -> float:
    """The largest resident memory of a process until now; 0 if the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def try_all(folder: Path, *, images: int, kills: int, size: int, stall: float, seed: int) -> Trial:
    """A trial from the first run to the last."""
    with serving(FaultyServer) as server:
        server.random, server.stall = random.Random(seed), stall
        trial = Trial(server, folder / "answers.jsonl", count=images, size=size, seed=seed)
        trial.run_all(kills)
    return trial


def main() -> int:
    """Run a trial and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--size", type=int, default=60_000, help="bytes of an image")
    parser.add_argument("--stall", type=float, default=30.0, help="seconds of a stall; the client waits two thirds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--client", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        url, path, count, size, patience = arguments.client
        run_client(url, path, int(count), int(size), float(patience))
        return 0
    if arguments.images < 1 or arguments.kills < 0:
        raise UsageError("--images must be at least 1, and --kills not negative")
    print(describe("openai"))
    with tempfile.TemporaryDirectory() as folder:
        options = {name: getattr(arguments, name) for name in ("images", "kills", "size", "stall", "seed")}
        trial = try_all(Path(folder), **options)
        size = trial.path.stat().st_size
    print("run  ending    seconds  requests  answered  peak MiB")
    for number, run in enumerate(trial.runs, 1):
        numbers = f"{run.seconds:7.1f}  {run.requests:8}  {run.answered:8}  {run.peak_mib:8.0f}"
        print(f"{number:3}  {run.ending[:20]:8}  {numbers}")
    counts = Counter(asked.reply for asked in trial.server.log)
    print("replies:", ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    print(f"file: {size:,} bytes; violations: {len(trial.violations)}", *trial.violations[:20], sep="\n  ")
    return 1 if trial.violations else 0


if __name__ == "__main__":
    sys.exit(main())
