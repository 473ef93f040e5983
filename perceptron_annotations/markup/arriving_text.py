"""The end of an answer while it arrives: whether the tag or the leaf that it cuts has ended."""

from __future__ import annotations

import re

from . import truncation

#: The open tag of a leaf, and text without tags: no event comes of it before the leaf is closed.
LEAF_OPENED = re.compile(r"[^<>]*+<[pP][^<>]*+>[^<>]*+")
#: A leaf that is longer is not looked at as a whole.
_MOST_DEFERRED = 256


class HeldTag:
    """The start of a tag that has not ended, and whether the end of the text lies inside quotes."""

    def __init__(self, start: int, text: str) -> None:
        self.start = start
        self._chunks = [text]
        self._quote = ""
        # Until the name is over, a held tag is a few letters and every chunk decides it.
        self._in_attributes = truncation.CUT_ATTRIBUTES.match(text) is not None
        if self._in_attributes:
            self._advance(text, 1)

    @property
    def text(self) -> str:
        return "".join(self._chunks)

    def undecided_after(self, delta: str) -> bool:
        """Add ``delta``; whether the tag is still neither complete nor impossible."""
        self._chunks.append(delta)
        return self._in_attributes and not self._advance(delta, 0)

    def _advance(self, text: str, at: int) -> bool:
        """Follow the quotes through ``text`` from ``at``; whether a ``<`` or ``>`` outside them ends the tag."""
        while True:
            if self._quote:
                at = text.find(self._quote, at) + 1
                if at == 0:
                    return False
                self._quote = ""
            match = truncation.QUOTE_OR_END.search(text, at)
            if match is None:
                return False
            if match.group() in "<>":
                return True
            self._quote = match.group()
            at = match.end()


def unfinished_leaf(text: str) -> int:
    """The place of a leaf, or a tag, that the end of ``text`` cuts; its length, if there is none or it is far away."""
    last = text.rfind("<")
    if last < 0:
        return len(text)
    if ">" not in text[last:]:
        before = text.rfind("<", 0, last)
        if before >= 0 and text[before + 1] in "pP":
            last = before
    elif text[last + 1] not in "pP":
        return len(text)
    return last if len(text) - last <= _MOST_DEFERRED else len(text)
