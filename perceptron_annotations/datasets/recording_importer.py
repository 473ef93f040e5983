"""RecordedTable answers → a :class:`Dataset`: each annotation on the picture it lies in, in its pixels, under a label.

What cannot be placed or named is left out and counted with its reason. Files larger than memory come in shards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..completions.recordings import Recording
from ..errors import UsageError
from ..losses import Loss, LossCode
from ..markup.document import Mode, Status, checked_mode
from ..ops.coordinates import scaled_to
from ..ops.label_counts import LabelMap
from ..problems import OnProblem, Problem
from ..table.read import Paths, RecordedTable, iter_recorded, table_of_recordings
from ..table.table import AnnotationTable
from .assets import Merge, Register, Sizes, Slots
from .dataset import Dataset, table_of
from .reports import Tally
from .transform import ImageTransform

#: Answers in a shard.
SHARD_SIZE = 20_000
_NOT_IN_LIST = -2


class ImportReport(Struct, frozen=True, kw_only=True):
    """What recordings came to."""

    recordings: int
    statuses: tuple[tuple[Status, int], ...]
    truncated: int
    omitted: tuple[Loss, ...]
    #: Annotations left out because their asset has no usable size, or because there is no such asset.
    unplaced: int


class Gathered(NamedTuple):
    """A dataset, and what it was gathered from."""

    dataset: Dataset
    report: ImportReport


def from_recordings(
    recordings: Iterable[Recording],
    *,
    mode: Mode | str = Mode.LENIENT,
    labels: Sequence[str] | None = None,
    label_map: LabelMap | None = None,
    sizes: Sizes | None = None,
    merge: Merge | str = Merge.ALL,
    placement: ImageTransform = ImageTransform(),  # noqa: B008 - frozen
    keep: Callable[[AnnotationTable], NDArray[np.bool_]] | None = None,
) -> Gathered:
    """The dataset of recorded answers; the options are those of :class:`RecordingImporter`.

    Raises ``MarkupError`` in strict mode.
    """
    gatherer = RecordingImporter(
        labels=labels, label_map=label_map, sizes=sizes, merge=merge, placement=placement, keep=keep
    )
    found = list(recordings)
    table = table_of_recordings(found, checked_mode(mode))
    dataset = gatherer.add(RecordedTable(table, [each.assets for each in found]))
    return Gathered(dataset, gatherer.report)


class RecordingImporter:
    """RecordedTable answers → datasets, whole or in shards.

    Assets are those of the recordings, by ``file_name``, else by key; their sizes are recorded, or come from ``sizes``,
    by name; an answer without assets is about the one that ``sizes`` knows by its key. ``label_map`` says which
    mentions are one label; ``labels`` is the list of all, in order, and other mentions are left out; without it they
    stand in the order in which they come. An annotation without ``asset_idx`` lies in the last asset. Several answers
    about one asset go by ``merge``. ``keep`` says which rows of the table of answers are wanted. ``source`` of a row is
    the key of its answer; the status of an asset is what the answers about it came to.
    """

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        label_map: LabelMap | None = None,
        sizes: Sizes | None = None,
        merge: Merge | str = Merge.ALL,
        placement: ImageTransform = ImageTransform(),  # noqa: B008 - frozen
        keep: Callable[[AnnotationTable], NDArray[np.bool_]] | None = None,
    ) -> None:
        if labels is not None and len(set(labels)) < len(labels):
            raise UsageError("labels must be different from each other")
        self._vocabulary = _Vocabulary(labels, label_map)
        self._register = Register(sizes, Merge(merge), placement)
        self._placement = placement
        self._keep = keep
        self._omitted = self._register.omitted
        self._statuses = np.zeros(len(Status), dtype=np.int64)
        self._truncated = 0
        self._unplaced = 0

    @property
    def report(self) -> ImportReport:
        """What came in so far, and what was left out."""
        return ImportReport(
            recordings=int(self._statuses.sum()),
            statuses=tuple(zip(Status, self._statuses.tolist(), strict=True)),
            truncated=self._truncated,
            omitted=self._omitted.counted(),
            unplaced=self._unplaced,
        )

    def read(
        self,
        paths: Paths,
        *,
        mode: Mode | str = Mode.LENIENT,
        key: str | None = None,
        on_problem: OnProblem | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Gathered:
        """The dataset of all recorded answers of some files, faster than :func:`from_recordings` of their recordings.

        The options are those of ``read_table``. Raises ``MarkupError`` in strict mode, and ``FileError`` where a file
        cannot be opened.
        """
        shards = self._read(paths, sys.maxsize, mode, key, on_problem, progress)
        return Gathered(self.add(next(shards)), self.report)

    def shards(
        self,
        paths: Paths,
        *,
        batch_size: int = SHARD_SIZE,
        mode: Mode | str = Mode.LENIENT,
        key: str | None = None,
        on_problem: OnProblem | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[Dataset]:
        """Like :meth:`read`, a dataset of ``batch_size`` answers or some more at a time, for files larger than memory.

        A shard has the assets that its answers are about, and all labels so far, so that codes stay the same; an asset
        that is answered far apart is in several shards. Raises ``UsageError`` for ``merge="last"``, which has to know
        all answers first.
        """
        if self._register.merge is Merge.LAST:
            raise UsageError("the last answer is known at the end: use read(), or merge='first' or 'all'")
        for recorded in self._read(paths, batch_size, mode, key, on_problem, progress):
            yield self.add(recorded)

    def _read(
        self,
        paths: Paths,
        batch_size: int,
        mode: Mode | str,
        key: str | None,
        on_problem: OnProblem | None,
        progress: Callable[[int], None] | None,
    ) -> Iterator[RecordedTable]:
        def report(problem: Problem) -> None:
            self.add_problem(problem)
            if on_problem is not None:
                on_problem(problem)

        return iter_recorded(
            paths, batch_size=batch_size, mode=checked_mode(mode), key=key, on_problem=report, progress=progress
        )

    def add_problem(self, problem: Problem) -> None:
        """Count a line without an answer."""
        self._omitted.add(LossCode.UNREADABLE_ANSWER, f"{problem.place}: {problem.message}")

    def add(self, recorded: RecordedTable) -> Dataset:
        """The dataset of some answers: the rows that have an asset and a label."""
        whole = recorded.table
        table = whole if self._keep is None else whole[self._keep(whole)]
        keys = whole.responses.key or ()
        slots = self._register.enter(keys, recorded.assets)
        self._statuses += np.bincount(whole.responses.status, minlength=len(Status))
        self._truncated += int(whole.responses.truncated.sum())
        asset = self._asset_of_rows(table, slots, keys)
        self._unplaced += int((asset < 0).sum())
        code = self._vocabulary.codes(table, asset >= 0, self._omitted)
        rows = np.flatnonzero((asset >= 0) & (code > _NOT_IN_LIST))
        rows = rows[np.argsort(asset[rows], kind="stable")]
        some, asset, code = table.take(rows), asset[rows], code[rows]
        tracked = some.track >= 0
        number = np.arange(len(rows))
        number[tracked] = _firsts(some.response[tracked], some.track[tracked], np.flatnonzero(tracked))
        assets = slots.assets
        pixels = scaled_to(some, np.repeat(slots.recorded[asset], np.diff(some.offsets), axis=0))
        return Dataset(
            assets=assets,
            labels=self._vocabulary.labels,
            table=table_of(
                assets,
                status=slots.status(whole.responses.status),
                truncated=slots.truncated(whole.responses.truncated),
                issues=slots.issues(whole.issues),
                response=asset,
                kind=some.kind,
                score=some.score,
                t=some.t,
                until=some.until,
                coords=self._placement.placed_coords(pixels),
                offsets=some.offsets,
                mention=some.mention,
                mentions=some.mentions,
                track=np.where(tracked, number, -1).astype(np.int32),
                span=some.span,
            ),
            label=code.astype(np.int32),
            object=number,
            iscrowd=np.zeros(len(rows), dtype=bool),
            source=tuple([keys[response] for response in some.response.tolist()]) if len(rows) else None,
        )

    def _asset_of_rows(self, table: AnnotationTable, slots: Slots, keys: Sequence[str]) -> NDArray[np.int64]:
        """``(N,)``: the number of the asset of each row, -1 where it has none."""
        counts = np.diff(slots.ends)[table.response]
        place = np.where(table.asset_idx < 0, counts - 1, table.asset_idx)
        there = place < counts
        beyond = np.flatnonzero(~there & (counts > 0))
        if len(beyond):
            row = int(beyond[0])
            where = f"{keys[table.response[row]]}: asset_idx {table.asset_idx[row]} of {counts[row]}"
            self._omitted.add(LossCode.UNKNOWN_ASSET, where, len(beyond))
        found = np.full(len(table), -1, dtype=np.int64)
        there &= counts > 0
        found[there] = slots.asset[(slots.ends[:-1][table.response] + place)[there]]
        return found


class _Vocabulary:
    """The labels of all answers so far, in order."""

    def __init__(self, labels: Sequence[str] | None, label_map: LabelMap | None) -> None:
        self._is_open = labels is None
        self._map = label_map
        self._codes = {label: code for code, label in enumerate(labels or ())}

    @property
    def labels(self) -> tuple[str, ...]:
        """The list."""
        return tuple(self._codes)

    def codes(self, table: AnnotationTable, placed: NDArray[np.bool_], omitted: Tally) -> NDArray[np.int64]:
        """``(N,)``: the label of each row, -1 for none, less where its mention is not in the list."""
        codes = np.full(len(table.mentions) + 1, -1, dtype=np.int64)
        used = np.unique(table.mention[placed & (table.mention >= 0)], return_index=True)
        for mention in used[0][np.argsort(used[1])].tolist():
            name = table.mentions[mention]
            label = self._map(name) if self._map else name
            if self._is_open:
                codes[mention] = self._codes.setdefault(label, len(self._codes))
            else:
                codes[mention] = self._codes.get(label, _NOT_IN_LIST)
        found: NDArray[np.int64] = codes[table.mention]
        refused = np.flatnonzero(placed & (found == _NOT_IN_LIST))
        if len(refused):
            omitted.add(LossCode.UNLISTED_LABEL, table.mentions[table.mention[refused[0]]], len(refused))
        return found


def _firsts(response: NDArray[np.int64], track: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each tracked row, the first row of its track."""
    _, first, group = np.unique(np.column_stack([response, track]), axis=0, return_index=True, return_inverse=True)
    return rows[first[group.reshape(-1)]]
