"""Recorded answers → a :class:`Dataset`: each annotation on the picture it lies in, in its pixels, under a label.

The one idea: an answer names assets by their place, so every place of every answer is looked up once, and rows follow
by indexing. What cannot be placed or named is left out and counted with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..completions.recordings import Asset, Recording, Reject
from ..errors import UsageError
from ..markup.document import Mode, Status, checked_mode
from ..ops.count import LabelMap
from ..ops.frames import scaled_to
from ..table.recorded import table_of_recordings
from ..table.table import AnnotationTable
from .dataset import AssetKind, Dataset, DatasetAsset, table_of
from .placement import Placement
from .reports import Counted, Omission, Tally


class Merge(StrEnum):
    """What becomes of several answers about one asset."""

    ALL = "all"
    """The annotations of all of them."""
    FIRST = "first"
    """Those of the first answer; the others are left out and counted."""
    LAST = "last"
    """Those of the last answer."""


class GatherReport(Struct, frozen=True, kw_only=True):
    """What recordings came to."""

    recordings: int
    statuses: tuple[tuple[Status, int], ...]
    truncated: int
    omitted: tuple[Counted, ...]
    #: Annotations left out because their asset has no usable size, or because there is no such asset.
    unplaced: int


class Gathered(NamedTuple):
    """A dataset, and what it was gathered from."""

    dataset: Dataset
    report: GatherReport


#: The size of a picture by its file name; None where it is not known.
SizeOf = Callable[[str], tuple[float, float] | None]


def gather(
    recordings: Iterable[Recording | Reject],
    *,
    mode: Mode | str = Mode.LENIENT,
    labels: Sequence[str] | None = None,
    label_map: LabelMap | None = None,
    sizes: Mapping[str, tuple[float, float]] | SizeOf | None = None,
    merge: Merge | str = Merge.ALL,
    placement: Placement = Placement(),  # noqa: B008 - frozen
    keep: Callable[[AnnotationTable], NDArray[np.bool_]] | None = None,
) -> Gathered:
    """The dataset of recorded answers.

    Assets are those of the recordings, by ``file_name``, else by key; their sizes are recorded, or come from ``sizes``,
    by name; an answer without assets is about the one that ``sizes`` knows by its key. ``label_map`` says which
    mentions are one label; ``labels`` is the list of all, in order, and other mentions are left out; without it they
    stand in the order in which they come. An annotation without ``asset_idx`` lies in the last asset. Several answers
    about one asset go by ``merge``. ``keep`` says which rows of the table of answers are wanted. ``source`` of a row is
    the key of its answer. Raises ``MarkupError`` in strict mode.
    """
    if labels is not None and len(set(labels)) < len(labels):
        raise UsageError("labels must be different from each other")
    gathering = _Gathering(Merge(merge), placement, sizes)
    found: list[Recording] = []
    for each in recordings:
        if isinstance(each, Reject):
            gathering.reject(each)
        else:
            gathering.enter(len(found), each)
            found.append(each)
    table = table_of_recordings(found, checked_mode(mode))
    if keep is not None:
        table = table[keep(table)]
    dataset, unplaced = gathering.dataset(table, labels, label_map)
    return Gathered(dataset, gathering.report(table, unplaced))


class _Gathering:
    """The assets of all answers, and what is left out."""

    def __init__(self, merge: Merge, placement: Placement, sizes: Mapping[str, tuple[float, float]] | SizeOf | None):
        self._merge = merge
        self._placement = placement
        self._size_of: SizeOf = sizes.get if isinstance(sizes, Mapping) else (sizes or (lambda _: None))
        self._assets: dict[str, int] = {}
        self._found: list[DatasetAsset] = []
        self._seen: list[tuple[float, float]] = []  # the recorded size of each asset
        self._slots: list[int] = []  # of each asset of each answer: its number, or -1
        self._places: dict[int, list[int]] = {}  # of each asset, the slots that name it
        self._ends: list[int] = [0]
        self._keys: list[str] = []
        self._answered: dict[int, int] = {}
        self._omitted = Tally()

    def reject(self, reject: Reject) -> None:
        """Count a line without an answer."""
        self._omitted.add(Omission.REJECTED, f"line {reject.line_number}: {reject.reason}")

    def enter(self, response: int, recording: Recording) -> None:
        """Look up the assets of an answer."""
        assets = recording.assets
        if not assets and self._size_of(recording.key) is not None:
            assets = (Asset(recording.key),)
        if not assets:
            self._omitted.add(Omission.NO_ASSETS, recording.key)
        for place, asset in enumerate(assets):
            name = asset.file_name or (recording.key if len(assets) == 1 else f"{recording.key}#{place}")
            number = self._asset(name, asset.width, asset.height, response)
            if number >= 0:
                self._places.setdefault(number, []).append(len(self._slots))
            self._slots.append(number)
        self._ends.append(len(self._slots))
        self._keys.append(recording.key)

    def _asset(self, name: str, width: float | None, height: float | None, response: int) -> int:
        if width is None or height is None:
            width, height = self._size_of(name) or (width, height)
        if width is None or height is None or not (width >= 1 and height >= 1):
            self._omitted.add(Omission.NO_SIZE, name if width is height is None else f"{name}: {width}x{height}")
            return -1
        if name not in self._assets:
            self._assets[name] = len(self._found)
            placed = self._placement.size(width, height)
            kind = AssetKind.VIDEO if name.lower().endswith((".mp4", ".webm")) else AssetKind.IMAGE
            self._found.append(DatasetAsset(file_name=name, width=placed[0], height=placed[1], kind=kind))
            self._seen.append((width, height))
        number = self._assets[name]
        if self._seen[number] != (width, height):
            before = self._seen[number]
            self._omitted.add(Omission.SIZE_CONFLICT, f"{name}: {width}x{height} after {before[0]}x{before[1]}")
            return -1
        if self._merge is not Merge.ALL and self._answered.setdefault(number, response) != response:
            self._omitted.add(Omission.MERGED, f"{name}: answer {len(self._keys)}")
            if self._merge is Merge.FIRST:
                return -1
            for place in self._places.pop(number):
                self._slots[place] = -1
            self._answered[number] = response
        return number

    def dataset(
        self, table: AnnotationTable, labels: Sequence[str] | None, label_map: LabelMap | None
    ) -> tuple[Dataset, int]:
        """The rows that have an asset and a label, and how many have no asset."""
        asset = self._asset_of_rows(table)
        unplaced = int((asset < 0).sum())
        vocabulary, code = self._labelled(table, labels, label_map, asset >= 0)
        rows = np.flatnonzero((asset >= 0) & (code > _NOT_IN_LIST))
        rows = rows[np.argsort(asset[rows], kind="stable")]
        some, asset, code = table.take(rows), asset[rows], code[rows]
        tracked = some.track >= 0
        number = np.arange(len(rows))
        number[tracked] = _firsts(some.response[tracked], some.track[tracked], np.flatnonzero(tracked))
        keys = np.array(self._keys, dtype=object)
        return Dataset(
            assets=tuple(self._found),
            labels=vocabulary,
            table=table_of(
                self._found,
                response=asset,
                kind=some.kind,
                score=some.score,
                t=some.t,
                until=some.until,
                coords=self._placed(some, asset),
                offsets=some.offsets,
                mention=some.mention,
                mentions=some.mentions,
                track=np.where(tracked, number, -1).astype(np.int32),
                span=some.span,
            ),
            label=code.astype(np.int32),
            object=number,
            iscrowd=np.zeros(len(rows), dtype=bool),
            source=tuple(keys[some.response].tolist()) if len(rows) else None,
        ), unplaced

    def _asset_of_rows(self, table: AnnotationTable) -> NDArray[np.int64]:
        """``(N,)``: the number of the asset of each row, -1 where it has none."""
        ends = np.array(self._ends, dtype=np.int64)
        counts = np.diff(ends)[table.response]
        place = np.where(table.asset_idx < 0, counts - 1, table.asset_idx)
        there = place < counts
        beyond = np.flatnonzero(~there & (counts > 0))
        if len(beyond):
            row = int(beyond[0])
            where = f"{self._keys[table.response[row]]}: asset_idx {table.asset_idx[row]} of {counts[row]}"
            self._omitted.add(Omission.NO_SUCH_ASSET, where, len(beyond))
        found = np.full(len(table), -1, dtype=np.int64)
        there &= counts > 0
        slots = np.array(self._slots, dtype=np.int64)
        found[there] = slots[(ends[:-1][table.response] + place)[there]]
        return found

    def _labelled(
        self,
        table: AnnotationTable,
        labels: Sequence[str] | None,
        label_map: LabelMap | None,
        placed: NDArray[np.bool_],
    ) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """The vocabulary, and the label of each row: -1 for none, less where its mention is not in the list."""
        vocabulary = {label: code for code, label in enumerate(labels or ())}
        codes = np.full(len(table.mentions) + 1, -1, dtype=np.int64)
        used = np.unique(table.mention[placed & (table.mention >= 0)], return_index=True)
        for mention in used[0][np.argsort(used[1])].tolist():
            name = table.mentions[mention]
            label = label_map(name) if label_map else name
            if labels is None:
                codes[mention] = vocabulary.setdefault(label, len(vocabulary))
            else:
                codes[mention] = vocabulary.get(label, _NOT_IN_LIST)
        found = codes[table.mention]
        refused = np.flatnonzero(placed & (found == _NOT_IN_LIST))
        if len(refused):
            self._omitted.add(Omission.LABEL, table.mentions[table.mention[refused[0]]], len(refused))
        return tuple(vocabulary), found

    def _placed(self, table: AnnotationTable, asset: NDArray[np.int64]) -> NDArray[np.float64]:
        """The coordinates in pixels of the dataset's pictures."""
        sizes = np.array(self._seen, dtype=np.float64).reshape(-1, 2)
        counts = np.diff(table.offsets)
        pixels = scaled_to(table, np.repeat(sizes[asset], counts, axis=0))
        return self._placement.placed_coords(pixels)

    def report(self, table: AnnotationTable, unplaced: int) -> GatherReport:
        """What came in, and what was left out."""
        statuses = np.bincount(table.responses.status, minlength=len(Status)).tolist()
        return GatherReport(
            recordings=len(table.responses),
            statuses=tuple(zip(Status, statuses, strict=True)),
            truncated=int(table.responses.truncated.sum()),
            omitted=self._omitted.counted(),
            unplaced=unplaced,
        )


_NOT_IN_LIST = -2


def _firsts(response: NDArray[np.int64], track: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each tracked row, the first row of its track."""
    _, first, group = np.unique(np.column_stack([response, track]), axis=0, return_index=True, return_inverse=True)
    return rows[first[group.reshape(-1)]]
