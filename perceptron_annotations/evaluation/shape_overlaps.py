"""The regions that objects cover: a box, or all rings of a mask, which are rows of their own in a dataset."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..geometry import AnnotationKind
from ..ops.arrays import Floats, Indices
from ..ops.groups import ranges
from ..ops.iou import grouped_box_iou
from ..ops.overlap import Pairs
from ..ops.polygons import grouped_polygon_iou, to_shapely_polygons
from ..ops.rings import Rings, polygon_area, shape_polygons
from .pairing import Side


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


def grouped_region_iou(a: Regions, b: Regions, a_groups: Indices, b_groups: Indices, *, above: float) -> Pairs:
    """The IoU of every pair of one group that is greater than ``above``, as of ``grouped_polygon_iou``.

    Objects of several rings cover the union of those that are valid.
    """
    one, other = a.ring_counts == 1, b.ring_counts == 1
    ours, theirs = np.flatnonzero(one), np.flatnonzero(other)
    single = grouped_polygon_iou(_some(a, ours), _some(b, theirs), a_groups[ours], b_groups[theirs], above=above)
    if one.all() and other.all():
        return single
    near = grouped_box_iou(a.xyxy, b.xyxy, a_groups, b_groups)
    many = ~(one[near.i] & other[near.j])
    i, j = near.i[many], near.j[many]
    first, second = _unions(a, i), _unions(b, j)
    shared = shapely.area(shapely.intersection(first, second))
    whole = shapely.area(first) + shapely.area(second) - shared
    overlap = np.minimum(np.divide(shared, whole, out=np.zeros(len(i)), where=whole > 0), 1.0)
    kept = overlap > above
    return Pairs(
        np.concatenate([ours[single.i], i[kept]]),
        np.concatenate([theirs[single.j], j[kept]]),
        np.concatenate([single.overlap, overlap[kept]]),
    )


def _some(regions: Regions, objects: Indices) -> Rings:
    """The first ring of some objects."""
    offsets, which = regions.rings.offsets, regions.first[objects]
    counts = np.diff(offsets)[which]
    coords = regions.rings.coords[ranges(offsets[which], counts)]
    return Rings(coords, np.concatenate([[0], np.cumsum(counts)]))


def _unions(regions: Regions, objects: Indices) -> NDArray[np.object_]:
    """The valid rings of some objects as one geometry each, made once."""
    needed, place = np.unique(objects, return_inverse=True)
    polygons = to_shapely_polygons(*regions.rings)
    polygons[~shapely.is_valid(polygons)] = shapely.Polygon()
    starts, counts = regions.first[needed].tolist(), regions.ring_counts[needed].tolist()
    unions = [shapely.union_all(polygons[start : start + count]) for start, count in zip(starts, counts, strict=True)]
    return np.array(unions, dtype=object)[place]
