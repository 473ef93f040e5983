"""``python -m benchmarks.scale --answers N``: the job of ``examples/engines`` on one machine, in flat memory.

N recorded answers about as many images, as JSON Lines and as gzip → Parquet; from there divided into parts, as parts of
a dataset joined to one COCO file, and evaluated part by part against a truth that differs a little. The functions are
those of ``one_process.py``, in ``--jobs`` processes. Inputs are made and deleted shard by shard (``--folder``), and
only the work is timed. Prints for each step the rate by the clock and by the time of the processors, the peak of memory
of its largest process, what two processes gain over one beside what two plain spinners gain, and what 10⁹ answers would
take if nothing else cost anything. Exit status 1 if a process takes 1 GB or more, or if what came out is not what went
in.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from msgspec import structs
from pyarrow import parquet

from benchmarks.long_run import write_shard
from benchmarks.machine import describe, spinning_processes
from perceptron_annotations import FileSpan
from perceptron_annotations.datasets import join_parts, write_part
from perceptron_annotations.evaluation import ReducedEvaluation
from perceptron_annotations.losses import LossCode, LossReport

sys.path.insert(0, str(Path(__file__).parents[1] / "examples" / "engines"))
import one_process  # type: ignore[import-not-found]
import steps  # type: ignore[import-not-found]

_FORMS = ("jsonl", "jsonl.gz")
#: Answers of one part, so that a part takes little memory.
_PART = 25_000
#: Pixels by which the truth differs from the answers.
_NOISE = 8.0
_LIMIT = 1_000
_ESTIMATED = 10**9
_CORES = 100


class Step(NamedTuple):
    """What one step took."""

    name: str
    answers: int
    #: By the clock, while all processes work.
    seconds: float
    #: Of the processors, in all processes.
    cpu: float
    #: Megabytes of the largest process.
    peak: float
    #: Processes beside each other.
    jobs: int

    def show(self) -> None:
        """Print a row of the table."""
        rate = self.answers / self.seconds
        print(
            f"{self.name:<28}{self.answers:>12,} answers{self.jobs:>3} jobs{self.seconds:>10.1f} s{rate:>11,.0f}/s"
            f"{self.answers / self.cpu:>11,.0f}/s of CPU  peak {self.peak:>5,.0f} MB",
            flush=True,
        )


def peak() -> float:
    """Megabytes that this process has taken at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))


class Worked(NamedTuple):
    """What came of some items, and what that took."""

    found: list[Any]
    seconds: float
    cpu: float
    peak: float


def beside(jobs: int, work: Callable[[Any], Any], items: Iterable[Any]) -> Worked:
    """Each item in one of so many new processes."""
    given = list(items)
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_start, range(jobs)))
        start = time.perf_counter()
        found = list(pool.map(partial(_measured, work), given))
        seconds = time.perf_counter() - start
    made, cpu, peaks = zip(*found, strict=True)
    return Worked(list(made), seconds, sum(cpu), max(peaks))


def _start(_: int) -> None:
    """Imports are not what is measured."""
    time.sleep(0.2)


def _measured(work: Callable[[Any], Any], item: Any) -> tuple[Any, float, float]:
    start = time.process_time()
    return work(item), time.process_time() - start, peak()


# -- the steps, each of one item ---------------------------------------------------------------------------------------


def _generate(item: tuple[Path, int, int]) -> int:
    path, first, count = item
    write_shard(str(path), first, count)
    return path.stat().st_size


def _read(folder: Path, source: Path) -> int:
    """Recorded answers to Parquet; how many objects they have."""
    counts = one_process.read_answers([FileSpan(str(source))], folder / f"{source.name}.parquet")
    return int(sum(counts["objects"].to_pylist()))


def _place(folder: Path, parts: int, answers: Path) -> None:
    steps.PARTS = parts
    one_process.place(answers, folder)


def _rows(folder: Path, part: int) -> pa.Table:
    (rows,) = one_process.parts_of(folder, [part])
    return rows


def _make_truth(placed: Path, folder: Path, part: int) -> None:
    """The answers, moved a little, as if that were true."""
    found = steps.dataset_of(_rows(placed, part))
    noise = np.random.default_rng(part).normal(0, _NOISE, found.table.coords.shape)
    write_part(structs.replace(found, table=found.table.replace(coords=found.table.coords + noise)), folder, part)


def _write_part(placed: Path, folder: Path, part: int) -> None:
    steps.write_dataset_part(_rows(placed, part), str(folder))


def _evaluate(placed: Path, truth: Path, part: int) -> pa.Table:
    return steps.evaluate_part(_rows(placed, part), str(truth))


def _join(item: tuple[Path, Path]) -> LossReport:
    return join_parts(*item, "coco")


# -- all of it ---------------------------------------------------------------------------------------------------------


