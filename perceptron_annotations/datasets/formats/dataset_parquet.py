"""A dataset in Parquet: a row for each asset, with its shapes as lists.

The columns are those of an ``AnnotationTable`` in pixels (``table.arrow_schema`` documents them; ``key`` is the file
name), so whatever reads tables of answers reads this too. Further columns are ``media``, ``fps``, ``orientation``,
``source_id`` and ``objects``, a list of structs as long as ``annotations``: label, object, iscrowd, source, ignore,
area, bbox (left, top, width and height), keypoints (x, y and visibility of each) and attributes, which are JSON. The
labels, their skeletons and what a COCO file called them are in the metadata of the file. Only the issues of the answers
that a dataset was made from are lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...errors import FileError, UsageError
from ...files import DECODE_ERRORS, Source, decode_json, encode_json
from ...losses import LossCode, LossCounter, LossReport
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ...table.arrow_columns import booleans, codes, fields, lists, numbers, texts, texts_or_none
from ...table.arrow_export import lists_of, strings_of, to_arrow
from ...table.arrow_import import checked_column, table_of_arrow
from ...table.columnar import check_range
from ...table.parquet_files import open_parquet, parquet_writer, read_whole, without_dictionaries
from ...table.side_tables import Containers
from ...table.table import AnnotationTable
from ..asset_status import any_of_assets, ending_of_assets, status_of_assets
from ..builder import DatasetBuilder
from ..dataset import Attributes, Dataset, DatasetAsset, dataset_table, shards_of
from ..disjoint_shards import asset_numbers
from ..keypoints import Keypoints, Skeleton
from ..policies import AssetKind
from ._details import (
    enter_label_sources,
    enter_skeletons,
    read_attributes,
    read_keypoints,
    skeletons_by_label,
    sources_by_label,
)
from ._reading import Reading, reading

T = TypeVar("T")

_LABELS = b"perceptron_annotations.labels"
_SKELETONS = b"perceptron_annotations.skeletons"
_SOURCES = b"perceptron_annotations.label_sources"
_KINDS = [kind.value for kind in AssetKind]
_OBJECT = pa.struct(
    [
        ("label", pa.string()),
        ("object", pa.int64()),
        ("iscrowd", pa.bool_()),
        ("source", pa.string()),
        ("ignore", pa.bool_()),
        ("area", pa.float64()),
        ("bbox", pa.large_list(pa.float64())),
        ("keypoints", pa.large_list(pa.float64())),
        ("attributes", pa.string()),
    ]
)
#: What an asset is known by in another shard.
_IDENTITY = ("file_name", "split", "source_id")
_ASSET = pa.schema(
    [
        ("number", pa.int64()),
        ("file_name", pa.string()),
        ("split", pa.string()),
        ("media", pa.string()),
        ("fps", pa.float64()),
        ("orientation", pa.int8()),
        ("source_id", pa.string()),
        ("objects", pa.large_list(_OBJECT)),
    ]
)


def write_dataset_parquet(dataset: Dataset | Iterable[Dataset], path: str | Path) -> LossReport:
    """Write a dataset as Parquet. Each shard becomes a row group as it comes. Needs the ``arrow`` extra.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> _ = pa.datasets.write_dataset_parquet(builder.build(), "a.parquet")
    >>> pa.datasets.read_dataset_parquet("a.parquet")
    <Dataset: 1 asset, 1 object in 1 row, 1 label>
    """
    shards = iter(shards_of(dataset))
    shard = next(shards, None)
    if shard is None:
        shard = DatasetBuilder().build()
    numbers = asset_numbers(dataset)
    losses = LossCounter()
    objects = first = 0
    schema = _to_arrow(shard, [0] * len(shard.assets), 0).schema
    with write_whole(path) as stream, parquet_writer(stream, schema) as writer:
        for shard in chain([shard], shards):  # noqa: B020 - the first is among them
            if shard.assets:
                table = _to_arrow(shard, numbers.enter(shard.assets), first)
                writer.write_table(table, row_group_size=len(shard.assets))
            objects += len(np.unique(shard.object))
            first += int(shard.object.max(initial=-1)) + 1
        labels = strings_of(shard.labels).to_pylist()
        skeletons = encode_json(skeletons_by_label(shard))
        sources = encode_json(sources_by_label(shard))
        writer.add_key_value_metadata({_LABELS: encode_json(labels), _SKELETONS: skeletons, _SOURCES: sources})
    changed = [label for label, kept in zip(shard.labels, labels, strict=True) if label != kept]
    losses.add(LossCode.UNLISTED_LABEL, "a lone surrogate, which Arrow cannot hold", len(changed))
    return LossReport(assets=len(numbers), objects=objects, labels=len(shard.labels), losses=losses.losses)


def _to_arrow(dataset: Dataset, numbers: list[int], first: int) -> Any:
    """A row for each asset, whose numbers are ``numbers``; ``first`` is added to the object numbers."""
    labels = pa.concat_arrays([strings_of(dataset.labels), pa.nulls(1, pa.string())])
    count = len(dataset)
    source = [""] * count if dataset.source is None else dataset.source
    objects = pa.StructArray.from_arrays(
        [
            labels.take(pa.array(np.where(dataset.label < 0, len(dataset.labels), dataset.label))),
            pa.array(dataset.object + first),
            pa.array(dataset.iscrowd),
            strings_of(source),
            pa.array(dataset.ignore),
            pa.array(np.full(count, np.nan) if dataset.area is None else dataset.area, from_pandas=True),
            _boxes(dataset),
            _keypoints(dataset),
            strings_of(list(map(_json, dataset.attributes or [()] * count))),
        ],
        fields=list(_OBJECT),
    )
    columns = {
        "number": numbers,
        "file_name": strings_of([asset.file_name for asset in dataset.assets]),
        "split": strings_of([asset.split for asset in dataset.assets]),
        "media": [asset.kind.value for asset in dataset.assets],
        "fps": [asset.fps for asset in dataset.assets],
        "orientation": [asset.orientation for asset in dataset.assets],
        "source_id": strings_of([asset.source_id for asset in dataset.assets]),
    }
    found = without_dictionaries(to_arrow(_with_tracks(dataset.table)))
    for field in _ASSET:
        values = columns.get(field.name)
        column = lists_of(dataset.rows_by_asset(), objects) if values is None else pa.array(values, field.type)
        found = found.append_column(field, column)
    return found


def _with_tracks(table: AnnotationTable) -> AnnotationTable:
    """The table with a container for each track, numbered in its asset, as tables of answers have them."""
    rows = np.flatnonzero(table.track >= 0)
    held = np.column_stack([table.response[rows], table.track[rows]])
    tracks, first, track = np.unique(held, axis=0, return_index=True, return_inverse=True)
    response, count = tracks[:, 0], len(tracks)
    begins = np.searchsorted(response, np.arange(len(table.responses)))
    number = np.full(len(table), -1, dtype=np.int32)
    number[rows] = track - begins[table.response[rows]]
    containers = Containers(
        response=response,
        kind=np.zeros(count, dtype=np.uint8),
        mention=table.mention[rows[first]],
        t=np.full(count, np.nan),
        asset_idx=np.full(count, -1, dtype=np.int32),
        collection=np.full(count, -1, dtype=np.int32),
        complete=np.ones(count, dtype=bool),
        span=np.full((count, 2), -1),
    )
    return table.replace(track=number, containers=containers)


def _json(attributes: Attributes) -> str | None:
    return encode_json(dict(attributes)).decode() if attributes else None


def _boxes(dataset: Dataset) -> Any:
    """The own boxes of rows, as lists of four numbers; none for other rows."""
    boxes = np.full((len(dataset), 4), np.nan) if dataset.bbox is None else dataset.bbox
    has_own = ~np.isnan(boxes[:, 0])
    return lists_of(np.concatenate([[0], np.cumsum(4 * has_own)]), pa.array(boxes[has_own].ravel()))


def _keypoints(dataset: Dataset) -> Any:
    """The keypoints of rows, as lists of x, y and visibility, with zeros for the coordinates that are missing."""
    found = dataset.keypoints
    if found is None:
        return lists_of(np.zeros(len(dataset) + 1, dtype=np.int64), pa.array(np.empty(0)))
    triples = np.column_stack([np.nan_to_num(found.xy), found.visibility])
    return lists_of(3 * found.offsets, pa.array(triples.ravel()))


# -- reading ---------------------------------------------------------------------------------------------------------


def read_dataset_parquet(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read what :func:`write_dataset_parquet` wrote; several rows of one asset, as shards leave them, are joined.

    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    the file does not hold a dataset. Needs the ``arrow`` extra.

    >>> empty = pa.datasets.DatasetBuilder(["cat"]).build()
    >>> _ = pa.datasets.write_dataset_parquet(empty, "empty.parquet")
    >>> pa.datasets.read_dataset_parquet("empty.parquet").labels
    ('cat',)
    """
    with reading(path, on_problem) as source:
        with open_parquet(path) as file:
            data = read_whole(file)
            missing = [name for name in _ASSET.names if name not in data.column_names]
            if missing:
                raise FileError(
                    f"{path} does not hold a dataset, since it has no column {', '.join(missing)}: "
                    "if it holds answers, read it with read_parquet"
                )
            dataset = _dataset(source, data, _known_labels(source, data.schema.metadata))
        return source.checked(dataset)


