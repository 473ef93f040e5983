"""All tasks that two datasets allow, image by image: what is joined, sliced, compared and at last reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..wording import counted
from .answers import Answers, Outcomes, join_answers
from .coco_dataset import AveragePrecisionCounts, collect_boxes
from .counting import CountingCounts, compare_numbers
from .counts import TaskCounts, join_counts
from .detection import REGIONS, DetectionCounts, match_detections
from .evaluation_options import EvaluationOptions
from .intervals import Metric
from .keypoint_dataset import KeypointCounts, can_be_compared, collect_poses
from .pairing import DatasetPair
from .pointing import PointingCounts, match_points
from .similar_labels import similar_labels
from .tasks import Task
from .temporal import TemporalCounts, match_clips
from .uncompared import UncomparedCounts, uncompared_counts

if TYPE_CHECKING:
    from pyarrow import Table

    from .report import EvaluationReport

#: The value of a slice for images that have none.
NO_VALUE = "(none)"


class _TaskCounts(Struct, frozen=True, eq=False, kw_only=True):
    """The counts of each task that was evaluated, under the name of its field in a report."""

    detection: DetectionCounts | None = None
    pointing: PointingCounts | None = None
    counting: CountingCounts | None = None
    temporal: TemporalCounts | None = None
    average_precision: AveragePrecisionCounts | None = None
    keypoints: KeypointCounts | None = None

    def evaluated(self) -> Iterator[tuple[str, TaskCounts]]:
        """Those that there are, by name, in the order of ``Task``."""
        for name in self.__struct_fields__:
            counts = getattr(self, name)
            if counts is not None:
                yield name, counts


class PartialEvaluation:
    """An evaluation of some images that can still be joined with others, sliced and compared.

    ``evaluate(…).partial`` is one, too. It can be pickled, so that several processes can share the work.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> whole = PartialEvaluation.of(truth.build(), truth.build())
    >>> whole.images, [task.value for task in whole.tasks]
    (('a.jpg',), ['detection', 'counting'])
    >>> whole.by({"a.jpg": "small"})["small"].report().detection.metrics["f1@0.5"].value
    1.0
    """

    __slots__ = ("_answers", "_counts", "_uncompared")

    def __init__(self, answers: Answers, counts: _TaskCounts, uncompared: UncomparedCounts) -> None:
        self._answers = answers
        self._counts = counts
        self._uncompared = uncompared

    @staticmethod
    def of(
        predictions: Dataset,
        truth: Dataset,
        options: EvaluationOptions = EvaluationOptions(),  # noqa: B008 - frozen
        *,
        prose: Mapping[str, str] | None = None,
    ) -> PartialEvaluation:
        """Match what was predicted with what is true, as :func:`evaluate` does.

        Args:
            predictions: What was predicted.
            truth: What is true; images join by file name, labels by their words.
            options: How; without ``tasks`` those that :func:`tasks_for` finds, which may differ between parts.
            prose: What was said about each image, by file name, for numbers that are stated.
        """
        both = DatasetPair.of(predictions, truth)
        if options.tasks is None:
            options = structs.replace(options, tasks=tuple(tasks_for(predictions, truth, distance=options.distance)))
        return evaluate_pair(both, options, prose=prose)

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return f"<PartialEvaluation: {counted(len(self), 'image')}; {', '.join(self.tasks)}>"

    @property
    def images(self) -> tuple[str, ...]:
        """The images of the truth, I of them, sorted by name."""
        return self._answers.images

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What was evaluated."""
        return tuple(Task[name.upper()] for name, _ in self._counts.evaluated())

    @property
    def outcomes(self) -> Outcomes:
        """How the answers about the images came out."""
        return self._answers.report()

    @property
    def is_readable(self) -> NDArray[np.bool_]:
        """``(I,)``: there is an answer about the image, and not all of it was lost."""
        return self._answers.readable

    def only(self, chosen: NDArray[np.bool_]) -> PartialEvaluation:
        """That of the images that the mask ``chosen``, ``(I,)``, picks."""
        some = {name: counts.only(chosen) for name, counts in self._counts.evaluated()}
        counts = structs.replace(self._counts, **some)
        return PartialEvaluation(self._answers.take(chosen), counts, self._uncompared.only(chosen))

    def readable(self) -> PartialEvaluation:
        """That of images with a readable answer."""
        return self.only(self.is_readable)

    def by(self, values: Mapping[str, str]) -> dict[str, PartialEvaluation]:
        """Slices of the images by a value, such as the model that answered.

        ``values`` are given by file name; images without one have the value ``"(none)"``.
        """
        of_image = np.array([values.get(name, NO_VALUE) for name in self.images], dtype=object)
        return {value: self.only(of_image == value) for value in sorted(set(of_image.tolist()))}

    def to_arrow(self) -> Table:
        """The metrics as rows of sums, which an engine adds up over shards for ``ReducedEvaluation.from_arrow``.

        There is a row for each task, label and metric, with ``sums_schema()``: group by its strings and ``readable``,
        and sum the numbers. The rows are as many however many images there are.

        >>> nothing = pa.datasets.DatasetBuilder().build()
        >>> PartialEvaluation.of(nothing, nothing).to_arrow().column_names[:4]
        ['task', 'readable', 'label', 'metric']
        """
        from .reduced_evaluation import sums_of_outcomes, sums_of_tasks, sums_table

        rows = [*sums_of_outcomes(self.outcomes)]
        for part, is_readable in ((self, False), (self.readable(), True)):
            rows += sums_of_tasks(dict(part._counts.evaluated()), readable=is_readable)  # noqa: SLF001 - its own
        return sums_table(rows)

    def metrics(self) -> list[Metric]:
        """The metrics that are sums over images, image by image: of all tasks but ``ap`` and ``keypoints``."""
        return [metric for _, counts in self._counts.evaluated() for metric in counts.metrics()]

    def report(self) -> EvaluationReport:
        """The metrics with their intervals.

        ``readable`` and ``slices`` of the report are empty; :func:`evaluate` fills them.
        """
        from .report import EvaluationReport

        reports: dict[str, Any] = {name: counts.report() for name, counts in self._counts.evaluated()}
        return EvaluationReport(
            outcomes=self.outcomes,
            similar_labels=similar_labels(*self._labels()),
            not_compared=self._uncompared.report(),
            partial=self,
            **reports,
        )

    def _labels(self) -> tuple[set[str], set[str]]:
        """The labels that any task found in the predictions, and in the truth."""
        sides: tuple[set[str], set[str]] = (set(), set())
        for _, counts in self._counts.evaluated():
            for labels, codes in zip(sides, counts.used_labels(), strict=True):
                labels.update(counts.labels[code] for code in np.unique(codes).tolist())
        return sides