class _Run:
    """All steps over a number of answers, in one folder."""

    def __init__(self, answers: int, shard: int, jobs: int, folder: Path) -> None:
        self.steps: list[Step] = []
        self._answers, self._shard, self._jobs = answers, min(shard, answers), jobs
        self._parts = max(1, -(-answers // _PART))
        self._folder = folder

    def _step(self, name: str, work: Callable[[Any], Any], items: Sequence[Any], answers: int) -> list[Any]:
        done = beside(self._jobs, work, items)
        self._add(Step(name, answers, done.seconds, done.cpu, done.peak, self._jobs))
        return done.found

    def _add(self, step: Step) -> None:
        """Steps of one name over several shards are one."""
        for place, other in enumerate(self.steps):
            if other.name == step.name:
                sums = (one + more for one, more in zip(other[1:4], step[1:4], strict=True))
                self.steps[place] = Step(step.name, *sums, max(other.peak, step.peak), step.jobs)
                return
        self.steps.append(step)

    def read(self, form: str) -> None:
        """The answers of one form to Parquet; those of the first form are divided into parts."""
        folder, placed, sizes = self._folder / "answers", self._folder / "placed", 0
        for turn in range(0, self._answers, self._shard * self._jobs):
            firsts = range(turn, min(turn + self._shard * self._jobs, self._answers), self._shard)
            shards = [self._folder / f"shard-{first}.{form}" for first in firsts]
            counts = [min(self._shard, self._answers - first) for first in firsts]
            sizes += sum(beside(self._jobs, _generate, zip(shards, firsts, counts, strict=True)).found)
            if not turn and len(shards) > 1:
                self._compare(form, folder, shards)
            self._step(f"{form} to Parquet", partial(_read, folder), shards, sum(counts))
            _delete(shards)
            made = sorted(folder.iterdir())
            rows = sum(parquet.ParquetFile(path).metadata.num_rows for path in made)
            if rows < sum(counts):
                raise SystemExit(f"{rows} rows for {sum(counts)} answers")
            if form == _FORMS[0]:
                self._step("dividing into parts", partial(_place, placed, self._parts), made, sum(counts))
            shutil.rmtree(folder)
        step = next(step for step in self.steps if step.name.startswith(f"{form} "))
        print(f"{form}: {sizes / 1e9:.2f} GB, read at {sizes / step.seconds / 1e6:.0f} MB/s", flush=True)

    def _compare(self, form: str, folder: Path, shards: Sequence[Path]) -> None:
        """How much longer one process takes than all of them."""
        turns = []
        for _ in range(2):
            alone, together = (beside(jobs, partial(_read, folder), shards).seconds for jobs in (1, self._jobs))
            turns.append(alone / together)
            shutil.rmtree(folder)
        spun = spinning_processes(self._jobs)
        gain = max(turns)
        print(f"{form}: {self._jobs} processes read {gain:.2f}x as fast as one; spinners spin {spun:.2f}x as fast")
        print(f"{'':<8}{gain / spun:.2f} of it (wanted: 0.8)", flush=True)

    def finish(self) -> bool:
        """The parts, the file of all of them, and the metrics; whether nothing is missing."""
        placed, truth, parts = (self._folder / name for name in ("placed", "truth", "parts"))
        numbers = sorted(int(path.name) for path in placed.iterdir())
        beside(self._jobs, partial(_make_truth, placed, truth), numbers)
        self._step("parts of a dataset", partial(_write_part, placed, parts), numbers, self._answers)
        sums = self._step("evaluation of parts", partial(_evaluate, placed, truth), numbers, self._answers)
        _delete([placed, truth])
        start = time.perf_counter()
        reduced = ReducedEvaluation.from_arrow(pa.concat_tables(sums))
        print(f"sums of {len(sums)} parts added up in {time.perf_counter() - start:.2f} s: {reduced.images:,} images,")
        print(f"  f1@0.5 {reduced.estimates('detection')['f1@0.5'].value:.3f}, {sums[0].nbytes:,} bytes from a part")
        target = self._folder / "coco.json"
        done = beside(1, _join, [(parts, target)])
        self._add(Step("parts joined to COCO", self._answers, done.seconds, done.cpu, done.peak, 1))
        report: LossReport = done.found[0]
        print(f"coco.json: {report.assets:,} images, {report.objects:,} objects, {target.stat().st_size / 1e9:.2f} GB")
        unread = sum(loss.count for loss in report.losses if loss.code is LossCode.UNREAD_ANSWER)
        return reduced.images == report.assets + unread == self._answers


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def estimate(done: Sequence[Step]) -> None:
    """What so many more answers would take, if every core were as fast as one here and nothing else cost anything."""
    print(f"\non paper, {_ESTIMATED:,} answers:")
    for step in done:
        hours = step.cpu / step.answers * _ESTIMATED / 3600
        of_one = step.jobs == 1
        where = "one process" if of_one else f"{_CORES} cores"
        print(f"{step.name:<28}{hours:>8.1f} core hours{hours * 60 / (1 if of_one else _CORES):>9.0f} min on {where}")


def main() -> None:
    """All forms and steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000_000)
    parser.add_argument("--shard", type=int, default=250_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", help="where all is written; about 3 kB for each answer")
    options = parser.parse_args()
    print(describe("perceptron-annotations", "msgspec", "numpy", "pyarrow"))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        run = _Run(options.answers, options.shard, options.jobs, Path(folder))
        for form in _FORMS:
            run.read(form)
        is_whole = run.finish()
    print()
    for step in run.steps:
        step.show()
    estimate(run.steps)
    most = max(step.peak for step in run.steps)
    print(f"\npeak of all processes: {most:,.0f} MB (wanted: below {_LIMIT:,})")
    sys.exit(most >= _LIMIT or not is_whole)


if __name__ == "__main__":
    main()
