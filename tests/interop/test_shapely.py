"""Shapes as Shapely sees them."""

import pytest
import shapely
from hypothesis import given

from perceptron_annotations import Box, Clip, Frame, Point, Polygon
from perceptron_annotations.errors import GeometryError
from perceptron_annotations.interop import from_shapely, to_shapely
from tests import strategies

pytestmark = pytest.mark.backend


@given(strategies.shapes)
def test_shapely_agrees(shape):
    """“Where a peer has a definition (Shapely's area), we give the same number.”"""
    theirs = to_shapely(shape)
    assert shape.xyxy == theirs.bounds
    if not isinstance(shape, Polygon):
        assert shape.area == theirs.area
    elif max(shape.xyxy) <= 1000:
        assert shape.area == theirs.area  # whole numbers on the grid are exact


def test_shapely_both_ways():
    context = {"mention": "x", "t": 1.0, "asset_idx": 2, "score": 0.5, "frame": Frame.UNIT}
    polygon = Polygon(((0, 0), (1, 0), (1, 1)), **context)
    assert from_shapely(to_shapely(polygon), **context) == polygon
    assert from_shapely(to_shapely(Point(1, 2))) == Point(1, 2)
    assert Box(*to_shapely(Box(3, 4, 1, 2)).bounds) == Box(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        (shapely.Polygon(), "empty"),
        (shapely.LineString([(0, 0), (1, 1)]), "LineString"),
        (shapely.MultiPoint([(0, 0)]), "one by one"),
        (shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 2, 2), "holes"),
    ],
)
def test_shapely_kinds_without_a_counterpart(geometry, message):
    with pytest.raises(GeometryError, match=message):
        from_shapely(geometry)
    with pytest.raises(GeometryError):
        to_shapely(Clip(1))
