"""``evaluate``: recorded answers, or a dataset, against the truth."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

from msgspec import structs

from ..errors import FileError, UsageError
from ..evaluation.coco_dataset import TiedScoresWarning, report_of
from ..evaluation.coco_files import evaluate_coco_files
from ..evaluation.curves import metric_curves, plot_curves
from ..evaluation.evaluation import evaluate
from ..evaluation.partial_evaluation import tasks_for
from ..evaluation.report import EvaluationReport
from ..evaluation.tasks import IouType, Task
from ..files import Source
from ..render.report_tables import short_names
from .console import complain
from .evaluation_inputs import Model, ReadingOptions, Truth, read_model, read_truth
from .options import EvaluateFormat
from .print_evaluation import print_report

#: Lower-is-better metrics, which have no least value.
_ERRORS = ("_mae", "_bias", "_distance")
#: The slice of images by their own size, which is not a recorded field.
_SIZE = "size"
#: Megapixels up to which an image belongs to a slice.
_SIZES = ((0.3, "up to 0.3 MP"), (1.0, "up to 1 MP"), (4.0, "up to 4 MP"), (float("inf"), "above 4 MP"))


class Options(NamedTuple):
    """What is evaluated, and how."""

    #: How files are read; its ``fields`` are those by which images are sliced.
    reading: ReadingOptions
    #: None: all that the two sides allow.
    tasks: Sequence[Task] | None
    thresholds: Sequence[float]
    temporal_thresholds: Sequence[float]
    iou_type: IouType
    #: How many of the worst images are shown.
    worst: int


class Verdict(NamedTuple):
    """What the exit status depends on."""

    #: Every metric of ``--fail-under`` is high enough.
    reached: bool
    #: Nothing was wrong in what was read, and every image of the truth and of the predictions is on both sides.
    is_sound: bool


class _Limit(NamedTuple):
    """``--fail-under f1=0.7``."""

    metric: str
    least: float


def evaluate_files(
    prediction: str,
    truth: str,
    *,
    options: Options,
    output: EvaluateFormat,
    fail_under: Sequence[str],
    other: str | None,
    curves_path: str | None,
) -> Verdict:
    """Print the report, and judge it."""
    limits = [_limit(text) for text in fail_under]
    wanted = read_truth(truth, options.reading)
    models = [read_model(path, wanted, options.reading) for path in (prediction, other) if path is not None]
    tasks = tasks_for(models[0].dataset, wanted.dataset) if options.tasks is None else frozenset(options.tasks)
    report = _report(models[0], wanted, tasks, options)
    others: list[EvaluationReport] = []
    for each in models[1:]:
        others.append(_evaluated(each, wanted, tasks - {Task.AVERAGE_PRECISION}, options, samples=0))
        report = report.compare(others[-1])
    values = _limited_metrics(report)
    broken = [limit for limit in limits if not _value(limit, values) >= limit.least]
    if curves_path is not None:
        drawn = [metric_curves(each.dataset, wanted.dataset, tasks, iou_type=options.iou_type) for each in models]
        plot_curves(dict(zip(short_names([each.input.path for each in models]), drawn, strict=True)), curves_path)
    print_report(report, output, list(_remarks(models, report, options)))
    for limit in broken:
        complain(f"{limit.metric} is {values[limit.metric]:.4f}, below {limit.least:g}")
    all_joined = not any(each.outcomes.unknown_images or each.outcomes.unanswered_images for each in (report, *others))
    return Verdict(not broken, all_joined and wanted.is_sound and all(model.is_sound for model in models))


# -- the report ------------------------------------------------------------------------------------------------------


def _report(model: Model, truth: Truth, tasks: frozenset[Task], options: Options) -> EvaluationReport:
    """All that is said of the model that was asked for."""
    slices = {field: _values(field, model, truth) for field in options.reading.fields}
    report = _evaluated(model, truth, tasks, options, slices=slices, worst=options.worst)
    if report.average_precision is not None and options.reading.label_map is None and model.is_coco_results:
        return _by_files(report, model.input.source, truth.input.source)
    return report


def _evaluated(
    model: Model,
    truth: Truth,
    tasks: frozenset[Task],
    options: Options,
    *,
    slices: Mapping[str, Mapping[str, str]] | None = None,
    worst: int = 0,
    samples: int = 1000,
) -> EvaluationReport:
    report = evaluate(
        model.dataset,
        truth.dataset,
        tasks=tasks,
        thresholds=options.thresholds,
        temporal_thresholds=options.temporal_thresholds,
        iou_type=options.iou_type,
        prose={name: answer.prose for name, answer in model.answers.items()} if Task.COUNTING in tasks else None,
        slices=slices,
        worst=worst,
        locations={name: answer.location for name, answer in model.answers.items()},
        samples=samples,
    )
    return structs.replace(report, predictions=model.input.path, truth=truth.input.path)


def _by_files(report: EvaluationReport, results: Source, annotations: Source) -> EvaluationReport:
    """COCO's metrics by the boxes and areas of the files themselves, if both are COCO's and well formed."""
    try:
        with warnings.catch_warnings(action="ignore", category=TiedScoresWarning):  # the datasets gave it already
            found = evaluate_coco_files(results, annotations)
    except FileError:
        return report
    readable = report.readable
    if readable is not None:
        readable = structs.replace(readable, average_precision=report_of(*found, readable.outcomes))
    return structs.replace(report, average_precision=report_of(*found, report.outcomes), readable=readable)


def _values(field: str, model: Model, truth: Truth) -> Mapping[str, str]:
    """The value of a field for each image."""
    if field == _SIZE:
        return {asset.file_name: _size(asset.width, asset.height) for asset in truth.dataset.assets}
    values = {name: answer.fields[field] for name, answer in model.answers.items() if field in answer.fields}
    if not values:
        raise UsageError(
            f"no answer in {model.input.path} has a field {field!r}: --by takes recorded fields, or {_SIZE}"
        )
    return values


def _size(width: float | None, height: float | None) -> str:
    if width is None or height is None:
        return "unknown"
    return next(name for most, name in _SIZES if width * height <= most * 1e6)


def _remarks(models: Sequence[Model], report: EvaluationReport, options: Options) -> Iterator[str]:
    """What the report does not know."""
    if options.tasks is None and report.detection is not None and report.average_precision is None:
        yield "no average precision: it needs a score for every prediction"
    for model in models:
        of_which = f" of {model.input.path}" if len(models) > 1 else ""
        for loss in () if model.imported is None else model.imported.losses:
            yield f"{loss.count} x {loss.code.meaning}{of_which}; first: {loss.example}"
        repeated = [name for name, answer in model.answers.items() if answer.count > 1]
        if repeated:
            yield (
                f"images with several answers{of_which}: {len(repeated)}, first {repeated[0]}; the annotations of all "
                "are evaluated together, slices take the first answer"
            )


# -- limits ----------------------------------------------------------------------------------------------------------


def _limit(text: str) -> _Limit:
    metric, _, least = text.rpartition("=")
    try:
        limit = _Limit(metric, float(least))
    except ValueError:
        limit = _Limit(metric, nan)
    if isnan(limit.least):
        raise UsageError(f"--fail-under is METRIC=VALUE, such as f1@0.5=0.7, not {text!r}")
    return limit


def _limited_metrics(report: EvaluationReport) -> dict[str, float]:
    """All higher-is-better metrics by name; one at the first threshold also without the threshold."""
    found: dict[str, float] = {}
    for name, metric in report.metrics.items():
        if not name.endswith(_ERRORS):
            found[name] = metric.value
            found.setdefault(name.partition("@")[0], metric.value)
    outcomes = report.outcomes
    return found | {"readable": 1 - outcomes.unreadable_rate, "complete": 1 - outcomes.cut_off_rate}


def _value(limit: _Limit, metrics: Mapping[str, float]) -> float:
    if limit.metric not in metrics:
        raise UsageError(f"unknown or lower-is-better metric {limit.metric!r}: choose from {', '.join(metrics)}")
    return metrics[limit.metric]
