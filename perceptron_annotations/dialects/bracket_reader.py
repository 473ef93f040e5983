"""Numbers in brackets, in the midst of prose → elements.

Brackets stand in prose too, around one number or around words, and there they stay prose. The numbers of one element
are told as soon as the bracket behind them arrives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .element_reader import MOST_BEFORE, OpenElement, Taken
from .pieces import Item
from .telling import Telling

#: Opening, closing, what is between two elements, and what they may be.
Style = tuple[str, str, str, frozenset[AnnotationKind]]
_COUNTS = {4: AnnotationKind.BOX, 2: AnnotationKind.POINT}
_BRACKETS = frozenset("[](){},; ")
_BLANKS = r"\s{0,8}"
_RUN = re.compile(r"[-+0-9.,\s]*+")
_NUMBER = re.compile(r"[-+]?+(?:[0-9]{1,15}+(?:\.[0-9]{0,17}+)?+|\.[0-9]{1,17}+)")
_DIGIT = re.compile("[0-9]")
_GAP = re.compile(r"\s*+,\s*+|\s++")
#: The numbers of an element are not longer; the text that is skipped if one of them is broken, too.
_LONGEST = 128
_SKIPPED = 64
#: So many numbers in a bracket of its own are not prose.
_FEWEST = 3
#: Where a label begins: behind the last mark of punctuation, or at the line.
_LABEL = re.compile(r"(?:.*(?:[.!?;:,]\s|[\n;])|^)\s*([^\n]*?)\s*\Z", re.DOTALL)


class _Marks(NamedTuple):
    """The patterns of a style."""

    #: What ends the numbers of an element: ``between``, or the closing bracket.
    mark: re.Pattern[str]
    begun: re.Pattern[str]
    #: A broken element, up to such a mark.
    skip: re.Pattern[str]
    skipping: re.Pattern[str]
    #: The brackets with which a mark begins.
    firsts: frozenset[str]
    #: Whether it opens with brackets, as prose has them; and with only one.
    is_bracket: bool
    is_plain: bool
    kinds: frozenset[AnnotationKind]


def label_before(before: str) -> str | None:
    """The label in the prose before an element.

    >>> label_before("See the map: a small cat "), label_before("[1] and ")
    ('a small cat', '[1] and')
    """
    match = _LABEL.match(before)
    if match is None or (match.start(1) == 0 and len(before) >= MOST_BEFORE):
        return None
    return match[1] or None


class BracketForms:
    """How elements in brackets begin; see ``ElementForms``."""

    def __init__(self, styles: Sequence[Style], *, is_labelled: bool) -> None:
        self.opening, self.undecided, self._marks = _patterns(tuple(styles))
        self.cut = _NEVER
        self._is_labelled = is_labelled

    def begin(self, opening: re.Match[str], first: int, before: str, telling: Telling) -> OpenElement:
        """See ``ElementForms``."""
        words = before if self._is_labelled else ""
        return _Bracketed(first + opening.start(), self._marks[opening.lastgroup or ""], words, telling)


_NEVER = re.compile(r"(?!)")


class _Bracketed:
    """A bracket, and the elements in it."""

    def __init__(self, start: int, marks: _Marks, before: str, telling: Telling) -> None:
        self._start = start
        self._marks = marks
        self._before = before  # the words that may be its label
        self._telling = telling
        self._is_first = True  # no element of it is told
        self._is_after = False  # one is, and what is behind it is not known
        self._from = start  # where the numbers of the next begin

    def take(self, text: str, at: int, first: int) -> Taken:
        """See ``OpenElement``."""
        step: Taken | int = at
        while isinstance(step, int):
            step = self._take_mark(text, step, first) if self._is_after else self._take_numbers(text, step, first)
        return step

    def _take_mark(self, text: str, at: int, first: int) -> Taken | int:
        """Go past what is behind an element; where to go on, if another follows."""
        if self._marks.begun.match(text, at):
            return Taken(at, has_ended=False)
        mark = self._marks.mark.match(text, at)
        if mark is None:  # a bracket too few
            self._telling.syntax(first + at + 1)
            return Taken(at + 1, has_ended=True)
        self._telling.syntax(first + mark.end())
        if mark.lastgroup == "close":
            return Taken(mark.end(), has_ended=True)
        self._is_after = False
        return mark.end()

    def _take_numbers(self, text: str, at: int, first: int) -> Taken | int:
        """Go to the end of the numbers of an element; where to go on, if it is one."""
        self._from = first + at
        run = _RUN.match(text, at, at + _LONGEST)
        stop = run.end() if run else at
        if stop == at + _LONGEST:
            return self._end(text[at:stop], stop, first)
        if stop == len(text):
            return Taken(at, has_ended=False)
        if text[stop] in self._marks.firsts:
            return self._go_on(text[at:stop], stop, first)
        return self._take_broken(text, at, stop, first)

    def _take_broken(self, text: str, at: int, stop: int, first: int) -> Taken | int:
        """Go past an element in which something else than numbers stands at ``stop``."""
        if self._is_first and self._marks.is_bracket and not _DIGIT.search(text, at, stop):
            return self._end("", stop, first)
        if skip := self._marks.skip.match(text, stop):
            return self._go_on(text[at : skip.end()], skip.end(), first)
        if self._marks.skipping.match(text, stop):
            return Taken(at, has_ended=False)
        return self._end(text[at : stop + 1], stop, first)

    def _go_on(self, written: str, at: int, first: int) -> Taken | int:
        """Tell what ends where another may follow."""
        self._is_after = self._tell(written, first + at)
        return at if self._is_after else Taken(at, has_ended=True)

    def _end(self, written: str, at: int, first: int) -> Taken:
        """Tell what ends where none can follow."""
        self._tell(written, first + at)
        return Taken(at, has_ended=True)

    def _tell(self, written: str, end: int) -> bool:
        """Tell an element that ends; whether it is one, and not prose."""
        words = [word for word in _GAP.split(written.strip(" \t\r\n\f\v,")) if word]
        numbers = [float(word) for word in words if _NUMBER.fullmatch(word)]
        kind = _COUNTS.get(len(numbers)) if len(numbers) == len(words) else None
        is_first, self._is_first = self._is_first, False
        if kind in self._marks.kinds and kind is not None:
            item = Item(kind=kind, numbers=tuple(numbers), label=label_before(self._before))
            self._telling.found(self._from, end, item)
        elif is_first and self._marks.is_bracket and (not numbers or (self._marks.is_plain and len(numbers) < _FEWEST)):
            self._telling.prose(end)
            return False
        else:
            self._telling.lost(self._start if is_first else self._from, end)
        return True

    def cut(self, end: int) -> None:
        """See ``OpenElement``."""
        telling = self._telling
        if self._is_after:
            rest = telling.received[telling.told : end]
            mark = self._marks.mark.fullmatch(rest)
            telling.truncated |= mark is None or mark.lastgroup != "close"
        elif _DIGIT.search(telling.received[self._from : end]):
            telling.lost(self._start if self._is_first else self._from, end, IssueCode.TRUNCATED_ELEMENT)
        elif not self._is_first:
            telling.truncated = True
        if not self._is_first:
            telling.syntax(end)


@lru_cache(maxsize=64)
def _patterns(styles: tuple[Style, ...]) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, _Marks]]:
    """The openings of all styles, what may become one, and the marks of each by its name."""
    named = {f"s{number}": style for number, style in enumerate(styles)}
    opening = "|".join(f"(?P<{name}>{_written(style[0])})" for name, style in named.items())
    begun = "|".join(_beginnings(style[0]) for style in styles)
    return re.compile(opening), re.compile(rf"(?:{begun})\Z"), {name: _marks(each) for name, each in named.items()}


def _marks(style: Style) -> _Marks:
    opening, closing, between, kinds = style
    marks = [between, closing] if between else [closing]
    written = {"between": between, "close": closing}
    mark = "|".join(f"(?P<{name}>{_BLANKS}{_written(each)})" for name, each in written.items() if each)
    begun = "|".join(_beginnings(each) for each in marks)
    ahead = "|".join(f"{_BLANKS}{_written(each)}" for each in marks)
    return _Marks(
        mark=re.compile(mark),
        begun=re.compile(rf"{_BLANKS}(?:{begun})?\Z"),
        skip=re.compile(rf"[^\n\[(<{{]{{0,{_SKIPPED}}}?(?={ahead})"),
        skipping=re.compile(rf"[^\n\[(<{{]{{0,{_SKIPPED}}}{_BLANKS}(?:{begun})?\Z"),
        firsts=frozenset(each[0] for each in marks if _BRACKETS.issuperset(each)),
        is_bracket=_BRACKETS.issuperset(opening),
        is_plain=len(opening) == 1,
        kinds=kinds,
    )


def _written(text: str) -> str:
    """A pattern for a text; brackets may have blanks between them."""
    units = list(text) if _BRACKETS.issuperset(text) else [text]
    return _BLANKS.join(re.escape(unit) for unit in units if unit != " ")


def _beginnings(text: str) -> str:
    """A pattern for the beginnings of a text, longest first."""
    if not _BRACKETS.issuperset(text):
        return "|".join(re.escape(text[:end]) for end in range(len(text) - 1, 0, -1)) or "(?!)"
    units = [re.escape(unit) for unit in text if unit != " "]
    return "|".join(_BLANKS.join(units[:end]) + _BLANKS for end in range(len(units) - 1, 0, -1)) or "(?!)"
