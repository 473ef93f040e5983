"""Answers whose elements begin with something of their own, a tag, a name or a bracket → pieces.

A reader looks for what begins an element, and then the element itself goes through what arrives until it ends. Of each
chunk only a bounded end may be undecided, which is held back; nothing else is looked at twice.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from ..issues import IssueCode
from .pieces import Piece
from .telling import Telling

#: What may become the beginning of an element is not longer.
_LONGEST = 96
#: So much of the prose before an element may be its label.
MOST_BEFORE = 128


class Taken(NamedTuple):
    """How far an element went through a text."""

    #: The end of the element; if it has not ended, of what need not be looked at again.
    at: int
    has_ended: bool


class OpenElement(Protocol):
    """An element that has begun; it tells itself when it ends."""

    def take(self, text: str, at: int, first: int, /) -> Taken:
        """Go on at a place of ``text``, which begins at ``first`` in the answer."""

    def cut(self, end: int) -> None:
        """The answer ends here, within the element."""


class ElementForms(Protocol):
    """How the elements of a surface begin."""

    @property
    def opening(self) -> re.Pattern[str]:
        """The beginning of an element."""

    @property
    def undecided(self) -> re.Pattern[str]:
        """What may become one, at the end of a text."""

    @property
    def cut(self) -> re.Pattern[str]:
        """What is one that was cut, at the end of an answer."""

    def begin(self, opening: re.Match[str], first: int, before: str, telling: Telling, /) -> OpenElement:
        """The element of an opening, in a text that begins at ``first`` in the answer, behind so much prose."""


class ElementReader:
    """Reads one answer; see ``SurfaceReader``."""

    def __init__(self, forms: ElementForms, start: int, *, salvage: bool) -> None:
        self._forms = forms
        self._telling = Telling(start, salvage=salvage)
        self._open: OpenElement | None = None
        self._kept = ""  # the end of the text: what is held back, behind the prose before it
        self._read = 0  # how much of it was looked at
        self._first = 0  # its place in the answer

    @property
    def truncated(self) -> bool:
        """See ``SurfaceReader``."""
        return self._telling.truncated

    def read(self, text: str) -> list[Piece]:
        """See ``SurfaceReader``."""
        self._telling.received.append(text)
        text = self._kept + text
        at, before = self._read, 0  # where what is read goes on, and where the prose before it begins
        while True:
            if self._open is not None:
                at, has_ended = self._open.take(text, at, self._first)
                if not has_ended:
                    break
                if self._telling.is_between:  # it was an element, and not prose
                    before = at
                self._open = None
            opening = self._forms.opening.search(text, at)
            if opening is None:
                undecided = self._forms.undecided.search(text, max(at, len(text) - _LONGEST))
                at = undecided.start() if undecided else len(text)
                self._telling.prose(self._first + at)
                break
            start = opening.start()
            self._telling.prose(self._first + start)
            said = text[max(before, start - MOST_BEFORE) : start]
            self._open = self._forms.begin(opening, self._first, said, self._telling)
            at = opening.end()
        keep = max(before, at - MOST_BEFORE)
        self._kept, self._read = text[keep:], at - keep
        self._first += keep
        return self._telling.taken()

    def finish(self) -> list[Piece]:
        """See ``SurfaceReader``."""
        end = self._telling.received.length
        if self._open is not None:
            self._open.cut(end)
        elif self._forms.cut.fullmatch(self._kept, self._read):
            self._telling.lost(self._first + self._read, end, IssueCode.TRUNCATED_ELEMENT)
        self._telling.prose(end)
        return self._telling.taken()
