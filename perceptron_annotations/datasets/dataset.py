"""``Dataset``: images and videos, labels, and annotations on them, in the terms that all file formats share.

It is an ``AnnotationTable`` in pixels with some more columns, and the responses of the table are the assets, in their
order. A row is a point, a box, one ring of a polygon, or a clip; the rows of one object (the rings of a mask, the
waypoints of a track) share its number. An object with keypoints has them beside its first row: its box, say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct, StructMeta, structs
from msgspec.structs import force_setattr
from numpy.typing import NDArray

from ..checked import Checked
from ..errors import UsageError
from ..field_numbers import of_python
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..table.side_tables import Containers, Issues, Responses, unstated
from ..table.table import AnnotationTable
from ..wording import counted
from .asset_identity import keys_of
from .asset_status import status_of_rows
from .keypoints import Keypoints, Skeleton
from .label_source import LabelSource
from .lists import Join, LabelMap, as_join, as_label_map
from .policies import AssetKind

#: The label of annotations without one, in formats that need one.
UNNAMED = "object"

_PYTHON_NUMBERS = frozenset({int, float, type(None)})
#: Names and values that a file gives to an object, such as ``(("occluded", True),)``; ``dict(…)`` looks them up.
Attributes: TypeAlias = tuple[tuple[str, str | int | float | bool], ...]


class DatasetAsset(Struct, metaclass=Checked, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An image or a video. Its size is that of the displayed image, after its EXIF orientation.

    What identifies an asset is its index in the dataset, never its name: two assets may have one ``file_name``, and
    stay two. ``kind`` may be given as a word, ``"video"``, and numbers may be NumPy's. Raises ``UsageError`` for
    another word.

    >>> pa.datasets.DatasetAsset(file_name="a.mp4", kind="video").kind
    <AssetKind.VIDEO: 'video'>
    """

    #: Relative to the folder that holds the images of all splits, so of a YOLO folder ``train/a.jpg``.
    file_name: str
    #: In pixels; None if unknown.
    width: float | None = None
    height: float | None = None
    kind: AssetKind = AssetKind.IMAGE
    #: Frames per second of a video, which ties frame numbers to seconds.
    fps: float | None = None
    #: The EXIF orientation that the size follows. From 5 on, width and height are swapped in the stored image.
    orientation: int = 1
    #: Its id in the file that it was read from.
    source_id: str | None = None
    #: The part of the dataset that it belongs to, such as ``"train"``; None if the dataset is not divided.
    split: str | None = None

    def check(self) -> None:
        """Make numbers of NumPy Python's, and a word for the kind a kind, or raise ``UsageError``."""
        if {type(self.width), type(self.height), type(self.fps)} - _PYTHON_NUMBERS:
            for name in ("width", "height", "fps"):
                force_setattr(self, name, of_python(getattr(self, name)))
        given: object = self.kind
        if isinstance(given, AssetKind):
            return
        if given not in list(AssetKind):
            raise UsageError(f"the kind of an asset must be one of {', '.join(AssetKind)}, not {given!r}")
        force_setattr(self, "kind", AssetKind(str(given)))


#: Makes an image of fields that have the right types; the constructor would look at them again.
new_asset: Callable[..., DatasetAsset] = partial(StructMeta.__call__, DatasetAsset)


