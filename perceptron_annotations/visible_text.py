"""Text of a model or of a file, made safe to show: on a terminal, in a notebook, in an image, in a message.

Such text may hold escape codes, bidirectional overrides or markup. It is shown, and never obeyed.
"""

from __future__ import annotations

#: One character in place of one that does not print.
PLACEHOLDER = "·"


def visible(text: str, *, keep: str = "", placeholder: str | None = None) -> str:
    r"""``text`` with each character that does not print as its escape, ``\x1b``, or as ``placeholder`` if one is given.

    Characters in ``keep`` stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else placeholder or char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def visible_html(text: str) -> str:
    """``text`` for HTML and SVG: its markup is escaped, and characters that do not print are ``·``."""
    from html import escape  # with its table of entities, which few programs need

    return escape(visible(text, placeholder=PLACEHOLDER))
