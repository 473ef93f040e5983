"""Points against truth: whether they lie in the region that was meant, and how far they are from its middle."""

from __future__ import annotations

from math import fsum, nan

import numpy as np
import shapely
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..ops.arrays import Floats, Indices
from ..ops.groups import grouped, joint_groups, ranges
from ..ops.match import match
from ..ops.overlap import Pairs
from ..ops.polygons import shape_polygons, to_shapely_polygons
from ..table.table import Kind
from .detection import Scores
from .pairing import Paired, Side, pair


class PointingReport(Struct, frozen=True, kw_only=True):
    """How well points point."""

    #: The share of points that lie in any region of their picture and label, edges included.
    hit_rate: float
    points: int
    #: Points and regions one to one: each region needs a point of its own.
    regions: Scores
    #: The mean distance of matched points from the middle of their region, in diagonals of pictures of known size.
    mean_distance: float
    unknown_images: tuple[str, ...]
    unanswered_images: tuple[str, ...]


def evaluate_pointing(predictions: Dataset, truth: Dataset) -> PointingReport:
    """Compare predicted points with boxes and polygons of one picture and label. Pictures join by file name.

    A box or polygon is not a point: predict points, or evaluate it with ``evaluate_detection``.
    """
    paired = pair(predictions, truth, (Kind.POINT,), truth_kinds=(Kind.BOX, Kind.POLYGON))
    points = paired.prediction
    near = _inside(predictions, truth, paired)
    taken = match(near, len(points.rows), len(paired.truth.rows), threshold=0.0)
    distance = (1.0 / taken.overlap - 1.0) / _diagonals(truth, paired.truth.rows[taken.truth])
    known = distance[np.isfinite(distance)].tolist()
    hits, matched = len(np.unique(near.i)), len(taken.truth)
    return PointingReport(
        hit_rate=hits / len(points.rows) if len(points.rows) else nan,
        points=len(points.rows),
        regions=Scores(
            true_positives=matched,
            false_positives=len(points.rows) - matched,
            false_negatives=len(paired.truth.rows) - matched,
        ),
        mean_distance=fsum(known) / len(known) if known else nan,
        unknown_images=paired.unknown_images,
        unanswered_images=paired.unanswered_images,
    )


def _inside(predictions: Dataset, truth: Dataset, paired: Paired) -> Pairs:
    """Which point lies in which region; the nearer to its middle, the greater the overlap: 1 / (1 + pixels)."""
    i, j = _same_groups(paired.prediction, paired.truth)
    wanted = truth.table.take(paired.truth.rows)
    places = predictions.table.take(paired.prediction.rows).coords
    polygons = to_shapely_polygons(*shape_polygons(wanted.coords, wanted.offsets))
    shapely.prepare(polygons)
    within = np.flatnonzero(shapely.intersects_xy(polygons[j], places[i, 0], places[i, 1]))
    i, j = i[within], j[within]
    bounds = wanted.xyxy[j]
    offset = places[i] - (bounds[:, :2] + bounds[:, 2:]) / 2
    return Pairs(i, j, 1.0 / (1.0 + np.hypot(offset[:, 0], offset[:, 1])))


def _diagonals(truth: Dataset, rows: Indices) -> Floats:
    """``(N,)``: of the picture of each row, in pixels; NaN where its size is not known."""
    sizes = [(asset.width or nan, asset.height or nan) for asset in truth.assets]
    width, height = np.array(sizes, dtype=np.float64).reshape(-1, 2)[truth.asset[rows]].T
    diagonals: Floats = np.hypot(width, height)
    return diagonals


def _same_groups(found: Side, wanted: Side) -> tuple[Indices, Indices]:
    """All pairs of one picture and label."""
    count = len(found.rows)
    image, label = (np.concatenate(columns) for columns in zip(found[1:], wanted[1:], strict=True))
    key = joint_groups(label, image, count + len(wanted.rows))
    by_key = grouped(key[count:])
    if not count or not len(by_key.ids):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    place = np.minimum(np.searchsorted(by_key.ids, key[:count]), len(by_key.ids) - 1)
    counts = np.where(by_key.ids[place] == key[:count], by_key.sizes[place], 0)
    return np.repeat(np.arange(count), counts), by_key.order[ranges(by_key.offsets[:-1][place], counts)]
