"""Lists that people keep with their data, as CSV or JSON: sizes of images, labels, synonyms, splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..csv_lines import read_records
from ..errors import FileError
from ..files import DECODE_ERRORS, decode_json, open_input, read_bytes
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
    """Sizes of images by file name, from a CSV file with ``file_name,width,height`` or from JSON.

    JSON is ``{name: [width, height]}``, a list of objects with these three fields, or a COCO file. Raises ``FileError``
    for the first entry that is something else.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_sizes
    >>> _ = Path("sizes.csv").write_text("file_name,width,height\\na.png,640,480\\n")
    >>> read_sizes("sizes.csv")
    {'a.png': (640.0, 480.0)}
    """
    return {each.file_name: (each.width, each.height) for each in _entries(path, _Size)}


def read_label_map(path: str | Path) -> dict[str, str]:
    """The label of each mention, from a CSV file with ``mention,label`` or a JSON object, for ``LabelMap(synonyms=…)``.

    Raises ``FileError`` for the first entry that is something else.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_label_map
    >>> _ = Path("labels.csv").write_text("mention,label\\nkitten,cat\\n")
    >>> read_label_map("labels.csv")
    {'kitten': 'cat'}
    """
    return {each.mention: each.label for each in _entries(path, _Synonym)}


def read_splits(path: str | Path) -> dict[str, str]:
    """The split of each image, from a CSV file with ``file_name,split`` or a JSON object, for ``split_dataset``.

    Raises ``FileError`` for the first entry that is something else.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_splits
    >>> _ = Path("splits.json").write_text('{"a.png": "train", "b.png": "val"}')
    >>> read_splits("splits.json")
    {'a.png': 'train', 'b.png': 'val'}
    """
    return {each.file_name: each.split for each in _entries(path, _Part)}


def read_labels(path: str | Path) -> list[str]:
    """Labels in order, from a JSON list or a text file with one label on each line; empty lines are skipped.

    Raises ``FileError`` for JSON that is not a list of texts.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_labels
    >>> _ = Path("labels.txt").write_text("cat\\ndog\\n")
    >>> read_labels("labels.txt")
    ['cat', 'dog']
    """
    data = read_bytes(path)
    if Path(path).suffix.lower() != ".json":
        return [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    try:
        return decode_json(data, list[str])
    except DECODE_ERRORS as error:
        raise FileError(f"{path} is not a JSON list of labels: {error}") from None


def _entries(path: str | Path, kind: type[Entry]) -> list[Entry]:
    """The lines of a CSV file, or the entries of JSON."""
    names = kind.__struct_fields__
    found = []
    for number, row in enumerate(_rows(path, names), start=1):
        try:
            found.append(msgspec.convert(row, kind, strict=False))
        except DECODE_ERRORS as error:
            wanted = " and ".join([", ".join(names[:-1]), names[-1]])
            raise FileError(f"{path}, entry {number}: {error}: an entry must have {wanted}") from None
    return found


def _rows(path: str | Path, names: tuple[str, ...]) -> list[Any]:
    if Path(path).suffix.lower() == ".csv":
        return _records(path)
    try:
        decoded = decode_json(read_bytes(path), object)
    except DECODE_ERRORS as error:
        raise FileError(f"{path} is not valid JSON: {error}") from None
    if isinstance(decoded, dict) and isinstance(decoded.get("images"), list):
        decoded = decoded["images"]
    if isinstance(decoded, dict):
        return [
            dict(zip(names, (name, *(value if isinstance(value, list) else [value])), strict=False))
            for name, value in decoded.items()
        ]
    return decoded if isinstance(decoded, list) else [decoded]


def _records(path: str | Path) -> list[dict[str, str]]:
    """The records of a CSV file, by the names in its first one."""
    with open_input(path) as file:
        found = []
        for record in read_records(file):
            if record.fault is not None and not record.cells:
                raise FileError(f"{path}, line {record.number}: {record.fault.message}")
            found.append(record.cells)
    head, *rest = found or [[]]
    return [dict(zip(head, cells, strict=False)) for cells in rest]
