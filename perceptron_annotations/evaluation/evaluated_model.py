"""The predictions of one model beside the truth, and what is evaluated of them: what reports and curves derive from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec import structs

from ..datasets.dataset import Dataset
from ..datasets.lists import Join, as_join
from ..errors import UsageError
from .evaluation_options import EvaluationOptions
from .joining import by_image
from .keypoint_dataset import check_keypoints
from .mistakes import WorstImage, worst_of
from .pairing import DatasetPair
from .partial_evaluation import PartialEvaluation, evaluate_pair, tasks_for
from .pointing import check_distance
from .predictions import Predictions, Truth
from .tasks import Task

Value = TypeVar("Value")


class EvaluatedModel:
    """One model of an evaluation; a report holds those it is about, so that their curves can be drawn.

    >>> dataset = pa.datasets.DatasetBuilder().build()
    >>> [model] = pa.evaluate(dataset, dataset).models
    >>> model.tasks, model.predictions.dataset is dataset
    ((<Task.COUNTING: 'counting'>,), True)
    """

    __slots__ = ("answers", "both", "options", "predictions", "tasks", "truth")

    def __init__(self, predictions: Predictions, truth: Truth, options: EvaluationOptions) -> None:
        """Join the two. Raises ``UsageError`` as :func:`evaluate` says."""
        self.predictions = predictions
        self.truth = truth
        self.both = DatasetPair.of(predictions.dataset, truth.dataset, predictions.join)
        self.answers = self.by_image(predictions.answers)
        if options.tasks is None:
            found = tasks_for(predictions.dataset, truth.dataset, distance=options.distance)
            self.tasks = tuple(task for task in Task if task in found)
        else:
            self.tasks = options.tasks
        self.options = structs.replace(options, tasks=self.tasks)
        if Task.POINTING in self.tasks:
            check_distance(truth.dataset, options.distance)
        if Task.KEYPOINTS in self.tasks:
            check_keypoints(predictions.dataset, truth.dataset)

    def by_image(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Values by names of the predictions, by the names of images of the truth instead."""
        return by_image(values, self.both.answers.images, self.predictions.join)

    def partial(self) -> PartialEvaluation:
        """The tasks, image by image."""
        said = {name: answer.prose for name, answer in self.answers.items()} if Task.COUNTING in self.tasks else None
        return evaluate_pair(self.both, self.options, prose=said)

    def worst(self, most: int) -> tuple[WorstImage, ...]:
        """The images with the most mistakes in the first of the tasks."""
        return worst_of(
            self.both,
            next(iter(self.tasks), Task.DETECTION),
            self.options,
            most=most,
            location_of=lambda name: self.answers[name].location if name in self.answers else None,
        )


def predictions_of(given: Dataset | Predictions, join: Join | None, argument: str = "predictions") -> Predictions:
    """What ``evaluate`` takes as predictions. Raises ``UsageError`` for anything else."""
    if isinstance(given, Predictions):
        return given if join is None else structs.replace(given, join=as_join(join))
    return Predictions(dataset=_dataset(given, argument, "read_predictions(path, truth)"), join=as_join(join))


def truth_of(given: Dataset | Truth) -> Truth:
    """What ``evaluate`` takes as truth. Raises ``UsageError`` for anything else."""
    return given if isinstance(given, Truth) else Truth(dataset=_dataset(given, "truth", "read_truth(path)"))


def _dataset(given: object, argument: str, reader: str) -> Dataset:
    if isinstance(given, Dataset):
        return given
    report = "; to compare two reports, use report.compare(other)" if argument == "compare" else ""
    raise UsageError(
        f"{argument} must be a Dataset, not {type(given).__name__}: evaluation.{reader} reads files{report}"
    )
