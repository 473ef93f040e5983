"""A prompt with fields of a row in it: ``Find the {label}`` and ``{"label": "cup"}`` → ``Find the cup``.

A field is looked up by its whole name and put in as it is, once. Nothing is evaluated: ``{a.b}`` and ``{a[0]}`` are
names of columns like any other, and braces in a value stay braces. (``str.format`` would read attributes of objects.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..errors import UsageError
from ..words import closest

#: A doubled brace, a field, or a brace that stands alone.
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
#: Fields that are named in a message.
_SHOWN = 8


class _Text(NamedTuple):
    """What stands between fields."""

    text: str


class _Field(NamedTuple):
    """What a field of the row takes the place of."""

    name: str


class PromptTemplate:
    """A prompt that is filled in with the fields of each row.

    ``{name}`` is the field of that name, and braces that are meant are doubled. Raises ``UsageError`` for a brace that
    is not closed or not opened, and for a field without a name.

    >>> template = PromptTemplate('Find the {label}. Answer like {{"box": 1}}.')
    >>> template.fields
    ('label',)
    >>> template.fill({"label": "{cup}"})
    'Find the {cup}. Answer like {"box": 1}.'
    """

    def __init__(self, text: str) -> None:
        self._pieces: list[_Text | _Field] = []
        end = 0
        for found in _PIECE.finditer(text):
            self._pieces.append(_Text(text[end : found.start()]))
            self._pieces.append(_piece(found, text))
            end = found.end()
        self._pieces.append(_Text(text[end:]))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, each once, in the order of the text."""
        return tuple(dict.fromkeys(piece.name for piece in self._pieces if isinstance(piece, _Field)))

    def check(self, known: Iterable[str]) -> None:
        """Raise ``UsageError`` for a field that is not among ``known``, with the name that was probably meant."""
        names = list(known)
        for field in self.fields:
            if field not in names:
                raise UsageError(f"the prompt has {{{field}}}, and there is no such field{_instead(field, names)}")

    def fill(self, row: Mapping[str, str]) -> str:
        """The prompt of a row. Raises ``UsageError`` as :meth:`check` does."""
        self.check(row)
        return "".join(piece.text if isinstance(piece, _Text) else row[piece.name] for piece in self._pieces)


def _piece(found: re.Match[str], text: str) -> _Text | _Field:
    written, name = found[0], found[1]
    if written in ("{{", "}}"):
        return _Text(written[0])
    if name:
        return _Field(name)
    near = text[max(found.start() - 10, 0) : found.end() + 10]
    if name is not None:
        raise UsageError(f"the prompt has {{}} without the name of a field, at {near!r}: write {{{{}}}} for braces")
    raise UsageError(f"the prompt has a single {written} at {near!r}: write {written * 2} for a brace that is meant")


def _instead(field: str, known: list[str]) -> str:
    """The end of a sentence about a field that there is not."""
    if meant := closest(field, known):
        return meant
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f": choose from {', '.join(known[:_SHOWN])}{more}" if known else ": these inputs have no fields"
