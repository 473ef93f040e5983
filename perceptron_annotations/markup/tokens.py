"""Matches of the grammar's token pattern → what they are.

Plain elements, which are nearly all of an answer, come whole out of a single match, and :data:`PLAIN` has the function
that reads its groups; so do the plain tags of containers. The other matches become a :class:`Token` here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeAlias

from ..issues import Issue, Span
from . import grammar
from .nodes import Element
from .plain_elements import plain_box, plain_clip, plain_point, plain_polygon

#: Gets a match, its place, the row of its value and the issues so far; makes the element, or None if that is not plain
#: after all, or cannot be read.
PlainReader: TypeAlias = Callable[[re.Match[str], Span, int, list[Issue]], Element | None]

_PLAIN: dict[int, PlainReader] = {
    grammar.PLAIN_BOX[-1]: plain_box,
    grammar.PLAIN_POINT[-1]: plain_point,
    grammar.PLAIN_POLYGON[-1]: plain_polygon,
    grammar.PLAIN_CLIP[-1]: plain_clip,
}
#: By ``lastindex`` of the match: what reads a plain element; None for what is not plain.
PLAIN = [_PLAIN.get(last) for last in range(grammar.TAG[-1] + 1)]
#: In a frame other than the grid nothing is plain.
NONE_PLAIN: list[PlainReader | None] = [None] * len(PLAIN)


class TokenKind(Enum):
    """What a match that is not a plain element turns out to be."""

    LEAF = auto()
    """A whole point, point_box or polygon."""
    CONTAINER = auto()
    """The open tag of a track or collection."""
    OPEN = auto()
    """The open tag of a leaf or clip."""
    CLOSE = auto()
    CLIP = auto()
    """A self-closing clip, the only tag that may close itself."""
    SKIPPED = auto()
    """A tag that can take part in no element: a self-closing point, a close tag with attributes. It is not a
    token, but it still takes its text: what its quotes hold is not looked at again."""


#: What it is, its tag, its attributes and its body.
Token: TypeAlias = tuple[TokenKind, str, str, str]
#: Looked up once: the way to a member of an enum is long.
_LEAF, _CONTAINER, _OPEN, _CLOSE, _CLIP, _SKIPPED = TokenKind


def token_of(match: re.Match[str]) -> Token:
    """The token of any match, be it a plain element."""
    last = match.lastindex
    if last == _LAST_OF_TAG:
        return _token_of_tag(match[_SLASH], match[_NAME], match[_ATTRIBUTES])
    if last == _LAST_OF_CLOSE:
        return _CLOSE, match[_LAST_OF_CLOSE], "", ""
    if last == _LAST_OF_OPEN:
        return _CONTAINER, match[_OPENED], match[_LAST_OF_OPEN], ""
    if last == _LAST_OF_LEAF:
        name, attributes, body = match.group(*grammar.WHOLE_LEAF)
        return _LEAF, name.lower(), attributes, body
    return _token_of_plain(match)


_OPENED, _LAST_OF_OPEN = grammar.PLAIN_OPEN
_LAST_OF_CLOSE, _LAST_OF_LEAF, _LAST_OF_TAG = grammar.PLAIN_CLOSE[-1], grammar.WHOLE_LEAF[-1], grammar.TAG[-1]
_SLASH, _NAME, _ATTRIBUTES = grammar.TAG


def _token_of_tag(slash: str, name: str, attributes: str) -> Token:
    tag = name.lower()
    if not attributes:
        return _CLOSE if slash else _CONTAINER if tag in grammar.CONTAINER_TAGS else _OPEN, tag, "", ""
    stripped = attributes.rstrip()
    if slash:
        return _SKIPPED if stripped else _CLOSE, tag, "", ""
    if not stripped.endswith("/"):
        return _CONTAINER if tag in grammar.CONTAINER_TAGS else _OPEN, tag, attributes, ""
    return _CLIP if tag == "clip" else _SKIPPED, tag, stripped[:-1], ""


#: By ``lastindex`` of a plain match: its tag, and the group of its attributes.
_PLAIN_TAGS = {
    groups[-1]: (tag, groups[0])
    for tag, groups in (
        ("point_box", grammar.PLAIN_BOX),
        ("point", grammar.PLAIN_POINT),
        ("polygon", grammar.PLAIN_POLYGON),
        ("clip", grammar.PLAIN_CLIP),
    )
}


def _token_of_plain(match: re.Match[str]) -> Token:
    tag, group = _PLAIN_TAGS[match.lastindex or 0]
    if tag == "clip":
        return _CLIP, tag, match[group], ""
    text = match.group()
    body = text[match.end(group) + len(">") - match.start() : text.rindex("<")]
    return _LEAF, tag, match[group], body
