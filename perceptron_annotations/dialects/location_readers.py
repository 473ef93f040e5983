"""Answers with location tokens → pieces: the tokens in a row are elements, and words before or behind are labels.

A token without a number keeps its place among the four of a box, so that it costs this box and not the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .lexing import Lexeme, Lexer, Sort
from .pieces import Piece
from .telling import Telling

if TYPE_CHECKING:
    from .location_tokens import LocationTokens

Ring = list[float | None]
_DIGITS = re.compile(r"[0-9]+")


class LocationReader:
    """Reads one answer; see ``SurfaceReader``. What is common to all places of the label."""

    def __init__(self, surface: LocationTokens, start: int, *, salvage: bool) -> None:
        self._surface = surface
        self._lexer = Lexer(surface.tokens())
        self._telling = Telling(start, salvage=salvage)
        self._numbers: Ring = []  # of the tokens in a row that are no element yet; None for one without
        self._from = 0  # where the element begins that is open
        self._end = 0  # behind its last token
        self._words: list[str] = []  # that are told when it is clear what they are
        self._words_from = 0
        self._take: dict[Sort, Callable[[Lexeme], None]] = {
            Sort.WORDS: self._take_words,
            Sort.NEWLINE: self._take_newline,
            Sort.NUMBER: self._take_number,
            Sort.WRONG_NUMBER: self._take_number,
            Sort.SPECIAL: self._take_special,
        }

    @property
    def truncated(self) -> bool:
        """See ``SurfaceReader``."""
        return self._telling.truncated

    def read(self, text: str) -> list[Piece]:
        """See ``SurfaceReader``."""
        self._telling.received.append(text)
        for lexeme in self._lexer.read(text):
            self._take[lexeme.sort](lexeme)
        return self._telling.taken()

    def finish(self) -> list[Piece]:
        """See ``SurfaceReader``."""
        for lexeme in self._lexer.finish():
            if lexeme.sort is Sort.CUT and (self._is_open or len(lexeme.text) > 1):
                self._take_cut(lexeme)
            else:
                self._take_words(lexeme)
        self._end_answer()
        self._telling.syntax(self._telling.received.length)
        return self._telling.taken()

    @property
    def _is_open(self) -> bool:
        """Whether an element has begun."""
        raise NotImplementedError

    def _take_words(self, lexeme: Lexeme) -> None:
        raise NotImplementedError

    def _take_newline(self, lexeme: Lexeme) -> None:
        raise NotImplementedError

    def _take_number(self, lexeme: Lexeme) -> None:
        raise NotImplementedError

    def _take_special(self, lexeme: Lexeme) -> None:
        raise NotImplementedError

    def _take_cut(self, lexeme: Lexeme) -> None:
        raise NotImplementedError

    def _end_answer(self) -> None:
        raise NotImplementedError

    def _hold(self, lexeme: Lexeme) -> None:
        """Keep words until it is clear what they are."""
        if not self._words:
            self._words_from = lexeme.start
        self._words.append(lexeme.text)

    def _held_words(self) -> str:
        """The words that were held, which are held no longer."""
        text = "".join(self._words)
        self._words.clear()
        return text

    def _numbers_of(self, lexeme: Lexeme) -> Ring:
        """The numbers of a token: one, or both of a pair."""
        if lexeme.sort is not Sort.NUMBER:
            return [None]
        return [float(digits) for digits in _DIGITS.findall(lexeme.text, len(self._surface.prefix))]


def known_numbers(numbers: Ring) -> tuple[float, ...] | None:
    """The numbers, or None if one of them is missing."""
    known = [number for number in numbers if number is not None]
    return tuple(known) if len(known) == len(numbers) else None
