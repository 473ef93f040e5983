"""The second form in which Mk1 answers: ``[{'point_box': (891,402), (939,495), 'label': 'brick'}, …]`` → items.

It looks like Python and is none, because the corners are bare tuples. Keys come in any order, quotes are single or
double, and the last item may be cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..issues import Span
from .grammar import LEAF_TAGS
from .json_list import HEAD, TAIL

_STRING = r"""'(?:[^'\\]|\\[\s\S])*+'|"(?:[^"\\]|\\[\s\S])*+\""""
#: A whole item; a brace in a string is not its end.
_ITEM = re.compile(rf"\{{(?:[^{{}}'\"]|{_STRING})*+\}}")
_TUPLES = r"[(\[][^()\[\]{}'\"]*+[)\]](?:\s*+,?+\s*+[(\[][^()\[\]{}'\"]*+[)\]])*+"
_MEMBER = re.compile(
    rf"""(?P<key>{_STRING})\s*+:\s*+(?:(?P<tuples>{_TUPLES})|(?P<text>{_STRING})|(?P<word>[^\s,{{}}'"()]++))"""
)
#: How such an answer begins, behind the head.
_FIRST = re.compile(
    rf"""\[?+\s*+\{{(?:(?:{_STRING})\s*+:\s*+(?:{_STRING}|[^\s,{{}}'"()]++)\s*+,\s*+)*+["'](?:point_box|point|polygon)["']\s*+:\s*+\("""
)
_GAP = re.compile(r"[\s,]*+")
#: What a model writes for "and so on".
_ELLIPSIS = re.compile(r"(?:\.\.\.|…)\s*+,?+\s*+")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


class ReprItem(NamedTuple):
    """One item: the tag and body of its leaf, its other fields, and whether the end of the text cuts it.

    The tag is empty if there is none among the fields.
    """

    span: Span
    tag: str
    body: str
    fields: dict[str, str]
    cut: bool = False


class ReprAnswer(NamedTuple):
    """The items of an answer, the span of them all, that of an ellipsis behind them, and whether the end is cut off."""

    items: tuple[ReprItem, ...]
    span: Span
    ellipsis: Span | None
    cut: bool


def read_repr(text: str) -> ReprAnswer | None:
    """The answer in that form, if all of ``text`` is in it, but for a fence."""
    head = HEAD.match(text)
    start = at = head.end() if head else 0
    if not _FIRST.match(text, at):
        return None
    listed = text[at] == "["
    at += listed
    items: list[ReprItem] = []
    ellipsis = None
    while True:
        at = _past(_GAP, text, at)
        if match := _ITEM.match(text, at):
            items.append(_item(text, Span(at, match.end()), cut=False))
            at = match.end()
        elif match := _ELLIPSIS.match(text, at):
            ellipsis = Span(at, match.end())
            at = match.end()
        else:
            break
    if not all(item.tag for item in items):
        return None
    if at < len(text) and text[at] == "{":
        items.append(_item(text, Span(at, len(text)), cut=True))
        return ReprAnswer(tuple(items), Span(start, len(text)), ellipsis, cut=True)
    closed = listed and at < len(text) and text[at] == "]"
    at += closed
    if TAIL.fullmatch(text, at) is None:
        return None
    return ReprAnswer(tuple(items), Span(start, at), ellipsis, cut=listed and not closed)


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _item(text: str, span: Span, *, cut: bool) -> ReprItem:
    tag = body = ""
    fields: dict[str, str] = {}
    for key, value in _members(text, span):
        if value[0] in "([" and key in LEAF_TAGS:
            tag, body = key, value
        elif value not in ("None", "null"):
            fields[key] = _unquoted(value) if value[0] in "'\"" else value
    return ReprItem(span, tag, body, fields, cut)


def _members(text: str, span: Span) -> Iterator[tuple[str, str]]:
    for match in _MEMBER.finditer(text, span.start, span.end):
        yield _unquoted(match["key"]), match["tuples"] or match["text"] or match["word"]


def _unquoted(literal: str) -> str:
    return _ESCAPE.sub(_unescaped, literal[1:-1]) if "\\" in literal else literal[1:-1]


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[0])
