"""Mutations of files that know what a file is made of: values, cells, elements, and at last bytes."""

from __future__ import annotations

import copy
import random
import re
import xml.etree.ElementTree as ET
from typing import Any

#: Texts that readers stumble over.
TEXTS = (
    "",
    " ",
    "\0",
    "\ud800",
    "\u202e",
    "=1+1",
    "a\nb",
    "a\rb",
    '"',
    "'",
    ",",
    ";",
    "&x;",
    "<b>",
    "]]>",
    "../../x",
    "/etc/passwd",
)
#: Numbers that few expect, as they are written.
NUMBERS = (
    "-1",
    "0",
    "-0",
    "1e999",
    "-1e308",
    "NaN",
    "Infinity",
    "9" * 400,
    "0x10",
    "1_0",
    "2147483648",
    "9223372036854775808",
    "1.5",
    "٣",
)
VALUES = (None, True, -1, 0, 2**31, 2**63, 10**400, 1.5, 1e308, "x", "1", [], [1], {}, {"a": 1}, [[[[1]]]])
#: Bytes that end, open or break something.
BYTES = (
    b"\xff",
    b"\xff\xfe",
    b"\xc3",
    b"\0",
    b"\r",
    b"\n",
    b'"',
    b"<",
    b"&",
    b"[" * 3000,
    b"{" * 3000,
    b"<a>" * 300,
    b"\\ud800",
)
BYTES += (
    b"\x1f\x8b\x08",
    b"1e999",
    b"9" * 5000,
    b"<!DOCTYPE a>",
    b"*a",
    b"<<: ",
    b"- ",
    b"]",
    b"}",
    b",,",
    b"NaN",
    b"null",
)

_PIECES = re.compile(rb"[A-Za-z_]+|-?[0-9][0-9.eE+-]*|\s+|.", re.DOTALL)


