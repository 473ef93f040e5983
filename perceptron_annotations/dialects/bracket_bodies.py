"""Numbers in brackets between the tokens of a box: ``[[1, 2, 3, 4]]``, ``(1,2),(3,4)``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from ..geometry import AnnotationKind, Polygon
from ..issues import IssueCode
from .pieces import Item
from .surface import NumberWriter
from .tagged_bodies import Body, BodyReader


class BracketLists(Struct, frozen=True, kw_only=True):
    """``[[1, 2, 3, 4], [5, 6, 7, 8]]``; read is any kind of bracket.

    >>> from perceptron_annotations.dialects import BracketLists, Item
    >>> point = Item(kind=pa.AnnotationKind.POINT, numbers=(3, 4))
    >>> BracketLists(comma=",").bodies([point, point], str)
    ['[[3,4],[3,4]]']
    """

    comma: str = ", "

    def reader(self, body: Body) -> BodyReader:
        """A reader of one body."""
        return NumberBody(body)

    def bodies(self, items: Sequence[Item], number: NumberWriter) -> list[str]:
        """What stands between tokens for items of one kind and label, once for each pair of tokens."""
        if any(item.kind is AnnotationKind.POLYGON for item in items):
            return [f"[{self.comma.join(_pairs(item, number, '[]', self.comma))}]" for item in items]
        lists = (f"[{self.comma.join(map(number, item.numbers))}]" for item in items)
        return [f"[{self.comma.join(lists)}]"]


class CornerPairs(Struct, frozen=True):
    """``(1,2),(3,4)``: a pair of numbers for each corner, and tokens around each element.

    >>> from perceptron_annotations.dialects import CornerPairs, Item
    >>> CornerPairs().bodies([Item(kind=pa.AnnotationKind.BOX, numbers=(1, 2, 3, 4))], str)
    ['(1,2),(3,4)']
    """

    def reader(self, body: Body) -> BodyReader:
        """A reader of one body."""
        return NumberBody(body)

    def bodies(self, items: Sequence[Item], number: NumberWriter) -> list[str]:
        """What stands between tokens for items of one kind and label, once for each pair of tokens."""
        return [",".join(_pairs(item, number, "()", ",")) for item in items]


def _pairs(item: Item, number: NumberWriter, brackets: str, comma: str) -> list[str]:
    written = list(map(number, item.numbers))
    pairs = zip(written[::2], written[1::2], strict=True)
    return [f"{brackets[0]}{x}{comma}{y}{brackets[1]}" for x, y in pairs]


_MOST_CHARACTERS = 40
_NUMERIC = rf"[-+.0-9]{{1,{_MOST_CHARACTERS}}}+"
_PART = re.compile(
    rf"(?P<number>{_NUMERIC})|(?P<open>[\[({{<])|(?P<close>[\])}}>])|(?P<gap>[\s,;]++)"
    r"|(?P<other>[^\[({<\])}>\s,;0-9.+-]++)"
)
_CUT_NUMBER = re.compile(rf"{_NUMERIC}\Z")
_PAIR, _BOX = 2, 4


class NumberBody:
    """Reads numbers in brackets: each innermost bracket is an element, or one corner of it."""

    def __init__(self, body: Body) -> None:
        self._telling = body.telling
        self._kind = body.kind
        self._label = body.label
        self._from = body.first  # where the element begins
        self._is_first = True
        self._end = body.start  # behind the last part that is not a gap
        self._at = body.start  # so much is gone through
        self._held = ""
        self._group: list[float] = []  # the numbers of the bracket that is open
        self._corners: list[float] = []  # those of the brackets before it, which are corners of one element
        self._is_bad = False
        self._is_apart = True  # whether the next number is apart from the last
        self._has_told = False

    def read(self, text: str) -> None:
        """See ``BodyReader``."""
        text = self._held + text
        cut = _CUT_NUMBER.search(text, max(len(text) - _MOST_CHARACTERS, 0))
        self._held = cut[0] if cut and len(cut[0]) < _MOST_CHARACTERS else ""
        self._go_through(text[: len(text) - len(self._held)])

    def finish(self) -> None:
        """See ``BodyReader``."""
        self._go_through(self._held)
        if self._group or self._is_bad:
            self._end_group(self._end)
        if self._kind is AnnotationKind.POLYGON and self._corners:
            self._tell(self._corners, self._end)
        elif self._corners:
            self._lose(self._end)
        if not self._has_told:  # nothing is there
            remark = self._telling.remark(self._from, self._end, IssueCode.INVALID_ITEM, recovered=True)
            self._telling.found(self._from, self._end, None, remark)

    def break_off(self, end: int, code: IssueCode) -> None:
        """See ``BodyReader``."""
        has_rest = bool(self._group or self._corners or self._held or self._is_bad or not self._has_told)
        if has_rest:
            self._telling.lost(self._from, end, code)
        elif code is IssueCode.TRUNCATED_ELEMENT:
            self._telling.truncated = True

    def _go_through(self, text: str) -> None:
        start, self._at = self._at, self._at + len(text)
        for part in _PART.finditer(text):
            at, end = start + part.start(), start + part.end()
            sort = part.lastgroup
            if sort == "gap":
                self._is_apart = True
                continue
            self._end = end
            if sort == "number":
                self._add(part[0])
            elif sort == "open":
                self._open_group(at)
            elif sort == "close":
                self._end_group(end)
            else:
                self._is_bad = True
            self._is_apart = sort != "number"

    def _add(self, text: str) -> None:
        try:
            self._group.append(float(text))
        except ValueError:
            self._is_bad = True
        self._is_bad |= not self._is_apart

    def _open_group(self, start: int) -> None:
        if self._group or self._is_bad:
            self._lose(start)
        if not self._corners and not self._is_first:
            self._from = start

    def _end_group(self, end: int) -> None:
        """A bracket closes, or the body; the outer ones hold no numbers of their own."""
        group = self._group
        if not group and not self._is_bad:
            return
        self._group = []
        if self._is_bad:
            self._lose(end)
        elif self._kind is AnnotationKind.POLYGON and len(group) % 2 == 0:
            self._corners += group
        elif len(group) == _PAIR and self._kind is AnnotationKind.BOX:
            self._corners += group
            if len(self._corners) == _BOX:
                self._tell(self._corners, end)
        elif self._corners:
            self._lose(end)
        else:
            self._tell(group, end)

    def _tell(self, numbers: Sequence[float], end: int) -> None:
        """An element is complete."""
        kind = _kind_of(numbers) if self._kind is None else self._kind
        if kind is None or not _fits(kind, numbers):
            self._lose(end)
            return
        self._telling.found(self._from, end, Item(kind=kind, numbers=tuple(numbers), label=self._label))
        self._go_on(end)

    def _lose(self, end: int) -> None:
        self._telling.lost(self._from, end)
        self._go_on(end)

    def _go_on(self, end: int) -> None:
        """What follows is another element."""
        self._group, self._corners = [], []
        self._is_bad = self._is_first = False
        self._has_told = True
        self._from = end


def _kind_of(numbers: Sequence[float]) -> AnnotationKind | None:
    """What so many numbers are."""
    known = {_PAIR: AnnotationKind.POINT, _BOX: AnnotationKind.BOX}
    return known.get(len(numbers), AnnotationKind.POLYGON)


def _fits(kind: AnnotationKind, numbers: Sequence[float]) -> bool:
    if kind is AnnotationKind.POLYGON:
        return len(numbers) % 2 == 0 and len(numbers) >= 2 * Polygon.MIN_VERTICES
    return len(numbers) == (_BOX if kind is AnnotationKind.BOX else _PAIR)
