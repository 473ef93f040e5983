"""``python -m benchmarks.batch``: many answers → columns, the SDK and this library in turn in one process.

Answers are made from a seed. For each figure the two run alternately, and the median of the ratios is printed with its
spread. The SDK reads each answer with ``collect_annotations``, which is the least one has to call to get its geometry;
what it finds is kept until all answers are read, as the table is. The second row shows it without: dropping each result
at once spares Python's garbage collector the walk over them.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from perceptron.pointing.parser import collect_annotations

from benchmarks.corpus import Corpus
from benchmarks.machine import describe
from perceptron_annotations import backend, parse, parse_batch, read_table
from perceptron_annotations.completions.bulk import LINES
from perceptron_annotations.issues import Span
from perceptron_annotations.markup.document import Mode
from perceptron_annotations.markup.flatten import Flattener
from perceptron_annotations.markup.parsing import parse_purely
from perceptron_annotations.table.build import build

#: What the issue of this library's table asks of each figure.
TARGETS = {
    "list → table": 60,
    "single-quoted": 50,
    "spaced": 50,
    "upper-case": 50,
    "non-ASCII": 50,
    "one answer → objects": 15,
    "recordings → table": 30,
    "pure backend": 3,
}


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read_with_sdk(texts: Sequence[str]) -> list[object]:
    """Each answer by itself; there is no other way."""
    return [collect_annotations(text) for text in texts]


def read_and_drop_with_sdk(texts: Sequence[str]) -> None:
    """The same, and no result outlives the next."""
    for text in texts:
        collect_annotations(text)


def read_views_with_sdk(texts: Sequence[str]) -> None:
    """Each answer, and every view of it."""
    for text in texts:
        found = collect_annotations(text)
        _ = found.points, found.boxes, found.polygons, found.clips, found.tracks, found.parsed, found.errors


def read_views_with_ours(texts: Sequence[str]) -> None:
    """Each answer, and every view of it."""
    for text in texts:
        found = parse(text)
        _ = found.annotations, found.points, found.boxes, found.polygons, found.clips
        _ = found.tracks, found.collections, found.nodes, found.spans, found.issues


def read_purely(texts: Sequence[str]) -> None:
    """What ``parse_batch`` does where there is no compiled scanner."""
    flat = Flattener()
    for text in texts:
        flat.add(parse_purely(text, Span(0, len(text)), mode=Mode.LENIENT, cut=False))
    build(flat.columns())


def compare(name: str, theirs: Callable[[], object], ours: Callable[[], object], size: int, rounds: int) -> float:
    """Print one row and return the median ratio; ours, which is short, runs three times for each time of theirs."""
    pairs = [(seconds(theirs), statistics.median(seconds(ours) for _ in range(3))) for _ in range(rounds)]
    ratios = sorted(slow / fast for slow, fast in pairs)
    slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ratios)
    wanted = f"{TARGETS[name]:>8}x" if name in TARGETS else " " * 9
    print(
        f"{name:<24}{slow * 1e3:>10.1f}{fast * 1e3:>10.1f}{size / fast / 1e6:>10.0f}{ratio:>9.1f}x"
        f"{wanted}   ({ratios[0]:.1f} to {ratios[-1]:.1f})"
    )
    return ratio


def written(texts: Sequence[str], path: Path) -> None:
    """Recordings of ``texts``, as ``perceptron-mk1`` is answered with."""
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1200, "completion_tokens": 150, "total_tokens": 1350}
            body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1767225600, "usage": usage}
            file.write(json.dumps(body | {"model": "perceptron-mk1", "choices": [choice]}, ensure_ascii=False) + "\n")


def read_recordings_with_sdk(path: Path) -> list[object]:
    """What a script does: json, then the SDK."""
    with path.open(encoding="utf-8") as file:
        return [collect_annotations(json.loads(line)["choices"][0]["message"]["content"]) for line in file]


#: Every answer of a corpus in another hand, the meaning unchanged but for the words.
HANDS: dict[str, Callable[[str], str]] = {
    "single-quoted": lambda text: text.replace('"', "'"),
    "spaced": lambda text: re.sub(r"\((\d+),(\d+)\)", r"( \1 , \2 )", text).replace(' mention="', '  mention = "'),
    "upper-case": lambda text: re.sub(r"<(/?)(\w+)", lambda match: f"<{match[1]}{match[2].upper()}", text),
    "non-ASCII": lambda text: "猫が見えます。" + text.replace('mention="', 'mention="Fußgänger '),
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


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if backend != "compiled":
        sys.exit(
            "the compiled scanner is not there: install with a C compiler, and without PERCEPTRON_ANNOTATIONS_PURE"
        )
    print(describe("perceptron-annotations", "perceptron", "msgspec", "numpy"))
    rounds = options.rounds
    texts = Corpus(options.seed).answers(options.answers)
    size = sum(len(text.encode()) for text in texts)
    print(f"corpus:  {len(texts)} answers, {size / 1e6:.1f} MB, {parse_batch(texts)!r}")
    print(f"\n{'':<24}{'SDK ms':>10}{'ours ms':>10}{'MB/s':>10}{'ratio':>10}{'wanted':>9}")
    compare("list → table", lambda: read_with_sdk(texts), lambda: parse_batch(texts), size, rounds)
    compare("the SDK drops each", lambda: read_and_drop_with_sdk(texts), lambda: parse_batch(texts), size, rounds)
    for name, change in HANDS.items():
        changed = [change(text) for text in texts]
        compare(
            name,
            lambda changed=changed: read_with_sdk(changed),  # type: ignore[misc]
            lambda changed=changed: parse_batch(changed),  # type: ignore[misc]
            sum(len(text.encode()) for text in changed),
            rounds,
        )
    compare(
        "one answer → objects",
        lambda: read_views_with_sdk(texts),
        lambda: read_views_with_ours(texts),
        size,
        rounds,
    )
    compare("pure backend", lambda: read_with_sdk(texts), lambda: read_purely(texts), size, rounds)
    compare("pure, SDK drops each", lambda: read_and_drop_with_sdk(texts), lambda: read_purely(texts), size, rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        written(texts, path)
        lines = path.stat().st_size
        data = path.read_bytes()
        compare("recordings → table", lambda: read_recordings_with_sdk(path), lambda: read_table(path), lines, rounds)
        pairs = [(seconds(lambda: LINES.decode_lines(data)), seconds(lambda: read_table(path))) for _ in range(15)]
        share = statistics.median(decode / whole for decode, whole in pairs)
        print(f"recordings → table runs at {100 * share:.0f} % of msgspec's own rate for these fields (wanted: 35 %)")
    more = texts * 5  # enough work for the two to be on their way
    pairs = [(seconds(lambda: parse_batch(more)), seconds(lambda: parse_batch(more, threads=2))) for _ in range(15)]
    faster = statistics.median(one / two for one, two in pairs)
    print(f"two threads read the list {faster:.2f}x as fast as one (wanted: 1.3x)")
    batch_sizes(texts, rounds)
    collisions(rounds)


if __name__ == "__main__":
    main()
