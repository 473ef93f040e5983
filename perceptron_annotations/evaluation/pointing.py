"""Points against the truth: whether they lie in the region that was meant, and how far they are from its middle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import nan
from typing import NamedTuple

import numpy as np
import shapely
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches
from ..ops.crowds import Crowd, Overlaps, is_crowded
from ..ops.groups import Grouped, grouped, ranges
from ..ops.iou import grouped_box_iou
from ..ops.overlap import Pairs
from ..ops.polygons import to_shapely_polygons
from .answers import Outcomes
from .counts import Rows, TaskCounts
from .detection import REGIONS
from .ignoring import Ignored, IgnoredRows, without
from .intervals import Estimate, Metric, Scale, estimate, share
from .matching import Matcher
from .pairing import DatasetPair, Paired, Side, keys_of, pair
from .scores import Scores, mean, per_image, scores_of
from .shape_overlaps import regions_of
from .tasks import Matching, MatchingName, checked_matching

#: Pairs of a point and a region that are looked at together.
_TOGETHER = 2**20
#: Less than the overlap of any two that can match.
_FARTHEST = -float(np.finfo(np.float64).max)


class Points(Rows, frozen=True, eq=False, kw_only=True):
    """The predicted points."""

    #: ``(N,)``: it lies in a region of its image and label; and it is the one that matches a region.
    is_hit: NDArray[np.bool_]
    is_match: NDArray[np.bool_]
    #: ``(N,)``: of a match, from the middle of its region, in diagonals of its image; NaN if the image has no size.
    distance: Floats


class TrueRegions(Rows, frozen=True, eq=False, kw_only=True):
    """The regions of the truth."""

    #: ``(M,)``: a point matches it.
    is_match: NDArray[np.bool_]


class PointingReport(Struct, frozen=True, kw_only=True):
    """How well points lie in the regions that were meant."""

    outcomes: Outcomes
    #: The share of points that lie in any region of their image and label, edges included, or near a point of it.
    hit_rate: float
    points: int
    #: Points one to one with regions and points of the truth: each needs a point of its own.
    regions: Scores
    by_label: dict[str, Scores]
    #: The mean distance of matched points from the middle of their region or from their point, in diagonals of images
    #: of known size.
    mean_distance: float
    #: All of these that are one number by name, such as ``point_f1``, with the interval in which they lie.
    metrics: dict[str, Estimate]
    matching: Matching
    #: Groups of so many points and regions that they were matched greedily; see ``ops.match_optimal``.
    greedy_components: int
    #: Crowds and ignored objects, which are neither found nor missed, and points there.
    ignored: Ignored
    #: Shapes with a timestamp, on both sides, which do not count.
    timed: int


class PointingCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What the metrics of pointing derive from."""

    points: Points
    regions: TrueRegions
    ignored: IgnoredRows
    #: Components that were matched greedily.
    greedy: Rows

    def used_labels(self) -> tuple[Indices, Indices]:
        """Those of the predictions, and of the truth."""
        return self.points.label, self.regions.label

    def metrics(self) -> list[Metric]:
        """Hit rate, precision, recall, F1 and distance."""
        images, points = len(self.answers), self.points
        known = ~np.isnan(points.distance)
        count = per_image(points, np.ones(len(points)), images)
        hits, matches, apart, measured = (
            per_image(points, column, images)
            for column in (points.is_hit, points.is_match, np.where(known, points.distance, 0.0), known)
        )
        true = per_image(self.regions, np.ones(len(self.regions)), images)
        return [
            Metric("hit_rate", hits, count),
            Metric("point_precision", matches, count),
            Metric("point_recall", matches, true),
            Metric("point_f1", matches, (count + true) / 2),
            Metric("point_distance", apart, measured, Scale.MEAN),
        ]

    def report(self) -> PointingReport:
        """The metrics with their intervals."""
        points, regions = self.points, self.regions
        codes = np.unique(np.concatenate([points.label, regions.label])).tolist()
        return PointingReport(
            outcomes=self.answers.report(),
            hit_rate=share(int(points.is_hit.sum()), len(points)),
            points=len(points),
            regions=_scores(points, regions),
            by_label={
                self.labels[code]: _scores(points.take(points.label == code), regions.take(regions.label == code))
                for code in codes
            },
            mean_distance=mean(points.distance.tolist()),
            metrics=estimate(self.metrics()),
            matching=self.matching,
            greedy_components=len(self.greedy),
            ignored=self.ignored.report(),
            timed=len(self.timed),
        )


