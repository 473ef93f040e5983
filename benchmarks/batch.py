"""``python -m benchmarks.batch``: many answers → columns, the SDK and this library in turn in one process.

Answers are made from a seed, in four mixes (``--mix`` chooses). For each ratio the two run alternately, and the median
of the ratios is printed with its spread. The SDK reads each answer with ``collect_annotations``, which is the least one
has to call to get its geometry, and each of its results is dropped at once: if they are kept, as the table is, Python's
garbage collector walks over them again and again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from perceptron.pointing.parser import collect_annotations

from benchmarks.alternating import in_turn, seconds
from benchmarks.contents import contents_of
from benchmarks.corpus import HANDS, Corpus, Mix
from benchmarks.machine import describe
from benchmarks.turns import add_mix_options, read_views_with_ours, read_views_with_sdk, read_with_sdk
from perceptron_annotations import backend, parse, parse_batch, read_table
from perceptron_annotations.completions.bulk import LINES
from perceptron_annotations.issues import Span
from perceptron_annotations.markup.document import Mode
from perceptron_annotations.markup.flatten import Flattener
from perceptron_annotations.markup.parsing import parse_purely
from perceptron_annotations.table.build import build

#: How many times as long the SDK is to take, by mix: lists into a table, and one answer into objects.
WANTED = {Mix.KIND: (100, 20), Mix.MIXED: (60, 15), Mix.WARNED: (50, 12), Mix.WILD: (30, 10)}
#: Of the processor time of a batch, what a warning may cost, in µs.
WARNING_LIMIT = 0.3


def read_purely(texts: Sequence[str]) -> None:
    """What ``parse_batch`` does where there is no compiled scanner."""
    flat = Flattener()
    for text in texts:
        flat.add(parse_purely(text, Span(0, len(text)), mode=Mode.LENIENT, cut=False))
    build(flat.columns())


def compare(
    name: str, theirs: Callable[[], object], ours: Callable[[], object], size: int, rounds: int, wanted: float | None
) -> bool:
    """Print one row; whether the median ratio is as wanted. Ours is short and runs three times for each of theirs."""
    turns = in_turn(theirs, ours, rounds, repeats=3)
    print(
        f"{name:<24}{turns.theirs * 1e3:>10.1f}{turns.ours * 1e3:>10.1f}{size / turns.ours / 1e6:>10.0f}"
        f"{turns.ratio:>9.1f}x{'' if wanted is None else f'{wanted:g}x':>9}"
        f"   ({turns.lowest:.1f} to {turns.highest:.1f})"
    )
    return wanted is None or turns.ratio >= wanted


def written(texts: Sequence[str], path: Path) -> None:
    """Recordings of ``texts``, as ``perceptron-mk1`` is answered with."""
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1200, "completion_tokens": 150, "total_tokens": 1350}
            body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1767225600, "usage": usage}
            file.write(json.dumps(body | {"model": "perceptron-mk1", "choices": [choice]}, ensure_ascii=False) + "\n")


def read_recordings_with_sdk(path: Path) -> None:
    """What a script does: json, then the SDK; no result outlives the next."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            collect_annotations(json.loads(line)["choices"][0]["message"]["content"])


#: For each code of a warning an element that has it, and one of about the same size that has not.
ODD_AND_PLAIN = {
    "swapped_corners": (
        "<point_box> (400,500) (100,200) </point_box> ",
        "<point_box> (100,200) (400,500) </point_box> ",
    ),
    "out_of_range": ("<point> (5000,300) </point> ", "<point> ( 500,300) </point> "),
    "zero_area": ("<point_box> (400,500) (400,700) </point_box> ", "<point_box> (400,500) (600,700) </point_box> "),
    "ignored_text": ("<point> (400,500) cat </point> ", "<point> (400,500)     </point> "),
    "duplicate_attribute": (
        '<point mention="a" mention="b"> (4,5) </point> ',
        '<point mention="a" t="1.0"> (4,5) </point> ',
    ),
    "unknown_attribute": ('<point mention="a" id="b"> (4,5) </point> ', '<point mention="a" t="1"> (4,5) </point> '),
    "ignored_mention": (
        '<track> <point mention="a"> (4,5) </point> </track> ',
        '<track> <point t="1 s"> (4,5) </point> </track> ',
    ),
    "reversed_clip": ('<clip t="3 seconds 2 seconds" /> ', '<clip t="2 seconds 3 seconds" /> '),
    "unpaired_tag": ("</point> <point> (4,5) </point> ", "<b>sure</b> <point> (4,5) </point> "),
}


