"""What was wrong in a file that is read, counted by code with the first example of each."""

from __future__ import annotations

from ..codes import Code
from ..losses import Loss


class Tally:
    """Counts codes."""

    def __init__(self) -> None:
        self._found: dict[Code, tuple[int, str]] = {}

    def add(self, code: Code, example: str, count: int = 1) -> None:
        """Add ``count`` occurrences; the first example of a code is kept."""
        if count:
            before, first = self._found.get(code, (0, example))
            self._found[code] = (before + count, first)

    def counted(self) -> tuple[Loss, ...]:
        """All of them, in the order in which they first came."""
        return tuple(Loss(code, *found) for code, found in self._found.items())  # type: ignore[arg-type]
