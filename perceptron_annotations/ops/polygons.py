"""What needs a geometry engine: Shapely polygons of rings, repair, and the overlap of polygons.

Rings come as :mod:`.rings` describes them. The overlap of convex rings is computed with NumPy; all others go to Shapely
in one call.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, measurable
from .convex import convex_intersection_area, padded_rings
from .crowds import Overlaps
from .iou import grouped_box_iou, grouped_box_overlaps
from .overlap import Pairs
from .rings import Rings, as_rings, polygon_area, polygon_bounds, polygon_is_convex, ring_sums, some_rings

#: Convex rings of more vertices go to Shapely, whose work grows more slowly with them.
_FEW_VERTICES = 16
#: Pairs that are intersected together, so that their copies stay small.
_TOGETHER = 2**16


def to_shapely_polygons(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.object_]:
    """``(N,)`` Shapely polygons; an empty one for a ring of fewer than three vertices or that cannot be measured.

    >>> pa.ops.to_shapely_polygons([[0, 0], [10, 0], [0, 10]], [0, 3])[0].area
    50.0
    """
    ring = as_rings(coords, offsets)
    counts = np.diff(ring.offsets)
    good = ring_sums(ring, (~measurable(ring.coords, axis=1)).astype(float)) == 0
    usable = (counts >= 3) & good  # noqa: PLR2004
    found: NDArray[np.object_] = np.full(len(counts), shapely.Polygon(), dtype=object)
    if usable.any():
        keep = np.repeat(usable, counts)
        owner = np.repeat(np.cumsum(usable) - 1, counts)[keep]
        found[usable] = shapely.polygons(shapely.linearrings(ring.coords[keep], indices=owner))
    return found


def polygon_valid_reason(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.str_]:
    """``(N,)``: ``Valid Geometry``, or the reason why not in the words of GEOS, with the place.

    >>> pa.ops.polygon_valid_reason([[0, 0], [10, 10], [10, 0], [0, 10]], [0, 4]).tolist()
    ['Self-intersection[5 5]']
    """
    polygons = to_shapely_polygons(coords, offsets)
    reasons: NDArray[np.str_] = np.asarray(shapely.is_valid_reason(polygons), dtype=np.str_)
    return np.where(shapely.is_empty(polygons), "Too few points", reasons)


def polygon_make_valid(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.object_]:
    """``(N,)`` valid Shapely geometries by ``make_valid``, which may have several parts; never called unasked.

    >>> pa.ops.polygon_make_valid([[0, 0], [10, 10], [10, 0], [0, 10]], [0, 4])[0].geom_type
    'MultiPolygon'
    """
    repaired: NDArray[np.object_] = shapely.make_valid(to_shapely_polygons(coords, offsets))
    return repaired


def polygon_simplify(coords: ArrayLike, offsets: ArrayLike, tolerance: float) -> Rings:
    """Fewer vertices, each at most ``tolerance`` from the old ring (Douglas and Peucker, topology kept).

    >>> pa.ops.polygon_simplify([[0, 0], [5, 0.1], [10, 0], [10, 10], [0, 10]], [0, 5], tolerance=1).coords.tolist()
    [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]
    """
    ring = as_rings(coords, offsets)
    simple = shapely.simplify(to_shapely_polygons(ring.coords, ring.offsets), tolerance, preserve_topology=True)
    pairs, owner = shapely.get_coordinates(simple, return_index=True)
    counts = np.bincount(owner, minlength=len(simple))
    ends = np.cumsum(counts)
    keep = np.ones(len(pairs), dtype=bool)
    keep[ends[counts > 0] - 1] = False  # Shapely repeats the first vertex
    return Rings(pairs[keep], np.concatenate([[0], np.cumsum(np.maximum(counts - 1, 0))]))


def grouped_polygon_iou(a: Rings, b: Rings, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0) -> Pairs:
    """The IoU of every pair of one group that is greater than ``above``.

    Only pairs whose bounds overlap are intersected. A ring that is not valid has no defined inside, so its IoU is 0
    with everything; repair it first. Boxes and polygons mix through :func:`shape_polygons`.

    Args:
        a: N rings.
        b: M rings.
        a_groups: ``(N,)`` whole numbers: the image, say, of each ring of ``a``.
        b_groups: ``(M,)`` whole numbers, likewise.
        above: Pairs that overlap less, or as much, are left out.

    >>> squares = pa.ops.box_polygons([[0, 0, 10, 10], [0, 0, 10, 5]])
    >>> pa.ops.grouped_polygon_iou(squares, squares, [0, 0], [0, 1]).overlap.tolist()
    [1.0, 0.5]
    """
    candidates = grouped_box_iou(polygon_bounds(*a), polygon_bounds(*b), a_groups, b_groups)
    return _above(as_rings(*a), as_rings(*b), candidates, above)


def grouped_polygon_overlaps(
    a: Rings, b: Rings, a_groups: ArrayLike, b_groups: ArrayLike, *, above: float = 0.0
) -> Overlaps:
    """The same, with groups whose bounds overlap in very many pairs as crowds, so that memory stays in bounds."""
    near = grouped_box_overlaps(polygon_bounds(*a), polygon_bounds(*b), a_groups, b_groups)
    crowds = [crowd._replace(measure=partial(_measure, a, b)) for crowd in near.crowds]
    return Overlaps(_above(a, b, near.pairs, above), crowds)


def _measure(a: Rings, b: Rings, rows: Indices, columns: Indices) -> Floats:
    return polygon_iou(some_rings(a, rows), some_rings(b, columns))


def _above(a: Rings, b: Rings, candidates: Pairs, above: float) -> Pairs:
    """The candidates whose polygons overlap by more than ``above``."""
    overlap = polygon_iou_of_pairs(a, b, candidates.i, candidates.j)
    kept = overlap > above
    return Pairs(candidates.i[kept], candidates.j[kept], overlap[kept])


def polygon_iou(a: Rings, b: Rings) -> Floats:
    """``(N, M)``: IoU of each ring of ``a`` with each of ``b``; 0 for one that is not valid or encloses nothing.

    >>> triangle = pa.ops.Rings([[0, 0], [10, 0], [0, 10]], [0, 3])
    >>> pa.ops.polygon_iou(triangle, pa.ops.box_polygons([[0, 0, 10, 10]])).tolist()
    [[0.5]]
    """
    first, second = as_rings(*a), as_rings(*b)
    count, other = len(first.offsets) - 1, len(second.offsets) - 1
    out = np.zeros((count, other))
    pairs = grouped_polygon_iou(first, second, np.zeros(count, np.int64), np.zeros(other, np.int64))
    out[pairs.i, pairs.j] = pairs.overlap
    return out


def polygon_iou_aligned(a: Rings, b: Rings) -> Floats:
    """``(N,)``: IoU of ring i of ``a`` with ring i of ``b``. Raises ``UsageError`` if one has more rings.

    >>> square = pa.ops.box_polygons([[0, 0, 10, 10]])
    >>> pa.ops.polygon_iou_aligned(square, pa.ops.box_polygons([[0, 0, 10, 5]])).tolist()
    [0.5]
    """
    first, second = as_rings(*a), as_rings(*b)
    if len(first.offsets) != len(second.offsets):
        raise UsageError(f"a has {len(first.offsets) - 1} rings and b {len(second.offsets) - 1}: give as many of each")
    rows = np.arange(len(first.offsets) - 1)
    return polygon_iou_of_pairs(first, second, rows, rows)


def polygon_iou_of_pairs(a: Rings, b: Rings, i: Indices, j: Indices) -> Floats:
    """The IoU of ring ``i`` of a with ring ``j`` of b: convex ones by NumPy, all others by Shapely."""
    convex = _is_simple(a)[i] & _is_simple(b)[j]
    overlap = np.empty(len(i))
    for start in range(0, len(i), _TOGETHER):
        for rows, measure in ((convex, _convex_iou), (~convex, _shapely_iou)):
            some = start + np.flatnonzero(rows[start : start + _TOGETHER])
            overlap[some] = measure(a, b, i[some], j[some])
    return overlap


def _is_simple(ring: Rings) -> NDArray[np.bool_]:
    """Whether a ring is convex and of few vertices."""
    simple: NDArray[np.bool_] = (np.diff(ring.offsets) <= _FEW_VERTICES) & polygon_is_convex(*ring)
    return simple


def _convex_iou(a: Rings, b: Rings, i: Indices, j: Indices) -> Floats:
    if not len(i):
        return np.empty(0)
    first, second = (
        padded_rings(*ring, rows, int(np.diff(ring.offsets)[rows].max())) for ring, rows in ((a, i), (b, j))
    )
    return _shares(convex_intersection_area(first, second), polygon_area(*a)[i], polygon_area(*b)[j])


def _shapely_iou(a: Rings, b: Rings, i: Indices, j: Indices) -> Floats:
    if not len(i):
        return np.empty(0)
    first, second = _valid(a, i), _valid(b, j)
    return _shares(shapely.area(shapely.intersection(first, second)), shapely.area(first), shapely.area(second))


def _shares(shared: Floats, first: Floats, second: Floats) -> Floats:
    """Intersection over union of areas; rounding never makes it more than 1."""
    shared = np.minimum(shared, np.minimum(first, second))
    union = first + second - shared
    return np.divide(shared, union, out=np.zeros(len(union)), where=union > 0)


def _valid(ring: Rings, rows: Indices) -> NDArray[np.object_]:
    """The polygons of some rings, each made once; an empty one for a ring that is not valid."""
    needed, place = np.unique(rows, return_inverse=True)
    polygons = to_shapely_polygons(*some_rings(ring, needed))
    polygons[~shapely.is_valid(polygons)] = shapely.Polygon()
    return polygons[place]
