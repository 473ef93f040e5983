"""How good predictions are: all tasks of two datasets in one report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import structs

from ..datasets.dataset import Dataset
from ..datasets.lists import Join, as_join
from .joining import by_image
from .keypoint_dataset import check_keypoints
from .mistakes import AnswerLocation, worst_of
from .pairing import DatasetPair
from .partial_evaluation import PartialEvaluation, evaluate_pair, tasks_for
from .pointing import check_distance
from .report import EvaluationReport
from .tasks import IouType, Matching, Task, checked_iou_type, checked_matching, checked_tasks


def evaluate(
    predictions: Dataset,
    truth: Dataset,
    *,
    tasks: Collection[Task | str] | None = None,
    thresholds: Sequence[float] = (0.5, 0.75),
    temporal_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    iou_type: IouType | str = IouType.BBOX,
    matching: Matching | str = Matching.OPTIMAL,
    distance: float | None = None,
    sigmas: Sequence[float] | None = None,
    prose: Mapping[str, str] | None = None,
    slices: Mapping[str, Mapping[str, str]] | None = None,
    worst: int = 0,
    locations: Mapping[str, AnswerLocation] | None = None,
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
        predictions: What was predicted.
        truth: What is true.
        tasks: What is evaluated; by default what :func:`tasks_for` finds in the two datasets.
        thresholds: The IoU that a match of boxes or polygons must reach.
        temporal_thresholds: The temporal IoU that a match of clips must reach.
        iou_type: Compare bounding boxes, or polygons as they are; rings that cross themselves are repaired.
        matching: ``"greedy"`` matches predictions without scores in the order in which they were written, instead of
            as many as possible.
        distance: The most pixels between a point and a point of the truth that match; without it points of the truth
            are counted only.
        sigmas: The spread of each keypoint; without them COCO's own for 17 keypoints, else 1 by their number.
        prose: What was said about each image, by file name and without markup, for numbers that are stated.
        slices: Reports of parts of the images: by the name of a field its value for each file name.
        worst: How many of the images with the most mistakes to name.
        locations: Where the answers are recorded, by file name, for the worst images.
        join: The file name in the truth of a name in the predictions, if the names do not tell: a mapping, or a file
            that ``read_join`` reads. ``prose``, ``slices`` and ``locations`` are joined in the same way.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> report = pa.evaluate(truth.build(), truth.build())
    >>> report.detection.overall[0].f1, report.counting.marked.exact
    (1.0, 1.0)
    """
    listed = as_join(join)
    both = DatasetPair.of(predictions, truth, listed)
    compared, matched = checked_iou_type(iou_type), checked_matching(matching)
    images = both.answers.images
    chosen = tasks_for(predictions, truth, distance=distance) if tasks is None else checked_tasks(tasks)
    if Task.POINTING in chosen:
        check_distance(truth, distance)
    if Task.KEYPOINTS in chosen:
        check_keypoints(predictions, truth)
    partial = evaluate_pair(
        both,
        tasks=chosen,
        thresholds=thresholds,
        temporal_thresholds=temporal_thresholds,
        iou_type=compared,
        matching=matched,
        distance=distance,
        sigmas=sigmas,
        prose=None if prose is None else by_image(prose, images, listed),
    )
    first = next((task for task in Task if task in chosen), Task.DETECTION)
    return structs.replace(
        _reported(partial, {field: by_image(values, images, listed) for field, values in (slices or {}).items()}),
        worst=worst_of(
            both,
            first,
            most=worst,
            threshold=min(temporal_thresholds if first is Task.TEMPORAL else thresholds),
            iou_type=compared,
            matching=matched,
            distance=distance,
            locations=by_image(locations or {}, images, listed),
        )
        if worst
        else (),
    )


def _reported(partial: PartialEvaluation, slices: Mapping[str, Mapping[str, str]]) -> EvaluationReport:
    """The report over all images, over those that were read, and over the slices of each field."""
    report = partial.report()
    all_readable = bool(partial.is_readable.all())
    return structs.replace(
        report,
        readable=report if all_readable else partial.readable().report(),
        slices={
            field: {value: part.report() for value, part in partial.by(values).items()}
            for field, values in slices.items()
        },
    )
