"""A dataset in Parquet: a row for each asset, with its shapes as lists.

The columns are those of an ``AnnotationTable`` in pixels (``table.arrow_schema`` documents them; ``key`` is the file
name), so whatever reads tables of answers reads this too. Further columns are ``media``, ``fps``, ``orientation``,
``source_id`` and ``objects``, a list of structs as long as ``annotations``: label, object, iscrowd, source, ignore,
area, bbox (left, top, width and height), keypoints (x, y and visibility of each) and attributes, which are JSON. The
labels and their skeletons are in the metadata of the file. Only the issues of the answers that a dataset was made from
are lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from ...errors import FileError
from ...files import Source, encode_json
from ...losses import LossCode, LossCounter, LossReport
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ...table.arrow_columns import fields, lists, one_chunk
from ...table.arrow_export import lists_of, strings_of, to_arrow
from ...table.arrow_import import table_of_arrow
from ...table.parquet_files import open_parquet, without_dictionaries
from ..asset_identity import AssetNumbers
from ..asset_status import any_of_assets, ending_of_assets, status_of_assets
from ..builder import DatasetBuilder
from ..dataset import Attributes, Dataset, DatasetAsset, dataset_table, shards_of
from ..keypoints import Keypoints, Skeleton
from ..policies import AssetKind
from ._details import enter_skeletons, read_attributes, read_keypoints, skeletons_by_label
from ._reading import Reading, reading

_LABELS = b"perceptron_annotations.labels"
_SKELETONS = b"perceptron_annotations.skeletons"
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
    <Dataset: 1 assets, 1 objects in 1 rows, 1 labels>
    """
    shards = iter(shards_of(dataset))
    shard = next(shards, None)
    if shard is None:
        shard = DatasetBuilder().build()
    numbers = AssetNumbers()
    losses = LossCounter()
    objects = first = 0
    schema = _to_arrow(shard, [0] * len(shard.assets), 0).schema
    with write_whole(path) as stream, parquet.ParquetWriter(stream, schema) as writer:
        for shard in chain([shard], shards):  # noqa: B020 - the first is among them
            if shard.assets:
                table = _to_arrow(shard, numbers.enter(shard.assets), first)
                writer.write_table(table, row_group_size=len(shard.assets))
            objects += len(np.unique(shard.object))
            first += int(shard.object.max(initial=-1)) + 1
        labels = strings_of(shard.labels).to_pylist()
        skeletons = encode_json(skeletons_by_label(shard))
        writer.add_key_value_metadata({_LABELS: encode_json(labels), _SKELETONS: skeletons})
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
            strings_of(
                [encode_json(dict(each)).decode() if each else None for each in dataset.attributes or [()] * count]
            ),
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
    found = without_dictionaries(to_arrow(dataset.table))
    for field in _ASSET:
        values = columns.get(field.name)
        column = lists_of(dataset.rows_by_asset(), objects) if values is None else pa.array(values, field.type)
        found = found.append_column(field, column)
    return found


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
            data = file.read()
        labels = _metadata(data, _LABELS, b"[]", path)
        if not isinstance(labels, list):
            raise FileError(f"cannot read {path}: its labels are not a list")
        missing = [name for name in _ASSET.names if name not in data.column_names]
        if missing:
            raise FileError(
                f"{path} does not hold a dataset, since it has no column {', '.join(missing)}: "
                "if it holds answers, read it with read_parquet"
            )
        known = DatasetBuilder(list(map(str, labels)))
        enter_skeletons(source, known, _metadata(data, _SKELETONS, b"{}", path), "metadata")
        return source.checked(_dataset(source, data, known))


def _metadata(data: Any, key: bytes, default: bytes, path: Source) -> Any:
    """What the metadata of a file says of a key. Raises ``FileError`` if that is not JSON."""
    try:
        return json.loads((data.schema.metadata or {}).get(key, default))
    except ValueError as error:
        raise FileError(f"cannot read {path}: {error}") from None


