"""Text of models and files, made safe to show."""

from __future__ import annotations


def visible(text: str, *, keep: str = "") -> str:
    r"""``text`` with every character that does not print shown as its escape, ``\x1b``; those in ``keep`` stay."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode("ascii") for char in text
    )
