"""A dataset in Parquet: a row for each asset, with its shapes as lists.

The columns are those of an ``AnnotationTable`` in pixels (``table.arrow`` documents them; ``key`` is the file name), so
whatever reads tables of answers reads this too. Further columns are ``media``, ``fps``, ``orientation``, ``source_id``
and ``objects``, a list of structs as long as ``annotations``: label, object, iscrowd, source. The labels are in the
metadata of the file. Only the issues of the answers that a dataset was made from are lost.
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
from ...files import Source, encode_json, write_whole
from ...losses import LossCode, LossCounter, LossReport
from ...problems import OnProblem
from ...table.arrow import (
    from_arrow,
    lists_of,
    one_chunk,
    opened_lists,
    strings_of,
    to_arrow,
)
from ...table.parquet_files import open_parquet, without_dictionaries
from ..asset_identity import AssetNumbers
from ..asset_status import any_of_assets, ending_of_assets, status_of_assets
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset, dataset_table, shards_of
from ..policies import AssetKind
from ._reading import reading

_LABELS = b"perceptron_annotations.labels"
_OBJECT = pa.struct([("label", pa.string()), ("object", pa.int64()), ("iscrowd", pa.bool_()), ("source", pa.string())])
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
        writer.add_key_value_metadata({_LABELS: encode_json(labels)})
    changed = [label for label, kept in zip(shard.labels, labels, strict=True) if label != kept]
    losses.add(LossCode.UNLISTED_LABEL, "a lone surrogate, which Arrow cannot hold", len(changed))
    return LossReport(assets=len(numbers), objects=objects, labels=len(shard.labels), losses=losses.losses)


def _to_arrow(dataset: Dataset, numbers: list[int], first: int) -> Any:
    """A row for each asset, whose numbers are ``numbers``; ``first`` is added to the object numbers."""
    labels = pa.concat_arrays([strings_of(dataset.labels), pa.nulls(1, pa.string())])
    source = [""] * len(dataset) if dataset.source is None else dataset.source
    objects = pa.StructArray.from_arrays(
        [
            labels.take(pa.array(np.where(dataset.label < 0, len(dataset.labels), dataset.label))),
            pa.array(dataset.object + first),
            pa.array(dataset.iscrowd),
            strings_of(source),
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
        try:
            labels = tuple(map(str, json.loads((data.schema.metadata or {}).get(_LABELS, b"[]"))))
        except (TypeError, ValueError) as error:
            raise FileError(f"cannot read {path}: {error}") from None
        missing = [name for name in _ASSET.names if name not in data.column_names]
        if missing:
            raise FileError(
                f"{path} does not hold a dataset, since it has no column {', '.join(missing)}: "
                "if it holds answers, read it with read_parquet"
            )
        return source.checked(_dataset(data, labels))


def _dataset(data: Any, labels: tuple[str, ...]) -> Dataset:
    table = from_arrow(data)
    assets, number = _assets(data, table.responses.sizes)
    order = np.argsort(number[table.response], kind="stable")
    some = table.take(order)
    _, objects = opened_lists(one_chunk(data.column("objects")))
    objects = objects.take(pa.array(order))
    names = objects.field("label").dictionary_encode()
    codes = {label: code for code, label in enumerate(labels)}
    words = [codes.setdefault(name, len(codes)) for name in names.dictionary.to_pylist()]
    label = np.array([*words, -1], dtype=np.int32)[names.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    numbers = objects.field("object").to_numpy(zero_copy_only=False)
    source = tuple(objects.field("source").to_pylist())
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
        ignore=np.zeros(len(numbers), dtype=bool),
        source=source if any(source) else None,
    )


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
