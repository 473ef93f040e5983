"""COCO's average precision of a dataset against another, where the predictions have scores."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.boxes import box_convert
from .answers import Outcomes
from .coco_arrays import AveragePrecision, Detections, Truths, average_precision
from .counts import Counts, Rows
from .pairing import pair
from .shape_overlaps import region_areas, region_bounds


class TiedScoresWarning(UserWarning):
    """Many scores are equal, so that the order of the input decides."""


#: From this share of scores that equal another of their picture and label on, a warning is given.
_TIED = 0.2


class Ranked(Rows, frozen=True, eq=False, kw_only=True):
    """The predictions."""

    #: ``(N, 4)`` and ``(N,)``
    xywh: Floats
    score: Floats


class Wanted(Rows, frozen=True, eq=False, kw_only=True):
    """The truths, crowds among them."""

    #: ``(M, 4)`` and ``(M,)``
    xywh: Floats
    area: Floats
    iscrowd: NDArray[np.bool_]


class RankingCounts(Counts, frozen=True, eq=False, kw_only=True):
    """What COCO's figures derive from; see ``join_counts``."""

    ranked: Ranked
    wanted: Wanted


class RankingReport(Struct, frozen=True, kw_only=True):
    """COCO's figures by name, and AP by label."""

    outcomes: Outcomes
    figures: dict[str, float]
    by_label: dict[str, float]
    max_detections: tuple[int, int, int]


def count_ranking(predictions: Dataset, truth: Dataset) -> RankingCounts:
    """Boxes count, and polygons by their bounds; a truth's area is that of its polygon. Crowds count as COCO has them.

    These models give no scores: raises ``UsageError`` where a prediction has none, and warns where many are equal.
    ``ops.consensus`` of several answers makes scores.
    """
    paired = pair(predictions, truth, (AnnotationKind.BOX, AnnotationKind.POLYGON), crowds=True)
    found, wanted = paired.prediction, paired.truth
    scores = predictions.table.score[found.rows]
    if np.isnan(scores).any():
        missing = int(np.isnan(scores).sum())
        raise UsageError(
            f"{missing} of {len(scores)} predictions have no score, and AP ranks by them: use evaluate_detection, or "
            "make scores of several answers with ops.consensus"
        )
    warn_of_ties(found.image, found.label, scores)
    ours, theirs = region_bounds(predictions, found), region_bounds(truth, wanted)
    return RankingCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        ranked=Ranked(image=found.image, label=found.label, xywh=box_convert(ours, "xyxy", "xywh"), score=scores),
        wanted=Wanted(
            image=wanted.image,
            label=wanted.label,
            xywh=box_convert(theirs, "xyxy", "xywh"),
            area=region_areas(truth, wanted),
            iscrowd=truth.iscrowd[wanted.rows],
        ),
    )


def rank(counts: RankingCounts, *, max_detections: Sequence[int] = (1, 10, 100)) -> AveragePrecision:
    """AP and AR over the labels that the truth has, in the order of their names."""
    ranked, wanted = counts.ranked, counts.wanted
    named = np.unique(wanted.label)
    codes = np.full(len(counts.labels) + 1, -1, dtype=np.int64)
    codes[named] = np.arange(len(named))
    known = ranked.take(codes[ranked.label] >= 0)  # a label without truth has no AP
    return average_precision(
        Detections(known.xywh, known.image, codes[known.label], known.score),
        Truths(wanted.xywh, wanted.image, codes[wanted.label], wanted.area, wanted.iscrowd),
        len(named),
        max_detections=max_detections,
    )


def report_ranking(counts: RankingCounts, *, max_detections: Sequence[int] = (1, 10, 100)) -> RankingReport:
    """COCO's twelve figures, NaN where there is nothing to average."""
    found = rank(counts, max_detections=max_detections)
    names = [counts.labels[code] for code in np.unique(counts.wanted.label).tolist()]
    return ranking_report(found, names, counts.answers.report())


def ranking_report(found: AveragePrecision, names: Sequence[str], outcomes: Outcomes) -> RankingReport:
    """The report of figures whose labels have these names."""
    return RankingReport(
        outcomes=outcomes,
        figures=dict(zip(_NAMES, found.figures, strict=True)),
        by_label=dict(zip(names, found.ap_by_label.tolist(), strict=True)),
        max_detections=found.max_detections,
    )


def evaluate_ranking(
    predictions: Dataset, truth: Dataset, *, max_detections: Sequence[int] = (1, 10, 100)
) -> AveragePrecision:
    """COCO's AP and AR of one dataset against another; see :func:`count_ranking`, which says when it refuses."""
    return rank(count_ranking(predictions, truth), max_detections=max_detections)


_NAMES = (
    *("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("ar_first", "ar_second", "ar", "ar_small", "ar_medium", "ar_large"),
)


def warn_of_ties(image: Indices, label: Indices, scores: Floats) -> None:
    """Warn where many scores equal another of their picture and label."""
    columns = (scores, label, image)
    order = np.lexsort(columns)
    repeats = np.all([column[order[1:]] == column[order[:-1]] for column in columns], axis=0)
    tied = float((np.append(repeats, False) | np.insert(repeats, 0, False)).mean()) if len(order) else 0.0
    if tied >= _TIED:
        message = (
            f"{tied:.0%} of the scores equal another of their picture and label: AP depends on the order of the input"
        )
        warnings.warn(message, TiedScoresWarning, stacklevel=4)
