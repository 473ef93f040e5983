"""The SDK and this library in turn, in one process.

What is measured is the time of the processor, so that other work on the machine disturbs less than it would the clock.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from perceptron.pointing.parser import collect_annotations

from benchmarks.corpus import Mix
from perceptron_annotations import parse


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


def read_with_sdk(texts: Sequence[str]) -> None:
    """Parse each answer; no result outlives the next."""
    for text in texts:
        collect_annotations(text)


def read_views_with_sdk(texts: Sequence[str]) -> None:
    """Parse each answer and look at every view; no result outlives the next."""
    for text in texts:
        found = collect_annotations(text)
        _ = found.points
        _ = found.boxes
        _ = found.polygons
        _ = found.clips
        _ = found.tracks
        _ = found.parsed
        _ = found.errors


def read_views_with_ours(texts: Sequence[str]) -> None:
    """Parse each answer and look at every view."""
    for text in texts:
        found = parse(text)
        _ = found.annotations
        _ = found.points
        _ = found.boxes
        _ = found.polygons
        _ = found.clips
        _ = found.tracks
        _ = found.collections
        _ = found.nodes
        _ = found.spans
        _ = found.issues


def read_boxes_with_sdk(texts: Sequence[str]) -> None:
    """Parse each answer and look at its boxes alone."""
    for text in texts:
        _ = collect_annotations(text).boxes


def read_boxes_with_ours(texts: Sequence[str]) -> None:
    """Parse each answer and look at its boxes alone."""
    for text in texts:
        _ = parse(text).boxes


def add_mix_options(parser: argparse.ArgumentParser) -> None:
    """``--mix``, which may be given several times, and ``--require``."""
    parser.add_argument("--mix", action="append", type=Mix, choices=list(Mix), help="only this mix; may be repeated")
    parser.add_argument("--require", action="store_true", help="exit with status 1 if a ratio is below what is wanted")
