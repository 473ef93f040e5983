"""LabelMe: a JSON file for each picture, with rectangles, polygons and points in pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct, field

from ...errors import FileError
from ...files import DECODE_ERRORS, decode_json, encode_json, write_folder
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ..paths import OwnFiles
from ..reports import Tally
from ..validation import count_outside
from ._selection import Selecting, vocabulary

_TYPES = {AnnotationKind.POINT: "point", AnnotationKind.BOX: "rectangle", AnnotationKind.POLYGON: "polygon"}
_KINDS = {name: kind for kind, name in _TYPES.items()}
#: How many points a shape of each type has: at least, and at most.
_COUNTS = {AnnotationKind.POINT: (1, 1), AnnotationKind.BOX: (2, 2), AnnotationKind.POLYGON: (3, None)}


class _Shape(Struct):
    label: str
    points: list[tuple[float, float]]
    shape_type: str = "polygon"
    group_id: int | None = None
    flags: dict[str, Any] = {}


class _Sheet(Struct):
    shapes: list[Any]
    image_path: str = field(name="imagePath", default="")
    image_height: float | None = field(name="imageHeight", default=None)
    image_width: float | None = field(name="imageWidth", default=None)
    version: str = "5.0.0"
    flags: dict[str, Any] = {}
    image_data: str | None = field(name="imageData", default=None)


def write_labelme(dataset: Dataset, folder: str | Path) -> LossReport:
    """Write a LabelMe folder, which must be new: ``<picture>.json`` beside where each picture goes.

    The rings of one object share a ``group_id``. Raises ``UsageError`` where two pictures would share a file.
    """
    selecting = Selecting(dataset, tuple(_TYPES))
    with write_folder(folder) as root:
        files = OwnFiles(root, ".json")
        for sheet in selecting.sheets():
            name = sheet.asset.file_name
            path = files.of(name)
            if path is None:
                selecting.tally.add(LossCode.UNSAFE_FILE_NAME, name)
                selecting.objects -= len(sheet.shapes)
                continue
            shapes = [
                _Shape(shape.label, [(x, y) for x, y in shape.coords.tolist()], _TYPES[shape.kind])
                for shape in sheet.shapes
            ]
            file = _Sheet(shapes, Path(name).name, sheet.height, sheet.width)
            path.write_bytes(encode_json(file) + b"\n")
    return selecting.report(len(vocabulary(dataset)))


def read_labelme(folder: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read a LabelMe folder, or one of its files.

    Circles, lines and masks are not held: they are counted. Raises ``FileError`` where there is no JSON file.
    """
    tally = Tally() if problems is None else problems
    base = Path(folder)
    files = [base] if base.is_file() else sorted(base.rglob("*.json"))
    if not files:
        raise FileError(f"there is no JSON file in {folder}")
    builder = DatasetBuilder()
    for file in files:
        try:
            sheet = decode_json(file.read_bytes(), _Sheet)
        except DECODE_ERRORS as error:
            tally.add(ProblemCode.UNREADABLE_FILE, f"{file.name}: {error}")
            continue
        below = file.relative_to(base).parent if file != base else Path()
        name = (below / Path(sheet.image_path.replace("\\", "/")).name).as_posix() if sheet.image_path else file.stem
        asset = builder.add_asset(DatasetAsset(file_name=name, width=sheet.image_width, height=sheet.image_height))
        for number, entry in enumerate(sheet.shapes):
            _add(builder, asset, entry, tally, f"{file.name}: shape {number}")
    return count_outside(builder.build(), tally)


def _add(builder: DatasetBuilder, asset: int, entry: Any, tally: Tally, where: str) -> None:
    try:
        shape = msgspec.convert(entry, _Shape)
    except (msgspec.ValidationError, RecursionError) as error:
        tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: {error}")
        return
    kind = _KINDS.get(shape.shape_type)
    if kind is None:
        tally.add(ProblemCode.UNSUPPORTED_ENTRY, f"{where}: {shape.shape_type}")
        return
    least, most = _COUNTS[kind]
    if not (least <= len(shape.points) <= (most or len(shape.points))):
        tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: a {shape.shape_type} of {len(shape.points)} points")
    elif not np.isfinite(shape.points).all():
        tally.add(ProblemCode.NON_FINITE_COORDINATES, where)
    else:
        builder.add(asset, kind, shape.points, shape.label)