def labels_in_parquet(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """The labels of a file with what is known of them, as a dataset without assets; only metadata are read."""
    with reading(path, on_problem) as source, open_parquet(path) as file:
        return _known_labels(source, file.metadata.metadata).build()


def identity_hashes_in_parquet(path: Path) -> NDArray[np.int64]:
    """``(A,)``: the same number for the same asset of two files, in this process."""
    with open_parquet(path) as file:
        held = [name for name in _IDENTITY if name in file.schema_arrow.names]
        rows = zip(*(file.read(columns=[name])[name].to_pylist() for name in held), strict=True)
        return np.fromiter(map(hash, rows), dtype=np.int64)


def _known_labels(source: Reading, metadata: Mapping[bytes, bytes] | None) -> DatasetBuilder:
    """A builder with the labels, skeletons and names of labels that the metadata of a file have."""
    known = DatasetBuilder(_metadata(metadata, _LABELS, list[str]) or [])
    enter_skeletons(source, known, _metadata(metadata, _SKELETONS, dict[str, Any]) or {}, "metadata")
    enter_label_sources(source, known, _metadata(metadata, _SOURCES, dict[str, Any]) or {}, "metadata")
    return known


def _metadata(metadata: Mapping[bytes, bytes] | None, key: bytes, kind: type[T]) -> T | None:
    """What the metadata of a file say of a key. Raises ``UsageError`` if that is not JSON of this kind."""
    said = (metadata or {}).get(key)
    try:
        return None if said is None else decode_json(said, kind)
    except DECODE_ERRORS as error:
        raise UsageError(f"{key.decode()} in the metadata cannot be read: {error}") from None


def _dataset(source: Reading, data: Any, known: DatasetBuilder) -> Dataset:
    """The dataset in the columns of a file; ``known`` has its labels and skeletons."""
    table = table_of_arrow(data)
    if not np.array_equal(table.responses.size_offsets, np.arange(len(data) + 1)):
        raise UsageError("sizes must have one size for each asset")
    assets, number = _assets(data, table.responses.sizes)
    order = np.argsort(number[table.response], kind="stable")
    some = table.take(order)
    objects = _objects(data, table, order)
    codes_by_label: dict[str | None, int] = {None: -1}
    codes_by_label.update(known.labels.items())
    names = texts_or_none(objects["label"], "objects.label")
    label = np.array([codes_by_label.setdefault(name, len(codes_by_label) - 1) for name in names], dtype=np.int32)
    labels = tuple([name for name in codes_by_label if name is not None])
    object_numbers = _counted(objects["object"], "objects.object")
    sources = texts(objects["source"], "objects.source")
    skeletons = tuple([known.skeletons.get(name) for name in labels])
    return Dataset(
        assets=assets,
        labels=labels,
        table=dataset_table(
            assets,
            status=status_of_assets(table.responses.status, number, len(assets)),
            truncated=any_of_assets(table.responses.truncated, number, len(assets)),
            ending=ending_of_assets(table.responses.ending, number, len(assets)),
            response=number[some.response],
            kind=some.kind,
            score=some.score,
            mean_logprob=some.mean_logprob,
            min_logprob=some.min_logprob,
            t=some.t,
            until=some.until,
            coords=some.coords,
            offsets=some.offsets,
            mention=some.mention,
            mentions=some.mentions,
            track=np.where(some.track >= 0, object_numbers, -1).astype(np.int32),
            span=some.span,
        ),
        label=label,
        object=object_numbers,
        iscrowd=booleans(objects["iscrowd"], "objects.iscrowd"),
        ignore=booleans(objects["ignore"].fill_null(False), "objects.ignore"),
        skeletons=skeletons,
        label_sources=tuple([known.label_sources.get(name) for name in labels]),
        **_details(source, objects, [(*skeletons, None)[code] for code in label.tolist()]),
        source=sources if any(sources) else None,
    )


def _objects(data: Any, table: AnnotationTable, order: NDArray[np.int64]) -> dict[str, Any]:
    """The fields of the objects of all rows in an order, each of the type that it is written with."""
    offsets, structs = lists(checked_column(data, "objects"), "objects")
    if not np.array_equal(offsets, table.group_by_response()):
        raise UsageError("objects must be as many as annotations")
    found = fields(structs, _OBJECT, "objects")
    return {name: each.cast(_OBJECT.field(name).type).take(pa.array(order)) for name, each in found.items()}


def _details(source: Reading, objects: dict[str, Any], skeletons: list[Skeleton | None]) -> dict[str, Any]:
    """The columns that most datasets do not have; ``skeletons`` has that of the label of each row."""
    keypoints: list[NDArray[np.float64] | None] = [None] * len(skeletons)
    for row, (found, skeleton) in enumerate(zip(objects["keypoints"].to_pylist(), skeletons, strict=True)):
        if found and skeleton is None:
            source.problem(ProblemCode.DANGLING_REFERENCE, f"object {row}", "there is no skeleton for its keypoints")
        elif found and skeleton is not None:
            keypoints[row] = read_keypoints(source, found, skeleton, f"object {row}")
    attributes = tuple(
        [_attributes(source, found, f"object {row}") for row, found in enumerate(objects["attributes"].to_pylist())]
    )
    area = numbers(objects["area"], np.float64, "objects.area")
    bbox = _own_boxes(objects["bbox"])
    return {
        "area": None if np.isnan(area).all() else area,
        "bbox": None if np.isnan(bbox).all() else bbox,
        "attributes": attributes if any(attributes) else None,
        "keypoints": Keypoints.of_rows(keypoints) if any(each is not None for each in keypoints) else None,
    }


def _attributes(source: Reading, found: str | None, place: str) -> Attributes:
    """Attributes that are written as JSON; those that are not are told."""
    if found is None:
        return ()
    try:
        return tuple(read_attributes(source, decode_json(found.encode(), object), place).items())
    except DECODE_ERRORS as error:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"its attributes are not JSON: {error}")
        return ()


