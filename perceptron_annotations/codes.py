"""The base of the catalogues of codes: each code is a word for programs and has a line of meaning for people."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A snake_case code. A member is written ``NAME = "code", "what it means"``."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        """The member for ``code``, with its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member
