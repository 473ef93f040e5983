"""Text → HTML and SVG in which only what this package wrote is markup.

:func:`tag` escapes every text and every attribute unless it is :class:`Html`, which only :func:`tag` and
:func:`together` make. So a name of a model, a label or a file cannot become markup by being forgotten. What comes out
is well-formed XML and HTML at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from ..visible_text import PLACEHOLDER, visible

#: An attribute of a tag: numbers are written with six digits, None leaves it out.
Attribute: TypeAlias = str | float | None
#: Attributes that several elements share.
Attributes: TypeAlias = dict[str, Attribute]
#: What stays of the characters that do not print.
_KEPT = "\n\t"


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: str) -> Html:
    """``value`` with its markup escaped; characters that do not print are ``·``."""
    return value if isinstance(value, Html) else Html(escape(visible(value, keep=_KEPT, placeholder=PLACEHOLDER)))


def together(parts: Iterable[str], between: str = "") -> Html:
    """The parts one after the other; those that are not ``Html`` are escaped."""
    return Html(text(between).join(map(text, parts)))


def tag(name: str, *content: str, **attributes: Attribute) -> Html:
    """An element. Attributes are written with ``-`` for ``_``, and without a ``_`` at their end: ``class_="note"``.

    >>> from perceptron_annotations.render.html_fragments import tag
    >>> print(tag("b", "1 < 2", tag("i", "!"), class_="loud", title=None))
    <b class="loud">1 &lt; 2<i>!</i></b>
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_attribute(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{together(content)}</{name}>")


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
