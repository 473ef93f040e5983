"""Assets and rows → a :class:`Dataset`: one by one with :class:`DatasetBuilder`, boxes from arrays at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..completions.ending import ENDING_CODES, Ending
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..markup.document import Status
from ..table.side_tables import unstated
from .asset_status import STATUS_CODES, any_of_assets, ending_of_assets, status_of_assets, status_of_rows
from .dataset import Attributes, Dataset, DatasetAsset, dataset_table
from .keypoints import Keypoints, Skeleton
from .label_source import LabelSource

#: The box of a row that has none of its own.
_NO_BOX = (float("nan"),) * 4


class _Row(NamedTuple):
    """A row of a dataset in the making; unknown numbers are NaN."""

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
    ignore: bool
    bbox: Sequence[float]
    area: float
    attributes: Attributes
    keypoints: ArrayLike | None


class _Outcome(NamedTuple):
    """The status of an answer about an asset."""

    asset: int
    status: int
    truncated: bool
    ending: int


class DatasetBuilder:
    """Assets and rows one by one → a :class:`Dataset`. ``labels`` come first, in their order; others are added.

    >>> from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
    >>> builder = DatasetBuilder()
    >>> image = builder.add_asset(DatasetAsset(file_name="a.png", width=640, height=480))
    >>> builder.add(image, pa.AnnotationKind.BOX, [(10, 20), (30, 60)], "cat")
    >>> builder.add(image, pa.AnnotationKind.POINT, [(5, 5)], None)
    >>> builder.build()
    <Dataset: 1 asset, 2 objects in 2 rows, 1 label>
    """

    def __init__(self, labels: Sequence[str] = ()) -> None:
        self.assets: list[DatasetAsset] = []
        self.labels: dict[str, int] = {}
        self.label_sources: dict[str, LabelSource] = {}
        self.skeletons: dict[str, Skeleton] = {}
        for label in labels:
            self.add_label(label)
        self._outcomes: list[_Outcome] = []
        self._rows: list[_Row] = []
        self._coords: list[NDArray[np.float64]] = []
        self._objects = 0

    def add_label(self, label: str, skeleton: Skeleton | None = None, *, source: LabelSource | None = None) -> int:
        """The code of a label, which is a new one if the label is new; its first ``source`` counts.

        ``skeleton`` names the keypoints of its objects. Raises ``UsageError`` if the label has another one.
        """
        if skeleton is not None and self.skeletons.setdefault(label, skeleton) != skeleton:
            raise UsageError(
                f"the label {label!r} has another skeleton already: give objects of the other another label"
            )
        if source is not None:
            self.label_sources.setdefault(label, source)
        return self.labels.setdefault(label, len(self.labels))

    def add_asset(self, asset: DatasetAsset, status: Status | None = None, *, truncated: bool = False) -> int:
        """Add an asset, and return its number, which is its index in the dataset.

        It is always one more asset, also if another has its name: who reads rows about an asset from several places
        keeps its number.

        ``status`` is that of the answer about it; without one, the asset is OK if it has rows, else EMPTY.
        ``truncated`` says that the answer was cut off.
        """
        self.assets.append(asset)
        if status is not None:
            self.add_outcome(len(self.assets) - 1, status, truncated=truncated)
        return len(self.assets) - 1

    def add_outcome(
        self, asset: int, status: Status, *, truncated: bool = False, ending: Ending = Ending.UNSTATED
    ) -> None:
        """Add the outcome of one more answer about an asset.

        Args:
            asset: The number of the asset.
            status: What the answer came to.
            truncated: Whether it was cut off.
            ending: How it ended.
        """
        self._outcomes.append(_Outcome(asset, STATUS_CODES[status], truncated, ENDING_CODES[ending]))

    def new_object(self) -> int:
        """A number for one more object, to give to each of its rows."""
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
        ignore: bool = False,
        bbox: Sequence[float] | None = None,
        area: float | None = None,
        attributes: Mapping[str, str | int | float | bool] | None = None,
        keypoints: ArrayLike | None = None,
    ) -> None:
        """Add a row.

        Args:
            asset: The number of its asset.
            kind: What it is.
            coords: ``(k, 2)``: its x and y in pixels; one pair of a point, two of a box, none of a clip.
            label: Its label, or None.
            object: The number of its object; without one, it is an object of its own.
            iscrowd: Whether it is a region with many objects.
            score: Its score.
            t: Its time in seconds; the start of a clip.
            until: The end of a clip.
            track: Whether it is a waypoint of a track.
            source: Where it comes from.
            span: Its place in the answer.
            ignore: Whether metrics ignore it.
            bbox: Left, top, width and height of the object's own box, if that is not the bounds of its rows.
            area: The object's own area, if that is not the area of its rows.
            attributes: What else is known of it.
            keypoints: ``(k, 3)``: x, y and visibility of each keypoint that the skeleton of its label names, three
                zeros for one that is missing. Of an object of several rows, the first one has them.
        """
        code = -1 if label is None else self.add_label(label)
        nan = float("nan")
        score, t, until, area = (nan if number is None else number for number in (score, t, until, area))
        number = self.new_object() if object is None else object
        self._objects = max(self._objects, number + 1)
        own = (ignore, bbox or _NO_BOX, area, tuple((attributes or {}).items()), keypoints)
        self._rows.append(_Row(asset, kind, code, number, iscrowd, score, t, until, track, source, span, *own))
        self._coords.append(np.asarray(coords, dtype=np.float64).reshape(-1, 2))

    def build(self) -> Dataset:
        """The dataset. Its rows are in the order of assets; those of one asset are in the order they were added."""
        order = sorted(range(len(self._rows)), key=lambda row: self._rows[row].asset)
        columns = list(zip(*[self._rows[row] for row in order], strict=True)) or [()] * len(_Row._fields)
        asset, kind, label, objects, iscrowd, score, t, until, track, source, span, ignore, *own = columns
        status = status_of_rows(np.array(asset, dtype=np.int64), len(self.assets))
        truncated = np.zeros(len(self.assets), dtype=bool)
        ending = unstated(len(self.assets))
        if self._outcomes:
            told, statuses, cut, endings = (np.array(column) for column in zip(*self._outcomes, strict=True))
            known = np.unique(told)
            status[known] = status_of_assets(statuses, told, len(self.assets))[known]
            truncated = any_of_assets(cut, told, len(self.assets))
            ending = ending_of_assets(endings, told, len(self.assets))
        coords = [self._coords[row] for row in order]
        table = dataset_table(
            self.assets,
            status=status,
            truncated=truncated,
            ending=ending,
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
            ignore=np.array(ignore, dtype=np.bool_),
            source=tuple(source) if any(source) else None,
            skeletons=tuple([self.skeletons.get(name) for name in self.labels]),
            label_sources=tuple([self.label_sources.get(name) for name in self.labels]),
            **_own_columns(*own),
        )


def _own_columns(
    bbox: Sequence[Sequence[float]],
    area: Sequence[float],
    attributes: Sequence[Attributes],
    keypoints: Sequence[ArrayLike | None],
) -> dict[str, Any]:
    """The columns that are None if they say nothing of any row."""
    boxes, areas = np.array(bbox, dtype=np.float64).reshape(-1, 4), np.array(area, dtype=np.float64)
    return {
        "bbox": None if np.isnan(boxes).all() else boxes,
        "area": None if np.isnan(areas).all() else areas,
        "attributes": tuple(attributes) if any(attributes) else None,
        "keypoints": None if all(each is None for each in keypoints) else Keypoints.of_rows(keypoints),
    }


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
    """A dataset of N boxes from arrays, each an object of its own.

    Raises ``UsageError`` if the arrays do not fit together, or if the boxes are not in the order of their assets.

    Args:
        assets: The images.
        labels: The labels.
        asset: ``(N,)``: the index of the image of each box, in rising order.
        xyxy: ``(N, 4)``: left, top, right and bottom in pixels.
        label: ``(N,)``: the index of the label of each box, -1 for none.
        score: ``(N,)``: the scores, NaN for none.
        iscrowd: ``(N,)``: whether a box is a region with many objects.

    >>> from perceptron_annotations.datasets import DatasetAsset, boxes_dataset
    >>> image = DatasetAsset(file_name="a.png", width=640, height=480)
    >>> boxes_dataset([image], ["cat"], [0, 0], [[10, 20, 30, 60], [0, 0, 9, 9]], [0, -1])
    <Dataset: 1 asset, 2 objects in 2 rows, 1 label>
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
        ignore=np.zeros(count, dtype=bool),
    )
