"""A JSON Schema → the ``response_format`` of a request, strict if OpenAI's rules for strict schemas allow it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .request_options import warn

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 64
#: Keywords whose value is one schema, a list of schemas, and a mapping of names to schemas.
_ONE, _MANY, _NAMED = ("items",), ("anyOf",), ("properties", "$defs", "definitions")


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The field of a request that constrains its answer to ``schema``.

    Its name is the title of the schema in the characters that OpenAI allows. It is strict, which guarantees the form,
    unless an object of the schema leaves something open; then a ``RequestWarning`` says which one.
    """
    title = schema.get("title")
    name = _NOT_IN_NAMES.sub("_", title).strip("_")[:_LONGEST_NAME] if isinstance(title, str) else ""
    fault = next(_open_objects(schema, "the schema"), None)
    if fault is not None:
        warn(f"{fault}: it is sent as a schema that is not strict, which a service may not enforce")
    return {
        "type": "json_schema",
        "json_schema": {"name": name or "answer", "schema": dict(schema), "strict": fault is None},
    }


def _open_objects(schema: Any, place: str) -> Iterator[str]:
    """What is wrong with each object that strict schemas do not allow: all properties are required, and no others."""
    if not isinstance(schema, Mapping):
        return
    properties = schema.get("properties")
    if isinstance(properties, Mapping) or "object" in _types(schema):
        required = schema.get("required")
        names = set(properties) if isinstance(properties, Mapping) else set()
        if schema.get("additionalProperties") is not False:
            yield f"{place} does not say additionalProperties: false"
        elif names - set(required if isinstance(required, list) else ()):
            yield f"{place} does not require {', '.join(sorted(names - set(required or ())))}"
    for keyword in _ONE:
        yield from _open_objects(schema.get(keyword), f"{place}.{keyword}")
    for keyword in _MANY:
        for number, inner in enumerate(schema.get(keyword) or ()):
            yield from _open_objects(inner, f"{place}.{keyword}[{number}]")
    for keyword in _NAMED:
        inner = schema.get(keyword)
        for name, one in inner.items() if isinstance(inner, Mapping) else ():
            yield from _open_objects(one, f"{place}.{keyword}.{name}")


def _types(schema: Mapping[str, Any]) -> list[Any]:
    found = schema.get("type")
    return found if isinstance(found, list) else [found]