class _Pointed(NamedTuple):
    """Points, what they can match, and what they match."""

    paired: Paired
    #: ``(N,)``: it lies in a region, or near a point of the truth.
    is_hit: NDArray[np.bool_]
    taken: Matches
    #: ``(N,)``: it matches nothing, and lies in a crowd or in an ignored object.
    ignored: NDArray[np.bool_]


def match_points(
    both: DatasetPair, *, distance: float | None = None, matching: Matching = Matching.OPTIMAL
) -> PointingCounts:
    """Match points to regions and points as :func:`evaluate_pointing` says."""
    paired, is_hit, taken, ignored = _pointed(both, distance, matching)
    found, wanted = paired.prediction, paired.truth
    is_match = np.zeros(len(found.rows), dtype=bool)
    is_match[taken.prediction] = True
    apart = np.full(len(found.rows), nan)
    apart[taken.prediction] = -taken.overlap / _diagonals(both.truth, wanted.rows[taken.truth])
    reached = np.zeros(len(wanted.rows), dtype=bool)
    reached[taken.truth] = True
    return PointingCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        matching=matching,
        points=Points(image=found.image, label=found.label, is_hit=is_hit, is_match=is_match, distance=apart)
        .take(~ignored)
        .in_order(),
        ignored=IgnoredRows(
            image=np.append(paired.ignored.image, found.image[ignored]),
            label=np.append(paired.ignored.label, found.label[ignored]),
            is_truth=np.arange(len(paired.ignored.rows) + int(ignored.sum())) < len(paired.ignored.rows),
        ),
        greedy=Rows(image=found.image[taken.greedy_components], label=found.label[taken.greedy_components]),
        regions=TrueRegions(image=wanted.image, label=wanted.label, is_match=reached),
    )


def evaluate_pointing(
    predictions: Dataset,
    truth: Dataset,
    *,
    distance: float | None = None,
    matching: Matching | MatchingName = Matching.OPTIMAL,
) -> PointingReport:
    """How well predicted points lie in the boxes and polygons of the truth, or near its points.

    A point can match a region of its image and label that it lies in, edges included, and a point of the truth that is
    at most ``distance`` away. As many as possible match one to one, and of these matchings the one with the least sum
    of distances is taken, to the middle of a region or to a point. Crowds and ignored objects are neither found nor
    missed, and points that match nothing and lie there do not count. Predicted boxes and polygons are not points: use
    :func:`evaluate_detection` for them. Without a
    ``distance`` points of the truth do not count. Raises ``UsageError`` if it has nothing else.

    Args:
        predictions: What was predicted; its points count.
        truth: What is true. Images join by file name, labels by their words.
        distance: The most pixels, above 0, between a point and a point of the truth that match.
        matching: ``"greedy"``: points match in the order of their distance from the middle of the nearest region that
            they lie in, points at equal distance as they were written; each takes the nearest that is still free.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder in (truth, predictions):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=30, height=40))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cup")
    >>> predictions.add(image, pa.AnnotationKind.POINT, [(5, 10)], "cup")
    >>> report = evaluate_pointing(predictions.build(), truth.build())
    >>> report.hit_rate, report.mean_distance
    (1.0, 0.1)
    """
    both = DatasetPair.of(predictions, truth)
    check_distance(truth, distance)
    return match_points(both, distance=distance, matching=checked_matching(matching)).report()


def _scores(points: Points, regions: TrueRegions) -> Scores:
    matches = int(points.is_match.sum())
    return scores_of(matches, len(points) - matches, len(regions) - int(regions.is_match.sum()))


