"""Values ⇄ the dicts, lists, texts and numbers that ``json.dumps`` writes; and the same as fields of Pydantic.

The dict of a value has its fields by name, without those that hold their default, and ``"type"``: what JSON Lines of
documents hold too. What comes back is checked as the constructor checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from .errors import UsageError

V = TypeVar("V")


def to_plain(value: object) -> dict[str, Any]:
    """The dict of a value, with lists for tuples."""
    plain: dict[str, Any] = _with_lists(msgspec.to_builtins(value))
    return plain


def _with_lists(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {name: _with_lists(each) for name, each in plain.items()}
    return [_with_lists(each) for each in plain] if isinstance(plain, list | tuple) else plain


def from_plain(kind: type[V], plain: Mapping[str, Any]) -> V:
    """The value of a dict, not checked further than its types. Raises ``UsageError`` that names the field."""
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"not the dict of a {kind.__name__}: {error}") from None


def json_schema_of(kind: type) -> dict[str, Any]:
    """The JSON schema of the dict of a value, all in one piece.

    >>> json_schema_of(pa.Clip)["properties"]["start"]
    {'type': 'number'}
    """
    (schema,), parts = msgspec.json.schema_components([kind])
    whole: dict[str, Any] = _inlined(schema, parts)
    return whole


def _inlined(schema: Any, parts: Mapping[str, Any]) -> Any:
    """A schema with what it refers to in the place of the reference; none of our types holds itself."""
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(each, parts) for name, each in schema.items() if name != "discriminator"}


def pydantic_schema(
    kind: type[V], read: Callable[[Mapping[str, Any]], V], write: Callable[[V], object], *, form: type | None = None
) -> Any:
    """What Pydantic asks a type for: a field takes the value or its dict, and is written as the dict.

    Args:
        kind: The type of the value.
        read: A dict to the value; raises ``UsageError``, which is a ``ValueError``.
        write: The value to its dict.
        form: The type that has the fields of the dict, if it is not ``kind``.
    """
    from pydantic_core import core_schema

    def value_of(given: Any) -> V:
        if isinstance(given, kind):
            return given
        if not isinstance(given, Mapping):
            raise UsageError(f"not a {kind.__name__}, nor its dict, but {type(given).__name__}")
        return read(given)

    return core_schema.no_info_plain_validator_function(
        value_of,
        serialization=core_schema.plain_serializer_function_ser_schema(write),
        metadata={"pydantic_js_functions": [lambda *_: json_schema_of(form or kind)]},
    )
