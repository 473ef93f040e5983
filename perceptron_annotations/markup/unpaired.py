"""Tags without a partner: prose, or the trace of an element whose other tag is missing?

What counts is whether coordinates stand beside them. The texts come in; what is lost with a tag goes out, and the tree
makes issues of it.
"""

from __future__ import annotations

import re
from functools import cache

from ..issues import Span
from . import grammar
from .attributes import clip_attributes
from .open_elements import OpenTag, Source


def lost_with(tag: OpenTag, text: str) -> Span | None:
    """What an open tag without its close tag loses, if ``text`` follows it; None if it is prose."""
    if text and (ahead := grammar.COORDINATES_AHEAD.match(text)) is not None:
        return Span(tag.start, tag.end + ahead.end())
    if tag.tag == "clip" and clip_attributes(tag.attributes).value is not None:
        return Span(tag.start, tag.end)
    return None


def leading_body(tag: OpenTag, text: str, *, on_grid: bool) -> str | None:
    """The body that a tag without its close tag surely has, at the start of ``text``; None if there is none."""
    if tag.tag == "clip":
        return ""
    found = (grammar.LEADING_PAIRS if on_grid else grammar.LEADING_DECIMAL_PAIRS).match(text)
    return None if found is None else found.group()


def coordinates_behind(source: Source, last_end: int, start: int) -> int | None:
    """Where the coordinates begin that end at the close tag at ``start``, none of them before ``last_end``."""
    window = max(last_end, start - grammar.BEHIND_WINDOW)
    text = source[window:start]
    last = text.rstrip()[-1:]
    if not (last.isdecimal() or last in _ENDS_OF_COORDINATES):  # as before most tags; the search is long
        return None
    behind = grammar.COORDINATES_BEHIND.search(text)
    return None if behind is None else window + behind.start()


#: The last character of coordinates, if it is not a digit.
_ENDS_OF_COORDINATES = frozenset(".)]")


def cut_tag(text: str) -> str | None:
    """The start of a tag at the very end of ``text``; a lone ``<`` or ``<p`` is more likely prose."""
    first = grammar.TAG_START.search(text)
    if first is None:
        return None
    # Only in quotes may another "<" follow in the tag that is cut.
    may_be_quoted = '"' in text or "'" in text
    cut = _open_end().search(text, first.start() if may_be_quoted else text.rindex("<"))
    if cut is None:
        return None
    whole_name = cut.group(1) is not None
    return cut.group() if whole_name or len(cut.group().lstrip("</")) >= grammar.CUT_TAG_LETTERS else None


@cache
def _open_end() -> re.Pattern[str]:
    from .truncation import OPEN_END

    return OPEN_END
