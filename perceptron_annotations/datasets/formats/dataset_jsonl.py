"""A dataset in JSONL: a line for each asset with all its shapes, and lines of labels between them.

The first line is ``{"schema": "perceptron-annotations/dataset", "version": 1}``. ``{"labels": [...]}`` adds labels to
the vocabulary, so its order is kept, and so are labels without shapes; ``{"skeletons": {...}}`` names the keypoints of
labels, and ``{"label_sources": {...}}`` what a COCO file called them. ``number`` tells the assets apart: lines with
one number are about one asset, as shards leave them, and without numbers those of one name, split and source id. Only
the issues of the answers that a dataset was made from are lost, and the mentions that became other labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ...completions.ending import Ending
from ...errors import FileError
from ...files import DECODE_ERRORS, Line, Source, decode_json, encode_json
from ...geometry import AnnotationKind
from ...losses import LossReport
from ...markup.document import Status
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ..asset_identity import identities_of
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset, shards_of
from ..disjoint_shards import asset_numbers
from ..keypoints import Skeleton
from ..label_source import LabelSource
from ._details import (
    enter_label_sources,
    enter_skeletons,
    read_attributes,
    read_keypoints,
    skeletons_by_label,
    sources_by_label,
)
from ._reading import Reading, reading

SCHEMA = "perceptron-annotations/dataset"
VERSION = 1
_KINDS = {kind.name.lower(): kind for kind in AnnotationKind}
#: The least number of vertices of each kind; only polygons may have more.
_LEAST = {AnnotationKind.POINT: 1, AnnotationKind.BOX: 2, AnnotationKind.POLYGON: 3, AnnotationKind.CLIP: 0}
#: The last place in a text that a column holds, and the span of a shape that has no place in a text.
_LAST = 2**63 - 1
_NO_SPAN = (-1, -1)


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
    ignore: bool = False
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    #: x, y and visibility of each, as in COCO.
    keypoints: list[float] | None = None
    attributes: Any = None
    source: str = ""
    span: tuple[int, int] = (0, 0)


class _AssetLine(Struct, omit_defaults=True, gc=False):
    number: int
    asset: DatasetAsset
    status: Status
    shapes: list[_Shape]
    truncated: bool = False
    ending: Ending = Ending.UNSTATED


class _Line(Struct):
    schema: str | None = None
    version: int | None = None
    labels: list[str] = []
    skeletons: Any = None
    label_sources: Any = None
    number: int | None = None
    asset: DatasetAsset | None = None
    status: Status | None = None
    truncated: bool = False
    ending: Ending = Ending.UNSTATED
    shapes: list[Any] = []


def write_dataset_jsonl(dataset: Dataset | Iterable[Dataset], path: str | Path) -> LossReport:
    """Write a dataset as JSONL: numbers have all their digits. Shards are written as they come.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> _ = pa.datasets.write_dataset_jsonl(builder.build(), "a.jsonl")
    >>> pa.datasets.read_dataset_jsonl("a.jsonl")
    <Dataset: 1 asset, 1 object in 1 row, 1 label>
    """
    numbers = asset_numbers(dataset)
    labels: tuple[str, ...] = ()
    skeletons: dict[str, Skeleton] = {}
    sources: dict[str, LabelSource] = {}
    objects = first = 0
    with write_whole(path) as stream:
        stream.write(encode_json({"schema": SCHEMA, "version": VERSION}) + b"\n")
        for shard in shards_of(dataset):
            if len(shard.labels) > len(labels):
                stream.write(encode_json({"labels": shard.labels[len(labels) :]}) + b"\n")
                labels = shard.labels
            if skeletons_by_label(shard) != skeletons:
                skeletons |= skeletons_by_label(shard)
                stream.write(encode_json({"skeletons": skeletons}) + b"\n")
            if sources_by_label(shard) != sources:
                sources |= sources_by_label(shard)
                stream.write(encode_json({"label_sources": sources}) + b"\n")
            for line in _asset_lines(shard, numbers.enter(shard.assets), first):
                stream.write(encode_json(line) + b"\n")
            objects += len(np.unique(shard.object))
            first += int(shard.object.max(initial=-1)) + 1
    return LossReport(assets=len(numbers), objects=objects, labels=len(labels))


def _asset_lines(dataset: Dataset, numbers: list[int], first: int) -> Iterable[_AssetLine]:
    """The lines of a shard; ``numbers`` are those of its assets, ``first`` is added to its object numbers."""
    table = dataset.table
    ends, statuses, endings = dataset.rows_by_asset().tolist(), list(Status), list(Ending)
    for number, asset in enumerate(dataset.assets):
        yield _AssetLine(
            number=numbers[number],
            asset=asset,
            status=statuses[table.responses.status[number]],
            truncated=bool(table.responses.truncated[number]),
            ending=endings[table.responses.ending[number]],
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
        ignore=bool(dataset.ignore[row]),
        bbox=_stated(dataset.bbox, row),
        area=_stated(dataset.area, row),
        keypoints=None if dataset.keypoints is None else dataset.keypoints.as_list(row) or None,
        attributes=dict(dataset.attributes[row]) or None if dataset.attributes is not None else None,
        source="" if dataset.source is None else dataset.source[row],
        span=tuple(table.span[row].tolist()),
    )


def _stated(column: NDArray[np.float64] | None, row: int) -> Any:
    """The numbers of a row as JSON, None if it has none."""
    return None if column is None or np.isnan(column[row]).any() else column[row].tolist()


# -- reading ---------------------------------------------------------------------------------------------------------


def read_dataset_jsonl(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read what :func:`write_dataset_jsonl` wrote; several lines of one asset, as shards leave them, are joined.

    A malformed line or shape is left out, and the rest is read. ``on_problem`` is called with each problem; without it,
    one ``ProblemWarning`` counts them. Raises ``FileError`` if the first line does not say that this is a dataset of
    this version.

    >>> from pathlib import Path
    >>> _ = Path("a.jsonl").write_text('{"schema": "perceptron-annotations/dataset", "version": 1, "labels": ["cat"]}')
    >>> pa.datasets.read_dataset_jsonl("a.jsonl").labels
    ('cat',)
    """
    with reading(path, on_problem) as source:
        found = _Found(source)
        is_known = False
        with source.open() as file:
            for line in file.lines():
                decoded = _decoded(source, line)
                if decoded is None:
                    continue
                if not is_known:
                    _check_header(decoded, path)
                    is_known = True
                found.add(decoded, f"line {line.number}")
        if not is_known:
            raise FileError(f"{path} is not a {SCHEMA}: it has no lines")
        return source.checked(found.builder.build())


