"""Lists that people keep beside their data, as CSV or JSON: sizes of pictures, labels, synonyms, splits."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..errors import FileError
from ..files import DECODE_ERRORS, decode_json, read_bytes
from ..ops.label_counts import LabelMap

__all__ = ["LabelMap", "read_label_map", "read_labels", "read_sizes", "read_splits"]

Entry = TypeVar("Entry", bound=msgspec.Struct)


class _Size(msgspec.Struct):
    file_name: str
    width: float
    height: float


class _Synonym(msgspec.Struct):
    mention: str
    label: str


class _Part(msgspec.Struct):
    file_name: str
    split: str


def read_sizes(path: str | Path) -> dict[str, tuple[float, float]]:
    """Sizes by file name, from a CSV file (``file_name,width,height``) or JSON: ``{name: [width, height]}``, or a list
    of objects with these three fields, such as the images of a COCO file.

    Raises ``FileError`` that names the line or entry which is none.
    """
    return {each.file_name: (each.width, each.height) for each in _entries(path, _Size)}


def read_label_map(path: str | Path) -> dict[str, str]:
    """The label of each mention, from a CSV file (``mention,label``) or a JSON object. Raises ``FileError``."""
    return {each.mention: each.label for each in _entries(path, _Synonym)}


def read_splits(path: str | Path) -> dict[str, str]:
    """The split of each picture, from a CSV file (``file_name,split``) or a JSON object. Raises ``FileError``."""
    return {each.file_name: each.split for each in _entries(path, _Part)}


def read_labels(path: str | Path) -> list[str]:
    """Labels in order: a JSON list, or a text file with one on each line. Raises ``FileError``."""
    data = read_bytes(path)
    if Path(path).suffix.lower() != ".json":
        return [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    try:
        return decode_json(data, list[str])
    except DECODE_ERRORS as error:
        raise FileError(f"{path} is no list of labels: {error}") from None


def _entries(path: str | Path, kind: type[Entry]) -> list[Entry]:
    """The lines of a CSV file, or the entries of JSON."""
    names = kind.__struct_fields__
    found = []
    for number, row in enumerate(_rows(path, names), start=1):
        try:
            found.append(msgspec.convert(row, kind, strict=False))
        except msgspec.ValidationError as error:
            wanted = " and ".join([", ".join(names[:-1]), names[-1]])
            raise FileError(f"{path}, entry {number}: {error}: each has {wanted}") from None
    return found


def _rows(path: str | Path, names: tuple[str, ...]) -> list[Any]:
    data = read_bytes(path)
    if Path(path).suffix.lower() == ".csv":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")))
    try:
        decoded = decode_json(data, object)
    except DECODE_ERRORS as error:
        raise FileError(f"{path} is no JSON: {error}") from None
    if isinstance(decoded, dict) and isinstance(decoded.get("images"), list):
        decoded = decoded["images"]
    if isinstance(decoded, dict):
        return [
            dict(zip(names, (name, *(value if isinstance(value, list) else [value])), strict=False))
            for name, value in decoded.items()
        ]
    return decoded if isinstance(decoded, list) else [decoded]
