"""Polygons as ragged rings: ``coords`` ``(V, 2)`` and ``offsets`` ``(N + 1,)``, as a table holds them.

Ring i is ``coords[offsets[i] : offsets[i + 1]]``, its closing edge implied. What NumPy says exactly (area, bounds,
convexity, the overlap of convex rings) is said there; what needs a geometry engine goes to Shapely in one call.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats, measurable
from .convex import convex_intersection_area, padded_rings
from .groups import ranges
from .iou import grouped_box_iou
from .overlap import Pairs

#: Convex rings of more vertices go to Shapely, whose work grows more slowly with them.
_FEW_VERTICES = 16


class Rings(NamedTuple):
    """N rings of V vertices."""

    coords: Floats
    offsets: Indices


def rings(coords: ArrayLike, offsets: ArrayLike) -> Rings:
    """Check ragged rings. Raises ``UsageError`` where the offsets do not rise from 0 to the number of vertices."""
    pairs = as_floats("coords", coords, 2)
    starts = np.asarray(offsets, dtype=np.int64)
    if starts.ndim != 1 or not len(starts) or starts[0] != 0 or starts[-1] != len(pairs) or np.any(np.diff(starts) < 0):
        raise UsageError(f"offsets must rise from 0 to {len(pairs)}, the number of vertices")
    return Rings(pairs, starts)


def box_polygons(boxes: ArrayLike) -> Rings:
    """Xyxy boxes as rings of four corners, clockwise on a screen from the first corner."""
    x1, y1, x2, y2 = as_floats("boxes", boxes, 4).T
    corners = np.stack([x1, y1, x2, y1, x2, y2, x1, y2], axis=1).reshape(-1, 2)
    return Rings(corners, np.arange(0, len(corners) + 1, 4))


def shape_polygons(coords: ArrayLike, offsets: ArrayLike) -> Rings:
    """Rows of a table as rings, so that boxes and polygons mix: the two corners of a box become four.

    Rows of one pair (points) and of none (clips) stay as they are and enclose nothing.
    """
    shape = rings(coords, offsets)
    counts = np.diff(shape.offsets)
    is_box = counts == 2  # noqa: PLR2004
    corners = shape.coords[shape.offsets[:-1][is_box, None] + np.arange(2)].reshape(-1, 4)
    ends = np.concatenate([[0], np.cumsum(np.where(is_box, 4, counts))])
    found = np.empty((int(ends[-1]), 2))
    of_boxes = np.repeat(is_box, np.diff(ends))
    found[of_boxes] = box_polygons(corners).coords
    found[~of_boxes] = shape.coords[np.repeat(~is_box, counts)]
    return Rings(found, ends)


def polygon_area(coords: ArrayLike, offsets: ArrayLike) -> Floats:
    """``(N,)``: the absolute shoelace sum; of a ring that crosses itself, lobes of opposite turn cancel out.

    A ring that cannot be measured (a coordinate not finite, or beyond 1e150) has the area 0, as a box has.
    """
    return _area(_measurable(rings(coords, offsets)))


def polygon_bounds(coords: ArrayLike, offsets: ArrayLike) -> Floats:
    """``(N, 4)``: left, top, right, bottom; all NaN for a ring without vertices or that cannot be measured."""
    ring = rings(coords, offsets)
    bounds = np.full((len(ring.offsets) - 1, 4), np.nan)
    there = np.diff(ring.offsets) > 0
    starts = ring.offsets[:-1][there]
    if len(starts):
        bounds[there, :2] = np.minimum.reduceat(ring.coords, starts)
        bounds[there, 2:] = np.maximum.reduceat(ring.coords, starts)
    bounds[~measurable(bounds, axis=1)] = np.nan
    return bounds


def _area(ring: Rings) -> Floats:
    x, y = _from_first(ring)
    following = _next(ring)
    return np.abs(_sums(ring, x * y[following] - x[following] * y)) / 2


def _measurable(ring: Rings) -> Rings:
    """The same rings, all vertices of one that cannot be measured at the origin."""
    good = measurable(ring.coords, axis=1)
    if good.all():
        return ring
    bad = np.repeat(_sums(ring, (~good).astype(float)) > 0, np.diff(ring.offsets))
    return Rings(np.where(bad[:, None], 0.0, ring.coords), ring.offsets)


def polygon_is_convex(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.bool_]:
    """``(N,)``: whether each ring turns one way all around, once; vertices on a straight edge are allowed.

    A ring without area, or that cannot be measured, is not convex.
    """
    measured = _measurable(rings(coords, offsets))
    ring = _without_repeats(measured)
    x, y = _from_first(ring)
    following = _next(ring)
    dx, dy = x[following] - x, y[following] - y
    turn = dx * dy[following] - dx[following] * dy
    onward = dx * dx[following] + dy * dy[following]
    one_way = (_sums(ring, (turn > 0).astype(float)) == 0) | (_sums(ring, (turn < 0).astype(float)) == 0)
    reverses = _sums(ring, ((turn == 0) & (onward < 0)).astype(float)) > 0
    # A star turns one way too, but around twice.
    once = np.rint(np.abs(_sums(ring, np.arctan2(turn, onward))) / (2 * np.pi)) == 1
    convex: NDArray[np.bool_] = one_way & once & ~reverses & (_area(measured) > 0)
    return convex


def _without_repeats(ring: Rings) -> Rings:
    """The same rings without vertices that stand where the next one does."""
    moves = np.any(ring.coords[_next(ring)] != ring.coords, axis=1)
    kept = _sums(ring, moves.astype(float)).astype(np.int64)
    return Rings(ring.coords[moves], np.concatenate([[0], np.cumsum(kept)]))


def _from_first(ring: Rings) -> tuple[Floats, Floats]:
    """Coordinates from the first vertex of their ring, so that large ones do not cancel."""
    counts = np.diff(ring.offsets)
    first = np.repeat(ring.offsets[:-1], counts)
    local = ring.coords - ring.coords[first]
    return local[:, 0], local[:, 1]


def _next(ring: Rings) -> Indices:
    """Of each vertex, the next around."""
    following = np.arange(1, len(ring.coords) + 1)
    there = np.diff(ring.offsets) > 0
    following[ring.offsets[1:][there] - 1] = ring.offsets[:-1][there]
    return following


def _sums(ring: Rings, values: Floats) -> Floats:
    sums = np.zeros(len(ring.offsets) - 1)
    there = np.diff(ring.offsets) > 0
    if there.any():
        sums[there] = np.add.reduceat(values, ring.offsets[:-1][there])
    return sums


# -- with Shapely ----------------------------------------------------------------------------------------------------


def to_shapely_polygons(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.object_]:
    """``(N,)`` Shapely polygons; an empty one for a ring of fewer than three vertices or without measure."""
    ring = rings(coords, offsets)
    counts = np.diff(ring.offsets)
    good = _sums(ring, (~measurable(ring.coords, axis=1)).astype(float)) == 0
    usable = (counts >= 3) & good  # noqa: PLR2004
    found: NDArray[np.object_] = np.full(len(counts), shapely.Polygon(), dtype=object)
    if usable.any():
        keep = np.repeat(usable, counts)
        owner = np.repeat(np.cumsum(usable) - 1, counts)[keep]
        found[usable] = shapely.polygons(shapely.linearrings(ring.coords[keep], indices=owner))
    return found


def polygon_validity(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.str_]:
    """``(N,)``: ``Valid Geometry``, or why not in GEOS's words, the place included (``Self-intersection[5 5]``)."""
    polygons = to_shapely_polygons(coords, offsets)
    reasons: NDArray[np.str_] = np.asarray(shapely.is_valid_reason(polygons), dtype=np.str_)
    return np.where(shapely.is_empty(polygons), "Too few points", reasons)