def _decoded(source: Reading, line: Line) -> _Line | None:
    """What a line says; None, and a problem, if it cannot be read."""
    if line.fault is not None:
        source.problem(line.fault.code, f"line {line.number}", line.fault.message)
        return None
    try:
        return decode_json(line.data, _Line)
    except DECODE_ERRORS as error:
        source.problem(ProblemCode.UNREADABLE_LINE, f"line {line.number}", error)
        return None


def _check_header(line: _Line, path: Source) -> None:
    if (line.schema, line.version) != (SCHEMA, VERSION):
        said = f"schema {line.schema!r}, version {line.version!r}"
        raise FileError(f"{path} is not a {SCHEMA} of version {VERSION}: its first line says {said}")


def _wrong(shape: _Shape, kind: AnnotationKind) -> str:
    """What of a shape no dataset holds, or nothing."""
    least, count = _LEAST[kind], len(shape.vertices)
    if count < least or (count > least and kind is not AnnotationKind.POLYGON):
        return f"a {shape.kind} of {count} vertices"
    if kind is AnnotationKind.CLIP and shape.t is None:
        return "a clip without its start"
    start, end = shape.span
    if not 0 <= start <= end <= _LAST and shape.span != _NO_SPAN:
        return f"a span from {start} to {end}"
    return ""


class _Found:
    """What the lines so far say."""

    def __init__(self, source: Reading) -> None:
        self.builder = DatasetBuilder()
        self._source = source
        self._assets: dict[object, int] = {}
        self._objects: dict[int, int] = {}

    def add(self, line: _Line, place: str) -> None:
        """Enter the labels, the asset and the shapes of a line."""
        builder = self.builder
        for label in line.labels:
            builder.add_label(label)
        if line.skeletons is not None:
            enter_skeletons(self._source, builder, line.skeletons, place)
        if line.label_sources is not None:
            enter_label_sources(self._source, builder, line.label_sources, place)
        if line.asset is None:
            return
        (identity,) = identities_of([line.asset])
        key = identity if line.number is None else (identity, line.number)
        if key not in self._assets:
            self._assets[key] = builder.add_asset(line.asset)
        asset = self._assets[key]
        if line.status is not None:
            builder.add_outcome(asset, line.status, truncated=line.truncated, ending=line.ending)
        for number, entry in enumerate(line.shapes):
            self._add_shape(asset, entry, f"{place}: shape {number}")

    def _add_shape(self, asset: int, entry: Any, place: str) -> None:
        try:
            shape = msgspec.convert(entry, _Shape)
            kind = _KINDS[shape.kind]
        except KeyError:
            self._source.problem(ProblemCode.MALFORMED_ENTRY, place, "its kind is unknown")
            return
        except DECODE_ERRORS as error:
            self._source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
            return
        if wrong := _wrong(shape, kind):
            self._source.problem(ProblemCode.MALFORMED_ENTRY, place, wrong)
        elif not all(isfinite(x) and isfinite(y) for x, y in shape.vertices):
            self._source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
        else:
            if shape.object not in self._objects:
                self._objects[shape.object] = self.builder.new_object()
            self.builder.add(
                asset,
                kind,
                shape.vertices,
                shape.label,
                object=self._objects[shape.object],
                iscrowd=shape.iscrowd,
                ignore=shape.ignore,
                bbox=shape.bbox,
                area=shape.area,
                keypoints=self._keypoints(shape, place),
                attributes=read_attributes(self._source, shape.attributes, place),
                score=shape.score,
                t=shape.t,
                until=shape.until,
                track=shape.track,
                source=shape.source,
                span=shape.span,
            )

    def _keypoints(self, shape: _Shape, place: str) -> NDArray[np.float64] | None:
        """The keypoints of a shape; None, and a problem, if its label has no skeleton, or another one."""
        if not shape.keypoints:
            return None
        skeleton = self.builder.skeletons.get(shape.label or "")
        if skeleton is not None:
            return read_keypoints(self._source, shape.keypoints, skeleton, place)
        self._source.problem(ProblemCode.DANGLING_REFERENCE, place, "there is no skeleton for its keypoints")
        return None
