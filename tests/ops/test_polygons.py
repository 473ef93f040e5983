"""Polygons: by hand, and with Shapely as the oracle."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import UsageError, ops
from tests.ops.references import rings_of as rings

SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4)]
BOW_TIE = [(0, 0), (4, 4), (4, 0), (0, 4)]
STAR = [(0, 3), (2, -3), (-3, 1), (3, 1), (-2, -3)]
NOTCHED = [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]
LINE = [(0, 0), (1, 1), (2, 2)]
SPIKE = [(0, 0), (0, 1), (0, 0), (0, 1), (1, 0)]
STRAIGHT_EDGE = [(0, 0), (2, 0), (4, 0), (4, 4), (4, 4), (0, 4)]


def test_measures_by_hand():
    given_rings = rings(
        SQUARE, BOW_TIE, NOTCHED, LINE, [], SQUARE[::-1], [(1e9, 1e9), (1e9 + 1, 1e9), (1e9 + 1, 1e9 + 1)]
    )
    # The notch takes the triangle (4,4) (2,1) (0,4) of 4 * 3 / 2 = 6.
    np.testing.assert_array_equal(ops.polygon_area(*given_rings), [16, 0, 10, 0, 0, 16, 0.5])
    bounds = ops.polygon_bounds(*given_rings)
    np.testing.assert_array_equal(bounds[[0, 3]], [[0, 0, 4, 4], [0, 0, 2, 2]])
    assert np.isnan(bounds[4]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200])
def test_what_cannot_be_measured_is_empty(bad):
    """“Degenerate input gives defined results, never NaN by accident”, and a neighbour is not touched."""
    found = rings([(0, 0), (bad, 0), (4, 4)], SQUARE)
    assert ops.polygon_area(*found).tolist() == [0, 16]
    assert np.isnan(ops.polygon_bounds(*found)).all(axis=1).tolist() == [True, False]
    assert ops.polygon_is_convex(*found).tolist() == [False, True]
    assert ops.polygon_valid_reason(*found).tolist() == ["Too few points", "Valid Geometry"]
    assert ops.polygon_iou(found, found).tolist() == [[0, 0], [0, 1]]
    assert ops.box_iou([[0, 0, bad, 4]], [[0, 0, bad, 4]]).tolist() == [[0]]
    assert ops.box_area([[0, 0, bad, 4]]).tolist() == [0]


def test_convexity():
    found = ops.polygon_is_convex(*rings(SQUARE, SQUARE[::-1], BOW_TIE, STAR, NOTCHED, LINE, STRAIGHT_EDGE, SPIKE, []))
    assert found.tolist() == [True, True, False, False, False, False, True, False, False]


def test_validity_and_repair():
    given_rings = rings(SQUARE, BOW_TIE, [(0, 0), (1, 1)])
    assert ops.polygon_valid_reason(*given_rings).tolist() == [
        "Valid Geometry",
        "Self-intersection[2 2]",
        "Too few points",
    ]
    repaired = ops.polygon_make_valid(*given_rings)
    assert shapely.area(repaired).tolist() == [16, 8, 0]


def test_simplifying():
    found = ops.polygon_simplify(*rings(STRAIGHT_EDGE, [], SQUARE), 0.1)
    assert found.offsets.tolist() == [0, 4, 4, 8]
    np.testing.assert_array_equal(np.sort(found.coords[:4], axis=0), np.sort(np.array(SQUARE), axis=0))


def test_overlap_by_hand():
    shifted = [(x + 2, y) for x, y in SQUARE]
    a, b = rings(SQUARE, BOW_TIE), rings(shifted, SQUARE, [(9, 9), (10, 9), (9, 10)])
    # 8 of 16 + 16 - 8; a bow-tie has no inside that all would agree on.
    np.testing.assert_allclose(ops.polygon_iou(a, b), [[1 / 3, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(ops.polygon_iou_aligned(rings(SQUARE), rings(shifted)), [1 / 3])
    with pytest.raises(UsageError, match="a has 2 rings and b 3"):
        ops.polygon_iou_aligned(a, b)


def test_boxes_and_polygons_mix():
    boxes = ops.box_polygons([[0, 0, 4, 2], [4, 4, 0, 0]])
    np.testing.assert_allclose(ops.polygon_iou(boxes, rings(SQUARE)), [[0.5], [1]])
    mixed = ops.shape_polygons(*rings([(0, 0), (4, 2)], SQUARE, [(1, 1)], [], [(4, 4), (0, 0)]))
    assert mixed.offsets.tolist() == [0, 4, 8, 9, 9, 13]
    np.testing.assert_allclose(ops.polygon_iou(mixed, rings(SQUARE))[:, 0], [0.5, 1, 0, 0, 1])


coordinates = st.integers(0, 12).map(float)
ring_lists = st.lists(st.lists(st.tuples(coordinates, coordinates), max_size=7), max_size=5)


@given(ring_lists, ring_lists)
def test_shapely_agrees(first, second):
    a, b = rings(*first), rings(*second)

    def polygon(ring):
        made = shapely.Polygon(ring) if len(ring) >= 3 else shapely.Polygon()
        return made if made.is_valid else shapely.Polygon()

    for i, left in enumerate(first):
        for j, right in enumerate(second):
            one, other = polygon(left), polygon(right)
            union = one.union(other).area
            wanted = one.intersection(other).area / union if union else 0.0
            assert ops.polygon_iou(a, b)[i, j] == pytest.approx(wanted, abs=1e-9)
    for ring, convex, area in zip(first, ops.polygon_is_convex(*a), ops.polygon_area(*a), strict=True):
        made = polygon(ring)
        if made.area:
            assert area == pytest.approx(made.area)
            assert convex == (made.convex_hull.area == pytest.approx(made.area))
        elif convex:
            assert not shapely.Polygon(ring).is_valid or area > 0


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(3, 20), st.sampled_from([0.0, 1e6]))
def test_convex_rings_agree_with_shapely(rng, corners, offset):
    """Both turns, touching and nested, far from the origin; and more vertices than NumPy is given."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, (2, 6, corners)), axis=2)
    found = offset + rng.integers(0, 4, (2, 6, 1, 2)) + 3 * np.stack([np.cos(angles), np.sin(angles)], axis=3)
    found[1] = found[1, :, ::-1]
    a, b = (rings(*(list(map(tuple, ring)) for ring in half)) for half in found)
    one, other = (shapely.polygons(half) for half in found)
    wanted = shapely.area(shapely.intersection(one, other)) / shapely.area(shapely.union(one, other))
    np.testing.assert_allclose(ops.polygon_iou_aligned(a, b), wanted, atol=1e-7)


