"""What a label file holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class FileText(NamedTuple):
    """The lines of a label file, and how many they are."""

    text: bytes
    lines: int

    @staticmethod
    def of(lines: Sequence[str]) -> FileText:
        """Some lines."""
        return FileText("".join(lines).encode(), len(lines))
