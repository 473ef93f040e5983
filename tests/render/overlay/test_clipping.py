"""Paths and rings that are cut to an area, with Shapely as the oracle."""

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from perceptron_annotations.render.overlay.clipping import Area, clip_path, clip_ring, clip_segment

AREA = Area(10, 20, 110, 90)
RECTANGLE = shapely.box(*AREA)
#: Coarse numbers, so that corners and edges of the area are hit.
numbers = st.integers(-8, 40).map(lambda number: number * 5.0) | st.floats(-1e9, 1e9)
pairs = st.tuples(numbers, numbers)


@given(pairs, pairs)
def test_a_segment_is_cut_as_shapely_cuts_it(start, end):
    found = clip_segment(start, end, AREA)
    wanted = shapely.intersection(shapely.LineString([start, end]), RECTANGLE)
    if found is None:
        assert wanted.length < 1e-3
    else:
        assert shapely.LineString(found).length == pytest.approx(wanted.length, abs=1e-3)
        assert all(RECTANGLE.buffer(1e-3).covers(shapely.Point(pair)) for pair in found)


@given(st.lists(pairs, min_size=3, max_size=8))
def test_what_a_ring_encloses_in_the_area_stays(ring):
    shape = shapely.Polygon(ring)
    assume(shape.is_valid)
    kept = clip_ring(ring, AREA)
    wanted = shapely.intersection(shape, RECTANGLE).area
    area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(kept, [*kept[1:], *kept[:1]], strict=True))) / 2
    assert area == pytest.approx(wanted, rel=1e-3, abs=1)


@given(st.lists(st.tuples(st.floats(10, 110), st.floats(20, 90)), min_size=2, max_size=8))
def test_a_path_inside_stays_whole(path):
    assert clip_path(path, AREA) == [path]


def test_a_path_that_leaves_and_comes_back_is_in_pieces():
    assert clip_path([(20, 30), (20, 200), (60, 200), (60, 30)], AREA) == [[(20, 30), (20, 90)], [(60, 90), (60, 30)]]
