"""The fields of files that a dataset has no place for, such as licences and dates: what they say is counted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from ...files import DECODE_ERRORS, decode_json, encode_json

#: How many fields of a kind of entry are named, and how much of a value is shown.
_NAMED = 12
_SHOWN = 40


def others_in(data: bytes, known: Collection[str]) -> dict[str, Any]:
    """The fields of a JSON object beside those that are ``known``; what is not UTF-8 in them is shown as ``�``."""
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        return {name: decode_json(bytes(raw), Any) for name, raw in fields.items() if name not in known}
    except DECODE_ERRORS:  # lone surrogates, damaged bytes, or a number beyond all floats, which Python's decoder takes
        whole = json.loads(data.decode("utf-8", "replace"), parse_int=float)
        return {name: value for name, value in whole.items() if name not in known}


class UnreadFields:
    """The fields that were not read, by the kind of entry that they are in: how often, and the first value."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, tuple[int, Any]]] = {}

    def add(self, kind: str, entry: Mapping[str, Any], known: Collection[str]) -> None:
        """Count the fields of an entry that are not ``known``, and that say something."""
        for name, value in entry.items():
            if name not in known and _says_something(value):
                found = self._found.setdefault(kind, {})
                count, first = found.get(name, (0, value))
                found[name] = (count + 1, first)

    def told(self) -> Iterator[tuple[str, str]]:
        """The kinds of entries, each with a sentence that names its fields."""
        for kind, found in self._found.items():
            names = sorted(found)
            said = [f"{name} ({found[name][0]}, such as {_shown(found[name][1])})" for name in names[:_NAMED]]
            more = [f"and {len(names) - _NAMED} more"] if len(names) > _NAMED else []
            yield kind, f"not read: {', '.join([*said, *more])}"


def _says_something(value: Any) -> bool:
    """Whether a value is more than the empty ones with which tools fill their fields."""
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_says_something, value))
    return bool(value)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else encode_json(value).decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
