"""``evaluate``: recorded answers, or a dataset, against the truth."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from ..datasets.dataset import Dataset
from ..datasets.formats.coco.results import is_coco_results, read_coco_results
from ..datasets.formats.registry import DatasetFormat, guess_format, rate_option, read_dataset
from ..datasets.recording_importer import ImportReport, RecordingImporter
from ..errors import FileError, UsageError
from ..evaluation.bootstrap import compare
from ..evaluation.coco_dataset import TiedScoresWarning, ranking_report
from ..evaluation.coco_files import evaluate_coco_files
from ..evaluation.evaluation import Evaluation, EvaluationReport, Task, tasks_for
from ..evaluation.precision_recall import curves, plot_curves
from ..evaluation.recorded import RecordedAnswer, first_answers
from ..evaluation.report import Report
from ..evaluation.worst_images import worst_examples
from ..files import STANDARD
from ..markup.document import Mode
from ..ops.label_counts import LabelMap
from ..table.read import iter_recorded
from .console import complain, progress
from .convert import dataset_format
from .options import EvaluateFormat
from .print_evaluation import print_report

#: Figures of which less is better, which have no least value.
_ERRORS = ("_mae", "_bias", "_distance")
#: The slice of pictures by their own size, which is no recorded field.
_SIZE = "size"
#: Megapixels up to which a picture belongs to a slice.
_SIZES = ((0.3, "up to 0.3 MP"), (1.0, "up to 1 MP"), (4.0, "up to 4 MP"), (float("inf"), "above 4 MP"))


class Options(NamedTuple):
    """What is evaluated, and how."""

    mode: Mode
    key: str | None
    tasks: Sequence[Task] | None
    thresholds: Sequence[float]
    temporal_thresholds: Sequence[float]
    outline: str
    label_map: LabelMap | None
    #: The fields by which pictures are sliced.
    by: Sequence[str]
    #: How many of the worst examples are shown.
    worst: int
    #: The frame rate of videos that have none.
    fps: float | None


class _Model(NamedTuple):
    """The predictions of one model."""

    path: str
    dataset: Dataset
    #: Of recorded answers.
    imported: ImportReport | None
    answers: Mapping[str, RecordedAnswer]


class _Limit(NamedTuple):
    """``--fail-under f1=0.7``."""

    figure: str
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
    """Print the report; whether all that ``fail_under`` names is high enough."""
    limits = [_limit(text) for text in fail_under]
    wanted = _truth(truth, options)
    model = _model(prediction, truth, wanted, options)
    tasks = options.tasks or sorted(tasks_for(model.dataset, wanted), key=list(Task).index)
    evaluation = _evaluated(model, wanted, tasks, options)
    report = _report(model, truth, wanted, evaluation, tasks, options)
    if report.over_all.ranking is not None and options.label_map is None and is_coco_results(prediction):
        report = _by_files(report)
    models = [model]
    if other is not None:
        models.append(_model(other, truth, wanted, options))
        second = _evaluated(models[1], wanted, tasks, options)
        found = compare(evaluation.figures(), second.figures())
        report = structs.replace(report, compared_with=other, comparisons=found)
    broken = [limit for limit in limits if not _figure(limit, report.over_all) >= limit.least]
    if curves_path is not None:
        drawn = [curves(each.dataset, wanted, tasks, outline=options.outline) for each in models]
        plot_curves(dict(zip(_names([each.path for each in models]), drawn, strict=True)), curves_path)
    repeated = [name for name, answer in model.answers.items() if answer.count > 1]
    print_report(report, model.imported, output, may_rank=options.tasks is None, repeated=repeated)
    for limit in broken:
        complain(f"{limit.figure} is {_figure(limit, report.over_all):.4f}, under {limit.least:g}")
    return not broken


def _names(paths: Sequence[str]) -> list[str]:
    """What the curves of files are called: their names without folders, where these differ."""
    stems = [Path(path).stem for path in paths]
    return stems if len(set(stems)) == len(set(paths)) else list(paths)


def _truth(path: str, options: Options) -> Dataset:
    found = dataset_format([path])
    if found is None and (path == STANDARD or Path(path).exists()):
        raise UsageError(
            f"{path} is no dataset that can be told by itself: make one with convert --from … -o truth.json"
        )
    return _read(path, found or guess_format(path), options)


def _model(path: str, truth_path: str, truth: Dataset, options: Options) -> _Model:
    """The dataset at ``path``, or of the answers there. Raises ``UsageError`` where the truth has no such pictures."""
    model = _read_model(path, truth_path, truth, options)
    found = [asset.file_name for asset in model.dataset.assets] or list(model.answers)
    if found and not {asset.file_name for asset in truth.assets}.intersection(found):
        beside = f" beside {truth.assets[0].file_name}" if truth.assets else ""
        raise UsageError(
            f"no picture of {path} is in {truth_path}, such as {found[0]}{beside}: pictures join by file name, which "
            "--key says where to find in recorded answers"
        )
    return model


def _read_model(path: str, truth_path: str, truth: Dataset, options: Options) -> _Model:
    """Answers are placed on pictures as large as those of the truth."""
    if is_coco_results(path):
        return _Model(path, _relabelled(read_coco_results(path, truth_path), options), None, {})
    found = dataset_format([path])
    if found is not None:
        return _Model(path, _read(path, found, options), None, {})
    sizes = {
        asset.file_name: (asset.width, asset.height)
        for asset in truth.assets
        if asset.width is not None and asset.height is not None
    }
    importer = RecordingImporter(sizes=sizes, label_map=options.label_map)
    with progress([path]) as watch:
        (recorded,) = iter_recorded(
            path,
            batch_size=sys.maxsize,
            mode=options.mode,
            key=options.key,
            on_problem=importer.add_problem,
            progress=watch(path),
            fields=options.by,
        )
    dataset = importer.add_batch(recorded)
    return _Model(path, dataset, importer.report, first_answers(recorded))


def _read(path: str, found: DatasetFormat, options: Options) -> Dataset:
    return _relabelled(read_dataset(path, found, **rate_option(found, options.fps)), options)


def _relabelled(dataset: Dataset, options: Options) -> Dataset:
    return dataset if options.label_map is None else dataset.relabelled(options.label_map)


def _evaluated(model: _Model, truth: Dataset, tasks: Sequence[Task], options: Options) -> Evaluation:
    return Evaluation.of(
        model.dataset,
        truth,
        tasks=tasks,
        thresholds=options.thresholds,
        temporal_thresholds=options.temporal_thresholds,
        outline=options.outline,
        prose={name: answer.prose for name, answer in model.answers.items()} if Task.COUNTING in tasks else None,
    )


def _report(
    model: _Model, truth_path: str, truth: Dataset, evaluation: Evaluation, tasks: Sequence[Task], options: Options
) -> Report:
    places = {name: answer.place for name, answer in model.answers.items()}
    first = tasks[0] if tasks else Task.DETECTION
    return Report(
        predictions=model.path,
        truth=truth_path,
        over_all=evaluation.report(),
        over_readable=evaluation.readable().report(),
        slices={field: _sliced(evaluation, field, model, truth) for field in options.by},
        worst=worst_examples(
            model.dataset,
            truth,
            first,
            most=options.worst,
            threshold=min(options.temporal_thresholds if first is Task.TEMPORAL else options.thresholds),
            outline=options.outline,
            places=places,
        ),
    )


def _by_files(report: Report) -> Report:
    """COCO's figures by the boxes and areas that stand in the files, where both are COCO's and nothing is amiss."""
    try:
        with warnings.catch_warnings(action="ignore", category=TiedScoresWarning):  # it was told of the datasets
            found = evaluate_coco_files(report.predictions, report.truth)
    except FileError:
        return report
    parts = {
        name: structs.replace(part, ranking=ranking_report(*found, part.outcomes))
        for name, part in (("over_all", report.over_all), ("over_readable", report.over_readable))
    }
    return structs.replace(report, **parts)


def _sliced(evaluation: Evaluation, field: str, model: _Model, truth: Dataset) -> dict[str, EvaluationReport]:
    if field == _SIZE:
        values = {asset.file_name: _size(asset.width, asset.height) for asset in truth.assets}
    else:
        values = {name: answer.fields[field] for name, answer in model.answers.items() if field in answer.fields}
        if not values:
            raise UsageError(f"no answer in {model.path} has a field {field!r}: --by takes recorded fields, or {_SIZE}")
    return {value: slice_.report() for value, slice_ in evaluation.by(values).items()}


def _size(width: float | None, height: float | None) -> str:
    if width is None or height is None:
        return "not known"
    return next(name for most, name in _SIZES if width * height <= most * 1e6)


def tasks_from(names: Sequence[str] | None) -> Sequence[Task] | None:
    """The tasks that were named, in their order."""
    return [task for task in Task if task.value in names] if names else None


def _limit(text: str) -> _Limit:
    figure, _, least = text.rpartition("=")
    try:
        limit = _Limit(figure, float(least))
    except ValueError:
        limit = _Limit(figure, nan)
    if isnan(limit.least):
        raise UsageError(f"--fail-under is FIGURE=VALUE, such as f1@0.5=0.7, not {text!r}")
    return limit


def _known_figures(report: EvaluationReport) -> dict[str, float]:
    """All figures of which more is better by name; one at the first threshold also without it."""
    found: dict[str, float] = {}
    for task in (report.detection, report.pointing, report.counting, report.temporal):
        for name, measured in {} if task is None else task.figures.items():
            if name.endswith(_ERRORS):
                continue
            found[name] = measured.value
            found.setdefault(name.partition("@")[0], measured.value)
    if report.ranking is not None:
        found |= report.ranking.figures
    outcomes = report.outcomes
    return found | {"readable": 1 - outcomes.unreadable_rate, "complete": 1 - outcomes.cut_off_rate}


def _figure(limit: _Limit, report: EvaluationReport) -> float:
    figures = _known_figures(report)
    if limit.figure not in figures:
        raise UsageError(
            f"there is no figure {limit.figure!r} of which more is better: choose from {', '.join(figures)}"
        )
    return figures[limit.figure]
