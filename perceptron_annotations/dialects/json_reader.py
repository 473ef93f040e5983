"""The objects of an answer in JSON, each as its closing brace arrives.

A reader walks through the quotes and braces of what arrives and keeps the objects that are open; the text of one is
decoded when it closes. So an object that is broken costs itself, and what stands around the objects costs nothing. An
object as models nearly always write it is matched as a whole instead, and says the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..geometry import AnnotationKind
from ..issues import IssueCode, Span, excerpt
from ..received_text import Received
from .json_decoding import decoded, decoded_apart, decoded_at_once
from .json_items import Said, said_by, said_by_all
from .json_shapes import BOX_KEYS, GEOMETRY_KEYS, SIDE_KEYS
from .json_surroundings import Surroundings
from .pieces import Found, Item, Piece, Prose, Remark, Syntax

_NUMBER = r"(-?+(?:0|[1-9][0-9]{0,14}+)(?:\.[0-9]{1,17}+)?+)"
_FOUR = r"\s*+,\s*+".join([_NUMBER] * 4)
_BOX = rf'"(?:{"|".join(sorted(BOX_KEYS))})"\s*+:\s*+\[\s*+{_FOUR}\s*+\]'
_LABEL = r'"label"\s*+:\s*+"([^"\\\x00-\x1f]++)"'
#: An object with a box and a label, as models nearly always write one: four numbers and the label, or the reverse.
_PLAIN = re.compile(rf"\{{\s*+(?:{_BOX}\s*+,\s*+{_LABEL}|{_LABEL}\s*+,\s*+{_BOX})\s*+\}}")
#: An object with no other in it, as far as its braces and quotes say.
_FLAT = re.compile(r"""\{(?:[^{}"'\\]++|"[^"\\\n]*+")*+\}""")
#: What salvage looks for in an object that is broken or cut: four numbers under any key, and a label, which may lack a
#: quote or its key.
_NEAR = re.compile(rf'"\w{{1,32}}+"\s*+:\s*+[\[(]++\s*+{_FOUR}(?=\s*+[\])])')
_NEAR_LABEL = re.compile(
    rf'{_LABEL}|"label"\s*+:\s*+"?+([^"\\\x00-\x1f{{}}\[\]]++)(?=[}}\]])|[\])]\s*+,\s*+"([^"\\\x00-\x1f]++)"\s*+\}}'
)

#: The beginning of an object: a brace before a string, or before a number that stands for a list or an object.
_OPENING = re.compile(r"""\{(?=\s{0,64}+(?:["'}]|[0-9]{1,9}+\s{0,8}+:\s{0,8}+[\[{]))""")
#: An opening brace of which it is not known yet what follows.
_UNDECIDED = re.compile(r"\{\s{0,64}+(?:[0-9]{1,9}+\s{0,8}+(?::\s{0,8}+)?+)?+\Z")
_TOKEN = re.compile(r"""["'{}:\[\]]""")
#: A key without quotes, before its colon.
_BARE_KEY = re.compile(r"[{,]\s{0,64}+([0-9]{1,9})\s{0,8}+\Z")
_STRING_TOKEN = {quote: re.compile(rf"[{quote}\\\n]") for quote in "\"'"}
#: What a single quote stands behind if a string begins with it.
_BEFORE_STRING = re.compile(r"[{\[(,:]\s{0,64}+\Z")
_BEHIND = 96
#: Longer strings are not keys.
_LONGEST_KEY = 32
#: Objects inside each other; deeper ones belong to the last of these.
_MOST_DEPTH = 8


class _Open:
    """An object that is open."""

    def __init__(self, start: int, *, value: bool, inner: bool) -> None:
        self.start = start
        #: Whether it is the value of a field of another object, and not a member of a list.
        self.value = value
        #: Whether that field is the geometry of the other, so that both are one element.
        self.inner = inner
        #: The last key in it.
        self.key = ""
        #: Whether it says itself where it is.
        self.placed = False
        #: The lists in it that are open.
        self.lists = 0
        #: The keys by which it says where it is, and whether one of them stands twice.
        self.places: set[str] = set()
        self.is_doubled = False


class JsonReader:
    """Reads one answer; see ``SurfaceReader``."""

    def __init__(self, start: int, *, salvage: bool, keyed_by_second: bool = False) -> None:
        self.truncated = False
        self._salvage = salvage
        self._keyed_by_second = keyed_by_second
        self._received = Received()
        self._start = start
        self._around = Surroundings()
        self._told = 0  # how much of the answer is told
        self._undecided = ""  # the end of the last text, if it may become an opening brace
        self._open: list[_Open] = []
        self._deeper = 0  # braces that are open beyond the deepest object
        self._quote = ""  # of the string that is open
        self._quoted_from = 0
        self._escaped = False
        self._key: Span | None = None  # the last string, if it may be a key
        self._is_value = False  # whether the last token was a colon
        self._pieces: list[Piece] = []

    def read(self, text: str) -> list[Piece]:
        """See ``SurfaceReader``."""
        self._received.append(text)
        text = self._undecided + text
        first = self._received.length - len(text)
        self._undecided = ""
        at = 0
        while at < len(text):
            if not self._open:
                at = self._look_for_object(text, at, first)
            elif self._quote:
                at = self._go_through_string(text, at, first)
            else:
                at = self._go_through_object(text, at, first)
        if not self._open:
            self._tell_around(self._received.length - len(self._undecided), decided=False)
        return self._taken()

    def finish(self) -> list[Piece]:
        """See ``SurfaceReader``."""
        end = self._received.length
        if self._undecided and not self._open:
            self._begin_cut_object(end - len(self._undecided))
        if self._open:
            self.truncated = True
            cut = next((each for each in self._open if each.start >= self._told and each.placed), self._open[-1])
            start = max(cut.start, self._told)
            self._tell_syntax(start)
            self._tell_broken(start, end, IssueCode.TRUNCATED_ELEMENT)
        else:
            self._pieces += self._around.last(self._received, self._told, end, self._start)
        self.truncated |= self._around.is_list_open
        return self._taken()

    def _taken(self) -> list[Piece]:
        taken, self._pieces = self._pieces, []
        return taken

    def _begin_cut_object(self, start: int) -> None:
        """A brace ends the answer: the beginning of an object if it stands in a list."""
        stretch = self._received[self._told : start]
        if self._around.is_list_open or self._around.opens_list(stretch):
            self._tell_around(start, decided=True)
            self._push(start)

    # -- between objects ---------------------------------------------------------------------------------------------

    def _look_for_object(self, text: str, at: int, first: int) -> int:
        """Go to the next object of ``text``, which begins at ``first``, and past its beginning."""
        opening = _OPENING.search(text, at)
        if opening is None:
            undecided = _UNDECIDED.search(text, max(at, len(text) - _BEHIND))
            self._undecided = undecided[0] if undecided else ""
            return len(text)
        start = opening.start()
        self._tell_around(first + start, decided=True)
        plain = _PLAIN.match(text, start)
        if plain is not None:
            self._tell(Found(self._span(first + start, first + plain.end()), _plain_item(plain)), first + plain.end())
            return plain.end()
        flat = _FLAT.match(text, start)
        fields = decoded_at_once(flat[0]) if flat else None
        if flat is None or fields is None:
            self._push(first + start)
            return start + 1
        self._tell_said(self._said(fields, flat[0]), first + start, first + flat.end(), fields)
        return flat.end()

    def _tell_around(self, end: int, *, decided: bool) -> None:
        """Tell what stands between two objects; if the next is not ``decided``, so much as is clear without it."""
        around = self._around
        pieces = (around.between if decided else around.so_far)(self._received, self._told, end, self._start)
        for piece in pieces:
            self._pieces.append(piece)
            self._told = piece.span.end - self._start

    # -- in an object ------------------------------------------------------------------------------------------------

    def _go_through_object(self, text: str, at: int, first: int) -> int:
        """Go past the next token."""
        token = _TOKEN.search(text, at)
        if token is None:
            return len(text)
        char, at = token[0], token.end()
        if char in "\"'":
            if char == '"' or self._begins_string(first + at - 1):
                self._quote, self._quoted_from = char, first + at
            return at
        is_value, self._is_value = self._is_value, char == ":"
        if self._deeper:
            self._deeper += (char == "{") - (char == "}")
        elif char == ":":
            self._take_key(first + at - 1)
        elif char == "}":
            self._close(first + at)
        elif char == "[":
            self._open[-1].lists += 1
        elif char == "]" and self._open[-1].lists:
            self._open[-1].lists -= 1
        elif (char == "]" or not (is_value or self._open[-1].lists)) and self._is_element(self._open[-1]):
            self._give_up(first + at - 1)  # its closing brace is missing
            return at - 1
        elif char == "{":
            self._push(first + at - 1, value=is_value)
        return at

    def _is_element(self, opened: _Open) -> bool:
        """Whether an open object is an element and does not only hold others."""
        return opened.placed or self._told <= opened.start

    def _begins_string(self, at: int) -> bool:
        return _BEFORE_STRING.search(self._received[max(at - _BEHIND, 0) : at]) is not None

    def _go_through_string(self, text: str, at: int, first: int) -> int:
        """Go past the next character of a string that ends it, or escapes another."""
        if self._escaped:
            self._escaped = False
            return at + 1
        token = _STRING_TOKEN[self._quote].search(text, at)
        if token is None:
            return len(text)
        if token[0] == "\\":
            self._escaped = True
        elif token[0] == "\n":  # its end quote is missing
            self._quote = ""
            self._give_up(first + token.start())
        else:
            self._key = Span(self._quoted_from, first + token.start())
            self._quote, self._is_value = "", False
        return token.end()

    def _take_key(self, colon: int) -> None:
        """The string before a colon, or the number, is the key of a field."""
        innermost, key = self._open[-1], self._key
        self._key = None
        bare = _BARE_KEY.search(self._received[max(colon - _BEHIND, 0) : colon])
        if bare is not None:
            innermost.key = bare[1]
        elif key is None or key.end - key.start > _LONGEST_KEY:
            innermost.key = ""
        else:
            innermost.key = self._received[key.start : key.end]
        if innermost.key in GEOMETRY_KEYS or innermost.key in SIDE_KEYS:
            innermost.placed = True
            innermost.is_doubled |= innermost.key in innermost.places
            innermost.places.add(innermost.key)

    def _push(self, start: int, *, value: bool = False) -> None:
        if len(self._open) == _MOST_DEPTH:
            self._deeper += 1
            return
        inner = bool(self._open) and (self._open[-1].inner or self._open[-1].key in GEOMETRY_KEYS)
        self._open.append(_Open(start, value=value, inner=inner))
        self._is_value = False

    def _close(self, end: int) -> None:
        """The innermost object ends."""
        closed = self._open.pop()
        if closed.inner:
            return
        has_told = self._told > closed.start
        if has_told and not closed.placed:
            self._tell_syntax(end)
            return
        text = self._received[closed.start : end]
        fields = decoded(text)
        if fields is None:
            self._tell_syntax(max(closed.start, self._told))
            self._tell_broken(self._told, end, IssueCode.INVALID_ITEM)
            return
        said = said_by_all(decoded_apart(text), excerpt(text)) if closed.is_doubled else self._said(fields, text)
        is_part = said.content is None and self._open and (closed.value or not said.remarks)
        if not is_part:
            self._tell_said(said, closed.start, end, fields)

    def _said(self, fields: Mapping[str, Any], text: str) -> Said:
        around = self._open[-1].key if self._keyed_by_second and self._open else ""
        second = float(around) if around.isdecimal() else None
        return said_by(fields, excerpt(text), second=second, salvage=self._salvage)

    def _tell_said(self, said: Said, start: int, end: int, fields: Mapping[str, Any]) -> None:
        """An object that is an element, or stands for itself."""
        self._tell_syntax(max(start, self._told))
        span = self._span(self._told, end)
        if said.content is not None or said.remarks:
            self._tell(Found(span, said.content, said.remarks), end)
        else:
            self._tell(Prose(span) if any(fields.values()) else Syntax(span), end)

    def _give_up(self, end: int) -> None:
        """The innermost object is broken at ``end``."""
        broken = self._open.pop()
        while broken.inner and self._open:  # it is a part of the one around it
            broken = self._open.pop()
        self._deeper = 0
        start = max(broken.start, self._told)
        self._tell_syntax(start)
        self._tell_broken(start, end, IssueCode.INVALID_ITEM)

    # -- telling -----------------------------------------------------------------------------------------------------

    def _span(self, start: int, end: int) -> Span:
        return Span(self._start + start, self._start + end)

    def _tell(self, piece: Piece, end: int) -> None:
        self._pieces.append(piece)
        self._told = end
        self._around.after_object()

    def _tell_syntax(self, end: int) -> None:
        """What is not told yet up to ``end`` belongs to objects that hold others."""
        if end > self._told:
            self._tell(Syntax(self._span(self._told, end)), end)

    def _tell_broken(self, start: int, end: int, code: IssueCode) -> None:
        """A stretch that is not whole objects; those that are hidden in it are found all the same."""
        text = self._received[start:end]
        at = 0
        for plain in _PLAIN.finditer(text):
            if plain.start() > at:
                self._tell_lost(text[at : plain.start()], start + at, IssueCode.INVALID_ITEM)
            at = plain.end()
            self._tell(Found(self._span(start + plain.start(), start + at), _plain_item(plain)), start + at)
        if at < len(text):
            self._tell_lost(text[at:], start + at, code)

    def _tell_lost(self, text: str, start: int, code: IssueCode) -> None:
        """A stretch of which only salvage keeps anything."""
        end = start + len(text)
        near = _NEAR.search(text) if self._salvage else None
        if near is None:
            self._tell(Found(self._span(start, end), None, (Remark(code, excerpt(text)),)), end)
            return
        label = _NEAR_LABEL.search(text)
        item = Item(
            kind=AnnotationKind.BOX,
            numbers=_floats(*near.groups()),
            label=label[label.lastindex or 0].strip() if label else None,
        )
        self._tell(Found(self._span(start, end), item, (Remark(code, excerpt(text), recovered=True),)), end)


def _plain_item(plain: re.Match[str]) -> Item:
    a, b, c, d, label, label_first, e, f, g, h = plain.groups()
    if label is None:
        return Item(kind=AnnotationKind.BOX, numbers=_floats(e, f, g, h), label=label_first)
    return Item(kind=AnnotationKind.BOX, numbers=_floats(a, b, c, d), label=label)


def _floats(a: str, b: str, c: str, d: str) -> tuple[float, ...]:
    return float(a), float(b), float(c), float(d)
