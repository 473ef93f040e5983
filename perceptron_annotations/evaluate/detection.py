"""Boxes and polygons against truth, without scores: how many were found, and how many were made up.

The one idea: all figures derive from one small table, a row for each picture and label: how many were predicted, how
many are true, and how many of these match at each threshold. Tables of shards are joined, and give what the whole
gives; pictures are drawn from it again for intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import fsum, nan, sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..ops.arrays import Floats
from ..ops.groups import joint_groups
from ..ops.iou import grouped_box_iou
from ..ops.match import match
from ..ops.overlap import Pairs
from ..ops.polygons import grouped_polygon_iou, shape_polygons
from ..table.table import Kind
from .pairing import Paired, first_overlaps, pair


class Outline(StrEnum):
    """What of a shape overlaps."""

    BOX = "box"
    """Its bounds."""
    SHAPE = "shape"
    """The polygon itself; a box is its four corners."""


class Scores(Struct, frozen=True, kw_only=True):
    """How well something was found at one threshold. A share of nothing is NaN."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """The share of predictions that are true."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """The share of truths that were predicted."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return _share(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)


class CountScores(Struct, frozen=True, kw_only=True):
    """How well the number of objects agrees, over all pairs of a picture and a label that either side has."""

    pairs: int
    #: Shares of the pairs whose numbers are equal, and differ by at most 1.
    exact: float
    within_one: float
    mean_absolute_error: float
    root_mean_square_error: float
    #: The mean of predicted less true: above zero, too many are predicted.
    bias: float


class Interval(Struct, frozen=True):
    """Where a figure lies with 95 % of the samples of pictures drawn with replacement."""

    low: float
    high: float


class DetectionCounts(Struct, frozen=True, eq=False, kw_only=True):
    """What figures derive from, a row for each picture and label that either side has; see :func:`join_counts`."""

    thresholds: tuple[float, ...]
    images: tuple[str, ...]
    labels: tuple[str, ...]
    #: ``(G,)``: places in ``images`` and ``labels``.
    image: NDArray[np.int64]
    label: NDArray[np.int64]
    predicted: NDArray[np.int64]
    true: NDArray[np.int64]
    #: ``(G, T)``
    matched: NDArray[np.int64]
    #: ``(G,)``: how much the first prediction overlaps the best truth; NaN where nothing is true.
    first: NDArray[np.float64]
    #: The overlaps of all matches at the lowest threshold.
    overlaps: NDArray[np.float64]
    unknown_images: tuple[str, ...] = ()
    unanswered_images: tuple[str, ...] = ()
    #: Shapes at a time, on both sides, which do not count.
    timed: int = 0


class DetectionReport(Struct, frozen=True, kw_only=True):
    """Figures at each threshold. ``overall`` counts all objects alike, ``macro_f1`` all labels alike."""

    thresholds: tuple[float, ...]
    images: int
    overall: tuple[Scores, ...]
    by_label: dict[str, tuple[Scores, ...]]
    macro_f1: tuple[float, ...]
    #: The mean over the thresholds.
    mean_f1: float
    #: Of the matches at the lowest threshold.
    mean_iou: float
    #: Of referring expressions: the share of pictures and labels of the truth whose first prediction overlaps enough.
    accuracy: tuple[float, ...]
    counting: CountScores
    f1_intervals: tuple[Interval, ...]
    unknown_images: tuple[str, ...]
    unanswered_images: tuple[str, ...]
    #: Shapes at a time, on both sides, which do not count.
    timed: int


def count_detections(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    outline: Outline | str = Outline.BOX,
) -> DetectionCounts:
    """Match boxes and polygons of one picture and label, at each threshold of IoU by itself.

    Pictures join by file name. Where all predictions have scores they take their turn by them, else in the order in
    which they were written; see ``ops.match``. Raises ``UsageError`` for thresholds that are not from above 0 to 1.
    """
    levels = tuple(sorted(set(map(float, thresholds))))
    if not levels or not all(0 < level <= 1 for level in levels):
        raise UsageError(f"thresholds must be from above 0 to 1, not {tuple(thresholds)}")
    paired = pair(predictions, truth, (Kind.BOX, Kind.POLYGON))
    found, wanted = paired.prediction, paired.truth
    pairs = shape_overlaps(predictions, truth, paired, Outline(outline), levels[0])
    scores = predictions.table.score[found.rows]
    ranked = scores if len(scores) and not np.isnan(scores).any() else None
    width = max(len(paired.labels), 1)
    keys = np.concatenate([side.image * width + side.label for side in (found, wanted)])
    groups, place = np.unique(keys, return_inverse=True)
    of_prediction, of_truth = place[: len(found.rows)], place[len(found.rows) :]
    matched = np.zeros((len(groups), len(levels)), dtype=np.int64)
    overlaps = np.empty(0)
    for level, threshold in enumerate(levels):
        taken = match(pairs, len(found.rows), len(wanted.rows), threshold=threshold, scores=ranked)
        matched[:, level] = np.bincount(of_prediction[taken.prediction], minlength=len(groups))
        overlaps = taken.overlap if level == 0 else overlaps
    first = np.full(len(groups), np.nan)
    queries, best = first_overlaps(paired, pairs, ranked)
    first[np.searchsorted(groups, queries)] = best
    return DetectionCounts(
        thresholds=levels,
        images=paired.images,
        labels=paired.labels,
        image=groups // width,
        label=groups % width,
        predicted=np.bincount(of_prediction, minlength=len(groups)),
        true=np.bincount(of_truth, minlength=len(groups)),
        matched=matched,
        first=first,
        overlaps=overlaps,
        unknown_images=paired.unknown_images,
        unanswered_images=paired.unanswered_images,
        timed=paired.timed,
    )


