"""``python -m benchmarks.faults``: calls of the system that fail, and processes that are killed, over all that writes.

Printed are, for each operation, how many faults were tried and how often something was lost: an output that is neither
the old nor the new one, something left over after the next run, a wrong exit status, or a recorded line that is gone.
``--kills N`` sets how often each is killed, at random moments; ``--seed`` makes them the same again.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from benchmarks.convert import write_recordings
from benchmarks.injection import Failing
from benchmarks.machine import describe
from benchmarks.outputs import Operation, append, contents, remove, verbs, writers
from perceptron_annotations import read_recordings
from perceptron_annotations.errors import FileError

OLD = b"what was there before"
LINE_BYTES = 200_000
#: What the verbs import when they run.
_USED = [
    *(f"perceptron_annotations.cli.{name}" for name in ("main", "convert", "dedupe", "check", "count", "evaluate")),
    *("pyarrow.parquet", "matplotlib.figure", "matplotlib.backends.backend_agg", "lxml.etree", "scipy.optimize"),
]
_POLITE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Outcome(NamedTuple):
    """What was tried, and what was lost."""

    operation: str
    tried: int
    losses: list[str]


def write_answers(path: Path, count: int = 300) -> None:
    """Answers of which some lines are not JSON, and so are rejects."""
    write_recordings(path, count)
    with path.open("a") as file:
        file.writelines("{bad}\n" for _ in range(count))
    for module in _USED:  # before processes are forked, so that their time is that of the verbs
        with suppress(ImportError):
            import_module(module)


# -- calls that fail ---------------------------------------------------------------------------------------------------


def inject(operation: Operation, folder: Path) -> Outcome:
    """Each call of the system fails in turn, alone and with all after it."""
    new = _reference(operation, folder)
    tried, losses = 0, []
    for for_good in (False, True):
        for number in itertools.count(1):
            failing = Failing(folder, number, for_good=for_good)
            old = _set_old(operation, folder)
            try:
                with failing:
                    operation.run(folder)
            except FileError:
                pass
            if not failing.has_failed:
                break
            tried += 1
            losses += _lost(operation, folder, old, new, lambda: operation.run(folder))
    return Outcome(f"{operation.name}, failing calls", tried, losses)


# -- processes that are killed -----------------------------------------------------------------------------------------


def kill(operation: Operation, folder: Path, count: int, rng: random.Random) -> Outcome:
    """A process is killed at random moments; what it left is gone after the next run."""
    begun = time.monotonic()
    _wait(_fork(operation, folder))
    seconds = time.monotonic() - begun
    new, losses = contents(folder), []
    for _ in range(count):
        old = _set_old(operation, folder)
        _end(_fork(operation, folder), signal.SIGKILL, rng.uniform(0, seconds))
        losses += _lost(operation, folder, old, new, lambda: _wait(_fork(operation, folder)))
    return Outcome(f"{operation.name}, kill -9", count, losses)


def end(operation: Operation, folder: Path, count: int, rng: random.Random) -> Outcome:
    """TERM, INT and HUP at random moments: the status says so, and nothing is left over."""
    begun = time.monotonic()
    _wait(_fork(operation, folder))
    seconds = time.monotonic() - begun
    new, losses = contents(folder), []
    for number in itertools.islice(itertools.cycle(_POLITE), count):
        old = _set_old(operation, folder)
        status = _end(_fork(operation, folder), number, rng.uniform(0, seconds))
        found = contents(folder)
        if status not in (0, 128 + number, -number):  # -number: before the command had begun
            losses.append(f"status {status} after signal {number.name}")
        if not _is_old_or_new(operation, found, old, new) or len(found) > max(len(old), len(new)):
            losses.append(f"{number.name} left {sorted(found)}")
    return Outcome(f"{operation.name}, TERM, INT and HUP", count, losses)


def kill_recorders(folder: Path, count: int, rng: random.Random, processes: int = 8) -> Outcome:
    """Processes record long lines into one file, and each is killed at times and begins anew."""
    path, acknowledged = folder / "recorded.jsonl", folder / "acknowledged"

    def recorder(name: str) -> int:
        descriptor = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number in itertools.count():
            append(folder, _text(f"{name}-{number}"))
            os.write(descriptor, f"{name}-{number}\n".encode())
        return 0

    names = (f"r{number}" for number in itertools.count())
    running = [_fork_call(recorder, next(names)) for _ in range(processes)]
    for _ in range(count):
        place = rng.randrange(processes)
        _end(running[place], signal.SIGKILL, rng.uniform(0, 0.06))
        running[place] = _fork_call(recorder, next(names))
    for process in running:
        _end(process, signal.SIGKILL, 0)
    return Outcome(f"record, {processes} processes, kill -9", count + processes, _lost_lines(path, acknowledged, count))


def _lost_lines(path: Path, acknowledged: Path, kills: int) -> list[str]:
    problems: list[str] = []
    found: dict[str, int] = {}
    losses = []
    for recording in read_recordings(path, on_problem=lambda problem: problems.append(problem.code.value)):
        name = recording.text.partition(" ")[0]
        found[name] = found.get(name, 0) + 1
        if recording.text != _text(name):
            losses.append(f"{name} was changed")
    losses += [f"{name} is gone" for name in acknowledged.read_text().split() if found.get(name) != 1]
    losses += [f"a problem is {code}" for code in problems if code != "torn_line"]
    if len(problems) > kills + 8:
        losses.append(f"{len(problems)} torn lines")
    return losses


def _text(name: str) -> str:
    return (f"{name} " * (LINE_BYTES // len(name)))[:LINE_BYTES]


# -- parts -------------------------------------------------------------------------------------------------------------


def _reference(operation: Operation, folder: Path) -> dict[str, bytes]:
    operation.run(folder)
    return contents(folder)


def _set_old(operation: Operation, folder: Path) -> dict[str, bytes]:
    """What was there before: a file for each output that is a file, and nothing for a folder."""
    for name in operation.outputs:
        is_folder = (folder / name).is_dir()
        remove(folder, [name])
        if not is_folder and name not in operation.folders:
            (folder / name).write_bytes(OLD)
    return contents(folder)


def _is_old_or_new(operation: Operation, found: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> bool:
    def part(files: dict[str, bytes], name: str) -> dict[str, bytes]:
        return {path: data for path, data in files.items() if path == name or path.startswith(f"{name}/")}

    return all(part(found, name) in (part(old, name), part(new, name)) for name in operation.outputs)


def _lost(
    operation: Operation, folder: Path, old: dict[str, bytes], new: dict[str, bytes], again: Callable[[], object]
) -> list[str]:
    losses = []
    found = contents(folder)
    if not _is_old_or_new(operation, found, old, new):
        losses.append(f"neither old nor new: {sorted(found)}")
    remove(folder, operation.folders)
    again()
    if contents(folder) != new:
        losses.append(f"after the next run: {sorted(contents(folder))}")
    return losses


def _fork(operation: Operation, folder: Path) -> int:
    return _fork_call(operation.run, folder)


def _fork_call(function: Callable[..., object], *arguments: object) -> int:
    """A process that calls a function, silently, and ends with what it returns."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _POLITE)  # until the new process can be interrupted without being us
    process = os.fork()
    if process:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _POLITE)
        return process
    status = 70
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _POLITE)
        silent = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(silent, descriptor)
        sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in enumerate("rww"))  # noqa: PTH123, SIM115
        found = function(*arguments)
        status = found if isinstance(found, int) else 0
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os._exit(status)


