"""Annotations that say the same twice, in tables."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationTable, Box, Clip, Point, Polygon, ops, parse_batch
from tests import strategies

RING = ((0, 0), (9, 0), (9, 9))


def test_what_competes():
    table = AnnotationTable.from_annotations(
        [
            [
                Box(0, 0, 9, 9, mention="a"),
                Box(0, 0, 9, 9, mention="a", t=1),
                Box(0, 0, 9, 9, mention="a", asset_idx=1),
                Box(0, 0, 9, 9, mention="b"),
                Box(0, 0, 9, 9, mention="a"),  # repeats the first
                Polygon(RING),
                Polygon(RING[::-1]),  # repeats the one before
                Clip(0, 5),
                Clip(0, 5),  # and this
                Point(1, 1),
                Point(1, 1),
            ],
            [Box(0, 0, 9, 9, mention="a")],
        ]
    )
    assert ops.dedupe(table).tolist() == [0, 1, 2, 3, 5, 7, 9, 10, 11]
    assert ops.dedupe(table, by_label=False).tolist() == [0, 1, 2, 5, 7, 9, 10, 11]


def test_scores_rank():
    table = AnnotationTable.from_annotations([[Box(0, 0, 9, 9, score=0.1), Box(0, 0, 9, 9, score=0.9)]])
    assert ops.dedupe(table).tolist() == [1]


@given(st.lists(strategies.texts, max_size=4))
def test_any_table(texts):
    table = parse_batch(texts)
    kept = ops.dedupe(table)
    assert np.all(np.diff(kept) > 0)
    assert ops.dedupe(table[kept]).tolist() == list(range(len(kept)))
    assert ops.dedupe(table, threshold=1.0).tolist() == list(range(len(table)))


def test_rounding_makes_no_overlap_of_more_than_all():
    """Hypothesis found it: the polygon overlapped its like by a little more than 1."""
    text = "<polygon> (139,2) (0,64799994638428) (0,0) (2,0) (1,1) </polygon>"
    assert ops.dedupe(parse_batch([text * 2]), threshold=1.0).tolist() == [0, 1]
