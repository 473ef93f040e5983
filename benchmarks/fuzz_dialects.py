"""``python -m benchmarks.fuzz_dialects --seconds 600``: answers of other models, compiled and by their surface.

Answers in JSON are drawn from a seed: nearly plain lists of boxes, in fences or not, with all that is nearly the same
and is not: escapes, other white space, missing commas, numbers too long, keys twice, prose with brackets. Each list of
them is read by ``parse_batch``, whose boxes the compiled scanner reads, and one by one. The first difference ends the
run with status 1 and prints the answer.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence

from perceptron_annotations import parse, parse_batch
from perceptron_annotations.dialects.json_shapes import BOX_KEYS
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.frames import Size
from perceptron_annotations.markup.document import Mode
from perceptron_annotations.table.table import AnnotationTable

_KEYS = sorted(BOX_KEYS)
_CONTRACTS = (
    *("json-xyxy-1000", "json-yxyx-1000", "json-xywh-999", "json-cxcywh-percent", "json-xyxy-unit", "gemini"),
    *("json-yxyx-pixels", "qwen2.5-vl"),
)
_GAPS = ("", "", "", " ", "\n", "\t", "\r\n", "\n  ", " " * 64, " " * 65, "\u00a0", "\f", "\x1c", "\ufeff", " " * 300)
_LABELS = (
    *("cat", "red car", "é", "猫 🐈", "", "a&b", "&lt;", 'a\\"b', "a\\n", "a'b", "a\x7f", "a\x01", "\ud800", "<b>"),
    *("<think>", "</think>", "]", "}", "{", "[", "```", "x" * 70),
)
_NUMBERS = (
    *("0", "-0", "00", "01", "1.5", ".5", "1.", "1e2", "-3", "1000", "1001", "999", "0.25", "123456789012345"),
    *("1234567890123456", "0.1234567890123456", "0.12345678901234567", "0.123456789012345678", "1.0", '"5"', "null"),
    *("333.3333333333333", "640", "480", "641"),
)
_AROUND = (
    *(
        "",
        "",
        "",
        "",
        "Here: ",
        "Two cats",
        "```json\n",
        "```\n",
        "````\n",
        "```JSON ",
        "`",
        "``` json\n",
        "[0,1] ",
        "}",
    ),
    *(
        "{",
        "{}",
        "<think>a</think>",
        "<|im_end|>",
        "猫",
        "\n```",
        "\n```\n",
        "```\nDone.",
        "]",
        "[",
        "Done. ",
        " ",
        "'",
    ),
)


class Answers:
    """Draws answers; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def texts(self, count: int) -> list[str]:
        """So many answers."""
        return [self._text() for _ in range(count)]

    def contract(self) -> str:
        """The name of a dialect."""
        return self._random.choice(_CONTRACTS)

    def sizes(self, count: int) -> list[Size]:
        """The sizes of images."""
        return [self._random.choice([(640, 480), (1000, 1000), (1, 3), (1333.5, 800)]) for _ in range(count)]

    def _rarely(self, odds: int = 12) -> bool:
        return self._random.randrange(odds) == 0

    def _gap(self) -> str:
        return self._random.choice(_GAPS) if self._rarely() else self._random.choice(("", "", " ", "\n", "\n\t"))

    def _number(self) -> str:
        if self._rarely(40):
            return self._random.choice(_NUMBERS)
        if self._rarely(4):
            return f"{self._random.random():.{self._random.randrange(1, 6)}f}"
        return str(self._random.randrange(0, 400))

    def _label(self) -> str:
        return self._random.choice(_LABELS if self._rarely(8) else _LABELS[:4])

    def _object(self) -> str:
        count = 4 if not self._rarely(40) else self._random.randrange(6)
        numbers = f"{self._gap()},{self._gap()}".join(self._number() for _ in range(count))
        key = self._random.choice(_KEYS if not self._rarely(30) else ("label", "box_3d", "score", "bbox_2", "point"))
        fields = [f'"{key}"{self._gap()}:{self._gap()}[{self._gap()}{numbers}{self._gap()}]']
        if not self._rarely(6):
            fields.append(f'"label"{self._gap()}:{self._gap()}"{self._label()}"')
        if self._rarely(30):
            fields.append(self._random.choice(('"score": 0.5', '"id": 1', fields[0], fields[-1], '"mask": "x"')))
        if self._rarely(2):
            self._random.shuffle(fields)
        return "{" + self._gap() + f"{self._gap()},{self._gap()}".join(fields) + self._gap() + "}"

    def _text(self) -> str:
        objects = [self._object() for _ in range(self._random.choice((0, 1, 1, 2, 3, 5)))]
        if objects and self._rarely(4):
            objects *= self._random.randrange(1, 5)
        comma = self._random.choice((",", ",", ", ", ",\n", "\n", "", "],[", ",,"))
        text = f"{self._gap()}{comma}{self._gap()}".join(objects)
        if not self._rarely(4):
            text = f"[{self._gap()}{text}{self._gap()}]"
        before, behind = self._random.choice((("", ""), ("```json\n", "\n```"), ("Here:\n```json\n", "\n```\nDone.")))
        if self._rarely(5):
            before, behind = self._random.choice(_AROUND), self._random.choice(_AROUND)
        text = before + text + behind
        if self._rarely(10):
            at = self._random.randrange(len(text) + 1)
            text = text[:at] + self._random.choice((*_GAPS, *_LABELS, *_NUMBERS, *_AROUND)) + text[at:]
        if self._rarely(15):
            text = text[: self._random.randrange(len(text) + 1)]
        return text


