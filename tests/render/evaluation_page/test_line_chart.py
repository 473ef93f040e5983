"""Curves as SVG: their points are where they must be, gaps stay gaps, and models are told apart without colour."""

from math import nan
from xml.etree import ElementTree as ET

import pytest

from perceptron_annotations.evaluation.curves import Curve
from perceptron_annotations.render.evaluation_page.line_chart import line_chart

SVG = "{http://www.w3.org/2000/svg}"


def curve(x=(0.5, 0.75, 1.0), y=(1.0, 0.5, 0.0), **fields):
    return Curve(title="F1 over the IoU threshold", x_label="IoU", y_label="F1", x=x, y=y, **fields)


def chart(*named):
    root = ET.fromstring(line_chart(named))  # noqa: S314 - our own text
    return root, [each for each in root.iter() if each.tag.endswith("polyline")]


def points(line):
    return [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]


def texts(root):
    return [each.text for each in root.iter() if each.tag.endswith("text")]


def test_points_are_in_proportion():
    root, (line,) = chart(("a", curve()))
    (x0, y0), (x1, y1), (x2, y2) = points(line)
    assert x1 - x0 == pytest.approx(x2 - x1)
    assert y1 - y0 == pytest.approx(y2 - y1)
    assert y0 < y1 < y2  # more is higher
    labels = {each.text: float(each.get("y")) for each in root.iter() if each.get("text-anchor") == "end"}
    assert labels["1"] - y0 == pytest.approx(labels["0"] - y2)  # the ticks of y stand beside the points


def test_what_is_not_defined_is_a_gap():
    _, lines = chart(("a", curve(y=(1.0, nan, 0.0))))
    assert [len(points(line)) for line in lines] == [1, 1]
    root, lines = chart(("a", curve(y=(nan, nan, nan))))
    assert not lines
    assert "IoU" in texts(root)


def test_models_differ_in_colour_and_dash():
    root, lines = chart(("small", curve()), ("large", curve(y=(0.2, 0.1, 0.0))))
    one, two = lines
    assert one.get("stroke") != two.get("stroke")
    assert one.get("stroke-dasharray") != two.get("stroke-dasharray")
    assert {"small", "large"} <= set(texts(root))


@pytest.mark.parametrize("last", [1, 2, 7, 100, 12345])
def test_whole_numbers_have_whole_ticks(last):
    """`findings/newcomer.md`, minor 13: a whole-number axis had ticks 0.25 and 0.5."""
    root, _ = chart(("a", curve(x=(0.0, float(last)), y=(0.5, 1.0), x_is_whole=True)))
    ticks = [each.text for each in root.iter() if each.tag.endswith("text") and each.get("text-anchor") == "middle"][
        :-2
    ]
    assert all(tick.isdecimal() for tick in ticks)
    assert 2 <= len(ticks) <= 7


def test_one_point_is_a_chart_too():
    root, _ = chart(("a", curve(x=(0.5,), y=(0.25,))))
    assert "0.5" in texts(root)


def test_names_are_text_and_nothing_is_styled_inline():
    name = '"><script>alert(1)</script>'
    root, _ = chart((name, curve()))
    assert name in texts(root)
    assert not [each for each in root.iter() if "style" in each.attrib]
