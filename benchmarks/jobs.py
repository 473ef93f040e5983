"""``python -m benchmarks.jobs``: what ``--jobs 2`` gains, beside what two processes that only spin gain.

The commands read some shards of recorded answers (``--answers``, ``--folder``), each whole process from its start to
its end, in turn with one job and with two. Prints the best rate of each by the clock, the time of the processors, the
peak of memory of the largest process, and how much of the gain of two spinners two jobs reach. Whether what they write
is the same is checked, too. ``evaluate`` has a tenth of the answers, and the others as its truth.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.long_run import write_shard
from benchmarks.machine import describe, spinning_processes

_SHARDS, _TURNS = 4, 3
_JOBS = (1, 2)


class Command(NamedTuple):
    """A command line before ``--jobs``; ``{out}`` stands for what it writes."""

    name: str
    words: tuple[str, ...]
    answers: int


class Ran(NamedTuple):
    """What a run took, and what it wrote."""

    seconds: float
    cpu: float
    peak: float
    written: bytes


def run(command: Command, jobs: int, out: Path) -> Ran:
    """Run it once."""
    words = [word.format(out=out) for word in command.words]
    program = [sys.executable, "-m", "perceptron_annotations", *words, "--jobs", str(jobs)]
    start = time.perf_counter()
    process = subprocess.Popen(program, stdout=subprocess.PIPE)  # noqa: S603 - our own command
    printed = b"" if process.stdout is None else process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{command.name} ended with {status}")
    written = out.read_bytes() if out.exists() else printed
    out.unlink(missing_ok=True)
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, written)


def measure(command: Command, out: Path, spinners: float) -> None:
    """Run it in turn with one job and with two, and print a row."""
    best: dict[int, Ran] = {}
    for _ in range(_TURNS):
        for jobs in _JOBS:
            found = run(command, jobs, out)
            best[jobs] = min(best.get(jobs, found), found)
    one, two = (best[jobs] for jobs in _JOBS)
    if one.written != two.written:
        raise SystemExit(f"{command.name} writes something else with two jobs")
    gain = one.seconds / two.seconds
    rates = "".join(f"{command.answers / each.seconds:>12,.0f}/s" for each in (one, two))
    cpu = "".join(f"{each.cpu:>8.1f} s" for each in (one, two))
    peaks = "".join(f"{each.peak:>7,.0f} MB" for each in (one, two))
    print(f"{command.name:<10}{rates}{cpu}{peaks}{gain:>8.2f} x{gain / spinners:>8.2f}", flush=True)


def commands(folder: Path, answers: int, names: Sequence[str]) -> list[Command]:
    """The commands, whose inputs are made here."""
    inputs, few = folder / "inputs", folder / "few"
    for place, (path, count) in enumerate([(inputs, answers)] * bool({*names} - {"evaluate"}) + [(few, answers // 10)]):
        path.mkdir()
        for shard in range(_SHARDS):
            size = count // _SHARDS
            write_shard(str(path / f"{shard}.jsonl"), (place * _SHARDS + shard) * size, size)
    truth = folder / "truth.json"
    if "evaluate" in names:
        made = [sys.executable, "-m", "perceptron_annotations", "convert", str(few), "-o", str(truth)]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    known = [
        Command("count", ("count", str(inputs)), answers),
        Command("check", ("check", str(inputs)), answers),
        Command("parquet", ("convert", str(inputs), "-o", "{out}", "--to", "parquet"), answers),
        Command("coco", ("convert", str(inputs), "-o", "{out}", "--to", "coco"), answers),
        Command("evaluate", ("evaluate", str(few), "--truth", str(truth)), answers // 10),
    ]
    return [command for command in known if command.name in names]


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=400_000)
    parser.add_argument("--folder", default=None)
    parser.add_argument("--verb", action="append", choices=["count", "check", "parquet", "coco", "evaluate"])
    options = parser.parse_args()
    print(describe("perceptron-annotations", "numpy", "pyarrow"))
    spinners = spinning_processes(2)
    print(f"two spinning processes do {spinners:.2f} times the work of one")
    print(f"{'':<10}{'1 job':>14}{'2 jobs':>14}{'CPU':>10}{'':>10}{'peak':>10}{'':>10}{'gain':>10}{'of spinners':>12}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        names = options.verb or ["count", "check", "parquet", "coco", "evaluate"]
        for command in commands(Path(folder), options.answers, names):
            measure(command, Path(folder) / "out", spinners)


if __name__ == "__main__":
    main()
