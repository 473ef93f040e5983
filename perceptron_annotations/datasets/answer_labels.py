"""The labels of recorded answers: from mentions to codes, with mentions of tracks that are ids told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..losses import LossCode, LossCounter
from ..ops.label_counts import LabelMap
from ..table.table import AnnotationTable

#: The code of a row whose label is not in the list of labels; -1 is that of a row without a label.
UNLISTED = -2
#: A mention that is a word and an id: ``vehicle_1``, ``vehicle #1``, ``vehicle1``.
_TRACK_ID = re.compile(r"(.*[^\W\d_])[\s_#:.-]*\d{1,9}", re.DOTALL)


class TrackLabel(Struct, frozen=True):
    """The mention of tracks that is an id, such as ``vehicle_1``, and the label of their waypoints."""

    mention: str
    label: str
    #: The number of waypoints.
    count: int


def _distinct(numbers: NDArray[np.integer[Any]], count: int) -> list[int]:
    """The different ones among numbers from 0 to below ``count``, in the order in which they first come."""
    first = np.full(count, len(numbers))
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    found = np.flatnonzero(first < len(numbers))
    in_order: list[int] = found[np.argsort(first[found])].tolist()
    return in_order


class AnswerLabels:
    """The labels of all answers so far, in order."""

    def __init__(self, labels: Sequence[str] | None, label_map: LabelMap | None, *, track_ids: bool) -> None:
        self._is_open = labels is None
        self._map = label_map
        self._track_ids = track_ids
        self._codes = {label: code for code, label in enumerate(labels or ())}
        #: The waypoints of tracks whose mention is an id, by mention and label.
        self._tracks: Counter[tuple[str, str]] = Counter()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels; the code of a label is its index."""
        return tuple(self._codes)

    @property
    def track_labels(self) -> tuple[TrackLabel, ...]:
        """The mentions of tracks that were ids."""
        return tuple(TrackLabel(mention, label, count) for (mention, label), count in self._tracks.items())

    def codes(self, table: AnnotationTable, placed: NDArray[np.bool_], losses: LossCounter) -> NDArray[np.int64]:
        """``(N,)``: the label of each row, -1 for none, ``UNLISTED`` if its label is not in the list.

        Only rows that are ``placed`` on an asset add labels, and are counted in ``losses``.
        """
        tracked = table.track >= 0
        count = len(table.mentions)
        #: Of each mention: its code where it is that of a track (the first row) and elsewhere.
        codes = np.full((2, count + 1), -1, dtype=np.int64)
        used = placed & (table.mention >= 0)
        place = np.where(tracked, 0, count) + table.mention
        for each in _distinct(place[used], 2 * count):
            of_track, mention = each < count, table.mentions[each % count]
            label = self._label_of(mention, of_track=of_track)
            if of_track and label != self._mapped(mention):
                number = int((used & (place == each)).sum())
                self._tracks[mention, label] += number
                losses.add(LossCode.TRACK_ID, f"{mention} as {label}", number)
            if self._is_open:
                code = self._codes.setdefault(label, len(self._codes))
            else:
                code = self._codes.get(label, UNLISTED)
            codes[0 if of_track else 1, each % count] = code
        code_of_row: NDArray[np.int64] = codes[np.where(tracked, 0, 1), table.mention]
        unlisted = np.flatnonzero(placed & (code_of_row == UNLISTED))
        if len(unlisted):
            losses.add(LossCode.UNLISTED_LABEL, table.mentions[table.mention[unlisted[0]]], len(unlisted))
        return code_of_row

    def _label_of(self, mention: str, *, of_track: bool) -> str:
        """The label of a mention, without the id in it if it is one of a track."""
        label = self._mapped(mention)
        named = _TRACK_ID.fullmatch(mention) if of_track else None
        if named is None:
            return label
        without = self._mapped(named[1])
        is_wanted = self._track_ids if self._is_open else label not in self._codes and without in self._codes
        return without if is_wanted else label

    def _mapped(self, mention: str) -> str:
        return self._map(mention) if self._map else mention
