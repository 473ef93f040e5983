"""``python -m benchmarks.fuzz --seconds 600``: the compiled scanner against the pure parser, in every field.

``--answers 5000000`` goes on until so many are compared, whatever time it takes; ``--workers`` processes share them,
each with a seed of its own.

Answers are drawn from a seed, mutated, and made hostile: pieces of markup in any order, all of Unicode, NUL and lone
surrogates; and answers in other forms than markup: JSON, the second form of Mk1, other models' boxes and points. Each
is read by both, in all modes, as a Document and as columns. The first difference ends the run with status 1 and prints
the answer. What is around answers is fuzzed by ``benchmarks.fuzz_envelopes``.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import astuple

from benchmarks.corpus import KINDS, Corpus, Mix
from benchmarks.machine import describe
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.issues import Span
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.markup.columns import Columns
from perceptron_annotations.markup.document import Document, Mode
from perceptron_annotations.markup.flatten import Flattener
from perceptron_annotations.markup.parsing import parse_purely, parse_within

#: After so many answers a run says how far it is.
_REPORTED = 100_000
_ATOMS = (Path(__file__).parent.parent / "tests" / "corpus" / "atoms.txt").read_text(encoding="utf-8").splitlines()
_PIECES = (
    *_ATOMS,
    *(
        " ",
        "\n",
        "\t",
        "\x1c",
        "\x85",
        "\u00a0",
        "\u2003",
        "\u3000",
        "\u2028",
        "\ud800",
        "\0",
        "é",
        "ı",
        "K",
        "ſ",
        "猫",
    ),
    *('mention="a"', "mention='b c'", "mention=d", 'mention="&amp;&#39;"', 'mention="AT&T"', 'mention="&#xFDD0;"'),
    *('mention=""', 'mention="猫"', 'id="1"', "id=2", "junk", '"', "'", "=", "/", ">", "<", "</", "&", "<|im_end|>"),
    *('t="1.5"', 't="1 seconds"', 't="2s"', 't="1e3"', 't=".5 second"', 't="0.1234567890123456789"', 't="x"', 't=""'),
    *('t="1 2"', 't="3 seconds - 1 seconds"', 't="1,2"', 't=" 4 "', 't="5 SECONDS"', 't="1s2"'),
    *('asset_idx="1"', 'asset_idx="+2"', 'asset_idx=" 3 "', 'asset_idx="2147483648"', 'asset_idx="-1"', 'asset_idx=""'),
    *("(1,2)", "( 3 , 4 )", "(5,6)(7,8)", "9 10", "11 12 13", "(1.5,2)", "(-1,2)", "[1,2]", "(9007199254740993,1)"),
    *(
        "(00000000000000000001,2)",
        "(1,",
        "(",
        ")",
        "1",
        "1001",
        "(0,0) (0,0)",
        "(1,1) (2,2) (3,3)",
        "(1,2) (3,1) (5,9)",
    ),
    *("<point_box", "<point", "<polygon", "<clip", "<track", "<collection", "</point_box>", "</clip>", "/>", "<POINT>"),
    *("<pointé>", "<poınt>", "</Track >", "<collectio", "</po", "<p", "<point mention='x' t=1>", '<clip t="1 2"/>'),
)

_POINT, _BOX = (
    '{"type": "point", "x": 1, "y": 2}',
    '{"type": "box", "mention": "a", "x1": 1, "y1": 2, "x2": 3, "y2": 4}',
)
#: Pieces of answers in other forms.
_OTHER_PIECES = (
    *("[", "]", "{", "}", ",", ":", " ", "\n", '"', "'", "\\", "(", ")", "1", "2.5", "-3", "0.123", "null", "...", "="),
    *(
        "```json\n",
        "```",
        "\ufeff",
        "\u2003",
        "\u00a0",
        "é",
        "cat",
        "cat ",
        "<",
        "<|im_end|>",
        "<point> (1,2) </point>",
        "%",
    ),
    *(
        _POINT,
        _BOX,
        f"[{_POINT}, {_BOX}]",
        f'{{"annotations": [{_BOX}]}}',
        '{"annotations": [',
        '"type": "point"',
        '"x": 1',
    ),
    *(
        "[{'point_box': (1,2), (3,4), 'label': 'a'}]",
        "{'point': (1,2)",
        "'label': \"it's\"",
        "'confidence': 0.5",
        "[{'",
        '{"',
    ),
    *('"bbox_2d": [1, 2, 3, 4]', '"box_2d": ["1", 2, 3, 4]', '"x_min": 3', '"x1": 1, "y1": 2', '"points": [[1, 2]]'),
    *(
        '"point" : {"x":1,"y":2}',
        '"position": [0.1, 0.2]',
        "[0.73, 0.21]",
        "[[012,345,678,901]]",
        "[(1, 2), (3, 4)]",
        "[[",
    ),
    *(
        "<loc0001><loc_2>",
        "<seg1> <seg2>",
        "<patch_index_1><patch_index_2>",
        "<|box_start|>(1,2)",
        "<|det|>[[1, 2",
        "<xmin>3",
    ),
    *("<|begin_of_box|>[1,2,3,4]", '<points coords="1 2', "<points 1 2", "<box>1 2 3 4</box>", '<point x="1" y="2" />'),
    *(
        "&lt;point a=1&gt; (1,2) &lt;/point&gt;",
        "\\u003cpoint",
        "&#60;clip t=1&gt;",
        "click(x=0.1, y=0.2)",
        "start_box='(1,2",
    ),
    *(
        "[1, 2]",
        "x = 3",
        '"scores": [1, 2]',
        "(1, 2)",
        "a[0, 1]",
        "&amp;",
        "{}",
        '{"a": 1}',
        "100% &lt; 3",
        "<b>",
        "[ [",
    ),
)


class Hostile:
    """Draws answers of every sort, from faultless to hopeless."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        corpus = Corpus(seed)
        self._answers = [
            *(text for mix in Mix for text in corpus.answers(mix, 150)),
            *(text for kind in KINDS for text in corpus.of_kind(kind, 40)),
            *corpus.captions(5),
        ]

    def draw(self) -> str:
        """One answer."""
        weighted = [self.mutated, self.mutated, self.soup, self.soup, self.noise, self.other, self.other]
        make: Callable[[], str] = self._rng.choice(weighted)
        return make()

    def mutated(self) -> str:
        """A part of an answer, edited up to five times."""
        text = self._rng.choice(self._answers)
        if self._rng.random() < 0.5:
            at = self._rng.randrange(len(text))
            text = text[at : at + self._rng.randint(1, 300)]
        for _ in range(self._rng.randint(0, 5)):
            start = self._rng.randint(0, len(text))
            end = min(len(text), start + self._rng.choice([0, 0, 1, 2, 10, 60]))
            middle = self._rng.choice(["", text[start:end] * 2, self._rng.choice(_PIECES), self._char()])
            text = text[:start] + middle + text[end:]
        return text

    def soup(self) -> str:
        """Pieces of markup in any order."""
        glue = self._rng.choice(["", " ", " "])
        return glue.join(self._rng.choices(_PIECES, k=self._rng.randint(1, 20)))

    def noise(self) -> str:
        """Pieces of markup with characters of all Unicode between them."""
        pieces = self._rng.choices(_PIECES, k=self._rng.randint(0, 10))
        for _ in range(self._rng.randint(1, 8)):
            pieces.insert(self._rng.randint(0, len(pieces)), self._char())
        return "".join(pieces)

    def other(self) -> str:
        """Pieces of answers in other forms than markup."""
        glue = self._rng.choice(["", "", " "])
        pieces = self._rng.choices(_OTHER_PIECES, k=self._rng.randint(1, 8))
        if self._rng.random() < 0.2:
            pieces.insert(self._rng.randint(0, len(pieces)), self._char())
        return glue.join(pieces)

    def _char(self) -> str:
        limit = self._rng.choice([0x80, 0x100, 0x3000, 0x110000])
        return chr(self._rng.randrange(limit))


