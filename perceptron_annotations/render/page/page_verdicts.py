"""Predictions and the truth → which shapes of a page are true or false positives, and which truths are missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ...datasets.dataset import Dataset
from ...evaluation.evaluated_model import EvaluatedModel
from ...evaluation.evaluation_options import EvaluationOptions
from ...evaluation.mistakes import matched_objects
from ...evaluation.predictions import Predictions, Truth
from ...evaluation.tasks import Task
from ...ops.arrays import Indices
from .page_data import PageAnswer, PageShape

TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = "tp", "fp", "fn"
#: The tasks that match shapes one to one.
_MATCHING = (Task.DETECTION, Task.POINTING, Task.TEMPORAL)


class Verdict(NamedTuple):
    """What a shape is, and how much it overlaps with its match."""

    name: str
    iou: float | None = None


class Verdicts(NamedTuple):
    """What each object of two datasets is; those that are not compared are left out."""

    predicted: Mapping[int, Verdict]
    true: Mapping[int, Verdict]


def verdicts_of(predictions: Predictions, truth: Truth, options: EvaluationOptions) -> Verdicts:
    """What each object of the predictions and of the truth is, by its number."""
    model = EvaluatedModel(predictions, truth, options)
    predicted: dict[int, Verdict] = {}
    true: dict[int, Verdict] = {}
    for task in model.tasks:
        if task not in _MATCHING:
            continue
        paired, found = matched_objects(model.both, task, model.options)
        objects = _objects(predictions.dataset, paired.prediction.rows), _objects(truth.dataset, paired.truth.rows)
        for i, j, overlap in zip(found.prediction.tolist(), found.truth.tolist(), found.overlap.tolist(), strict=True):
            iou = None if task is Task.POINTING else round(overlap, 3)
            predicted[objects[0][i]] = true[objects[1][j]] = Verdict(TRUE_POSITIVE, iou)
        predicted |= {objects[0][i]: Verdict(FALSE_POSITIVE) for i in found.unmatched_prediction.tolist()}
        true |= {objects[1][j]: Verdict(FALSE_NEGATIVE) for j in found.unmatched_truth.tolist()}
    return Verdicts(predicted, true)


def _objects(dataset: Dataset, rows: Indices) -> list[int]:
    numbers: list[int] = dataset.object[rows].tolist()
    return numbers


def judge(answer: PageAnswer, rows: Sequence[int], dataset: Dataset, verdicts: Verdicts) -> None:
    """Write into an answer what its shapes are, whose rows of the dataset are ``rows``."""
    for shape, row in zip(answer.shapes, rows, strict=True):
        if row >= 0:
            shape.object = int(dataset.object[row])
            _write(shape, verdicts.predicted.get(shape.object))


def _write(shape: PageShape, verdict: Verdict | None) -> None:
    if verdict is not None:
        shape.verdict, shape.iou = verdict


def summarise(answer: PageAnswer, truth: Sequence[PageShape], verdicts: Verdicts) -> None:
    """Write into an answer which truths it misses, and the metrics of its images."""
    true = [verdicts.true.get(-1 if shape.object is None else shape.object) for shape in truth]
    answer.missed = [place for place, verdict in enumerate(true) if verdict and verdict.name == FALSE_NEGATIVE]
    found = _numbers(answer.shapes, TRUE_POSITIVE), _numbers(answer.shapes, FALSE_POSITIVE)
    missed = len({truth[place].object for place in answer.missed})
    answer.counts = len(found[0]), len(found[1]), missed
    whole = 2 * len(found[0]) + len(found[1]) + missed
    answer.f1 = round(2 * len(found[0]) / whole, 4) if whole else None
    answer.iou = min((shape.iou for shape in answer.shapes if shape.iou is not None), default=None)


def _numbers(shapes: Iterable[PageShape], verdict: str) -> set[int | None]:
    return {shape.object for shape in shapes if shape.verdict == verdict}
