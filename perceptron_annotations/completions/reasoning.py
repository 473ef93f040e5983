"""The content of a message → the part that is the answer.

Models that think write ``<think>…</think>`` before their answer; a raw decode has special tokens such as
``<|endoftext|>`` around it. Both are set apart by position, so that every span still indexes the original content.
"""

from __future__ import annotations

from msgspec import Struct

from ..issues import Span
from ..markup import grammar

OPEN = "<think>"
CLOSE = "</think>"


class Split(Struct, frozen=True):
    """The places of the reasoning (None where there is none) and of the answer."""

    reasoning: Span | None
    answer: Span
    #: The reasoning was never closed: the output was cut off inside it, and the answer is empty.
    cut: bool = False


def split_reasoning(content: str) -> Split:
    """Where the reasoning and the answer stand in ``content``.

    Special tokens before and after come off first. Reasoning is what stands between a leading ``<think>`` and the
    first ``</think>``; the opener may be missing, as where a chat template has written it. White space stays.
    """
    start, end = _without_special_tokens(content)
    body = start + len(content[start:end]) - len(content[start:end].lstrip())
    opened = content.startswith(OPEN, body, end)
    begin = body + len(OPEN) if opened else start
    close = content.find(CLOSE, begin, end)
    if close >= 0:
        return Split(Span(begin, close), Span(close + len(CLOSE), end))
    if opened:
        return Split(Span(begin, end), Span(end, end), cut=True)
    return Split(None, Span(start, end))


def _without_special_tokens(content: str) -> tuple[int, int]:
    start, end = 0, len(content)
    while match := grammar.SPECIAL_TOKEN.match(content, _skip_space(content, start)):
        start = match.end()
    while end > start:
        tail = content[max(start, end - grammar.SPECIAL_TOKEN_LENGTH) : end].rstrip()
        at = tail.rfind("<|")
        if at < 0 or not grammar.SPECIAL_TOKEN.fullmatch(tail[at:]):
            break
        end -= len(content[max(start, end - grammar.SPECIAL_TOKEN_LENGTH) : end]) - at
    return start, end


def _skip_space(content: str, at: int) -> int:
    while at < len(content) and content[at].isspace():
        at += 1
    return at
