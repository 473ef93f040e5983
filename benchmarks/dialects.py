"""``python -m benchmarks.dialects``: what readers of other models' answers make of published ones, and how fast.

The peers bring much with them, so each has an environment of its own, and is left out if none is given::

    python -m venv /tmp/peers/supervision
    /tmp/peers/supervision/bin/pip install . supervision opencv-python-headless
    python -m venv /tmp/peers/lm-deluge && /tmp/peers/lm-deluge/bin/pip install lm-deluge
    python -m venv /tmp/peers/transformers && /tmp/peers/transformers/bin/pip install transformers
    /tmp/peers/supervision/bin/python -m benchmarks.dialects \
        --peer lm_deluge=/tmp/peers/lm-deluge/bin/python --peer transformers=/tmp/peers/transformers/bin/python

What is written in an answer in JSON is counted without any reader: every four numbers in brackets, or with the names
of sides. An answer is *read* if all that is written in it is found and nothing else; a box is *invented* if no four
numbers are its own; a failure is *silent* if something is lost and nothing says so, by an exception, a warning or an
issue. The same is asked of two boxes in each container that models were seen to put them in. Then 100,000 answers are
read here and by supervision in turn, if this interpreter has it.

``--hostile`` reads answers of 10 kB and of 1,000 kB that nothing closes, in one dialect or in all.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.alternating import in_turn, seconds
from benchmarks.machine import describe
from benchmarks.published_answers import FOLDER, Corners, PublishedAnswer, published_answers
from perceptron_annotations import Mode, UsageError, parse, parse_batch
from perceptron_annotations.dialects import dialect_named, dialect_names

PEERS = ("supervision", "lm_deluge", "transformers")
_PEER_PROGRAM = Path(__file__).with_name("dialect_peers.py")
_HEAD = ("reader", "given", "read", "boxes read", "of", "invented", "silent failures", "raised or told")


class Read(NamedTuple):
    """What a reader made of one answer."""

    count: int
    #: Left, top, right and bottom of each box, as written.
    boxes: tuple[Corners, ...]
    #: Whether it said that something is wrong.
    told: bool


class Score(NamedTuple):
    """What a reader made of all answers that it has a reader for."""

    given: int
    read: int
    boxes: int
    written: int
    invented: int
    silent: int
    told: int


def read_ours(answer: PublishedAnswer, mode: Mode) -> Read | None:
    """This library's; None if it does not know the dialect."""
    dialect = None if answer.dialect == "perceptron" else answer.dialect
    try:
        document = parse(answer.text, dialect=dialect, image_size=answer.size, mode=mode)
    except UsageError:
        return None
    boxes = tuple(box.xyxy for box in document.boxes)
    return Read(len(document.annotations), boxes, bool(document.errors or document.truncated))


