"""A word that somebody typed → the member of an enum that it names, or an error with the words that there are.

>>> from perceptron_annotations.geometry import AnnotationKind
>>> closest("boxs", ["point", "box", "polygon", "clip"])
"; did you mean 'box'?"
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from .errors import UsageError

Word = TypeVar("Word", bound=StrEnum)


def member_of(words: type[Word], given: object, name: str) -> Word:
    """The member of ``words`` that ``given`` is or names; ``name`` is what the caller calls it.

    Raises ``UsageError`` with all members and the one that was probably meant.
    """
    try:
        return words(given)  # type: ignore[arg-type]
    except ValueError:
        known = [str(word) for word in words]
        raise UsageError(f"{name} must be one of {', '.join(known)}, not {given!r}{closest(given, known)}") from None


def closest(given: object, known: Iterable[str]) -> str:
    """The end of a sentence that asks whether another word was meant; empty if none is near, whatever their case."""
    from difflib import get_close_matches

    by_lower = {word.lower(): word for word in known}
    found = get_close_matches(given.lower(), by_lower, n=1) if isinstance(given, str) else []
    return f"; did you mean {by_lower[found[0]]!r}?" if found else ""