def batch_sizes(texts: Sequence[str], rounds: int) -> bool:
    """Print small batches against ``parse`` in a loop; whether none of 16 and more is slower."""
    print(f"\n{'answers in a batch':<24}{'parse µs':>10}{'batch µs':>10}{'ratio':>10}")
    fine = True
    for count in (1, 4, 16, 64, 256):
        some = list(texts[:count])
        runs = max(1, 2000 // count)

        def loop(some: list[str] = some, runs: int = runs) -> None:
            for _ in range(runs):
                for text in some:
                    parse(text)

        def batches(some: list[str] = some, runs: int = runs) -> None:
            for _ in range(runs):
                parse_batch(some)

        pairs = [(seconds(loop) / runs, seconds(batches) / runs) for _ in range(rounds)]
        slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{count:<24}{slow * 1e6:>10.1f}{fast * 1e6:>10.1f}{slow / fast:>9.2f}x")
        fine &= count < 16 or slow >= fast
    return fine


def collisions(rounds: int) -> float:
    """Print distinct mentions that collide under well-known hashes against random ones; the ratio of their times."""
    crafted = ["".join(pair) for pair in _equal_under_djb2(15)]
    corpus = Corpus(5)
    plain = [corpus.word(len(crafted[0])) for _ in crafted]

    def read(mentions: Sequence[str]) -> Callable[[], object]:
        texts = [f'<point mention="{mention}"> (1,2) </point>' for mention in mentions]
        return lambda: parse_batch(texts)

    pairs = [(seconds(read(crafted)), seconds(read(plain))) for _ in range(rounds)]
    ratio = statistics.median(slow / fast for slow, fast in pairs)
    print(f"\n{len(crafted)} mentions equal under h * 33 + c take {ratio:.2f}x the time of random ones")
    return ratio


def _equal_under_djb2(pieces: int) -> list[list[str]]:
    # "Ez" and "FY" have one value under h * 33 + c, and so have all their sequences.
    found: list[list[str]] = [[]]
    for _ in range(pieces):
        found = [[*head, tail] for head in found for tail in ("Ez", "FY")]
    return found


def mix_table(mix: Mix, texts: Sequence[str], rounds: int) -> bool:
    """Print what a mix holds and its rows; whether every ratio is as wanted."""
    size = sum(len(text.encode()) for text in texts)
    print(f"\n{mix}: {contents_of(texts)}\n{size / 1e6:.1f} MB, {parse_batch(texts)!r}")
    print(f"{mix:<24}{'SDK ms':>10}{'ours ms':>10}{'MB/s':>10}{'ratio':>10}{'wanted':>9}")
    batch, one = WANTED[mix]
    fine = [
        compare("list → table", lambda: read_with_sdk(texts), lambda: parse_batch(texts), size, rounds, batch),
        compare(
            "one answer → objects",
            lambda: read_views_with_sdk(texts),
            lambda: read_views_with_ours(texts),
            size,
            rounds,
            one,
        ),
        compare("pure parser → table", lambda: read_with_sdk(texts), lambda: read_purely(texts), size, rounds, None),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        written(texts, path)
        lines = path.stat().st_size
        compare(
            "recordings → table", lambda: read_recordings_with_sdk(path), lambda: read_table(path), lines, rounds, None
        )
    return all(fine)


def hands_table(texts: Sequence[str], rounds: int) -> None:
    """Print the rows of the kind mix in other hands."""
    print(f"\n{'kind, in another hand':<24}{'SDK ms':>10}{'ours ms':>10}{'MB/s':>10}{'ratio':>10}")
    for name, change in HANDS.items():
        changed = [change(text) for text in texts]
        size = sum(len(text.encode()) for text in changed)

        def theirs(changed: list[str] = changed) -> None:
            read_with_sdk(changed)

        def ours(changed: list[str] = changed) -> object:
            return parse_batch(changed)

        compare(name, theirs, ours, size, rounds, None)


def warnings_table(rounds: int) -> bool:
    """Print what a warning costs in a batch, by its code; whether the mean is within the limit."""
    print(f"\n{'a warning in a batch':<28}{'µs':>8}")
    costs = []
    for code, (odd, plain) in ODD_AND_PLAIN.items():
        with_it, without = [[body * 8] * 2000 for body in (odd, plain)]
        issues = len(parse_batch(with_it).issues) - len(parse_batch(without).issues)
        pairs = [(seconds(lambda: parse_batch(with_it)), seconds(lambda: parse_batch(without))) for _ in range(rounds)]  # noqa: B023 - called here
        costs.append(statistics.median(slow - fast for slow, fast in pairs) / issues * 1e6)
        print(f"{code:<28}{costs[-1]:>8.2f}")
    mean = statistics.mean(costs)
    print(f"{'mean':<28}{mean:>8.2f}   (wanted: at most {WARNING_LIMIT})")
    return mean <= WARNING_LIMIT


def reading_shares(texts: Sequence[str]) -> None:
    """Print the rate of the reader of files beside that of decoding alone, and what two threads give."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        written(texts, path)
        data = path.read_bytes()
        pairs = [(seconds(lambda: LINES.decode_lines(data)), seconds(lambda: read_table(path))) for _ in range(15)]
        share = statistics.median(decode / whole for decode, whole in pairs)
        print(f"\nrecordings → table runs at {100 * share:.0f} % of msgspec's own rate for these fields")
    more = list(texts) * 5  # enough work for the two to be on their way
    pairs = [(elapsed(lambda: parse_batch(more)), elapsed(lambda: parse_batch(more, threads=2))) for _ in range(15)]
    faster = statistics.median(one / two for one, two in pairs)
    print(f"two threads read the list {faster:.2f}x as fast as one (wanted: 1.3x)")


def elapsed(work: Callable[[], object]) -> float:
    """How long ``work`` takes by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Run all of it, or the mixes that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    add_mix_options(parser)
    options = parser.parse_args()
    if backend != "compiled":
        sys.exit(
            "the compiled scanner is not there: install with a C compiler, and without PERCEPTRON_ANNOTATIONS_PURE"
        )
    print(describe("perceptron-annotations", "perceptron", "msgspec", "numpy"))
    corpora = {mix: Corpus(options.seed).answers(mix, options.answers) for mix in options.mix or Mix}
    fine = [mix_table(mix, texts, options.rounds) for mix, texts in corpora.items()]
    fine.append(warnings_table(options.rounds))
    if not options.mix:
        texts = corpora[Mix.KIND]
        hands_table(texts, options.rounds)
        reading_shares(texts)
        batch_sizes(texts, options.rounds)
        collisions(options.rounds)
    if options.require and not all(fine):
        sys.exit(1)


if __name__ == "__main__":
    main()
