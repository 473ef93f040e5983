"""Boxes by hand, with the arithmetic in the test."""

import numpy as np
import pytest

from perceptron_annotations import UsageError, ops

nan = np.nan


@pytest.mark.parametrize(
    ("source", "target", "given", "wanted"),
    [
        ("xyxy", "xywh", [10, 20, 30, 60], [10, 20, 20, 40]),
        ("xyxy", "cxcywh", [10, 20, 30, 60], [20, 40, 20, 40]),
        ("xyxy", "xyxy", [30, 60, 10, 20], [10, 20, 30, 60]),
        ("xywh", "xyxy", [10, 20, 20, 40], [10, 20, 30, 60]),
        ("xywh", "cxcywh", [10, 20, 20, 40], [20, 40, 20, 40]),
        ("cxcywh", "xyxy", [20, 40, 20, 40], [10, 20, 30, 60]),
        ("cxcywh", "xywh", [20, 40, 20, 40], [10, 20, 20, 40]),
    ],
)
def test_layouts(source, target, given, wanted):
    np.testing.assert_array_equal(ops.box_convert([given], source, target), [wanted])


def test_a_layout_kept_is_not_recomputed():
    odd = [[0.1, 0.2, 0.3, 0.7]]
    for name in ("xywh", "cxcywh"):
        np.testing.assert_array_equal(ops.box_convert(odd, name, name), odd)


def test_areas():
    boxes = [[0, 0, 2, 3], [2, 3, 0, 0], [5, 5, 5, 9], [0, 0, 1e9, 1e9], [nan, 0, 1, 1], [0, 0, np.inf, 1]]
    np.testing.assert_array_equal(ops.box_area(boxes), [6, 6, 0, 1e18, 0, 0])


def test_pairs_of_boxes():
    a, b = [[0, 0, 4, 4]] * 4, [[2, 1, 6, 3], [4, 0, 8, 4], [5, 5, 6, 6], [1, 1, 2, 2]]
    np.testing.assert_array_equal(
        ops.box_intersection(a, b), [[2, 1, 4, 3], [4, 0, 4, 4], [nan, nan, nan, nan], [1, 1, 2, 2]]
    )
    np.testing.assert_array_equal(ops.enclosing_box(a, b), [[0, 0, 6, 4], [0, 0, 8, 4], [0, 0, 6, 6], [0, 0, 4, 4]])
    np.testing.assert_array_equal(ops.box_contains(a, b), [False, False, False, True])
    np.testing.assert_array_equal(ops.box_contains(a, a), [True] * 4)
    np.testing.assert_array_equal(ops.box_center(b), [[4, 2], [6, 2], [5.5, 5.5], [1.5, 1.5]])


def test_clipping_keeps_the_part_inside():
    np.testing.assert_array_equal(
        ops.clip_boxes_to_image([[-5, 5, 50, 500], [700, 5, 800, 9]], 640, 480), [[0, 5, 50, 480], [640, 5, 640, 9]]
    )


def test_nothing_in_nothing_out():
    assert ops.box_area([]).shape == (0,)
    assert ops.box_convert([], "xyxy", "xywh").shape == (0, 4)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: ops.box_area([1, 2, 3, 4]), r"boxes must have the shape \(N, 4\), not \(4,\)"),
        (lambda: ops.box_area([["a"] * 4]), "boxes must be numbers"),
        (
            lambda: ops.box_convert([[1, 2, 3, 4]], "xyxy", "yxyx"),
            "out_fmt must be one of xyxy, xywh, cxcywh",
        ),
        (lambda: ops.enclosing_box([[1, 2, 3, 4]], []), "as many boxes each, not 1 and 0"),
        (lambda: ops.nms([[1, 2, 3, 4]], threshold=2), "threshold must be from 0 to 1"),
        (lambda: ops.nms([[1, 2, 3, 4]], [1, 2]), "scores must be 1 numbers, not 2"),
        (lambda: ops.nms([[1, 2, 3, 4]], groups=[0.5]), "groups must be 1 whole numbers, not float64"),
        (lambda: ops.polygon_area([[1, 2]], [0, 2]), "offsets must rise from 0 to 1"),
    ],
)
def test_wrong_use_is_named(use, message):
    with pytest.raises(UsageError, match=message):
        use()


def test_arguments_are_not_changed():
    boxes = np.array([[30.0, 60, 10, 20], [nan, 0, 1, 1]])
    before = boxes.copy()
    ops.box_iou(boxes, boxes)
    ops.nms(boxes)
    ops.clip_boxes_to_image(boxes, 5, 5)
    np.testing.assert_array_equal(boxes, before)
