"""The text of an object → its fields, also if it is written nearly as JSON: as Python writes a dict, for example."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

#: Strings, which stay as they are but for their quotes, and what is written otherwise than in JSON: Python's words and
#: tuples, a comma too many, numbers as keys, and numbers such as 041 and .5.
_OTHERWISE = re.compile(
    r"""(?P<json>"(?:[^"\\]|\\.)*+")|'(?P<single>(?:[^'\\]|\\.)*+)'|\b(?P<word>True|False|None)\b"""
    r"""|(?P<comma>,)(?=\s*+[}\])])|(?P<bracket>[()])|(?<![\w.])(?P<key>[0-9]++)(?=\s*+:)"""
    r"""|(?<![\w.])(?P<zeros>0++)(?=[0-9])|(?<![\w.])(?P<point>\.)(?=[0-9])""",
    re.DOTALL,
)
#: Behind each key; a string that is not one is never before a colon.
_KEY_ENDS = re.compile(r'"\s*+:')
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
        found = json.loads(_OTHERWISE.sub(_as_json, text))  # it takes lone surrogates too
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def decoded_at_once(text: str) -> Mapping[str, Any] | None:
    """The fields of an object with no other in it, if it is JSON to the letter and no key stands twice."""
    try:
        fields = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return fields if len(_KEY_ENDS.findall(text)) == len(fields) else None


def decoded_apart(text: str) -> list[dict[str, Any]]:
    """The fields of an object that can be decoded, apart wherever a key comes again.

    >>> decoded_apart('{"a": 1, "b": 2, "a": 3}')
    [{'a': 1, 'b': 2}, {'a': 3}]
    """
    pairs = json.loads(_OTHERWISE.sub(_as_json, text), object_pairs_hook=_Pairs)
    parts: list[dict[str, Any]] = [{}]
    for name, value in pairs:
        if name in parts[-1]:
            parts.append({})
        parts[-1][name] = dict(value) if isinstance(value, _Pairs) else value
    return parts


class _Pairs(list[tuple[str, Any]]):
    """The fields of an object in order."""


def _as_json(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "single":
        return '"' + match["single"].replace("\\'", "'").replace('"', '\\"') + '"'
    if kind == "word":
        return _WORDS[match[0]]
    if kind == "bracket":
        return _BRACKETS[match[0]]
    if kind == "key":
        return f'"{match[0]}"'
    if kind == "point":
        return "0."
    return "" if kind in ("comma", "zeros") else match[0]
