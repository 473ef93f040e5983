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
        self._taken: set[int] = set()
        self._next = 1

    def give(self, wanted: Sequence[str | None]) -> list[int]:
        """An id for each of some more entries: the one that it had, else the next number that is free."""
        own: list[int | None] = []
        for text in wanted:
            number = id_number(text)
            is_free = number is not None and number not in self._taken
            if text is not None and not is_free:
                self._losses.add(LossCode.RENUMBERED, text)
            own.append(number if is_free else None)
            if number is not None:
                self._taken.add(number)
        return [self._free() if number is None else number for number in own]

    def _free(self) -> int:
        while self._next in self._taken:
            self._next += 1
        self._taken.add(self._next)
        return self._next


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
