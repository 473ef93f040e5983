"""What a caller asks a constraint to hold: checked labels, bounds, and literals of an expression."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import UsageError

_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
#: The most automata are asked to count.
_MOST = 10_000


def literal_pattern(text: str) -> str:
    """``text`` as an expression of any engine: only what is special everywhere is escaped."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def checked_labels(labels: Sequence[str]) -> list[str]:
    """The labels, each once. Raises ``UsageError`` if there is none, or one is empty."""
    found = list(dict.fromkeys(labels))
    if isinstance(labels, str) or not found or not all(isinstance(label, str) and label for label in found):
        raise UsageError("labels must be a list of at least one label, none of them empty")
    return found


def bounded(name: str, bound: int, *, least: int = 1) -> int:
    """A bound that automata can count to. Raises ``UsageError`` if it is none."""
    if isinstance(bound, bool) or not isinstance(bound, int):
        raise UsageError(f"{name} must be a whole number, not {bound!r}")
    if not least <= bound <= _MOST:
        raise UsageError(f"{name} must be from {least} to {_MOST}, not {bound}")
    return bound
