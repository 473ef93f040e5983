"""``Dataset``: pictures and videos, labels, and what is annotated on them, in the terms that all file formats share.

The one idea: it is an ``AnnotationTable`` in pixels whose responses *are* the assets, in their order, with some columns
more. A row is a point, a box, one ring of a polygon, or a clip; rows of one object (the rings of a mask, the places of
a track) share its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from ..checked import Checked
from ..errors import UsageError
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..markup.document import Status
from ..table.side_tables import Containers, Issues, Responses
from ..table.table import AnnotationTable

#: The label of what names none, where a format needs one.
UNNAMED = "object"


class AssetKind(StrEnum):
    """What an asset is."""

    IMAGE = "image"
    VIDEO = "video"


class DatasetAsset(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A picture or video. Its size is that of the picture as it is looked at, so after its EXIF orientation."""

    file_name: str
    #: In pixels; None where not known.
    width: float | None = None
    height: float | None = None
    kind: AssetKind = AssetKind.IMAGE
    #: Of a video: pictures a second, which ties frame numbers to seconds.
    fps: float | None = None
    #: The EXIF orientation that the size follows: from 5 on, the stored picture has width and height the other way.
    orientation: int = 1
    #: The name or number that a file format gave it.
    source_id: str | None = None


class Dataset(Struct, metaclass=Checked, frozen=True, eq=False, kw_only=True):
    """What is annotated on some assets. ``len(dataset)`` is the number of rows, N."""

    assets: tuple[DatasetAsset, ...]
    #: The vocabulary; ``label`` holds places in it.
    labels: tuple[str, ...]
    #: In PIXELS; response i is asset i, its key the file name, and rows are in the order of assets.
    table: AnnotationTable
    #: ``(N,)`` int32: -1 for none.
    label: NDArray[np.int32]
    #: ``(N,)`` int64: rows of one object share a number; objects are of one asset.
    object: NDArray[np.int64]
    #: ``(N,)``: a region that holds many of its label, as COCO marks it.
    iscrowd: NDArray[np.bool_]
    #: ``(N,)`` of str: where a row comes from: the key of an answer, or the id in a file.
    source: tuple[str, ...] | None = None

    def check(self) -> None:
        """Refuse columns that do not fit together."""
        count = len(self.table)
        for name, kind in (("label", np.int32), ("object", np.int64), ("iscrowd", np.bool_)):
            column = getattr(self, name)
            if column.shape != (count,) or column.dtype != kind:
                raise UsageError(f"{name} must be {np.dtype(kind)} of shape ({count},)")
        if self.source is not None and len(self.source) != count:
            raise UsageError(f"source must have one text for each of {count} rows")
        if len(self.table.responses) != len(self.assets):
            raise UsageError(f"the table has {len(self.table.responses)} responses for {len(self.assets)} assets")
        if count and not (self.label.min() >= -1 and self.label.max() < len(self.labels)):
            raise UsageError(f"label must be from -1 to {len(self.labels) - 1}")
        if self.table.frame is not FrameKind.PIXELS:
            raise UsageError(
                f"the table of a dataset is in pixels, not in {self.table.frame}: use ops.to_pixels(table)"
            )
        if not np.isfinite(self.table.coords).all():
            raise UsageError("the coordinates of a dataset are finite numbers: leave out what has others")
        if np.any(np.diff(self.table.response) < 0):
            raise UsageError("the rows of a dataset are in the order of its assets")

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        objects = len(np.unique(self.object))
        return f"<Dataset: {len(self.assets)} assets, {objects} objects in {len(self)} rows, {len(self.labels)} labels>"

    @property
    def asset(self) -> NDArray[np.int64]:
        """``(N,)``: the asset of each row."""
        return self.table.response

    def label_of(self, row: int) -> str | None:
        """The label of a row in words."""
        return self.labels[self.label[row]] if self.label[row] >= 0 else None

    def take(self, rows: NDArray[Any]) -> Dataset:
        """Some rows, in the order of assets; all assets and labels stay."""
        chosen = np.arange(len(self))[rows]
        return Dataset(
            assets=self.assets,
            labels=self.labels,
            table=self.table.take(chosen),
            label=self.label[chosen],
            object=self.object[chosen],
            iscrowd=self.iscrowd[chosen],
            source=None if self.source is None else tuple(self.source[row] for row in chosen),
        )

    def take_assets(self, chosen: NDArray[np.bool_]) -> Dataset:
        """The assets that ``chosen``, ``(A,)``, marks, with their rows; all labels stay."""
        number = np.cumsum(chosen) - 1
        some = self.take(chosen[self.asset])
        assets = tuple([asset for asset, is_chosen in zip(self.assets, chosen.tolist(), strict=True) if is_chosen])
        table, responses, issues = some.table, self.table.responses, self.table.issues
        columns = {name: getattr(table, name) for name in _TABLE_COLUMNS}
        kept = np.flatnonzero(chosen[issues.response])
        return structs.replace(
            some,
            assets=assets,
            table=table_of(
                assets,
                response=number[some.asset],
                status=responses.status[chosen],
                truncated=responses.truncated[chosen],
                issues=issues.of_responses(kept, number[issues.response[kept]]),
                **columns,
            ),
        )

    def with_assets(self, assets: Sequence[DatasetAsset]) -> Dataset:
        """The same about assets of other sizes, names or kinds; the coordinates stay."""
        key = tuple(asset.file_name for asset in assets) or None
        renamed = structs.replace(self.table.responses, sizes=sizes_of(assets), key=key)
        return structs.replace(self, assets=tuple(assets), table=self.table.replace(responses=renamed))

    def relabelled(self, label: Callable[[str], str]) -> Dataset:
        """The same under other labels; those that become equal are one. A ``LabelMap`` is such a function."""
        codes: dict[str, int] = {}
        places = [codes.setdefault(label(name), len(codes)) for name in self.labels]
        return structs.replace(self, labels=tuple(codes), label=np.array([*places, -1], dtype=np.int32)[self.label])

    def with_labels(self, labels: Sequence[str]) -> Dataset:
        """The rows of these labels, and those without one, in this vocabulary.

        Raises ``UsageError`` for labels that repeat.
        """
        places = {name: code for code, name in enumerate(labels)}
        if len(places) < len(labels):
            raise UsageError("labels must be different from each other")
        absent = -2
        codes = np.array([*(places.get(name, absent) for name in self.labels), -1], dtype=np.int32)[self.label]
        some = self.take(codes > absent)
        return structs.replace(some, labels=tuple(labels), label=codes[codes > absent])

    def by_object(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Some rows in the order of objects, and where each begins: only the rings of a mask belong together."""
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


_STATUSES = {status: place for place, status in enumerate(Status)}
#: By whether something was read, and whether something was lost.
_OUTCOMES = np.array(
    [
        [_STATUSES[Status.EMPTY], _STATUSES[Status.UNREADABLE]],
        [_STATUSES[Status.OK], _STATUSES[Status.PARTIAL]],
    ],
    dtype=np.uint8,
)


def any_of_assets(flags: NDArray[np.bool_], asset: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """``(count,)``: whether one of the ``flags`` about an asset is set; ``asset`` is that of each, -1 for none."""
    found = np.zeros(count, dtype=bool)
    found[asset[flags & (asset >= 0)]] = True
    return found


def status_of_assets(status: NDArray[np.uint8], asset: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``(count,)``: what all answers about an asset came to together; ``asset`` is that of each, -1 for none."""
    partial = status == _STATUSES[Status.PARTIAL]
    read = any_of_assets(partial | (status == _STATUSES[Status.OK]), asset, count)
    lost = any_of_assets(partial | (status == _STATUSES[Status.UNREADABLE]), asset, count)
    found: NDArray[np.uint8] = _OUTCOMES[read.astype(int), lost.astype(int)]
    return found


def sizes_of(assets: Sequence[DatasetAsset]) -> NDArray[np.float64]:
    """``(A, 2)``: width and height in pixels, NaN where not known."""
    return np.array([(asset.width, asset.height) for asset in assets], dtype=np.float64).reshape(-1, 2)


def shards_of(dataset: Dataset | Iterable[Dataset]) -> Iterable[Dataset]:
    """The shards of a dataset, which is its own only one where it is whole."""
    return (dataset,) if isinstance(dataset, Dataset) else dataset


#: What is of rows alone in the table of a dataset.
_TABLE_COLUMNS = ("kind", "score", "t", "until", "coords", "offsets", "mention", "mentions", "track", "span")


class _Row(NamedTuple):
    """A row of a dataset on its way; numbers that are not known are NaN."""

    asset: int
    kind: AnnotationKind
    label: int
    object: int
    iscrowd: bool
    score: float
    t: float
    until: float
    track: bool
    source: str
    span: tuple[int, int]


class _Outcome(NamedTuple):
    """What an answer about an asset came to."""

    asset: int
    status: int
    truncated: bool


class DatasetBuilder:
    """Assets and rows one by one → a :class:`Dataset`, for readers of files."""

    def __init__(self, labels: Sequence[str] = ()) -> None:
        self.assets: list[DatasetAsset] = []
        self.labels: dict[str, int] = {}
        for label in labels:
            self.labels.setdefault(label, len(self.labels))
        self._outcomes: list[_Outcome] = []
        self._rows: list[_Row] = []
        self._coords: list[NDArray[np.float64]] = []
        self._objects = 0

    def add_asset(self, asset: DatasetAsset, status: Status | None = None, *, truncated: bool = False) -> int:
        """Its number. Without ``status``, what the answer about it came to, it is OK if it has rows, else EMPTY."""
        self.assets.append(asset)
        if status is not None:
            self.add_outcome(len(self.assets) - 1, status, truncated=truncated)
        return len(self.assets) - 1

    def add_outcome(self, asset: int, status: Status, *, truncated: bool = False) -> None:
        """What one more answer about an asset came to."""
        self._outcomes.append(_Outcome(asset, _STATUSES[status], truncated))

    def new_object(self) -> int:
        """A number for the rows of one more object."""
        self._objects += 1
        return self._objects - 1

    def add(
        self,
        asset: int,
        kind: AnnotationKind,
        coords: Sequence[Sequence[float]] | NDArray[np.float64],
        label: str | None,
        *,
        object: int | None = None,  # noqa: A002 - the column's name
        iscrowd: bool = False,
        score: float | None = None,
        t: float | None = None,
        until: float | None = None,
        track: bool = False,
        source: str = "",
        span: tuple[int, int] = (0, 0),
    ) -> None:
        """A row; of an object of its own where ``object`` is None. ``track``: it is one place of it in time."""
        code = -1 if label is None else self.labels.setdefault(label, len(self.labels))
        nan = float("nan")
        score, t, until = (nan if number is None else number for number in (score, t, until))
        number = self.new_object() if object is None else object
        self._rows.append(_Row(asset, kind, code, number, iscrowd, score, t, until, track, source, span))
        self._coords.append(np.asarray(coords, dtype=np.float64).reshape(-1, 2))

    def build(self) -> Dataset:
        """The dataset; rows are brought into the order of assets, those of one in the order in which they came."""
        order = sorted(range(len(self._rows)), key=lambda row: self._rows[row].asset)
        columns = list(zip(*[self._rows[row] for row in order], strict=True)) or [()] * len(_Row._fields)
        asset, kind, label, objects, iscrowd, score, t, until, track, source, span = columns
        status = _statuses(np.array(asset, dtype=np.int64), len(self.assets))
        truncated = np.zeros(len(self.assets), dtype=bool)
        if self._outcomes:
            told, statuses, cut = (np.array(column) for column in zip(*self._outcomes, strict=True))
            known = np.unique(told)
            status[known] = status_of_assets(statuses, told, len(self.assets))[known]
            truncated = any_of_assets(cut, told, len(self.assets))
        coords = [self._coords[row] for row in order]
        table = table_of(
            self.assets,
            status=status,
            truncated=truncated,
            response=np.array(asset, dtype=np.int64),
            kind=np.array(kind, dtype=np.uint8),
            score=np.array(score, dtype=np.float64),
            t=np.array(t, dtype=np.float64),
            until=np.array(until, dtype=np.float64),
            coords=np.concatenate([np.empty((0, 2)), *coords]),
            offsets=np.cumsum([0, *map(len, coords)]).astype(np.int64),
            mention=np.array(label, dtype=np.int32),
            mentions=tuple(self.labels),
            track=np.where(np.array(track, dtype=bool), np.array(objects, dtype=np.int64), -1).astype(np.int32),
            span=np.array(span, dtype=np.int64).reshape(-1, 2),
        )
        return Dataset(
            assets=tuple(self.assets),
            labels=tuple(self.labels),
            table=table,
            label=np.array(label, dtype=np.int32),
            object=np.array(objects, dtype=np.int64),
            iscrowd=np.array(iscrowd, dtype=np.bool_),
            source=tuple(source) if any(source) else None,
        )


def boxes_dataset(
    assets: Sequence[DatasetAsset],
    labels: Sequence[str],
    asset: NDArray[np.int64],
    xyxy: NDArray[np.float64],
    label: NDArray[np.int64],
    *,
    score: NDArray[np.float64] | None = None,
    iscrowd: NDArray[np.bool_] | None = None,
) -> Dataset:
    """A dataset of boxes from arrays, an object each: ``xyxy`` ``(N, 4)``, the others ``(N,)``, by rising ``asset``.

    Raises ``UsageError`` where they do not fit together.
    """
    count = len(asset)
    codes = np.asarray(label, dtype=np.int32)
    missing = np.full(count, np.nan)
    table = table_of(
        assets,
        response=np.asarray(asset, dtype=np.int64),
        kind=np.full(count, AnnotationKind.BOX, dtype=np.uint8),
        score=missing if score is None else np.asarray(score, dtype=np.float64),
        t=missing,
        until=missing,
        coords=np.asarray(xyxy, dtype=np.float64).reshape(-1, 2),
        offsets=np.arange(count + 1, dtype=np.int64) * 2,
        mention=codes,
        mentions=tuple(labels),
    )
    return Dataset(
        assets=tuple(assets),
        labels=tuple(labels),
        table=table,
        label=codes,
        object=np.arange(count, dtype=np.int64),
        iscrowd=np.zeros(count, dtype=bool) if iscrowd is None else np.asarray(iscrowd, dtype=bool),
    )


def table_of(
    assets: Sequence[DatasetAsset],
    *,
    response: NDArray[np.int64],
    status: NDArray[np.uint8] | None = None,
    truncated: NDArray[np.bool_] | None = None,
    issues: Issues | None = None,
    **columns: Any,
) -> AnnotationTable:
    """The table of a dataset: a response for each asset, and the columns that are given; others are empty.

    Without ``status`` an asset with rows is OK, and any other EMPTY.
    """
    rows, count = len(response), len(assets)
    nothing = np.zeros(0, dtype=np.int64)
    defaults: dict[str, Any] = {
        "asset_idx": np.full(rows, -1, dtype=np.int32),
        "track": np.full(rows, -1, dtype=np.int32),
        "collection": np.full(rows, -1, dtype=np.int32),
        "span": np.zeros((rows, 2), dtype=np.int64),
    }
    return AnnotationTable(
        **defaults | columns,
        response=response,
        responses=Responses(
            status=_statuses(response, count) if status is None else status,
            truncated=np.zeros(count, dtype=bool) if truncated is None else truncated,
            size_offsets=np.arange(count + 1),
            sizes=sizes_of(assets),
            key=tuple(asset.file_name for asset in assets) or None,
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


def _statuses(response: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    there = np.bincount(response, minlength=count) > 0
    return np.where(there, _STATUSES[Status.OK], _STATUSES[Status.EMPTY]).astype(np.uint8)