def shape_overlaps(predictions: Dataset, truth: Dataset, paired: Paired, outline: Outline, lowest: float) -> Pairs:
    """The pairs of one picture and label that overlap by at least ``lowest``."""
    found, wanted = paired.prediction, paired.truth
    count = len(found.rows)
    image, label = (np.concatenate(columns) for columns in zip(found[1:], wanted[1:], strict=True))
    key = joint_groups(label, image, count + len(wanted.rows))
    above = float(np.nextafter(lowest, 0.0))
    ours, theirs = predictions.table.take(found.rows), truth.table.take(wanted.rows)
    if outline is Outline.BOX:
        return grouped_box_iou(ours.xyxy, theirs.xyxy, key[:count], key[count:], above=above)
    first, second = (shape_polygons(table.coords, table.offsets) for table in (ours, theirs))
    return grouped_polygon_iou(first, second, key[:count], key[count:], above=above)


def join_counts(shards: Sequence[DetectionCounts]) -> DetectionCounts:
    """The counts of pictures that were evaluated apart, as one. Raises ``UsageError`` where shards share a picture."""
    if not shards or len({shard.thresholds for shard in shards}) > 1:
        raise UsageError("shards must be at least one, and all of the same thresholds")
    images = sorted(name for shard in shards for name in shard.images)
    if len(set(images)) < len(images):
        raise UsageError("shards must not share pictures: their truths would count twice")
    labels = sorted({label for shard in shards for label in shard.labels})
    places, codes = ({name: place for place, name in enumerate(names)} for names in (images, labels))
    image, label = (
        np.concatenate([_renamed(getattr(shard, column), getattr(shard, f"{column}s"), new) for shard in shards])
        for column, new in (("image", places), ("label", codes))
    )
    order = np.lexsort((label, image))
    columns = {
        name: np.concatenate([getattr(shard, name) for shard in shards])[order]
        for name in ("predicted", "true", "matched", "first")
    }
    return DetectionCounts(
        thresholds=shards[0].thresholds,
        images=tuple(images),
        labels=tuple(labels),
        image=image[order],
        label=label[order],
        overlaps=np.concatenate([shard.overlaps for shard in shards]),
        unknown_images=tuple(sorted({name for shard in shards for name in shard.unknown_images} - places.keys())),
        unanswered_images=tuple(sorted(name for shard in shards for name in shard.unanswered_images)),
        timed=sum(shard.timed for shard in shards),
        **columns,
    )


def _renamed(column: NDArray[np.int64], names: tuple[str, ...], places: dict[str, int]) -> NDArray[np.int64]:
    return np.array([*(places[name] for name in names), -1], dtype=np.int64)[column]


# -- figures ---------------------------------------------------------------------------------------------------------


def report_detections(counts: DetectionCounts, *, samples: int = 1000, seed: int = 0) -> DetectionReport:
    """The figures of counts; intervals from ``samples`` drawings of pictures with replacement, 0 for none."""
    levels = range(len(counts.thresholds))
    overall = tuple(_scores(counts, np.ones(len(counts.image), dtype=bool), level) for level in levels)
    by_label = {
        label: tuple(_scores(counts, counts.label == code, level) for level in levels)
        for code, label in enumerate(counts.labels)
    }
    return DetectionReport(
        thresholds=counts.thresholds,
        images=len(counts.images),
        overall=overall,
        by_label=by_label,
        macro_f1=tuple(_mean([scores[level].f1 for scores in by_label.values()]) for level in levels),
        mean_f1=_mean([scores.f1 for scores in overall]),
        mean_iou=_mean(counts.overlaps.tolist()),
        accuracy=_accuracy(counts),
        counting=_counting(counts.predicted - counts.true),
        f1_intervals=_intervals(counts, samples, seed),
        unknown_images=counts.unknown_images,
        unanswered_images=counts.unanswered_images,
        timed=counts.timed,
    )


def evaluate_detection(
    predictions: Dataset,
    truth: Dataset,
    *,
    thresholds: Sequence[float] = (0.5, 0.75),
    outline: Outline | str = Outline.BOX,
    samples: int = 1000,
    seed: int = 0,
) -> DetectionReport:
    """Precision, recall, F1 and counts of one dataset against another; see :func:`count_detections`."""
    counts = count_detections(predictions, truth, thresholds=thresholds, outline=outline)
    return report_detections(counts, samples=samples, seed=seed)


