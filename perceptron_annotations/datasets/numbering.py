"""Things that are numbered as they come: names, identities, labels."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=Hashable)


class Numbered(NamedTuple):
    """What a :class:`Numbering` says of some things."""

    #: ``(N,)``: the number of each.
    number: NDArray[np.int64]
    #: ``(M,)``: the places of those that are new, each where it first comes; so their numbers are in order.
    new: NDArray[np.int64]


class Numbering(dict[T, int]):
    """The number of each thing, from 0 in the order in which they are first looked up.

    >>> numbering = Numbering()
    >>> numbering["a"], numbering["b"], numbering["a"]
    (0, 1, 0)
    >>> number, new = numbering.of(["b", "c", "c", "d"])
    >>> number.tolist(), new.tolist()
    ([1, 2, 2, 3], [1, 3])
    """

    def __missing__(self, thing: T) -> int:
        number = self[thing] = len(self)
        return number

    def of(self, things: Collection[T]) -> Numbered:
        """The number of each of some things, and which of them are new."""
        before = len(self)
        number = np.fromiter(map(self.__getitem__, things), dtype=np.int64, count=len(things))
        highest = np.maximum.accumulate(np.append(before - 1, number))
        return Numbered(number, np.flatnonzero(np.diff(highest)))
