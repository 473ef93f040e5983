"""Matching predictions with truths: the one matcher from which counts and metrics derive.

It takes the pairs that overlap (``grouped_box_iou`` and its like give them), so it is the same for boxes, polygons,
clips and points, and one call matches a whole batch. A pair counts if its overlap is at least the threshold.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats
from .crowds import Crowd, Turns, pairs_of_block
from .groups import grouped
from .optimal import best_pairs, connected
from .overlap import Pairs

#: The most pairs of a component that is matched optimally. The worst case takes a second, ordinary ones a millisecond.
MOST_PAIRS = 2_000


class Matches(NamedTuple):
    """Matched pairs by prediction, and the rows on both sides that found no partner; all ascending."""

    prediction: Indices
    truth: Indices
    overlap: Floats
    unmatched_prediction: Indices
    unmatched_truth: Indices
    #: Of an optimal matching: a prediction of each component of more than ``MOST_PAIRS`` pairs, matched greedily.
    greedy_components: Indices


def match(
    pairs: Pairs, predictions: int, truths: int, *, threshold: float = 0.5, scores: ArrayLike | None = None
) -> Matches:
    """Greedy one-to-one matching in COCO's order.

    Predictions take their turn by score, highest first, and equal scores (or none) by input order; each takes the truth
    with which it overlaps most among those still free, of equal overlaps the last, as pycocotools does. Rows of
    different groups are never among the pairs, so groups need not be named again.

    Args:
        pairs: The pairs that overlap: ``pairs.i`` are rows of the predictions, ``pairs.j`` of the truths.
        predictions: How many predictions there are.
        truths: How many truths there are.
        threshold: The overlap that a pair needs at least.
        scores: ``(predictions,)``; without scores input order is the turn.

    >>> predictions, truths = [[0, 0, 10, 10], [50, 50, 60, 60]], [[0, 0, 10, 9], [90, 90, 99, 99]]
    >>> pairs = pa.ops.grouped_box_iou(predictions, truths, [0, 0], [0, 0])
    >>> found = pa.ops.match(pairs, len(predictions), len(truths))
    >>> found.prediction.tolist(), found.truth.tolist(), found.unmatched_prediction.tolist()
    ([0], [0], [1])
    """
    i, j, overlap = _checked(pairs, predictions, truths, threshold)
    turn = np.arange(predictions)
    if scores is not None:
        values = as_floats("scores", scores)
        if len(values) != predictions:
            raise UsageError(f"scores must be {predictions} numbers, not {len(values)}")
        turn[np.argsort(-values, kind="stable")] = np.arange(predictions)
    order = np.lexsort((-j, -overlap, turn[i]))
    i, j, overlap = i[order], j[order], overlap[order]
    chosen = _alone(i, j, predictions, truths)
    taken = np.zeros(truths, dtype=bool)
    matched = np.zeros(predictions, dtype=bool)
    rest = np.flatnonzero(~chosen)
    for place, prediction, truth in zip(rest.tolist(), i[rest].tolist(), j[rest].tolist(), strict=True):
        if not (matched[prediction] or taken[truth]):
            matched[prediction] = taken[truth] = chosen[place] = True
    return matches_of(Pairs(i, j, overlap).take(chosen), predictions, truths)


def match_optimal(pairs: Pairs, predictions: int, truths: int, *, threshold: float = 0.5) -> Matches:
    """The one-to-one matching with the most matches, and of those the one whose sum of overlaps is greatest.

    The threshold comes first: a pair below it cannot be part of the matching. Which of several best matchings is found
    depends on the order of the rows alone. Rows that are joined by pairs are a component; one of more than
    ``MOST_PAIRS`` pairs is matched greedily: its predictions take their turn by their greatest overlap, equal ones in
    input order, and each takes the truth with which it overlaps most among those still free, of equal ones the first.
    ``Matches.greedy_components`` names these. It is our own code, without scipy; ``ops/optimal.py`` says why.

    Args:
        pairs: The pairs that overlap: ``pairs.i`` are rows of the predictions, ``pairs.j`` of the truths.
        predictions: How many predictions there are.
        truths: How many truths there are.
        threshold: The overlap that a pair needs at least.

    >>> pairs = pa.ops.Pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.9, 0.8, 0.8]))
    >>> pa.ops.match(pairs, 2, 2).truth.tolist(), pa.ops.match_optimal(pairs, 2, 2).truth.tolist()
    ([0], [1, 0])
    """
    found = _checked(pairs, predictions, truths, threshold)
    chosen = _alone(found.i, found.j, predictions, truths)
    rest = found.take(np.flatnonzero(~chosen))
    component = connected(np.arange(predictions + truths), rest.i, predictions + rest.j)[rest.i]
    large = np.bincount(component, minlength=predictions)[component] > MOST_PAIRS
    best = np.zeros(len(large), dtype=bool)
    best[~large] = best_pairs(rest.take(~large), component[~large])
    parts = [found.take(chosen), rest.take(best), _in_turn(rest.take(large), truths)]
    return matches_of(Pairs.joined(parts), predictions, truths, np.unique(component[large]))


def _in_turn(pairs: Pairs, truths: int) -> Pairs:
    """The greedy matching of large components; no pair is below the threshold."""
    pairs = pairs.take(np.lexsort((pairs.j, pairs.i)))
    by_row = grouped(pairs.i)
    best = np.maximum.reduceat(pairs.overlap, by_row.offsets[:-1]) if len(pairs.i) else pairs.overlap
    turns, taken = Turns(truths), []
    for row in np.argsort(-best, kind="stable").tolist():
        start, end = by_row.offsets[row], by_row.offsets[row + 1]
        place = turns.take(pairs.j[start:end], pairs.overlap[start:end], -np.inf)
        if place >= 0:
            taken.append(start + place)
    return pairs.take(np.array(taken, dtype=np.int64))


# -- crowds ----------------------------------------------------------------------------------------------------------


def match_crowd(crowd: Crowd, predictions: int, truths: int, *, threshold: float, scores: Floats) -> Matches:
    """The matching of :func:`match` for a group whose pairs are not listed."""
    order = crowd.rows[np.argsort(-scores[crowd.rows], kind="stable")]
    turns = Turns(truths, last_of_equal=True)
    return matches_of(_taken(crowd, order, turns, threshold), predictions, truths)


def match_crowd_optimal(crowd: Crowd, predictions: int, truths: int, *, threshold: float) -> Matches:
    """The matching of :func:`match_optimal` for a group whose pairs are not listed."""
    labels = np.arange(predictions + truths)
    counts, best = np.zeros(predictions), np.zeros(predictions)
    for rows, block in crowd.blocks(crowd.rows, crowd.columns):
        found = pairs_of_block(rows, crowd.columns, block, threshold)
        labels = connected(labels, found.i, predictions + found.j)
        counts[rows], best[rows] = np.bincount(found.i, minlength=predictions)[rows], block.max(axis=1)
    component = labels[crowd.rows]
    large = np.bincount(component, weights=counts[crowd.rows], minlength=predictions)[component] > MOST_PAIRS
    listed = [
        pairs_of_block(rows, crowd.columns, block, threshold)
        for rows, block in crowd.blocks(crowd.rows[~large], crowd.columns)
    ]
    small = match_optimal(Pairs.joined(listed), predictions, truths, threshold=threshold)
    order = crowd.rows[large]
    taken = _taken(crowd, order[np.argsort(-best[order], kind="stable")], Turns(truths), threshold)
    taken = Pairs.joined([taken, Pairs(small.prediction, small.truth, small.overlap)])
    return matches_of(taken, predictions, truths, np.unique(component[large]))


def _taken(crowd: Crowd, order: Indices, turns: Turns, threshold: float) -> Pairs:
    """What the rows of a crowd take, in this order."""
    taken: list[tuple[int, int, float]] = []
    for rows, block in crowd.blocks(order, crowd.columns):
        for row, overlap in zip(rows.tolist(), block, strict=True):
            place = turns.take(crowd.columns, overlap, threshold)
            if place >= 0:
                taken.append((row, int(crowd.columns[place]), float(overlap[place])))
    i, j, overlaps = (np.array(column) for column in (zip(*taken, strict=True) if taken else ([], [], [])))
    return Pairs(i.astype(np.int64), j.astype(np.int64), overlaps.astype(np.float64))


# -- both ------------------------------------------------------------------------------------------------------------


def _checked(pairs: Pairs, predictions: int, truths: int, threshold: float) -> Pairs:
    i, j, overlap = pairs
    if len(i) and not (i.min() >= 0 and i.max() < predictions and j.min() >= 0 and j.max() < truths):
        raise UsageError(f"the pairs name rows beyond the {predictions} predictions or the {truths} truths")
    enough = overlap >= threshold
    return Pairs(i[enough], j[enough], overlap[enough])


def _alone(i: Indices, j: Indices, predictions: int, truths: int) -> NDArray[np.bool_]:
    """Pairs neither of whose rows is part of another; nothing competes for them."""
    once: NDArray[np.bool_] = (np.bincount(i, minlength=predictions)[i] == 1) & (
        np.bincount(j, minlength=truths)[j] == 1
    )
    return once


def matches_of(pairs: Pairs, predictions: int, truths: int, greedy: Indices | None = None) -> Matches:
    """The pairs that match, by prediction, and what is left."""
    i, j, overlap = pairs.take(np.argsort(pairs.i, kind="stable"))
    free_predictions, free_truths = np.ones(predictions, dtype=bool), np.ones(truths, dtype=bool)
    free_predictions[i] = free_truths[j] = False
    return Matches(
        i,
        j,
        overlap,
        np.flatnonzero(free_predictions),
        np.flatnonzero(free_truths),
        np.empty(0, dtype=np.int64) if greedy is None else greedy,
    )
