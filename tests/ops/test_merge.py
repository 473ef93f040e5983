"""Merging by hand, and the laws of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import UsageError, ops
from tests.ops.references import random_boxes


def test_merging_by_hand():
    boxes = [[0, 0, 10, 10], [2, 0, 12, 10], [50, 0, 60, 10], [4, 0, 14, 10]]
    # 8 x 10 of 12 x 10: 2/3 with the first; the last shares 6 of 14 with it and stands alone.
    found = ops.non_max_merge(boxes, [0.9, 0.8, 0.7, 0.6])
    assert found.boxes.tolist() == [[0, 0, 12, 10], [50, 0, 60, 10], [4, 0, 14, 10]]
    assert found.scores.tolist() == [0.9, 0.7, 0.6]
    assert found.group.tolist() == [0, 0, 1, 2]
    assert np.isnan(ops.non_max_merge(boxes).scores).all()
    apart = ops.non_max_merge(boxes, labels=[0, 1, 0, 0], groups=[0, 0, 0, 1])
    assert len(apart.boxes) == 4


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(0, 30))
def test_merging_keeps_what_nms_keeps_and_covers_the_rest(rng, count):
    boxes, scores = random_boxes(rng, count, size=30), rng.integers(1, 5, count) / 4
    labels, groups = rng.integers(0, 2, count), rng.integers(0, 2, count)
    found = ops.non_max_merge(boxes, scores, labels=labels, groups=groups)
    kept = ops.nms(boxes, scores, labels=labels, groups=groups)
    assert found.group[kept].tolist() == list(range(len(kept)))
    assert np.all(ops.box_contains(found.boxes[found.group], boxes))
    assert np.all(labels[kept][found.group] == labels)


def test_fusion_by_hand():
    # 0.75 and 0.25 weigh as 3 to 1: x from 0 and 2 is 0.5; the mean score is 0.5, and two of two sources agree.
    found = ops.weighted_box_fusion([[0, 0, 10, 10], [2, 0, 12, 10], [50, 0, 60, 10]], [0.75, 0.25, 0.8], 2)
    np.testing.assert_allclose(found.boxes, [[0.5, 0, 10.5, 10], [50, 0, 60, 10]])
    np.testing.assert_allclose(found.scores, [0.5, 0.4])
    assert found.group.tolist() == [0, 0, 1]
    assert ops.weighted_box_fusion([], [], 3).boxes.shape == (0, 4)


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(1, 8), st.integers(1, 4))
def test_fusing_equal_boxes_changes_none(rng, count, sources):
    boxes = ops.box_convert(
        np.array([[20 * at, 0, 20 * at + rng.integers(1, 9), 5] for at in range(count)]), "xyxy", "xyxy"
    )
    found = ops.weighted_box_fusion(np.tile(boxes, (sources, 1)), np.full(count * sources, 0.5), sources)
    np.testing.assert_allclose(found.boxes, boxes)
    np.testing.assert_allclose(found.scores, 0.5)


def test_wrong_use_is_named():
    with pytest.raises(UsageError, match="scores must be 1 numbers above zero"):
        ops.weighted_box_fusion([[0, 0, 1, 1]], [0], 1)
    with pytest.raises(UsageError, match="sources must be at least 1"):
        ops.weighted_box_fusion([[0, 0, 1, 1]], [1], 0)
