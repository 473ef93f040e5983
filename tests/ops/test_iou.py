"""Overlap: hand-made cases, pycocotools and plain loops as oracles, and the laws that hold of every input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask

from perceptron_annotations import UsageError, ops
from tests.ops.references import iou, random_boxes

nan, inf = np.nan, np.inf
numbers = st.integers(0, 40).map(float) | st.floats(-1e6, 1e6)
box_arrays = st.integers(0, 6).flatmap(lambda count: arrays(np.float64, (count, 4), elements=numbers))


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], 1),
        ([0, 0, 2, 2], [1, 1, 3, 3], 1 / 7),  # 1 / (4 + 4 - 1)
        ([0, 0, 2, 2], [2, 0, 4, 2], 0),  # they touch
        ([0, 0, 10, 10], [2, 2, 7, 7], 0.25),  # nested: 25 / 100
        ([2, 2, 0, 0], [0, 0, 2, 2], 1),  # swapped corners
        ([1, 1, 1, 1], [1, 1, 1, 1], 0),  # no area
        ([0, 0, 5, 0], [0, 0, 5, 5], 0),
        ([0, 0, 1e9, 1e9], [0, 0, 1e9, 5e8], 0.5),  # int32 areas would overflow
        ([0.1, 0.1, 0.2, 0.2], [0.1, 0.1, 0.2, 0.15], 0.5),
        ([nan, 0, 1, 1], [0, 0, 1, 1], 0),
        ([0, 0, inf, 1], [0, 0, inf, 1], 0),
    ],
)
def test_by_hand(a, b, wanted):
    for found in (ops.box_iou([a], [b])[0, 0], ops.box_iou_aligned([a], [b])[0]):
        assert found == pytest.approx(wanted, abs=1e-12)


def test_other_forms_by_hand():
    # The box around both is 3 x 3 = 9, of which 9 - 7 = 2 is covered by neither.
    np.testing.assert_allclose(ops.generalized_box_iou([[0, 0, 2, 2]], [[1, 1, 3, 3]]), [[1 / 7 - 2 / 9]])
    # 4 x 1 around two unit boxes that are 2 apart: 2 of 4 is covered by neither.
    np.testing.assert_allclose(ops.generalized_box_iou_aligned([[0, 0, 1, 1]], [[3, 0, 4, 1]]), [-0.5])
    np.testing.assert_allclose(ops.box_ios([[0, 0, 10, 10]], [[2, 2, 7, 7]]), [[1]])
    np.testing.assert_allclose(ops.box_ios_aligned([[0, 0, 2, 2]], [[1, 1, 3, 5]]), [0.25])
    np.testing.assert_allclose(ops.clip_iou([[0, 4]], [[2, 6], [4, 0], [5, 5], [nan, 1]]), [[2 / 6, 1, 0, 0]])
    np.testing.assert_allclose(ops.clip_iou_aligned([[0, 4]], [[3, 5]]), [0.2])


def test_tiles_meet_without_a_seam():
    rng = np.random.default_rng(1)
    a, b = random_boxes(rng, 70), random_boxes(rng, 5000)
    np.testing.assert_array_equal(ops.box_iou(a, b), [[iou(left, right) for right in b] for left in a])


def test_pycocotools_agrees():
    rng = np.random.default_rng(2)
    a, b = (ops.box_convert(random_boxes(rng, 60, whole=False), "xyxy", "xywh") for _ in range(2))
    a, b = a[(a[:, 2:] > 0).all(axis=1)], b[(b[:, 2:] > 0).all(axis=1)]
    wanted = mask.iou(a, b, np.zeros(len(b), dtype=np.uint8))
    ours = ops.box_iou(ops.box_convert(a, "xywh", "xyxy"), ops.box_convert(b, "xywh", "xyxy"))
    np.testing.assert_allclose(ours, wanted, rtol=1e-12, atol=1e-15)


@given(box_arrays, box_arrays)
def test_laws(a, b):
    """“IoU symmetric, 1 on itself, invariant under translation, scale and flip”, and never NaN."""
    found = ops.box_iou(a, b)
    assert found.shape == (len(a), len(b))
    assert np.all((found >= 0) & (found <= 1 + 1e-12))
    np.testing.assert_array_equal(found, ops.box_iou(b, a).T)
    np.testing.assert_array_equal(ops.box_iou_aligned(a, a), (ops.box_area(a) > 0).astype(float))
    np.testing.assert_array_equal(ops.box_iou(-a, -b), found)
    np.testing.assert_allclose(ops.box_iou(a * 4, b * 4), found, rtol=1e-12)
    assert np.all(ops.generalized_box_iou(a, b) <= found + 1e-12)
    assert np.all(ops.box_ios(a, b) >= found - 1e-12)
    whole_a, whole_b = np.round(a), np.round(b)
    np.testing.assert_array_equal(ops.box_iou(whole_a + 7, whole_b + 7), ops.box_iou(whole_a, whole_b))


@given(box_arrays, box_arrays, st.data())
def test_groups_equal_a_loop_over_them(a, b, data):
    """“Equality to the reference for every batch form: batch == loop over images.”"""
    groups_a = np.array(data.draw(st.lists(st.integers(-2, 2), min_size=len(a), max_size=len(a))), dtype=int)
    groups_b = np.array(data.draw(st.lists(st.integers(-2, 2), min_size=len(b), max_size=len(b))), dtype=int)
    pairs = ops.grouped_box_iou(a, b, groups_a, groups_b)
    wanted = [
        (i, j, ops.box_iou(a[[i]], b[[j]])[0, 0])
        for i in range(len(a))
        for j in range(len(b))
        if groups_a[i] == groups_b[j]
    ]
    assert list(zip(*(column.tolist() for column in pairs), strict=True)) == [each for each in wanted if each[2] > 0]


def test_many_groups_in_chunks():
    rng = np.random.default_rng(3)
    a, b = random_boxes(rng, 3000), random_boxes(rng, 3000)
    groups_a, groups_b = rng.integers(0, 40, 3000), rng.integers(0, 40, 3000)
    pairs = ops.grouped_box_iou(a, b, groups_a, groups_b, above=0.3)
    dense = ops.box_iou(a, b) * (groups_a[:, None] == groups_b)
    assert set(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)) == set(zip(*np.nonzero(dense > 0.3), strict=True))
    np.testing.assert_array_equal(pairs.overlap, dense[pairs.i, pairs.j])
    shared = ops.grouped_box_iou(a, b, groups_a, groups_a)
    apart = ops.grouped_box_iou(a, b, groups_a, groups_a.copy())
    for column, same in zip(shared, apart, strict=True):
        np.testing.assert_array_equal(column, same)
    with pytest.raises(UsageError, match="b_groups must be 2999 whole numbers"):
        ops.grouped_box_iou(a, b[1:], groups_a, groups_a)
    clips = ops.grouped_clip_iou(a[:, :2], b[:, :2], groups_a, groups_b)
    np.testing.assert_array_equal(clips.overlap, ops.clip_iou(a[:, :2], b[:, :2])[clips.i, clips.j])


def test_e8_imaginary_and_masked_numbers_are_refused():
    """They would lose their imaginary part, or their mask, without a word."""
    masked = np.ma.masked_array(np.array([[0.0, 0, 1, 1]]), mask=[[True, False, False, False]])
    for boxes in (np.array([[0, 0, 1 + 1j, 1]]), masked):
        with pytest.raises(UsageError, match="must be real numbers, none of them masked"):
            ops.box_iou(boxes, [[0, 0, 1, 1]])
    unmasked = np.ma.masked_array(np.array([[0.0, 0, 1, 1]]))
    assert ops.box_iou(unmasked, [[0, 0, 1, 1]]).tolist() == [[1.0]]
