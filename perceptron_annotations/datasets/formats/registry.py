"""The formats: what each is called, how it is told from a path, what it holds, and what reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from ...errors import FileError, UsageError
from ...files import read_head
from ...geometry import AnnotationKind
from ...losses import LossReport
from ..dataset import Dataset


class DatasetFormat(StrEnum):
    """A format that holds a dataset."""

    COCO = "coco"
    COCO_VIDEO = "coco-video"
    YOLO = "yolo"
    YOLO_SEGMENT = "yolo-segment"
    YOLO_POSE = "yolo-pose"
    VOC = "voc"
    LABELME = "labelme"
    LABEL_STUDIO = "label-studio"
    CVAT = "cvat"
    CVAT_VIDEO = "cvat-video"
    CSV = "csv"
    ACTIVITYNET = "activitynet"
    DATASET_JSONL = "dataset-jsonl"
    DATASET_PARQUET = "dataset-parquet"


class FormatInfo(Struct, frozen=True, kw_only=True):
    """What is known of a format; ``formats`` on the command line prints it."""

    format: DatasetFormat
    title: str
    #: A single file, or a folder of them.
    is_folder: bool
    holds: tuple[AnnotationKind, ...]
    #: Several rings of one object, marks of crowds, scores, and what has no label.
    rings: bool = False
    crowds: bool = False
    scores: bool = False
    #: Shapes at a time, and tracks.
    times: bool = False
    #: Objects in frames of videos, and nothing else; its functions take ``fps``, the rate of videos that have none.
    frames: bool = False
    #: Written a shard at a time, so that a dataset need not fit into memory.
    streams: bool = False
    note: str = ""


_BOXES, _SHAPES = (AnnotationKind.BOX,), (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON)

#: What is known of each format.
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
            streams=True,
            note="points are annotations of one keypoint",
        ),
        FormatInfo(
            format=DatasetFormat.COCO_VIDEO,
            title="COCO of videos (CocoVID, TAO)",
            is_folder=False,
            holds=_SHAPES,
            rings=True,
            crowds=True,
            scores=True,
            times=True,
            frames=True,
            note="an image is a frame; points are annotations of one keypoint; TAO needs fps",
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
            holds=(AnnotationKind.POLYGON,),
            note="boxes become polygons; clipped to the picture; pictures are not copied",
        ),
        FormatInfo(
            format=DatasetFormat.YOLO_POSE,
            title="YOLO pose",
            is_folder=True,
            holds=(AnnotationKind.POINT,),
            note="the points of an object, and its box; clipped to the picture; pictures are not copied",
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
            format=DatasetFormat.CVAT_VIDEO,
            title="CVAT for video 1.1",
            is_folder=True,
            holds=_SHAPES,
            times=True,
            frames=True,
            note="all places are keyframes; CVAT's own files need fps",
        ),
        FormatInfo(
            format=DatasetFormat.CSV,
            title="CSV, a line for each row",
            is_folder=False,
            holds=tuple(AnnotationKind),
            rings=True,
            crowds=True,
            scores=True,
            times=True,
            streams=True,
            note="all of it but what is known of the answers, source ids and unused labels; formulas are defused",
        ),
        FormatInfo(
            format=DatasetFormat.ACTIVITYNET,
            title="clips, as ActivityNet has them",
            is_folder=False,
            holds=(AnnotationKind.CLIP,),
            scores=True,
            note="seconds; no sizes",
        ),
        FormatInfo(
            format=DatasetFormat.DATASET_JSONL,
            title="a dataset as JSONL, a line for each asset",
            is_folder=False,
            holds=tuple(AnnotationKind),
            rings=True,
            crowds=True,
            scores=True,
            times=True,
            streams=True,
            note="all of it; what was wrong in an answer stays with the answer",
        ),
        FormatInfo(
            format=DatasetFormat.DATASET_PARQUET,
            title="a dataset as Parquet, a row for each asset",
            is_folder=False,
            holds=tuple(AnnotationKind),
            rings=True,
            crowds=True,
            scores=True,
            times=True,
            streams=True,
            note="the same; needs the arrow extra",
        ),
    )
}

_FUNCTIONS: dict[DatasetFormat, tuple[str, str, dict[str, Any]]] = {
    DatasetFormat.COCO: ("coco.instances", "coco", {}),
    DatasetFormat.COCO_VIDEO: ("coco.videos", "coco_video", {}),
    DatasetFormat.YOLO: ("yolo.folder", "yolo", {"task": "detect"}),
    DatasetFormat.YOLO_SEGMENT: ("yolo.folder", "yolo", {"task": "segment"}),
    DatasetFormat.YOLO_POSE: ("yolo.folder", "yolo", {"task": "pose"}),
    DatasetFormat.VOC: ("voc", "voc", {}),
    DatasetFormat.LABELME: ("labelme", "labelme", {}),
    DatasetFormat.LABEL_STUDIO: ("label_studio", "label_studio", {}),
    DatasetFormat.CVAT: ("cvat.images", "cvat", {}),
    DatasetFormat.CVAT_VIDEO: ("cvat.video_tracks", "cvat_video", {}),
    DatasetFormat.CSV: ("csv_rows", "csv", {}),
    DatasetFormat.ACTIVITYNET: ("activitynet", "activitynet", {}),
    DatasetFormat.DATASET_JSONL: ("dataset_jsonl", "dataset_jsonl", {}),
    DatasetFormat.DATASET_PARQUET: ("dataset_parquet", "dataset_parquet", {}),
}


def write_dataset(
    dataset: Dataset | Iterable[Dataset], path: str | Path, format: DatasetFormat | str, **options: Any
) -> LossReport:
    """Write a dataset in a format by its name; ``options`` are those of its own function.

    Raises ``UsageError`` for shards, where the format takes only a whole dataset.
    """
    if not (isinstance(dataset, Dataset) or FORMATS[_named(format)].streams):
        streaming = ", ".join(info.format for info in FORMATS.values() if info.streams)
        raise UsageError(f"{_named(format)} takes a whole dataset, not shards of it; {streaming} take shards")
    module, name, fixed = _FUNCTIONS[_named(format)]
    write: Callable[..., LossReport] = getattr(_module(module), f"write_{name}")
    return write(dataset, path, **fixed | options)


def read_dataset(path: str | Path, format: DatasetFormat | str | None = None, **options: Any) -> Dataset:
    """Read a dataset; without ``format`` the format is told from what stands at ``path``."""
    found = guess_format(path) if format is None else _named(format)
    module, name, _ = _FUNCTIONS[found]
    read: Callable[..., Dataset] = getattr(_module(module), f"read_{name}")
    return read(path, **options)


def rate_option(found: DatasetFormat, fps: float | None) -> dict[str, Any]:
    """``fps`` as an option of the functions of a format, where they take it."""
    return {"fps": fps} if FORMATS[found].frames else {}


def guess_format(path: str | Path) -> DatasetFormat:
    """The format of what stands at ``path``. Raises ``UsageError`` that names the formats where it cannot be told.

    Raises ``FileError`` where nothing stands there.
    """
    place = Path(path)
    if not place.exists():
        raise FileError(f"cannot read {path}: there is no such file or folder")
    if place.is_dir():
        if (place / "data.yaml").is_file():
            return guess_format(place / "data.yaml")
        found = next(place.rglob("*.xml"), None)
        if found is not None:
            is_video = _of_content(found, found.suffix) is DatasetFormat.CVAT_VIDEO
            return DatasetFormat.CVAT_VIDEO if is_video else DatasetFormat.VOC
        if next(place.rglob("*.json"), None):
            return DatasetFormat.LABELME
    else:
        suffix = ".jsonl" if place.name.lower().endswith(".jsonl.gz") else place.suffix.lower()
        told = _of_content(place, suffix) if suffix in _CONTENTS and place.is_file() else None
        told = told or _BY_SUFFIX.get(suffix)
        if told is not None:
            return told
    raise UsageError(f"cannot tell the format of {path}: name one of {', '.join(DatasetFormat)}")


_BY_SUFFIX = {
    ".json": DatasetFormat.COCO,
    ".yaml": DatasetFormat.YOLO,
    ".yml": DatasetFormat.YOLO,
    ".xml": DatasetFormat.VOC,
    ".csv": DatasetFormat.CSV,
    ".parquet": DatasetFormat.DATASET_PARQUET,
}
#: As much of a file is looked at: before the first track of CVAT stand its labels with their attributes, and all jobs.
_HEAD = 2**16
_POSE = ((re.compile(rb"(?:.*\n)?kpt_shape\s*:", re.DOTALL), DatasetFormat.YOLO_POSE),)
_CONTENTS: dict[str, tuple[tuple[re.Pattern[bytes], DatasetFormat], ...]] = {
    ".json": (
        (re.compile(rb"\s*\["), DatasetFormat.LABEL_STUDIO),
        (re.compile(rb'\s*\{.*?"(?:database)"\s*:', re.DOTALL), DatasetFormat.ACTIVITYNET),
        (re.compile(rb'\s*\{.*?"(?:shapes|imagePath)"\s*:', re.DOTALL), DatasetFormat.LABELME),
        (re.compile(rb'\s*\{.*?"(?:videos|video_id)"\s*:', re.DOTALL), DatasetFormat.COCO_VIDEO),
    ),
    ".yaml": _POSE,
    ".yml": _POSE,
    ".xml": (
        (re.compile(rb".*?<annotations\b.*?<(?:track|perceptron_annotations)\b", re.DOTALL), DatasetFormat.CVAT_VIDEO),
        (re.compile(rb".*?<annotations\b", re.DOTALL), DatasetFormat.CVAT),
    ),
    ".jsonl": ((re.compile(rb'\s*\{"schema":\s*"perceptron-annotations/dataset"'), DatasetFormat.DATASET_JSONL),),
}


def _of_content(path: Path, suffix: str) -> DatasetFormat | None:
    """Formats of one suffix are told apart by how they begin; JSONL may be something else altogether."""
    head = read_head(path, _HEAD)
    for pattern, found in _CONTENTS[suffix]:
        if pattern.match(head):
            return found
    return None


def _named(name: DatasetFormat | str) -> DatasetFormat:
    try:
        return DatasetFormat(name)
    except ValueError:
        raise UsageError(f"a format is one of {', '.join(DatasetFormat)}, not {name!r}") from None


def _module(name: str) -> Any:
    return import_module(f"{__package__}.{name}")
