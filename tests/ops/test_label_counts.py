"""Counts by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import UsageError, ops, parse, parse_batch
from perceptron_annotations.ops import LabelMap
from tests import strategies

TEXTS = [
    '<point mention="Cat"> (1,2) </point> <point mention="cats"> (1,2) </point> <point> (3,4) </point>',
    '<track mention="cat"> <point t="0"> (1,2) </point> <point t="1"> (1,3) </point> </track>',
    "",
]


def test_by_label_and_response():
    table = parse_batch(TEXTS)
    found = ops.count_labels(table)
    assert found.labels == ("Cat", "cats", "cat")
    assert found.counts.tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert found.unlabelled.tolist() == [1, 0, 0]
    assert ops.count_labels(table, objects=False).counts.tolist()[1] == [0, 0, 2]
    merged = ops.count_labels(table, labels=LabelMap(singular=True, synonyms={"kitten": "cat"}))
    assert (merged.labels, merged.counts.tolist()) == (("cat",), [[2], [1], [0]])
    assert ops.mentions_by_label(table.mentions, LabelMap(singular=True)) == {"cat": ["Cat", "cats", "cat"]}
    assert ops.rows_per_response(table).tolist() == [3, 2, 0]
    assert ops.rows_per_response(table, table.t > 0).tolist() == [0, 1, 0]
    assert ops.distinct_objects(table).tolist() == [0, 1, 2, 3]
    assert ops.count_labels(parse_batch([])).counts.shape == (0, 0)


def test_cells_by_hand():
    track = '<track mention="cat"> <point t="{}"> (1,2) </point> <point t="{}"> (1,3) </point> </track>'
    table = parse_batch([track.format(0, 9), '<point asset_idx="1"> (900,900) </point> <clip t="12 seconds" />'])
    times = ops.time_cells(table, [0, 5, 10])
    assert times.tolist() == [0, 1, -1, -1]
    # The track is in both stretches, and is one object in each.
    assert ops.count_labels(table, cells=times).counts.tolist() == [[1], [1]]
    assert ops.distinct_objects(table, cells=times * 0).tolist() == [0, 2, 3]
    zone = ops.Rings(np.array([(800, 800), (1000, 800), (1000, 1000), (800, 1000.0)]), np.array([0, 4]))
    zones = ops.region_cells(table, zone)
    assert zones.tolist() == [-1, -1, 0, -1]
    assert ops.count_labels(table, cells=zones).unlabelled.tolist() == [1]
    assets = ops.asset_cells(table)
    assert assets.response[assets.cells].tolist() == [0, 0, 1, 1]
    assert assets.asset_idx[assets.cells].tolist() == [-1, -1, 1, -1]
    with pytest.raises(UsageError, match="two rising times"):
        ops.time_cells(table, [5])
    with pytest.raises(UsageError, match="cells must be numbers from 0"):
        ops.count_labels(table, cells=[-2, 0, 0, 0])


@given(st.lists(strategies.texts, max_size=4), st.randoms())
def test_cells_add_up(texts, random):
    """“Counts add up”: what cells count is what a table of each cell counts."""
    table = parse_batch(texts)
    cells = np.array([random.randint(-1, 3) for _ in range(len(table))], dtype=np.int64)
    found = ops.count_labels(table, cells=cells)
    for cell, (counts, unlabelled) in enumerate(zip(found.counts, found.unlabelled, strict=True)):
        alone = ops.count_labels(table[cells == cell])
        assert counts.tolist() == alone.counts.sum(axis=0).tolist()
        assert unlabelled == alone.unlabelled.sum()


@given(st.lists(strategies.texts, max_size=4))
def test_counts_add_up(texts):
    """“Counts add up”: every object is counted once, under its label or under none."""
    table = parse_batch(texts)
    for objects, rows in ((True, len(ops.distinct_objects(table))), (False, len(table))):
        found = ops.count_labels(table, objects=objects)
        assert found.counts.sum() + found.unlabelled.sum() == rows
        assert (found.counts.sum(axis=1) + found.unlabelled).shape == (len(texts),)
    assert ops.rows_per_response(table).tolist() == [len(parse(text).annotations) for text in texts]


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("cats", "cat"),
        ("red cups", "red cup"),
        ("boxes", "box"),
        ("benches", "bench"),
        ("glasses", "glass"),
        ("berries", "berry"),
        ("bus", "bus"),
        ("glass", "glass"),
        ("tennis", "tennis"),
        ("gas", "gas"),
    ],
)
def test_singular(plural, one):
    assert ops.singular(plural) == one
