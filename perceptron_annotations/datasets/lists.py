"""Lists that people keep with their data, as CSV or JSON: sizes of images, labels, synonyms, splits, names."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec

from ..csv_lines import read_records
from ..errors import FileError, UsageError
from ..files import DECODE_ERRORS, decode_json, open_input, read_bytes
from ..ops.label_counts import LabelMap

__all__ = ["Join", "LabelMap", "read_join", "read_label_map", "read_labels", "read_sizes", "read_splits"]

Entry = TypeVar("Entry", bound=msgspec.Struct)


#: What each field of an entry may be called.
Columns: TypeAlias = Mapping[str, tuple[str, ...]]
#: Characters of a line that are quoted.
_SHOWN = 60


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


class _Meant(msgspec.Struct):
    key: str
    file_name: str


#: What the columns of a join are called besides: as in OpenAI's batches, and in other tools' lists of images.
_JOIN_COLUMNS: Columns = {
    "key": ("key", "custom_id", "id", "name"),
    "file_name": ("file_name", "filename", "image", "file", "path"),
}
#: Which image a name means: a mapping, or a file that ``read_join`` reads.
Join: TypeAlias = Mapping[str, str] | str | PathLike[str]


def read_sizes(path: str | PathLike[str]) -> dict[str, tuple[float, float]]:
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


def read_label_map(path: str | PathLike[str]) -> dict[str, str]:
    """The label of each mention, from a CSV file with ``mention,label`` or a JSON object, for ``LabelMap(synonyms=…)``.

    Raises ``FileError`` for the first entry that is something else.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_label_map
    >>> _ = Path("labels.csv").write_text("mention,label\\nkitten,cat\\n")
    >>> read_label_map("labels.csv")
    {'kitten': 'cat'}
    """
    return {each.mention: each.label for each in _entries(path, _Synonym)}


def read_splits(path: str | PathLike[str]) -> dict[str, str]:
    """The split of each image, from a CSV file with ``file_name,split`` or a JSON object, for ``split_dataset``.

    Raises ``FileError`` for the first entry that is something else.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_splits
    >>> _ = Path("splits.json").write_text('{"a.png": "train", "b.png": "val"}')
    >>> read_splits("splits.json")
    {'a.png': 'train', 'b.png': 'val'}
    """
    return {each.file_name: each.split for each in _entries(path, _Part)}


def read_join(path: str | PathLike[str]) -> dict[str, str]:
    """The file name of the image that each key means, from a CSV file with ``key,file_name`` or a JSON object.

    In the header, ``custom_id``, ``id`` or ``name`` may stand for ``key``, and ``filename``, ``image``, ``file`` or
    ``path`` for ``file_name``; other columns are skipped. Raises ``FileError`` for a header without these, for the
    first entry that is something else, and for a key with two images.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import read_join
    >>> _ = Path("names.csv").write_text("custom_id,image\\nq0,shop/a.jpg\\n")
    >>> read_join("names.csv")
    {'q0': 'shop/a.jpg'}
    """
    found: dict[str, str] = {}
    for each in _entries(path, _Meant, _JOIN_COLUMNS):
        if found.setdefault(each.key, each.file_name) != each.file_name:
            raise FileError(f"{path}: the key {each.key!r} has two images, {found[each.key]} and {each.file_name}")
    return found


def as_join(join: Join | None) -> Mapping[str, str]:
    """Which image a name means, from whatever a caller gave. Raises ``UsageError`` if it is something else."""
    if join is None:
        return {}
    if isinstance(join, str | PathLike):
        return read_join(join)
    if isinstance(join, Mapping):
        return join
    raise UsageError(
        f"join must be a mapping such as {{'q0': 'a.jpg'}}, or a CSV or JSON file, not {type(join).__name__}"
    )


def as_label_map(label_map: LabelMap | Mapping[str, str] | str | PathLike[str]) -> LabelMap:
    """How mentions become labels, from whatever a caller gave. Raises ``UsageError`` if it is something else.

    A mapping or a file says all that changes: case and plural stay.
    """
    if isinstance(label_map, str | PathLike):
        label_map = read_label_map(label_map)
    return LabelMap.of(label_map)


def read_labels(path: str | PathLike[str]) -> list[str]:
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


def _entries(path: str | PathLike[str], kind: type[Entry], columns: Columns | None = None) -> list[Entry]:
    """The lines of a CSV file, or the entries of JSON; ``columns`` says what a field may be called."""
    names = kind.__struct_fields__
    called = columns or {name: (name,) for name in names}
    found = []
    for number, row in enumerate(_rows(path, called), start=1):
        try:
            found.append(msgspec.convert(row, kind, strict=False))
        except DECODE_ERRORS as error:
            wanted = " and ".join([", ".join(names[:-1]), names[-1]])
            raise FileError(f"{path}, entry {number}: {error}: an entry must have {wanted}") from None
    return found


def _rows(path: str | PathLike[str], columns: Columns) -> list[Any]:
    if Path(path).suffix.lower() == ".csv":
        return _records(path, columns)
    try:
        decoded = decode_json(read_bytes(path), object)
    except DECODE_ERRORS as error:
        raise FileError(f"{path} is not valid JSON: {error}") from None
    if isinstance(decoded, dict) and isinstance(decoded.get("images"), list):
        decoded = decoded["images"]
    if isinstance(decoded, dict):
        return [
            dict(zip(columns, (name, *(value if isinstance(value, list) else [value])), strict=False))
            for name, value in decoded.items()
        ]
    entries = decoded if isinstance(decoded, list) else [decoded]
    return [_renamed(each, columns) if isinstance(each, dict) else each for each in entries]


def _renamed(entry: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """What an entry has of the fields, under their own names."""
    found = {field: next((entry[name] for name in names if name in entry), None) for field, names in columns.items()}
    return {field: value for field, value in found.items() if value is not None}


def _records(path: str | PathLike[str], columns: Columns) -> list[dict[str, str]]:
    """The records of a CSV file, by the names in its first one."""
    with open_input(path) as file:
        found = []
        for record in read_records(file):
            if record.fault is not None and not record.cells:
                raise FileError(f"{path}, line {record.number}: {record.fault.message}")
            found.append(record.cells)
    head, *rest = found or [[]]
    for names in columns.values():
        if not set(names).intersection(head):
            raise FileError(
                f"{path}: the first line must be {','.join(columns)}, the names of the columns, and is "
                f"{','.join(head)[:_SHOWN]!r}"
            )
    return [_renamed(dict(zip(head, cells, strict=False)), columns) for cells in rest]
