"""Matches of the grammar's token pattern → what they are.

Plain elements, which are nearly all of an answer, come whole out of a single match, with the function that reads their
groups; the other matches become a :class:`Token` here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeAlias

from msgspec import Struct

from ..geometry import Annotation
from ..issues import Issue, Span
from . import grammar
from .leaves import plain_box, plain_clip, plain_point, plain_polygon

PlainReader: TypeAlias = Callable[[re.Match[str], Span, list[Issue]], Annotation]

#: By ``lastindex`` of the match: the tag of a plain element, and what reads it.
PLAIN: dict[int | None, tuple[str, PlainReader]] = {
    grammar.PLAIN_BOX[-1]: ("point_box", plain_box),
    grammar.PLAIN_POINT[-1]: ("point", plain_point),
    grammar.PLAIN_POLYGON[-1]: ("polygon", plain_polygon),
    grammar.PLAIN_CLIP[-1]: ("clip", plain_clip),
}


class TokenKind(Enum):
    """What a match that is not a plain element turns out to be."""

    LEAF = auto()
    """A whole point, point_box or polygon."""
    OPEN = auto()
    CLOSE = auto()
    CLIP = auto()
    """A self-closing clip, the only tag that may close itself."""
    SKIPPED = auto()
    """A tag that can take part in no element: a self-closing point, a close tag with attributes. It is not a
    token, but it still takes its text: what its quotes hold is not looked at again."""


class Token(Struct, frozen=True, gc=False):
    """A tag, or a whole leaf with its body."""

    kind: TokenKind
    tag: str
    attributes: str = ""
    body: str = ""


def token_of(match: re.Match[str]) -> Token:
    """The token of any match, be it a plain element."""
    if plain := PLAIN.get(match.lastindex):
        return _token_of_plain(plain[0], match.group())
    if match.lastindex == grammar.WHOLE_LEAF[-1]:
        return Token(TokenKind.LEAF, *match.group(*grammar.WHOLE_LEAF))
    slash, name, attributes = match.group(*grammar.TAG)
    tag = name.lower()
    stripped = attributes.rstrip()
    if slash:
        return Token(TokenKind.SKIPPED if stripped else TokenKind.CLOSE, tag)
    if not stripped.endswith("/"):
        return Token(TokenKind.OPEN, tag, attributes)
    return Token(TokenKind.CLIP if tag == "clip" else TokenKind.SKIPPED, tag, stripped[:-1])


def _token_of_plain(tag: str, text: str) -> Token:
    if tag == "clip":
        return Token(TokenKind.CLIP, tag, text[len("<clip") : -len("/>")])
    head, _, body = text[: text.rindex("<")].rpartition(">")  # a mention may hold ">", a plain body not
    return Token(TokenKind.LEAF, tag, head[len("<") + len(tag) :], body)
