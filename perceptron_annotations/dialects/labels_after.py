"""Answers with location tokens before their labels → pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..issues import IssueCode
from .lexing import Lexeme, Sort
from .location_readers import LocationReader, known_numbers
from .pieces import Item

if TYPE_CHECKING:
    from .location_tokens import LocationTokens


class LabelAfterReader(LocationReader):
    """Words behind tokens are their label, up to a separator, the end of the line or the next token."""

    def __init__(self, surface: LocationTokens, start: int, *, salvage: bool) -> None:
        super().__init__(surface, start, salvage=salvage)
        self._data: list[str] = []
        self._ends: list[int] = []  # behind the last token of each element of those in a row
        self._take |= {Sort.DATA: self._take_data, Sort.SEPARATOR: self._take_newline}

    @property
    def _is_open(self) -> bool:
        return bool(self._numbers or self._data)

    @property
    def _is_complete(self) -> bool:
        """Whether the tokens in a row are one element or several."""
        count = self._surface.count
        return bool(self._numbers) and (count is None or len(self._numbers) % count == 0)

    def _take_words(self, lexeme: Lexeme) -> None:
        if self._is_open:
            self._hold(lexeme)
        else:
            self._telling.words(lexeme.text, lexeme.end)

    def _take_newline(self, lexeme: Lexeme) -> None:
        if self._is_open:
            self._tell()
            self._telling.token(lexeme.start, lexeme.end)
        else:
            self._telling.words(lexeme.text, lexeme.end)

    def _take_special(self, lexeme: Lexeme) -> None:
        if self._is_open:
            self._tell()
        self._telling.token(lexeme.start, lexeme.end)

    def _take_number(self, lexeme: Lexeme) -> None:
        self._go_on(lexeme, has_ended=bool(self._data))
        self._numbers += self._numbers_of(lexeme)
        if self._is_complete and self._surface.count is not None:
            self._ends.append(lexeme.end)

    def _take_data(self, lexeme: Lexeme) -> None:
        self._go_on(lexeme, has_ended=False)
        self._data.append(lexeme.text)

    def _go_on(self, lexeme: Lexeme, *, has_ended: bool) -> None:
        """A token of an element: of the one that is open, unless that has its label."""
        text = self._held_words()
        if self._is_open and (has_ended or (not text.isspace() and text)):
            self._words.append(text)
            self._tell()
        if not self._is_open:
            self._from = lexeme.start
        self._end = lexeme.end

    def _take_cut(self, lexeme: Lexeme) -> None:
        self._go_on(lexeme, has_ended=False)
        self._cut()

    def _end_answer(self) -> None:
        lacks_data = bool(self._data) and len(self._data) < self._data_count
        if self._is_open and not self._words and (not self._is_complete or lacks_data):
            self._cut()
        elif self._is_open:
            self._tell()

    @property
    def _data_count(self) -> int:
        return self._surface.data[1] if self._surface.data is not None else 0

    def _cut(self) -> None:
        """The answer ends in an element; salvage keeps it if all its numbers are there."""
        if self._telling.salvage and self._is_complete:
            self._telling.truncated = True
            self._tell(IssueCode.TRUNCATED_ELEMENT)
        else:
            self._forget()
            self._telling.lost(self._from, self._end, IssueCode.TRUNCATED_ELEMENT)

    def _tell(self, code: IssueCode | None = None) -> None:
        """The elements that are open have their label; a ``code`` says what is wrong with the last of them."""
        text = self._held_words()
        end = self._words_from + len(text.rstrip()) if text and not text.isspace() else self._end
        numbers = known_numbers(self._numbers) if self._is_complete else None
        data, ends = self._data, self._ends
        self._forget()
        if numbers is None:
            self._telling.lost(self._from, end)
            return
        start, size = self._from, self._surface.count or len(numbers)
        for place, behind in enumerate([*ends[:-1], end]):
            is_last = place == max(len(ends) - 1, 0)
            item = self._item(numbers[place * size :][:size], text.strip(), data if is_last else ())
            remark = code or (IssueCode.IGNORED_TEXT if data and len(data) != self._data_count else None)
            remarks = [self._telling.remark(start, behind, remark, recovered=code is not None)] if remark else []
            self._telling.found(start, behind, item, *(remarks if is_last else ()))
            start = behind

    def _item(self, numbers: tuple[float, ...], label: str, data: Sequence[str]) -> Item:
        name = self._surface.data[0].strip("<") if self._surface.data is not None else ""
        attributes = ((name, "".join(data)),) if data else ()
        return Item(kind=self._surface.kind, numbers=numbers, label=label or None, attributes=attributes)

    def _forget(self) -> None:
        self._numbers, self._data, self._ends = [], [], []
