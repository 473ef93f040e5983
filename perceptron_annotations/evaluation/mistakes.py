"""The images with the most mistakes, so that a person can look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import Struct

from ..datasets.dataset import UNNAMED, Dataset
from ..geometry import AnnotationKind
from ..ops.assignment import Matches
from .detection import REGIONS
from .evaluation_options import EvaluationOptions
from .ignoring import Ignoring, without
from .matching import Matcher
from .pairing import DatasetPair, Paired, pair, ranks
from .pointing import pointed_at
from .shape_overlaps import shape_overlaps
from .tasks import Task, TaskName, checked_task
from .temporal import clip_overlaps, ignored_clips


class AnswerLocation(Struct, frozen=True):
    """Where the answer about an image is recorded, and what was asked."""

    file: str
    line_number: int
    prompt: str | None


class FalsePositive(Struct, frozen=True):
    """A prediction that matches no truth of its label."""

    label: str
    #: Where it comes from: the key of its answer, or the id in a file; None if that is unknown.
    source: str | None
    #: Its place in the content of the answer, in characters.
    span: tuple[int, int]


class WorstImage(Struct, frozen=True, kw_only=True):
    """An image, and what is wrong in the answer about it."""

    image: str
    outcome: str
    false_positives: tuple[FalsePositive, ...]
    #: The labels of truths that no prediction matches.
    false_negatives: tuple[str, ...]
    #: Where the answer is recorded, if that is known.
    location: AnswerLocation | None = None


def worst_images(
    predictions: Dataset,
    truth: Dataset,
    task: Task | TaskName = Task.DETECTION,
    options: EvaluationOptions = EvaluationOptions(),  # noqa: B008 - frozen
    *,
    most: int = 10,
    locations: Mapping[str, AnswerLocation] | None = None,
) -> tuple[WorstImage, ...]:
    """The images with the most false positives and false negatives, the worst first; of equal ones the first by name.

    Images without mistakes are left out.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        task: What is matched; counting, average precision and keypoints look at the mistakes of detection.
        options: How; a match must reach the lowest threshold.
        most: How many images at most.
        locations: Where the answers are recorded, by file name.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder in (truth, predictions):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> [worst] = worst_images(predictions.build(), truth.build())
    >>> worst.image, worst.outcome, worst.false_negatives
    ('a.jpg', 'empty', ('cat',))
    """
    both = DatasetPair.of(predictions, truth)
    return worst_of(both, checked_task(task), options, most=most, location_of=(locations or {}).get)


def worst_of(
    both: DatasetPair,
    task: Task,
    options: EvaluationOptions,
    *,
    most: int,
    location_of: Callable[[str], AnswerLocation | None],
) -> tuple[WorstImage, ...]:
    """The same of datasets that are joined; ``location_of`` is asked about the images that are named."""
    paired, taken = matched_objects(both, task, options)
    found, wanted = paired.prediction, paired.truth
    images = len(paired.answers)
    wrong, missed = taken.unmatched_prediction, taken.unmatched_truth
    mistakes = np.bincount(found.image[wrong], minlength=images) + np.bincount(wanted.image[missed], minlength=images)
    worst = np.argsort(-mistakes, kind="stable")[:most]
    outcomes = paired.answers.outcomes
    return tuple(
        WorstImage(
            image=paired.answers.images[image],
            outcome=outcomes[image].value,
            false_positives=tuple(
                _false_positive(both.predictions, row)
                for row in found.rows[wrong[found.image[wrong] == image]].tolist()
            ),
            false_negatives=tuple(
                both.truth.label_of(row) or UNNAMED
                for row in wanted.rows[missed[wanted.image[missed] == image]].tolist()
            ),
            location=location_of(paired.answers.images[image]),
        )
        for image in worst.tolist()
        if mistakes[image]
    )


def _false_positive(predictions: Dataset, row: int) -> FalsePositive:
    source = None if predictions.source is None else predictions.source[row]
    start, end = predictions.table.span[row].tolist()
    return FalsePositive(predictions.label_of(row) or UNNAMED, source, (start, end))


def matched_objects(both: DatasetPair, task: Task, options: EvaluationOptions) -> tuple[Paired, Matches]:
    """The objects of two datasets that a task compares, and which of them match at its lowest threshold."""
    matching, threshold = options.matching, options.lowest_threshold(task)
    if task is Task.POINTING:
        return pointed_at(both, options.distance, matching)
    if task is Task.TEMPORAL:
        paired = pair(both, (AnnotationKind.CLIP,))
        overlaps = clip_overlaps(both, paired.prediction, paired.truth)
        taken = Matcher(both, paired, overlaps, ranks(both.predictions, paired), matching).at(threshold)
        return paired, without(taken, ignored_clips(both, paired).of(taken, threshold))
    paired = pair(both, REGIONS)
    above, iou_type = float(np.nextafter(threshold, 0.0)), options.iou_type
    overlaps = shape_overlaps(both, paired.prediction, paired.truth, iou_type, above=above)
    taken = Matcher(both, paired, overlaps, ranks(both.predictions, paired), matching).at(threshold)
    return paired, without(taken, Ignoring.regions(both, paired, iou_type).of(taken, threshold))
