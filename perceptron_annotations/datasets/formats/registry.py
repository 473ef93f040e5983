"""Formats by name: one function that reads a dataset in any of them, and one that writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import UsageError
from ...files import Source
from ...losses import LossReport
from ...words import closest, member_of
from ..dataset import Dataset
from ..known_sizes import Sizes
from .catalog import FORMATS
from .choices import DatasetFormat, FormatName
from .recognition import checked_format, recognise


class _Functions(NamedTuple):
    """Where the functions of a format are: ``read_<name>`` and ``write_<name>`` in ``module``."""

    module: str
    name: str
    #: The task, of functions that several formats share; only writing takes it.
    task: str | None = None


_FUNCTIONS = {
    DatasetFormat.COCO: _Functions("coco.instances", "coco"),
    DatasetFormat.COCO_VIDEO: _Functions("coco.videos", "coco_video"),
    DatasetFormat.YOLO: _Functions("yolo.folder", "yolo", "detect"),
    DatasetFormat.YOLO_SEGMENT: _Functions("yolo.folder", "yolo", "segment"),
    DatasetFormat.YOLO_POSE: _Functions("yolo.folder", "yolo", "pose"),
    DatasetFormat.VOC: _Functions("voc", "voc"),
    DatasetFormat.LABELME: _Functions("labelme", "labelme"),
    DatasetFormat.LABEL_STUDIO: _Functions("label_studio", "label_studio"),
    DatasetFormat.CVAT: _Functions("cvat.images", "cvat"),
    DatasetFormat.CVAT_VIDEO: _Functions("cvat.video_tracks", "cvat_video"),
    DatasetFormat.CSV: _Functions("csv_rows", "csv"),
    DatasetFormat.ACTIVITYNET: _Functions("activitynet", "activitynet"),
    DatasetFormat.DATASET_JSONL: _Functions("dataset_jsonl", "dataset_jsonl"),
    DatasetFormat.DATASET_PARQUET: _Functions("dataset_parquet", "dataset_parquet"),
}


def write_dataset(
    dataset: Dataset | Iterable[Dataset], path: str | Path, format: DatasetFormat | FormatName, **options: Any
) -> LossReport:
    """Write a dataset in a format by its name.

    Raises ``UsageError`` for an option that the format does not take, and for shards if it takes only a whole dataset.

    Args:
        dataset: What to write; an iterable of datasets is a dataset in shards.
        path: The file, or the folder to make.
        format: The format; ``FORMATS`` says what each holds.
        **options: Those of the format's own function, such as ``points`` of ``write_coco``.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.write_dataset(builder.build(), "truth.json", "coco").objects
    1
    """
    found = _named(format)
    if not (isinstance(dataset, Dataset) or FORMATS[found].streams):
        streaming = ", ".join(info.format for info in FORMATS.values() if info.streams)
        raise UsageError(f"{found} takes a whole dataset, not shards of it; {streaming} take shards")
    task = _FUNCTIONS[found].task
    fixed = {} if task is None else {"task": task}
    write: Callable[..., LossReport] = _function("write", found, options, fixed)
    return write(dataset, path, **options, **fixed)


def read_dataset(path: Source, format: DatasetFormat | FormatName | None = None, **options: Any) -> Dataset:
    """Read a dataset. Without ``format``, the format is told from the name of the file or folder and how it begins.

    ``options`` are those of the format's own function, such as ``fps`` of ``read_coco_video``. One of them is always
    ``on_problem``, which is called with each problem; without it, one ``ProblemWarning`` counts them. Raises
    ``UsageError`` for an option that the format does not take, or if the format cannot be told, and ``FileError`` if
    the file is not of its format.

    >>> from pathlib import Path
    >>> lines = ["file_name,kind,label,x1,y1,x2,y2", "a.png,box,cat,4,8,20,30"]
    >>> _ = Path("a.csv").write_text("\\n".join(lines))
    >>> pa.read_dataset("a.csv")
    <Dataset: 1 asset, 1 object in 1 row, 1 label>
    """
    if format is not None:
        found = _named(format)
        read: Callable[..., Dataset] = _function("read", found, options)
        return read(path, **options)
    with recognise(path) as recognised:
        found = checked_format(recognised, path)
        read = _function("read", found, options)
        dataset: Dataset = read(recognised.source, **options)
        return dataset


def rate_option(found: DatasetFormat, fps: float | None) -> dict[str, Any]:
    """``fps`` as an option of the functions of a format, if they take it."""
    return {"fps": fps} if FORMATS[found].frames else {}


def size_option(found: DatasetFormat, sizes: Sizes | None) -> dict[str, Any]:
    """``sizes`` as an option of the reader of a format, if it takes it."""
    return {"sizes": sizes} if FORMATS[found].images_in == "images" else {}


def _function(verb: str, found: DatasetFormat, options: Iterable[str], fixed: Iterable[str] = ()) -> Callable[..., Any]:
    """A function of a format. Raises ``UsageError`` if it does not take one of the options."""
    module, name, _ = _FUNCTIONS[found]
    function: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), f"{verb}_{name}")
    parameters = signature(function).parameters.values()
    known = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY and each.name not in fixed]
    for option in options:
        if option not in known:
            takes = f"the options {', '.join(known)}" if known else "no options"
            near = closest(option, known)
            message = f"there is no option {option!r} for {found.value}: {function.__name__} takes {takes}{near}"
            raise UsageError(message)
    return function


def _named(name: DatasetFormat | FormatName) -> DatasetFormat:
    return member_of(DatasetFormat, name, "format")
