"""How many: annotations by label and response, objects over time, and the numbers that the prose states.

What is counted is always said: elements, or objects, of which a track is one however many waypoints it has. What the
model wrote in words is a number of its own, because the two disagree often enough to matter.
"""

from __future__ import annotations

import re
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


# -- in words --------------------------------------------------------------------------------------------------------

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()  # noqa: SIM905
_ONES += "seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS_IN_ORDER = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {word: 10 * ten for ten, word in enumerate(_TENS_IN_ORDER, 2)}
_WORDS = {word: number for number, word in enumerate(_ONES)} | _TENS | {"no": 0, "a": 1, "an": 1}
_TEN_WORD = "|".join(_TENS)
_ONE_WORD = "|".join(_ONES[1:10])
_STATED = re.compile(
    rf"(?<![\w.,-])(?:(?P<digits>\d{{1,9}})|(?P<tens>{_TEN_WORD})[ -](?P<ones>{_ONE_WORD})|"
    rf"(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))}))"
    r"(?![\w-]|[.,]\d) +(?P<noun>[^\W\d_]+(?: [^\W\d_]+)?)",
    re.IGNORECASE,
)


class Stated(NamedTuple):
    """A number that the prose states, and the one or two words behind it."""

    number: int
    noun: str


def stated_counts(prose: str) -> list[Stated]:
    """The numbers before a word in English prose, in order: "there are three red cups" → 3 of "red cups".

    Take ``Document.prose``, which holds no coordinates. "a" and "an" state one, "no" states none.
    """
    return [Stated(_number(match), match["noun"]) for match in _STATED.finditer(prose)]


def stated_count(prose: str, label: str, *, labels: LabelMap = LabelMap(singular=True)) -> int | None:  # noqa: B008
    """What the prose says of one label: the first number before it; None where it states none."""
    wanted = labels(label)
    for number, noun in stated_counts(prose):
        words = noun.split()
        if any(labels(" ".join(words[start:end])) == wanted for start in (0, 1) for end in (1, 2) if start < end):
            return number
    return None


def _number(match: re.Match[str]) -> int:
    if match["digits"]:
        return int(match["digits"])
    if match["tens"]:
        return _TENS[match["tens"].lower()] + _WORDS[match["ones"].lower()]
    return _WORDS[match["word"].lower()]


def labels_of(mentions: Iterable[str], labels: LabelMap) -> dict[str, list[str]]:
    """Which mentions became which label: the map read backwards, so that nothing is merged in silence."""
    found: dict[str, list[str]] = {}
    for mention in mentions:
        found.setdefault(labels(mention), []).append(mention)
    return found