def _scores(counts: DetectionCounts, rows: NDArray[np.bool_], level: int) -> Scores:
    true = int(counts.matched[rows, level].sum())
    predicted, wanted = int(counts.predicted[rows].sum()), int(counts.true[rows].sum())
    return Scores(true_positives=true, false_positives=predicted - true, false_negatives=wanted - true)


def _accuracy(counts: DetectionCounts) -> tuple[float, ...]:
    asked = counts.first[counts.true > 0]
    return tuple(_share(int((asked >= level).sum()), len(asked)) for level in counts.thresholds)


def _counting(difference: NDArray[np.int64]) -> CountScores:
    pairs = len(difference)
    apart = np.abs(difference)
    return CountScores(
        pairs=pairs,
        exact=_share(int((apart == 0).sum()), pairs),
        within_one=_share(int((apart <= 1).sum()), pairs),
        mean_absolute_error=_share(int(apart.sum()), pairs),
        root_mean_square_error=sqrt(int((difference**2).sum()) / pairs) if pairs else nan,
        bias=_share(int(difference.sum()), pairs),
    )


def _intervals(counts: DetectionCounts, samples: int, seed: int) -> tuple[Interval, ...]:
    """Of F1 at each threshold, by how often each picture is drawn."""
    if not counts.images or not samples:
        return tuple(Interval(nan, nan) for _ in counts.thresholds)
    (sampled,) = _sampled_f1([counts], samples, seed)
    return tuple(_interval(f1) for f1 in sampled)


#: How often pictures are drawn at a time: samples times pictures.
_DRAWN_TOGETHER = 2**22


def _sampled_f1(sides: Sequence[DetectionCounts], samples: int, seed: int) -> list[NDArray[np.float64]]:
    """``(T, S)`` of each side: F1 of each drawing of pictures, which is the same for all sides."""
    images = len(sides[0].images)
    rng, even = np.random.default_rng(seed), np.full(images, 1 / images)
    per_picture = [_by_picture(counts) for counts in sides]
    found: list[list[NDArray[np.float64]]] = [[] for _ in sides]
    step = max(1, _DRAWN_TOGETHER // images)
    for start in range(0, samples, step):
        drawn = rng.multinomial(images, even, size=min(step, samples - start))
        for (hits, totals), values in zip(per_picture, found, strict=True):
            whole = drawn @ totals
            undefined = np.full((hits.shape[1], len(drawn)), nan)
            values.append(np.divide(2 * (drawn @ hits).T, whole, out=undefined, where=whole > 0))
    return [np.concatenate(values, axis=1) for values in found]


def _by_picture(counts: DetectionCounts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``(I, T)`` matches and ``(I,)`` shapes on both sides of each picture."""
    images = len(counts.images)
    totals: Floats = np.bincount(counts.image, weights=counts.predicted + counts.true, minlength=images).astype(float)
    hits = [np.bincount(counts.image, weights=column, minlength=images) for column in counts.matched.T]
    return np.column_stack(hits), totals


def _interval(values: NDArray[np.float64]) -> Interval:
    defined = values[~np.isnan(values)]
    low, high = np.quantile(defined, [0.025, 0.975]).tolist() if len(defined) else (nan, nan)
    return Interval(low, high)


class Comparison(Struct, frozen=True, kw_only=True):
    """How much better the second is than the first at one threshold, on the same pictures."""

    threshold: float
    first_f1: float
    second_f1: float
    #: Of the difference, second less first.
    interval: Interval
    #: Two-sided: how often a difference of the other sign is drawn, at least 1 in the number of samples.
    p_value: float


def compare_detections(
    first: DetectionCounts, second: DetectionCounts, *, samples: int = 10_000, seed: int = 0
) -> tuple[Comparison, ...]:
    """Whether one model finds more than another, by drawing pictures with replacement, the same for both.

    Raises ``UsageError`` where the two are not about the same pictures or thresholds.
    """
    if first.images != second.images or first.thresholds != second.thresholds or not first.images:
        raise UsageError("compare counts of the same pictures (at least one) and thresholds")
    one_sampled, other_sampled = _sampled_f1([first, second], samples, seed)
    whole = np.ones(len(first.image), dtype=bool), np.ones(len(second.image), dtype=bool)
    found = []
    for level, (one, other) in enumerate(zip(one_sampled, other_sampled, strict=True)):
        apart = other - one
        apart = apart[~np.isnan(apart)]
        rarer = min(int((apart <= 0).sum()), int((apart >= 0).sum()))
        found.append(
            Comparison(
                threshold=first.thresholds[level],
                first_f1=_scores(first, whole[0], level).f1,
                second_f1=_scores(second, whole[1], level).f1,
                interval=_interval(apart),
                p_value=min(1.0, max(2 * rarer, 1) / len(apart)) if len(apart) else nan,
            )
        )
    return tuple(found)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else nan


def _mean(values: Sequence[float]) -> float:
    """The mean of those that are defined, exactly rounded, so that their order does not matter."""
    defined = [value for value in values if value == value]  # noqa: PLR0124 - NaN is not
    return fsum(defined) / len(defined) if defined else nan
