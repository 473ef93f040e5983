"""Points against the truth: whether they lie in the region that was meant, and how far they are from its middle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import nan

import numpy as np
import shapely
from msgspec import Struct
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches, match
from ..ops.groups import grouped, ranges
from ..ops.overlap import Pairs
from ..ops.polygons import to_shapely_polygons
from .answers import Outcomes
from .bootstrap import Estimate, Metric, estimate, share
from .counts import Rows, TaskCounts
from .detection import REGIONS
from .pairing import DatasetPair, Paired, joint_keys, pair
from .scores import Scores, mean, per_image, scores_of
from .shape_overlaps import regions_of

#: Pairs of a point and a region that are looked at together.
_TOGETHER = 2**20


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
    #: The share of points that lie in any region of their image and label, edges included.
    hit_rate: float
    points: int
    #: Points and regions one to one: each region needs a point of its own.
    regions: Scores
    by_label: dict[str, Scores]
    #: The mean distance of matched points from the middle of their region, in diagonals of images of known size.
    mean_distance: float
    #: All of these that are one number by name, such as ``point_f1``, with the interval in which they lie.
    metrics: dict[str, Estimate]
    #: Shapes with a timestamp, on both sides, which do not count.
    timed: int


class PointingCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What the metrics of pointing derive from."""

    points: Points
    regions: TrueRegions

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
            Metric("point_f1", 2 * matches, count + true),
            Metric("point_distance", apart, measured),
        ]

    def report(self, *, samples: int = 1000, seed: int = 0) -> PointingReport:
        """The metrics; intervals from ``samples`` draws of images with replacement, 0 for none."""
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
            metrics=estimate(self.metrics(), samples=samples, seed=seed),
            timed=len(self.timed),
        )


def match_points(both: DatasetPair) -> PointingCounts:
    """Match points to regions as :func:`evaluate_pointing` says."""
    paired = pair(both, (AnnotationKind.POINT,), truth_kinds=REGIONS)
    found, wanted = paired.prediction, paired.truth
    near = points_inside(both, paired)
    taken = assign_points(near, paired)
    is_hit, is_match = np.zeros(len(found.rows), dtype=bool), np.zeros(len(found.rows), dtype=bool)
    is_hit[near.i], is_match[taken.prediction] = True, True
    distance = np.full(len(found.rows), nan)
    distance[taken.prediction] = (1.0 / taken.overlap - 1.0) / _diagonals(both.truth, wanted.rows[taken.truth])
    reached = np.zeros(len(wanted.rows), dtype=bool)
    reached[taken.truth] = True
    return PointingCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        points=Points(
            image=found.image, label=found.label, is_hit=is_hit, is_match=is_match, distance=distance
        ).in_order(),
        regions=TrueRegions(image=wanted.image, label=wanted.label, is_match=reached),
    )


def evaluate_pointing(predictions: Dataset, truth: Dataset, *, samples: int = 1000, seed: int = 0) -> PointingReport:
    """How well predicted points lie in the boxes and polygons of the truth.

    A point can match a region of its image and label that it lies in; edges count as inside. Points match in the order
    of their distance from the middle of the nearest such region, points at equal distance in the order in which they
    were written; each takes the nearest region that is still free. Predicted boxes and polygons are not points: use
    :func:`evaluate_detection` for them.

    Args:
        predictions: What was predicted; its points count.
        truth: What is true; its boxes and polygons count. Images join by file name, labels by their words.
        samples: How many draws of images the intervals come from; 0 for none.
        seed: Which draws.

    >>> truth, predictions = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for builder in (truth, predictions):
    ...     image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=30, height=40))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cup")
    >>> predictions.add(image, pa.AnnotationKind.POINT, [(5, 10)], "cup")
    >>> report = evaluate_pointing(predictions.build(), truth.build())
    >>> report.hit_rate, report.mean_distance
    (1.0, 0.1)
    """
    return match_points(DatasetPair.of(predictions, truth)).report(samples=samples, seed=seed)


def _scores(points: Points, regions: TrueRegions) -> Scores:
    matches = int(points.is_match.sum())
    return scores_of(matches, len(points) - matches, len(regions) - int(regions.is_match.sum()))


def points_inside(both: DatasetPair, paired: Paired) -> Pairs:
    """Which point lies in which region; the nearer to its middle, the greater the overlap: 1 / (1 + pixels)."""
    found, wanted = joint_keys(paired)
    regions = regions_of(both.truth, paired.truth)
    owner = np.repeat(np.arange(len(wanted)), regions.ring_counts)
    places = both.predictions.table.take(paired.prediction.rows).coords
    polygons = to_shapely_polygons(*regions.rings)
    shapely.prepare(polygons)
    hits = [np.empty(0, dtype=np.int64)]
    for i, ring in _same_groups(found, wanted[owner]):
        within = np.flatnonzero(shapely.intersects_xy(polygons[ring], places[i, 0], places[i, 1]))
        hits.append(i[within] * len(wanted) + owner[ring[within]])
    i, j = np.divmod(np.unique(np.concatenate(hits)), max(len(wanted), 1))
    bounds = regions.xyxy[j]
    offset = places[i] - (bounds[:, :2] + bounds[:, 2:]) / 2
    return Pairs(i, j, 1.0 / (1.0 + np.hypot(offset[:, 0], offset[:, 1])))


def assign_points(near: Pairs, paired: Paired) -> Matches:
    """One to one, as :func:`evaluate_pointing` says."""
    nearest = np.zeros(len(paired.prediction.rows))
    np.maximum.at(nearest, near.i, near.overlap)
    return match(near, len(nearest), len(paired.truth.rows), threshold=0.0, scores=nearest)


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
