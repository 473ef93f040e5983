"""A dataset in JSONL, without loss: a line for each asset with all its shapes, and lines of labels between them.

``{"schema": "perceptron-annotations/dataset", "version": 1}`` stands first. ``{"labels": [...]}`` lengthens the
vocabulary, so that its order is kept, and labels without shapes too. What was wrong in an answer stays with the answer,
and so does a mention that goes under another label.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from ...errors import FileError
from ...files import DECODE_ERRORS, decode_json, encode_json, read_lines, write_whole
from ...geometry import AnnotationKind
from ...losses import LossReport
from ...markup.document import Status
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset, shards_of
from ..reports import Tally
from ..validation import count_outside

SCHEMA = "perceptron-annotations/dataset"
VERSION = 1
_KINDS = {kind.name.lower(): kind for kind in AnnotationKind}
#: The least vertices of a kind; only polygons have more.
_LEAST = {AnnotationKind.POINT: 1, AnnotationKind.BOX: 2, AnnotationKind.POLYGON: 3, AnnotationKind.CLIP: 0}


class _Shape(Struct, omit_defaults=True, gc=False):
    kind: str
    vertices: list[tuple[float, float]]
    object: int
    label: str | None = None
    t: float | None = None
    until: float | None = None
    score: float | None = None
    track: bool = False
    iscrowd: bool = False
    source: str = ""
    span: tuple[int, int] = (0, 0)


class _AssetLine(Struct, omit_defaults=True, gc=False):
    asset: DatasetAsset
    status: Status
    shapes: list[_Shape]
    truncated: bool = False


class _Line(Struct):
    schema: str | None = None
    version: int | None = None
    labels: list[str] = []
    asset: DatasetAsset | None = None
    status: Status | None = None
    truncated: bool = False
    shapes: list[Any] = []


def write_dataset_jsonl(dataset: Dataset | Iterable[Dataset], path: str | Path) -> LossReport:
    """Write a dataset as JSONL: all of it, numbers with all their digits. Shards are written as they come."""
    names: set[str] = set()
    labels: tuple[str, ...] = ()
    objects = first = 0
    with write_whole(path) as stream:
        stream.write(encode_json({"schema": SCHEMA, "version": VERSION}) + b"\n")
        for shard in shards_of(dataset):
            if len(shard.labels) > len(labels):
                stream.write(encode_json({"labels": shard.labels[len(labels) :]}) + b"\n")
                labels = shard.labels
            for line in _asset_lines(shard, first):
                stream.write(encode_json(line) + b"\n")
            names.update(asset.file_name for asset in shard.assets)
            objects += len(np.unique(shard.object))
            first += int(shard.object.max(initial=-1)) + 1
    return LossReport(assets=len(names), objects=objects, labels=len(labels))


def _asset_lines(dataset: Dataset, first: int) -> Iterable[_AssetLine]:
    """The lines of a shard; ``first`` is added to its numbers of objects."""
    table = dataset.table
    ends, statuses = dataset.rows_by_asset().tolist(), list(Status)
    for number, asset in enumerate(dataset.assets):
        yield _AssetLine(
            asset=asset,
            status=statuses[table.responses.status[number]],
            truncated=bool(table.responses.truncated[number]),
            shapes=[_shape(dataset, row, first) for row in range(ends[number], ends[number + 1])],
        )


def _shape(dataset: Dataset, row: int, first: int) -> _Shape:
    table = dataset.table
    t, until, score = (
        None if np.isnan(column[row]) else float(column[row]) for column in (table.t, table.until, table.score)
    )
    return _Shape(
        kind=AnnotationKind(table.kind[row]).name.lower(),
        vertices=table.vertices(row).tolist(),
        object=first + int(dataset.object[row]),
        label=dataset.label_of(row),
        t=t,
        until=until,
        score=score,
        track=bool(table.track[row] >= 0),
        iscrowd=bool(dataset.iscrowd[row]),
        source="" if dataset.source is None else dataset.source[row],
        span=tuple(table.span[row].tolist()),
    )


def read_dataset_jsonl(path: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read what :func:`write_dataset_jsonl` wrote; lines of one asset, as shards leave them, come together.

    A line or a shape that is malformed costs only itself. Raises ``FileError`` where the first line does not say that
    this is a dataset of this version.
    """
    tally = Tally() if problems is None else problems
    builder = DatasetBuilder()
    assets: dict[str, int] = {}
    objects: dict[int, int] = {}
    known = False
    for line in read_lines(path):
        where = f"line {line.number}"
        try:
            if line.fault:
                raise msgspec.DecodeError(line.fault.message)
            found = decode_json(line.data, _Line)
        except DECODE_ERRORS as error:
            tally.add(ProblemCode.UNREADABLE_FILE, f"{where}: {error}")
            continue
        if not known:
            _check_header(found, path)
            known = True
        for label in found.labels:
            builder.add_label(label)
        if found.asset is None:
            continue
        name = found.asset.file_name
        if name not in assets:
            assets[name] = builder.add_asset(found.asset)
        if found.status is not None:
            builder.add_outcome(assets[name], found.status, truncated=found.truncated)
        for place, entry in enumerate(found.shapes):
            _add(builder, assets[name], objects, entry, tally, f"{where}: shape {place}")
    if not known:
        raise FileError(f"{path} is no {SCHEMA}: it has no lines")
    return count_outside(builder.build(), tally)


def _check_header(line: _Line, path: str | Path) -> None:
    if (line.schema, line.version) != (SCHEMA, VERSION):
        said = f"schema {line.schema!r}, version {line.version!r}"
        raise FileError(f"{path} is no {SCHEMA} of version {VERSION}: its first line says {said}")


def _add(builder: DatasetBuilder, asset: int, objects: dict[int, int], entry: Any, tally: Tally, where: str) -> None:
    try:
        shape = msgspec.convert(entry, _Shape)
        kind = _KINDS[shape.kind]
    except (*DECODE_ERRORS, KeyError) as error:
        tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: {error}")
        return
    least, count = _LEAST[kind], len(shape.vertices)
    if count < least or (count > least and kind is not AnnotationKind.POLYGON):
        tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: {count} vertices")
    elif not all(isfinite(x) and isfinite(y) for x, y in shape.vertices):
        tally.add(ProblemCode.NON_FINITE_COORDINATES, where)
    else:
        if shape.object not in objects:
            objects[shape.object] = builder.new_object()
        builder.add(
            asset,
            kind,
            shape.vertices,
            shape.label,
            object=objects[shape.object],
            iscrowd=shape.iscrowd,
            score=shape.score,
            t=shape.t,
            until=shape.until,
            track=shape.track,
            source=shape.source,
            span=shape.span,
        )
