"""The matcher: plain loops and scipy as oracles."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from perceptron_annotations import UsageError, ops
from perceptron_annotations.ops import Pairs
from perceptron_annotations.ops.assignment import match_crowd, match_crowd_optimal
from perceptron_annotations.ops.crowds import Crowd
from tests.ops.references import greedy_match, random_boxes

overlaps = st.tuples(st.integers(0, 6), st.integers(0, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.2, 0.5, 0.6, 0.9, 1.0]))
)


def pairs_of(dense):
    i, j = np.nonzero(dense)
    return Pairs(i, j, dense[i, j])


def test_by_hand():
    # Both want truth 0; the second has the higher score, and the first takes what is left.
    dense = np.array([[0.9, 0.6], [0.8, 0.0]])
    found = ops.match(pairs_of(dense), 2, 2)
    assert (found.prediction.tolist(), found.truth.tolist()) == ([0], [0])
    assert (found.unmatched_prediction.tolist(), found.unmatched_truth.tolist()) == ([1], [1])
    found = ops.match(pairs_of(dense), 2, 2, scores=[0.1, 0.7])
    assert (found.prediction.tolist(), found.truth.tolist(), found.overlap.tolist()) == ([0, 1], [1, 0], [0.6, 0.8])
    # The greatest sum is 0.6 + 0.8.
    assert ops.match_optimal(pairs_of(dense), 2, 2).truth.tolist() == [1, 0]
    assert ops.match(pairs_of(dense), 2, 2, threshold=0.95).prediction.tolist() == []


def test_of_equal_overlaps_the_last_truth_is_taken():
    assert ops.match(pairs_of(np.array([[0.5, 0.5]])), 1, 2).truth.tolist() == [1]


@given(overlaps, st.data())
def test_greedy_equals_the_loop(dense, data):
    scores = data.draw(st.lists(st.sampled_from([0.1, 0.5, 0.9]), min_size=len(dense), max_size=len(dense)))
    found = ops.match(pairs_of(dense), *dense.shape, scores=scores)
    assert list(zip(found.prediction.tolist(), found.truth.tolist(), strict=True)) == greedy_match(dense, scores, 0.5)
    every = sorted([*found.prediction.tolist(), *found.unmatched_prediction.tolist()])
    assert every == list(range(dense.shape[0]))
    assert sorted([*found.truth.tolist(), *found.unmatched_truth.tolist()]) == list(range(dense.shape[1]))


def best_by_force(dense, threshold):
    """The most matches and then the greatest sum, of all ways to give each row a column or none."""
    rows, columns = dense.shape
    best = (0, 0.0)
    for taken in permutations([*range(columns), *[-1] * rows], rows):
        found = [dense[row, column] for row, column in enumerate(taken) if column >= 0]
        if all(overlap >= threshold for overlap in found):
            best = max(best, (len(found), sum(found)))
    return best


@given(
    st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.5, 0.55, 0.7, 0.9, 1.0]))
    )
)
def test_e6_optimal_has_the_most_matches_and_of_those_the_greatest_sum(dense):
    found = ops.match_optimal(pairs_of(dense), *dense.shape)
    count, total = best_by_force(dense, 0.5)
    assert (len(found.prediction), found.overlap.sum()) == (count, pytest.approx(total))
    assert len(set(found.truth.tolist())) == len(found.truth)
    assert found.overlap.min(initial=1) >= 0.5


@given(overlaps)
def test_e6_optimal_equals_scipy(dense):
    # A match weighs more than all overlaps together, and a pair below the threshold nothing.
    weight = np.where(dense >= 0.5, 100.0 + dense, 0.0)
    rows, columns = linear_sum_assignment(weight, maximize=True)
    found = ops.match_optimal(pairs_of(dense), *dense.shape)
    assert (100.0 + found.overlap).sum() == pytest.approx(weight[rows, columns].sum())


@given(overlaps, st.randoms(use_true_random=False))
def test_e6_the_order_of_the_pairs_does_not_matter(dense, random):
    pairs = pairs_of(dense)
    order = list(range(len(pairs.i)))
    random.shuffle(order)
    shuffled = ops.match_optimal(Pairs(*[column[order] for column in pairs]), *dense.shape)
    for one, other in zip(shuffled[:5], ops.match_optimal(pairs, *dense.shape)[:5], strict=True):
        np.testing.assert_array_equal(one, other)


def test_large_components_are_matched_greedily_and_counted():
    rng = np.random.default_rng(0)
    dense = rng.uniform(0.5, 1.0, (50, 45))  # 2,250 pairs in one component
    apart = np.zeros((52, 47))
    apart[:50, :45], apart[50:, 45:] = dense, [[0.9, 0.6], [0.8, 0.0]]
    found = ops.match_optimal(pairs_of(apart), *apart.shape)
    assert len(found.greedy_components) == 1
    assert found.truth[-2:].tolist() == [46, 45]
    free, taken = np.ones(45, dtype=bool), {}
    for row in np.argsort(-dense.max(axis=1), kind="stable").tolist():
        if free.any():
            taken[row] = int(np.argmax(np.where(free, dense[row], 0)))
            free[taken[row]] = False
    assert dict(zip(found.prediction.tolist(), found.truth.tolist(), strict=True)).items() >= taken.items()


def crowd_of(dense):
    rows, columns = (np.arange(size) for size in dense.shape)
    return Crowd(rows, columns, lambda some, others: dense[np.ix_(some, others)])


@given(overlaps, st.data())
def test_m13_a_crowd_matches_as_its_pairs_do(dense, data):
    if not all(dense.shape):
        return
    scores = np.array(data.draw(st.lists(st.sampled_from([0.1, 0.9]), min_size=len(dense), max_size=len(dense))))
    for found, expected in (
        (
            match_crowd_optimal(crowd_of(dense), *dense.shape, threshold=0.5),
            ops.match_optimal(pairs_of(dense), *dense.shape),
        ),
        (
            match_crowd(crowd_of(dense), *dense.shape, threshold=0.5, scores=scores),
            ops.match(pairs_of(dense), *dense.shape, scores=scores),
        ),
    ):
        for one, other in zip(found[:5], expected[:5], strict=True):
            np.testing.assert_array_equal(one, other)


def test_m13_a_large_crowd_matches_as_its_pairs_do():
    dense = np.random.default_rng(1).uniform(0.4, 1.0, (80, 90))
    dense[60:, :] = dense[:, 70:] = 0.0
    dense[np.arange(60, 80), np.arange(70, 90)] = 0.75
    for limit in (0.5, 0.9):
        found = match_crowd_optimal(crowd_of(dense), *dense.shape, threshold=limit)
        expected = ops.match_optimal(pairs_of(dense), *dense.shape, threshold=limit)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        assert len(found.greedy_components) == (limit == 0.5)


def test_a_batch_equals_a_loop_over_images():
    rng = np.random.default_rng(4)
    a, b = random_boxes(rng, 600), random_boxes(rng, 600)
    groups_a, groups_b = np.sort(rng.integers(0, 60, 600)), np.sort(rng.integers(0, 60, 600))
    whole = ops.match(ops.grouped_box_iou(a, b, groups_a, groups_b), 600, 600, threshold=0.2)
    one_by_one = []
    for image in range(60):
        rows, columns = np.flatnonzero(groups_a == image), np.flatnonzero(groups_b == image)
        dense = ops.box_iou(a[rows], b[columns])
        one_by_one += [(rows[i], columns[j]) for i, j in greedy_match(dense, [0] * len(rows), 0.2)]
    assert list(zip(whole.prediction, whole.truth, strict=True)) == one_by_one


def test_wrong_use_is_named():
    pairs = pairs_of(np.ones((2, 2)))
    with pytest.raises(UsageError, match="rows beyond the 1 predictions or the 2 truths"):
        ops.match(pairs, 1, 2)
    with pytest.raises(UsageError, match="scores must be 2 numbers, not 1"):
        ops.match(pairs, 2, 2, scores=[1])