def part_of(text: str) -> Span:
    """What is read of a text: of a third of them, that which stands between reasoning and special tokens."""
    size = len(text)
    return Span(size // 5, size - size // 7) if size % 3 == 0 else Span(0, size)


def read(text: str, mode: Mode, parse: Callable[..., Document]) -> object:
    """All fields of a document, or the error that strict mode raises."""
    try:
        return astuple(parse(text, part_of(text), mode=mode, cut=len(text) % 2 == 1))
    except MarkupError as error:
        return error.issue


def columns(texts: list[str]) -> tuple[Columns, Columns]:
    """The columns of both."""
    documents = [parse_purely(text, Span(0, len(text)), mode=Mode.LENIENT, cut=False) for text in texts]
    flat = Flattener()
    for document in documents:
        flat.add(document)

    def one(index: int) -> Columns:
        alone = Flattener()
        alone.add(documents[index])
        return alone.columns()

    made = scanner.Scanner(one)  # type: ignore[union-attr]
    made.feed(texts)
    return made.columns(), flat.columns()


def difference(texts: list[str], decided: Counter[bool], reasons: Counter[str]) -> str | None:
    """What differs between the two, if anything."""
    for text in texts:
        reasons[scanner.reason(text)] += 1  # type: ignore[union-attr]
        decided[scanner.read(text, Mode.LENIENT) is not None] += 1  # type: ignore[union-attr]
        for mode in Mode:
            ours, pure = read(text, mode, parse_within), read(text, mode, parse_purely)
            if ours != pure or repr(ours) != repr(pure):
                return f"{text!r} in {mode} mode:\n{ours}\n{pure}"
    compiled, flat = columns(texts)
    for name, left, right in zip(Columns._fields, compiled, flat, strict=True):
        words = isinstance(left, list)
        if (left != right) if words else (bytes(left) != bytes(right)):  # type: ignore[arg-type]
            return f"the column {name} of {texts!r}"
    return None


class Goal(NamedTuple):
    """When a run is over: after so many answers, or else after so many seconds."""

    seconds: float
    answers: int | None

    def is_reached(self, answers: int, start: float) -> bool:
        """Whether a run that began at ``start`` has compared enough."""
        return time.monotonic() - start >= self.seconds if self.answers is None else answers >= self.answers


class Run(NamedTuple):
    """What was compared: how many documents the scanner made, and why the others were left to the pure parser."""

    decided: Counter[bool]
    reasons: Counter[str]
    found: str | None


def run(seed: int, goal: Goal) -> Run:
    """Compare until the goal is reached or a difference is found."""
    hostile, start = Hostile(seed), time.monotonic()
    done = Run(Counter(), Counter(), None)
    while not goal.is_reached(done.decided.total(), start):
        texts = [hostile.draw() for _ in range(50)]
        if found := difference(texts, done.decided, done.reasons):
            return done._replace(found=f"seed {seed}, after {done.decided.total()} answers, a difference: {found}")
        if done.decided.total() % _REPORTED == 0:
            print(f"seed {seed}: {done.decided.total()} answers", file=sys.stderr, flush=True)
    return done


def main() -> None:
    """Run until enough is compared or a difference is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--answers", type=int, help="in place of the seconds: how many answers")
    parser.add_argument("--seed", type=int, default=1, help="of the first process")
    parser.add_argument("--workers", type=int, default=1, help="processes beside each other")
    options = parser.parse_args()
    if scanner is None:
        sys.exit(
            "the compiled scanner is not there: install with a C compiler, and without PERCEPTRON_ANNOTATIONS_PURE"
        )
    print(describe("perceptron-annotations", "msgspec"))
    share = None if options.answers is None else -(-options.answers // options.workers)
    seeds = range(options.seed, options.seed + options.workers)
    with ProcessPoolExecutor(options.workers) as pool:
        runs = []
        for done in as_completed([pool.submit(run, seed, Goal(options.seconds, share)) for seed in seeds]):
            runs.append(done.result())
            print(runs[-1].found or f"{runs[-1].decided.total()} answers without a difference", flush=True)
    if any(each.found for each in runs):
        sys.exit(1)
    decided = sum((each.decided for each in runs), Counter[bool]())
    reasons = sum((each.reasons for each in runs), Counter[str]())
    made = 100 * decided[True] / decided.total()
    print(f"{decided.total()} answers in 3 modes without a difference; the scanner made {made:.1f} % of the documents")
    print("in columns: " + ", ".join(f"{100 * n / reasons.total():.2f} % {why}" for why, n in reasons.most_common()))


if __name__ == "__main__":
    main()
