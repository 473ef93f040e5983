"""The ids in a COCO file: those of the file that its entries were read from, else numbers from 1.

Files of results name images and categories by their ids alone, so a file that is read and written again keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ....losses import LossCode, LossCounter

#: The most digits of an id that is a number in every tool.
_DIGITS = 15


class Ids:
    """The ids of all images or of all categories of a file; an id that is not kept is counted in ``losses``."""

    def __init__(self, losses: LossCounter) -> None:
        self._losses = losses
        self._kept: set[int] = set()
        #: All from 1 to before this one are taken.
        self._next = 1

    def give(self, wanted: Sequence[str | None]) -> list[int]:
        """An id for each of some more entries: the one that it had, else the next number that is free."""
        if not self._kept and wanted.count(None) == len(wanted):
            self._next += len(wanted)
            return list(range(self._next - len(wanted), self._next))
        own = list(map(self._own, wanted))
        return [self._free() if number is None else number for number in own]

    def _own(self, wanted: str | None) -> int | None:
        """The id that an entry had, if it can be kept."""
        number = id_number(wanted)
        if number is not None and number not in self._kept and not 0 < number < self._next:
            self._kept.add(number)
            return number
        if wanted is not None:
            self._losses.add(LossCode.RENUMBERED, wanted)
        return None

    def _free(self) -> int:
        while self._next in self._kept:
            self._next += 1
        self._next += 1
        return self._next - 1


def id_number(text: str | None) -> int | None:
    """The number that an id is, None if it is another text."""
    if not text or len(text) > _DIGITS or not (text.isascii() and text.isdecimal()):
        return None
    return int(text) if text == "0" or not text.startswith("0") else None


def annotation_ids(sources: Iterable[str], count: int, after: int) -> NDArray[np.int64]:
    """The ids of the annotations of a shard: their own if all are different numbers above ``after``, else the next.

    ``sources`` say where each of ``count`` objects comes from, and are looked at up to the first that is not such a
    number; ``after`` is the highest id in earlier shards. An id is not 0, which pycocotools takes for none.
    """
    own: dict[int, None] = {}
    for number in map(id_number, sources):
        if number is None or number <= after or number in own:
            return np.arange(after + 1, after + 1 + count)
        own[number] = None
    return np.fromiter(own, dtype=np.int64, count=len(own))
