"""Who matches whom, one to one, at any threshold.

Without scores the matching does not depend on the order of the answer: predictions and truths of one image and label
are brought into the order of their coordinates first, and then matched optimally.
"""

from __future__ import annotations

import numpy as np

from ..datasets.dataset import Dataset
from ..ops.arrays import Floats, Indices
from ..ops.assignment import Matches, match, match_crowd, match_crowd_optimal, match_optimal, matches_of
from ..ops.crowds import Crowd, Overlaps
from ..ops.overlap import Pairs
from .pairing import DatasetPair, Paired, Side
from .shape_overlaps import region_bounds
from .tasks import Matching


class Matcher:
    """Predictions and truths that can be matched at several thresholds.

    ``scores`` are those of the predictions, NaN for an image and label of which one has none. With ``GREEDY``
    predictions take their turn by score, or as they were written; with ``OPTIMAL`` just those with scores do, as in
    COCO, and those without are matched optimally.
    """

    def __init__(
        self, both: DatasetPair, paired: Paired, overlaps: Overlaps, scores: Floats, matching: Matching
    ) -> None:
        self._counts = len(paired.prediction.rows), len(paired.truth.rows)
        self._scores = np.nan_to_num(scores)
        has_turn = ~np.isnan(scores) | (matching is Matching.GREEDY)
        is_turn = has_turn[overlaps.pairs.i]
        self._turns = Overlaps(
            overlaps.pairs.take(is_turn), [crowd for crowd in overlaps.crowds if has_turn[crowd.rows].all()]
        )
        rest = [crowd for crowd in overlaps.crowds if not has_turn[crowd.rows].all()]
        self._found = canonical_order(both.predictions, paired.prediction)
        self._wanted = canonical_order(both.truth, paired.truth)
        self._rest = _renamed(Overlaps(overlaps.pairs.take(~is_turn), rest), self._found, self._wanted)

    def at(self, threshold: float) -> Matches:
        """The matching of pairs that overlap by at least ``threshold``."""
        counts, scores = self._counts, self._scores
        turns = [match(self._turns.pairs, *counts, threshold=threshold, scores=scores)]
        turns += [match_crowd(crowd, *counts, threshold=threshold, scores=scores) for crowd in self._turns.crowds]
        best = [match_optimal(self._rest.pairs, *counts, threshold=threshold)]
        best += [match_crowd_optimal(crowd, *counts, threshold=threshold) for crowd in self._rest.crowds]
        taken = Pairs.joined([
            *(Pairs(each.prediction, each.truth, each.overlap) for each in turns),
            *(Pairs(self._found[each.prediction], self._wanted[each.truth], each.overlap) for each in best),
        ])  # fmt: skip
        greedy = self._found[np.concatenate([each.greedy_components for each in best])]
        return matches_of(taken, *counts, greedy)


def _renamed(overlaps: Overlaps, found: Indices, wanted: Indices) -> Overlaps:
    """The overlaps with rows numbered by their places in the two orders."""
    place, true_place = _places(found), _places(wanted)

    def renamed(crowd: Crowd) -> Crowd:
        rows, columns = np.sort(place[crowd.rows]), np.sort(true_place[crowd.columns])
        return Crowd(rows, columns, lambda some, others: crowd.measure(found[some], wanted[others]))

    i, j, overlap = overlaps.pairs
    return Overlaps(Pairs(place[i], true_place[j], overlap), [renamed(crowd) for crowd in overlaps.crowds])


def _places(order: Indices) -> Indices:
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def canonical_order(dataset: Dataset, side: Side) -> Indices:
    """The objects of a side by image, label, times and coordinates, so that the order of the rows does not matter."""
    table = dataset.table
    bounds = region_bounds(dataset, side)
    times = np.nan_to_num(np.column_stack([table.t[side.rows], table.until[side.rows]]), nan=-1.0)
    keys = np.column_stack([side.image, side.label, times, np.nan_to_num(bounds)])
    varied = keys[:, (keys != keys[:1]).any(axis=0)]  # a column that is the same everywhere sorts nothing
    order = np.lexsort(varied.T[::-1]) if varied.size else np.arange(len(keys))
    same = np.all(keys[order][1:] == keys[order][:-1], axis=1)
    if same.any() and len(side.parts):
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        rings = [_rings(dataset, side, row) for row in order[tied].tolist()]
        by_rings = sorted(range(len(tied)), key=lambda at: (*keys[order[tied[at]]].tolist(), rings[at]))
        order[tied] = order[tied[by_rings]]
    return order


def _rings(dataset: Dataset, side: Side, which: int) -> list[list[float]]:
    """The coordinates of all rings of an object, in an order of their own."""
    end = side.first[which + 1] if which + 1 < len(side.first) else len(side.parts)
    parts = side.parts[side.first[which] : end].tolist()
    offsets = dataset.table.offsets
    return sorted(dataset.table.coords[offsets[part] : offsets[part + 1]].ravel().tolist() for part in parts)
