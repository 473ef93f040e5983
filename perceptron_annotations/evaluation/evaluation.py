"""How good predictions are: all tasks of two datasets in one report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import structs

from ..datasets.dataset import Dataset
from .mistakes import AnswerLocation, worst_of
from .pairing import DatasetPair
from .partial_evaluation import PartialEvaluation, evaluate_pair, tasks_for
from .report import EvaluationReport
from .tasks import IouType, Task, checked_iou_type, checked_tasks


def evaluate(
    predictions: Dataset,
    truth: Dataset,
    *,
    tasks: Collection[Task | str] | None = None,
    thresholds: Sequence[float] = (0.5, 0.75),
    temporal_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    iou_type: IouType | str = IouType.BBOX,
    prose: Mapping[str, str] | None = None,
    slices: Mapping[str, Mapping[str, str]] | None = None,
    worst: int = 0,
    locations: Mapping[str, AnswerLocation] | None = None,
    samples: int = 1000,
    seed: int = 0,
) -> EvaluationReport:
    """Compare predictions with the truth: boxes, polygons, points, clips and numbers, as far as they have any.

    Images join by file name, labels by their words. An image of the truth without an answer counts: what is on it was
    not found. The report holds the metrics of each task over all images of the truth, and under ``readable`` over those
    whose answer could be read. Raises ``UsageError`` for thresholds that are not above 0 and at most 1, and for average
    precision of predictions without scores.

    Args:
        predictions: What was predicted.
        truth: What is true.
        tasks: What is evaluated; by default what :func:`tasks_for` finds in the two datasets.
        thresholds: The IoU that a match of boxes or polygons must reach.
        temporal_thresholds: The temporal IoU that a match of clips must reach.
        iou_type: Compare bounding boxes, or polygons as they are.
        prose: What was said about each image, by file name and without markup, for numbers that are stated.
        slices: Reports of parts of the images: by the name of a field its value for each file name.
        worst: How many of the images with the most mistakes to name.
        locations: Where the answers are recorded, by file name, for the worst images.
        samples: How many draws of images the intervals come from; 0 for none.
        seed: Which draws.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> report = pa.evaluate(truth.build(), truth.build())
    >>> report.detection.overall[0].f1, report.counting.marked.exact
    (1.0, 1.0)
    """
    both, compared = DatasetPair.of(predictions, truth), checked_iou_type(iou_type)
    chosen = tasks_for(predictions, truth) if tasks is None else checked_tasks(tasks)
    partial = evaluate_pair(
        both,
        tasks=chosen,
        thresholds=thresholds,
        temporal_thresholds=temporal_thresholds,
        iou_type=compared,
        prose=prose,
    )
    first = next((task for task in Task if task in chosen), Task.DETECTION)
    return structs.replace(
        _reported(partial, slices or {}, samples=samples, seed=seed),
        worst=worst_of(
            both,
            first,
            most=worst,
            threshold=min(temporal_thresholds if first is Task.TEMPORAL else thresholds),
            iou_type=compared,
            locations=locations or {},
        )
        if worst
        else (),
    )


def _reported(
    partial: PartialEvaluation, slices: Mapping[str, Mapping[str, str]], *, samples: int, seed: int
) -> EvaluationReport:
    """The report over all images, over those that were read, and over the slices of each field."""
    report = partial.report(samples=samples, seed=seed)
    all_readable = bool(partial.is_readable.all())
    return structs.replace(
        report,
        readable=report if all_readable else partial.readable().report(samples=samples, seed=seed),
        slices={
            field: {value: part.report(samples=samples, seed=seed) for value, part in partial.by(values).items()}
            for field, values in slices.items()
        },
    )
