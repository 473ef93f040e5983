"""The metrics of an evaluation, a row each, and as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isnan, nan
from typing import Any, NamedTuple

from ..csv_lines import csv_text, defused
from ..errors import UsageError
from ..evaluation.answers import Outcomes
from ..evaluation.coco_dataset import AveragePrecisionReport
from ..evaluation.counting import CountingReport, CountScores
from ..evaluation.detection import DetectionReport
from ..evaluation.ignoring import Ignored
from ..evaluation.intervals import Estimate
from ..evaluation.keypoint_dataset import KEYPOINT_PREFIX, KeypointReport
from ..evaluation.pointing import PointingReport
from ..evaluation.report import EvaluationReport
from ..evaluation.scores import Scores
from ..evaluation.tasks import Task
from ..evaluation.temporal import TemporalReport


class MetricRow(NamedTuple):
    """A metric of a report; ``low`` and ``high`` are NaN if it has no interval."""

    #: The field and value of a slice, empty for all images; and ``all`` or ``readable`` answers.
    field: str
    value: str
    answers: str
    task: str
    #: A label or size of objects, as ``label=cat``, an outcome or issue of answers; empty for all of them.
    part: str
    metric: str
    number: float
    low: float = nan
    high: float = nan


def metric_rows(report: EvaluationReport) -> Iterator[MetricRow]:
    """Every metric of a report, a row each.

    A comparison is two: the difference, second less first, with its interval, and ``…_p``.

    >>> nothing = pa.datasets.DatasetBuilder().build()
    >>> [row.number for row in metric_rows(pa.evaluate(nothing, nothing)) if row.metric == "images"]
    [0, 0]
    """
    checked_report(report)
    yield from _rows(report, "", "", "all")
    if report.readable is not None:
        yield from _rows(report.readable, "", "", "readable")
    for field, values in report.slices.items():
        for value, found in values.items():
            yield from _rows(found, field, value, "all")
    against = _Part("", "", "all", "comparison", f"against={report.compared_with or ''}")
    if report.compared_outcomes is not None:
        yield from _of_outcomes(_Part("", "", "compared", "answers"), report.compared_outcomes)
    for name, each in report.comparison.items():
        yield from against.estimates({name: each.difference})
        yield against.row(f"{name}_p", each.p_value)


def report_csv(report: EvaluationReport) -> str:
    """Every metric of a report, a row each; no cell is a formula, and what is not defined is empty.

    >>> nothing = pa.datasets.DatasetBuilder().build()
    >>> report_csv(pa.evaluate(nothing, nothing)).splitlines()[0]
    'field,value,answers,task,part,metric,number,low,high'
    """
    rows = (
        [defused(cell) if isinstance(cell, str) else "" if isnan(cell) else cell for cell in row]
        for row in metric_rows(report)
    )
    text = csv_text([MetricRow._fields, *rows])
    return text.encode("utf-8", "backslashreplace").decode()  # lone surrogates cannot be written


def checked_report(report: EvaluationReport) -> EvaluationReport:
    """The same. Raises ``UsageError`` if it is something else."""
    if not isinstance(report, EvaluationReport):
        raise UsageError(
            f"a report of evaluate() is needed, not a {type(report).__name__}; of a PartialEvaluation, call .report()"
        )
    return report


class _Part(NamedTuple):
    """What the rows of one task, or of a part of it, share."""

    field: str
    value: str
    answers: str
    task: str
    part: str = ""

    def row(self, metric: str, number: float) -> MetricRow:
        """A metric without an interval."""
        return MetricRow(*self, metric, number)

    def estimates(self, metrics: Mapping[str, Estimate]) -> Iterator[MetricRow]:
        """Metrics with their intervals."""
        for name, found in metrics.items():
            yield MetricRow(*self, name, found.value, found.interval.low, found.interval.high)

    def scores(self, scores: Scores, suffix: str = "") -> Iterator[MetricRow]:
        """Counts, precision, recall and F1."""
        for name in scores.__struct_fields__:
            yield self.row(f"{name}{suffix}", getattr(scores, name))

    def ignored(self, ignored: Ignored) -> Iterator[MetricRow]:
        """What does not count because the truth says so."""
        yield self.row("ignored_truths", ignored.truths)
        yield self.row("ignored_predictions", ignored.predictions)

    def count_scores(self, scores: CountScores) -> Iterator[MetricRow]:
        """How well numbers agree."""
        for name in scores.__struct_fields__:
            if name != "within":
                yield self.row(name, getattr(scores, name))
        for most, share in scores.within.items():
            yield self.row(f"within_{most}", share)


def _rows(found: EvaluationReport, field: str, value: str, answers: str) -> Iterator[MetricRow]:
    head = _Part(field, value, answers, "answers")
    yield from _of_outcomes(head, found.outcomes)
    for kind in found.not_compared:
        part = f"not_compared={kind.side} {kind.kind.name.lower()} {kind.reason}"
        yield head._replace(part=part).row("count", kind.count)
    for task, rows in _TASKS.items():
        report = getattr(found, task.field)
        if report is not None:
            of_task = head._replace(task=task.value)
            yield from of_task.estimates(report.metrics)
            yield from rows(of_task, report)


def _of_outcomes(head: _Part, outcomes: Outcomes) -> Iterator[MetricRow]:
    yield head.row("images", outcomes.images)
    for outcome, count in outcomes.counts.items():
        yield head._replace(part=f"outcome={outcome}").row("count", count)
    for name in ("unreadable_rate", "empty_rate", "cut_off_rate"):
        yield head.row(name, getattr(outcomes, name))
    for ending, count in outcomes.endings.items():
        yield head._replace(part=f"ending={ending}").row("count", count)
    for code, count in outcomes.issues.items():
        yield head._replace(part=f"issue={code}").row("count", count)


def _of_detection(head: _Part, found: DetectionReport) -> Iterator[MetricRow]:
    yield head.row("mean_f1", found.mean_f1)
    yield from head.ignored(found.ignored)
    yield head.row("wrong_labels", found.wrong_labels)
    yield head.row("greedy_components", found.greedy_components)
    yield head.row("repaired", found.repaired)
    for threshold, macro in zip(found.thresholds, found.macro_f1, strict=True):
        yield head.row(f"macro_f1@{threshold:g}", macro)
    for kind, parts in (("label", found.by_label), ("size", found.by_size)):
        for part, levels in parts.items():
            for threshold, scores in zip(found.thresholds, levels, strict=True):
                yield from head._replace(part=f"{kind}={part}").scores(scores, f"@{threshold:g}")


def _of_pointing(head: _Part, found: PointingReport) -> Iterator[MetricRow]:
    yield from head.ignored(found.ignored)
    yield head.row("greedy_components", found.greedy_components)
    for part, scores in found.by_label.items():
        yield from head._replace(part=f"label={part}").scores(scores)


def _of_counting(head: _Part, found: CountingReport) -> Iterator[MetricRow]:
    yield from head._replace(part="marked").count_scores(found.marked)
    yield from head._replace(part="stated").count_scores(found.stated)
    for part, scores in found.by_label.items():
        yield from head._replace(part=f"label={part}").count_scores(scores)


def _of_temporal(head: _Part, found: TemporalReport) -> Iterator[MetricRow]:
    yield from head.ignored(found.ignored)
    for threshold, precision in zip(found.thresholds, found.average_precision, strict=True):
        yield head.row(f"ap@{threshold:g}", precision)


def _of_average_precision(head: _Part, found: AveragePrecisionReport) -> Iterator[MetricRow]:
    for part, number in found.by_label.items():
        yield head._replace(part=f"label={part}").row("ap", number)


def _of_keypoints(head: _Part, found: KeypointReport) -> Iterator[MetricRow]:
    for part, number in found.by_label.items():
        yield head._replace(part=f"label={part}").row(f"{KEYPOINT_PREFIX}ap", number)


_TASKS: dict[Task, Callable[[_Part, Any], Iterator[MetricRow]]] = {
    Task.DETECTION: _of_detection,
    Task.POINTING: _of_pointing,
    Task.COUNTING: _of_counting,
    Task.TEMPORAL: _of_temporal,
    Task.AVERAGE_PRECISION: _of_average_precision,
    Task.KEYPOINTS: _of_keypoints,
}