def test_convex_rings_by_hand():
    inner, touching = [(1, 1), (3, 1), (3, 3), (1, 3)], [(4, 0), (8, 0), (8, 4), (4, 4)]
    a = rings(SQUARE, SQUARE, SQUARE, STRAIGHT_EDGE)
    b = rings(inner[::-1], touching, SQUARE, [(0, 0), (4, 0), (4, 4)])
    np.testing.assert_allclose(ops.polygon_iou_aligned(a, b), [0.25, 0, 1, 0.5])


@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1e9]), st.booleans())
def test_shapely_agrees_on_convex_rings(seed, scale, whole):
    """“Shapely's area”: for hulls of random points, with shared corners and edges where these are whole."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 8, (2, 20, 12, 2))
    hulls = shapely.convex_hull(shapely.multipoints(np.round(points) if whole else points))
    hulls = np.where(shapely.get_dimensions(hulls) == 2, hulls, shapely.box(0, 0, 1, 1))
    a, b = (rings(*[shapely.get_coordinates(hull)[:-1] * scale for hull in side]) for side in hulls)
    shared = shapely.area(shapely.intersection(*hulls))
    wanted = shared / (shapely.area(hulls[0]) + shapely.area(hulls[1]) - shared)
    np.testing.assert_allclose(ops.polygon_iou_aligned(a, b), wanted, atol=1e-12)