def mutated_value(rng: random.Random, value: Any) -> Any:
    """A copy of a JSON value with one thing in it changed: replaced, removed, doubled, swapped, renamed or nested."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        return _mutated_object(rng, value)
    if isinstance(value, list) and value and rng.random() < 0.8:
        return _mutated_list(rng, value)
    return rng.choice(
        (
            lambda: rng.choice(VALUES),
            lambda: rng.choice(TEXTS),
            lambda: [value],
            lambda: {"value": value},
            lambda: str(value),
            lambda: nested(value, rng.choice((3, 100, 600))),
            lambda: value * 2 if isinstance(value, int | float | str) else value,
            lambda: -value if isinstance(value, int | float) else value,
        )
    )()


def nested(value: Any, depth: int) -> Any:
    """``value`` in as many lists."""
    for _ in range(depth):
        value = [value]
    return value


def _mutated_object(rng: random.Random, value: dict[str, Any]) -> dict[str, Any]:
    key, other = rng.choice(list(value)), rng.choice(list(value))
    match rng.randrange(7):
        case 0:
            return {name: each for name, each in value.items() if name != key}
        case 1:
            return {rng.choice((*TEXTS, key.upper())) if name == key else name: each for name, each in value.items()}
        case 2:
            return value | {key: value[other], other: value[key]}
        case 3:
            return value | {rng.choice(TEXTS): rng.choice(VALUES)}
    return value | {key: mutated_value(rng, value[key])}


def _mutated_list(rng: random.Random, value: list[Any]) -> list[Any]:
    at = rng.randrange(len(value))
    match rng.randrange(6):
        case 0:
            return value[:at] + value[at + 1 :]
        case 1:
            return value[: at + 1] + value[at:]
        case 2:
            return value[::-1]
        case 3:
            return value * 3
    return [*value[:at], mutated_value(rng, value[at]), *value[at + 1 :]]


def mutated_cells(rng: random.Random, cells: list[str]) -> list[str]:
    """Cells with one replaced, removed, doubled or exchanged."""
    at, other, found = rng.randrange(len(cells)), rng.randrange(len(cells)), list(cells)
    match rng.randrange(5):
        case 0:
            del found[at]
        case 1:
            found.insert(at, found[at])
        case 2:
            found[at], found[other] = found[other], found[at]
        case _:
            found[at] = rng.choice((*TEXTS, *NUMBERS, found[at] * 2, "a" * 140_000 if rng.random() < 0.01 else "b"))
    return found


def mutated_bytes(rng: random.Random, data: bytes, start: int = 0) -> bytes:
    """Bytes with a piece of them changed, from ``start`` on.

    Pieces are words, numbers and signs, so that the change is often one that a reader understands.
    """
    at = rng.randrange(start, len(data) + 1) if len(data) >= start else len(data)
    piece = _PIECES.match(data, at)
    end = piece.end() if piece else at
    other = rng.randrange(at, len(data) + 1)
    before, after = data[:at], data[end:]
    return rng.choice(
        (
            lambda: before,
            lambda: before + after,
            lambda: data[:end] + data[at:],
            lambda: before + rng.choice(NUMBERS).encode() + after,
            lambda: before + rng.choice(TEXTS).encode("utf-8", "surrogatepass") + after,
            lambda: before + bytes([rng.randrange(256)]) + data[at + 1 :],
            lambda: before + data[other : other + rng.randrange(1, 40)] + data[at:],
            lambda: before + data[at + rng.randrange(1, 40) :],
            lambda: before + rng.choice(BYTES) + data[at:],
        )
    )()


def mutated_line(rng: random.Random, unit: bytes) -> bytes:
    """The bytes of a line, changed and still one line."""
    return mutated_bytes(rng, unit).replace(b"\n", b" ")


def mutated_element(rng: random.Random, unit: ET.Element) -> ET.Element:
    """An element with one thing in it or below changed, so that the whole is XML still."""
    made = copy.deepcopy(unit)
    parent = rng.choice([each for each in made.iter() if isinstance(each.tag, str)])
    text = rng.choice([*(text for text in TEXTS if text.isprintable()), *NUMBERS, "\n"])
    names = list(parent.attrib)
    match rng.randrange(7):
        case 0 if names:
            parent.set(rng.choice(names), text)
        case 1 if names:
            del parent.attrib[rng.choice(names)]
        case 2 if len(parent):
            parent.remove(rng.choice(list(parent)))
        case 3 if len(parent):
            parent.append(copy.deepcopy(rng.choice(list(parent))))
        case 4:
            parent.insert(0, ET.Comment("a comment"))
        case 5 if parent is not made:
            parent.tag = rng.choice(("a", "box", "polygon", "object", "name", "points"))
        case _:
            parent.text = text
    return made


def mutated_table(rng: random.Random, table: Any) -> Any:
    """A table with one column removed, doubled, renamed, retyped, reordered or replaced by nulls or odd values."""
    import pyarrow as pa

    at = rng.randrange(table.num_columns)
    field = table.schema.field(at)
    values = table.column(at).to_pylist()
    some = rng.randrange(len(values))
    names = ["" if n == at else name for n, name in enumerate(table.column_names)]
    one_null = [None if n == some else value for n, value in enumerate(values)]
    odd = pa.array([rng.choice((None, "x", "", "cat"))] * len(values))
    return rng.choice(
        (
            lambda: table.remove_column(at),
            lambda: table.append_column(field, table.column(at)),
            lambda: table.rename_columns(names),
            lambda: table.set_column(at, field, pa.array(one_null, field.type)),
            lambda: table.set_column(at, field, pa.array(rng.sample(values, len(values)), field.type)),
            lambda: table.slice(some),
            lambda: table.replace_schema_metadata({"labels": rng.choice(TEXTS[:2]), "perceptron_annotations": b"\xff"}),
            lambda: table.set_column(at, field.name, odd),
        )
    )()
