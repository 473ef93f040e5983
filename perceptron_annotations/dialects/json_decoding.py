"""The text of an object → its fields, also if it is written as Python writes a dict, or with a comma too many."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

#: Strings, which stay as they are but for their quotes, and what Python writes otherwise than JSON.
_PYTHON = re.compile(
    r"""(?P<json>"(?:[^"\\]|\\.)*+")|'(?P<single>(?:[^'\\]|\\.)*+)'|\b(?P<word>True|False|None)\b"""
    r"""|(?P<comma>,)(?=\s*+[}\])])|(?P<bracket>[()])""",
    re.DOTALL,
)
_WORDS = {"True": "true", "False": "false", "None": "null"}
_BRACKETS = {"(": "[", ")": "]"}
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def decoded(text: str) -> Mapping[str, Any] | None:
    """The fields of an object; None if it is not one.

    >>> decoded('{"a": [1, 2]}'), decoded("{'a': (1, 2,)}"), decoded('{"a": 1 2}')
    ({'a': [1, 2]}, {'a': [1, 2]}, None)
    """
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass
    try:
        found = json.loads(_PYTHON.sub(_as_json, text))  # it takes lone surrogates too
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _as_json(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "single":
        return '"' + match["single"].replace("\\'", "'").replace('"', '\\"') + '"'
    if kind == "word":
        return _WORDS[match[0]]
    if kind == "bracket":
        return _BRACKETS[match[0]]
    return "" if kind == "comma" else match[0]
