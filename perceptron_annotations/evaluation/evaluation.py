"""All tasks that two datasets allow, as one: evaluated, joined, sliced and reported together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..geometry import AnnotationKind
from .answers import Answers, Outcomes, join_answers
from .bootstrap import Figure
from .coco_dataset import RankingCounts, RankingReport, count_ranking, report_ranking
from .counting import CountingCounts, CountingReport, count_numbers, report_numbers
from .counts import Counts, join_counts
from .detection import DetectionCounts, DetectionReport, Outline, count_detections, report_detections
from .pointing import PointingCounts, PointingReport, count_points, report_points
from .temporal import TemporalCounts, TemporalReport, count_clips, report_clips

#: The value of a slice for pictures that have none.
NO_VALUE = "(none)"


class Task(StrEnum):
    """What is evaluated."""

    DETECTION = "detection"
    """Boxes and polygons against boxes and polygons."""
    POINTING = "pointing"
    """Points against boxes and polygons."""
    COUNTING = "counting"
    """How many objects there are."""
    TEMPORAL = "temporal"
    """Clips against clips."""
    RANKING = "ranking"
    """COCO's AP and AR, where predictions have scores."""


class EvaluationReport(Struct, frozen=True, kw_only=True):
    """The reports of the tasks that were evaluated, and what the answers came to."""

    outcomes: Outcomes
    detection: DetectionReport | None = None
    pointing: PointingReport | None = None
    counting: CountingReport | None = None
    temporal: TemporalReport | None = None
    ranking: RankingReport | None = None


class Evaluation(Struct, frozen=True, eq=False, kw_only=True):
    """What the figures of all tasks derive from."""

    answers: Answers
    detection: DetectionCounts | None = None
    pointing: PointingCounts | None = None
    counting: CountingCounts | None = None
    temporal: TemporalCounts | None = None
    ranking: RankingCounts | None = None

    @staticmethod
    def of(
        predictions: Dataset,
        truth: Dataset,
        *,
        tasks: Collection[Task | str] | None = None,
        thresholds: Sequence[float] = (0.5, 0.75),
        temporal_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
        outline: Outline | str = Outline.BOX,
        prose: Mapping[str, str] | None = None,
    ) -> Evaluation:
        """Evaluate some tasks; without ``tasks``, those of :func:`tasks_for`. Pictures join by file name.

        The options are those of ``count_detections``, ``count_clips`` and ``count_numbers``, which say what they raise.
        """
        chosen = tasks_for(predictions, truth) if tasks is None else {Task(task) for task in tasks}
        return Evaluation(
            answers=Answers.of(predictions, truth),
            detection=(
                count_detections(predictions, truth, thresholds=thresholds, outline=outline)
                if Task.DETECTION in chosen
                else None
            ),
            pointing=count_points(predictions, truth) if Task.POINTING in chosen else None,
            counting=count_numbers(predictions, truth, prose=prose) if Task.COUNTING in chosen else None,
            temporal=(
                count_clips(predictions, truth, thresholds=temporal_thresholds) if Task.TEMPORAL in chosen else None
            ),
            ranking=count_ranking(predictions, truth) if Task.RANKING in chosen else None,
        )

    @property
    def counts(self) -> dict[str, Counts]:
        """Those of each task that was evaluated, by its name."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: counts for name, counts in found.items() if isinstance(counts, Counts)}

    def only(self, chosen: NDArray[np.bool_]) -> Evaluation:
        """That of some pictures, ``(I,)``."""
        some = {name: counts.only(chosen) for name, counts in self.counts.items()}
        return structs.replace(self, answers=self.answers.take(chosen), **some)

    def readable(self) -> Evaluation:
        """That of pictures with an answer that is not all lost."""
        return self.only(self.answers.readable)

    def by(self, values: Mapping[str, str]) -> dict[str, Evaluation]:
        """Slices of the pictures by their value, such as the model that answered; ``values`` by file name."""
        of_image = np.array([values.get(name, NO_VALUE) for name in self.answers.images], dtype=object)
        return {value: self.only(of_image == value) for value in sorted(set(of_image.tolist()))}

    def figures(self) -> list[Figure]:
        """The figures of all tasks but ranking, which are sums over pictures."""
        tasks = (self.detection, self.pointing, self.counting, self.temporal)
        return [figure for counts in tasks if counts is not None for figure in counts.figures()]

    def report(self, *, samples: int = 1000, seed: int = 0) -> EvaluationReport:
        """The figures; intervals from ``samples`` draws of pictures with replacement, 0 for none."""
        detection, pointing, counting, temporal = self.detection, self.pointing, self.counting, self.temporal
        return EvaluationReport(
            outcomes=self.answers.report(),
            detection=None if detection is None else report_detections(detection, samples=samples, seed=seed),
            pointing=None if pointing is None else report_points(pointing, samples=samples, seed=seed),
            counting=None if counting is None else report_numbers(counting, samples=samples, seed=seed),
            temporal=None if temporal is None else report_clips(temporal, samples=samples, seed=seed),
            ranking=None if self.ranking is None else report_ranking(self.ranking),
        )


def tasks_for(predictions: Dataset, truth: Dataset) -> frozenset[Task]:
    """The tasks for which the truth has something to compare: clips, regions that were boxed or pointed at, objects.

    Regions are boxed where nothing points at them. Ranking needs a score for each box and polygon that was predicted.
    """
    true, found = set(truth.table.kind.tolist()), set(predictions.table.kind.tolist())
    regions = {int(AnnotationKind.BOX), int(AnnotationKind.POLYGON)}
    tasks = set()
    if true & regions:
        boxed = found & regions or AnnotationKind.POINT not in found
        tasks |= {Task.DETECTION} if boxed else set()
        tasks |= {Task.POINTING} if AnnotationKind.POINT in found else set()
        scores = predictions.table.score[np.isin(predictions.table.kind, list(regions))]
        tasks |= {Task.RANKING} if len(scores) and not np.isnan(scores).any() else set()
    if AnnotationKind.CLIP in true:
        tasks.add(Task.TEMPORAL)
    if true - {int(AnnotationKind.CLIP)} or not true:
        tasks.add(Task.COUNTING)
    return frozenset(tasks)


def join_evaluations(shards: Sequence[Evaluation]) -> Evaluation:
    """Pictures that were evaluated apart, as one.

    Raises ``UsageError`` as :func:`join_counts` does, and where shards were not evaluated with the same ``tasks``.
    """
    counts = [shard.counts for shard in shards]
    tasks = {tuple(each) for each in counts}
    if len(tasks) != 1:
        raise UsageError(
            "shards must be at least one, and evaluated with the same tasks: name them, Evaluation.of(tasks=…)"
        )
    joined: dict[str, Any] = {name: join_counts([each[name] for each in counts]) for name in tasks.pop()}
    return Evaluation(answers=join_answers([shard.answers for shard in shards]), **joined)
