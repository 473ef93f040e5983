"""What metrics derive from: small tables with an image and a label in each row.

Every metric of every task is a sum over such rows. So images that were evaluated apart are joined by joining rows, a
slice of the images is a choice of rows, and intervals come from drawing images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from ..errors import UsageError
from ..ops.arrays import Indices
from .answers import Answers, join_answers
from .intervals import Metric
from .tasks import Matching


class Rows(Struct, frozen=True, eq=False, kw_only=True):
    """Columns of one length N. Those whose names end in ``label`` hold labels, -1 for none."""

    #: ``(N,)``: places in the images and labels of the counts.
    image: Indices
    label: Indices

    def __len__(self) -> int:
        return len(self.image)

    def take(self, rows: NDArray[Any]) -> Self:
        """Some of the rows."""
        return structs.replace(self, **{name: getattr(self, name)[rows] for name in self.__struct_fields__})

    def in_order(self) -> Self:
        """By image and label, those of one as they came: so sums of floats are the same however rows were made."""
        return self.take(np.lexsort((self.label, self.image)))


class Counts(Struct, frozen=True, eq=False, kw_only=True):
    """What metrics derive from; each task adds rows of its own."""

    answers: Answers
    labels: tuple[str, ...]
    #: Levels of overlap, rising; empty for a task without them.
    thresholds: tuple[float, ...] = ()
    matching: Matching = Matching.OPTIMAL
    #: Shapes with a timestamp, on both sides, which do not count; they have no label.
    timed: Rows

    def options(self) -> tuple[object, ...]:
        """What must be the same for counts to be joined."""
        return type(self), self.thresholds, self.matching

    def only(self, chosen: NDArray[np.bool_]) -> Self:
        """Those of some images, ``(I,)``; all labels stay."""
        number = np.cumsum(chosen) - 1
        found: dict[str, Any] = {"answers": self.answers.take(chosen)}
        for name in _tables(self):
            rows = getattr(self, name)
            rows = rows.take(chosen[rows.image])
            found[name] = structs.replace(rows, image=number[rows.image])
        return structs.replace(self, **found)

    def of_label(self, code: int) -> Self:
        """Those of one label, in the images that have anything of it."""
        tables: dict[str, Any] = {name: getattr(self, name) for name in _tables(self)}
        tables = {name: rows.take(rows.label == code) for name, rows in tables.items()}
        chosen = np.zeros(len(self.answers), dtype=bool)
        for rows in tables.values():
            chosen[rows.image] = True
        return structs.replace(self, **tables).only(chosen)


class TaskCounts(Counts, frozen=True, eq=False, kw_only=True):
    """Those of a task that has a report."""

    def used_labels(self) -> tuple[Indices, Indices]:
        """The labels of the predictions, and of the truth; a label may come more than once."""
        raise NotImplementedError

    def metrics(self) -> list[Metric]:
        """The metrics that are sums over images: they can be sampled and compared."""
        raise NotImplementedError

    def report(self) -> Any:
        """The report of the task with their intervals."""
        raise NotImplementedError


SomeCounts = TypeVar("SomeCounts", bound=Counts)


def join_counts(shards: Sequence[SomeCounts]) -> SomeCounts:
    """The counts of images that were evaluated apart, as one.

    Raises ``UsageError`` if there are none, or if shards share an image or differ in task or options.
    """
    if not shards or len({shard.options() for shard in shards}) > 1:
        raise UsageError("shards must be at least one, and all of the same task, thresholds, matching and sigmas")
    answers = join_answers([shard.answers for shard in shards])
    labels = tuple(sorted({label for shard in shards for label in shard.labels}))
    images, codes = ({name: place for place, name in enumerate(names)} for names in (answers.images, labels))
    joined: dict[str, Any] = {}
    for name in _tables(shards[0]):
        tables = [_renamed(getattr(shard, name), shard, images, codes) for shard in shards]
        joined[name] = _concatenated(tables)
    return structs.replace(shards[0], answers=answers, labels=labels, **joined)


def _tables(counts: Counts) -> list[str]:
    return [name for name in counts.__struct_fields__ if isinstance(getattr(counts, name), Rows)]


def _renamed(rows: Rows, counts: Counts, images: dict[str, int], codes: dict[str, int]) -> Rows:
    """The same rows, with the numbers of the whole."""
    image = np.array([*(images[name] for name in counts.answers.images), -1], dtype=np.int64)
    label = np.array([*(codes[name] for name in counts.labels), -1], dtype=np.int64)
    named = [name for name in rows.__struct_fields__ if name.endswith("label")]
    columns = {name: label[getattr(rows, name)] for name in named}
    return structs.replace(rows, image=image[rows.image], **columns)


def _concatenated(tables: Sequence[Rows]) -> Rows:
    """All rows, by image and label, those of one in the order of their shard."""
    held = [table for table in tables if len(table)] or tables[:1]
    columns = {name: [getattr(table, name) for table in held] for name in held[0].__struct_fields__}
    if any(len({column.shape[1:] for column in some}) > 1 for some in columns.values()):
        raise UsageError("shards must all have the same number of keypoints")
    return structs.replace(held[0], **{name: np.concatenate(some) for name, some in columns.items()}).in_order()
