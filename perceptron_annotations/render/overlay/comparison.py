"""Truth and prediction on one image: which predictions are right, which are wrong, and what was missed.

Who matches whom is decided where metrics are: by the matching of the evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ...datasets.builder import DatasetBuilder
from ...datasets.dataset import Dataset, DatasetAsset
from ...evaluation.evaluation_options import EvaluationOptions
from ...evaluation.mistakes import matched_objects
from ...evaluation.pairing import DatasetPair, Side
from ...evaluation.tasks import Task
from ...geometry import ANNOTATION_TYPES, Annotation, AnnotationKind, Box, Clip, Point, Polygon
from ...ops.arrays import Indices
from .marks import Verdict
from .subjects import Subject

_KINDS: dict[type, AnnotationKind] = dict(zip(ANNOTATION_TYPES, AnnotationKind, strict=True))
#: The name under which both sides have their only image.
_IMAGE = "image"


class Verdicts(NamedTuple):
    """What became of each annotation of two subjects; None for what is not compared."""

    predicted: list[Verdict | None]
    true: list[Verdict | None]


def compared(predicted: Subject, true: Subject, size: tuple[int, int], options: EvaluationOptions) -> Verdicts:
    """Match two subjects on an image of ``size`` at the lowest threshold of the options.

    Boxes and polygons match those of the truth, clips match clips, and points the regions that they lie in. Shapes with
    a time, crowds and ignored objects are not compared.
    """
    both = DatasetPair.of(_dataset(predicted, size), _dataset(true, size))
    verdicts = Verdicts([None] * len(predicted.annotations), [None] * len(true.annotations))
    for task in _tasks(predicted.annotations):
        paired, taken = matched_objects(both, task, options)
        _judge(verdicts.predicted, _rows(paired.prediction, taken.unmatched_prediction), Verdict.FP)
        _judge(verdicts.predicted, _rows(paired.prediction, taken.prediction), Verdict.TP)
        missed = (row for row in _rows(paired.truth, taken.unmatched_truth) if verdicts.true[row] is not Verdict.TP)
        _judge(verdicts.true, missed, Verdict.FN)
        _judge(verdicts.true, _rows(paired.truth, taken.truth), Verdict.TP)
    return verdicts


def _judge(verdicts: list[Verdict | None], rows: Iterable[int], verdict: Verdict) -> None:
    for row in rows:
        verdicts[row] = verdict


def _tasks(predicted: Sequence[Annotation]) -> list[Task]:
    """Points are pointed at regions; regions are detected unless the answer has points alone."""
    has_points = any(isinstance(each, Point) for each in predicted)
    has_regions = any(isinstance(each, Box | Polygon) for each in predicted)
    tasks = [Task.DETECTION] if has_regions or not has_points else []
    return [*tasks, *([Task.POINTING] if has_points else []), Task.TEMPORAL]


def _rows(side: Side, objects: Indices) -> list[int]:
    """The rows of some objects of a side, which are those of the subject."""
    parts: list[int] = side.take(np.asarray(objects)).parts.tolist()
    return parts


def _dataset(subject: Subject, size: tuple[int, int]) -> Dataset:
    """A subject as a dataset of one image; row i is annotation i."""
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name=_IMAGE, width=size[0], height=size[1]))
    numbers = {number: builder.new_object() for number in dict.fromkeys(subject.objects)}
    for row, shape in enumerate(subject.annotations):
        builder.add(
            image,
            _KINDS[type(shape)],
            [] if isinstance(shape, Clip) else shape.coordinates,
            subject.labels[row],
            object=numbers[subject.objects[row]],
            score=shape.score,
            t=shape.start if isinstance(shape, Clip) else shape.t,
            until=shape.end if isinstance(shape, Clip) else None,
            track=subject.tracks[row] >= 0,
            iscrowd=subject.crowds[row],
            ignore=subject.ignored[row],
        )
    return builder.build()
