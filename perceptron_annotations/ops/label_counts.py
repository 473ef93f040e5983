"""How many: annotations by label and response, and objects over time.

What is counted is always said: elements, or objects, of which a track is one however many waypoints it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from ..table.table import AnnotationTable
from .arrays import Indices
from .groups import as_groups


class LabelMap(Struct, frozen=True, kw_only=True):
    """How mentions become labels. Nothing is done unasked, and ``AnnotationTable.labels`` keeps what was written."""

    #: "Cat" and "cat" are one label.
    ignore_case: bool = True
    #: "cats" and "cat" are one label, by the rules of English spelling; ``synonyms`` has the exceptions.
    singular: bool = False
    #: What else is one label, after case and plural.
    synonyms: Mapping[str, str] = {}

    def __call__(self, mention: str) -> str:
        """The label of a mention."""
        label = " ".join(mention.split())
        if self.ignore_case:
            label = label.casefold()
        if self.singular:
            label = singular(label)
        return self.synonyms.get(label, label)


def singular(label: str) -> str:
    """``label`` with its last word in the singular, as regular English words form it: "red cups" → "red cup"."""
    head, space, word = label.rpartition(" ")
    if len(word) > 3:  # noqa: PLR2004 - "gas", "bus"
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif word.endswith(("ches", "shes", "sses", "xes", "zes")):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    return head + space + word


class LabelCounts(NamedTuple):
    """``counts[c, l]`` of label ``labels[l]`` in response or cell c; what has no mention is not among the labels."""

    labels: tuple[str, ...]
    counts: Indices
    #: ``(C,)``: those without a mention.
    unlabelled: Indices


def count_labels(
    table: AnnotationTable,
    *,
    labels: LabelMap | None = None,
    objects: bool = True,
    cells: ArrayLike | None = None,
) -> LabelCounts:
    """How many of each label there are in each response, or in each cell.

    ``objects`` counts a track once (in every cell that it is in); without it every waypoint counts, as every element
    does. ``labels`` says which mentions are one label; by default they are taken as they are. ``cells`` ``(N,)`` are
    whole numbers from 0, and -1 for rows that are not counted: assets, stretches of time and zones (``asset_cells``,
    ``time_cells``, ``region_cells``). Labels stand in order of first appearance.
    """
    cell, count = _cells(table, cells)
    rows = distinct_objects(table, cells=cells) if objects else np.flatnonzero(cell >= 0)
    found: dict[str, int] = {}
    places = [found.setdefault(labels(mention) if labels else mention, len(found)) for mention in table.mentions]
    label = np.array([*places, -1], dtype=np.int64)[table.mention[rows]]
    cell = cell[rows]
    named = label >= 0
    counts = np.bincount(cell[named] * len(found) + label[named], minlength=count * len(found))
    unlabelled = np.bincount(cell[~named], minlength=count)
    return LabelCounts(tuple(found), counts.reshape(count, len(found)), unlabelled)


def distinct_objects(table: AnnotationTable, *, cells: ArrayLike | None = None) -> Indices:
    """The rows, ascending, of which each is another object: of a track only its first, or its first in each cell."""
    cell, count = _cells(table, cells)
    tracked = (table.track >= 0) & (cell >= 0)
    first = (table.track < 0) & (cell >= 0)
    tracks = table.response[tracked] * (int(table.track.max(initial=0)) + 1) + table.track[tracked]
    _, places = np.unique(tracks * max(count, 1) + cell[tracked], return_index=True)
    first[np.flatnonzero(tracked)[places]] = True
    return np.flatnonzero(first)


def _cells(table: AnnotationTable, cells: ArrayLike | None) -> tuple[Indices, int]:
    """The cell of each row, and how many there are."""
    if cells is None:
        return table.response, len(table.responses)
    cell = as_groups("cells", cells, len(table))
    if cell.min(initial=-1) < -1:
        raise UsageError("cells must be numbers from 0, and -1 for rows that are not counted")
    return cell, int(cell.max(initial=-1)) + 1


def count_responses(table: AnnotationTable, rows: NDArray[np.bool_] | None = None) -> Indices:
    """``(R,)``: how many rows each response has, of those that the mask ``rows`` picks."""
    return np.bincount(table.response if rows is None else table.response[rows], minlength=len(table.responses))


def labels_of(mentions: Iterable[str], labels: LabelMap) -> dict[str, list[str]]:
    """Which mentions became which label: the map read backwards, so that nothing is merged in silence."""
    found: dict[str, list[str]] = {}
    for mention in mentions:
        found.setdefault(labels(mention), []).append(mention)
    return found