def polygon_repair(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.object_]:
    """``(N,)`` valid Shapely geometries by ``make_valid``, which may be of several parts; never called unasked."""
    repaired: NDArray[np.object_] = shapely.make_valid(to_shapely_polygons(coords, offsets))
    return repaired


def polygon_simplify(coords: ArrayLike, offsets: ArrayLike, tolerance: float) -> Rings:
    """Fewer vertices, each at most ``tolerance`` from the old ring (Douglas and Peucker, topology kept)."""
    ring = rings(coords, offsets)
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
    """
    candidates = grouped_box_iou(polygon_bounds(*a), polygon_bounds(*b), a_groups, b_groups)
    overlap = _iou_of_pairs(rings(*a), rings(*b), candidates.i, candidates.j)
    kept = overlap > above
    return Pairs(candidates.i[kept], candidates.j[kept], overlap[kept])


def polygon_iou(a: Rings, b: Rings) -> Floats:
    """``(N, M)``: IoU of each ring of ``a`` with each of ``b``; 0 for one that is not valid or encloses nothing."""
    first, second = rings(*a), rings(*b)
    count, other = len(first.offsets) - 1, len(second.offsets) - 1
    out = np.zeros((count, other))
    pairs = grouped_polygon_iou(first, second, np.zeros(count, np.int64), np.zeros(other, np.int64))
    out[pairs.i, pairs.j] = pairs.overlap
    return out


def polygon_iou_aligned(a: Rings, b: Rings) -> Floats:
    """``(N,)``: IoU of ring i of ``a`` with ring i of ``b``."""
    first, second = rings(*a), rings(*b)
    if len(first.offsets) != len(second.offsets):
        raise UsageError(f"a has {len(first.offsets) - 1} rings and b {len(second.offsets) - 1}: give as many of each")
    rows = np.arange(len(first.offsets) - 1)
    return _iou_of_pairs(first, second, rows, rows)


def _iou_of_pairs(a: Rings, b: Rings, i: Indices, j: Indices) -> Floats:
    """The IoU of ring ``i`` of a with ring ``j`` of b: convex ones by NumPy, all others by Shapely."""
    convex = _is_simple(a)[i] & _is_simple(b)[j]
    overlap = np.empty(len(i))
    overlap[convex] = _convex_iou(a, b, i[convex], j[convex])
    overlap[~convex] = _shapely_iou(a, b, i[~convex], j[~convex])
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
    counts = np.diff(ring.offsets)[needed]
    coords = ring.coords[ranges(ring.offsets[:-1][needed], counts)]
    polygons = to_shapely_polygons(coords, np.concatenate([[0], np.cumsum(counts)]))
    polygons[~shapely.is_valid(polygons)] = shapely.Polygon()
    return polygons[place]
