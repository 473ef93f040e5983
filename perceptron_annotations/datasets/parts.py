"""Parts of a dataset that workers write apart, each whole and lossless → one dataset in any format.

A part is a dataset of its own in a folder, under its number. A worker that runs again replaces its part. Labels of
parts may differ, and ids are given only when the parts are joined, so workers need nothing of each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from ..errors import FileError, UsageError
from ..losses import LossReport
from .builder import DatasetBuilder
from .dataset import Dataset
from .disjoint_shards import DisjointShards
from .formats.choices import DatasetFormat, FormatName
from .formats.dataset_parquet import (
    identity_hashes_in_parquet,
    labels_in_parquet,
    read_dataset_parquet,
    write_dataset_parquet,
)
from .formats.registry import write_dataset

_NAME = re.compile(r"part-(\d+)\.parquet")


def write_part(dataset: Dataset, folder: str | PathLike[str], part: int) -> Path:
    """Write a dataset as one part of a larger one, ``folder/part-00007.parquet``; returns its path.

    The folder is made if it is not there, and a part of the same number is replaced, when all is written. Divide the
    images with ``shard_of``, so that all answers about an image come to one part. Raises ``UsageError`` for a number
    below 0. Needs the ``arrow`` extra.

    >>> nothing = pa.datasets.DatasetBuilder().build()
    >>> pa.datasets.write_part(nothing, "parts", 7).name
    'part-00007.parquet'
    """
    if part < 0:
        raise UsageError(f"part must be 0 or more, not {part}")
    path = Path(folder) / f"part-{part:05}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_dataset_parquet(dataset, path)
    return path


def read_parts(folder: str | PathLike[str], *, labels: Sequence[str] | None = None) -> Iterable[Dataset]:
    """The parts in a folder by their numbers, as shards of one dataset, for functions that take shards.

    They have the same labels: those of all parts, sorted, or ``labels``; objects with another label are left out.
    Writers keep one part in memory if no image is in two parts, as when ``shard_of`` divided them.
    Raises ``FileError`` if the folder holds no parts or one of them cannot be read, ``UsageError`` if two of them have
    another skeleton for one label.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> _ = pa.datasets.write_part(builder.build(), "parts-of-one", 0)
    >>> list(pa.datasets.read_parts("parts-of-one"))
    [<Dataset: 1 asset, 1 object in 1 row, 1 label>]
    """
    paths = _parts(Path(folder))
    shards = _shards(paths, _known_labels(paths, labels))
    return DisjointShards(shards) if _are_disjoint(paths) else shards


def _shards(paths: Sequence[Path], known: Dataset) -> Iterator[Dataset]:
    """The parts, with the labels of ``known``."""
    for path in paths:
        part = read_dataset_parquet(path).with_labels(known.labels)
        yield structs.replace(part, skeletons=known.skeletons, label_sources=known.label_sources)


def join_parts(
    folder: str | PathLike[str],
    path: str | PathLike[str],
    format: DatasetFormat | FormatName,
    *,
    labels: Sequence[str] | None = None,
    **options: Any,
) -> LossReport:
    """Write the parts in a folder as one dataset; a part is in memory at a time if the format takes shards.

    If an image is in two parts, the names of all images are in memory too.

    The ids of images, objects and labels are those of the whole: they follow from the numbers of the parts and the
    order in them, and not from who wrote which part when. Raises what :func:`read_parts` and ``write_dataset`` raise.

    Args:
        folder: What :func:`write_part` filled.
        path: The file to write, or the folder to make.
        format: Its format.
        labels: The labels in their order; by default those of all parts, sorted.
        **options: Those of the format's own function, such as ``points`` of ``write_coco``.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> _ = pa.datasets.write_part(builder.build(), "parts-to-join", 0)
    >>> pa.datasets.join_parts("parts-to-join", "joined.json", "coco").objects
    1
    """
    return write_dataset(read_parts(folder, labels=labels), Path(path), format, **options)


def _known_labels(paths: Sequence[Path], labels: Sequence[str] | None) -> Dataset:
    """The labels of all parts with what is known about each, as a dataset without assets."""
    known = DatasetBuilder(labels or ())
    for path in paths:
        part = labels_in_parquet(path)
        for label, skeleton, source in zip(part.labels, part.skeletons, part.label_sources, strict=True):
            known.add_label(label, skeleton, source=source)
    return known.build().with_labels(sorted(known.labels) if labels is None else labels)


def _are_disjoint(paths: Sequence[Path]) -> bool:
    """Whether no asset is in two parts; equal hashes count as equal names."""
    found = [np.unique(identity_hashes_in_parquet(path)) for path in paths]
    return len(np.unique(np.concatenate(found))) == sum(map(len, found))


def _parts(folder: Path) -> list[Path]:
    """The files of the parts by their numbers."""
    named = [(_NAME.fullmatch(path.name), path) for path in folder.glob("part-*.parquet")]
    found = sorted((int(match[1]), path) for match, path in named if match is not None)
    if not found:
        raise FileError(f"{folder} holds no parts: write_part makes them (part-00000.parquet)")
    return [path for _, path in found]
