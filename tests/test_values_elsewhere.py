"""Values as other things see them: Shapely, notebooks, the SDK's absence."""

import sys
from xml.etree import ElementTree as ET

import pytest
import shapely
from hypothesis import given

from perceptron_annotations import Box, Clip, Collection, Frame, Point, Polygon, Track, parse
from perceptron_annotations.errors import GeometryError, MissingExtraError
from perceptron_annotations.interop import from_sdk, from_shapely, to_sdk, to_shapely
from tests import strategies

pytestmark = pytest.mark.backend

SVG = "{http://www.w3.org/2000/svg}"


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


@pytest.mark.parametrize(
    ("value", "drawn"),
    [
        (Point(500, 500), "circle"),
        (Box(10, 10, 500, 900), "rect"),
        (Polygon(((1, 1), (9, 1), (9, 9))), "polygon"),
        (Clip(1, 2.5), "text"),
        (Track((Point(1, 2),)), "circle"),
        (Collection((Box(1, 2, 3, 4), Clip(1))), "rect"),
        (parse("<point> (1,2) </point>"), "circle"),
        (parse("nothing"), "rect"),
        (parse('<point asset_idx="0"> (1,2) </point>').to_pixels(sizes=[(30, 900)]), "circle"),
    ],
)
def test_notebooks_show_the_shape(value, drawn):
    root = ET.fromstring(value._repr_svg_())  # noqa: S314 - our own text
    assert root.tag == f"{SVG}svg"
    assert list(root.iter(f"{SVG}{drawn}"))


@pytest.mark.parametrize(
    "mention", ["</title><script>alert(1)</script>", 'x" onload="y', "]]>&<", "\x1b[2J\0", "\ud800"]
)
def test_hostile_mentions_are_text(mention):
    picture = Box(1, 2, 30, 40, mention=mention)._repr_svg_()
    tags = {element.tag for element in ET.fromstring(picture).iter()}  # noqa: S314 - our own text
    assert tags == {f"{SVG}{name}" for name in ("svg", "rect", "g", "title", "text")}
    assert picture.isprintable()
    caption = Clip(1, mention=mention)._repr_svg_()
    tags = {element.tag for element in ET.fromstring(caption).iter()}  # noqa: S314 - our own text
    assert tags == {f"{SVG}{name}" for name in ("svg", "rect", "text")}
    assert caption.isprintable()


def test_a_missing_sdk_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "perceptron.pointing", None)
    for call in (lambda: to_sdk(Point(1, 2)), lambda: from_sdk(object())):
        with pytest.raises(MissingExtraError, match="pip install perceptron"):
            call()


def test_foreign_objects_are_refused():
    with pytest.raises(GeometryError, match="int is no annotation"):
        from_sdk(5)
