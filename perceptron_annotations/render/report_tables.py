"""What of an evaluation is shown to people: a few tables, and remarks in a sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple

from ..evaluation.detection import DetectionReport
from ..evaluation.intervals import FEWEST_IMAGES, SIGNIFICANT, Comparison, Estimate
from ..evaluation.metric_catalogue import METRICS, limited_metric
from ..evaluation.mistakes import WorstImage
from ..evaluation.model_names import short_names
from ..evaluation.report import EvaluationReport
from ..evaluation.scores import Scores
from ..evaluation.tasks import Task

#: The columns of detection, and what each is in ``Scores``.
_DETECTION = ("precision", "recall", "f1", "true_positives", "false_positives", "false_negatives")
#: Names that are listed in full.
_LISTED = 3
#: Characters of a prompt.
_PROMPT = 60


class ReportTable(NamedTuple):
    """A table for people; its text may be that of models, as it was written."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    #: The places of columns of names, which may be shortened in their middle; nothing else may.
    names: Sequence[int] = ()
    #: The places of columns that are left out first, in this order, if there is no room for all.
    optional: Sequence[int] = ()


def report_tables(report: EvaluationReport) -> list[ReportTable]:
    """The tables of a report that are not empty."""
    tables = [] if report.detection is None else [_detection(report.detection)]
    tables.append(_metrics(report))
    for part, title in (
        (report.average_precision, "average precision, as in COCO"),
        (report.keypoints, "average precision of keypoints, as in COCO"),
    ):
        if part is not None:
            rows = [(name, _number(each.value)) for name, each in part.metrics.items()]
            tables.append(ReportTable(title, ("metric", "all images"), rows))
    tables += [_slices(field, values) for field, values in report.slices.items()]
    tables += [_comparison(report), _worst(report.worst)]
    return [table for table in tables if table.rows]


def _number(value: float) -> str:
    return "-" if isnan(value) else f"{value:.3f}"


def _shown(value: float) -> str:
    """A count as it is, and a share with three decimals."""
    return str(value) if isinstance(value, int) else _number(value)


def _heading(name: str) -> str:
    return next(each.heading for each in METRICS if (each.task, each.name) == (Task.DETECTION, name))


def _interval(found: Estimate, images: int) -> str:
    if isnan(found.interval.low):
        return "too few images" if images < FEWEST_IMAGES else "-"
    return f"[{_number(found.interval.low)}, {_number(found.interval.high)}]"


def _detection(found: DetectionReport) -> ReportTable:
    parts: list[tuple[str, tuple[Scores, ...]]] = [("all", found.overall)]
    parts += found.by_label.items()
    parts += [(f"({size})", levels) for size, levels in found.by_size.items()]
    rows = [
        (
            part,
            f"{threshold:g}",
            *(_shown(getattr(scores, name)) for name in _DETECTION),
        )
        for part, levels in parts
        for threshold, scores in zip(found.thresholds, levels, strict=True)
        if part == "all" or scores.true_positives + scores.false_positives + scores.false_negatives
    ]
    columns = ("label", "IoU", *(_heading(name) for name in _DETECTION))
    return ReportTable("detection", columns, rows, names=(0,))


def _sampled(report: EvaluationReport) -> dict[str, Estimate]:
    """The metrics of all tasks but average precision, also of keypoints, which have tables of their own."""
    own = [part.metrics for part in (report.average_precision, report.keypoints) if part is not None]
    return {name: found for name, found in report.metrics.items() if not any(name in metrics for metrics in own)}


def _metrics(report: EvaluationReport) -> ReportTable:
    """Metrics over all images with their intervals, and over those whose answer could be read."""
    readable = {} if report.readable is None else report.readable.metrics
    rows = [
        (
            name,
            _number(found.value),
            _interval(found, report.outcomes.images),
            *([_number(readable[name].value)] if readable else []),
        )
        for name, found in _sampled(report).items()
        if not isnan(found.value)
    ]
    last = ("readable answers",) if readable else ()
    return ReportTable("metrics", ("metric", "all images", "95 % interval", *last), rows)


def _slices(field: str, values: Mapping[str, EvaluationReport]) -> ReportTable:
    """A row for each value, with one metric of each kind: at the first threshold, if there are several."""
    metrics = {value: _sampled(found) for value, found in values.items()}
    kinds: dict[str, str] = {}
    for measured in metrics.values():
        for name, found in measured.items():
            if not isnan(found.value):
                kinds.setdefault(name.partition("@")[0], name)
    rows = [
        (
            value,
            str(found.outcomes.images),
            _number(found.outcomes.unreadable_rate),
            *(_number(metrics[value][name].value) for name in kinds.values()),
        )
        for value, found in values.items()
    ]
    return ReportTable(f"by {field}", (field, "images", "unreadable", *kinds.values()), rows, names=(0,))


def _comparison(report: EvaluationReport) -> ReportTable:
    """A row for each metric of both models, with its difference, which way that goes, and who is better."""
    first, second = short_names([report.predictions, report.compared_with])
    rows = [
        (
            name,
            _number(each.first),
            _number(each.second),
            f"{each.difference.value:+.3f}",
            _difference(each.difference, report.outcomes.images),
            _verdict(name, each, first, second),
            f"{each.p_value:.4f}",
        )
        for name, each in report.comparison.items()
        if not isnan(each.p_value)
    ]
    columns = ("metric", first, second, f"{second} − {first}", "95 % interval", "verdict", "p")
    title = f"{second} compared with {first}: differences are {second} less {first}, better means p < {SIGNIFICANT:g}"
    return ReportTable(title, columns, rows, names=(5,), optional=(6, 1, 2))


def _difference(found: Estimate, images: int) -> str:
    low, high = found.interval.low, found.interval.high
    return _interval(found, images) if isnan(low) else f"[{low:+.3f}, {high:+.3f}]"


def _verdict(metric: str, compared: Comparison, first: str, second: str) -> str:
    """Which of the two is better, if the difference is hardly chance."""
    winner = compared.better_by(limited_metric(metric).better)
    if winner == 0 or compared.p_value >= SIGNIFICANT:
        return "not clear"
    return f"{second if winner > 0 else first} better"


def _worst(images: Sequence[WorstImage]) -> ReportTable:
    rows = []
    for each in images:
        wrong = [f"{found.label} [{found.span[0]}:{found.span[1]}]" for found in each.false_positives]
        where = "" if each.location is None else f"{each.location.file}:{each.location.line_number}"
        prompt = "" if each.location is None else (each.location.prompt or "")
        cut = prompt if len(prompt) <= _PROMPT else prompt[:_PROMPT] + "…"
        rows.append((each.image, each.outcome, _listed(wrong), _listed(each.false_negatives), where, cut))
    columns = ("image", "answer", "false positives [characters]", "false negatives", "recorded in", "prompt")
    return ReportTable("the images with the most mistakes", columns, rows, names=(0, 3, 4, 5), optional=(5, 4, 2))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
