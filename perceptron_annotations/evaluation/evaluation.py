"""How good predictions are: all tasks of one or two models in one report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import structs

from ..datasets.dataset import Dataset
from ..datasets.lists import Join
from .coco_own_files import with_metrics_of_files
from .evaluated_model import EvaluatedModel, predictions_of, truth_of
from .evaluation_options import EvaluationOptions
from .predictions import Predictions, Truth
from .report import EvaluationReport
from .scores import rising_thresholds
from .slices import Slices, slices_of
from .tasks import (
    IouType,
    IouTypeName,
    Matching,
    MatchingName,
    Task,
    TaskName,
    checked_iou_type,
    checked_matching,
    checked_tasks,
)

#: What is not compared between two models, because it is not a sum over images.
_NOT_COMPARED = (Task.AVERAGE_PRECISION, Task.KEYPOINTS)


def evaluate(
    predictions: Dataset | Predictions,
    truth: Dataset | Truth,
    *,
    compare: Dataset | Predictions | None = None,
    by: Collection[str] | Mapping[str, Mapping[str, str]] = (),
    worst: int = 0,
    tasks: Collection[Task | TaskName] | TaskName | None = None,
    thresholds: Sequence[float] = (0.5, 0.75),
    temporal_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    iou_type: IouType | IouTypeName = IouType.BBOX,
    matching: Matching | MatchingName = Matching.OPTIMAL,
    distance: float | None = None,
    sigmas: Sequence[float] | None = None,
    join: Join | None = None,
) -> EvaluationReport:
    """Compare predictions with the truth: boxes, polygons, points, keypoints, clips and numbers, if there are any.

    Images join by file name, two of one name by their split and id, labels by their words. Names that differ are joined
    by folders in front that only one side has (``images/a.jpg`` and ``a.jpg``), by another ending or none (``a.png`` or
    ``a``, and ``a.jpg``), or by both, if that leaves one image: ``outcomes.joined`` says how. An image of the truth
    without an answer counts: what is on it was not found. The report holds the metrics of each task over all images of
    the truth, and under ``readable`` over those whose answer could be read. Raises ``UsageError`` for thresholds that
    are not above 0 and at most 1, for pointing at a truth that has points alone without a ``distance``, for average
    precision of predictions without scores, and for keypoints if one side has none.

    Args:
        predictions: What was predicted: a dataset, or what :func:`evaluation.read_predictions` reads from a file.
        truth: What is true: a dataset, or what :func:`evaluation.read_truth` reads.
        compare: What another model predicted of the same images, whose metrics the report compares with these.
        by: What the images are sliced by: names of recorded fields, ``"size"``, or values by field and file name.
        worst: How many of the images with the most mistakes to name.
        tasks: What is evaluated; by default what :func:`evaluation.tasks_for` finds in the two datasets.
        thresholds: The IoU that a match of boxes or polygons must reach.
        temporal_thresholds: The temporal IoU that a match of clips must reach.
        iou_type: Compare bounding boxes, or polygons as they are; rings that cross themselves are repaired.
        matching: ``"greedy"`` matches predictions without scores in the order in which they were written.
        distance: The most pixels between a point and a point of the truth that match; without it they are counted only.
        sigmas: The spread of each keypoint; without them COCO's own for 17 keypoints, else 1 by their number.
        join: The file name in the truth of a name in the predictions, if the names do not tell: a mapping, or a file
            that ``read_join`` reads. What is said of the images, and ``by``, is joined in the same way.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> report = pa.evaluate(truth.build(), truth.build(), compare=pa.datasets.DatasetBuilder().build())
    >>> report.detection.overall[0].f1, report.comparison["f1@0.5"].difference.value
    (1.0, -1.0)
    """
    options = EvaluationOptions(
        tasks=None if tasks is None else tuple(checked_tasks(tasks)),
        thresholds=rising_thresholds(thresholds),
        temporal_thresholds=rising_thresholds(temporal_thresholds),
        iou_type=checked_iou_type(iou_type),
        matching=checked_matching(matching),
        distance=distance,
        sigmas=None if sigmas is None else tuple(map(float, sigmas)),
    )
    true = truth_of(truth)
    model = EvaluatedModel(predictions_of(predictions, join), true, options)
    report = structs.replace(_report(model, slices_of(by, model), worst), options=options)
    if compare is None:
        return report
    compared = tuple(task for task in model.tasks if task not in _NOT_COMPARED)
    other = EvaluatedModel(predictions_of(compare, join, "compare"), true, structs.replace(options, tasks=compared))
    return report.compare(_report(other, {}, 0))


def _report(model: EvaluatedModel, slices: Slices, worst: int) -> EvaluationReport:
    """The report over all images, over those that were read, and over the slices of each field."""
    partial, predictions = model.partial(), model.predictions
    report = partial.report()
    report = structs.replace(
        report,
        predictions=predictions.name,
        truth=model.truth.name,
        options=model.options,
        reading=predictions.reading,
        readable=report if partial.is_readable.all() else partial.readable().report(),
        slices={
            field: {value: part.report() for value, part in partial.by(values).items()}
            for field, values in slices.items()
        },
        worst=model.worst(worst) if worst else (),
        models=(model,),
    )
    return report if predictions.coco is None else with_metrics_of_files(report, predictions.coco, model.options.sigmas)
