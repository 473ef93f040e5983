"""The content of a message → the part that is the answer.

Models that think write ``<think>…</think>`` before their answer, some of them ``<thinking>`` or ``◁think▷``, and
decoded tokens may have special tokens such as ``<|endoftext|>`` around it. Both are told apart from the answer by their
positions, so every span still indexes the original content.
"""

from __future__ import annotations

import re

from msgspec import Struct

from ..issues import Span
from ..markup import grammar

#: In the cases that :func:`may_think` sees.
_NAME, _WORD = "(?:[Tt]hink(?:ing)?|THINK(?:ING)?)", "(?:[Tt]hink|THINK)"
_OPEN = re.compile(f"<{_NAME}>|◁{_WORD}▷")
_CLOSE = re.compile(f"</{_NAME}>|◁/{_WORD}▷")
#: A tag that has closed reasoning, which it does in any case of its letters once that was opened.
_CLOSED = re.compile("</think(?:ing)?>|◁/think▷", re.IGNORECASE | re.ASCII)
#: The tags in lower case: the opening one, and the one that closes it.
_CLOSERS = {
    opening: re.compile(re.escape(opening[0] + "/" + opening[1:]), re.IGNORECASE | re.ASCII)
    for opening in ("<think>", "<thinking>", "◁think▷")
}
_LONGEST_TAG = len("</thinking>")
#: The start of a special token or of a tag that the end of the text cuts.
_CUT_TOKEN = re.compile(r"<(?:\|[A-Za-z0-9_]{0,64}\|?)?")
_SPACE = re.compile(r"\s*")
_TOKENS = re.compile(rf"(?:\s|{grammar.SPECIAL_TOKEN.pattern})*")


class ReasoningSplit(Struct, frozen=True, gc=False):
    """The places of the reasoning (None if there is none) and of the answer in a content."""

    reasoning: Span | None
    answer: Span
    #: The reasoning was never closed: the output was cut off inside it, and the answer is empty.
    cut: bool = False
    #: There are tags of reasoning inside the answer, so a part of it may be reasoning.
    resumes: bool = False


def may_think(content: str) -> bool:
    """Whether there may be a tag of reasoning in ``content``; false of nearly all answers, and fast."""
    return "hink" in content or "HINK" in content


def split_reasoning(content: str) -> ReasoningSplit:
    """The places of the reasoning and of the answer in ``content``.

    Special tokens at both ends are left out first. The reasoning is the text between a leading ``<think>`` and the
    first ``</think>``; the opening tag may be missing, for some chat templates write it. If another such text follows
    at once, the reasoning reaches to its end. White space stays.

    >>> content = "<think>two cups</think>There are 2."
    >>> split = pa.completions.split_reasoning(content)
    >>> split.reasoning.of(content), split.answer.of(content)
    ('two cups', 'There are 2.')
    """
    if not may_think(content):
        start, end = _without_special_tokens(content) if "<|" in content else (0, len(content))
        return ReasoningSplit(None, Span(start, end))
    start, end = _without_special_tokens(content)
    opened = _OPEN.match(content, _after_space(content, start), end)
    begin = opened.end() if opened else start
    closed = _closer(opened).search(content, begin, end)
    while closed:
        again = _OPEN.match(content, _after_space(content, closed.end()), end)
        if again is None:
            answer = Span(closed.end(), end)
            return ReasoningSplit(Span(begin, closed.start()), answer, resumes=_resumes(content, answer))
        closed = _closer(again).search(content, again.end(), end)
        opened = again
    if opened:
        return ReasoningSplit(Span(begin, end), Span(end, end), cut=True)
    return ReasoningSplit(None, Span(start, end), resumes=_resumes(content, Span(start, end)))


def _closer(opened: re.Match[str] | None) -> re.Pattern[str]:
    """What closes a tag; without one, any closing tag."""
    return _CLOSERS[opened[0].lower()] if opened else _CLOSE


def _resumes(content: str, answer: Span) -> bool:
    """Whether tags of reasoning surround a part of the answer; a lone opening tag in prose does not."""
    opened = _OPEN.search(content, answer.start, answer.end)
    marked = opened is not None and "<" in content[opened.end() : answer.end]
    return marked or _CLOSE.search(content, answer.start, answer.end) is not None


def _without_special_tokens(content: str) -> tuple[int, int]:
    start, end = 0, len(content)
    while match := grammar.SPECIAL_TOKEN.match(content, _after_space(content, start)):
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


def _after_space(content: str, at: int) -> int:
    match = _SPACE.match(content, at)
    return match.end() if match else at


class ContentPiece(Struct, frozen=True, gc=False):
    """What a delta adds to the reasoning, or to the answer."""

    text: str
    is_answer: bool
    #: What was reported as the answer so far was reasoning, and is repeated in ``text``. The answer begins after it.
    restarts: bool = False


