"""The log probabilities of tokens that a service sent → those of each annotation.

A service may say of each token of an answer how probable it was: ``choices[].logprobs.content[]`` with ``token``,
``logprob`` and ``bytes`` (chat completions), or ``tokens`` and ``token_logprobs`` (text completions). A token may hold
part of a tag, of a coordinate, or of a character, so tokens are laid beside the content byte by byte. An annotation
then has the mean and the least log probability of the tokens of its span. The share of a token in a span is its
characters inside the span ÷ its characters; the mean is weighted by shares, and the least is that of all tokens with a
share. A character that several tokens hold counts for each of them by its bytes.

The bytes of the tokens must be those of the content. Before and after them may be special tokens and white space, and
if the reasoning was sent apart, anything may be before them. Tokens that do not fit are not used at all: log
probabilities are never moved to other characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from math import isfinite, nan
from typing import Any, NamedTuple

from msgspec import Struct

from ..issues import Span
from ..markup import grammar

#: What may be around a content among the tokens.
_OUTSIDE = re.compile(rb"\s|" + grammar.SPECIAL_TOKEN.pattern.encode())
#: The bytes of a character but its first.
_CONTINUATION = range(0x80, 0xC0)


class SpanLogprob(NamedTuple):
    """The log probability of a span of an answer; NaN for a span whose tokens were not sent."""

    mean: float
    least: float


class TokenLogprobs(Struct, frozen=True):
    """The log probabilities of the tokens of an answer, by their places in its content.

    >>> tokens = [("<point>", -0.5), (" (1,2", -2.0), (") </point>", 0.0)]
    >>> sent = [{"token": token, "logprob": logprob} for token, logprob in tokens]
    >>> choice = {"message": {"content": "<point> (1,2) </point>"}, "logprobs": {"content": sent}}
    >>> answer = pa.Completion.decode({"choices": [choice]}).answer
    >>> mean, least = answer.logprobs.over(answer.document.spans[0])
    >>> round(mean, 3), least
    (-0.833, -2.0)
    """

    #: Token i is from ``bounds[i]`` to ``bounds[i + 1]`` of the content, in characters, which may be parts of one.
    bounds: tuple[float, ...]
    logprobs: tuple[float, ...]

    def over(self, span: Span) -> SpanLogprob:
        """The mean and the least over the tokens of a span of the content; NaN if it has tokens that were not sent."""
        start, end = span
        if not self.bounds[0] <= start < end <= self.bounds[-1]:
            return SpanLogprob(nan, nan)
        shares: list[float] = []
        at = first = bisect_right(self.bounds, start) - 1
        while self.bounds[at] < end:
            left, right = self.bounds[at], self.bounds[at + 1]
            shares.append((min(right, end) - max(left, start)) / (right - left))
            at += 1
        found = self.logprobs[first:at]
        mean = sum(share * logprob for share, logprob in zip(shares, found, strict=True)) / sum(shares)
        return SpanLogprob(mean, nan if mean != mean else min(found))  # noqa: PLR0124 - a NaN is not itself


class UnusableLogprobsError(Exception):
    """Why log probabilities that were sent cannot be used; it never leaves the folder."""


class _Tokens(NamedTuple):
    """The tokens that were sent: the bytes and the log probability of each."""

    pieces: list[bytes]
    logprobs: list[float]


def read_logprobs(sent: Any, content: str, *, is_reasoning_apart: bool) -> TokenLogprobs | None:
    """The log probabilities of a choice, laid beside its content; None if there are none, or no content.

    Raises :class:`UnusableLogprobsError` if they cannot be read or are not those of the content.
    """
    tokens = _tokens(sent)
    if tokens is None or not content:
        return None
    data, whole = content.encode("utf-8", "surrogatepass"), b"".join(tokens.pieces)
    begin = _begin(whole, data, is_reasoning_apart=is_reasoning_apart)
    if begin is None or not whole:
        raise UnusableLogprobsError("the tokens that have log probabilities are not those of the answer")
    return _placed(tokens, content, whole, begin)


# -- what was sent ---------------------------------------------------------------------------------------------------


def _tokens(sent: Any) -> _Tokens | None:
    if sent is None:
        return None
    if not isinstance(sent, dict):
        raise UnusableLogprobsError("the log probabilities are not an object")
    entries = sent.get("content")
    if entries is None and isinstance(sent.get("tokens"), list):
        entries = _of_text_completion(sent)
    if not entries:
        return None
    if not isinstance(entries, list):
        raise UnusableLogprobsError("the log probabilities are not a list of tokens")
    return _Tokens(
        [_bytes(place, entry) for place, entry in enumerate(entries)], [_logprob(entry) for entry in entries]
    )


def _of_text_completion(sent: dict[str, Any]) -> list[dict[str, Any]]:
    tokens, logprobs = sent["tokens"], sent.get("token_logprobs")
    if not isinstance(logprobs, list) or len(logprobs) != len(tokens):
        raise UnusableLogprobsError("there is not one log probability for each token")
    return [{"token": token, "logprob": logprob} for token, logprob in zip(tokens, logprobs, strict=True)]


def _bytes(place: int, entry: Any) -> bytes:
    """The bytes of a token: as they were sent, else those of its text."""
    fields = entry if isinstance(entry, dict) else {}
    sent, token = fields.get("bytes"), fields.get("token")
    if isinstance(sent, list):
        try:
            return bytes(sent)
        except (TypeError, ValueError):
            pass
    elif isinstance(token, str):
        return token.encode("utf-8", "surrogatepass")
    raise UnusableLogprobsError(f"token {place} has neither bytes nor a text")


def _logprob(entry: dict[str, Any]) -> float:
    """The log probability of a token; NaN if it is not a number."""
    found = entry.get("logprob")
    if isinstance(found, bool) or not isinstance(found, int | float):
        return nan
    try:
        return float(found) if isfinite(found) else nan
    except OverflowError:
        return nan


# -- where the content is among the bytes of the tokens ---------------------------------------------------------------


def _begin(whole: bytes, data: bytes, *, is_reasoning_apart: bool) -> int | None:
    """Where ``data`` begins in the bytes of all tokens; None if that is not certain."""
    if data.startswith(whole):  # the same, or tokens that ended before the answer
        return 0
    around, own = _core(whole), _core(data)
    begin = around.end - own.end
    if begin < 0 or whole[begin : begin + len(data)] != data:
        return None
    return begin if is_reasoning_apart or around.start - own.start == begin else None


def _core(data: bytes) -> Span:
    """The place of what is left without special tokens and white space at both ends."""
    start, end = 0, len(data)
    while start < end and (found := _OUTSIDE.match(data, start)):
        start = found.end()
    while end > start:
        at = end - 1
        if data[end - 1 : end] == b">":
            at = data.rfind(b"<", max(start, end - grammar.SPECIAL_TOKEN_LENGTH), end)
        if at < 0 or not _OUTSIDE.fullmatch(data, at, end):
            break
        end = at
    return Span(start, end)


def _placed(tokens: _Tokens, content: str, whole: bytes, begin: int) -> TokenLogprobs:
    """The tokens that hold bytes of the content, with their places in it."""
    place = _places(content, whole, begin)
    ends = list(accumulate(map(len, tokens.pieces)))
    last = begin + len(content.encode("utf-8", "surrogatepass"))
    kept = [
        (left, right, logprob)
        for left, right, logprob in zip([0, *ends], ends, tokens.logprobs, strict=False)
        if left < right and left < last and right > begin
    ]
    bounds = (place(kept[0][0]), *(place(right) for _, right, _ in kept))
    return TokenLogprobs(bounds, tuple([logprob for _, _, logprob in kept]))


def _places(content: str, whole: bytes, begin: int) -> Callable[[int], float]:
    """What gives the place in ``content``, in characters, of a place among the bytes of all tokens."""
    if content.isascii() and len(whole) == begin + len(content):
        return lambda at: float(at - begin) if at >= begin else -_characters(whole[at:begin])
    places = [index + part / size for index, size in enumerate(map(_size, content)) for part in range(size)]
    places.append(float(len(content)))

    def place(at: int) -> float:
        if at < begin:
            return -_characters(whole[at:begin])
        beyond = at - begin - len(places) + 1
        return places[at - begin] if beyond <= 0 else len(content) + _characters(whole[at - beyond : at])

    return place


def _size(character: str) -> int:
    """The bytes of a character in UTF-8."""
    code = ord(character)
    return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)  # noqa: PLR2004 - where UTF-8 takes one more byte


def _characters(data: bytes) -> float:
    """How many characters begin in ``data``."""
    return float(sum(byte not in _CONTINUATION for byte in data))
