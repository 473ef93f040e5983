"""JSON as it was sent → fields of the types that are expected; a field of another type is told and costs itself alone.

Nothing here raises for what a service, a proxy or a damaged disk wrote, but for data that is not a JSON object at all.
"""

from __future__ import annotations

import json
from typing import Any

from ..files import DECODE_ERRORS, decode_json
from ..problems import Problem, ProblemCode

_TYPES = {
    dict: "an object",
    list: "an array",
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    bytes: "a text that is not UTF-8",
    type(None): "null",
}


def type_of(value: object) -> str:
    """The JSON type of a value, in words."""
    return _TYPES.get(type(value), type(value).__name__)


def decode_object(data: bytes) -> dict[str, Any]:
    """The JSON object in ``data``. Texts that are not UTF-8 are bytes in it. Raises one of ``DECODE_ERRORS``.

    What is read as well, though it is not JSON: NaN and Infinity, which Python writes, and lone surrogates. A number
    with more digits than Python reads is infinite.
    """
    try:
        return decode_json(data, dict)
    except DECODE_ERRORS:
        if not data.lstrip().startswith(b"{"):
            raise
        try:
            decoded = json.loads(data.decode("utf-8", "surrogateescape"), parse_int=_number)
        except (ValueError, RecursionError):
            decoded = None
        if not isinstance(decoded, dict):
            raise
        return decoded if _is_utf8(data) else _with_damage(decoded)


def _number(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:  # thousands of digits
        return float(digits)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _with_damage(value: Any) -> Any:
    """``value`` with the texts that hold undecodable bytes as bytes."""
    if isinstance(value, dict):
        return {name: _with_damage(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_damage(inner) for inner in value]
    if isinstance(value, str) and any("\udc80" <= character <= "\udcff" for character in value):
        return value.encode("utf-8", "surrogatepass")
    return value


class Sent:
    """An object that was sent, whose fields are read by their types.

    ``place`` says where the object is; a field of the wrong type is added to ``problems``, and reads as missing.
    """

    __slots__ = ("_inside", "fields", "place", "problems")

    def __init__(self, fields: dict[str, Any], problems: list[Problem], place: str = "", inside: str = "") -> None:
        self.fields = fields
        self.problems = problems
        self.place = place
        self._inside = inside

    def within(self, name: str, fields: dict[str, Any]) -> Sent:
        """An object in the field ``name``."""
        return Sent(fields, self.problems, self.place, f"{self._inside}{name}.")

    def text(self, name: str) -> str | None:
        """A text."""
        text: str | None = self._typed(name, (str,), "a text")
        return text

    def name(self, name: str) -> str | None:
        """A text or a whole number, as text."""
        value = self._typed(name, (str, int), "a text or a whole number")
        return None if value is None else str(value)

    def integer(self, name: str) -> int | None:
        """A whole number, which may be written with a point."""
        value = self.fields.get(name)
        if type(value) is float and value.is_integer():
            return int(value)
        number: int | None = self._typed(name, (int,), "a whole number")
        return number

    def number(self, name: str) -> int | float | None:
        """A number."""
        number: int | float | None = self._typed(name, (int, float), "a number")
        return number

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self._typed(name, (bool,), "a boolean")
        return default if value is None else bool(value)

    def inner(self, name: str) -> Sent | None:
        """An object."""
        value = self._typed(name, (dict,), "an object")
        return None if value is None else self.within(name, value)

    def entries(self, name: str) -> list[tuple[Sent, bool]]:
        """The entries of an array, and whether each is an object; others are told, and read as empty ones."""
        found = []
        for place, entry in enumerate(self._typed(name, (list,), "an array") or ()):
            at = f"{name}[{place}]"
            if type(entry) is not dict:
                self.tell(at, "an object", entry)
            found.append((self.within(at, entry if type(entry) is dict else {}), type(entry) is dict))
        return found

    def objects(self, name: str) -> list[Sent]:
        """The objects of an array; other entries are told and left out."""
        return [entry for entry, is_object in self.entries(name) if is_object]

    def tell(self, name: str, wanted: str, came: object) -> None:
        """Tell that something is not what it should be."""
        message = f"{self._inside}{name} is not {wanted}, but {type_of(came)}"
        self.problems.append(Problem(code=ProblemCode.INVALID_FIELD, message=message, place=self.place))

    def _typed(self, name: str, types: tuple[type, ...], wanted: str) -> Any:
        value = self.fields.get(name)
        if value is None or type(value) in types:
            return value
        self.tell(name, wanted, value)
        return None
