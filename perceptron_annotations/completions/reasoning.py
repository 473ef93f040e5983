"""The content of a message → the part that is the answer.

Models that think write ``<think>…</think>`` before their answer, and decoded tokens may have special tokens such as
``<|endoftext|>`` around it. Both are told apart from the answer by their positions, so every span still indexes the
original content.
"""

from __future__ import annotations

import re

from msgspec import Struct

from ..issues import Span
from ..markup import grammar

OPEN = "<think>"
CLOSE = "</think>"


class ReasoningSplit(Struct, frozen=True, gc=False):
    """The places of the reasoning (None if there is none) and of the answer in a content."""

    reasoning: Span | None
    answer: Span
    #: The reasoning was never closed: the output was cut off inside it, and the answer is empty.
    cut: bool = False


def split_reasoning(content: str) -> ReasoningSplit:
    """The places of the reasoning and of the answer in ``content``.

    Special tokens at both ends are left out first. The reasoning is the text between a leading ``<think>`` and the
    first ``</think>``; the opening tag may be missing, for some chat templates write it. White space stays.

    >>> content = "<think>two cups</think>There are 2."
    >>> split = pa.completions.split_reasoning(content)
    >>> split.reasoning.of(content), split.answer.of(content)
    ('two cups', 'There are 2.')
    """
    if "think>" not in content and "<|" not in content:  # most answers
        return ReasoningSplit(None, Span(0, len(content)))
    start, end = _without_special_tokens(content)
    body = start + len(content[start:end]) - len(content[start:end].lstrip())
    opened = content.startswith(OPEN, body, end)
    begin = body + len(OPEN) if opened else start
    close = content.find(CLOSE, begin, end)
    if close >= 0:
        return ReasoningSplit(Span(begin, close), Span(close + len(CLOSE), end))
    if opened:
        return ReasoningSplit(Span(begin, end), Span(end, end), cut=True)
    return ReasoningSplit(None, Span(start, end))


def _without_special_tokens(content: str) -> tuple[int, int]:
    start, end = 0, len(content)
    while match := grammar.SPECIAL_TOKEN.match(content, _skip_space(content, start)):
        start = match.end()
    return start, _before_tokens(content, start, end)


def _before_tokens(content: str, start: int, end: int) -> int:
    """Where the special tokens before ``end`` begin, with white space between them."""
    while end > start:
        begin = max(start, end - grammar.SPECIAL_TOKEN_LENGTH)
        tail = content[begin:end].rstrip()
        at = tail.rfind("<|")
        if at < 0 or not grammar.SPECIAL_TOKEN.fullmatch(tail[at:]):
            break
        end = begin + at
    return end


def _skip_space(content: str, at: int) -> int:
    while at < len(content) and content[at].isspace():
        at += 1
    return at


class ContentPiece(Struct, frozen=True, gc=False):
    """What a delta adds to the reasoning, or to the answer."""

    text: str
    is_answer: bool
    #: What was reported as the answer so far was reasoning, and is repeated in ``text``. The answer begins after it.
    restarts: bool = False


#: The start of a special token that the end of the text cuts.
_CUT_TOKEN = re.compile(r"<(?:\|[A-Za-z0-9_]{0,64}\|?)?")
#: More characters than this are never held back.
_MOST_HELD = 4096


class ContentSplitter:
    """:func:`split_reasoning` for content that is still arriving.

    What may be part of a tag or of special tokens is held back until more is known; :meth:`close` returns the rest.
    """

    def __init__(self) -> None:
        self._held = ""
        self._in_reasoning = False
        self._decided = False
        self._closed = False
        self._answered: list[str] = []  # until a closing tag can no longer make it reasoning
        self._before: list[str] = []

    @property
    def before(self) -> str:
        """The content before the answer, which the spans of the answer count."""
        return "".join(self._before)

    def feed(self, delta: str) -> list[ContentPiece]:
        """The pieces that ``delta`` settles."""
        text, self._held = self._held + delta, ""
        pieces: list[ContentPiece] = []
        if not self._decided:
            text = self._decide(text)
        if self._in_reasoning:
            text = self._reason(text, pieces)
        if text:
            self._answer(text, pieces)
        return pieces

    def close(self) -> list[ContentPiece]:
        """What was held back; special tokens at the end are dropped."""
        held, self._held = self._held, ""
        start, end = _without_special_tokens(held) if not self._decided else (0, _before_tokens(held, 0, len(held)))
        self._before.append(held[:start])
        return [ContentPiece(held[start:end], is_answer=not self._in_reasoning)] if start < end else []

    def _decide(self, text: str) -> str:
        """The text from where the reasoning or the answer begins; white space and tokens before it are held back."""
        start, _ = _without_special_tokens(text)
        body = _skip_space(text, start)
        begins = len(text) - body < len(OPEN) and OPEN.startswith(text[body:])
        if len(text) < _MOST_HELD and (begins or _CUT_TOKEN.fullmatch(text, body)):
            self._held = text
            return ""
        self._decided = True
        self._in_reasoning = text.startswith(OPEN, body)
        begin = body + len(OPEN) if self._in_reasoning else start
        self._before.append(text[:begin])
        return text[begin:]

    def _reason(self, text: str, pieces: list[ContentPiece]) -> str:
        """Take reasoning; returns the text after its end."""
        close = text.find(CLOSE)
        end = close if close >= 0 else min(len(text) - _overlap(text), _settled(text))
        if end:
            pieces.append(ContentPiece(text[:end], is_answer=False))
            self._before.append(text[:end])
        if close < 0:
            self._held = text[end:]
            return ""
        self._before.append(CLOSE)
        self._in_reasoning, self._closed = False, True
        return text[close + len(CLOSE) :]

    def _answer(self, text: str, pieces: list[ContentPiece]) -> None:
        end = _settled(text)
        text, self._held = text[:end], text[end:]
        if not self._closed:
            tail = "".join(self._answered[-len(CLOSE) :])[-len(CLOSE) + 1 :]
            close = (tail + text).find(CLOSE)
            self._answered.append(text)
            if close >= 0:
                end = close + len(CLOSE) - len(tail)
                reasoning = "".join([*self._answered[:-1], text[:end]])
                self._before.append(reasoning)
                self._answered.clear()
                self._closed = True
                pieces.append(ContentPiece(reasoning[: -len(CLOSE)], is_answer=False, restarts=True))
                text = text[end:]
        if text:
            pieces.append(ContentPiece(text, is_answer=True))


def _settled(text: str) -> int:
    """Where the end of ``text`` begins that may be special tokens."""
    end = len(text)
    if end >= _MOST_HELD:
        return end
    cut = text.rfind("<", max(0, end - grammar.SPECIAL_TOKEN_LENGTH))
    return _before_tokens(text, 0, cut if cut >= 0 and _CUT_TOKEN.fullmatch(text, cut) else end)


def _overlap(text: str) -> int:
    """How many characters at the end of ``text`` begin the closing tag."""
    most = min(len(CLOSE) - 1, len(text))
    return next(size for size in range(most, -1, -1) if text.endswith(CLOSE[:size]))