def _end(process: int, number: signal.Signals, seconds: float) -> int:
    time.sleep(seconds)
    os.kill(process, number)
    return _wait(process)


def _wait(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _print(outcome: Outcome) -> None:
    print(f"{outcome.operation:52} {outcome.tried:7} {len(outcome.losses):7}", flush=True)
    for loss in outcome.losses[:3]:
        print(f"    {loss}")


def main() -> int:
    """Try all faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print(describe("perceptron-annotations"))
    print(f"\n{'operation':52} {'faults':>7} {'losses':>7}")
    outcomes = []
    with tempfile.TemporaryDirectory() as inputs:
        answers = Path(inputs, "answers.jsonl")
        write_answers(answers)
        tries: list[tuple[Callable[[Operation, Path], Outcome], list[Operation]]] = [
            (inject, writers()),
            (lambda operation, folder: kill(operation, folder, options.kills, rng), verbs(answers)),
            (lambda operation, folder: end(operation, folder, options.kills, rng), verbs(answers)),
            (lambda _, folder: kill_recorders(folder, options.kills, rng), [Operation("record", append, ())]),
        ]
        for attempt, operations in tries:
            for operation in operations:
                with tempfile.TemporaryDirectory() as folder:
                    outcomes.append(attempt(operation, Path(folder)))
                _print(outcomes[-1])
    losses = sum(len(outcome.losses) for outcome in outcomes)
    print(f"{'all':52} {sum(outcome.tried for outcome in outcomes):7} {losses:7}")
    return int(losses > 0)


if __name__ == "__main__":
    sys.exit(main())
