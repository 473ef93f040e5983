"""The medians of many families of answers, the SDK's and ours: is there one in which the SDK is faster?

A family is a sort of answer: a mix, a kind of element, a handwriting, what a fuzzer draws, what another model writes, a
plain answer of some sort, a hostile input.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from perceptron.pointing.parser import collect_annotations

from benchmarks.alternating import seconds
from benchmarks.corpus import HANDS, KINDS, Corpus, Mix
from benchmarks.foreign import FOREIGN
from benchmarks.fuzz import Hostile
from benchmarks.hostile import HOSTILE
from benchmarks.turns import read_views_with_ours, read_views_with_sdk
from perceptron_annotations import parse
from tests import strategies
from tests.corpora import FIXTURES, TRICKY
from tests.plain_answers import PlainAnswers

#: Answers in a family that is drawn.
_COUNT = 60
#: Characters of the hostile inputs.
_HOSTILE_SIZE = 5_000
#: Runs of one answer are as many as take this long, in seconds, so that the clock is fine enough.
_LEAST = 50e-6


def families(number: int) -> dict[str, list[str]]:
    """All families by name, drawn from the seed ``number``."""
    rng = random.Random(number)
    corpus, hostile, plain = Corpus(number), Hostile(number), PlainAnswers(number)  # type: ignore[no-untyped-call]
    found = {f"mix {mix}": corpus.answers(mix, _COUNT) for mix in Mix}
    found |= {f"only {kind}": corpus.of_kind(kind, _COUNT) for kind in KINDS}
    found |= {f"kind, {hand}": list(map(change, found["mix kind"])) for hand, change in HANDS.items()}
    found["captions"] = corpus.captions(_COUNT)
    draws: dict[str, Callable[[], str]] = {
        "fuzz mutated": hostile.mutated,
        "fuzz soup": hostile.soup,
        "fuzz noise": hostile.noise,
        "fuzz other": hostile.other,
        **{f"plain {make.__name__}": make for make in plain.makers},
        **{f"foreign {name}": lambda make=make: make(rng) for name, make in FOREIGN.items()},  # type: ignore[misc]
    }
    found |= {name: [draw() for _ in range(_COUNT)] for name, draw in draws.items()}
    for name in ("answers", "mutated", "soups"):
        strategy = getattr(strategies, name)
        found[f"property {name}"] = _drawn(strategy() if callable(strategy) else strategy, number)
    found["tests fixtures"] = [parameter.values[0] for parameter in FIXTURES]
    found["tests tricky"] = [parameter.values[0] for parameter in TRICKY]
    found |= {f"hostile {name}": [make(_HOSTILE_SIZE)] for name, make in HOSTILE.items()}
    survived = {name: list(filter(_sdk_survives, texts)) for name, texts in found.items()}
    return {name: texts for name, texts in survived.items() if texts}


def _sdk_survives(text: str) -> bool:
    """Whether the SDK reads it at all; beyond 4,300 digits it raises a ``ValueError``."""
    try:
        read_views_with_sdk([text])
    except ValueError:
        return False
    return True


def _drawn(strategy: SearchStrategy[str], number: int) -> list[str]:
    drawn: list[str] = []

    @seed(number)
    @settings(
        max_examples=_COUNT, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=[*HealthCheck]
    )
    @given(strategy)
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    return drawn


def families_table(number: int, rounds: int) -> bool:
    """Print the median of every family, in µs, and what either reads; whether ours is the lower one in all.

    Read are annotations, of all answers together; told are the issues that we report and the SDK does not look for.
    """
    print(
        f"\n{'family':<28}{'answers':>8}{'characters':>11}{'SDK µs':>10}{'ours µs':>10}{'SDK / ours':>11}"
        f"{'SDK reads':>11}{'ours reads':>11}{'ours tells':>11}"
    )
    slower = []
    for name, texts in families(number).items():
        pairs = [_best(text, rounds) for text in texts]
        theirs, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
        found = _read(texts)
        if ours > theirs:
            slower.append(f"{name} (it reads nothing there)" if found.ours and not found.theirs else name)
        print(
            f"{name:<28}{len(texts):>8}{statistics.median(map(len, texts)):>11.0f}{theirs * 1e6:>10.1f}"
            f"{ours * 1e6:>10.1f}{theirs / ours:>11.2f}{found.theirs:>11}{found.ours:>11}{found.told:>11}"
            f"{'   SLOWER' if ours > theirs else ''}"
        )
    print(f"slower than the SDK: {', '.join(slower) or 'none'}")
    return not slower


class _Read(NamedTuple):
    """Annotations that the SDK reads and that we read, and issues that we tell."""

    theirs: int
    ours: int
    told: int


def _read(texts: Sequence[str]) -> _Read:
    documents = [parse(text) for text in texts]
    theirs = [collect_annotations(text) for text in texts]
    return _Read(
        sum(len(found.points) + len(found.boxes) + len(found.polygons) + len(found.clips) for found in theirs),
        sum(len(document.annotations) for document in documents),
        sum(len(document.issues) for document in documents),
    )


def _best(text: str, rounds: int) -> tuple[float, float]:
    """The best time of either for one answer, in turn."""
    texts = _repeated(text)
    pairs = [
        (seconds(lambda: read_views_with_sdk(texts)), seconds(lambda: read_views_with_ours(texts)))
        for _ in range(rounds)
    ]
    theirs, ours = (min(column) / len(texts) for column in zip(*pairs, strict=True))
    return theirs, ours


def _repeated(text: str) -> Sequence[str]:
    once = seconds(lambda: read_views_with_ours([text]))
    return [text] * max(1, int(_LEAST / max(once, 1e-6)))
