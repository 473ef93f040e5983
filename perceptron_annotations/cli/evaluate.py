"""``evaluate``: recorded answers, or a dataset, against the truth."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec import structs

from ..datasets.policies import Merge
from ..errors import FileError, UsageError
from ..evaluation.coco_dataset import TiedScoresWarning, report_of
from ..evaluation.coco_files import evaluate_coco_files
from ..evaluation.coco_keypoint_files import evaluate_coco_keypoint_files
from ..evaluation.curves import metric_curves, plot_curves
from ..evaluation.evaluation import evaluate
from ..evaluation.joining import image_names
from ..evaluation.keypoint_dataset import keypoint_report_of
from ..evaluation.metric_limits import Limit
from ..evaluation.partial_evaluation import tasks_for
from ..evaluation.report import EvaluationReport
from ..evaluation.tasks import IouType, Matching, Task
from ..render.report_tables import short_names
from .console import complain
from .evaluation_inputs import InputPath, Model, ReadingOptions, Truth, read_model, read_truth
from .options import EvaluateFormat
from .print_evaluation import print_report

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
    matching: Matching
    #: The most pixels between points that match; None if points of the truth are just counted.
    distance: float | None
    #: The spread of each keypoint; None: COCO's own.
    sigmas: Sequence[float] | None
    #: How many of the worst images are shown.
    worst: int


class Verdict(NamedTuple):
    """What the exit status depends on."""

    #: Every metric of ``--fail-under`` is high enough, and of ``--fail-over`` low enough.
    reached: bool
    #: Nothing was wrong in what was read, and every image of the truth and of the predictions is on both sides.
    is_sound: bool


def evaluate_files(
    prediction: str,
    truth: str,
    *,
    options: Options,
    output: EvaluateFormat,
    fail_under: Sequence[str],
    fail_over: Sequence[str],
    other: str | None,
    curves_path: str | None,
) -> Verdict:
    """Print the report, and judge it."""
    limits = [
        *(Limit.of("--fail-under", text, is_error=False) for text in fail_under),
        *(Limit.of("--fail-over", text, is_error=True) for text in fail_over),
    ]
    wanted = read_truth(truth, options.reading)
    models = [read_model(path, wanted, options.reading) for path in (prediction, other) if path is not None]
    tasks = (
        tasks_for(models[0].dataset, wanted.dataset, distance=options.distance)
        if options.tasks is None
        else frozenset(options.tasks)
    )
    report = _report(models[0], wanted, tasks, options)
    others: list[EvaluationReport] = []
    for each in models[1:]:
        others.append(_evaluated(each, wanted, tasks - {Task.AVERAGE_PRECISION, Task.KEYPOINTS}, options))
        report = report.compare(others[-1])
    broken = [reason for limit in limits if (reason := limit.broken(report)) is not None]
    if curves_path is not None:
        named = [each.dataset.renamed(each.join) for each in models]
        drawn = [metric_curves(each, wanted.dataset, tasks, iou_type=options.iou_type) for each in named]
        plot_curves(dict(zip(short_names([each.input.path for each in models]), drawn, strict=True)), curves_path)
    print_report(report, output, list(_remarks(models, report, options)))
    for reason in broken:
        complain(reason)
    all_joined = not any(
        each.outcomes.unknown_images or each.outcomes.unanswered_images or each.outcomes.ambiguous_images
        for each in (report, *others)
    )
    return Verdict(not broken, all_joined and wanted.is_sound and all(model.is_sound for model in models))


# -- the report ------------------------------------------------------------------------------------------------------


def _report(model: Model, truth: Truth, tasks: frozenset[Task], options: Options) -> EvaluationReport:
    """All that is said of the model that was asked for."""
    slices = {field: _values(field, model, truth) for field in options.reading.fields}
    report = _evaluated(model, truth, tasks, options, slices=slices, worst=options.worst)
    if options.reading.label_map is None and model.is_coco_results:
        return _by_files(report, model.input, truth.input, options)
    return report


def _evaluated(
    model: Model,
    truth: Truth,
    tasks: frozenset[Task],
    options: Options,
    *,
    slices: Mapping[str, Mapping[str, str]] | None = None,
    worst: int = 0,
) -> EvaluationReport:
    report = evaluate(
        model.dataset,
        truth.dataset,
        tasks=tasks,
        thresholds=options.thresholds,
        temporal_thresholds=options.temporal_thresholds,
        iou_type=options.iou_type,
        matching=options.matching,
        distance=options.distance,
        sigmas=options.sigmas,
        prose={name: answer.prose for name, answer in model.answers.items()} if Task.COUNTING in tasks else None,
        slices=slices,
        worst=worst,
        locations={name: answer.location for name, answer in model.answers.items()},
        join=model.join,
    )
    return structs.replace(report, predictions=model.input.path, truth=truth.input.path)


def _by_files(
    report: EvaluationReport, results: InputPath, annotations: InputPath, options: Options
) -> EvaluationReport:
    """COCO's metrics by the boxes, keypoints and areas of the files themselves, if both are COCO's and well formed."""
    with warnings.catch_warnings(action="ignore", category=TiedScoresWarning):  # the datasets gave it already
        if report.average_precision is not None:
            with suppress(FileError):
                boxes = evaluate_coco_files(results.source, annotations.source)
                report = _also_readable(
                    report, lambda each: structs.replace(each, average_precision=report_of(*boxes, each.outcomes))
                )
        if report.keypoints is not None:
            with suppress(FileError):
                poses = evaluate_coco_keypoint_files(results.source, annotations.source, sigmas=options.sigmas)
                report = _also_readable(
                    report, lambda each: structs.replace(each, keypoints=keypoint_report_of(*poses, each.outcomes))
                )
    return report


def _also_readable(
    report: EvaluationReport, change: Callable[[EvaluationReport], EvaluationReport]
) -> EvaluationReport:
    """The report changed, and that over the images whose answer could be read, too."""
    readable = None if report.readable is None else change(report.readable)
    return structs.replace(change(report), readable=readable)


def _values(field: str, model: Model, truth: Truth) -> Mapping[str, str]:
    """The value of a field for each image."""
    if field == _SIZE:
        names = image_names(truth.dataset.assets)
        return {name: _size(asset.width, asset.height) for name, asset in zip(names, truth.dataset.assets, strict=True)}
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
        if options.reading.samples and model.imported is not None:
            yield f"the answers about each image{of_which} are samples: their consensus is evaluated, with scores"
        if model.imported is not None:
            yield from (f"{loss}{of_which}" for loss in model.imported.losses)
            yield from (f"{remark}{of_which}" for remark in model.imported.names.remarks)
        repeated = [name for name, answer in model.answers.items() if answer.count > 1]
        if repeated and options.reading.merge is Merge.ALL and not options.reading.samples:
            yield (
                f"images with several answers{of_which}: {len(repeated)}, first {repeated[0]}; the annotations of all "
                "are evaluated together, slices take the first answer; --merge takes one, --samples their consensus"
            )
