"""What stands around the objects of an answer in JSON.

Lists, commas, fences and special tokens are syntax, the rest is prose.
What lies next to an object may be syntax; it is looked at no further than some hundred characters, so the work is
linear however the text arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Protocol

from ..issues import Span
from .pieces import Piece, Prose, Syntax

_MARKS = " \t\r\n\f\v,[]\ufeff"
#: What most often stands between two objects.
_BETWEEN = " \t\r\n,"
_WORD = ascii_letters + digits + "_"
#: A fence: so many backticks, or more, and a word that is not longer than this.
_FENCE_TICKS, _LONGEST_WORD = 3, 16
#: A special token, such as the one that says that an answer ends; and the beginning of one.
_SPECIAL = r"<\|\w{1,32}+\|>"
_SPECIAL_BEFORE = re.compile(rf"{_SPECIAL}\Z")
_SPECIAL_BEGUN = re.compile(r"<(?:\|(?:\w{1,32}+\|?+)?+)?+\Z")
_LONGEST_SPECIAL = 36
_LEADING = re.compile(rf"(?:[{re.escape(_MARKS)}]|`{{3,}}+[{_WORD}]{{0,16}}+|{_SPECIAL})*+")
#: So much of the text next to an object may be syntax.
_MOST = 256


class _Sliced(Protocol):
    def __getitem__(self, key: slice) -> str: ...


class Surroundings:
    """Tells the text between objects as prose and syntax, and counts the brackets of lists in it.

    Its methods take the text of the answer, the stretch of it from ``start`` to ``end``, and where the answer begins in
    its source, which spans count.
    """

    def __init__(self) -> None:
        self._after = False  # whether the stretch begins behind an object
        self._brackets = 0

    @property
    def is_list_open(self) -> bool:
        """Whether more lists were opened than closed."""
        return self._brackets > 0

    def opens_list(self, stretch: str) -> bool:
        """Whether the syntax at the end of a stretch opens a list."""
        rest = stretch[_trailing(stretch) :]
        return rest.count("[") > rest.count("]")

    def after_object(self) -> None:
        """An object was told."""
        self._after = True

    def between(self, text: _Sliced, start: int, end: int, offset: int) -> Iterator[Piece]:
        """A whole stretch; an object follows."""
        stretch = text[start:end]
        if len(stretch) < _MOST and stretch and not stretch.strip(_BETWEEN):  # as nearly always
            self._after = False
            yield Syntax(Span(offset + start, offset + end))
            return
        behind = self._leading(stretch)
        before = max(behind, _trailing(stretch))
        yield from self._told(stretch, behind, before, offset + start)
        self._after = False

    def so_far(self, text: _Sliced, start: int, end: int, offset: int) -> Iterator[Piece]:
        """So much of a stretch as is decided although more follows."""
        stretch = text[start:end]
        behind = self._leading(stretch)
        before = _may_trail(stretch)
        if behind >= before and len(stretch) < _MOST:
            return
        yield from self._told(stretch[: max(before, behind)], behind, max(before, behind), offset + start)
        self._after = False

    def last(self, text: _Sliced, start: int, end: int, offset: int) -> Iterator[Piece]:
        """The last stretch of an answer; a list that is open there was cut, and one that is empty is not prose."""
        stretch = text[start:end]
        behind = self._leading(stretch)
        before = max(behind, _trailing(stretch))
        if not self.opens_list(stretch) and (start > 0 or before > 0):
            before = len(stretch)
        yield from self._told(stretch, behind, before, offset + start)

    def _leading(self, stretch: str) -> int:
        match = _LEADING.match(stretch, 0, _MOST) if self._after else None
        return match.end() if match else 0

    def _told(self, stretch: str, behind: int, before: int, at: int) -> Iterator[Piece]:
        for start, end, kind in ((0, behind, Syntax), (behind, before, Prose), (before, len(stretch), Syntax)):
            if start < end:
                yield kind(Span(at + start, at + end))
                if kind is Syntax:
                    text = stretch[start:end]
                    self._brackets += text.count("[") - text.count("]")


def _trailing(stretch: str) -> int:
    """Where the syntax at the end of a stretch begins."""
    return _run_before(stretch, len(stretch))


def _may_trail(stretch: str) -> int:
    """Where begins what is syntax at the end of a stretch, or may become it with more text: half a fence or token."""
    token = _SPECIAL_BEGUN.search(stretch, max(len(stretch) - _LONGEST_SPECIAL, 0))
    if token is not None:
        return _run_before(stretch, token.start())
    ticks = _ticks_before(stretch, len(stretch))
    return _run_before(stretch, len(stretch) - (ticks if ticks < _FENCE_TICKS else 0))


def _run_before(stretch: str, at: int) -> int:
    """Where the marks, fences and special tokens begin that end at a place."""
    floor = max(len(stretch) - _MOST, 0)
    while True:
        at = floor + len(stretch[floor:at].rstrip(_MARKS))
        token = _SPECIAL_BEFORE.search(stretch[max(floor, at - _LONGEST_SPECIAL) : at])
        if token is not None:
            at -= len(token[0])
            continue
        word = stretch[max(floor, at - _LONGEST_WORD) : at]
        fence = at - (len(word) - len(word.rstrip(_WORD)))
        ticks = min(_ticks_before(stretch, fence), fence - floor)
        if ticks < _FENCE_TICKS:
            return at
        at = fence - ticks


def _ticks_before(stretch: str, at: int) -> int:
    return at - len(stretch[:at].rstrip("`"))
