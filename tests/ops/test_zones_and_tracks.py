"""Zones and time, by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import UsageError, ops
from perceptron_annotations.ops import Gap, Rings

nan = np.nan
ZONES = Rings(np.array([(0, 0), (4, 0), (4, 4), (0, 4), (4, 0), (8, 0), (8, 8.0)]), np.array([0, 4, 7]))


def test_points_in_zones():
    found = ops.points_in_regions([[1, 1], [4, 0], [7, 1], [nan, 1], [99, 0]], ZONES)
    assert found.tolist() == [[True, False], [True, True], [False, True], [False, False], [False, False]]


@given(st.lists(st.tuples(st.integers(-1, 9), st.integers(-1, 9)), max_size=6))
def test_shapely_agrees(points):
    found = ops.points_in_regions(np.array(points, dtype=float).reshape(-1, 2), ZONES)
    polygons = ops.to_shapely_polygons(*ZONES)
    assert found.tolist() == [[bool(zone.intersects(shapely.Point(point))) for zone in polygons] for point in points]


def test_share_of_boxes_in_zones():
    found = ops.boxes_in_regions([[0, 0, 2, 2], [2, 0, 6, 4], [1, 1, 1, 3]], ZONES)
    # Half of the second is in the square. Of the triangle (4,0) (8,0) (8,8), below y = 2 (x - 4), it has the part from
    # x = 4 to 6: 2 * 4 / 2 = 4 of its 16.
    np.testing.assert_allclose(found, [[1, 0], [0.5, 0.25], [0, 0]])


def test_interpolation():
    found, known = ops.interpolate_tracks([0, 2, 1], [[0, 0], [20, 0], [10, 40]], [0, 0.5, 1, 1.5, 2, 3, -1])
    np.testing.assert_array_equal(found[:5], [[0, 0], [5, 20], [10, 40], [15, 20], [20, 0]])
    assert known.tolist() == [True] * 5 + [False] * 2
    assert np.isnan(found[5:]).all()
    found, known = ops.interpolate_tracks([0, 10], [[0], [10]], [0, 5, 10], largest_gap=4)
    assert known.tolist() == [True, False, True]
    assert ops.interpolate_tracks([1, 1], [[3], [4]], [1])[0].tolist() == [[4]]
    assert ops.interpolate_tracks([], np.empty((0, 2)), [1])[1].tolist() == [False]


tenths = st.integers(0, 30).map(lambda number: number / 10)


@given(
    st.lists(st.tuples(st.integers(0, 2), tenths, tenths), max_size=12), st.lists(st.tuples(st.integers(0, 3), tenths))
)
def test_many_tracks_equal_numpy(waypoints, wanted):
    """“Batch == loop”, with ``numpy.interp`` for each track."""
    tracks, times, values = (np.array(column) for column in zip(*waypoints, strict=True)) if waypoints else [[], [], []]
    at_tracks, at = (np.array(column) for column in zip(*wanted, strict=True)) if wanted else [[], []]
    found, known = ops.interpolate_tracks(
        times,
        np.reshape(values, (-1, 1)),
        at,
        tracks=np.asarray(tracks, dtype=int),
        at_tracks=np.asarray(at_tracks, dtype=int),
    )
    for (track, moment), value, there in zip(wanted, found[:, 0], known, strict=True):
        own = sorted({time: value for number, time, value in waypoints if number == track}.items())
        inside = bool(own) and own[0][0] <= moment <= own[-1][0]
        assert there == inside
        if inside:
            assert value == pytest.approx(np.interp(moment, *zip(*own, strict=True)))


def test_gaps():
    assert ops.track_gaps([5, 0, 1, 7, 2], [0, 0, 0, 1, 1], 3) == [Gap(0, 1, 5), Gap(1, 2, 7)]
    assert ops.track_gaps([], [], 1) == []


def test_linking():
    boxes = [[0, 0, 10, 10], [50, 0, 60, 10], [1, 0, 11, 10], [52, 0, 62, 10], [2, 0, 12, 10], [0, 0, 10, 10]]
    times = [0, 0, 1, 1, 9, nan]
    assert ops.link_boxes(boxes, times).tolist() == [0, 1, 0, 1, 0, 2]
    assert ops.link_boxes(boxes, times, largest_gap=2).tolist() == [0, 1, 0, 1, 2, 3]
    assert ops.link_boxes(boxes, times, labels=[0, 0, 1, 0, 1, 0]).tolist() == [0, 1, 2, 1, 2, 3]
    assert ops.link_boxes([[0, 0, 1, 1]] * 2, [0, 0]).tolist() == [0, 1]
    assert ops.link_boxes([], []).tolist() == []


def test_wrong_use_is_named():
    with pytest.raises(UsageError, match="one row for each of 1 times"):
        ops.interpolate_tracks([1], [2], [1])
    with pytest.raises(UsageError, match="times must be 1 numbers"):
        ops.link_boxes([[0, 0, 1, 1]], [])
