"""Boxes as the indices of two cells: ``<patch_index_0044><patch_index_0863>``."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from msgspec import Struct

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .lexing import Lexeme, Lexer, Sort, Token, digits_of, literal, numbered
from .pieces import Item
from .surface import NumberWriter
from .tagged_bodies import Body, BodyReader

#: The indices of a box.
_CORNERS = 2


class PatchIndices(Struct, frozen=True, kw_only=True):
    """``<patch_index_0044><patch_index_0863>``: the cells of two corners, in a grid that is counted by rows.

    The corners are the centres of the cells; but if both lie in one row or column, the box covers all of them.

    >>> from perceptron_annotations.dialects import Item, PatchIndices
    >>> PatchIndices().bodies([Item(kind=pa.AnnotationKind.BOX, numbers=(12.5, 1.5, 31.5, 26.5))], str)
    ['<patch_index_0044><patch_index_0863>']
    """

    prefix: str = "<patch_index_"
    digits: int = 4
    between: str = "</delimiter_of_multi_objects/>"
    #: The cells along a side of the image.
    side: int = 32

    def tokens(self) -> Sequence[Token]:
        """The tokens that a body has."""
        return [*numbered(Sort.NUMBER, self.prefix), literal(Sort.SEPARATOR, self.between)]

    def reader(self, body: Body) -> BodyReader:
        """A reader of one body."""
        return PatchBody(self, body)

    def corners(self, first: int, second: int) -> tuple[float, ...] | None:
        """Left, top, right and bottom in cells; None if there is no such cell."""
        if max(first, second) >= self.side**2:
            return None
        (y1, x1), (y2, x2) = divmod(first, self.side), divmod(second, self.side)
        if x1 == x2 or y1 == y2:
            return x1, y1, x2 + 1, y2 + 1
        return x1 + 0.5, y1 + 0.5, x2 + 0.5, y2 + 0.5

    def bodies(self, items: Sequence[Item], number: NumberWriter) -> list[str]:  # noqa: ARG002 - its cells are whole
        """What stands between tokens for items of one kind and label, once for each pair of tokens."""
        return [self.between.join(map(self._written, items))]

    def _written(self, item: Item) -> str:
        x1, y1, x2, y2 = item.numbers
        (left, right), (top, bottom) = self._cells(x1, x2), self._cells(y1, y2)
        indices = (top * self.side + left, bottom * self.side + right)
        return "".join(f"{self.prefix}{str(index).zfill(self.digits)}>" for index in indices)

    def _cells(self, low: float, high: float) -> tuple[int, int]:
        """The cells of two sides; those of a box that is thinner than a cell are one."""
        last = self.side - 1
        first, second = (min(max(cell, 0), last) for cell in (floor(low), ceil(high - 1)))
        return first, max(first, second) if high >= low else second


class PatchBody:
    """Reads the indices of cells, two of each box."""

    def __init__(self, form: PatchIndices, body: Body) -> None:
        self._form = form
        self._telling = body.telling
        self._label = body.label
        self._from = body.first
        self._start = body.start
        self._lexer = Lexer(form.tokens())
        self._end = body.start
        self._indices: list[int | None] = []
        self._is_bad = False
        self._has_told = False

    def read(self, text: str) -> None:
        """See ``BodyReader``."""
        for lexeme in self._lexer.read(text):
            self._take(lexeme)

    def finish(self) -> None:
        """See ``BodyReader``."""
        self._finish_lexer()
        if self._indices or self._is_bad or not self._has_told:
            self._lose(max(self._end, self._from))

    def break_off(self, end: int, code: IssueCode) -> None:
        """See ``BodyReader``."""
        self._finish_lexer()
        if self._indices or self._is_bad or not self._has_told:
            self._telling.lost(self._from, end, code)
        elif code is IssueCode.TRUNCATED_ELEMENT:
            self._telling.truncated = True

    def _finish_lexer(self) -> None:
        for lexeme in self._lexer.finish():
            self._end = self._start + lexeme.end
            self._is_bad = True

    def _take(self, lexeme: Lexeme) -> None:
        if lexeme.sort is Sort.WORDS and lexeme.text.isspace():
            return
        at, end = self._start + lexeme.start, self._start + lexeme.end
        if lexeme.sort is Sort.SEPARATOR:
            if self._indices or self._is_bad:
                self._lose(self._end)
            self._telling.syntax(end)
            self._from = end
            return
        if not (self._indices or self._is_bad) and self._has_told:
            self._from = at
        self._end = end
        if lexeme.sort is Sort.WORDS:
            self._is_bad = True
            return
        digits = digits_of(lexeme, self._form.prefix) if lexeme.sort is Sort.NUMBER else None
        self._indices.append(None if digits is None else int(digits))
        if len(self._indices) == _CORNERS:
            self._tell()

    def _tell(self) -> None:
        first, second = self._indices
        corners = None if first is None or second is None or self._is_bad else self._form.corners(first, second)
        if corners is None:
            self._lose(self._end)
            return
        self._telling.found(self._from, self._end, Item(kind=AnnotationKind.BOX, numbers=corners, label=self._label))
        self._go_on()

    def _lose(self, end: int) -> None:
        self._telling.lost(self._from, end)
        self._go_on()

    def _go_on(self) -> None:
        self._indices = []
        self._is_bad = False
        self._has_told = True
        self._from = self._end
