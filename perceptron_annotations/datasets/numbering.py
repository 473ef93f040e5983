"""Things that are numbered as they come: names, identities, labels."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import count
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

    def of(self, things: Sequence[T]) -> Numbered:
        """The number of each of some things, and which of them are new."""
        before, many = len(self), len(things)
        number = np.fromiter(map(self.setdefault, things, count(before)), dtype=np.int64, count=many)
        new = np.flatnonzero(number == np.arange(before, before + many))
        if len(new) < many:  # those after one that is not new have numbers that are too high
            self.update(zip([things[place] for place in new.tolist()], count(before), strict=False))
            high = number >= before
            number[high] = before + np.searchsorted(new, number[high] - before)
        return Numbered(number, new)