def evaluate_pair(
    both: DatasetPair, options: EvaluationOptions, *, prose: Mapping[str, str] | None
) -> PartialEvaluation:
    """Evaluate the tasks of the options, which name them, of datasets that are joined."""
    tasks, matching, distance = frozenset(options.tasks or ()), options.matching, options.distance
    counts = _TaskCounts(
        detection=(
            match_detections(both, thresholds=options.thresholds, iou_type=options.iou_type, matching=matching)
            if Task.DETECTION in tasks
            else None
        ),
        pointing=match_points(both, distance=distance, matching=matching) if Task.POINTING in tasks else None,
        counting=compare_numbers(both, prose=prose) if Task.COUNTING in tasks else None,
        temporal=(
            match_clips(both, thresholds=options.temporal_thresholds, matching=matching)
            if Task.TEMPORAL in tasks
            else None
        ),
        average_precision=collect_boxes(both) if Task.AVERAGE_PRECISION in tasks else None,
        keypoints=collect_poses(both, sigmas=options.sigmas) if Task.KEYPOINTS in tasks else None,
    )
    return PartialEvaluation(both.answers, counts, uncompared_counts(both, tasks, distance))


def tasks_for(predictions: Dataset, truth: Dataset, *, distance: float | None = None) -> frozenset[Task]:
    """The tasks for which the truth has something to compare.

    Boxes and polygons of the truth are detected; if the predictions have only points, they are pointed at, and so are
    points of the truth if there is a ``distance``. Average precision needs a score for each box and polygon that was
    predicted, that of keypoints a score for each pose, and skeletons with one number of keypoints.

    >>> nothing = pa.datasets.DatasetBuilder().build()
    >>> tasks_for(nothing, nothing)
    frozenset({<Task.COUNTING: 'counting'>})
    """
    true, found = set(truth.table.kind.tolist()), set(predictions.table.kind.tolist())
    regions = set(map(int, REGIONS))
    tasks = set()
    if true & regions:
        boxed = found & regions or AnnotationKind.POINT not in found
        tasks |= {Task.DETECTION} if boxed else set()
        tasks |= {Task.POINTING} if AnnotationKind.POINT in found else set()
        scores = predictions.table.score[np.isin(predictions.table.kind, list(regions))]
        tasks |= {Task.AVERAGE_PRECISION} if len(scores) and not np.isnan(scores).any() else set()
        tasks |= {Task.KEYPOINTS} if can_be_compared(predictions, truth) else set()
    if AnnotationKind.POINT in true and AnnotationKind.POINT in found and distance is not None:
        tasks.add(Task.POINTING)
    if AnnotationKind.CLIP in true:
        tasks.add(Task.TEMPORAL)
    if true - {int(AnnotationKind.CLIP)} or not true:
        tasks.add(Task.COUNTING)
    return frozenset(tasks)


def join_evaluations(parts: Sequence[PartialEvaluation]) -> PartialEvaluation:
    """Images that were evaluated apart, as one: the report is exactly that of all images evaluated together.

    Raises ``UsageError`` if there are no parts, if parts share an image, or if they were not evaluated with the same
    ``tasks`` and thresholds.

    >>> parts = []
    >>> for name in ("a.jpg", "b.jpg"):
    ...     truth = pa.datasets.DatasetBuilder()
    ...     image = truth.add_asset(pa.datasets.DatasetAsset(file_name=name, width=100, height=100))
    ...     truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    ...     parts.append(PartialEvaluation.of(truth.build(), truth.build()))
    >>> join_evaluations(parts).report().detection.overall[0].true_positives
    2
    """
    if len({part.tasks for part in parts}) != 1:
        raise UsageError("give at least one part, all evaluated with the same tasks")
    counts = [dict(part._counts.evaluated()) for part in parts]  # noqa: SLF001 - of this module
    joined: dict[str, Any] = {name: join_counts([each[name] for each in counts]) for name in counts[0]}
    answers = join_answers([part._answers for part in parts])  # noqa: SLF001
    uncompared = join_counts([part._uncompared for part in parts])  # noqa: SLF001
    return PartialEvaluation(answers, _TaskCounts(**joined), uncompared)
