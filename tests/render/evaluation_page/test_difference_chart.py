"""Differences of two models as a chart: bars from end to end of their intervals, on one scale around zero."""

from xml.etree import ElementTree as ET

import pytest

from perceptron_annotations.evaluation import Comparison, Estimate, Interval
from perceptron_annotations.render.evaluation_page.difference_chart import difference_chart


def compared(value, low, high, p=0.01):
    return Comparison(first=0.5, second=0.5 + value, difference=Estimate(value, Interval(low, high)), p_value=p)


def drawn(comparison, name="old", other="new"):
    root = ET.fromstring(difference_chart(comparison, name, other))  # noqa: S314 - our own text
    named = {}
    for each in root.iter():
        named.setdefault(each.get("class"), []).append(each)
    return root, named


def test_bars_and_dots_are_in_proportion():
    _, named = drawn({"f1@0.5": compared(0.1, 0.0, 0.2), "recall@0.5": compared(-0.1, -0.2, 0.0, p=0.5)})
    (one, two), (right, left) = named["interval"], named["difference"]
    middle = float(one.get("x1"))
    assert float(two.get("x2")) == pytest.approx(middle)  # both end at zero
    assert float(one.get("x2")) - middle == pytest.approx(middle - float(two.get("x1")))
    assert float(right.get("cx")) == pytest.approx((middle + float(one.get("x2"))) / 2)
    assert right.get("fill") != left.get("fill")  # a ring may be chance


def test_errors_and_what_is_not_defined_are_left_to_the_table():
    nan = float("nan")
    found = {"count_mae": compared(3, 2, 4), "f1@0.5": compared(nan, nan, nan)}
    assert difference_chart(found, "old", "new") == ""
    assert difference_chart({}, "old", "new") == ""


def test_no_difference_at_all_is_a_dot_at_zero():
    _, named = drawn({"f1@0.5": compared(0.0, 0.0, 0.0, p=1.0)})
    (dot,) = named["difference"]
    assert float(dot.get("cx")) == pytest.approx(130 + 130)


def test_names_are_text():
    root, _ = drawn({"f1@0.5": compared(0.1, 0.0, 0.2)}, "<script>", "\x1b[2J")
    assert "<script>" in "".join(root.itertext())
    assert not [each for each in root.iter() if each.tag.endswith("script")]
