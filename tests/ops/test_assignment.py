"""The matcher: plain loops and scipy as oracles."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from perceptron_annotations import UsageError, ops
from perceptron_annotations.ops import Pairs
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


@given(overlaps)
def test_optimal_has_the_greatest_sum(dense):
    gated = np.where(dense >= 0.5, dense, 0.0)
    rows, columns = linear_sum_assignment(gated, maximize=True)
    found = ops.match_optimal(pairs_of(dense), *dense.shape)
    assert found.overlap.sum() == pytest.approx(gated[rows, columns].sum())
    assert len(set(found.truth.tolist())) == len(found.truth)
    assert found.overlap.min(initial=1) >= 0.5


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
    code = """
import sys; sys.modules["scipy.optimize"] = None
from perceptron_annotations import ops
from perceptron_annotations.errors import MissingExtraError
try: ops.match_optimal(ops.Pairs([], [], []), 0, 0)
except MissingExtraError as error: print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("match_optimal needs scipy: pip install -e '.[optimal]'")
