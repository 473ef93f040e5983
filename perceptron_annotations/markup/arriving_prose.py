"""Prose of an answer that arrives, as it is told: without the special tokens that salvage takes out of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..issues import Span
from ..received_text import Received
from . import grammar, truncation
from .stream_events import TextDelta


def settled_prose(received: Received, told: int, end: int) -> int:
    """How far the prose from ``told`` to ``end`` is sure: up to a special token that the end may cut."""
    tail = max(told, end - grammar.SPECIAL_TOKEN_LENGTH)
    special = truncation.CUT_SPECIAL_TOKEN.search(received[tail:end]) if tail < end else None
    return end if special is None else tail + special.start()


def prose_deltas(text: str, start: int, *, salvage: bool) -> Iterator[TextDelta]:
    """Prose that begins at ``start``; salvage leaves the special tokens out."""
    at = 0
    if salvage and "<|" in text:
        for match in grammar.SPECIAL_TOKEN.finditer(text):
            if match.start() > at:
                yield TextDelta(text[at : match.start()], Span(start + at, start + match.start()))
            at = match.end()
    if at < len(text):
        yield TextDelta(text[at:], Span(start + at, start + len(text)))
