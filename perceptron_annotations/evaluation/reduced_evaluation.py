"""An evaluation as rows of sums, which any engine adds up over shards → its metrics with their intervals.

A row has what one metric derives from: sums over the images of a shard. They do not grow with the images, and a sum by
group of the rows of all shards is what one evaluation of all images gives. So no shard needs anything of another, and
no process holds all images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from ..errors import UsageError
from ..table.arrow_schema import pa
from .answers import Outcome, Outcomes
from .counts import TaskCounts
from .intervals import Estimate, MetricSums, Scale
from .tasks import Task

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema, Table

#: The values of a row, as in :func:`sums_schema`.
SumsRow: TypeAlias = tuple[str | bool | float | None, ...]
#: What names a row: rows that agree in all of them are added up.
KEYS = ("task", "readable", "label", "metric", "scale")
#: What is added up.
SUMS = MetricSums._fields
_WHOLE_NUMBERS = ("images", "measured")
#: The task of the rows that count the outcomes of answers.
_OUTCOMES = "outcomes"
_SCHEMA = pa.schema(
    [pa.field("task", pa.string()), pa.field("readable", pa.bool_())]
    + [pa.field(name, pa.string()) for name in ("label", "metric", "scale")]
    + [pa.field(name, pa.int64() if name in _WHOLE_NUMBERS else pa.float64()) for name in SUMS]
)


def sums_schema() -> Schema:
    """The schema of ``PartialEvaluation.to_arrow``: the keys of a row, then what is added up by them.

    >>> pa.evaluation.sums_schema().names[:6]
    ['task', 'readable', 'label', 'metric', 'scale', 'images']
    """
    return _SCHEMA


class SummedMetric(Struct, frozen=True, kw_only=True):
    """One metric over all images, or over those of one label or with a readable answer."""

    task: Task
    #: Over the images alone whose answer could be read.
    readable: bool
    #: None for all labels together.
    label: str | None
    name: str
    #: How many images there are, and in how many there is anything to measure.
    images: int
    measured: int
    estimate: Estimate


class ReducedEvaluation(Struct, frozen=True, kw_only=True):
    """The metrics of an evaluation whose images were evaluated in shards, from rows that an engine added up.

    They are those of a report over all images: what is a sum over images, with its interval. Average precision and
    keypoints, which are not, are not among them; evaluate those with ``join_evaluations``.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> shard = pa.evaluation.PartialEvaluation.of(truth.build(), truth.build())
    >>> reduced = ReducedEvaluation.from_arrow(shard.to_arrow())
    >>> reduced.images, reduced.estimates("detection", label="cat")["recall@0.5"].value
    (1, 1.0)
    """

    #: How many images the truth has.
    images: int
    #: How many of them had which outcome.
    outcomes: dict[Outcome, int]
    #: Sorted by task, label and name, all labels together first.
    metrics: tuple[SummedMetric, ...]

    @staticmethod
    def from_arrow(data: Table | RecordBatch) -> ReducedEvaluation:
        """The metrics of rows of ``PartialEvaluation.to_arrow`` of any shards, whether they were added up or not.

        Raises ``UsageError`` if columns are missing or hold something else.
        """
        found = _added_up(data)
        outcomes = {row["metric"]: int(row["part"]) for row in found if row["task"] == _OUTCOMES}
        images = [row["images"] for row in found if row["task"] == _OUTCOMES]
        rows = [row for row in found if row["task"] != _OUTCOMES]
        try:
            metrics = [_metric(row) for row in rows]
            counts = {Outcome(name): count for name, count in outcomes.items()}
        except ValueError as error:
            raise UsageError(f"these are not rows of PartialEvaluation.to_arrow: {error}") from None
        metrics.sort(key=lambda each: (list(Task).index(each.task), each.readable, each.label or "", each.name))
        return ReducedEvaluation(images=max(images, default=0), outcomes=counts, metrics=tuple(metrics))

    def estimates(
        self, task: Task | str, *, label: str | None = None, readable: bool = False
    ) -> Mapping[str, Estimate]:
        """The metrics of a task by name, with their intervals; over one label, or over the readable images alone."""
        return {
            each.name: each.estimate
            for each in self.metrics
            if (each.task, each.label, each.readable) == (Task(task), label, readable)
        }

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that have metrics of their own, sorted."""
        return tuple(sorted({each.label for each in self.metrics if each.label is not None}))


def sums_table(rows: Sequence[SumsRow]) -> Table:
    """The rows of some images; see ``PartialEvaluation.to_arrow``."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in _SCHEMA)
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


def sums_of_outcomes(outcomes: Outcomes) -> Iterator[SumsRow]:
    """How many images had which outcome."""
    images = outcomes.images
    for outcome in Outcome:
        count = outcomes.counts.get(outcome, 0)
        sums = MetricSums(images, images, count, images, count, count, images)
        yield _OUTCOMES, False, None, outcome.value, Scale.SHARE.value, *sums


def sums_of_tasks(counts: Mapping[str, TaskCounts], *, readable: bool) -> Iterator[SumsRow]:
    """The metrics of each task by the name of its field, and those of each label."""
    for field, found in counts.items():
        task = Task[field.upper()].value
        for label, some in ((None, found), *((label, found.of_label(code)) for code, label in enumerate(found.labels))):
            for metric in some.metrics():
                yield task, readable, label, metric.name, metric.scale.value, *metric.sums()


def _added_up(data: Table | RecordBatch) -> list[dict[str, Any]]:
    table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
    names = {f"{name}_sum": name for name in SUMS}  # what some engines call them
    table = table.rename_columns([names.get(name, name) for name in table.column_names])
    missing = [name for name in (*KEYS, *SUMS) if name not in table.column_names]
    if missing:
        raise UsageError(f"not rows of PartialEvaluation.to_arrow: there is no column {', '.join(missing)}")
    try:
        table = table.select([*KEYS, *SUMS]).cast(_SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise UsageError(f"not rows of PartialEvaluation.to_arrow: {error}") from None
    added = table.group_by(list(KEYS)).aggregate([(name, "sum") for name in SUMS])
    found: list[dict[str, Any]] = added.rename_columns([*KEYS, *SUMS]).to_pylist()
    return found


def _metric(row: dict[str, Any]) -> SummedMetric:
    sums = MetricSums(*(row[name] for name in SUMS))
    return SummedMetric(
        task=Task(row["task"]),
        readable=row["readable"],
        label=row["label"],
        name=row["metric"],
        images=sums.images,
        measured=sums.measured,
        estimate=sums.estimate(Scale(row["scale"])),
    )
