"""``python -m benchmarks.batch_stages``: a list of answers → a table, stage by stage, with one thread and with two.

Times are CPU seconds of one process, those of the system apart, which are pages of memory that are met for the first
time; other work on the machine counts little. Two threads are timed by the clock too. At best they are as much faster
as two threads of plain C are here, less what they cost more than one.
"""

from __future__ import annotations

import argparse
import resource
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Self

from benchmarks.batch import elapsed
from benchmarks.corpus import Corpus, Mix
from benchmarks.machine import describe, spinning_threads
from perceptron_annotations import parse_batch
from perceptron_annotations.completions.answer_reading import AnswerReading
from perceptron_annotations.markup.columns import Columns
from perceptron_annotations.table.batch import SHARE
from perceptron_annotations.table.build import build
from perceptron_annotations.table.bulk_readers import BulkReader, bulk_reader

#: So many answers need no new memory, because that of the last ones is used again.
_FEW = 10_000


class Cost(NamedTuple):
    """CPU seconds of the program, and of the system for it."""

    user: float
    system: float

    @classmethod
    def of(cls, work: Callable[[], object], turns: int) -> Self:
        """The medians of several turns."""
        found = []
        for _ in range(turns):
            before = resource.getrusage(resource.RUSAGE_SELF)
            work()
            after = resource.getrusage(resource.RUSAGE_SELF)
            found.append((after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime))
        return cls(*map(statistics.median, zip(*found, strict=True)))

    @property
    def total(self) -> float:
        """Both."""
        return self.user + self.system


def reader() -> BulkReader:
    """What reads answers; all of them have to be decided by the scanner."""

    def undecided(index: int) -> None:
        raise AssertionError(index)

    return bulk_reader(undecided, AnswerReading())  # type: ignore[arg-type]


def read(texts: list[str]) -> Columns:
    """The columns of a list."""
    made = reader()
    made.feed(texts)
    return made.columns()


def read_in_parts(texts: list[str]) -> None:
    """The columns of a few answers at a time, each dropped before the next."""
    for at in range(0, len(texts), _FEW):
        read(texts[at : at + _FEW])


def read_in_shares(texts: list[str]) -> None:
    """The columns of a list by one thread, but as several read it: in shares, which are appended."""
    whole, share = reader(), reader()
    for at in range(0, len(texts), SHARE):
        share.feed(texts[at : at + SHARE])
        whole.absorb(share)
    whole.columns()


def stages(texts: list[str], turns: int) -> dict[str, Cost]:
    """What each stage costs."""
    short = [f"answer {number}" for number in range(len(texts))]
    columns = read(texts)
    costs = {
        "taking the texts, under the lock": Cost.of(lambda: read_in_parts(short), turns),
        "and scanning them": Cost.of(lambda: read_in_parts(texts), turns),
        "and writing to memory that is new": Cost.of(lambda: read(texts), turns),
        "the same in shares, which are appended": Cost.of(lambda: read_in_shares(texts), turns),
        "the table of the columns": Cost.of(partial(build, columns), turns),
    }
    del columns
    costs["parse_batch"] = Cost.of(lambda: parse_batch(texts), turns)
    costs["parse_batch with two threads"] = Cost.of(lambda: parse_batch(texts, threads=2), turns)
    return costs


def show(texts: Sequence[str], turns: int) -> None:
    """Print the stages, and what two threads reach."""
    answers = [text for text in texts if _is_decided(text)]
    costs = stages(answers, turns)
    one, two = costs["parse_batch"], costs["parse_batch with two threads"]
    print(f"{len(answers):,} answers{'':<26}{'user ms':>10}{'system ms':>11}{'of one thread':>15}")
    for name, cost in costs.items():
        print(f"{name:<40}{cost.user * 1e3:>10.1f}{cost.system * 1e3:>11.1f}{cost.total / one.total:>15.0%}")
    pairs = [
        (elapsed(lambda: parse_batch(answers)), elapsed(lambda: parse_batch(answers, threads=2))) for _ in range(turns)
    ]
    faster = statistics.median(alone / beside for alone, beside in pairs)
    plain = spinning_threads(2)
    print(f"two threads are {faster:.2f}x as fast as one by the clock (wanted: 1.4x); two of plain C: {plain:.2f}x")
    more = two.total / one.total
    print(f"they cost {more:.2f}x as much CPU time as one, so {plain / more:.2f}x is the most they can reach here")


def _is_decided(text: str) -> bool:
    try:
        read([text])
    except AssertionError:
        return False
    return True


def main() -> None:
    """Run one mix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--mix", type=Mix, default=Mix.KIND, choices=list(Mix))
    options = parser.parse_args()
    print(describe("perceptron-annotations", "numpy"))
    print(f"mix: {options.mix}")
    show(Corpus(1).answers(options.mix, options.answers), options.turns)


if __name__ == "__main__":
    main()
