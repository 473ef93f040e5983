"""Where the sizes of pictures come from, if the recordings have none: the pictures themselves, or a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..errors import FileError
from ..files import DECODE_ERRORS, decode_json
from .paths import inside
from .pictures import picture_size


def sizes_in(folder: str | Path, *, apply_orientation: bool = True) -> Callable[[str], tuple[float, float] | None]:
    """The size of a picture below ``folder`` by its name, from the head of its file.

    ``apply_orientation`` gives the size as the picture is looked at, after its EXIF orientation. Raises ``FileError``
    where there is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileError(f"there is no folder {folder}")

    def size_of(name: str) -> tuple[float, float] | None:
        path = inside(root, name)
        found = picture_size(path, apply_orientation=apply_orientation) if path is not None else None
        return None if found is None else (found.width, found.height)

    return size_of


def read_sizes(path: str | Path) -> dict[str, tuple[float, float]]:
    """Sizes by file name, from a CSV file (``file_name,width,height``) or JSON: ``{name: [width, height]}``, or a list
    of objects with these three fields, such as the images of a COCO file.

    Raises ``FileError`` that names the line or entry which is none.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    rows: list[Any]
    if Path(path).suffix.lower() == ".csv":
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")))
    else:
        try:
            decoded = decode_json(data, object)
        except DECODE_ERRORS as error:
            raise FileError(f"{path} is no JSON: {error}") from None
        rows = _rows(decoded)
    found = {}
    for number, row in enumerate(rows, start=1):
        try:
            size = msgspec.convert(row, _Size, strict=False)
        except msgspec.ValidationError as error:
            raise FileError(f"{path}, entry {number}: {error}: a size has file_name, width and height") from None
        found[size.file_name] = (size.width, size.height)
    return found


class _Size(msgspec.Struct):
    file_name: str
    width: float
    height: float


def _rows(decoded: Any) -> list[Any]:
    if isinstance(decoded, dict) and isinstance(decoded.get("images"), list):
        decoded = decoded["images"]
    if isinstance(decoded, dict):
        return [
            {"file_name": name, "width": size[0], "height": size[1]}
            if isinstance(size, list) and len(size) == 2  # noqa: PLR2004
            else {"file_name": name}
            for name, size in decoded.items()
        ]
    return decoded if isinstance(decoded, list) else [decoded]
