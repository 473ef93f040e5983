"""Elements as models write them, and all that comes close: the scanner has a short way for them, and the pure parser
decides what they mean."""

from itertools import product

import pytest
from msgspec.structs import astuple

from perceptron_annotations import Mode, Span
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.markup.parsing import parse_purely, parse_within

NUMBERS = ("", "0", "7", "12", "305", "1000", "00042", "123456", "9007199254740993", "4a", "-1", "1.5", "٣")
TIMES = (
    "3",
    "3 seconds",
    "3.5 seconds",
    "4s",
    "4  seconds",
    "seconds",
    "",
    "1e3",
    ".5",
    "1e400",
    "3 secondss",
    "3 second",
)


def read(text, mode, parse):
    try:
        return repr(astuple(parse(text, Span(0, len(text)), mode=mode, cut=False)))
    except MarkupError as error:
        return repr(error.issue)


def assert_same(text):
    for mode in Mode:
        assert read(text, mode, parse_within) == read(text, mode, parse_purely), (text, mode)


@pytest.mark.parametrize("x", NUMBERS)
@pytest.mark.parametrize("gap", ["", " "])
def test_pairs(x, gap):
    for y, close in product(NUMBERS, [")", " )", "", "))", ");"]):
        pair = f"({x},{gap}{y}{close}"
        assert_same(f"<point>{gap}{pair}")
        assert_same(f"<point>{gap}{pair}</point>")
        assert_same(f"<point_box> {pair}{gap}(1,2) </point_box>")


@pytest.mark.parametrize("first", TIMES)
@pytest.mark.parametrize("end", ["/>", " />", "/", "/ >", ">", "></clip>", "> x </clip>", "/></clip>", " / />"])
def test_clips(first, end):
    for second, gap in product(("", *TIMES), [" ", " - ", ",", "  "]):
        time = f"{first}{gap}{second}" if second else first
        assert_same(f'<clip mention="a" t="{time}"{end}')
        assert_same(f'<clip t="{time}" asset_idx="2"{end}')
    assert_same(f'<clip mention="a"{end} <clip t="1"{end}')
    assert_same(f'<clip t="1" t="2"{end}')


@pytest.mark.parametrize(
    "tag",
    [
        '<point mention="a">',
        "<point>",
        '<point mention="a" t="2">',
        '<clip t="1 2" mention="a" />',
        '<clip t="2 1">',
        '<collection mention="b">',
        '<track mention="c">',
        '<point mention="AT&amp;T">',
    ],
)
@pytest.mark.parametrize("body", ["(1,2) </point>", "", "</clip>", " oops", "(1,2) </point_box>", "<b>", "x < y"])
@pytest.mark.parametrize("last", ["(3,4) </point>", "</collection></track>", "", "</track>"])
def test_the_same_tag_again_and_again(tag, body, last):
    """Its attributes are read once."""
    for count in (2, 3, 4):
        assert_same((tag + body) * count + last)
        assert_same("é" + (tag + body) * count + tag[:-1])
        assert_same((tag + body) * count + tag[:-2] + "b" + tag[-2:] + last)
