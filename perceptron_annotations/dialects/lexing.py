"""An answer with special tokens, in any chunks → lexemes: its tokens, and the words between them.

A token has a bounded length, so that of each chunk only the end may be undecided: what may become a token with more
text. That is held back, and nothing else is looked at twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple


class Sort(Enum):
    """What a lexeme is."""

    WORDS = auto()
    """Text between tokens; a stretch of it may come in several lexemes."""
    NUMBER = auto()
    """A token that stands for a number."""
    WRONG_NUMBER = auto()
    """It begins like a token that stands for a number, and is none."""
    DATA = auto()
    """A token with data about an element."""
    OPEN = auto()
    CLOSE = auto()
    LABEL_OPEN = auto()
    LABEL_CLOSE = auto()
    SEPARATOR = auto()
    """Ends an element or a part of one."""
    NEWLINE = auto()
    TAG = auto()
    """Any tag whose name is a label."""
    SPECIAL = auto()
    """A token that says nothing of geometry: the end of the answer, padding."""
    CUT = auto()
    """The beginning of a token of an element, where the answer ends; of one character it may be a word as well."""


class Lexeme(NamedTuple):
    """A stretch of an answer."""

    sort: Sort
    start: int
    end: int
    text: str


class Token(NamedTuple):
    """A kind of token: how it is written, and how what may become one is."""

    sort: Sort
    pattern: str
    #: Proper beginnings of the token, longest first.
    beginning: str = ""


#: The most characters that a token may have.
LONGEST_TOKEN = 96
_MOST_DIGITS = 15
#: Special tokens of models, besides those that a surface names.
SPECIAL = Token(
    Sort.SPECIAL,
    r"<\|[A-Za-z0-9_]{1,64}+\|>|<｜[^｜<>\s]{1,64}+｜>|</?s>|<(?:pad|bos|eos|unk|grounding|image)>|</image>",
    r"<\|[A-Za-z0-9_]{0,64}+\|?|<｜[^｜<>\s]{0,64}+｜?|</?s?|<(?:pa?d?|[be]o?s?|un?k?|gr?o?u?n?d?i?n?g?|im?a?g?e?)"
    r"|</(?:im?a?g?e?)?",
)
NEWLINE = Token(Sort.NEWLINE, r"\n")


def literal(sort: Sort, text: str) -> Token:
    """A token that is always written the same."""
    return Token(sort, re.escape(text), "|".join(re.escape(text[:end]) for end in range(len(text) - 1, 0, -1)))


def numbered(sort: Sort, prefix: str) -> tuple[Token, ...]:
    """A token with digits between a prefix and ``>``; and what begins like one, with a number that is none."""
    written = re.escape(prefix)
    good = Token(sort, rf"{written}[0-9]{{1,{_MOST_DIGITS}}}+>", literal(sort, prefix).beginning)
    digits = rf"[-+.0-9]{{1,{_MOST_DIGITS + 1}}}+"
    wrong = rf"{written}(?:>|{digits}(?:>|(?=[\s\S])))"
    return good, Token(Sort.WRONG_NUMBER, wrong, rf"{written}(?:{digits})?+")


def paired(prefix: str, between: str, suffix: str) -> Token:
    """A token with two numbers."""
    first, comma, last = (re.escape(part) for part in (prefix, between, suffix))
    digits = rf"[0-9]{{1,{_MOST_DIGITS}}}+"
    begun = rf"{first}(?:{digits}(?:{comma} ?+(?:{digits})?+)?+)?+"
    return Token(Sort.NUMBER, rf"{first}{digits}{comma} ?+{digits}{last}", begun)


def digits_of(lexeme: Lexeme, prefix: str) -> str:
    """The digits of a token that :func:`numbered` made."""
    return lexeme.text[len(prefix) : -1]


class Lexer:
    """Cuts one answer into lexemes, as it arrives.

    What the lexemes say does not depend on the chunks, except that a stretch of words may come in several.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._sorts, self._token, self._beginning, self._cut = _patterns(tuple(tokens))
        self._held = ""
        self._at = 0  # where what is held begins

    def read(self, chunk: str) -> Iterator[Lexeme]:
        """Take more of the answer; the lexemes that it decides."""
        text, first = self._held + chunk, self._at
        at = 0
        # Decided before the first lexeme is given, since the caller may stop there.
        found = list(self._token.finditer(text))
        last = found[-1].end() if found else 0
        held = self._beginning.search(text, max(last, len(text) - LONGEST_TOKEN))
        end = held.start() if held else len(text)
        self._held, self._at = text[end:], first + end
        for match in found:
            if match.start() > at:
                yield Lexeme(Sort.WORDS, first + at, first + match.start(), text[at : match.start()])
            at = match.end()
            yield Lexeme(self._sorts[match.lastgroup or ""], first + match.start(), first + at, match[0])
        if at < end:
            yield Lexeme(Sort.WORDS, first + at, first + end, text[at:end])

    def finish(self) -> Iterator[Lexeme]:
        """The answer ends here; what was held back."""
        held, self._held = self._held, ""
        if held:
            sort = Sort.CUT if self._cut.fullmatch(held) else Sort.WORDS
            yield Lexeme(sort, self._at, self._at + len(held), held)


@lru_cache(maxsize=64)
def _patterns(tokens: tuple[Token, ...]) -> tuple[dict[str, Sort], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The sorts by the names of their groups; tokens; undecided ends; and those that are cut tokens of elements."""
    named = {f"t{number}": token for number, token in enumerate(tokens)}
    token = "|".join(f"(?P<{name}>{each.pattern})" for name, each in named.items())
    beginnings = [each for each in tokens if each.beginning]
    beginning = "|".join(each.beginning for each in beginnings)
    cut = "|".join(each.beginning for each in beginnings if each.sort is not Sort.SPECIAL)
    sorts = {name: each.sort for name, each in named.items()}
    return sorts, re.compile(token), re.compile(rf"(?:{beginning})\Z"), re.compile(cut)
