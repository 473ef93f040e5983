"""A text that is a JSON list, or an object with one under ``annotations`` → its items in their places.

The items are decoded one by one, so a text that is cut off, or broken at some place, gives all that came whole before.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import Any

from msgspec import Struct

from ..issues import Span

#: What may stand before and behind the JSON: a byte order mark, and one Markdown fence.
HEAD = re.compile(r"[\s\ufeff]*+(?:```[A-Za-z]{0,16}+\s*+)?+")
TAIL = re.compile(r"\s*+(?:```)?+\s*+")
_SPACE = re.compile(r"[\s\ufeff]*+")
_DECODER = json.JSONDecoder()
#: The longest thing that the end of a text can cut without the decoder pointing at the end: a word, ``\u12ab``.
_LONGEST_CUT = 9


class End(Enum):
    """How a list ends."""

    WHOLE = auto()
    """All of the text was read; there is nothing behind it but a fence."""
    CUT = auto()
    """The text ends inside the list, or inside the object that holds it."""
    BROKEN = auto()
    """From some place on it is not JSON."""
    EARLY = auto()
    """The text ends before a list begins."""
    FOLLOWED = auto()
    """The JSON ends, and other text comes after it."""


class JsonList(Struct, frozen=True):
    """The items of a list with their places, how it ends, and where what could not be read begins."""

    items: tuple[tuple[Span, Any], ...]
    end: End
    #: What is left from the item that is cut or broken; empty if there is none.
    rest: Span
    #: Whether the list is that of an object, under ``annotations``.
    named: bool
    message: str = ""


class _Stop(Exception):  # noqa: N818 - it never leaves the module
    """The JSON cannot be read on from ``at``."""

    def __init__(self, at: int, message: str, *, cut: bool) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.cut = cut


class _Cursor:
    """Reads JSON from left to right."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def peek(self) -> str:
        """The next character that is not white space; raises ``_Stop`` at the end of the text."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        if self.at == len(self.text):
            raise _Stop(self.at, "the text ends", cut=True)
        return self.text[self.at]

    def take(self, expected: str) -> None:
        """Step over ``expected``, or raise ``_Stop``."""
        if self.peek() != expected:
            if TAIL.fullmatch(self.text, self.at):  # the fence was closed, the JSON was not
                raise _Stop(len(self.text), "the text ends", cut=True)
            raise _Stop(self.at, f"{expected!r} expected", cut=False)
        self.at += 1

    def value(self) -> Any:
        """Decode the value here, or raise ``_Stop``."""
        start = self.at
        try:
            found, self.at = _DECODER.raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            raise _Stop(start, error.msg, cut=self._is_cut(error)) from None
        except (ValueError, RecursionError) as error:  # digits without end, brackets without end
            raise _Stop(start, str(error), cut=False) from None
        return found

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        length = len(self.text.rstrip())
        return error.pos >= length or error.msg.startswith("Unterminated string") or self._ends_in_a_word(error.pos)

    def _ends_in_a_word(self, at: int) -> bool:
        left = self.text[at : at + _LONGEST_CUT + 1]
        return len(left) <= _LONGEST_CUT and (left.startswith("\\") or left.isalpha() or left == "-")


def read_list(text: str) -> JsonList | None:
    """The list that ``text`` begins with, or that an object there has as ``annotations``; None if there is none."""
    head = HEAD.match(text)
    cursor = _Cursor(text, head.end() if head else 0)
    try:
        named = cursor.peek() == "{"
        if not (_enter(cursor) if named else cursor.peek() == "["):
            return None
    except _Stop as stop:
        if not stop.cut:
            return None
        return JsonList((), End.EARLY, Span(len(text), len(text)), False, stop.message)
    items: list[tuple[Span, Any]] = []
    try:
        _read_items(cursor, items)
        if named:
            _leave(cursor)
    except _Stop as stop:
        return JsonList(
            tuple(items), End.CUT if stop.cut else End.BROKEN, Span(stop.at, len(text)), named, stop.message
        )
    end = End.WHOLE if TAIL.fullmatch(text, cursor.at) else End.FOLLOWED
    return JsonList(tuple(items), end, Span(len(text), len(text)), named)


def _enter(cursor: _Cursor) -> bool:
    """Go to the value of ``annotations``; whether there is one, and it is a list or null."""
    cursor.take("{")
    while cursor.peek() == '"':
        name = cursor.value()
        cursor.take(":")
        first = cursor.peek()
        if name == "annotations":
            return first in "[n"
        cursor.value()
        if cursor.peek() != ",":
            return False
        cursor.take(",")
    return False


def _read_items(cursor: _Cursor, items: list[tuple[Span, Any]]) -> None:
    """Read the list, or null, at the cursor."""
    if cursor.peek() == "n":
        cursor.value()
        return
    cursor.take("[")
    while cursor.peek() != "]":
        start = cursor.at
        value = cursor.value()
        items.append((Span(start, cursor.at), value))
        if cursor.peek() != "]":
            cursor.take(",")
    cursor.take("]")


def _leave(cursor: _Cursor) -> None:
    """Read the rest of the object around the list."""
    while cursor.peek() == ",":
        cursor.take(",")
        if cursor.peek() == "}":
            break
        cursor.value()
        cursor.take(":")
        cursor.peek()
        cursor.value()
    cursor.take("}")
