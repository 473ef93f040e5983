"""Tags with points and tracks → elements: where a tag begins and ends, in whatever chunks it arrives."""

from __future__ import annotations

import re

from ..geometry import AnnotationKind
from ..issues import IssueCode, excerpt
from .element_reader import OpenElement, Taken
from .pieces import Item
from .point_coordinates import PointTag, read_point_tag
from .point_tag_style import PointTagStyle
from .telling import Telling

#: ``p=123, 456`` and ``1=123, 456``: tenths of a percent, which some answers of Molmo 1 have in place of a tag.
_BARE = r"(?<![\w.])(?:p|[0-9]{1,4})\s{0,4}=\s{0,4}(?P<x>[0-9]{3})\s{0,4},\s{0,4}(?P<y>[0-9]{3})"
_BARE_BEGUN = r"(?<![\w.])(?:p|[0-9]{1,4})\s{0,4}(?:=\s{0,4}(?:[0-9]{1,3}\s{0,4}(?:,\s{0,4}[0-9]{0,2})?+)?+)?+"
_TENTHS = 10
_TAG = r"<(?P<tag>points?|tracks)\s{1,4}(?=[-0-9.]|[A-Za-z]\w{0,11}\s{0,4}=)"
_NAME_BEGUN = r"<(?:p(?:o(?:i(?:n(?:ts?)?)?)?)?|t(?:r(?:a(?:c(?:ks?)?)?)?)?)?"
_TAG_BEGUN = r"<(?:points?|tracks)\s{1,4}(?:[A-Za-z]\w{0,11}\s{0,4})?"
_IN_TAG = re.compile(r"[\"'<>]")
_IN_QUOTES = {quote: re.compile(f"[{quote}<]") for quote in "\"'"}
_AFTER_LABEL = re.compile(r"[<\n]")
#: A label is not longer; a tag that is not closed by then has none.
LONGEST_LABEL = 256


class PointTagForms:
    """How elements with points begin; see ``ElementForms``."""

    cut = re.compile(rf"{_TAG_BEGUN}|(?=<..){_NAME_BEGUN}")

    def __init__(self, style: PointTagStyle) -> None:
        self._style = style
        self.opening, self.undecided = _OPENINGS[style]

    def begin(self, opening: re.Match[str], first: int, _before: str, telling: Telling) -> OpenElement:
        """See ``ElementForms``."""
        if opening["tag"] is None:
            return _BarePoint(opening, first, telling)
        return _Tag(opening, first, telling, self._style)


_OPENINGS = {
    PointTagStyle.NUMBERED: (
        re.compile(rf"{_TAG}|{_BARE}"),
        re.compile(rf"(?:{_TAG_BEGUN}|{_NAME_BEGUN}|{_BARE_BEGUN})\Z"),
    ),
    PointTagStyle.COORDS: (re.compile(_TAG), re.compile(rf"(?:{_TAG_BEGUN}|{_NAME_BEGUN})\Z")),
}


class _BarePoint:
    """A point without a tag, which is whole when it begins."""

    def __init__(self, opening: re.Match[str], first: int, telling: Telling) -> None:
        self._start = first + opening.start()
        self._numbers = int(opening["x"]) / _TENTHS, int(opening["y"]) / _TENTHS
        self._telling = telling

    def take(self, _text: str, at: int, first: int) -> Taken:
        """See ``OpenElement``."""
        item = Item(kind=AnnotationKind.POINT, numbers=self._numbers)
        self._telling.found(self._start, first + at, item)
        return Taken(at, has_ended=True)

    def cut(self, end: int) -> None:
        """See ``OpenElement``."""


class _Tag:
    """A tag from its name to its close tag, or to its end if it closes itself."""

    def __init__(self, opening: re.Match[str], first: int, telling: Telling, style: PointTagStyle) -> None:
        self._name = opening["tag"]
        self._style = style
        self._start = first + opening.start()
        self._close = f"</{self._name}>"
        self._telling = telling
        self._quote = ""
        self._inside = [opening[0]]  # what came of the open tag
        self._inside_end = 0  # the end of the open tag, when it is whole

    def take(self, text: str, at: int, first: int) -> Taken:
        """See ``OpenElement``."""
        if self._inside_end:
            return self._take_label(text, at, first)
        inside = self._take_tag(text, at, first)
        if isinstance(inside, Taken):
            return inside
        if self._inside[-1].endswith("/>"):
            self._tell(first + inside, "")
            return Taken(inside, has_ended=True)
        return self._take_label(text, inside, first)

    def _take_tag(self, text: str, at: int, first: int) -> Taken | int:
        """Go to the end of the open tag; where that is, if it is whole."""
        start = at
        while (token := (_IN_QUOTES[self._quote] if self._quote else _IN_TAG).search(text, at)) is not None:
            at = token.end()
            if token[0] == "<":
                self._telling.lost(self._start, first + at - 1)
                return Taken(at - 1, has_ended=True)
            if token[0] == ">":
                self._inside.append(text[start:at])
                self._inside = ["".join(self._inside)]
                self._inside_end = first + at
                return at
            self._quote = "" if self._quote else token[0]
        self._inside.append(text[start:])
        return Taken(len(text), has_ended=False)

    def _take_label(self, text: str, at: int, first: int) -> Taken:
        """Go to the close tag; what has come of the label stays in ``text``."""
        end = _AFTER_LABEL.search(text, at, at + LONGEST_LABEL + 1)
        if end is None and len(text) - at <= LONGEST_LABEL:
            return Taken(at, has_ended=False)
        if end is not None and end[0] == "<":
            rest = text[end.start() : end.start() + len(self._close)]
            if rest == self._close:
                stop = end.start() + len(rest)
                self._tell(first + stop, text[at : end.start()])
                return Taken(stop, has_ended=True)
            if self._close.startswith(rest):
                return Taken(at, has_ended=False)
        self._tell_unclosed(first + at, IssueCode.INVALID_ITEM)
        return Taken(at, has_ended=True)

    def _tell(self, end: int, label: str) -> None:
        content, remarks = read_point_tag(self._tag(label), self._style)
        self._telling.found(self._start, end, content, *remarks)

    def _tell_unclosed(self, end: int, code: IssueCode) -> None:
        """The close tag is missing; salvage keeps the points."""
        content = read_point_tag(self._tag(""), self._style).content if self._telling.salvage else None
        if content is None:
            self._telling.lost(self._start, end, code)
        else:
            remark = self._telling.remark(self._start, end, code, recovered=True)
            self._telling.found(self._start, end, content, remark)
            self._telling.truncated |= code is IssueCode.TRUNCATED_ELEMENT

    def cut(self, end: int) -> None:
        """See ``OpenElement``."""
        self._tell_unclosed(end, IssueCode.TRUNCATED_ELEMENT)

    def _tag(self, label: str) -> PointTag:
        text = "".join(self._inside)
        return PointTag(self._name, text.removeprefix("<" + self._name), label, excerpt(text), not self._inside_end)
