"""What the word after an option means: one of some choices, or a number. What it cannot mean is said in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, TypeVar

import typer

from ..words import closest

Choice = TypeVar("Choice")


def one_of(choices: Iterable[Choice]) -> Callable[[object], Choice]:
    """A parser of words for ``choices``, in upper or lower case."""
    named = {str(choice).lower(): choice for choice in choices}

    def parse(word: object) -> Choice:
        text = str(word)
        if text.lower() not in named:
            raise typer.BadParameter(f"must be one of {', '.join(named)}, not {text!r}{closest(text, named)}")
        return named[text.lower()]

    return parse


def completing(choices: Iterable[object]) -> Callable[[], list[str]]:
    """What a shell offers after an option with ``choices``."""
    return lambda: [str(choice) for choice in choices]


def choice_option(*flags: str, choices: Iterable[object], help: str, metavar: str | None = None) -> Any:  # noqa: A002
    """An option that takes one of ``choices``, which its help lists unless ``metavar`` stands for them."""
    words = tuple(choices)
    return typer.Option(
        *flags,
        metavar=metavar or "|".join(map(str, words)),
        parser=one_of(words),
        autocompletion=completing(words),
        help=help,
    )


def number(word: object) -> float:
    """A number."""
    value = _float(word)
    if not isfinite(value):
        raise typer.BadParameter(f"must be a finite number, not {word!r}")
    return value


def whole_number(word: object) -> int:
    """A whole number."""
    try:
        return int(str(word))
    except ValueError:
        raise typer.BadParameter(f"must be a whole number, not {word!r}") from None


def count(word: object) -> int:
    """A whole number that is not negative."""
    value = whole_number(word)
    if value < 0:
        raise typer.BadParameter(f"must be 0 or more, not {word!r}")
    return value


def jobs(word: object) -> int:
    """A number of processes."""
    value = whole_number(word)
    if value < 1:
        raise typer.BadParameter(f"must be 1 or more, not {word!r}")
    return value


def overlap(word: object) -> float:
    """An IoU, from 0 to 1."""
    value = _float(word)
    if not 0 <= value <= 1:
        raise typer.BadParameter(f"must be from 0 to 1, not {word!r}{_without_percent(value)}")
    return value


def threshold(word: object) -> float:
    """The least IoU of a match, which is not 0."""
    value = _float(word)
    if not 0 < value <= 1:
        raise typer.BadParameter(f"thresholds must be above 0 and at most 1, not {word!r}{_without_percent(value)}")
    return value


def _float(word: object) -> float:
    try:
        return float(str(word))
    except ValueError:
        raise typer.BadParameter(f"must be a number, not {word!r}") from None


def _without_percent(value: float) -> str:
    """The end of a sentence about a share that was meant in per cent."""
    return f"; for {value:g} % type {value / 100:g}" if 1 < value <= 100 else ""  # noqa: PLR2004 - per cent