def _own_boxes(array: Any) -> NDArray[np.float64]:
    """``(n, 4)``: lists of four numbers, or of none."""
    boxes = array.to_pylist()
    if any(len(box or _NO_BOX) != len(_NO_BOX) for box in boxes):
        raise UsageError("objects.bbox must hold four numbers, or none")
    return np.array([box or _NO_BOX for box in boxes], dtype=np.float64).reshape(-1, 4)


_NO_BOX = [np.nan] * 4


def _counted(array: Any, name: str) -> NDArray[np.int64]:
    """Whole numbers from 0, none of them null."""
    found = numbers(array, np.int64, name)
    check_range(name, found, 0, 2**31)
    return found


def _assets(data: Any, sizes: NDArray[np.float64]) -> tuple[tuple[DatasetAsset, ...], NDArray[np.int64]]:
    """The assets by number, and the place of that of each row among them."""
    found: dict[int, DatasetAsset] = {}
    column = {name: checked_column(data, name) for name in _ASSET.names}
    number = _counted(column["number"], "number")
    orientation = numbers(column["orientation"], np.int64, "orientation")
    check_range("orientation", orientation, 1, 9)
    rows = zip(
        number.tolist(),
        texts(column["file_name"], "file_name"),
        texts_or_none(column["split"], "split"),
        codes(column["media"], _KINDS, "media").tolist(),
        numbers(column["fps"], np.float64, "fps").tolist(),
        orientation.tolist(),
        texts_or_none(column["source_id"], "source_id"),
        sizes.tolist(),
        strict=True,
    )
    for each, name, split, kind, fps, turned, source_id, (width, height) in rows:
        if each not in found:
            found[each] = DatasetAsset(
                file_name=name,
                width=_known(width),
                height=_known(height),
                kind=AssetKind(_KINDS[kind]),
                fps=_known(fps),
                orientation=turned,
                source_id=source_id,
                split=split,
            )
    places = {each: place for place, each in enumerate(found)}
    return tuple(found.values()), np.array([places[each] for each in number.tolist()], dtype=np.int64)


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number
