"""Values as notebooks show them."""

from xml.etree import ElementTree as ET

import pytest

from perceptron_annotations import Box, Clip, Collection, Point, Polygon, Track, parse

pytestmark = pytest.mark.backend

SVG = "{http://www.w3.org/2000/svg}"


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
    drawing = Box(1, 2, 30, 40, mention=mention)._repr_svg_()
    tags = {element.tag for element in ET.fromstring(drawing).iter()}  # noqa: S314 - our own text
    assert tags == {f"{SVG}{name}" for name in ("svg", "rect", "g", "title", "text")}
    assert drawing.isprintable()
    caption = Clip(1, mention=mention)._repr_svg_()
    tags = {element.tag for element in ET.fromstring(caption).iter()}  # noqa: S314 - our own text
    assert tags == {f"{SVG}{name}" for name in ("svg", "rect", "text")}
    assert caption.isprintable()
