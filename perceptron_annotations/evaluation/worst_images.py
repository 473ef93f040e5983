"""The pictures with the most mistakes, so that a person can look at them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from ..datasets.dataset import UNNAMED, Dataset
from ..geometry import AnnotationKind
from ..ops.assignment import Matches, match
from .detection import Outline, shape_overlaps
from .evaluation import Task
from .pairing import Paired, pair, ranks
from .pointing import match_points, points_inside
from .temporal import clip_overlaps


class Place(Struct, frozen=True):
    """Where the answer about a picture is recorded, and what was asked."""

    file: str
    line_number: int
    prompt: str | None


class Mistake(Struct, frozen=True):
    """A prediction that matches no truth of its label."""

    label: str
    #: Where it comes from: the key of its answer, or the id in a file; None where that is not known.
    source: str | None
    #: Its place in the content of the answer.
    span: tuple[int, int]


class Example(Struct, frozen=True, kw_only=True):
    """A picture, and what is wrong with the answer about it."""

    image: str
    outcome: str
    made_up: tuple[Mistake, ...]
    #: The labels of truths that nothing matches.
    missed: tuple[str, ...]
    #: Where the answer is recorded, if it is.
    place: Place | None = None


def worst_examples(
    predictions: Dataset,
    truth: Dataset,
    task: Task | str = Task.DETECTION,
    *,
    most: int = 10,
    threshold: float = 0.5,
    outline: Outline | str = Outline.BOX,
    places: Mapping[str, Place] | None = None,
) -> tuple[Example, ...]:
    """The pictures with the most mistakes at one threshold, at most ``most``; of equal ones the first by name.

    Counting and ranking look at detection's mistakes. ``places`` are those of the answers by picture.
    """
    paired, taken = _matched(predictions, truth, Task(task), threshold, Outline(outline))
    found, wanted = paired.prediction, paired.truth
    images = len(paired.answers)
    spurious, missed = taken.unmatched_prediction, taken.unmatched_truth
    wrong = np.bincount(found.image[spurious], minlength=images) + np.bincount(wanted.image[missed], minlength=images)
    worst = np.argsort(-wrong, kind="stable")[:most]
    outcomes = paired.answers.outcomes
    return tuple(
        Example(
            image=paired.answers.images[image],
            outcome=outcomes[image].value,
            made_up=tuple(
                _mistake(predictions, row) for row in found.rows[spurious[found.image[spurious] == image]].tolist()
            ),
            missed=tuple(
                truth.label_of(row) or UNNAMED for row in wanted.rows[missed[wanted.image[missed] == image]].tolist()
            ),
            place=(places or {}).get(paired.answers.images[image]),
        )
        for image in worst.tolist()
        if wrong[image]
    )


def _mistake(predictions: Dataset, row: int) -> Mistake:
    source = None if predictions.source is None else predictions.source[row]
    start, end = predictions.table.span[row].tolist()
    return Mistake(predictions.label_of(row) or UNNAMED, source, (start, end))


def _matched(
    predictions: Dataset, truth: Dataset, task: Task, threshold: float, outline: Outline
) -> tuple[Paired, Matches]:
    regions = (AnnotationKind.BOX, AnnotationKind.POLYGON)
    if task is Task.POINTING:
        paired = pair(predictions, truth, (AnnotationKind.POINT,), truth_kinds=regions)
        return paired, match_points(points_inside(predictions, truth, paired), paired)
    if task is Task.TEMPORAL:
        paired = pair(predictions, truth, (AnnotationKind.CLIP,))
        pairs = clip_overlaps(predictions, truth, paired)
    else:
        paired = pair(predictions, truth, regions)
        pairs = shape_overlaps(predictions, truth, paired, outline, threshold)
    count, wanted = len(paired.prediction.rows), len(paired.truth.rows)
    return paired, match(pairs, count, wanted, threshold=threshold, scores=ranks(predictions, paired))
