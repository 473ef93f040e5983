"""Recorded answers → a :class:`Dataset`: each annotation on its image, in pixels of that image, with a label.

An annotation whose image or label cannot be used is left out and counted with the reason. Files that are larger than
memory are read in shards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..completions.answer_reading import AnswerDialect, AnswerReading
from ..completions.ending import Ending
from ..completions.recordings import Recording
from ..errors import UsageError
from ..frames import Frame, FrameKind
from ..losses import LossCode
from ..markup.document import Mode, ModeName, Status
from ..ops.coordinates import scaled_to, to_unit
from ..ops.label_counts import LabelMap
from ..problems import OnProblem
from ..table.read import Paths, iter_recorded, table_of_recordings
from ..table.recorded_table import RecordedTable
from ..table.table import AnnotationTable
from ..words import member_of
from .answer_labels import UNLISTED, AnswerLabels
from .assets import UNUSABLE, AnswerAssets, AssetRegister
from .dataset import Dataset, dataset_table
from .import_report import ImportReport
from .known_sizes import Sizes
from .lists import Join, as_join, as_label_map
from .policies import Merge, MergeName
from .transform import ImageTransform

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Table

#: Answers in a shard: so many that a call costs little, so few that the columns of three shards take some megabytes,
#: since one may be written while the next ones are read.
SHARD_SIZE = 5_000


def from_recordings(
    recordings: Iterable[Recording],
    *,
    mode: Mode | ModeName = Mode.LENIENT,
    labels: Sequence[str] | None = None,
    label_map: LabelMap | Mapping[str, str] | str | PathLike[str] | None = None,
    sizes: Sizes | None = None,
    join: Join | None = None,
    merge: Merge | MergeName = Merge.ALL,
    transform: ImageTransform = ImageTransform(),  # noqa: B008 - frozen
    keep: Callable[[AnnotationTable], NDArray[np.bool_]] | None = None,
    frame: Frame | None = None,
    dialect: AnswerDialect | None = None,
    track_ids: bool = False,
) -> tuple[Dataset, ImportReport]:
    """The dataset of recorded answers, and what was left out. Raises ``MarkupError`` in strict mode.

    Args:
        recordings: The answers, such as ``read_recordings`` gives.
        mode: How answers are parsed.
        labels: See :class:`RecordingImporter`, as for all that follow.
        label_map: Which mentions are one label.
        sizes: The sizes of images that were recorded without one.
        join: Which image each key means, if the names do not tell.
        merge: Which answers about one asset are kept.
        transform: From recorded images to the dataset's.
        keep: Which rows are kept.
        frame: What the coordinates of the answers count, as for ``parse``.
        dialect: How the answers are written, if not in our own markup; ``"by-model"`` for the dialect of each model.
        track_ids: Whether a number at the end of a track's mention is its id.

    >>> from perceptron_annotations.completions import RecordedAsset
    >>> from perceptron_annotations.datasets import from_recordings
    >>> text = '<point_box mention="cat"> (0,0) (500,500) </point_box>'
    >>> answer = pa.Recording(key="1", text=text, assets=(RecordedAsset("a.png", 640, 480),))
    >>> dataset, report = from_recordings([answer])
    >>> dataset.labels, dataset.table.xyxy.tolist()
    (('cat',), [[0.0, 0.0, 320.0, 240.0]])
    >>> report.losses
    ()
    """
    importer = RecordingImporter(
        labels=labels,
        label_map=label_map,
        sizes=sizes,
        join=join,
        merge=merge,
        transform=transform,
        keep=keep,
        track_ids=track_ids,
    )
    return importer.add(recordings, mode=mode, frame=frame, dialect=dialect), importer.report


class RecordingImporter:
    """Recorded answers → datasets, whole or in shards. ``report`` counts what was read and what was left out.

    The name of an asset is its recorded ``file_name``, else the key of its answer. If ``sizes`` knows the names of
    images, it is joined with one of these and takes its name: by the same name, by folders in front that only one side
    has (``images/a.jpg`` and ``a.jpg``), by another ending or none (``a`` and ``a.jpg``), or by both, if that leaves
    one image. ``report.names`` says how, and what was not joined.

    An annotation without ``asset_idx`` belongs to the last asset of its answer. The ``source`` of a row is the key of
    its answer, and the status of an asset is that of all answers about it. Raises ``UsageError`` if ``labels`` repeat.

    Args:
        labels: The labels in order; annotations with other labels are left out. Without it, labels are in the order in
            which they first come.
        label_map: Which mentions are one label: a ``LabelMap``, or a mapping or a file that ``read_label_map`` reads,
            which leaves case and plural as they are.
        sizes: The sizes of images that were recorded without one, by name: a mapping, a function, a folder of images,
            or a file that ``read_sizes`` reads. An answer without assets is about the image that ``sizes`` knows by the
            key of the answer.
        join: The name of the image that each key or file name means, as a mapping or a file that ``read_join`` reads.
        merge: Which answers are kept if several are about one asset.
        transform: From recorded images to the dataset's, if these are other images.
        keep: A function from the table of answers to ``(N,)`` booleans: which rows are kept.
        track_ids: Some models name each track, and not what it is: a number at the end of the mention of a track is its
            id, and what is before it the label, ``vehicle`` of ``vehicle_1``. Without it, that is done only if
            ``labels`` has ``vehicle`` and not ``vehicle_1``. Every change is counted, and in ``report.track_labels``.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import RecordingImporter
    >>> _ = Path("answers.jsonl").write_text('{"key": "a.png", "text": "<point> (500,500) </point>"}')
    >>> importer = RecordingImporter(sizes={"a.png": (640, 480)})
    >>> dataset, report = importer.read("answers.jsonl")
    >>> dataset.table.coords.tolist()
    [[320.0, 240.0]]
    """

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        label_map: LabelMap | Mapping[str, str] | str | PathLike[str] | None = None,
        sizes: Sizes | None = None,
        join: Join | None = None,
        merge: Merge | MergeName = Merge.ALL,
        transform: ImageTransform = ImageTransform(),  # noqa: B008 - frozen
        keep: Callable[[AnnotationTable], NDArray[np.bool_]] | None = None,
        track_ids: bool = False,
    ) -> None:
        if labels is not None and (isinstance(labels, str) or len(set(labels)) < len(labels)):
            raise UsageError(f"labels must be words in a list, different from each other, not {labels!r}")
        self._vocabulary = AnswerLabels(
            labels, None if label_map is None else as_label_map(label_map), track_ids=track_ids
        )
        self._register = AssetRegister(sizes, as_join(join), member_of(Merge, merge, "merge"), transform)
        self._transform = transform
        self._keep = keep
        self._losses = self._register.losses
        self._statuses = np.zeros(len(Status), dtype=np.int64)
        self._endings = np.zeros(len(Ending), dtype=np.int64)
        self._truncated = 0
        self._unsound = 0
        self._unplaced = 0

    @property
    def report(self) -> ImportReport:
        """What was read so far, and what was left out."""
        return ImportReport(
            recordings=int(self._statuses.sum()),
            statuses=tuple(zip(Status, self._statuses.tolist(), strict=True)),
            endings=tuple(zip(Ending, self._endings.tolist(), strict=True)),
            truncated=self._truncated,
            unsound=self._unsound,
            losses=self._losses.losses,
            unplaced=self._unplaced,
            track_labels=self._vocabulary.track_labels,
            names=self._register.names,
        )

    def read(
        self,
        paths: Paths,
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        key: str | None = None,
        on_problem: OnProblem | None = None,
        progress: Callable[[int], None] | None = None,
        frame: Frame | None = None,
        dialect: AnswerDialect | None = None,
    ) -> tuple[Dataset, ImportReport]:
        """The dataset of all recorded answers of some files, and the report; faster than reading recordings first.

        Raises ``MarkupError`` in strict mode, and ``FileError`` if a file cannot be opened.

        Args:
            paths: A file or several, as for ``read_table``.
            mode: How answers are parsed.
            key: The field that holds the key of an answer.
            on_problem: Gets each problem of a file; without it, one ``ProblemWarning`` counts them.
            progress: Gets the position in the file that is read, in bytes.
            frame: What the coordinates of the answers count, as for ``parse``.
            dialect: How the answers are written, as for ``read_table``.
        """
        (recorded,) = self._read(paths, sys.maxsize, mode, key, on_problem, progress, frame, dialect)
        return self.add_batch(recorded), self.report

    def shards(
        self,
        paths: Paths,
        *,
        batch_size: int = SHARD_SIZE,
        mode: Mode | ModeName = Mode.LENIENT,
        key: str | None = None,
        on_problem: OnProblem | None = None,
        progress: Callable[[int], None] | None = None,
        frame: Frame | None = None,
        dialect: AnswerDialect | None = None,
    ) -> Iterator[Dataset]:
        """Like :meth:`read`, but a dataset of about ``batch_size`` answers at a time, for files larger than memory.

        A shard has the assets of its own answers, and all labels so far, so that label codes stay the same. An asset
        whose answers are far apart is in several shards. Raises ``UsageError`` for ``merge="last"``, which must know
        all answers first.

        Args:
            paths: A file or several, as for ``read_table``.
            batch_size: The least number of answers in a shard; the last one has the rest.
            mode: How answers are parsed.
            key: The field that holds the key of an answer.
            on_problem: Gets each problem of a file; without it, one ``ProblemWarning`` counts them.
            progress: Gets the position in the file that is read, in bytes.
            frame: What the coordinates of the answers count, as for ``parse``.
            dialect: How the answers are written, as for ``read_table``.
        """
        if self._register.merge is Merge.LAST:
            raise UsageError("shards cannot know which answer is the last: use read(), or merge='first' or 'all'")
        for recorded in self._read(paths, batch_size, mode, key, on_problem, progress, frame, dialect):
            yield self.add_batch(recorded)

    def add(
        self,
        recordings: Iterable[Recording],
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        frame: Frame | None = None,
        dialect: AnswerDialect | None = None,
    ) -> Dataset:
        """The dataset of some more answers that are in memory. Raises ``MarkupError`` in strict mode.

        Args:
            recordings: The answers.
            mode: How they are parsed.
            frame: What their coordinates count, as for ``parse``.
            dialect: How they are written, as for ``read_table``.
        """
        answers = list(recordings)
        table = table_of_recordings(answers, AnswerReading.of(mode, frame, dialect))
        return self.add_batch(RecordedTable(table, [each.assets for each in answers]))

    def _read(
        self,
        paths: Paths,
        batch_size: int,
        mode: Mode | ModeName,
        key: str | None,
        on_problem: OnProblem | None,
        progress: Callable[[int], None] | None,
        frame: Frame | None,
        dialect: AnswerDialect | None,
    ) -> Iterator[RecordedTable]:
        return iter_recorded(
            paths,
            batch_size=batch_size,
            mode=mode,
            key=key,
            on_problem=on_problem,
            progress=progress,
            frame=frame,
            dialect=dialect,
        )

    def add_arrow(self, data: Table | RecordBatch) -> Dataset:
        """The dataset of some more answers that ``table.read_arrow`` read, however engines have handed them on.

        Rows that are a problem have no answer and are left out. Raises ``UsageError`` as ``table.from_arrow`` does.

        >>> from pathlib import Path
        >>> _ = Path("arrow.jsonl").write_text('{"key": "a.jpg", "text": "<point> (500,500) </point>"}\\n')
        >>> importer = RecordingImporter(sizes={"a.jpg": (64, 48)})
        >>> [importer.add_arrow(batch).table.coords.tolist() for batch in pa.table.read_arrow("arrow.jsonl")]
        [[[32.0, 24.0]]]
        """
        from ..table.recorded_columns import recorded_answers

        return self.add_batch(recorded_answers(data))

    def add_batch(self, recorded: RecordedTable) -> Dataset:
        """The dataset of some more answers that ``iter_recorded`` read: their rows that have an asset and a label."""
        if self._register.merge is Merge.LAST and self._statuses.any():
            raise UsageError(
                "the last answer about an image is known only if all come at once: read or add them in one call"
            )
        answers = recorded.table
        wanted = answers if self._keep is None else answers[self._keep(answers)]
        keys = answers.responses.key or ()
        assets = self._register.enter(keys, recorded.assets)
        self._statuses += np.bincount(answers.responses.status, minlength=len(Status))
        self._endings += np.bincount(answers.responses.ending, minlength=len(Ending))
        self._truncated += int(answers.responses.truncated.sum())
        self._unsound += int((~answers.responses.is_sound).sum())
        asset = self._asset_of_rows(wanted, assets, keys)
        self._unplaced += int((asset == UNUSABLE).sum())
        label = self._vocabulary.codes(wanted, asset >= 0, self._losses)
        rows = np.flatnonzero((asset >= 0) & (label > UNLISTED))
        if (np.diff(asset[rows]) < 0).any():
            rows = rows[np.argsort(asset[rows], kind="stable")]
        is_whole = len(rows) == len(wanted) and bool((np.diff(rows) == 1).all())
        return self._dataset(wanted if is_whole else wanted.take(rows), asset[rows], label[rows], assets)

    def _dataset(
        self, rows: AnnotationTable, asset: NDArray[np.int64], label: NDArray[np.int64], assets: AnswerAssets
    ) -> Dataset:
        """``rows`` as a dataset; ``asset`` and ``label`` are those of each row."""
        tracked = rows.track >= 0
        number = np.arange(len(rows))
        if tracked.any():
            number[tracked] = _first_rows(rows.response[tracked], rows.track[tracked], np.flatnonzero(tracked))
        placed = to_unit(rows) if rows.frame is FrameKind.PIXELS else rows  # of the image that the model saw
        pixels = scaled_to(placed, assets.recorded_sizes.take(np.repeat(asset, np.diff(rows.offsets)), axis=0))
        keys, responses = rows.responses.key or (), rows.responses
        same = {name: getattr(rows, name) for name in _SAME_COLUMNS}
        return Dataset(
            assets=assets.assets,
            labels=self._vocabulary.labels,
            table=dataset_table(
                assets.assets,
                status=assets.status(responses.status),
                truncated=assets.truncated(responses.truncated),
                ending=assets.ending(responses.ending),
                issues=assets.issues(rows.issues),
                response=asset,
                coords=self._transform.apply_to_coords(pixels),
                track=np.where(tracked, number, -1).astype(np.int32),
                **same,
            ),
            label=label.astype(np.int32),
            object=number,
            iscrowd=np.zeros(len(rows), dtype=bool),
            ignore=np.zeros(len(rows), dtype=bool),
            source=tuple(np.array(keys, dtype=object)[rows.response].tolist()) if len(rows) else None,
        )

    def _asset_of_rows(self, table: AnnotationTable, assets: AnswerAssets, keys: Sequence[str]) -> NDArray[np.int64]:
        """``(N,)``: the number of the asset of each row, ``UNUSABLE`` or ``MERGED`` if it has none."""
        counts = np.diff(assets.offsets)[table.response]
        at = np.where(table.asset_idx < 0, counts - 1, table.asset_idx)
        exists = at < counts
        beyond = np.flatnonzero(~exists & (counts > 0))
        if len(beyond):
            row = int(beyond[0])
            example = f"{keys[table.response[row]]}: asset_idx {table.asset_idx[row]} of {counts[row]}"
            self._losses.add(LossCode.UNKNOWN_ASSET, example, len(beyond))
        number = np.full(len(table), UNUSABLE, dtype=np.int64)
        exists &= counts > 0
        number[exists] = assets.asset[(assets.offsets[:-1][table.response] + at)[exists]]
        return number


#: Columns of a dataset's table that are those of the answers.
_SAME_COLUMNS = ("kind", "score", "mean_logprob", "min_logprob", "t", "until", "offsets", "mention", "mentions", "span")


def _first_rows(response: NDArray[np.int64], track: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each tracked row, the first row of its track."""
    _, first, group = np.unique(np.column_stack([response, track]), axis=0, return_index=True, return_inverse=True)
    return rows[first[group.reshape(-1)]]
