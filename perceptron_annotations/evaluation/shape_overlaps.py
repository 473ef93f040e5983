"""The regions that objects cover, and how much they overlap.

A region is a box, or all rings of a mask, which are rows of their own in a dataset. Models on a grid of whole numbers
often write rings that touch or cross themselves; these are repaired on both sides, and counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.crowds import Overlaps
from ..ops.iou import box_iou, grouped_box_overlaps
from ..ops.overlap import Pairs
from ..ops.polygons import polygon_iou_of_pairs, to_shapely_polygons
from ..ops.rings import Rings, polygon_area, polygon_is_convex, shape_polygons, some_rings
from .pairing import DatasetPair, Side, keys_of
from .tasks import IouType


class Regions(NamedTuple):
    """N objects of R rings; ``first`` is where the rings of each begin, which lie side by side."""

    #: ``(N, 4)``: the bounds of all its rings, in pixels.
    xyxy: Floats
    first: Indices
    #: The rings, R of them; a box is its four corners.
    rings: Rings

    @property
    def ring_counts(self) -> Indices:
        """``(N,)``: how many rings each object has."""
        return np.diff(self.first, append=len(self.rings.offsets) - 1)


def regions_of(dataset: Dataset, side: Side) -> Regions:
    """The regions of the objects of one side."""
    table = dataset.table.take(side.parts)
    return Regions(region_bounds(dataset, side), side.first, shape_polygons(table.coords, table.offsets))


def region_bounds(dataset: Dataset, side: Side) -> Floats:
    """``(N, 4)``: the bounds of each object, left, top, right and bottom."""
    bounds = dataset.table.xyxy[side.parts]
    if len(side.first) == len(bounds):
        return bounds
    low = np.minimum.reduceat(bounds[:, :2], side.first)
    return np.hstack([low, np.maximum.reduceat(bounds[:, 2:], side.first)])


def region_areas(dataset: Dataset, side: Side) -> Floats:
    """``(N,)`` square pixels: of a mask the sum of its rings, as in the COCO files that this library writes."""
    table = dataset.table.take(side.parts)
    size = table.xyxy[:, 2:] - table.xyxy[:, :2]
    areas: Floats = np.where(
        table.kind == AnnotationKind.POLYGON, polygon_area(table.coords, table.offsets), size[:, 0] * size[:, 1]
    )
    return areas if len(side.first) == len(areas) else np.add.reduceat(areas, side.first)


def shape_overlaps(both: DatasetPair, found: Side, wanted: Side, iou_type: IouType, *, above: float = 0.0) -> Overlaps:
    """How much objects of one image and label overlap, those that overlap by more than ``above``."""
    keys = keys_of(found, wanted)
    sides = (both.predictions, found), (both.truth, wanted)
    if iou_type is IouType.BBOX:
        bounds, true_bounds = (region_bounds(*side) for side in sides)
        return grouped_box_overlaps(bounds, true_bounds, *keys, above=above)
    regions, true_regions = (regions_of(*side) for side in sides)
    return grouped_region_overlaps(regions, true_regions, *keys, above=above)


def grouped_region_overlaps(a: Regions, b: Regions, a_groups: Indices, b_groups: Indices, *, above: float) -> Overlaps:
    """The IoU of every pair of one group that is greater than ``above``; objects of several rings cover their union."""
    near = grouped_box_overlaps(a.xyxy, b.xyxy, a_groups, b_groups)
    both = _RegionPairs(a, b)
    i, j, _ = near.pairs
    overlap = both.overlap(i, j)
    kept = overlap > above
    crowds = [crowd._replace(measure=both.measure) for crowd in near.crowds]
    return Overlaps(Pairs(i[kept], j[kept], overlap[kept]), crowds)


class _RegionPairs:
    """The regions of two sides; those that are not one valid ring are unions, made once."""

    def __init__(self, a: Regions, b: Regions) -> None:
        self._a, self._b = a, b
        self._simple, self._others = (~is_broken(each) & (each.ring_counts == 1) for each in (a, b))
        self._unions, self._other_unions = _Unions(a), _Unions(b)

    def overlap(self, i: Indices, j: Indices) -> Floats:
        """``(P,)``: the IoU of some pairs."""
        simple = self._simple[i] & self._others[j]
        found = np.empty(len(i))
        rings = self._a.first[i[simple]], self._b.first[j[simple]]
        found[simple] = polygon_iou_of_pairs(self._a.rings, self._b.rings, *rings)
        first, second = self._unions.of(i[~simple]), self._other_unions.of(j[~simple])
        shared = shapely.area(shapely.intersection(first, second))
        whole = shapely.area(first) + shapely.area(second) - shared
        overlap = np.divide(shared, whole, out=np.zeros(len(shared)), where=whole > 0)
        found[~simple] = np.minimum(overlap, 1.0)
        return found

    def measure(self, rows: Indices, columns: Indices) -> Floats:
        """``(len(rows), len(columns))``: of a crowd."""
        near = box_iou(self._a.xyxy[rows], self._b.xyxy[columns])
        i, j = np.nonzero(near)
        near[i, j] = self.overlap(rows[i], columns[j])
        return near


def is_broken(regions: Regions) -> NDArray[np.bool_]:
    """``(N,)``: whether a ring of the object crosses or touches itself, or has too few vertices."""
    rings = regions.rings
    doubtful = np.flatnonzero(~polygon_is_convex(*rings))
    broken = np.zeros(len(rings.offsets) - 1, dtype=bool)
    polygons = to_shapely_polygons(*some_rings(rings, doubtful))
    broken[doubtful] = ~shapely.is_valid(polygons) | shapely.is_empty(polygons)
    return np.logical_or.reduceat(broken, regions.first) if len(broken) else broken


class _Unions:
    """The rings of objects as one geometry each, repaired if they are broken."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._made: NDArray[np.object_] = np.full(len(regions.first), None, dtype=object)

    def of(self, objects: Indices) -> NDArray[np.object_]:
        """Those of some objects."""
        regions = self._regions
        new = np.unique(objects)
        new = new[shapely.is_missing(self._made[new])]
        for one, start, count in zip(*(each[new].tolist() for each in self._columns()), strict=True):
            polygons = to_shapely_polygons(*some_rings(regions.rings, np.arange(start, start + count)))
            self._made[one] = shapely.union_all([_polygonal(shapely.make_valid(each)) for each in polygons])
        return self._made[objects]

    def _columns(self) -> tuple[Indices, Indices, Indices]:
        return np.arange(len(self._made)), self._regions.first, self._regions.ring_counts


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """What of a repaired ring has an area."""
    parts = shapely.get_parts(geometry) if geometry.geom_type == "GeometryCollection" else np.array([geometry])
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004