def check_distance(truth: Dataset, distance: float | None) -> None:
    """Raise ``UsageError`` for a distance that is not above 0, and for none if the truth has nothing but points."""
    kinds = set(truth.table.kind.tolist())
    if distance is None and AnnotationKind.POINT in kinds and not kinds & set(map(int, REGIONS)):
        raise UsageError("the truth has points alone: pass distance=, the most pixels between two that match")
    if distance is not None and not distance > 0:
        raise UsageError(f"distance must be above zero, not {distance}")


def pointed_at(both: DatasetPair, distance: float | None, matching: Matching) -> tuple[Paired, Matches]:
    """Points and what they match, ignored ones left out."""
    paired, _, taken, ignored = _pointed(both, distance, matching)
    return paired, without(taken, ignored)


def _pointed(both: DatasetPair, distance: float | None, matching: Matching) -> _Pointed:
    truth_kinds = REGIONS if distance is None else (AnnotationKind.POINT, *REGIONS)
    paired = pair(both, (AnnotationKind.POINT,), truth_kinds=truth_kinds)
    found, wanted = paired.prediction, paired.truth
    near = _near(both, found, wanted, distance or 1.0)
    nearest = np.full(len(found.rows), -np.inf)
    np.maximum.at(nearest, near.pairs.i, near.pairs.overlap)
    for crowd in near.crowds:
        for some, block in crowd.blocks(crowd.rows, crowd.columns):
            nearest[some] = block.max(axis=1)
    scores = nearest if matching is Matching.GREEDY else np.full(len(found.rows), nan)
    taken = Matcher(both, paired, near, scores, matching).at(_FARTHEST)
    ignored = is_inside(both, found, paired.ignored)
    ignored[taken.prediction] = False
    return _Pointed(paired, nearest > -np.inf, taken, ignored)


def ignored_points(both: DatasetPair) -> Indices:
    """The rows of points that lie in a crowd or an ignored object of their label, and in nothing that counts."""
    paired = pair(both, (AnnotationKind.POINT,), truth_kinds=REGIONS)
    found, ignored = paired.prediction, np.zeros(len(paired.prediction.rows), dtype=bool)
    for side, value in ((paired.ignored, True), (paired.truth, False)):
        ignored[is_inside(both, found, side)] = value
    return found.rows[ignored]


def is_inside(both: DatasetPair, found: Side, regions: Side) -> NDArray[np.bool_]:
    """``(N,)``: whether a point lies in one of the regions of its image and label."""
    inside = np.zeros(len(found.rows), dtype=bool)
    for i, _ in _Places(both, found, regions).inside(*keys_of(found, regions)):
        inside[i] = True
    return inside


def _near(both: DatasetPair, found: Side, wanted: Side, distance: float) -> Overlaps:
    """What each point can match; the overlap is less the distance from its middle. Crowded groups are not listed."""
    keys, true_keys = keys_of(found, wanted)
    points, truths = grouped(keys), grouped(true_keys)
    _, place, true_place = np.intersect1d(points.ids, truths.ids, assume_unique=True, return_indices=True)
    sizes = zip(points.sizes[place].tolist(), truths.sizes[true_place].tolist(), strict=True)
    crowded = np.flatnonzero([is_crowded(count * others, count + others) for count, others in sizes])
    listed = ~np.isin(true_keys, points.ids[place[crowded]])
    is_point = both.truth.table.kind[wanted.rows] == AnnotationKind.POINT
    places = _Places(both, found, wanted)

    def measure(rows: Indices, columns: Indices) -> Floats:
        block = np.full((len(rows), len(columns)), -np.inf)
        dots, shapes = np.flatnonzero(is_point[columns]), np.flatnonzero(~is_point[columns])
        apart = places.apart(rows[:, None], columns[None, dots])
        block[:, dots] = np.where(apart <= distance, -apart, -np.inf)
        same = np.zeros(len(rows), dtype=np.int64), np.zeros(len(shapes), dtype=np.int64)
        for i, j in _Places(both, found.take(rows), wanted.take(columns[shapes])).inside(*same):
            block[i, shapes[j]] = -places.apart(rows[i], columns[shapes[j]])
        return block

    regions = places.inside(keys, np.where(listed & ~is_point, true_keys, -1))
    pairs = [Pairs(i, j, -places.apart(i, j)) for i, j in regions]
    pairs.append(_points_near(both, found, wanted, np.flatnonzero(is_point & listed), distance))
    crowds = [
        Crowd(np.sort(_rows_of(points, one)), np.sort(_rows_of(truths, other)), measure)
        for one, other in zip(place[crowded].tolist(), true_place[crowded].tolist(), strict=True)
    ]
    return Overlaps(Pairs.joined(pairs), crowds)


