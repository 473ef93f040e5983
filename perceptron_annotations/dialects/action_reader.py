"""Actions with a place, such as clicks → elements: where a call ends, and which of its arguments are places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .element_reader import OpenElement, Taken
from .pieces import Group, Item
from .telling import Telling

#: The names of arguments that are places; those of the end of a drag are the second of two.
_PLACES = frozenset(
    {
        "start_box",
        "end_box",
        "point",
        "start_point",
        "end_point",
        "box",
        "bbox",
        "coordinate",
        "coordinates",
        "position",
    }
    | {"from_coord", "to_coord", "start", "end", "pos", "start_coordinate", "end_coordinate"}
)
_AXES = ("x", "y")
#: A call is not longer, and is on one line.
_LONGEST = 2048
_IN_CALL = re.compile(r"[\"'()\n\\]")
_IN_QUOTES = {quote: re.compile(rf"[{quote}\\\n]") for quote in "\"'"}
_ARGUMENT = re.compile(
    r"""\s*+(?:(?P<name>[A-Za-z_]\w{0,31}+)\s*+=\s*+)?+"""
    r"""(?P<value>"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\([^()]*+\)|\[[^\[\]]*+\]|[^\s,()\[\]"'][^,()\[\]"']*+)\s*+(?:,|\Z)"""
)
_MARKS = re.compile(r"<\|?/?[a-z_]{1,16}\|?>|[\[\](){}\"']")
_NUMBER = re.compile(r"-?+[0-9]{1,15}+(?:\.[0-9]{0,17}+)?+|-?+\.[0-9]{1,17}+")
_GAP = re.compile(r"[\s,]+")
#: What promises a place in a call that cannot be read.
_PROMISE = re.compile(rf"\b(?:{'|'.join(sorted(_PLACES))}|[xy])\s{{0,4}}=")
_BOX, _POINT = 4, 2


class _Argument(NamedTuple):
    """An argument of a call; of one without a name, that is empty."""

    name: str
    value: str


class ActionForms:
    """How actions begin; see ``ElementForms``."""

    undecided = re.compile(r"(?<![\w.])[A-Za-z_][\w.]{0,63}\Z")
    cut = re.compile(r"(?!)")

    def __init__(self, names: Sequence[str]) -> None:
        self.opening = _opening(tuple(names))

    def begin(self, opening: re.Match[str], first: int, _before: str, telling: Telling) -> OpenElement:
        """See ``ElementForms``."""
        return _Call(opening, first, telling)


@lru_cache(maxsize=64)
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?P<action>(?:[A-Za-z_]\w{{0,15}}\.)?(?:{'|'.join(longest_first)}))\(")


class _Call:
    """A call from its name to its closing bracket."""

    def __init__(self, opening: re.Match[str], first: int, telling: Telling) -> None:
        self._action = opening["action"]
        self._start = first + opening.start()
        self._inside = first + opening.end()
        self._telling = telling
        self._depth = 1
        self._quote = ""
        self._is_escaped = False

    def take(self, text: str, at: int, first: int) -> Taken:
        """See ``OpenElement``."""
        while at < len(text) and first + at - self._inside <= _LONGEST:
            if self._is_escaped:
                self._is_escaped = False
                at += 1
                continue
            token = (_IN_QUOTES[self._quote] if self._quote else _IN_CALL).search(text, at)
            if token is None:
                at = len(text)
                break
            at = token.end()
            if token[0] == "\n":
                self._break(first + at - 1, IssueCode.INVALID_ITEM)
                return Taken(at - 1, has_ended=True)
            if self._take_token(token[0]):
                self._tell(first + at)
                return Taken(at, has_ended=True)
        if first + at - self._inside > _LONGEST:
            self._break(first + at, IssueCode.INVALID_ITEM)
            return Taken(at, has_ended=True)
        return Taken(at, has_ended=False)

    def _take_token(self, char: str) -> bool:
        """Go past a bracket, a quote or a backslash; whether it ends the call."""
        if char == "\\":
            self._is_escaped = True
        elif char in "\"'":
            self._quote = "" if self._quote else char
        else:
            self._depth += 1 if char == "(" else -1
        return self._depth == 0

    def cut(self, end: int) -> None:
        """See ``OpenElement``."""
        self._break(end, IssueCode.TRUNCATED_ELEMENT)
        self._telling.truncated = True

    def _break(self, end: int, code: IssueCode) -> None:
        """The call does not end; one that promises a place is lost."""
        written = self._telling.received[self._inside : end]
        places = _places(_arguments(written)) if self._telling.salvage else None
        if places:
            remark = self._telling.remark(self._start, end, code, recovered=True)
            self._telling.found(self._start, end, self._content(places, ()), remark)
        elif _PROMISE.search(written):
            self._telling.lost(self._start, end, code)
        else:
            self._telling.prose(end)

    def _tell(self, end: int) -> None:
        """The call is whole."""
        written = self._telling.received[self._inside : end - 1]
        arguments = _arguments(written)
        places = _places(arguments)
        if places:
            others = tuple((each.name, _bare(each.value)) for each in arguments if each.name and not _is_place(each))
            self._telling.found(self._start, end, self._content(places, others))
        elif _PROMISE.search(written):
            self._telling.lost(self._start, end)
        else:
            self._telling.prose(end)

    def _content(self, places: list[tuple[float, ...]], others: tuple[tuple[str, str], ...]) -> Item | Group:
        attributes = (("action", self._action), *others)
        items = tuple(
            Item(kind=AnnotationKind.POINT if len(numbers) == _POINT else AnnotationKind.BOX, numbers=numbers)
            for numbers in places
        )
        if len(items) == 1:
            return Item(kind=items[0].kind, numbers=items[0].numbers, attributes=attributes)
        return Group(tag="collection", members=items, attributes=attributes)


def _arguments(written: str) -> list[_Argument]:
    """The arguments of a call, as far as they can be read."""
    found, at = [], 0
    while at < len(written) and (match := _ARGUMENT.match(written, at)) is not None:
        found.append(_Argument(match["name"] or "", match["value"].strip()))
        at = match.end()
    return found


def _is_place(argument: _Argument) -> bool:
    return argument.name in _PLACES or argument.name in _AXES


def _bare(value: str) -> str:
    """A value without its quotes."""
    return value[1:-1] if value[:1] in "\"'" and value[-1:] == value[:1] and len(value) > 1 else value


def _places(arguments: Sequence[_Argument]) -> list[tuple[float, ...]]:
    """The places of a call, in order: by name, by ``x`` and ``y``, or its first two arguments, if they are numbers."""
    places = [numbers for each in arguments if each.name in _PLACES and (numbers := _numbers(each.value))]
    if places:
        return places if all(len(numbers) in (_POINT, _BOX) for numbers in places) else []
    named = {each.name: _numbers(each.value) for each in arguments}
    if not all(len(named.get(axis, ())) == 1 for axis in _AXES):
        first = [_numbers(each.value) for each in arguments[:_POINT] if not each.name]
        return [(*first[0], *first[1])] if [len(each) for each in first] == [1, 1] else []
    return [(*named["x"], *named["y"])]


def _numbers(value: str) -> tuple[float, ...]:
    """The numbers of a value; none if it holds anything else but the marks around them."""
    words = [word for word in _GAP.split(_MARKS.sub(" ", value)) if word]
    return tuple(float(word) for word in words) if all(map(_NUMBER.fullmatch, words)) else ()