class Dataset(Struct, metaclass=Checked, frozen=True, eq=False, kw_only=True):
    """Annotations on A assets, in N rows; ``len(dataset)`` is N.

    Raises ``UsageError`` if columns do not fit together, if coordinates are not finite, if the table is not in pixels,
    or if rows are not in the order of their assets. :class:`DatasetBuilder` makes one row by row.

    >>> from perceptron_annotations.datasets import DatasetAsset, boxes_dataset
    >>> image = DatasetAsset(file_name="a.png", width=640, height=480)
    >>> boxes = [[10, 20, 30, 60], [0, 0, 9, 9]]
    >>> dataset = boxes_dataset([image], ["cat", "dog"], [0, 0], boxes, [0, 1])
    >>> dataset
    <Dataset: 1 asset, 2 objects in 2 rows, 2 labels>
    >>> dataset.with_labels(["dog"]).table.xyxy.tolist()
    [[0.0, 0.0, 9.0, 9.0]]
    """

    #: An asset is its index here. Another shard or file knows it by its ``AssetIdentity``; see ``identities_of``.
    assets: tuple[DatasetAsset, ...]
    #: The labels; the code of a label is its index.
    labels: tuple[str, ...]
    #: In pixels. Response i is asset i, and rows are in the order of assets. The key of a response is the file name,
    #: with ``#2`` after it for the second asset of one name, so that no two assets have one key.
    table: AnnotationTable
    #: ``(N,)`` int32: the code of the label, -1 for none.
    label: NDArray[np.int32]
    #: ``(N,)`` int64: the number of the object, which its rows share. An object is on one asset.
    object: NDArray[np.int64]
    #: ``(N,)``: whether the row is a region with many objects of its label, as in COCO.
    iscrowd: NDArray[np.bool_]
    #: ``(N,)``: whether metrics ignore the row: COCO's ``ignore``, VOC's ``difficult``.
    ignore: NDArray[np.bool_]
    #: The skeleton of each label, None for one without keypoints; empty if no label has one.
    skeletons: tuple[Skeleton | None, ...] = ()
    #: What each label is called in the file that it was read from, None if that is not known; empty if no label has it.
    label_sources: tuple[LabelSource | None, ...] = ()
    #: The keypoints of each row, as many as the skeleton of its label names, or none.
    keypoints: Keypoints | None = None
    #: ``(N, 4)``: left, top, width and height of the object's own box, as its file states it; NaN if that is just the
    #: bounds of its rows.
    bbox: NDArray[np.float64] | None = None
    #: ``(N,)``: the area of the object in square pixels, as its file states it; NaN if that is just the area of its
    #: rows.
    area: NDArray[np.float64] | None = None
    #: ``(N,)``: what else the file says about the object, which its rows share; empty for most rows.
    attributes: tuple[Attributes, ...] | None = None
    #: ``(N,)`` of str: where a row comes from, which is the key of an answer or an id in a file.
    source: tuple[str, ...] | None = None

    def check(self) -> None:
        """Raise ``UsageError`` for columns that do not fit together."""
        count = len(self.table)
        self._check_columns(count)
        if len(self.table.responses) != len(self.assets):
            raise UsageError(f"the table has {len(self.table.responses)} responses for {len(self.assets)} assets")
        if count and not (self.label.min() >= -1 and self.label.max() < len(self.labels)):
            raise UsageError(f"label must be from -1 to {len(self.labels) - 1}")
        if self.table.frame is not FrameKind.PIXELS:
            raise UsageError(
                f"the table of a dataset must be in pixels, not in {self.table.frame}: use ops.to_pixels(table)"
            )
        if not np.isfinite(self.table.coords).all():
            raise UsageError("the coordinates of a dataset must be finite numbers: leave out rows with others")
        if np.any(np.diff(self.table.response) < 0):
            raise UsageError("the rows of a dataset must be in the order of its assets: sort them by asset")
        self._check_keypoints(count)

    def _check_columns(self, count: int) -> None:
        """Raise ``UsageError`` if a column does not have an entry for each of ``count`` rows."""
        for name, kind, shape in (
            ("label", np.int32, (count,)),
            ("object", np.int64, (count,)),
            ("iscrowd", np.bool_, (count,)),
            ("ignore", np.bool_, (count,)),
            ("bbox", np.float64, (count, 4)),
            ("area", np.float64, (count,)),
        ):
            column = getattr(self, name)
            if column is None and name in ("bbox", "area"):
                continue
            if column.shape != shape or column.dtype != kind:
                raise UsageError(f"{name} must be {np.dtype(kind)} of shape {shape}")
        for name, entry in (("source", "text"), ("attributes", "entry")):
            column = getattr(self, name)
            if column is not None and len(column) != count:
                raise UsageError(f"{name} must have one {entry} for each of {count} rows")

    def _check_keypoints(self, count: int) -> None:
        """Raise ``UsageError`` if the keypoints of a row are not those of the skeleton of its label."""
        for name in ("skeletons", "label_sources"):
            if not getattr(self, name):
                force_setattr(self, name, (None,) * len(self.labels))
            if len(getattr(self, name)) != len(self.labels):
                raise UsageError(f"{name} must have one entry for each of {len(self.labels)} labels")
        if self.keypoints is None:
            return
        if len(self.keypoints) != count:
            raise UsageError(f"keypoints must have an entry for each of {count} rows, not {len(self.keypoints)}")
        wanted = np.array([*(0 if each is None else len(each) for each in self.skeletons), 0])[self.label]
        found = self.keypoints.counts
        wrong = np.flatnonzero((found > 0) & (found != wanted))
        if len(wrong):
            row = int(wrong[0])
            raise UsageError(
                f"row {row} has {found[row]} keypoints, but the skeleton of its label names {wanted[row]}: give the "
                "missing ones too, with the visibility 0"
            )

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        objects = len(np.unique(self.object))
        assets, labels = counted(len(self.assets), "asset"), counted(len(self.labels), "label")
        return f"<Dataset: {assets}, {counted(objects, 'object')} in {counted(len(self), 'row')}, {labels}>"

    def _repr_html_(self) -> str:
        """Its counts, first images and labels, for notebooks."""
        from ..render.notebook.dataset_card import dataset_card  # noqa: TID251 - only delegates, see UPWARD

        return dataset_card(self)

    @property
    def asset(self) -> NDArray[np.int64]:
        """``(N,)``: the asset of each row."""
        return self.table.response

    def label_of(self, row: int) -> str | None:
        """The label of a row, None if it has none."""
        return self.labels[self.label[row]] if self.label[row] >= 0 else None

    def take(self, rows: NDArray[Any]) -> Dataset:
        """Some rows, in the order of assets; all assets and labels stay."""
        chosen = np.arange(len(self))[rows]
        columns = {name: _taken(getattr(self, name), chosen) for name in _ROW_COLUMNS}
        return Dataset(
            assets=self.assets,
            labels=self.labels,
            skeletons=self.skeletons,
            label_sources=self.label_sources,
            table=self.table.take(chosen),
            keypoints=None if self.keypoints is None else self.keypoints.take(chosen),
            **columns,
        )

    def take_assets(self, chosen: NDArray[np.bool_]) -> Dataset:
        """The assets for which ``chosen``, ``(A,)``, is true, with their rows; all labels stay."""
        number = np.cumsum(chosen) - 1
        some = self.take(chosen[self.asset])
        assets = tuple([asset for asset, is_chosen in zip(self.assets, chosen.tolist(), strict=True) if is_chosen])
        table, responses, issues = some.table, self.table.responses, self.table.issues
        columns = {name: getattr(table, name) for name in _TABLE_COLUMNS}
        kept = np.flatnonzero(chosen[issues.response])
        return structs.replace(
            some,
            assets=assets,
            table=dataset_table(
                assets,
                response=number[some.asset],
                status=responses.status[chosen],
                truncated=responses.truncated[chosen],
                ending=responses.ending[chosen],
                issues=issues.of_responses(kept, number[issues.response[kept]]),
                **columns,
            ),
        )

    def with_assets(self, assets: Sequence[DatasetAsset]) -> Dataset:
        """The same dataset with other sizes, names or kinds of its assets; the coordinates stay."""
        renamed = structs.replace(self.table.responses, sizes=sizes_of(assets), key=keys_of(assets) or None)
        return structs.replace(self, assets=tuple(assets), table=self.table.replace(responses=renamed))

    def renamed(self, join: Join) -> Dataset:
        """The same dataset with the file names that ``join`` has for its own, a mapping or a file for ``read_join``."""
        names = as_join(join)
        listed = (names.get(asset.file_name, asset.file_name) for asset in self.assets)
        return self.with_assets(
            [structs.replace(asset, file_name=name) for asset, name in zip(self.assets, listed, strict=True)]
        )

    def relabelled(self, label: Callable[[str], str] | LabelMap | Mapping[str, str] | str | PathLike[str]) -> Dataset:
        """The same dataset with each label renamed; equal labels become one.

        ``label`` is a function, a ``LabelMap``, or a mapping or file of labels to change, as for ``from_recordings``.
        Raises ``UsageError`` if labels with different skeletons would become one.
        """
        codes: dict[str, int] = {}
        label_of = label if callable(label) else as_label_map(label)
        renamed = [codes.setdefault(label_of(name), len(codes)) for name in self.labels]
        skeletons: list[Skeleton | None] = [None] * len(codes)
        for code, skeleton in zip(renamed, self.skeletons, strict=True):
            if None not in (skeleton, skeletons[code]) and skeleton != skeletons[code]:
                raise UsageError(f"labels with different skeletons cannot become one label, {list(codes)[code]!r}")
            skeletons[code] = skeleton or skeletons[code]
        sources: list[LabelSource | None] = [None] * len(codes)
        for code, source in zip(renamed, self.label_sources, strict=True):
            sources[code] = sources[code] or source
        return structs.replace(
            self,
            labels=tuple(codes),
            skeletons=tuple(skeletons),
            label_sources=tuple(sources),
            label=np.array([*renamed, -1], dtype=np.int32)[self.label],
        )

    def with_labels(self, labels: Sequence[str]) -> Dataset:
        """The rows with one of these labels and those without a label; ``labels`` become the labels of the dataset.

        Raises ``UsageError`` if ``labels`` repeat.
        """
        listed = {name: code for code, name in enumerate(labels)}
        if len(listed) < len(labels):
            raise UsageError("labels must be different from each other")
        unlisted = -2
        codes = np.array([*(listed.get(name, unlisted) for name in self.labels), -1], dtype=np.int32)[self.label]
        some = self.take(codes > unlisted)
        skeletons = dict(zip(self.labels, self.skeletons, strict=True))
        sources = dict(zip(self.labels, self.label_sources, strict=True))
        return structs.replace(
            some,
            labels=tuple(labels),
            skeletons=tuple([skeletons.get(name) for name in labels]),
            label_sources=tuple([sources.get(name) for name in labels]),
            label=codes[codes > unlisted],
        )

    def by_object(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Some rows, with the rings of a mask side by side, and ``(G,)`` indices into them where each group starts.

        A row that is not a polygon is a group of its own, whatever its object. Groups are in the order of their first
        rows.
        """
        single = self.table.kind[rows] != AnnotationKind.POLYGON
        if single.all():
            return rows, np.arange(len(rows))
        key = np.where(single, -1 - np.arange(len(rows)), self.object[rows])
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        begins = first[group]
        order = np.argsort(begins, kind="stable")
        return rows[order], np.flatnonzero(np.diff(begins[order], prepend=-1))

    def rows_by_asset(self) -> NDArray[np.int64]:
        """``(A + 1,)``: the rows of asset i are ``offsets[i] … offsets[i + 1]``."""
        return self.table.group_by_response()


def _taken(column: Any, rows: NDArray[np.int64]) -> Any:
    """Some entries of a column of rows, which is an array, a tuple or None."""
    if isinstance(column, tuple):
        return tuple([column[row] for row in rows.tolist()])
    return None if column is None else column[rows]


def sizes_of(assets: Sequence[DatasetAsset]) -> NDArray[np.float64]:
    """``(A, 2)``: width and height in pixels, NaN if unknown."""
    sizes = np.empty((len(assets), 2))
    sizes[:, 0] = [asset.width for asset in assets]
    sizes[:, 1] = [asset.height for asset in assets]
    return sizes


def shards_of(dataset: Dataset | Iterable[Dataset]) -> Iterable[Dataset]:
    """The shards of a dataset; a whole one is its own only shard."""
    return (dataset,) if isinstance(dataset, Dataset) else dataset


#: The columns of a dataset with an entry for each row, apart from its table and its keypoints.
_ROW_COLUMNS = ("label", "object", "iscrowd", "ignore", "bbox", "area", "attributes", "source")
#: The columns of a dataset's table that hold something for each row.
_TABLE_COLUMNS = (
    "kind",
    "score",
    "mean_logprob",
    "min_logprob",
    "t",
    "until",
    "coords",
    "offsets",
    "mention",
    "mentions",
    "track",
    "span",
)


def dataset_table(
    assets: Sequence[DatasetAsset],
    *,
    response: NDArray[np.int64],
    status: NDArray[np.uint8] | None = None,
    truncated: NDArray[np.bool_] | None = None,
    ending: NDArray[np.uint8] | None = None,
    issues: Issues | None = None,
    **columns: Any,
) -> AnnotationTable:
    """The table of a dataset: a response for each asset, the given ``columns`` of rows, and empty ones.

    ``status`` is that of each asset; without it, an asset is OK if it has rows, else EMPTY.
    """
    rows, count = len(response), len(assets)
    nothing = np.zeros(0, dtype=np.int64)
    defaults: dict[str, Any] = {
        "asset_idx": np.full(rows, -1, dtype=np.int32),
        "track": np.full(rows, -1, dtype=np.int32),
        "collection": np.full(rows, -1, dtype=np.int32),
        "mean_logprob": np.full(rows, np.nan),
        "min_logprob": np.full(rows, np.nan),
        "span": np.zeros((rows, 2), dtype=np.int64),
    }
    return AnnotationTable(
        **defaults | columns,
        response=response,
        responses=Responses(
            status=status_of_rows(response, count) if status is None else status,
            truncated=np.zeros(count, dtype=bool) if truncated is None else truncated,
            ending=unstated(count) if ending is None else ending,
            size_offsets=np.arange(count + 1),
            sizes=sizes_of(assets),
            key=keys_of(assets) or None,
        ),
        containers=Containers(
            response=nothing,
            kind=nothing.astype(np.uint8),
            mention=nothing.astype(np.int32),
            t=nothing.astype(np.float64),
            asset_idx=nothing.astype(np.int32),
            collection=nothing.astype(np.int32),
            complete=nothing.astype(bool),
            span=nothing.reshape(0, 2),
        ),
        issues=issues
        or Issues(
            response=nothing,
            code=nothing.astype(np.uint8),
            span=nothing.reshape(0, 2),
            recovered=nothing.astype(bool),
        ),
        frame=FrameKind.PIXELS,
    )