def _rows_of(groups: Grouped, place: int) -> Indices:
    return groups.order[groups.offsets[place] : groups.offsets[place + 1]]


class _Places:
    """The points of one side, and the regions of another."""

    def __init__(self, both: DatasetPair, found: Side, wanted: Side) -> None:
        self._covered = regions_of(both.truth, wanted)
        self._places = both.predictions.table.take(found.rows).coords

    def inside(self, keys: Indices, true_keys: Indices) -> Iterator[tuple[Indices, Indices]]:
        """Which points lie in which regions of their key, each pair once, some points at a time."""
        covered, count = self._covered, len(true_keys)
        owner = np.repeat(np.arange(count), covered.ring_counts)
        polygons = shapely.make_valid(to_shapely_polygons(*covered.rings))
        shapely.prepare(polygons)
        for i, ring in _same_groups(keys, true_keys[owner]):
            within = np.flatnonzero(shapely.intersects_xy(polygons[ring], *self._places[i].T))
            yield np.divmod(np.unique(i[within] * count + owner[ring[within]]), max(count, 1))

    def apart(self, i: Indices, j: Indices) -> Floats:
        """How far points are from the middle of the bounds of regions."""
        bounds = self._covered.xyxy[j]
        offset = self._places[i] - (bounds[..., :2] + bounds[..., 2:]) / 2
        distance: Floats = np.hypot(offset[..., 0], offset[..., 1])
        return distance


def _points_near(both: DatasetPair, found: Side, wanted: Side, points: Indices, distance: float) -> Pairs:
    """Which point is at most ``distance`` from which of the ``points`` of ``wanted``."""
    some = wanted.take(points)
    places = both.predictions.table.take(found.rows).coords
    true = both.truth.table.take(some.rows).coords
    reach = max(distance, 4 * float(np.spacing(max(np.abs(places).max(initial=0), np.abs(true).max(initial=0)))))
    around, true_around = (np.hstack([each - reach, each + reach]) for each in (places, true))
    near = grouped_box_iou(around, true_around, *keys_of(found, some))
    apart = np.hypot(*(places[near.i] - true[near.j]).T)
    kept = apart <= distance
    return Pairs(near.i[kept], points[near.j[kept]], -apart[kept])


def _diagonals(truth: Dataset, rows: Indices) -> Floats:
    """``(N,)``: of the image of each row, in pixels; NaN if its size is unknown."""
    sizes = [(asset.width or nan, asset.height or nan) for asset in truth.assets]
    width, height = np.array(sizes, dtype=np.float64).reshape(-1, 2)[truth.asset[rows]].T
    diagonals: Floats = np.hypot(width, height)
    return diagonals


def _same_groups(found: Indices, wanted: Indices) -> Iterator[tuple[Indices, Indices]]:
    """All pairs of one key, some points at a time, so that crowded images need no more memory than others."""
    by_key = grouped(wanted)
    if not len(found) or not len(by_key.ids):
        return
    place = np.minimum(np.searchsorted(by_key.ids, found), len(by_key.ids) - 1)
    counts = np.where(by_key.ids[place] == found, by_key.sizes[place], 0)
    chunk = np.cumsum(counts) // _TOGETHER
    for start, stop in pairwise(np.flatnonzero(np.diff(chunk, prepend=-1, append=chunk[-1] + 1)).tolist()):
        some = slice(start, stop)
        points = np.repeat(np.arange(start, stop), counts[some])
        yield points, by_key.order[ranges(by_key.offsets[:-1][place[some]], counts[some])]
