"""Answers with location tokens behind their labels, or behind the tag that is the label → pieces."""

from __future__ import annotations

from collections.abc import Sequence
from string import whitespace
from typing import TYPE_CHECKING

from ..geometry import AnnotationKind, Polygon
from ..issues import IssueCode
from .lexing import Lexeme, Sort
from .location_readers import LocationReader, Ring, known_numbers
from .pieces import Group, Item

if TYPE_CHECKING:
    from .location_tokens import LocationTokens


class LabelBeforeReader(LocationReader):
    """Words before tokens are the label of all elements up to the next words, token or end of a line."""

    def __init__(self, surface: LocationTokens, start: int, *, salvage: bool) -> None:
        super().__init__(surface, start, salvage=salvage)
        self._label: str | None = None
        self._gap = whitespace + surface.joint  # what may stand between two tokens of an element
        self._rings: list[Ring] = []  # the polygons of the object that are whole
        self._is_polygon = False  # whether the tokens around polygons are open
        self._take |= {
            Sort.OPEN: self._take_open,
            Sort.SEPARATOR: self._take_separator,
            Sort.CLOSE: self._take_close,
        }

    @property
    def _is_open(self) -> bool:
        return bool(self._numbers or self._rings or self._is_polygon)

    @property
    def _is_shape(self) -> bool:
        """Whether the tokens in a row are polygons."""
        return self._is_polygon or self._surface.count is None

    def _take_words(self, lexeme: Lexeme) -> None:
        if self._is_open:
            if not lexeme.text.strip(self._gap):
                return
            self._close()
        self._hold(lexeme)

    def _take_newline(self, lexeme: Lexeme) -> None:
        if self._is_open and (self._is_polygon or self._surface.count is not None):
            return
        self._close()
        self._tell_words()
        self._label = None
        self._telling.words(lexeme.text, lexeme.end)

    def _take_number(self, lexeme: Lexeme) -> None:
        if not self._is_open:
            self._begin(lexeme.start)
        self._numbers += self._numbers_of(lexeme)
        self._end = lexeme.end
        if not self._is_shape and len(self._numbers) == self._surface.count:
            self._tell_run(self._numbers)
            self._numbers = []

    def _take_open(self, lexeme: Lexeme) -> None:
        self._close()
        self._begin(lexeme.start)
        self._is_polygon = True
        self._end = lexeme.end

    def _take_separator(self, lexeme: Lexeme) -> None:
        if not self._is_shape:
            self._take_special(lexeme)
            return
        if not self._is_open:
            self._begin(lexeme.start)
        self._rings.append(self._numbers)
        self._numbers = []
        self._end = lexeme.end

    def _take_close(self, lexeme: Lexeme) -> None:
        if self._is_polygon:
            self._tell_rings(lexeme.end)
        else:
            self._take_special(lexeme)

    def _take_special(self, lexeme: Lexeme) -> None:
        self._close()
        self._tell_words()
        self._label = None
        self._telling.token(lexeme.start, lexeme.end)

    def _take_cut(self, lexeme: Lexeme) -> None:
        if not self._is_open:
            self._begin(lexeme.start)
        self._end = lexeme.end
        self._lose(IssueCode.TRUNCATED_ELEMENT)

    def _end_answer(self) -> None:
        self._close(IssueCode.TRUNCATED_ELEMENT)
        self._tell_words()

    def _begin(self, start: int) -> None:
        """An element begins, with the words before its first token if there are some."""
        text = self._held_words()
        label = text.lstrip(self._gap).rstrip()
        self._from = start
        if label:
            self._label = label
            self._from = self._words_from + len(text) - len(text.lstrip(self._gap))

    def _tell_words(self) -> None:
        if self._words:
            text = self._held_words()
            self._telling.words(text, self._words_from + len(text))

    def _close(self, code: IssueCode = IssueCode.INVALID_ITEM) -> None:
        """The element that is open, if one is, ends here, whole or not."""
        if self._is_open and self._is_shape and not self._is_polygon:
            self._tell_rings(self._end)
        elif self._is_open:
            self._lose(code)

    def _tell_run(self, numbers: Ring) -> None:
        """The tokens of an element are complete."""
        known = known_numbers(numbers)
        if known is None:
            self._telling.lost(self._from, self._end)
        else:
            self._telling.found(self._from, self._end, Item(kind=self._surface.kind, numbers=known, label=self._label))

    def _tell_rings(self, end: int) -> None:
        """The polygons of one object are complete."""
        rings = self._taken_rings()
        items = [item for ring in rings if (item := self._polygon(ring)) is not None]
        if not items:
            self._telling.lost(self._from, end)
            return
        is_whole = len(items) == len(rings) and not any(len(ring) % 2 for ring in rings)
        wrong = self._telling.remark(self._from, end, IssueCode.INVALID_ITEM, recovered=len(items) == len(rings))
        self._telling.found(self._from, end, self._object(items), *(() if is_whole else (wrong,)))

    def _lose(self, code: IssueCode) -> None:
        """The element that is open is broken or cut; salvage keeps the polygons of it that are whole."""
        is_polygon = self._is_polygon
        rings = self._taken_rings()
        items = [item for ring in rings if (item := self._polygon(ring)) is not None] if self._telling.salvage else []
        if is_polygon and items:
            self._telling.truncated |= code is IssueCode.TRUNCATED_ELEMENT
            remark = self._telling.remark(self._from, self._end, code, recovered=True)
            self._telling.found(self._from, self._end, self._object(items), remark)
        else:
            self._telling.lost(self._from, self._end, code)

    def _taken_rings(self) -> list[Ring]:
        rings = [ring for ring in (*self._rings, self._numbers) if ring]
        self._rings, self._numbers, self._is_polygon = [], [], False
        return rings

    def _polygon(self, ring: Ring) -> Item | None:
        """A polygon; salvage leaves out a coordinate without its partner."""
        if self._telling.salvage:
            ring = ring[: len(ring) // 2 * 2]
        known = known_numbers(ring)
        if known is None or len(known) % 2 or len(known) < 2 * Polygon.MIN_VERTICES:
            return None
        return Item(kind=AnnotationKind.POLYGON, numbers=known)

    def _object(self, items: Sequence[Item]) -> Item | Group:
        """One object of one polygon or several."""
        if len(items) > 1:
            return Group(tag="collection", members=tuple(items), label=self._label)
        return Item(kind=AnnotationKind.POLYGON, numbers=items[0].numbers, label=self._label)


class TagReader(LabelBeforeReader):
    """The name of the tag right before the tokens of an element is its label; words are prose."""

    def __init__(self, surface: LocationTokens, start: int, *, salvage: bool) -> None:
        super().__init__(surface, start, salvage=salvage)
        self._tag: Lexeme | None = None  # the tag before this place
        self._take[Sort.TAG] = self._take_tag

    def _take_tag(self, lexeme: Lexeme) -> None:
        self._close()
        self._tell_words()
        if lexeme.text.startswith("</"):
            self._telling.token(lexeme.start, lexeme.end)
        else:
            self._tag = lexeme

    def _take_words(self, lexeme: Lexeme) -> None:
        if lexeme.text.isspace() and (self._is_open or self._tag is not None):
            return
        self._close()
        self._tell_words()
        self._telling.words(lexeme.text, lexeme.end)

    def _take_newline(self, lexeme: Lexeme) -> None:
        self._take_words(lexeme)

    def _begin(self, start: int) -> None:
        self._from = start if self._tag is None else self._tag.start
        self._label = None if self._tag is None else self._tag.text[1:-1]
        self._tag = None

    def _tell_words(self) -> None:
        if self._tag is not None:
            self._telling.token(self._tag.start, self._tag.end)
            self._tag = None
