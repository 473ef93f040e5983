"""The pairs of boxes that overlap among thousands in one place: through a tree if they are few, else each with each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from .arrays import Floats, Indices
from .overlap import ListedPairs, Pairs, Sides, sides

#: Rows that are tried with all others, to see how many pairs there are; and the share from which a tree costs more.
_TRIED = 64
_DENSE = 1 / 32
#: Pairs that are worked off together.
_CHUNK = 2**20


def near_pairs(a: Floats, b: Floats, above: float) -> Iterator[Pairs]:
    """The pairs of N and M xyxy boxes whose IoU is above a number of at least 0, a chunk at a time, by row."""
    first, second = sides(a), sides(b)
    tried = np.unique(np.linspace(0, len(a) - 1, _TRIED).astype(np.int64))
    if _touching(first.at((tried, None)), second).mean() > _DENSE:
        yield from _each_with_each(first, second, above)
        return
    tree = shapely.STRtree(shapely.box(*second[:4]))
    rows = max(1, _CHUNK // len(b))
    for start in range(0, len(a), rows):
        some = first.at(slice(start, start + rows))
        i, j = tree.query(shapely.box(*some[:4]))
        yield _measured(i + start, j, first, second, above)


def _touching(a: Sides, b: Sides) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    meets: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = (
        (a.left < b.right) & (b.left < a.right) & (a.top < b.bottom) & (b.top < a.bottom)
    )
    return meets


def _each_with_each(a: Sides, b: Sides, above: float) -> Iterator[Pairs]:
    rows = max(1, _CHUNK // len(b.left))
    listed = ListedPairs(rows * len(b.left))
    for start in range(0, len(a.left), rows):
        some = a.at(slice(start, start + rows))
        counts = np.full(len(some.left), len(b.left))
        pairs = listed.above(above, some, b, np.zeros(len(counts), dtype=np.int64), counts)
        yield Pairs(pairs.i + start, pairs.j, pairs.overlap)


def _measured(i: Indices, j: Indices, a: Sides, b: Sides, above: float) -> Pairs:
    """The listed pairs that overlap enough, in order."""
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    one, other = a.at(i), b.at(j)
    listed = ListedPairs(max(len(i), 1))
    pairs = listed.above(above, one, other, np.arange(len(i)), np.ones(len(i), dtype=np.int64))
    return Pairs(i[pairs.i], j[pairs.j], pairs.overlap)
