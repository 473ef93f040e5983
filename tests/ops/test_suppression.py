"""Suppression: always the plain greedy loop, in every form and at every size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import ops
from perceptron_annotations.ops.overlap import sides
from perceptron_annotations.ops.suppression import _keep_by_edges, _keep_dense
from tests.ops.references import greedy_nms, iou, random_boxes


def test_by_hand():
    boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [0, 0, 10, 10]]
    # 90 / 110 of the first two overlaps; without scores the first of them is kept.
    assert ops.nms(boxes).tolist() == [0, 2]
    assert ops.nms(boxes, [0.1, 0.9, 0.5, 0.2]).tolist() == [1, 2]
    assert ops.nms(boxes, labels=[0, 1, 0, 1]).tolist() == [0, 1, 2]
    assert ops.nms(boxes, groups=[0, 0, 0, 1]).tolist() == [0, 2, 3]
    assert ops.nms(boxes, threshold=0.82).tolist() == [0, 1, 2]
    assert ops.nms([], []).tolist() == []


def test_the_threshold_itself_is_kept():
    assert ops.nms([[0, 0, 2, 2], [0, 0, 2, 1]], threshold=0.5).tolist() == [0, 1]


def test_a_chain_keeps_every_other():
    """A suppressed box suppresses nothing."""
    boxes = [[x, 0, x + 10, 10] for x in range(0, 40, 4)]  # neighbours overlap by 6 / 14
    assert ops.nms(boxes, threshold=0.4).tolist() == list(range(0, 10, 2))


def test_odd_boxes_overlap_nothing():
    nan = np.nan
    boxes = [[0, 0, 0, 5], [0, 0, 0, 5], [nan, 0, 1, 1], [nan, 0, 1, 1], [0, 0, 5, 5], [5, 5, 0, 0]]
    assert ops.nms(boxes, threshold=0).tolist() == [0, 1, 2, 3, 4]
    assert ops.nms([[0, 0, 2, 2]] * 3, [nan, 1, 2]).tolist() == [2]


batches = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(batches, st.integers(0, 60), st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]), st.integers(1, 3))
def test_small_groups_equal_the_loop(rng, count, threshold, images):
    """“Exact greedy with documented ties … equal to the reference for every batch form.”"""
    boxes = random_boxes(rng, count, size=30)
    scores = rng.integers(0, 4, count) / 4
    labels, groups = rng.integers(0, 2, count), rng.integers(0, images, count)
    keys = list(zip(labels.tolist(), groups.tolist(), strict=True))
    kept = ops.nms(boxes, scores, labels=labels, groups=groups, threshold=threshold)
    assert kept.tolist() == greedy_nms(boxes, scores, keys, threshold)
    again = ops.nms(boxes[kept], scores[kept], labels=labels[kept], groups=groups[kept], threshold=threshold)
    assert again.tolist() == list(range(len(kept)))  # idempotent


@given(batches, st.integers(2, 40))
def test_distinct_scores_leave_no_choice(rng, count):
    """“Order-independent for distinct scores.”"""
    boxes, scores, order = random_boxes(rng, count, size=30), rng.permutation(count), rng.permutation(count)
    kept = ops.nms(boxes, scores)
    assert sorted(order[ops.nms(boxes[order], scores[order])].tolist()) == kept.tolist()


@pytest.mark.parametrize(("size", "threshold"), [(400, 0.3), (4000, 0.5), (60, 0.5), (15, 0.2), (4000, 0.0)])
def test_large_groups_equal_the_loop(size, threshold):
    """By edges where the picture is sparse, block by block where it is dense."""
    rng = np.random.default_rng(size)
    first = rng.uniform(0, size, (1500, 2))
    boxes = np.hstack([first, first + rng.uniform(1, 30, (1500, 2))])
    scores = rng.integers(0, 50, 1500)
    wanted = greedy_nms(boxes.tolist(), scores.tolist(), [0] * 1500, threshold)
    assert ops.nms(boxes, scores, threshold=threshold).tolist() == wanted
    rank = np.lexsort((np.arange(1500), -scores))
    dense = np.sort(rank[_keep_dense(sides(boxes[rank]), threshold)])
    assert dense.tolist() == wanted


def test_long_chains_are_walked():
    """More links than rounds."""
    count = 500
    chain = np.arange(count - 1)
    assert np.flatnonzero(_keep_by_edges(count, chain, chain + 1)).tolist() == list(range(0, count, 2))


@given(batches, st.integers(0, 30))
def test_clips(rng, count):
    clips = np.round(rng.uniform(0, 20, (count, 2)))
    flat = [[start, 0, end, 1] for start, end in clips]
    wanted = greedy_nms(flat, [0] * count, [0] * count, 0.5, iou)
    assert ops.clip_nms(clips).tolist() == wanted


@given(batches, st.integers(0, 25))
def test_boxes_as_polygons(rng, count):
    """The same boxes, said as polygons, are kept."""
    boxes = np.sort(np.round(rng.uniform(0, 20, (count, 2, 2))), axis=1).reshape(-1, 4)
    boxes[:, 2:] += 1
    scores = rng.integers(0, 4, count)
    rings = ops.box_polygons(boxes)
    assert ops.polygon_nms(rings, scores, threshold=0.41).tolist() == ops.nms(boxes, scores, threshold=0.41).tolist()
