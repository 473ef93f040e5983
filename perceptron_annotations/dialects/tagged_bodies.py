"""What stands between the tokens of a box, as a form reads it: what it is asked for, and what reads."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .telling import Telling


class Body(NamedTuple):
    """A body that a reader is asked for: where it begins, and what is known of its elements."""

    telling: Telling
    #: Where the first element begins: with its label, if it has one.
    first: int
    #: Where the body begins.
    start: int
    #: What the elements are; None if only their numbers say it.
    kind: AnnotationKind | None
    label: str | None


class BodyReader(Protocol):
    """Reads one body, and tells what it finds; a form of your own gives one from its ``reader``.

    >>> from perceptron_annotations.dialects import Body, BracketLists, Telling
    >>> telling = Telling(0, salvage=False)
    >>> telling.received.append("[[1, 2, 3, 4]]")
    >>> reader = BracketLists().reader(Body(telling, 0, 0, None, "cat"))
    >>> reader.read("[[1, 2, 3, 4]]")
    >>> reader.finish()
    >>> [piece.content.numbers for piece in telling.taken() if isinstance(piece, pa.dialects.Found)]
    [(1.0, 2.0, 3.0, 4.0)]
    """

    def read(self, text: str) -> None:
        """Take more of it."""

    def finish(self) -> None:
        """It is closed here."""

    def break_off(self, end: int, code: IssueCode) -> None:
        """It is not closed, and what it says of ``end`` is ``code``."""
