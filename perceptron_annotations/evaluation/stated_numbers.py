"""The numbers that English prose states: "there are three red cups" says 3 of "red cups".

What a model writes in words and what it marks disagree often enough that counting evaluates both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..ops.label_counts import LabelMap

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()  # noqa: SIM905
_ONES += "seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS_IN_ORDER = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {word: 10 * ten for ten, word in enumerate(_TENS_IN_ORDER, 2)}
_WORDS = {word: number for number, word in enumerate(_ONES)} | _TENS | {"no": 0, "a": 1, "an": 1}
_TEN_WORD = "|".join(_TENS)
_ONE_WORD = "|".join(_ONES[1:10])
_STATED = re.compile(
    rf"(?<![\w.,-])(?:(?P<digits>\d{{1,9}})|(?P<tens>{_TEN_WORD})[ -](?P<ones>{_ONE_WORD})|"
    rf"(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))}))"
    r"(?![\w-]|[.,]\d) +(?P<noun>[^\W\d_]+(?: [^\W\d_]+)?)",
    re.IGNORECASE,
)


class StatedCount(NamedTuple):
    """A number that the prose states, and the one or two words after it."""

    number: int
    noun: str


def stated_counts(prose: str) -> list[StatedCount]:
    """The numbers before a word in English prose, in order.

    Take ``Document.prose``, which holds no coordinates. "a" and "an" state one, "no" states none.

    >>> stated_counts("I see three red cups and no plate")
    [StatedCount(number=3, noun='red cups'), StatedCount(number=0, noun='plate')]
    """
    return [StatedCount(_number(match), match["noun"]) for match in _STATED.finditer(prose)]


def stated_count(prose: str, label: str, *, labels: LabelMap = LabelMap(singular=True)) -> int | None:  # noqa: B008
    """What the prose says of one label: the first number before it; None if it states none.

    ``labels`` says which words are one label; by default case and regular English plurals do not matter.

    >>> stated_count("I see three red cups and no plate", "cup")
    3
    """
    return count_of(stated_counts(prose), label, labels=labels)


def count_of(stated: Iterable[StatedCount], label: str, *, labels: Callable[[str], str]) -> int | None:
    """What one of the counts that a prose states says of a label, the first that does; see :func:`stated_count`."""
    wanted = labels(label)
    for number, noun in stated:
        words = noun.split()
        if any(labels(" ".join(words[start:end])) == wanted for start in (0, 1) for end in (1, 2) if start < end):
            return number
    return None


def _number(match: re.Match[str]) -> int:
    if match["digits"]:
        return int(match["digits"])
    if match["tens"]:
        return _TENS[match["tens"].lower()] + _WORDS[match["ones"].lower()]
    return _WORDS[match["word"].lower()]
