"""The formats: what each is called, how it is told from a path, what it holds, and what reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..errors import UsageError
from ..table.table import Kind
from .dataset import Dataset
from .reports import LossReport


class DatasetFormat(StrEnum):
    """A format that holds a dataset."""

    COCO = "coco"
    YOLO = "yolo"
    YOLO_SEGMENT = "yolo-segment"
    VOC = "voc"
    LABELME = "labelme"
    LABEL_STUDIO = "label-studio"
    CVAT = "cvat"
    CSV = "csv"
    TEMPORAL = "temporal"


class FormatInfo(Struct, frozen=True, kw_only=True):
    """What is known of a format; ``formats`` on the command line prints it."""

    format: DatasetFormat
    title: str
    #: A single file, or a folder of them.
    is_folder: bool
    holds: tuple[Kind, ...]
    #: Several rings of one object, marks of crowds, scores, and what has no label.
    rings: bool = False
    crowds: bool = False
    scores: bool = False
    #: Shapes at a time, and tracks.
    times: bool = False
    note: str = ""


_BOXES, _SHAPES = (Kind.BOX,), (Kind.POINT, Kind.BOX, Kind.POLYGON)

FORMATS = {
    info.format: info
    for info in (
        FormatInfo(
            format=DatasetFormat.COCO,
            title="COCO instances",
            is_folder=False,
            holds=_SHAPES,
            rings=True,
            crowds=True,
            scores=True,
            note="points are annotations of one keypoint",
        ),
        FormatInfo(
            format=DatasetFormat.YOLO,
            title="YOLO detection",
            is_folder=True,
            holds=_BOXES,
            note="polygons become boxes; clipped to the picture; pictures are not copied",
        ),
        FormatInfo(
            format=DatasetFormat.YOLO_SEGMENT,
            title="YOLO segmentation",
            is_folder=True,
            holds=(Kind.POLYGON,),
            note="boxes become polygons; clipped to the picture; pictures are not copied",
        ),
        FormatInfo(
            format=DatasetFormat.VOC,
            title="Pascal VOC",
            is_folder=True,
            holds=_BOXES,
            note="polygons become boxes; plain corners unless one_based",
        ),
        FormatInfo(format=DatasetFormat.LABELME, title="LabelMe", is_folder=True, holds=_SHAPES),
        FormatInfo(
            format=DatasetFormat.LABEL_STUDIO, title="Label Studio tasks", is_folder=False, holds=_SHAPES, scores=True
        ),
        FormatInfo(format=DatasetFormat.CVAT, title="CVAT for images 1.1", is_folder=False, holds=_SHAPES),
        FormatInfo(
            format=DatasetFormat.CSV,
            title="CSV, a line for each row",
            is_folder=False,
            holds=tuple(Kind),
            rings=True,
            crowds=True,
            scores=True,
            times=True,
            note="all of it; formulas in cells are defused",
        ),
        FormatInfo(
            format=DatasetFormat.TEMPORAL,
            title="clips, as ActivityNet has them",
            is_folder=False,
            holds=(Kind.CLIP,),
            scores=True,
            note="seconds; no sizes",
        ),
    )
}

_FUNCTIONS: dict[DatasetFormat, tuple[str, str, dict[str, Any]]] = {
    DatasetFormat.COCO: ("coco", "coco", {}),
    DatasetFormat.YOLO: ("yolo", "yolo", {"task": "detect"}),
    DatasetFormat.YOLO_SEGMENT: ("yolo", "yolo", {"task": "segment"}),
    DatasetFormat.VOC: ("voc", "voc", {}),
    DatasetFormat.LABELME: ("labelme", "labelme", {}),
    DatasetFormat.LABEL_STUDIO: ("label_studio", "label_studio", {}),
    DatasetFormat.CVAT: ("cvat", "cvat", {}),
    DatasetFormat.CSV: ("tabular", "csv", {}),
    DatasetFormat.TEMPORAL: ("temporal", "temporal", {}),
}


def write_dataset(dataset: Dataset, path: str | Path, to: DatasetFormat | str, **options: Any) -> LossReport:
    """Write a dataset in a format by its name; ``options`` are those of its own function."""
    module, name, fixed = _FUNCTIONS[_format(to)]
    write: Callable[..., LossReport] = getattr(_module(module), f"write_{name}")
    return write(dataset, path, **fixed | options)


def read_dataset(path: str | Path, from_: DatasetFormat | str | None = None, **options: Any) -> Dataset:
    """Read a dataset; without ``from_`` the format is told from what stands at ``path``."""
    found = guess_format(path) if from_ is None else _format(from_)
    module, name, _ = _FUNCTIONS[found]
    read: Callable[..., Dataset] = getattr(_module(module), f"read_{name}")
    return read(path, **options)


def guess_format(path: str | Path) -> DatasetFormat:
    """The format of what stands at ``path``. Raises ``UsageError`` that names the formats where it cannot be told."""
    place = Path(path)
    if place.is_dir():
        if (place / "data.yaml").is_file():
            return DatasetFormat.YOLO
        if next(place.rglob("*.xml"), None):
            return DatasetFormat.VOC
        if next(place.rglob("*.json"), None):
            return DatasetFormat.LABELME
    elif place.is_file() and place.suffix.lower() in (".json", ".xml"):
        return _of_content(place)
    elif place.suffix.lower() in _BY_SUFFIX:
        return _BY_SUFFIX[place.suffix.lower()]
    raise UsageError(f"cannot tell the format of {path}: name one of {', '.join(DatasetFormat)}")


_BY_SUFFIX = {
    ".json": DatasetFormat.COCO,
    ".yaml": DatasetFormat.YOLO,
    ".yml": DatasetFormat.YOLO,
    ".xml": DatasetFormat.VOC,
    ".csv": DatasetFormat.CSV,
}
#: As much of a file is looked at.
_HEAD = 4096
_CONTENTS = (
    (re.compile(rb"\s*\["), DatasetFormat.LABEL_STUDIO),
    (re.compile(rb'\s*\{.*?"(?:database)"\s*:', re.DOTALL), DatasetFormat.TEMPORAL),
    (re.compile(rb'\s*\{.*?"(?:shapes|imagePath)"\s*:', re.DOTALL), DatasetFormat.LABELME),
    (re.compile(rb".*?<annotations\b", re.DOTALL), DatasetFormat.CVAT),
)


def _of_content(path: Path) -> DatasetFormat:
    """JSON and XML are told apart by how they begin."""
    with path.open("rb") as file:
        head = file.read(_HEAD).removeprefix(b"\xef\xbb\xbf")
    for pattern, found in _CONTENTS:
        if pattern.match(head):
            return found
    return _BY_SUFFIX[path.suffix.lower()]


def _format(name: DatasetFormat | str) -> DatasetFormat:
    try:
        return DatasetFormat(name)
    except ValueError:
        raise UsageError(f"a format is one of {', '.join(DatasetFormat)}, not {name!r}") from None


def _module(name: str) -> Any:
    return import_module(f"{__package__}.{name}")
