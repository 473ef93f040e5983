"""Consensus of the answers in a table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, AnnotationTable, Box, Point, UsageError, ops, parse_batch
from perceptron_annotations.errors import FrameError
from tests import strategies

BOX = '<point_box mention="cat"> ({},0) ({},10) </point_box>'


def answers(*texts, keys=None):
    table = parse_batch(texts)
    return table.replace(responses=table.responses.replace(key=tuple(keys or ["q"] * len(texts))))


def test_by_hand():
    both = BOX.format(0, 10) + '<clip t="1 seconds 2 seconds" /><point_box mention="dog"> (0,0) (10,10) </point_box>'
    found = ops.consensus(answers(both, BOX.format(2, 12), "nothing there", "<point_box> (x) </point_box>"))
    # Three answers have a vote: the last could not be read.
    assert found.status.tolist() == ["ok"]
    assert found.labels.tolist() == ["cat", None, "dog"]
    assert found.score.tolist() == [2 / 3, 1 / 3, 1 / 3]
    assert found.xyxy[[0, 2]].tolist() == [[1, 0, 11, 10], [0, 0, 10, 10]]
    assert found.to_annotations()[0][0] == Box(1, 0, 11, 10, mention="cat", score=2 / 3)


def test_questions_stay_apart():
    table = answers(BOX.format(0, 10), BOX.format(0, 10), "", "<point_box> (x) </point_box>", keys="babc")
    found = ops.consensus(table)
    assert found.responses.key == ("b", "a", "c")
    assert found.status.tolist() == ["ok", "ok", "unreadable"]
    assert found.response.tolist() == [0, 1]
    assert found.score.tolist() == [0.5, 1]
    assert ops.consensus(table, questions=[1, 1, 0, 0]).score.tolist() == [1]


def test_points_ask_for_pixels_and_a_radius():
    text = "<point> (100,100) </point>"
    with pytest.raises(UsageError, match="pass radius="):
        ops.consensus(answers(text))
    with pytest.raises(FrameError, match="to_pixels"):
        ops.consensus(answers(text), radius=5)
    pixels = ops.to_pixels(answers(text, "<point> (104,100) </point>"), (1000, 500))
    found = ops.consensus(pixels, radius=5)
    assert found.to_annotations()[0] == [Point(102, 50, score=1, frame=pixels.to_annotations()[0][0].frame)]
    with pytest.raises(UsageError, match="no keys"):
        ops.consensus(parse_batch([text]))


@given(st.lists(strategies.texts, min_size=1, max_size=4), st.integers(1, 3))
def test_equal_samples_are_the_sample(texts, samples):
    """“``consensus`` of equal samples is the sample with score 1.”"""
    table = parse_batch(texts)
    table = ops.to_pixels(table.replace(asset_idx=np.full(len(table), -1, dtype=np.int32)), (1000, 1000))
    solid = (table.kind == AnnotationKind.POINT) | ((table.kind == AnnotationKind.BOX) & (ops.box_area(table.xyxy) > 0))
    once = table[solid].replace(
        responses=table.responses.replace(
            key=tuple(map(str, range(len(texts)))), status=np.zeros(len(texts), dtype=np.uint8)
        )
    )
    found = ops.consensus(AnnotationTable.concat([once] * samples), radius=1e-9, threshold=1)
    assert np.all(found.score == 1)
    assert found.response.tolist() == once.response.tolist()
    np.testing.assert_array_equal(found.xyxy, once.xyxy)
