"""What every surface does: the part of a dialect that says how its elements look in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

from .pieces import Group, Item, Piece

#: A coordinate in the units of a dialect → how it is written.
NumberWriter: TypeAlias = Callable[[float], str]


class SurfaceReader(Protocol):
    """Reads one answer from left to right.

    The pieces that it gives tile the answer, in order and without a gap, and say the same however the text is cut. A
    piece comes as soon as it is decided. All work is linear in the length of the answer.

    >>> from perceptron_annotations.dialects import JsonObjects
    >>> reader = JsonObjects().reader(0, salvage=False)
    >>> [type(piece).__name__ for piece in reader.read('Here: [{"bbox_2d": [1, 2, 3, 4], "label": "cat"}')]
    ['Prose', 'Syntax', 'Found']
    """

    @property
    def truncated(self) -> bool:
        """Whether the answer ends inside an element; known after :meth:`finish`."""

    def read(self, text: str) -> Iterable[Piece]:
        """Take more of the answer; the pieces that it decides."""

    def finish(self) -> Iterable[Piece]:
        """The answer ends here; what is left of it."""


class Surface(Protocol):
    """How elements look in a text. A surface is a frozen value, so that a dialect can be compared and pickled.

    >>> from perceptron_annotations.dialects import JsonObjects, dialect_named
    >>> dialect_named("qwen3-vl").surface == JsonObjects()
    True
    """

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """A reader of one answer that begins at ``start`` of its source. ``salvage`` keeps near misses too."""

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """The items as the model would write them. Raises ``UnwritableError`` for what has no form here."""
