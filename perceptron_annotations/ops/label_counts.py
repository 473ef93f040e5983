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
    """How mentions become labels. Nothing is done unasked, and ``AnnotationTable.labels`` keeps what was written.

    >>> labels = pa.ops.LabelMap(singular=True, synonyms={"kitten": "cat"})
    >>> labels("Cats"), labels("two  Kittens"), labels("kittens")
    ('cat', 'two kitten', 'cat')
    """

    #: "Cat" and "cat" are one label.
    ignore_case: bool = True
    #: "cats" and "cat" are one label, by the rules of English spelling; ``synonyms`` has the exceptions.
    singular: bool = False
    #: What else is one label, after case and plural.
    synonyms: Mapping[str, str] = {}

    @staticmethod
    def of(given: LabelMap | Mapping[str, str]) -> LabelMap:
        """What a caller gave; of a mapping, what it says and nothing else: case and plural stay.

        Raises ``UsageError`` if it is something else.

        >>> pa.ops.LabelMap.of({"kitten": "cat"})("kitten")
        'cat'
        """
        if isinstance(given, LabelMap):
            return given
        if isinstance(given, Mapping):
            return LabelMap(ignore_case=False, synonyms=given)
        raise UsageError(
            f"a label map must be a LabelMap or a mapping such as {{'kitten': 'cat'}}, not {type(given).__name__}; "
            "read_label_map(path) reads one from a file"
        )

    def __call__(self, mention: str) -> str:
        """The label of a mention."""
        label = " ".join(mention.split())
        if self.ignore_case:
            label = label.casefold()
        if self.singular:
            label = singular(label)
        return self.synonyms.get(label, label)


def singular(label: str) -> str:
    """``label`` with its last word in the singular, as regular English words form it.

    >>> pa.ops.singular("red cups"), pa.ops.singular("glasses"), pa.ops.singular("bus")
    ('red cup', 'glass', 'bus')
    """
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
    """``counts[c, l]`` of label ``labels[l]`` in response or cell c; rows without a mention have no label."""

    labels: tuple[str, ...]
    counts: Indices
    #: ``(C,)``: those without a mention.
    unlabelled: Indices


def count_labels(
    table: AnnotationTable,
    *,
    labels: LabelMap | Mapping[str, str] | None = None,
    objects: bool = True,
    cells: ArrayLike | None = None,
) -> LabelCounts:
    """How many of each label there are in each response, or in each cell. Labels come in order of first appearance.

    Args:
        table: The annotations.
        labels: Which mentions are one label; by default they are taken as they are.
        objects: Count a track once (in every cell that it is in); otherwise every waypoint counts, as every element
            does.
        cells: ``(N,)`` whole numbers from 0, and -1 for rows that are not counted: assets, stretches of time and zones
            (``asset_cells``, ``time_cells``, ``region_cells``). By default a cell is a response.

    >>> table = pa.parse_batch(['<point mention="Cat"> (1,2) </point> <point mention="cats"> (3,4) </point>', ""])
    >>> counts = pa.ops.count_labels(table, labels=pa.ops.LabelMap(singular=True))
    >>> counts.labels, counts.counts.tolist()
    (('cat',), [[2], [0]])
    """
    cell, count = _cells(table, cells)
    rows = distinct_objects(table, cells=cells) if objects else np.flatnonzero(cell >= 0)
    found: dict[str, int] = {}
    label_of = str if labels is None else LabelMap.of(labels)
    places = [found.setdefault(label_of(mention), len(found)) for mention in table.mentions]
    label = np.array([*places, -1], dtype=np.int64)[table.mention[rows]]
    cell = cell[rows]
    named = label >= 0
    counts = np.bincount(cell[named] * len(found) + label[named], minlength=count * len(found))
    unlabelled = np.bincount(cell[~named], minlength=count)
    return LabelCounts(tuple(found), counts.reshape(count, len(found)), unlabelled)


def distinct_objects(table: AnnotationTable, *, cells: ArrayLike | None = None) -> Indices:
    """The rows, ascending, that are one for each object: of a track only the first, or the first in each cell.

    >>> track = '<track> <point t="1 seconds"> (1,2) </point> <point t="2 seconds"> (3,4) </point> </track>'
    >>> pa.ops.distinct_objects(pa.parse_batch([track + " <point> (5,6) </point>"])).tolist()
    [0, 2]
    """
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


def rows_per_response(table: AnnotationTable, rows: NDArray[np.bool_] | None = None) -> Indices:
    """``(R,)``: how many rows each response has, of those that the mask ``rows`` ``(N,)`` picks.

    >>> table = pa.parse_batch(["<point> (1,2) </point> <point> (3,4) </point>", "nothing"])
    >>> pa.ops.rows_per_response(table).tolist()
    [2, 0]
    """
    return np.bincount(table.response if rows is None else table.response[rows], minlength=len(table.responses))


def mentions_by_label(mentions: Iterable[str], labels: LabelMap | Mapping[str, str]) -> dict[str, list[str]]:
    """Which mentions became which label: the map read backwards, so that nothing is merged in silence.

    >>> pa.ops.mentions_by_label(["Cat", "cat", "dog"], pa.ops.LabelMap())
    {'cat': ['Cat', 'cat'], 'dog': ['dog']}
    """
    found: dict[str, list[str]] = {}
    label_of = LabelMap.of(labels)
    for mention in mentions:
        found.setdefault(label_of(mention), []).append(mention)
    return found
