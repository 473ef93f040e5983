"""What files say about objects beyond shape and label: names and values, as far as a dataset holds them."""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeAlias

from ...problems import ProblemCode
from ._reading import Reading

Value: TypeAlias = str | int | float | bool


def read_attributes(source: Reading, found: Any, place: str) -> dict[str, Value]:
    """The attributes in a JSON object; a value that is not text, a finite number or a boolean is told."""
    if not isinstance(found, dict):
        if found is not None:
            source.problem(ProblemCode.MALFORMED_ENTRY, place, "its attributes are not a JSON object")
        return {}
    held = {name: value for name, value in found.items() if _is_held(value)}
    for name in found.keys() - held.keys():
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"the attribute {name} is not a text, number or boolean")
    return held


def _is_held(value: Any) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value))
