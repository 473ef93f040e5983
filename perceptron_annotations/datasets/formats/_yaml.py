"""YAML in and out, as much of it as annotation files need: texts, lists and mappings.

It is read from the events of PyYAML, which build nothing yet. So there are no aliases, which grow without end, no
merges, no dates, no numbers and no objects: a plain value is the text that stands in the file, and its reader decides
what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from ...errors import FileError, MissingExtraError
from ...files import encode_json
from ...limits import refuse_beyond
from ._reading import Reading

#: A value of a file: a text, a list, a mapping, or None for what YAML takes for null.
Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"

#: Digits of a number that counts something.
_DIGITS = 9
_NULLS = ("", "~", "null", "Null", "NULL")
#: What YAML cannot hold unless it is escaped, and U+0085 and U+FEFF, which some readers change. JSON escapes the rest.
_NOT_PLAIN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def read_yaml(source: Reading, path: Path) -> Value:
    """What a file says.

    Raises ``FileError`` if it is not YAML or is beyond a limit, and ``MissingExtraError`` without PyYAML.
    """
    try:
        import yaml
    except ImportError:
        raise MissingExtraError.from_extra("yolo", "reading YOLO needs PyYAML") from None
    data = source.data(path, limit="yaml_bytes")
    try:
        return _Builder(path).value(yaml.parse(data, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None


def whole(text: str) -> int | None:
    """The whole number that a text is, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def yaml_text(text: str) -> str:
    """``text`` as a value that every reader of YAML takes: a JSON string, with all escaped that YAML does not print."""
    return _NOT_PLAIN.sub(lambda found: f"\\u{ord(found[0]):04x}", encode_json(text).decode("utf-8"))


class _Builder:
    """Makes values of PyYAML's events, and counts them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nodes = 0

    def value(self, events: Iterator[Any]) -> Value:
        """The value of a whole stream: that of its first document."""
        for event in events:
            if type(event).__name__ not in ("StreamStartEvent", "DocumentStartEvent"):
                return None if type(event).__name__ == "StreamEndEvent" else self._node(event, events, 0)
        return None

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Value:
        self._nodes += 1
        refuse_beyond("yaml_nodes", self._nodes, self._path)
        refuse_beyond("yaml_depth", depth, self._path)
        match type(event).__name__:
            case "SequenceStartEvent":
                return [self._node(item, events, depth + 1) for item in self._items(events)]
            case "MappingStartEvent":
                return self._mapping(events, depth + 1)
            case "ScalarEvent":
                is_null = event.implicit[0] and event.value in _NULLS
                return None if is_null else str(event.value)
        raise FileError(f"{self._path} has an alias, which annotation files do not need: it is not read")

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for event in self._items(events):
            key = self._node(event, events, depth)
            if key == "<<" and event.implicit[0]:
                raise FileError(f"{self._path} has a merge key, which annotation files do not need: it is not read")
            if isinstance(key, list | dict):
                raise FileError(f"{self._path} has a list or mapping as a key, which annotation files do not need")
            found["" if key is None else key] = self._node(next(events), events, depth)
        return found

    @staticmethod
    def _items(events: Iterator[Any]) -> Iterator[Any]:
        """The events that begin the items of the list or mapping that has begun."""
        for event in events:
            if type(event).__name__ in ("SequenceEndEvent", "MappingEndEvent"):
                return
            yield event
