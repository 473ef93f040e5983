"""``evaluate``: recorded answers, or a dataset, against the truth."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

from msgspec import structs

from ..datasets.dataset import Dataset
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.coco.results import is_coco_results, read_coco_results
from ..datasets.formats.recognition import recognise
from ..datasets.formats.registry import rate_option, read_dataset
from ..datasets.recording_importer import ImportReport, RecordingImporter
from ..errors import FileError, UsageError
from ..evaluation.coco_dataset import TiedScoresWarning, report_of
from ..evaluation.coco_files import evaluate_coco_files
from ..evaluation.curves import metric_curves, plot_curves
from ..evaluation.evaluation import evaluate
from ..evaluation.partial_evaluation import tasks_for
from ..evaluation.recorded import RecordedAnswer, first_answers
from ..evaluation.report import EvaluationReport
from ..evaluation.tasks import IouType, Task
from ..files import Source
from ..markup.document import Mode
from ..ops.label_counts import LabelMap
from ..render.report_tables import short_names
from ..table.read import iter_recorded
from .console import complain, progress
from .options import EvaluateFormat
from .print_evaluation import print_report
from .problem_table import ProblemTable

#: Lower-is-better metrics, which have no least value.
_ERRORS = ("_mae", "_bias", "_distance")
#: The slice of images by their own size, which is not a recorded field.
_SIZE = "size"
#: Megapixels up to which an image belongs to a slice.
_SIZES = ((0.3, "up to 0.3 MP"), (1.0, "up to 1 MP"), (4.0, "up to 4 MP"), (float("inf"), "above 4 MP"))


class Options(NamedTuple):
    """What is evaluated, and how."""

    mode: Mode
    key: str | None
    #: None: all that the two sides allow.
    tasks: Sequence[Task] | None
    thresholds: Sequence[float]
    temporal_thresholds: Sequence[float]
    iou_type: IouType
    label_map: LabelMap | None
    #: The fields by which images are sliced.
    by: Sequence[str]
    #: How many of the worst images are shown.
    worst: int
    #: The frame rate of videos whose file does not state one.
    fps: float | None


class _Truth(NamedTuple):
    path: str
    dataset: Dataset


class _Model(NamedTuple):
    """The predictions of one model."""

    path: str
    dataset: Dataset
    #: Of recorded answers: what the import left out, and the first answer about each image.
    imported: ImportReport | None = None
    answers: Mapping[str, RecordedAnswer] = {}
    is_coco_results: bool = False


class _Limit(NamedTuple):
    """``--fail-under f1=0.7``."""

    metric: str
    least: float


def run(
    prediction: str,
    truth: str,
    *,
    options: Options,
    output: EvaluateFormat,
    fail_under: Sequence[str],
    other: str | None,
    curves_path: str | None,
) -> bool:
    """Print the report; whether every metric that ``fail_under`` names is high enough."""
    limits = [_limit(text) for text in fail_under]
    wanted = _Truth(truth, _read_truth(truth, options))
    models = [_model(path, wanted, options) for path in (prediction, other) if path is not None]
    tasks = tasks_for(models[0].dataset, wanted.dataset) if options.tasks is None else frozenset(options.tasks)
    report = _report(models[0], wanted, tasks, options)
    for each in models[1:]:
        report = report.compare(_evaluated(each, wanted, tasks, options, samples=0))
    values = _limited_metrics(report)
    broken = [limit for limit in limits if not _value(limit, values) >= limit.least]
    if curves_path is not None:
        drawn = [metric_curves(each.dataset, wanted.dataset, tasks, iou_type=options.iou_type) for each in models]
        plot_curves(dict(zip(short_names([each.path for each in models]), drawn, strict=True)), curves_path)
    print_report(report, output, list(_remarks(models[0], report, options)))
    for limit in broken:
        complain(f"{limit.metric} is {values[limit.metric]:.4f}, below {limit.least:g}")
    return not broken


# -- what is compared ------------------------------------------------------------------------------------------------


def _read_truth(path: str, options: Options) -> Dataset:
    with recognise(path) as found:
        if found.format is None:
            raise UsageError(
                f"{path} is not a dataset whose format can be detected: make one with convert --from … -o truth.json"
            )
        return _read(found.source, found.format, options)


def _model(path: str, truth: _Truth, options: Options) -> _Model:
    """The dataset at ``path``, or of the answers there. Raises ``UsageError`` if it shares no image with the truth."""
    model = _read_model(path, truth, options)
    assets = truth.dataset.assets
    found = [asset.file_name for asset in model.dataset.assets] or list(model.answers)
    if found and not {asset.file_name for asset in assets}.intersection(found):
        other = f"; there it is, for example, {assets[0].file_name}" if assets else ""
        raise UsageError(
            f"no image of {path} is in {truth.path}, for example {found[0]}{other}. Images join by file name; for "
            "recorded answers --key says which field holds it"
        )
    return model


def _read_model(path: str, truth: _Truth, options: Options) -> _Model:
    """Answers are placed on images as large as those of the truth."""
    with recognise(path) as found:
        if is_coco_results(found.source):
            problems = ProblemTable()
            dataset = read_coco_results(found.source, truth.path, on_problem=problems)
            problems.complain(path)
            return _Model(path, _relabelled(dataset, options), is_coco_results=True)
        if found.format is not None:
            return _Model(path, _read(found.source, found.format, options))
        return _read_answers(found.source, path, truth, options)


def _read_answers(source: Source, path: str, truth: _Truth, options: Options) -> _Model:
    sizes = {
        asset.file_name: (asset.width, asset.height)
        for asset in truth.dataset.assets
        if asset.width is not None and asset.height is not None
    }
    importer = RecordingImporter(sizes=sizes, label_map=options.label_map)
    with progress([source]) as watch:
        (recorded,) = iter_recorded(
            source,
            batch_size=sys.maxsize,
            mode=options.mode,
            key=options.key,
            on_problem=importer.add_problem,
            progress=watch(source),
            fields=options.by,
        )
    dataset = importer.add_batch(recorded)
    return _Model(path, dataset, importer.report, first_answers(recorded))


def _read(source: Source, found: DatasetFormat, options: Options) -> Dataset:
    problems = ProblemTable()
    dataset = read_dataset(source, found, on_problem=problems, **rate_option(found, options.fps))
    problems.complain(source)
    return _relabelled(dataset, options)


def _relabelled(dataset: Dataset, options: Options) -> Dataset:
    return dataset if options.label_map is None else dataset.relabelled(options.label_map)


# -- the report ------------------------------------------------------------------------------------------------------


def _report(model: _Model, truth: _Truth, tasks: frozenset[Task], options: Options) -> EvaluationReport:
    """All that is said of the model that was asked for."""
    slices = {field: _values(field, model, truth) for field in options.by}
    report = _evaluated(model, truth, tasks, options, slices=slices, worst=options.worst)
    if report.average_precision is not None and options.label_map is None and model.is_coco_results:
        return _by_files(report, model.path, truth.path)
    return report


def _evaluated(
    model: _Model,
    truth: _Truth,
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
    return structs.replace(report, predictions=model.path, truth=truth.path)


def _by_files(report: EvaluationReport, results: str, annotations: str) -> EvaluationReport:
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


def _values(field: str, model: _Model, truth: _Truth) -> Mapping[str, str]:
    """The value of a field for each image."""
    if field == _SIZE:
        return {asset.file_name: _size(asset.width, asset.height) for asset in truth.dataset.assets}
    values = {name: answer.fields[field] for name, answer in model.answers.items() if field in answer.fields}
    if not values:
        raise UsageError(f"no answer in {model.path} has a field {field!r}: --by takes recorded fields, or {_SIZE}")
    return values


def _size(width: float | None, height: float | None) -> str:
    if width is None or height is None:
        return "unknown"
    return next(name for most, name in _SIZES if width * height <= most * 1e6)


def _remarks(model: _Model, report: EvaluationReport, options: Options) -> Iterator[str]:
    """What the report does not know."""
    if model.imported is not None:
        yield from (f"{each.count} x {each.code.meaning}; first: {each.example}" for each in model.imported.losses)
    if options.tasks is None and report.detection is not None and report.average_precision is None:
        yield "no average precision: it needs a score for every prediction"
    repeated = [name for name, answer in model.answers.items() if answer.count > 1]
    if repeated:
        yield (
            f"images with several answers: {len(repeated)}, first {repeated[0]}; the annotations of all are evaluated "
            "together, slices take the first answer"
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
