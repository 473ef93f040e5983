"""The area that two convex polygons share, for many pairs at once.

Sutherland and Hodgman (1974): the first polygon is cut by every edge of the second. The one idea: a polygon has a fixed
number of places, and those that it does not need repeat its first vertex, which changes neither its sides nor its area.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Indices

#: Pairs that are cut together; their vertices stay in the processor's cache.
_CHUNK = 1024


def padded_rings(coords: Floats, offsets: Indices, rows: Indices, places: int) -> Floats:
    """``(P, places, 2)``: the rings ``rows``, counter-clockwise in x and y, padded with their first vertices."""
    starts, counts = offsets[:-1][rows], np.diff(offsets)[rows]
    at = np.arange(places)
    vertices = np.where(at < counts[:, None], starts[:, None] + at, starts[:, None])
    rings = coords[vertices]
    backwards = _twice_area(rings - rings[:, :1]) < 0
    rings[backwards] = rings[backwards, ::-1]
    return rings


def convex_intersection_area(a: Floats, b: Floats) -> Floats:
    """``(P,)``: the area shared by ring p of ``a`` ``(P, n, 2)`` and ring p of ``b`` ``(P, m, 2)``, all as
    :func:`padded_rings` gives them. Coordinates are taken from the first vertex, so that large ones do not cancel.
    """
    area = np.empty(len(a))
    for start in range(0, len(a), _CHUNK):
        some = slice(start, start + _CHUNK)
        origin = a[some, :1]
        area[some] = np.abs(_twice_area(_cut_by_all(a[some] - origin, b[some] - origin))) / 2
    return area


def _twice_area(rings: Floats) -> Floats:
    x, y = rings[..., 0], rings[..., 1]
    doubled: Floats = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    return doubled


def _cut_by_all(subject: Floats, knife: Floats) -> Floats:
    """What is left of each subject, cut by every edge of its knife."""
    for edge in range(knife.shape[1]):
        start = knife[:, edge]
        direction = knife[:, (edge + 1) % knife.shape[1]] - start
        side = direction[:, :1] * (subject[..., 1] - start[:, 1:]) - direction[:, 1:] * (subject[..., 0] - start[:, :1])
        subject = _cut(subject, side)
    return subject


def _cut(subject: Floats, side: Floats) -> Floats:
    """The part of each subject whose ``side`` is not negative; one place more than before."""
    inside = side >= 0
    following, beyond = np.roll(subject, -1, axis=1), np.roll(side, -1, axis=1)
    crosses = inside != (beyond >= 0)
    share = np.divide(side, side - beyond, out=np.zeros_like(side), where=crosses)
    crossing = subject + (following - subject) * share[..., None]
    places = subject.shape[1] + 1
    # Of each vertex first itself, where it stays, then the point where its edge is cut.
    found = np.stack([subject, crossing], axis=2).reshape(len(subject), -1, 2)
    stays: NDArray[np.bool_] = np.stack([inside, crosses], axis=2).reshape(len(subject), -1)
    to = np.cumsum(stays, axis=1)
    rows, slots = np.nonzero(stays & (to <= places))
    left = np.zeros((len(subject), places, 2))
    left[rows, to[rows, slots] - 1] = found[rows, slots]
    unused = np.arange(places) >= to[:, -1:]
    return np.where(unused[..., None], left[:, :1], left)
