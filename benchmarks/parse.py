"""One answer at a time: the SDK and us in turn, in one process, on each mix; and hostile inputs at three sizes.

``python -m benchmarks.parse [--mix NAME] [--families] [--require] [--seed N] [--answers N] [--rounds N]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import combinations

from benchmarks.alternating import Turns, in_turn, seconds
from benchmarks.contents import contents_of
from benchmarks.corpus import KINDS, Corpus, Mix
from benchmarks.families import families_table
from benchmarks.hostile import HOSTILE
from benchmarks.machine import describe
from benchmarks.turns import (
    add_mix_options,
    read_boxes_with_ours,
    read_boxes_with_sdk,
    read_views_with_ours,
    read_views_with_sdk,
)
from perceptron_annotations import Mode, StreamParser, backend, parse

#: Sizes of the hostile inputs, in characters, and how far time per character may spread to count as flat.
SIZES = (10_000, 100_000, 1_000_000)
FLAT = 3.0


#: How many times as long the SDK is to take, with the compiled scanner and with the pure parser.
WANTED = {
    "compiled": {Mix.KIND: 20.0, Mix.MIXED: 15.0, Mix.WARNED: 12.0, Mix.WILD: 10.0},
    "pure": {Mix.KIND: 4.0, Mix.MIXED: 3.0, Mix.WARNED: 2.5, Mix.WILD: 2.0},
}[backend]


def compare(name: str, texts: Sequence[str], rounds: int, wanted: float | None = None) -> bool:
    """Print one row, the two in turn and every view looked at; whether the median ratio is as wanted."""
    turns = in_turn(lambda: read_views_with_sdk(texts), lambda: read_views_with_ours(texts), rounds)
    print_row(name, texts, turns, wanted)
    return wanted is None or turns.ratio >= wanted


def compare_boxes(name: str, texts: Sequence[str], rounds: int) -> None:
    """Print one row of the two in turn, of which only the boxes are looked at."""
    print_row(name, texts, in_turn(lambda: read_boxes_with_sdk(texts), lambda: read_boxes_with_ours(texts), rounds))


def print_row(name: str, texts: Sequence[str], turns: Turns, wanted: float | None = None) -> None:
    """The time of an answer, the rate, and the ratio."""
    size = sum(map(len, texts))
    print(
        f"{name:<16}{turns.theirs / len(texts) * 1e6:>10.1f}{turns.ours / len(texts) * 1e6:>10.1f}"
        f"{size / turns.theirs / 1e6:>10.1f}{size / turns.ours / 1e6:>10.1f}{turns.ratio:>9.2f}"
        f"{'' if wanted is None else f'{wanted:g}':>9}   ({turns.lowest:.2f} to {turns.highest:.2f})"
    )


#: The largest size at which a stream is fed character by character.
STREAM_LIMIT = 100_000


def stream(text: str) -> None:
    """Feed ``text`` one character at a time."""
    parser = StreamParser()
    for char in text:
        parser.feed(char)
    parser.close()


def time_per_character(text: str, work: Callable[[str], object]) -> float:
    """Nanoseconds for each character; the best of several runs, more of them where they are short."""
    runs = max(2, min(20, 500_000 // len(text)))
    return min(seconds(lambda: work(text)) for _ in range(runs)) / len(text) * 1e9


def hostile_row(name: str, make: Callable[[int], str], work: Callable[[str], object], sizes: Sequence[int]) -> bool:
    """Print time per character at each size; whether it is flat."""
    times = [time_per_character(make(size), work) for size in sizes]
    # Growth is what counts: small inputs carry the fixed cost of a call.
    growth = max(later / earlier for earlier, later in combinations(times, 2))
    cells = "".join(f"{each:>12.1f}" for each in times) + " " * 12 * (len(SIZES) - len(sizes))
    print(f"{name:<30}{cells}{growth:>9.2f}{'' if growth <= FLAT else '   NOT FLAT'}")
    return growth <= FLAT


def hostile_table() -> None:
    """Print all hostile inputs, parsed in the two reading modes and streamed."""
    print(
        f"\n{'ns per character at':<30}" + "".join(f"{f'{size // 1000} kB':>12}" for size in SIZES) + f"{'growth':>9}"
    )
    flat = [hostile_row(name, make, parse, SIZES) for name, make in HOSTILE.items()]
    flat += [
        hostile_row(f"{name} (salvage)", make, lambda text: parse(text, mode=Mode.SALVAGE), SIZES)
        for name, make in HOSTILE.items()
    ]
    sizes = [size for size in SIZES if size <= STREAM_LIMIT]
    flat += [hostile_row(f"{name} (stream)", make, stream, sizes) for name, make in HOSTILE.items()]
    print(f"flat within {FLAT:g}x: {sum(flat)} of {len(flat)}")


def main() -> None:
    """Run all of it, or the mixes that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    add_mix_options(parser)
    parser.add_argument("--families", action="store_true", help="the medians of many families of answers instead")
    options = parser.parse_args()
    print(describe("perceptron-annotations", "perceptron", "msgspec"))
    print(f"backend: {backend}")
    if options.families:
        if not families_table(options.seed, options.rounds) and options.require:
            sys.exit(1)
        return
    corpora = {mix: Corpus(options.seed).answers(mix, options.answers) for mix in options.mix or Mix}
    for mix, texts in corpora.items():
        print(f"\n{mix}: {contents_of(texts)}")
    print(f"\n{'answers':<16}{'SDK µs':>10}{'ours µs':>10}{'SDK MB/s':>10}{'ours MB/s':>10}{'ratio':>9}{'wanted':>9}")
    fine = [compare(mix, texts, options.rounds, WANTED[mix]) for mix, texts in corpora.items()]
    for mix, texts in corpora.items():
        compare_boxes(f"{mix}, .boxes", texts, options.rounds)
    if not options.mix:
        corpus = Corpus(options.seed)
        compare("without markup", corpus.captions(options.answers), options.rounds)
        for kind in KINDS:
            compare(f"only {kind}", corpus.of_kind(kind, options.answers // 5), options.rounds)
        hostile_table()
    if options.require and not all(fine):
        sys.exit(1)


if __name__ == "__main__":
    main()