def read_by_peer(peer: str, python: str, answers: Sequence[PublishedAnswer]) -> list[Read | None] | str:
    """A peer's in its interpreter, or why it was left out."""
    asked = json.dumps([(answer.text, answer.dialect) for answer in answers])
    ran = subprocess.run(  # noqa: S603 - the interpreter is what the caller names
        [python, str(_PEER_PROGRAM), peer], input=asked, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        return ran.stderr.strip().rpartition("\n")[2]
    return [
        each and Read(len(each["boxes"]), tuple(tuple(box) for box in each["boxes"]), bool(each["told"]))
        for each in json.loads(ran.stdout)
    ]


def scored(answers: Sequence[PublishedAnswer], reads: Sequence[Read | None]) -> Score:
    """The score of one reader."""
    pairs = [(answer, read) for answer, read in zip(answers, reads, strict=True) if read is not None]
    found = [(answer.count, *_found(answer, read), read.told) for answer, read in pairs]
    return Score(
        given=len(pairs),
        read=sum(right == written and not invented for written, right, invented, _ in found),
        boxes=sum(right for _, right, _, _ in found),
        written=sum(written for written, _, _, _ in found),
        invented=sum(invented for _, _, invented, _ in found),
        silent=sum((right < written or invented > 0) and not told for written, right, invented, told in found),
        told=sum(told for _, _, _, told in found),
    )


def _found(answer: PublishedAnswer, read: Read) -> tuple[int, int]:
    """How much of what is written was found, and how much else; by the numbers if they are known."""
    if answer.boxes is None:
        return min(read.count, answer.count), max(read.count - answer.count, 0)
    written, boxes = (collections.Counter(map(_rounded, each)) for each in (answer.boxes, read.boxes))
    right = (written & boxes).total()
    return right, boxes.total() - right


def _rounded(box: Corners) -> Corners:
    return tuple(round(number, 2) for number in box)


_CAT, _DOG = '{"bbox_2d": [1, 2, 3, 4], "label": "cat"}', '{"bbox_2d": [5, 6, 7, 8], "label": "dog"}'
_BOXES = ((1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0))
#: The containers, and elements that are broken beside two that are not.
CONTAINERS = (
    f"[{_CAT}, {_DOG}]",
    f"```json\n[\n{_CAT},\n{_DOG}\n]\n```",
    f"[{_CAT}, {_DOG}]\n```",
    f"{_CAT}\n{_DOG}",
    f"{_CAT}, {_DOG}",
    f"{_CAT}, {_DOG}]",
    f"[{_CAT}]\n[{_DOG}]",
    f'{{"detections": [{_CAT}, {_DOG}]}}',
    f'{{"boxes": [{_CAT}, {_DOG}]}}',
    f"On the grid [0, 1000] I see: [{_CAT}, {_DOG}] and no more.",
    f"<|begin_of_box|>[{_CAT}, {_DOG}]<|end_of_box|>",
    f"[{_CAT}, {_DOG},]",
    f"[{_CAT}, {_DOG}]".replace('"', "'"),
    f"[{_CAT}, {_DOG}, ",
    f'[{_CAT}, {_DOG}, {{"bbox_2d": [9, 9',
    f'[{_CAT}, {{"bbox_2d": null, "label": "x"}}, {_DOG}]',
    f'[{_CAT}, {{"bbox_2d": [1, 2, 3], "label": "x"}}, {_DOG}]',
    f'[{_CAT}, {{"label": "x"}}, {_DOG}]',
    f"[{_CAT}, {_DOG}]".replace("5, 6, 7, 8", '"5", "6", "7", "8"'),
    f"[{_CAT}, {_DOG}]".replace("5, 6, 7, 8", "005, 6, 7, 8"),
)


def contained() -> list[PublishedAnswer]:
    """Two boxes in each container."""
    return [PublishedAnswer(text, "qwen3-vl", (1000, 1000), len(_BOXES), _BOXES) for text in CONTAINERS]


def detections(count: int) -> list[str]:
    """Answers as Qwen3-VL writes them: a fenced list of 1 to 12 labelled boxes."""
    draw = random.Random(count)
    return [_detection(draw, draw.randint(1, 12)) for _ in range(count)]


def _detection(draw: random.Random, boxes: int) -> str:
    lines = []
    for _ in range(boxes):
        x1, y1 = draw.randrange(900), draw.randrange(900)
        x2, y2 = draw.randint(x1 + 1, 1000), draw.randint(y1 + 1, 1000)
        lines.append(f'\t{{"bbox_2d": [{x1}, {y1}, {x2}, {y2}], "label": "{draw.choice(_LABELS)}"}}')
    return "```json\n[\n" + ",\n".join(lines) + "\n]\n```"


_LABELS = ("cat", "person", "traffic light", "red car", "bottle", "shipping container number")


def speed(answers: Sequence[PublishedAnswer], count: int, rounds: int) -> Iterator[str]:
    """Seconds of both readers in turn, of made answers and of published ones over and over."""
    try:
        import supervision as sv
    except ImportError:
        yield "speed: supervision is not in this interpreter; install it beside this library as the docstring says"
        return
    fit = (each.text for each in answers if each.dialect == "json-xyxy-1000")
    published = [text.replace('"box_2d"', '"bbox_2d"') for text in fit if '"box_2d"' in text or '"bbox_2d"' in text]
    for mix, texts in (("made", detections(count)), ("published", list(islice(cycle(published), count)))):
        theirs = partial(_read_with_supervision, sv, texts)
        turns = in_turn(theirs, partial(parse_batch, texts, dialect="qwen3-vl"), rounds)
        yield (
            f"speed: {count:,} {mix} answers: supervision {turns.theirs:.2f} s, parse_batch {turns.ours:.2f} s, "
            f"{turns.ratio:.1f} times ({turns.lowest:.1f} to {turns.highest:.1f})"
        )


def _read_with_supervision(supervision: Any, texts: Sequence[str]) -> None:
    for text in texts:
        with suppress(ValueError):  # of an answer with a broken box
            supervision.Detections.from_vlm(supervision.VLM.QWEN_3_VL, text, resolution_wh=(1000, 1000))


#: What hostile answers are made of, whatever the dialect: openings that nothing closes, and halves of tokens.
HOSTILE = (
    *("{", "[", "(", '"', "'", "`", "<", "<|", "\\", ",", " ", "\n", "9", "a", '{"', '{"a": [', '{"a": {', "[{"),
    *('{"bbox_2d": [1, 2,', '{"bbox_2d": [1, 2, 3, 4], "label": "', '"label": "a"}', "{1:", "<|a", "```json\n"),
    *(
        "<points coords=",
        "<points>1 1 2",
        "<loc",
        "<loc_1>",
        "<loc0001>",
        "<|box_start|>(1,2),",
        "<|det|>[[1, ",
        "[1, 2",
    ),
    *("<box>", "<phrase>", "<patch_index_0001>", "click(", "click(point='"),
)
SIZES = (10_000, 1_000_000)
#: How far the time per character may spread from the smallest to the greatest size to count as flat.
FLAT = 3.0


def grows(name: str) -> str:
    """The hostile answer whose time per character grows most with its length, read at once and in 16 characters."""
    worst = max((_growth(name, part, step), part, step) for part in HOSTILE for step in (16, SIZES[-1]))
    verdict = "flat" if worst[0] <= FLAT else "GROWS"
    return f"{name}: {verdict}: {worst[0]:.1f} times per character, at most, of {worst[1]!r} by {worst[2]:,}"


def _growth(name: str, part: str, step: int) -> float:
    times = []
    for size in (SIZES[0], SIZES[-1]):
        text = (part * (size // len(part) + 1))[:size]
        work = partial(_read_in_steps, name, text, step)
        rounds = SIZES[-1] // size // 20 + 1
        times.append(min(seconds(work) for _ in range(rounds)) / size)
    return times[1] / times[0]


def _read_in_steps(name: str, text: str, step: int) -> None:
    reader = dialect_named(name).surface.reader(0, salvage=True)
    for at in range(0, len(text), step):
        collections.deque(reader.read(text[at : at + step]), maxlen=0)
    collections.deque(reader.finish(), maxlen=0)


def main() -> None:
    """Print the scoreboard, then the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the published answers are")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="the interpreter of a peer")
    parser.add_argument("--count", type=int, default=100_000, help="answers for the speed; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hostile", nargs="*", metavar="DIALECT", help="only: how time grows with hostile answers")
    options = parser.parse_args()
    if options.hostile is not None:
        for name in options.hostile or dialect_names():
            print(grows(name), flush=True)
        return
    pythons = dict.fromkeys(PEERS, sys.executable) | dict(each.split("=", 1) for each in options.peer)
    print(describe("supervision"))
    answers = published_answers(options.folder)
    _print_board("published answers", answers, pythons)
    _print_board("containers", contained(), pythons)
    if options.count:
        print()
        for line in speed(answers, options.count, options.rounds):
            print(line)


def _print_board(title: str, answers: Sequence[PublishedAnswer], pythons: Mapping[str, str]) -> None:
    print(f"\n{len(answers)} {title}, {sum(answer.count for answer in answers):,} boxes and points")
    print(" | ".join(_HEAD))
    for mode in (Mode.LENIENT, Mode.SALVAGE):
        _print_score(f"ours, {mode}", scored(answers, [read_ours(answer, mode) for answer in answers]))
    for peer in PEERS:
        reads = read_by_peer(peer, pythons[peer], answers)
        if isinstance(reads, str):
            print(f"{peer}: left out: {reads}")
        elif any(read is not None for read in reads):
            _print_score(peer, scored(answers, reads))


def _print_score(name: str, score: Score) -> None:
    print(" | ".join(map(str, (name, *score))))


if __name__ == "__main__":
    main()
