"""Assets and rows → a :class:`Dataset`: one by one with :class:`DatasetBuilder`, boxes from arrays at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..geometry import AnnotationKind
from ..markup.document import Status
from .asset_status import STATUS_CODES, any_of_assets, status_of_assets, status_of_rows
from .dataset import Dataset, DatasetAsset, dataset_table


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
        self._outcomes.append(_Outcome(asset, STATUS_CODES[status], truncated))

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
        status = status_of_rows(np.array(asset, dtype=np.int64), len(self.assets))
        truncated = np.zeros(len(self.assets), dtype=bool)
        if self._outcomes:
            told, statuses, cut = (np.array(column) for column in zip(*self._outcomes, strict=True))
            known = np.unique(told)
            status[known] = status_of_assets(statuses, told, len(self.assets))[known]
            truncated = any_of_assets(cut, told, len(self.assets))
        coords = [self._coords[row] for row in order]
        table = dataset_table(
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
    asset: ArrayLike,
    xyxy: ArrayLike,
    label: ArrayLike,
    *,
    score: ArrayLike | None = None,
    iscrowd: ArrayLike | None = None,
) -> Dataset:
    """A dataset of boxes from arrays, an object each: ``xyxy`` ``(N, 4)``, the others ``(N,)``, by rising ``asset``.

    Raises ``UsageError`` where they do not fit together.
    """
    response = np.asarray(asset, dtype=np.int64)
    count = len(response)
    codes = np.asarray(label, dtype=np.int32)
    missing = np.full(count, np.nan)
    table = dataset_table(
        assets,
        response=response,
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
