"""Patterns for text that ends in the middle of a tag, or that must not become one.

They are apart from ``grammar`` and imported by the functions that use them, because reading a well-formed answer needs
none of them and compiling them costs more than all others.
"""

from __future__ import annotations

import re

from .grammar import ATTRIBUTES, CUT_TAG_LETTERS, NAME, TAGS, TOKEN, ascii_caseless

# "<", "<p", … "</collectio": what may still become a name, each letter optional from the right.
_NAME_START = "|".join(
    "".join(f"(?:{part}" for part in re.findall(r"\[..\]|_", ascii_caseless(name))) + ")?" * len(name) for name in TAGS
)
#: A tag that the end of the text cuts: group 1 is set when the name is complete and attributes have begun.
OPEN_END = re.compile(
    rf"""<(?:/?+({NAME})(?:\b{ATTRIBUTES}(?:"[^"]*+|'[^']*+)?+)?+|/?+(?=[A-Za-z_]*+\Z)(?:{_NAME_START}))\Z""",
)
#: :data:`~.grammar.TOKEN`, or (group ``cut``) a tag cut by the end, whichever comes first.
STREAM_TOKEN = re.compile(rf"{TOKEN.pattern}|(?P<cut>{OPEN_END.pattern.replace(f'({NAME})', NAME)})")
#: A cut tag whose name is over, so that only its attributes are to come.
CUT_ATTRIBUTES = re.compile(rf"</?+{NAME}\b(?=.)", re.DOTALL)
#: What changes the state inside the attributes of a tag.
QUOTE_OR_END = re.compile(r"""["'<>]""")
#: The start of a special token at the end of the text.
CUT_SPECIAL_TOKEN = re.compile(r"<(?:\|[A-Za-z0-9_]{0,64}+\|?+)?+\Z")
#: The ``<`` of anything that could be read as a tag, for writing prose that must stay prose.
TAG_LIKE = re.compile(rf"<(?=/?+(?:{NAME}\b|(?=[A-Za-z]{{{CUT_TAG_LETTERS}}})(?:{_NAME_START})\Z))")