class ContentSplitter:
    """:func:`split_reasoning` for content that is still arriving.

    What may be part of a tag or of special tokens is held back until more is known; :meth:`close` returns the rest.
    Every character is looked at a few times, however the content is cut.
    """

    def __init__(self) -> None:
        self._held = ""
        self._tokens: list[str] = []  # special tokens before what is held, which may be those at the end
        self._closer: re.Pattern[str] | None = None  # of the reasoning that is open
        self._is_decided = False  # whether reasoning or the answer has begun
        self._is_closed = False  # whether a closing tag can no longer make the answer reasoning
        self._answered: list[str] = []  # until then
        self._before: list[str] = []

    @property
    def before(self) -> str:
        """The content before the answer, which the spans of the answer count."""
        return "".join(self._before)

    def feed(self, delta: str) -> list[ContentPiece]:
        """The pieces that ``delta`` settles."""
        text, self._held = self._held + delta, ""
        pieces: list[ContentPiece] = []
        while text:
            if not self._is_decided:
                text = self._begin(text, pieces)
            elif self._closer is not None:
                text = self._reason(text, pieces)
            else:
                text = self._answer(text, pieces)
        return pieces

    def close(self) -> list[ContentPiece]:
        """What was held back; special tokens at the end are dropped."""
        held, self._held = self._held, ""
        start = 0
        if not self._is_decided:
            # The end of reasoning, after which more of it might have come.
            closed = (_CLOSED if self._is_closed else _CLOSE).match(held)
            start = closed.end() if closed else 0
            self._before.append(held[:start])
        elif self._tokens:
            held = "".join(self._tokens) + held
        end = _before_tokens(held, start, len(held))
        return [ContentPiece(held[start:end], is_answer=self._closer is None)] if start < end else []

    def _begin(self, text: str, pieces: list[ContentPiece]) -> str:
        """The text from where the reasoning or the answer begins, if that is known; a tag before it is taken."""
        start = 0
        if not self._is_closed:
            while match := grammar.SPECIAL_TOKEN.match(text, _after_space(text, start)):
                start = match.end()
            self._before.append(text[:start])
            text, start = text[start:], 0
        elif closed := _CLOSED.match(text):
            start = closed.end()
        body = _after_space(text, start)
        opened = _OPEN.match(text, body)
        if not opened and _may_open(text, body):
            self._held = text
            return ""
        self._is_decided = True
        if opened:
            self._closer = _closer(opened)
            if start:  # the reasoning goes on
                pieces.append(ContentPiece(text[: opened.end()], is_answer=False))
            start = opened.end()
        self._before.append(text[:start])
        return text[start:]

    def _reason(self, text: str, pieces: list[ContentPiece]) -> str:
        """Take reasoning; returns the text from its end."""
        if self._closer is None:
            return text
        if not self._tokens and (closed := self._closer.search(text)):
            end, rest = closed.start(), text[closed.start() :]
        else:
            settled = self._settle(text)
            if settled is None:
                return ""
            text = settled
            closed = self._closer.search(text)
            end = closed.start() if closed else min(_tail_of_tag(text), _settled(text))
            rest = text[end:]
        if end:
            pieces.append(ContentPiece(text[:end], is_answer=False))
            self._before.append(text[:end])
        if closed:
            self._closer, self._is_closed, self._is_decided = None, True, False
            return rest
        self._hold(rest)
        return ""

    def _answer(self, text: str, pieces: list[ContentPiece]) -> str:
        """Take the answer; returns the text from a closing tag that makes it reasoning."""
        settled = self._settle(text)
        if settled is None:
            return ""
        end = _settled(settled)
        text, rest = settled[:end], settled[end:]
        if not self._is_closed:
            tail = "".join(self._answered[-_LONGEST_TAG:])[-_LONGEST_TAG + 1 :]
            closed = _CLOSE.search(tail + text)
            self._answered.append(text)
            if closed:
                said = "".join(self._answered)
                start = len(said) - len(text) - len(tail) + closed.start()
                self._before.append(said[:start])
                self._answered.clear()
                self._is_closed, self._is_decided = True, False
                pieces.append(ContentPiece(said[:start], is_answer=False, restarts=True))
                return said[start:] + rest
        if text:
            pieces.append(ContentPiece(text, is_answer=True))
        self._hold(rest)
        return ""

    # -- special tokens that may be those at the end ---------------------------------------------------------------

    def _hold(self, text: str) -> None:
        """Hold back what may be special tokens at the end, or the start of a tag."""
        match = _TOKENS.match(text)
        whole = match.end() if match and text.startswith("<|") else 0
        if whole:
            self._tokens.append(text[:whole])
        self._held = text[whole:]

    def _settle(self, text: str) -> str | None:
        """``text`` with the tokens that were held back before it, or None if it may only add to them."""
        if not self._tokens:
            return text
        match = _TOKENS.match(text)
        end = match.end() if match else 0
        if end == len(text) or _CUT_TOKEN.fullmatch(text, end):
            self._tokens.append(text[:end])
            self._held = text[end:]
            return None
        whole = "".join([*self._tokens, text])
        self._tokens.clear()
        return whole


def _may_open(text: str, body: int) -> bool:
    """Whether what is left from ``body`` on may become an opening tag, or a special token before one."""
    rest = text[body:].lower()
    return any(each.startswith(rest) for each in _CLOSERS) or _CUT_TOKEN.fullmatch(text, body) is not None


def _settled(text: str) -> int:
    """Where the end of ``text`` begins that may be special tokens."""
    end = len(text)
    cut = text.rfind("<", max(0, end - grammar.SPECIAL_TOKEN_LENGTH))
    return _before_tokens(text, 0, cut if cut >= 0 and _CUT_TOKEN.fullmatch(text, cut) else end)


def _tail_of_tag(text: str) -> int:
    """Where the end of ``text`` begins that may be a closing tag."""
    begin = max(0, len(text) - _LONGEST_TAG)
    found = [at for at in (text.rfind("<", begin), text.rfind("◁", begin)) if at >= 0]
    return min(found, default=len(text))
