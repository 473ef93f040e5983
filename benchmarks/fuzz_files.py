"""Mutates files of every kind and reads them: ``python -m benchmarks.fuzz_files --inputs 20000``.

A file is made of units: lines, entries, elements. One unit is mutated as what it is, or the bytes of the file. Nothing
but an error of this library may come out, within ten seconds and a gigabyte; and what the units before the first change
say is still read, as it is from a file of only these units. At least one input in ten is still readable.

It prints a line for each kind of file, and the number of each input that fails; ``--only csv --first 17 --inputs 1``
runs one again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import FrameType
from typing import NamedTuple, NoReturn

from perceptron_annotations import AnnotationsError

from .file_kinds import KINDS, Kind
from .file_mutations import mutated_bytes
from .machine import describe

SECONDS = 10
GIGABYTE = 2**30
#: Inputs that a worker process runs before it ends.
_SHARE = 1000
#: Inputs of which the bytes are mutated; of the others, a unit.
_BYTES_SHARE = 0.4
#: The least share of inputs that must still be readable.
LEAST_READABLE = 0.1


class Outcome(NamedTuple):
    """How the reading of one input went."""

    readable: bool
    #: An error of ours was raised.
    refused: bool
    #: What should not have happened, or empty.
    failure: str


class TooSlow(Exception):  # noqa: N818 - it never leaves this module
    """The time for one input is over."""


def _too_slow(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TooSlow


class Fuzzer:
    """The inputs of one kind of file, by number; each is made from the seed and its number alone."""

    def __init__(self, kind: Kind, seed: int, folder: Path) -> None:
        self._kind, self._seed, self._folder = kind, seed, folder
        self._before: dict[int, Counter[str]] = {}

    def run(self, number: int) -> Outcome:
        """Make an input, read it, and compare."""
        rng = random.Random(f"{self._seed} {self._kind.name} {number}")
        kind, units = self._kind, list(self._kind.units)
        kept = rng.randrange(len(units))
        if rng.random() < _BYTES_SHARE:
            data = kind.render(units)
            start = len(kind.render(units[:kept])) if kind.is_lines else 0
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                data = mutated_bytes(rng, data, start)
            return self._read(data, self._expected(kept) if kind.is_lines else Counter())
        made = [kind.mutate(rng, units[kept])] * rng.choice((1, 1, 1, 2))
        return self._read(kind.render([*units[:kept], *made, *units[kept + 1 :]]), self._expected(kept))

    def _read(self, data: bytes, expected: Counter[str]) -> Outcome:
        signal.alarm(SECONDS)
        try:
            found = self._kind.read(self._folder, data)
        except AnnotationsError as error:
            is_loss = self._kind.is_lines and expected.total() > 0
            return Outcome(readable=False, refused=True, failure=f"refused a whole file: {error}" if is_loss else "")
        except TooSlow:
            return Outcome(readable=False, refused=False, failure=f"took more than {SECONDS} s")
        except BaseException:
            return Outcome(readable=False, refused=False, failure=traceback.format_exc(limit=-3))
        finally:
            signal.alarm(0)
        lost = expected - found
        failure = f"lost {next(iter(lost))}" if lost else ""
        return Outcome(readable=found.total() > 0, refused=False, failure=failure)

    def _expected(self, kept: int) -> Counter[str]:
        """What the first units say, if a bad unit costs only itself."""
        if not self._kind.keeps:
            return Counter()
        if kept not in self._before:
            try:
                self._before[kept] = self._kind.read(self._folder, self._kind.render(self._kind.units[:kept]))
            except AnnotationsError:  # too few to be a file
                self._before[kept] = Counter()
        return self._before[kept]


class Tally(NamedTuple):
    """What came of many inputs."""

    readable: int
    refused: int
    failures: list[tuple[int, str]]


def run_kind(kind: Kind, numbers: range, seed: int) -> Tally:
    """Run some inputs in this process, and count."""
    signal.signal(signal.SIGALRM, _too_slow)
    readable = refused = 0
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(kind, seed, Path(folder))
        for number in numbers:
            outcome = fuzzer.run(number)
            readable += outcome.readable
            refused += outcome.refused
            if outcome.failure:
                failures.append((number, outcome.failure))
    return Tally(readable, refused, failures)


def _limited(job: tuple[str, range, int]) -> tuple[str, Tally]:
    """:func:`run_kind` in a worker, which may take a gigabyte more than it has already."""
    name, numbers, seed = job
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + GIGABYTE, resource.RLIM_INFINITY))
    return name, run_kind(KINDS[name], numbers, seed)


def _jobs(names: Sequence[str], first: int, inputs: int, seed: int) -> Iterator[tuple[str, range, int]]:
    for name in names:
        for start in range(first, first + inputs, _SHARE):
            yield name, range(start, min(start + _SHARE, first + inputs)), seed


def main() -> None:
    """Run all kinds, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="of each kind of file")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KINDS, action="append")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    print(describe("perceptron-annotations", "msgspec", "lxml", "pyarrow"))
    print(f"{'file':16}{'inputs':>8}{'readable':>10}{'refused':>9}{'failures':>10}")
    names = options.only or list(KINDS)
    started, failed = time.monotonic(), False
    tallies = {name: Tally(0, 0, []) for name in names}
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(options.processes, mp_context=context) as pool:  # which tells if a process dies
        for name, found in pool.map(_limited, _jobs(names, options.first, options.inputs, options.seed)):
            before = tallies[name]
            failures = before.failures + found.failures
            tallies[name] = Tally(before.readable + found.readable, before.refused + found.refused, failures)
    for name, tally in tallies.items():
        share = tally.readable / options.inputs
        print(f"{name:16}{options.inputs:8}{share:10.0%}{tally.refused / options.inputs:9.0%}{len(tally.failures):10}")
        failed |= bool(tally.failures) or (share < LEAST_READABLE and options.inputs >= _SHARE)
        for number, failure in sorted(tally.failures)[:3]:
            print(f"  input {number}: {failure}")
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(failed)


if __name__ == "__main__":
    main()
