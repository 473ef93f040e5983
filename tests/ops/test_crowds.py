"""Thousands of boxes in one place: what is found with an index or block by block is what all pairs give (M13)."""

import tracemalloc

import numpy as np
import pytest

from benchmarks.dense import agreed, evaluated
from perceptron_annotations import ops
from perceptron_annotations.ops import crowds, iou
from tests.ops.references import random_boxes


@pytest.fixture
def small_limits(monkeypatch):
    """Groups of ten boxes are large, and lists of twenty pairs are too long."""
    monkeypatch.setattr(iou, "_LARGE", 100)
    monkeypatch.setattr(crowds, "LISTED_PAIRS", 20)
    monkeypatch.setattr(crowds, "LISTED_PAIRS_PER_ROW", 0)
    monkeypatch.setattr(crowds, "_BLOCK", 50)


@pytest.mark.parametrize("spread", [10, 3000])
@pytest.mark.parametrize("above", [0.0, 0.3])
def test_m13_an_index_finds_what_each_with_each_finds(small_limits, spread, above):
    rng = np.random.default_rng(2)
    corners = rng.uniform(0, spread, (400, 2))
    a = np.hstack([corners, corners + rng.uniform(1, 30, (400, 2))])
    b = a[rng.permutation(400)[:300]] + rng.uniform(-3, 3, (300, 4))
    b[5] = np.nan
    groups, others = rng.integers(0, 3, 400), rng.integers(0, 3, 300)
    found = ops.grouped_box_iou(a, b, groups, others, above=above)
    dense = np.where(groups[:, None] == others, ops.box_iou(a, b), 0.0)
    i, j = np.nonzero(dense > above)
    np.testing.assert_array_equal(found.i, i)
    np.testing.assert_array_equal(found.j, j)
    np.testing.assert_array_equal(found.overlap, dense[i, j])


def consensus_of(kind, boxes, **votes):
    if kind == "boxes":
        return ops.consensus_boxes(boxes, **votes)
    if kind == "clips":
        return ops.consensus_clips(boxes[:, ::2], **votes)
    if kind == "polygons":
        return ops.consensus_polygons(ops.box_polygons(boxes), **votes)
    return ops.consensus_points(boxes[:, :2], radius=9, **votes)


@pytest.mark.parametrize("kind", ["boxes", "clips", "polygons", "points"])
def test_m13_the_consensus_of_a_crowd_is_that_of_its_pairs(kind, monkeypatch, request):
    rng = np.random.default_rng(3)
    boxes = random_boxes(rng, 1)[0] + rng.uniform(-9, 9, (150, 4)) + [0, 0, 60, 60]
    votes = {"sample": rng.integers(0, 4, 150), "samples": 4, "questions": rng.integers(0, 2, 150)}
    listed = consensus_of(kind, boxes, **votes)
    request.getfixturevalue("small_limits")
    near = iou.grouped_box_overlaps(boxes, boxes, votes["questions"], votes["questions"])
    assert len(near.crowds) == 2
    for one, other in zip(consensus_of(kind, boxes, **votes), listed, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("found", [agreed, evaluated])
def test_m13_a_crowd_needs_little_memory(found):
    """All boxes overlap, so there are millions of pairs; ``benchmarks.dense`` prints seconds, too."""
    tracemalloc.start()
    try:
        found(2000, "all")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 250 * 2**20
