"""Two programs in turn, in one process, so that other work on the machine disturbs both alike.

What is measured is the time of the processor, so that other work disturbs less than it would the clock.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Turns(NamedTuple):
    """Medians of several rounds: seconds, and how many times as long theirs takes, with its extremes."""

    theirs: float
    ours: float
    ratio: float
    lowest: float
    highest: float


def seconds(work: Callable[[], object]) -> float:
    """Processor time of ``work``, of all its threads together."""
    start = time.process_time()
    work()
    return time.process_time() - start


def in_turn(theirs: Callable[[], object], ours: Callable[[], object], rounds: int, repeats: int = 1) -> Turns:
    """The two alternately; ours, if it is short, ``repeats`` times for each time of theirs."""
    pairs = [(seconds(theirs), statistics.median(seconds(ours) for _ in range(repeats))) for _ in range(rounds)]
    ratios = sorted(slow / fast for slow, fast in pairs)
    slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Turns(slow, fast, statistics.median(ratios), ratios[0], ratios[-1])