def _dataset(source: Reading, data: Any, known: DatasetBuilder) -> Dataset:
    """The dataset in the columns of a file; ``known`` has its labels and skeletons."""
    table = table_of_arrow(data)
    assets, number = _assets(data, table.responses.sizes)
    order = np.argsort(number[table.response], kind="stable")
    some = table.take(order)
    _, structs = lists(one_chunk(data.column("objects")), "objects")
    objects = pa.StructArray.from_arrays(list(fields(structs, _OBJECT, "objects").values()), fields=list(_OBJECT))
    objects = objects.take(pa.array(order))
    names = objects.field("label").dictionary_encode()
    codes = dict(known.labels)
    words = [codes.setdefault(name, len(codes)) for name in names.dictionary.to_pylist()]
    label = np.array([*words, -1], dtype=np.int32)[names.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    numbers = objects.field("object").to_numpy(zero_copy_only=False)
    sources = tuple(objects.field("source").to_pylist())
    skeletons = tuple([known.skeletons.get(name) for name in codes])
    return Dataset(
        assets=assets,
        labels=tuple(codes),
        table=dataset_table(
            assets,
            status=status_of_assets(table.responses.status, number, len(assets)),
            truncated=any_of_assets(table.responses.truncated, number, len(assets)),
            ending=ending_of_assets(table.responses.ending, number, len(assets)),
            response=number[some.response],
            kind=some.kind,
            score=some.score,
            t=some.t,
            until=some.until,
            coords=some.coords,
            offsets=some.offsets,
            mention=some.mention,
            mentions=some.mentions,
            track=np.where(some.track >= 0, numbers, -1).astype(np.int32),
            span=some.span,
        ),
        label=label,
        object=numbers,
        iscrowd=objects.field("iscrowd").to_numpy(zero_copy_only=False).astype(bool),
        ignore=objects.field("ignore").fill_null(False).to_numpy(zero_copy_only=False).astype(bool),
        skeletons=skeletons,
        **_details(source, objects, [(*skeletons, None)[code] for code in label.tolist()]),
        source=sources if any(sources) else None,
    )


def _details(source: Reading, objects: Any, skeletons: list[Skeleton | None]) -> dict[str, Any]:
    """The columns that most datasets do not have; ``skeletons`` has that of the label of each row."""
    lists_by_name = {name: objects.field(name).to_pylist() for name in ("bbox", "keypoints", "attributes")}
    keypoints: list[NDArray[np.float64] | None] = [None] * len(skeletons)
    for row, (found, skeleton) in enumerate(zip(lists_by_name["keypoints"], skeletons, strict=True)):
        if found and skeleton is None:
            source.problem(ProblemCode.DANGLING_REFERENCE, f"object {row}", "there is no skeleton for its keypoints")
        elif found and skeleton is not None:
            keypoints[row] = read_keypoints(source, found, skeleton, f"object {row}")
    attributes = tuple(
        [
            tuple(read_attributes(source, json.loads(found or "{}"), f"object {row}").items())
            for row, found in enumerate(lists_by_name["attributes"])
        ]
    )
    area = objects.field("area").to_numpy(zero_copy_only=False)
    bbox = np.array([each or [np.nan] * 4 for each in lists_by_name["bbox"]], dtype=np.float64).reshape(-1, 4)
    return {
        "area": None if np.isnan(area).all() else area,
        "bbox": None if np.isnan(bbox).all() else bbox,
        "attributes": attributes if any(attributes) else None,
        "keypoints": Keypoints.of_rows(keypoints) if any(each is not None for each in keypoints) else None,
    }


#: The columns that say what an asset is.
_FIELDS = ("number", "file_name", "split", "media", "fps", "orientation", "source_id")


def _assets(data: Any, sizes: NDArray[np.float64]) -> tuple[tuple[DatasetAsset, ...], NDArray[np.int64]]:
    """The assets by number, and the place of that of each row among them."""
    found: dict[int, DatasetAsset] = {}
    columns = [data.column(name).to_pylist() for name in _FIELDS]
    for number, name, split, media, fps, orientation, source_id, (width, height) in zip(
        *columns, sizes.tolist(), strict=True
    ):
        found.setdefault(
            number,
            DatasetAsset(
                file_name=name,
                width=None if np.isnan(width) else width,
                height=None if np.isnan(height) else height,
                kind=AssetKind(media),
                fps=fps,
                orientation=orientation,
                source_id=source_id,
                split=split,
            ),
        )
    places = {number: place for place, number in enumerate(found)}
    return tuple(found.values()), np.array([places[number] for number in columns[0]], dtype=np.int64)
