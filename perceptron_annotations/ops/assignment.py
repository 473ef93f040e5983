"""Matching predictions with truths: the one matcher from which counts and metrics derive.

It takes the pairs that overlap (``grouped_box_iou`` and its like give them), so it is the same for boxes, polygons,
clips and points, and one call matches a whole batch. A pair counts if its overlap is at least the threshold.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import MissingExtraError, UsageError
from .arrays import Floats, Indices, as_floats
from .overlap import Pairs


class Matches(NamedTuple):
    """Matched pairs by prediction, and the rows on both sides that found no partner; all ascending."""

    prediction: Indices
    truth: Indices
    overlap: Floats
    unmatched_prediction: Indices
    unmatched_truth: Indices


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
    return _matches(i[chosen], j[chosen], overlap[chosen], predictions, truths)


def match_optimal(pairs: Pairs, predictions: int, truths: int, *, threshold: float = 0.5) -> Matches:
    """The one-to-one matching whose sum of overlaps is greatest, among pairs of at least the threshold.

    The threshold comes first: a pair below it cannot be part of the matching. Needs scipy (the ``optimal`` extra).

    Args:
        pairs: The pairs that overlap: ``pairs.i`` are rows of the predictions, ``pairs.j`` of the truths.
        predictions: How many predictions there are.
        truths: How many truths there are.
        threshold: The overlap that a pair needs at least.

    >>> pairs = pa.ops.Pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.9, 0.8, 0.8]))
    >>> pa.ops.match(pairs, 2, 2).truth.tolist(), pa.ops.match_optimal(pairs, 2, 2).truth.tolist()
    ([0], [1, 0])
    """
    try:
        from scipy.optimize import linear_sum_assignment
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components
    except ImportError:
        raise MissingExtraError.from_extra("optimal", "match_optimal needs scipy") from None
    i, j, overlap = _checked(pairs, predictions, truths, threshold)
    chosen = _alone(i, j, predictions, truths)
    rest = np.flatnonzero(~chosen)
    if len(rest):
        nodes = predictions + truths
        graph = coo_array((np.ones(len(rest)), (i[rest], predictions + j[rest])), shape=(nodes, nodes))
        _, component = connected_components(graph, directed=False)
        rest = rest[np.argsort(component[i[rest]], kind="stable")]
        borders = np.flatnonzero(np.diff(component[i[rest]])) + 1
        for some in np.split(rest, borders):
            rows, row = np.unique(i[some], return_inverse=True)
            columns, column = np.unique(j[some], return_inverse=True)
            weight = np.zeros((len(rows), len(columns)))
            weight[row, column] = overlap[some]
            best = np.zeros(weight.shape, dtype=bool)
            best[linear_sum_assignment(weight, maximize=True)] = True
            chosen[some] = best[row, column]
    return _matches(i[chosen], j[chosen], overlap[chosen], predictions, truths)


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


def _matches(i: Indices, j: Indices, overlap: Floats, predictions: int, truths: int) -> Matches:
    order = np.argsort(i, kind="stable")
    free_predictions, free_truths = np.ones(predictions, dtype=bool), np.ones(truths, dtype=bool)
    free_predictions[i] = free_truths[j] = False
    return Matches(i[order], j[order], overlap[order], np.flatnonzero(free_predictions), np.flatnonzero(free_truths))
