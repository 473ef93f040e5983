"""The best one-to-one matching of a graph of pairs: the most matches, and of those the greatest sum of overlaps.

Pairs fall into components, which have no row in common, and each is solved by itself. Pairs for which nothing competes
and stars (one row that overlaps several) are solved for all components at once; what is left goes through shortest
augmenting paths (Jonker and Volgenant, 1987), over whole numbers, so that no rounding decides.

This is our own code rather than scipy's: components of real answers have a few rows, for which a call into a dense
solver costs more than the solving; scipy does not say which of several best assignments it returns, so that a report
might change with its version; and nothing else here needs so large a dependency.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from math import frexp
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Indices
from .groups import grouped
from .overlap import Pairs

#: Overlaps become whole numbers of so many bits.
_BITS = 52
#: A column, and what its pair with the row weighs.
_Edge = tuple[int, int]


def connected(labels: Indices, i: Indices, j: Indices) -> Indices:
    """``(N,)``: the least node of the component of each node, if nodes ``i`` and ``j`` are joined, too.

    ``labels`` are those of the components so far, ``arange(N)`` at first. Every component that has a lower neighbour
    joins it, so that their number at least halves each round.
    """
    labels = labels.copy()
    while True:
        a, b = labels[i], labels[j]
        apart = a != b
        if not apart.any():
            return labels
        i, j, a, b = i[apart], j[apart], a[apart], b[apart]
        np.minimum.at(labels, np.maximum(a, b), np.minimum(a, b))
        while np.any((jumped := labels[labels]) != labels):
            labels = jumped


def best_pairs(pairs: Pairs, component: Indices) -> NDArray[np.bool_]:
    """``(P,)``: which pairs are in the best matching of their component, ``component`` being that of each pair.

    Of equally good matchings it is one that depends on the order of the rows alone, not on that of the pairs.
    """
    order = np.lexsort((pairs.j, pairs.i, component))
    i, j, overlap = pairs.take(order)
    borders = grouped(component[order]).offsets
    chosen = np.zeros(len(order), dtype=bool)
    if len(order):
        chosen[_best_of_stars(i, j, overlap, borders)] = True
        for start, end in zip(*(each.tolist() for each in _contested(i, j, borders)), strict=True):
            some = slice(start, end)
            chosen[some] = _best_of_component(i[some], j[some], overlap[some])
    found = np.zeros(len(order), dtype=bool)
    found[order] = chosen
    return found


def _is_star(i: Indices, j: Indices, borders: Indices) -> NDArray[np.bool_]:
    """``(C,)``: whether all pairs of a component share one row, of either side."""
    starts = borders[:-1]
    same: NDArray[np.bool_] = np.zeros(len(starts), dtype=bool)
    for rows in (i, j):
        same |= np.minimum.reduceat(rows, starts) == np.maximum.reduceat(rows, starts)
    return same


def _best_of_stars(i: Indices, j: Indices, overlap: Floats, borders: Indices) -> Indices:
    """The pair that overlaps most of each star, of equal ones the first."""
    sizes = np.diff(borders)
    star = np.repeat(np.arange(len(sizes)), sizes)
    inside = np.flatnonzero(_is_star(i, j, borders)[star])
    inside = inside[np.lexsort((-overlap[inside], star[inside]))]
    return inside[np.flatnonzero(np.diff(star[inside], prepend=-1))]


def _contested(i: Indices, j: Indices, borders: Indices) -> tuple[Indices, Indices]:
    """Where the pairs of each other component begin and end."""
    rest = ~_is_star(i, j, borders)
    return borders[:-1][rest], borders[1:][rest]


def _best_of_component(i: Indices, j: Indices, overlap: Floats) -> NDArray[np.bool_]:
    """Which pairs of one component, by row, are matched."""
    rows, row = np.unique(i, return_inverse=True)
    columns, column = np.unique(j, return_inverse=True)
    _, exponent = frexp(float(np.abs(overlap).max()))
    values = np.rint(np.ldexp(overlap, _BITS - exponent)).astype(np.int64).tolist()
    match = (min(len(rows), len(columns)) + 1) << (_BITS + 2)  # one more match outweighs any sum of overlaps
    edges: list[list[_Edge]] = [[] for _ in rows]
    for each, other, value in zip(row.tolist(), column.tolist(), values, strict=True):
        edges[each].append((other, match + value))
    taken = np.array(_assigned(edges, len(columns)))
    chosen: NDArray[np.bool_] = taken[row] == column
    return chosen


def _assigned(edges: Sequence[Sequence[_Edge]], columns: int) -> list[int]:
    """The column of each row, -1 for none, so that the sum of the weights, all above 0, is greatest."""
    assignment = _Assignment(edges, columns)
    for row in [row for row in range(len(edges)) if not assignment.settle(row)]:
        assignment.enter(row)
    return assignment.column


class _Assignment:
    """A best assignment of the rows that have entered.

    Prices of columns and gains of rows keep ``gain + price - weight`` at 0 or above, and at 0 for what is assigned. A
    row that enters takes the cheapest path to a free column, or to a row that gives its own up. Most rows need none:
    their favourite column is free.
    """

    def __init__(self, edges: Sequence[Sequence[_Edge]], columns: int) -> None:
        self.column = [-1] * len(edges)
        self._edges = edges
        self._row = [-1] * columns
        self._price = [0] * columns
        self._gain = [0] * len(edges)

    def settle(self, row: int) -> bool:
        """Let a row in if its favourite column is free, which holds as long as no column has a price; whether it is."""
        column, weight = max(self._edges[row], key=itemgetter(1))
        if self._row[column] >= 0:
            return False
        self._row[column], self.column[row], self._gain[row] = row, column, weight
        return True

    def enter(self, start: int) -> None:
        """Let a row in; every row on its path moves on to the column that the path leads to."""
        self._gain[start] = max(0, *[weight - self._price[column] for column, weight in self._edges[start]])
        end, came_from = self._cheapest_path(start)
        while end >= 0:
            row = came_from[end]
            self._row[end], self.column[row], end = row, end, self.column[row]

    def _cheapest_path(self, start: int) -> tuple[int, dict[int, int]]:
        """The column in which the path ends, free now, or -1 for no path; and the row before each column."""
        rows, columns = {start: 0}, dict[int, int]()  # what is reached, and how far away it is
        best, came_from = dict[int, int](), dict[int, int]()
        waiting: list[tuple[int, int]] = []
        row, distance = start, 0
        least, last_row = self._gain[start], start
        while True:
            for column, weight in self._edges[row]:
                length = distance + self._gain[row] + self._price[column] - weight
                if column not in columns and length < best.get(column, length + 1):
                    best[column], came_from[column] = length, row
                    heappush(waiting, (length, column))
            while waiting and waiting[0][1] in columns:
                heappop(waiting)
            if not waiting or waiting[0][0] > least:
                end, self.column[last_row] = self.column[last_row], -1
                break
            distance, column = heappop(waiting)
            columns[column] = distance
            row = self._row[column]
            if row < 0:
                end, least = column, distance
                break
            rows[row] = distance
            if distance + self._gain[row] < least:
                least, last_row = distance + self._gain[row], row
        self._reprice(rows, columns, least)
        return end, came_from

    def _reprice(self, rows: dict[int, int], columns: dict[int, int], least: int) -> None:
        for row, distance in rows.items():
            self._gain[row] -= max(0, least - distance)
        for column, distance in columns.items():
            self._price[column] += max(0, least - distance)
