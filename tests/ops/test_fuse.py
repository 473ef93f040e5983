"""Consensus of several samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import UsageError, ops
from tests.ops.references import iou, random_boxes, rings_of

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
SHIFTED = [(0, SQUARE), (1, SQUARE), (2, SQUARE)]


def test_by_hand():
    # Three of four samples see one box, a little moved; one sees another besides.
    boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [2, 0, 12, 10], [50, 50, 60, 60]]
    found = ops.consensus_boxes(boxes, [0, 1, 2, 2], 4)
    assert found.geometry.tolist() == [[1, 0, 11, 10], [50, 50, 60, 60]]
    assert found.score.tolist() == [0.75, 0.25]
    assert found.group.tolist() == [0, 0, 0, 1]


def test_one_sample_votes_once():
    found = ops.consensus_boxes([[0, 0, 10, 10]] * 3, [0, 0, 1], 2)
    assert found.score.tolist() == [1, 0.5]
    assert found.group.tolist() == [0, 1, 0]


def test_labels_do_not_mix():
    found = ops.consensus_boxes([[0, 0, 9, 9]] * 2, [0, 1], 2, labels=[5, 7])
    assert found.label.tolist() == [5, 7]
    assert found.score.tolist() == [0.5, 0.5]


def test_points_clips_and_counts():
    points = ops.consensus_points([[0, 0], [3, 0], [50, 0]], [0, 1, 1], 2, radius=5)
    assert points.geometry.tolist() == [[1.5, 0], [50, 0]]
    clips = ops.consensus_clips([[0, 10], [11, 1]], [0, 1], 2)
    assert clips.geometry.tolist() == [[0.5, 10.5]]
    assert ops.consensus_count([3, 2, 3]) == (3, 2 / 3)
    assert ops.consensus_count([3, 2]) == (2, 0.5)
    assert ops.consensus_boxes([], [], 3).geometry.shape == (0, 4)
    with pytest.raises(UsageError, match="threshold must be above 0"):
        ops.consensus_boxes([], [], 3, threshold=0)


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(1, 4), st.integers(0, 6))
def test_equal_samples_agree(rng, samples, count):
    """“``consensus`` of equal samples is the sample with score 1.”"""
    boxes = np.unique(np.abs(random_boxes(rng, count)), axis=0)
    boxes = boxes[ops.box_area(boxes) > 0]
    boxes = ops.box_convert(boxes, "xyxy", "xyxy")
    found = ops.consensus_boxes(
        np.tile(boxes, (samples, 1)), np.repeat(np.arange(samples), len(boxes)), samples, threshold=1.0
    )
    np.testing.assert_array_equal(found.geometry, boxes)
    assert np.all(found.score == 1)


def test_polygons_have_no_median():
    square, moved, grown = ([(x + dx, y) for x, y in corners] for dx, corners in SHIFTED)
    found = ops.consensus_polygons(rings_of(square, moved, grown, [(90, 90), (91, 90), (90, 91)]), [0, 1, 2, 2], 3)
    # The second overlaps both others by 9 / 11; these overlap each other by 8 / 12.
    assert found.row.tolist() == [1, 3]
    assert found.score.tolist() == [1, 1 / 3]
    assert found.geometry.shape == (2, 0)


def plain_consensus(boxes, sample, samples, keys, threshold):
    """The rule, as a loop: the groups as lists of rows, in the order in which they begin."""
    groups = []
    for row in sorted(range(len(boxes)), key=lambda row: (keys[row], sample[row], row)):
        best, chosen = 0.0, None
        for group in groups:
            fits = keys[group[0]] == keys[row] and all(sample[member] != sample[row] for member in group)
            overlap = iou(boxes[group[0]], boxes[row])
            if fits and overlap >= threshold and overlap > best:
                best, chosen = overlap, group
        if chosen is None:
            groups.append([row])
        else:
            chosen.append(row)
    return groups


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(1, 4), st.integers(0, 30))
def test_a_batch_equals_the_loop(rng, samples, count):
    """“Batch == loop over images.”"""
    boxes = random_boxes(rng, count, size=12)
    sample, label, question = (rng.integers(0, most, count) for most in (samples, 2, 3))
    found = ops.consensus_boxes(boxes, sample, samples, labels=label, questions=question, threshold=0.3)
    groups = plain_consensus(boxes, sample, samples, list(zip(question.tolist(), label.tolist(), strict=True)), 0.3)
    groups.sort(key=lambda rows: (question[rows[0]], -len(rows), min(rows)))
    assert [sorted(np.flatnonzero(found.group == each).tolist()) for each in range(len(groups))] == [
        sorted(rows) for rows in groups
    ]
    assert found.score.tolist() == [len(rows) / samples for rows in groups]
    ordered = np.hstack([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])])
    for rows, middle in zip(groups, found.geometry, strict=True):
        np.testing.assert_array_equal(middle, np.median(ordered[rows], axis=0))


def test_wrong_use_is_named():
    with pytest.raises(UsageError, match="sample must be from 0 to less than"):
        ops.consensus_boxes([[0, 0, 1, 1]], [2], 2)
    with pytest.raises(UsageError, match="radius must be above zero"):
        ops.consensus_points([[0, 0]], [0], 1, radius=0)
    with pytest.raises(UsageError, match="counts is empty"):
        ops.consensus_count([])
