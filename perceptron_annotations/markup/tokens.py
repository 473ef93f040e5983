"""Text → tags, told one after the other to whoever builds from them.

A tag that cannot take part in any element (a self-closing point, a close tag with attributes) is no token, but it
still takes its text: what stands inside its quotes is not looked at again. The one idea: whole leaves, which are nearly
all of an answer, come out of a single match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from ..geometry import Annotation
from ..issues import Issue, Span
from . import grammar
from .leaves import plain_box, plain_clip, plain_point, plain_polygon


class TagSink(Protocol):
    """Who is told of the tags, in order of their place."""

    def element(self, tag: str, value: Annotation, span: Span) -> None:
        """A whole leaf or clip that is read already."""

    def leaf(self, tag: str, attributes: str, body: str, start: int, end: int) -> None:
        """A whole point, point_box or polygon."""

    def open(self, tag: str, attributes: str, start: int, end: int) -> None:
        """An open tag."""

    def close(self, tag: str, start: int, end: int) -> None:
        """A close tag."""

    def self_closing_clip(self, attributes: str, start: int, end: int) -> None:
        """``<clip … />``."""

    def skip(self, start: int, end: int) -> None:
        """A tag that is no token."""


_Reader: TypeAlias = Callable[[re.Match[str], Span, list[Issue]], Annotation]
#: By ``lastindex``: the tag of a plain element, and what reads it.
_PLAIN: dict[int | None, tuple[str, _Reader]] = {
    grammar.PLAIN_BOX[-1]: ("point_box", plain_box),
    grammar.PLAIN_POINT[-1]: ("point", plain_point),
    grammar.PLAIN_POLYGON[-1]: ("polygon", plain_polygon),
    grammar.PLAIN_CLIP[-1]: ("clip", plain_clip),
}


def tell(matches: Iterable[re.Match[str]], offset: int, sink: TagSink, issues: list[Issue]) -> None:
    """Tell ``sink`` every match of ``grammar.TOKEN``; ``offset`` is the place of the matched text in the answer.

    Warnings about elements that are read here go to ``issues``.
    """
    for match in matches:
        start, end = match.span()
        plain = _PLAIN.get(match.lastindex)
        if plain is not None:
            tag, read = plain
            span = Span(start + offset, end + offset)
            sink.element(tag, read(match, span, issues), span)
        elif match.lastindex == grammar.WHOLE_LEAF[-1]:
            tag, attributes, body = match.group(*grammar.WHOLE_LEAF)
            sink.leaf(tag, attributes, body, start + offset, end + offset)
        else:
            slash, name, attributes = match.group(*grammar.TAG)
            _tell_tag(slash, name.lower(), attributes, start + offset, end + offset, sink)


def _tell_tag(slash: str, tag: str, attributes: str, start: int, end: int, sink: TagSink) -> None:
    stripped = attributes.rstrip()
    if slash:
        if stripped:
            sink.skip(start, end)
        else:
            sink.close(tag, start, end)
    elif not stripped.endswith("/"):
        sink.open(tag, attributes, start, end)
    elif tag == "clip":
        sink.self_closing_clip(stripped[:-1], start, end)
    else:
        sink.skip(start, end)
