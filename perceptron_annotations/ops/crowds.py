"""Overlaps of groups of any size: those of most groups as a list of pairs, those of the most crowded ones not listed.

Thousands of boxes in one place overlap in more pairs than memory holds. Such a crowd keeps what measures its overlaps,
and they are measured again, a block at a time, whenever they are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .arrays import Floats, Indices
from .overlap import Pairs

#: The pairs that a group may list, besides so many for each of its rows.
LISTED_PAIRS = 2**20
LISTED_PAIRS_PER_ROW = 64
#: Overlaps of a crowd that are held together.
_BLOCK = 2**21

#: The overlaps ``(len(rows), len(columns))`` of some rows with some columns.
Measure = Callable[[Indices, Indices], Floats]


class Crowd(NamedTuple):
    """A group whose pairs are not listed."""

    rows: Indices
    columns: Indices
    measure: Measure

    def blocks(self, rows: Indices, columns: Indices) -> Iterator[tuple[Indices, Floats]]:
        """Some of its rows in their order, a few at a time, with their overlaps with some of its columns."""
        step = max(1, _BLOCK // max(len(columns), 1))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            yield some, self.measure(some, columns)


class Overlaps(NamedTuple):
    """The overlaps of the rows of two sides."""

    pairs: Pairs
    crowds: Sequence[Crowd] = ()

    def best(self, rows: int) -> Floats:
        """``(rows,)``: the greatest overlap of each row, 0 for one that overlaps nothing."""
        best = np.zeros(rows)
        np.maximum.at(best, self.pairs.i, self.pairs.overlap)
        for crowd in self.crowds:
            for some, block in crowd.blocks(crowd.rows, crowd.columns):
                best[some] = block.max(axis=1)
        return best


def is_crowded(pairs: int, rows: int) -> bool:
    """Whether a group of so many rows on both sides overlaps in too many pairs to list them."""
    return pairs > LISTED_PAIRS + LISTED_PAIRS_PER_ROW * rows


def pairs_of_block(rows: Indices, columns: Indices, block: Floats, least: float) -> Pairs:
    """The pairs of a block whose overlap is at least ``least``, by row."""
    i, j = np.nonzero(block >= least)
    return Pairs(rows[i], columns[j], block[i, j])


class Turns:
    """Rows that take their turn: each takes the column with which it overlaps most among those that are free."""

    def __init__(self, columns: int, *, last_of_equal: bool = False) -> None:
        self.free = np.ones(columns, dtype=bool)
        self._last = last_of_equal

    def take(self, columns: Indices, overlap: Floats, least: float) -> int:
        """The place in ``columns`` of what one row takes, -1 if no free one overlaps by at least ``least``."""
        if not len(columns):
            return -1
        offered = np.where(self.free[columns], overlap, -np.inf)
        place = len(offered) - 1 - int(offered[::-1].argmax()) if self._last else int(offered.argmax())
        if not offered[place] >= least:
            return -1
        self.free[columns[place]] = False
        return place
