"""The pieces of one answer as a reader tells them: they tile it, and what is between two of them is never lost."""

from __future__ import annotations

from collections.abc import Sequence

from ..issues import DETAIL_LIMIT, IssueCode, Span, excerpt
from ..received_text import Received
from .pieces import Found, Group, Item, Piece, Prose, Remark, Syntax


class Telling:
    """Takes what a reader decides, by places in the answer; spans count from ``start`` of its source.

    >>> from perceptron_annotations.dialects import Telling
    >>> telling = Telling(10, salvage=False)
    >>> telling.prose(5)
    >>> telling.taken()
    [Prose(span=Span(start=10, end=15))]
    """

    def __init__(self, start: int, *, salvage: bool) -> None:
        self.received = Received()
        self.start = start
        self.salvage = salvage
        #: How much of the answer is told.
        self.told = 0
        self.truncated = False
        #: Whether only blanks stand between the last element, or the beginning, and what comes next.
        self.is_between = True
        self._pieces: list[Piece] = []

    def taken(self) -> list[Piece]:
        """The pieces since this was last asked."""
        taken, self._pieces = self._pieces, []
        return taken

    def syntax(self, end: int) -> None:
        """What is not told yet up to ``end`` is syntax."""
        if end > self.told:
            self._pieces.append(Syntax(self._span(self.told, end)))
            self.told = end

    def prose(self, end: int) -> None:
        """What is not told yet up to ``end`` is prose."""
        if end > self.told:
            self._pieces.append(Prose(self._span(self.told, end)))
            self.told = end
            self.is_between = False

    def words(self, text: str, end: int) -> None:
        """Words up to ``end`` that belong to no element; blanks beside elements wait for what follows."""
        if not (self.is_between and text.isspace()):
            self.prose(end)

    def token(self, start: int, end: int) -> None:
        """A token that says nothing of geometry."""
        self.syntax(start)
        self.syntax(end)
        self.is_between = True

    def found(self, start: int, end: int, content: Item | Group | None, *remarks: Remark) -> None:
        """An element; what is before it, and not told, is syntax.

        Args:
            start: Where it begins.
            end: Where it ends.
            content: What it says; None if it could not be read, or says that there is nothing.
            remarks: What is wrong or odd about it.
        """
        self.syntax(start)
        self._pieces.append(Found(self._span(start, end), content, remarks))
        self.told = end
        self.is_between = True

    def lost(self, start: int, end: int, code: IssueCode = IssueCode.INVALID_ITEM) -> None:
        """An element that cannot be read; nothing if it has no text."""
        if start < end:
            self.found(start, end, None, self.remark(start, end, code))
        self.truncated |= code is IssueCode.TRUNCATED_ELEMENT

    def remark(self, start: int, end: int, code: IssueCode, *, recovered: bool = False) -> Remark:
        """What is wrong with a stretch, which it quotes.

        Args:
            start: Where the stretch begins.
            end: Where it ends.
            code: What is wrong.
            recovered: Whether it was kept after all.
        """
        return Remark(code, excerpt(self.received[start : min(end, start + DETAIL_LIMIT + 1)]), recovered)

    def others(self, pieces: Sequence[Piece]) -> None:
        """The pieces of another reader, which tile the answer from where it is told."""
        if pieces:
            self._pieces += pieces
            self.told = pieces[-1].span.end - self.start
            self.is_between = True

    def _span(self, start: int, end: int) -> Span:
        return Span(self.start + start, self.start + end)
