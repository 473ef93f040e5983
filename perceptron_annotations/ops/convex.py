"""The area that two convex polygons share, for many pairs at once.

Sutherland and Hodgman (1974): the first polygon is cut by every edge of the second. The vertices that a line cuts off a
convex polygon are one run. Turned so that the run comes last, all of it becomes the point where the line enters, and
one vertex more the point where it leaves; so every polygon of a batch has the same number of places, and places that
one does not need repeat a vertex, which changes neither its sides nor its area.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Indices

#: Pairs that are cut together; their vertices stay in the processor's cache.
_CHUNK = 2048


def padded_rings(coords: Floats, offsets: Indices, rows: Indices, places: int) -> Floats:
    """``(2, places, P)``: x and y of the rings ``rows``, counter-clockwise, padded with their first vertices."""
    starts, counts = offsets[:-1][rows], np.diff(offsets)[rows]
    at = np.arange(places)[:, None]
    rings = np.ascontiguousarray(coords.T).take(np.where(at < counts, starts + at, starts), axis=1)
    backwards = _twice_area(rings - rings[:, :1]) < 0
    rings[..., backwards] = rings[:, ::-1, backwards]
    return rings


def convex_intersection_area(a: Floats, b: Floats) -> Floats:
    """``(P,)``: the area shared by ring p of ``a`` ``(2, n, P)`` and ring p of ``b`` ``(2, m, P)``, all as
    :func:`padded_rings` gives them. Coordinates are taken from the first vertex, so that large ones do not cancel.
    """
    area = np.empty(a.shape[2])
    for start in range(0, len(area), _CHUNK):
        some = slice(start, start + _CHUNK)
        origin = a[:, :1, some]
        area[some] = np.abs(_twice_area(_cut_by_all(a[..., some] - origin, b[..., some] - origin))) / 2
    return area


def _twice_area(rings: Floats) -> Floats:
    x, y = rings
    doubled: Floats = (x * np.roll(y, -1, axis=0) - np.roll(x, -1, axis=0) * y).sum(axis=0)
    return doubled


def _cut_by_all(subject: Floats, knife: Floats) -> Floats:
    """What is left of each subject, cut by every edge of its knife."""
    for edge in range(knife.shape[1]):
        start = knife[:, edge]
        dx, dy = knife[:, (edge + 1) % knife.shape[1]] - start
        side = dx * (subject[1] - start[1]) - dy * (subject[0] - start[0])
        subject = _cut(subject, side)
    return subject


def _cut(subject: Floats, side: Floats) -> Floats:
    """The part of each subject whose ``side`` is not negative; one place more than before."""
    places, count = side.shape
    outside = side < 0
    leaves = outside & ~np.roll(outside, -1, axis=0)  # the last vertex of the run that is cut off
    turned = (leaves.argmax(axis=0) + 1 + np.arange(places)[:, None]) % places * count + np.arange(count)
    x, y, side = (column.ravel().take(turned) for column in (*subject, side))
    outside = side < 0
    cut, gone = outside.any(axis=0), outside.all(axis=0)
    first = outside.argmax(axis=0)  # of the run; the vertices before it stay
    enters = _crossing(x, y, side, np.maximum(first - 1, 0), first)
    back = _crossing(x, y, side, np.full(count, places - 1), np.zeros(count, dtype=np.int64))
    left = np.empty((2, places + 1, count))
    dropped = (np.arange(places)[:, None] >= first) & cut
    for column, place, entry, exit_ in zip((x, y), left, enters, back, strict=True):
        place[:-1] = np.where(dropped, entry, column)
        place[-1] = np.where(cut, exit_, column[0])
    left[..., gone] = 0.0
    return left


def _crossing(x: Floats, y: Floats, side: Floats, start: Indices, end: Indices) -> Floats:
    """``(2, P)``: where the edge from one vertex to another meets the line; the start, if both lie on one side."""
    at, to = (place * x.shape[1] + np.arange(x.shape[1]) for place in (start, end))
    here, there = side.ravel().take(at), side.ravel().take(to)
    share = np.divide(here, here - there, out=np.zeros_like(here), where=(here < 0) != (there < 0))
    return np.stack([c.ravel().take(at) + (c.ravel().take(to) - c.ravel().take(at)) * share for c in (x, y)])
