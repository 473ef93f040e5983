"""Polygons as ragged rings, and what NumPy alone says of them: area, bounds, convexity.

``coords`` ``(V, 2)`` and ``offsets`` ``(N + 1,)``, as a table holds them: ring i is
``coords[offsets[i] : offsets[i + 1]]``, and its closing edge is implied. Datasets need only this much of polygons, and
so do not load Shapely.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats, measurable
from .groups import ranges


class Rings(NamedTuple):
    """N rings of V vertices."""

    coords: Floats
    offsets: Indices


def as_rings(coords: ArrayLike, offsets: ArrayLike) -> Rings:
    """Check ragged rings. Raises ``UsageError`` if the offsets do not rise from 0 to the number of vertices."""
    pairs = as_floats("coords", coords, 2)
    starts = np.asarray(offsets, dtype=np.int64)
    if starts.ndim != 1 or not len(starts) or starts[0] != 0 or starts[-1] != len(pairs) or np.any(np.diff(starts) < 0):
        raise UsageError(f"offsets must rise from 0 to {len(pairs)}, the number of vertices")
    return Rings(pairs, starts)


def some_rings(ring: Rings, rows: Indices) -> Rings:
    """Some of the rings, in this order."""
    counts = np.diff(ring.offsets)[rows]
    return Rings(ring.coords[ranges(ring.offsets[:-1][rows], counts)], np.concatenate([[0], np.cumsum(counts)]))


def box_polygons(boxes: ArrayLike) -> Rings:
    """Xyxy boxes as rings of four corners, clockwise on a screen from the first corner.

    >>> pa.ops.box_polygons([[0, 0, 10, 20]]).coords.tolist()
    [[0.0, 0.0], [10.0, 0.0], [10.0, 20.0], [0.0, 20.0]]
    """
    x1, y1, x2, y2 = as_floats("boxes", boxes, 4).T
    corners = np.stack([x1, y1, x2, y1, x2, y2, x1, y2], axis=1).reshape(-1, 2)
    return Rings(corners, np.arange(0, len(corners) + 1, 4))


def shape_polygons(coords: ArrayLike, offsets: ArrayLike) -> Rings:
    """Rows of a table as rings, so that boxes and polygons mix: the two corners of a box become four.

    Rows of one pair (points) and of none (clips) stay as they are and enclose nothing.

    >>> table = pa.parse_batch(["<point_box> (0,0) (10,20) </point_box> <polygon> (0,0) (9,0) (0,9) </polygon>"])
    >>> pa.ops.shape_polygons(table.coords, table.offsets).offsets.tolist()
    [0, 4, 7]
    """
    shape = as_rings(coords, offsets)
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

    >>> pa.ops.polygon_area([[0, 0], [10, 0], [0, 10]], [0, 3]).tolist()
    [50.0]
    """
    return _area(_measurable(as_rings(coords, offsets)))


def polygon_bounds(coords: ArrayLike, offsets: ArrayLike) -> Floats:
    """``(N, 4)``: left, top, right, bottom; all NaN for a ring without vertices or that cannot be measured.

    >>> pa.ops.polygon_bounds([[3, 1], [10, 0], [0, 10]], [0, 3]).tolist()
    [[0.0, 0.0, 10.0, 10.0]]
    """
    ring = as_rings(coords, offsets)
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
    return np.abs(ring_sums(ring, x * y[following] - x[following] * y)) / 2


def _measurable(ring: Rings) -> Rings:
    """The same rings, all vertices of one that cannot be measured at the origin."""
    good = measurable(ring.coords, axis=1)
    if good.all():
        return ring
    bad = np.repeat(ring_sums(ring, (~good).astype(float)) > 0, np.diff(ring.offsets))
    return Rings(np.where(bad[:, None], 0.0, ring.coords), ring.offsets)


def polygon_is_convex(coords: ArrayLike, offsets: ArrayLike) -> NDArray[np.bool_]:
    """``(N,)``: whether each ring turns one way all around, once; vertices on a straight edge are allowed.

    A ring without area, or that cannot be measured, is not convex.

    >>> pa.ops.polygon_is_convex([[0, 0], [10, 0], [3, 3], [0, 10]], [0, 4]).tolist()
    [False]
    """
    measured = _measurable(as_rings(coords, offsets))
    ring = _without_repeats(measured)
    x, y = _from_first(ring)
    following = _next(ring)
    dx, dy = x[following] - x, y[following] - y
    turn = dx * dy[following] - dx[following] * dy
    onward = dx * dx[following] + dy * dy[following]
    one_way = (ring_sums(ring, (turn > 0).astype(float)) == 0) | (ring_sums(ring, (turn < 0).astype(float)) == 0)
    reverses = ring_sums(ring, ((turn == 0) & (onward < 0)).astype(float)) > 0
    # A star turns one way too, but around twice.
    once = np.rint(np.abs(ring_sums(ring, np.arctan2(turn, onward))) / (2 * np.pi)) == 1
    convex: NDArray[np.bool_] = one_way & once & ~reverses & (_area(measured) > 0)
    return convex


def _without_repeats(ring: Rings) -> Rings:
    """The same rings without vertices that are equal to the next one."""
    moves = np.any(ring.coords[_next(ring)] != ring.coords, axis=1)
    kept = ring_sums(ring, moves.astype(float)).astype(np.int64)
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


def ring_sums(ring: Rings, values: Floats) -> Floats:
    """``(N,)``: the sum of ``values`` ``(V,)`` over the vertices of each ring; 0 for a ring without vertices."""
    sums = np.zeros(len(ring.offsets) - 1)
    there = np.diff(ring.offsets) > 0
    if there.any():
        sums[there] = np.add.reduceat(values, ring.offsets[:-1][there])
    return sums
