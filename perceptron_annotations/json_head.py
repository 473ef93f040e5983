"""How a JSON file begins → what its first object is about: the names of its members, from a part of the file alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

#: A string, one that the part of the file or a line cuts off, a mark, or a number or word.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


class JsonHead(NamedTuple):
    """The outermost value of a file, and the first object in it: the value itself, or the first item of an array."""

    is_array: bool
    #: Each member that was seen, with the first token of its value.
    members: Mapping[str, bytes]
    #: Whether the first object goes on after a line end.
    spans_lines: bool

    def text(self, name: str) -> str:
        """What a member says that is a text, as it is written; empty for any other."""
        return self.members[name][1:-1].decode("utf-8", "replace") if self.has_text(name) else ""

    def has_text(self, name: str) -> bool:
        """Whether a member is a text."""
        return self.members.get(name, b"").startswith(b'"')

    def has_object(self, name: str) -> bool:
        """Whether a member is an object."""
        return self.members.get(name) == b"{"

    def has_array(self, name: str) -> bool:
        """Whether a member is an array."""
        return self.members.get(name) == b"["


def json_head(head: bytes) -> JsonHead | None:
    """What is seen of the first object; None if the bytes do not begin with an object, or with an array of them."""
    opening = re.match(rb"\s*(?:\{|(\[)\s*\{)", head)
    if opening is None:
        return None
    begin = opening.end() - 1
    members, end = _members(head, begin)
    first_line_end = head.find(b"\n", begin, end)
    # An object that is cut off in its line is followed by the next one.
    spans_lines = first_line_end >= 0 and not head[first_line_end:].lstrip(b"\r\n").startswith(b"{")
    return JsonHead(opening[1] is not None, members, spans_lines)


def _members(head: bytes, begin: int) -> tuple[dict[str, bytes], int]:
    """The members of the object that begins at a place, and where it or what is seen of it ends."""
    members: dict[str, bytes] = {}
    depth, last, name = 0, b"", None
    for token in _TOKEN.finditer(head, begin):
        found = token[0]
        if found == b'"':
            return members, len(head)
        if depth == 1 and found == b":":
            name = last[1:-1].decode("utf-8", "replace")
        elif depth == 1 and name is not None:
            members.setdefault(name, found)
            name = None
        depth += (found in (b"{", b"[")) - (found in (b"}", b"]"))
        if not depth:
            return members, token.end()
        last = found
    return members, len(head)