def one_by_one(texts: Sequence[str], contract: str, sizes: Sequence[Size] | None, mode: Mode) -> AnnotationTable:
    """The table of the documents of some answers."""
    return AnnotationTable.from_documents(
        [
            parse(text, mode=mode, dialect=contract, image_size=None if sizes is None else sizes[place])
            for place, text in enumerate(texts)
        ]
    )


def difference(texts: Sequence[str], contract: str, sizes: Sequence[Size] | None) -> str | None:
    """What both ways of reading differ in; None if they are equal in every column."""
    for mode in (Mode.LENIENT, Mode.STRICT):
        found = []
        for read in (parse_batch, one_by_one):
            try:
                if read is parse_batch:
                    found.append(parse_batch(texts, mode=mode, dialect=contract, image_sizes=sizes))
                else:
                    found.append(one_by_one(texts, contract, sizes, mode))
            except MarkupError as error:
                found.append((error.issue, error.source))  # type: ignore[arg-type]
        if found[0] != found[1]:
            if len(texts) == 1:
                return f"{mode.value}, {contract}, {sizes}: {texts[0]!r}\n{found[0]!r}\n{found[1]!r}"
            each = [difference([text], contract, sizes and [sizes[place]]) for place, text in enumerate(texts)]
            return next(filter(None, each), f"only together: {texts!r}")
    return None


def run(seed: int, answers: int, seconds: float) -> Counter[str]:
    """Compare so many answers, or for so long; what was read, by outcome. Exits at a difference."""
    drawn, tally, end = Answers(seed), Counter[str](), time.monotonic() + seconds
    while tally.total() < answers and time.monotonic() < end:
        texts, contract = drawn.texts(16), drawn.contract()
        needs_size = contract in ("json-yxyx-pixels", "qwen2.5-vl")
        sizes = drawn.sizes(len(texts)) if needs_size else None
        told = difference(texts, contract, sizes)
        if told is not None:
            sys.exit(f"seed {seed}: {told}")
        table = parse_batch(texts, dialect=contract, image_sizes=sizes)
        tally.update(table.status.tolist())
    return tally


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally = run(options.seed, sys.maxsize, options.seconds)
    print(f"{tally.total():,} answers equal: {dict(tally)}")


if __name__ == "__main__":
    main()
