"""What the SDK writes and scales, we write and scale, character for character and bit for bit."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perceptron.pointing.geometry import scale_box_to_pixels, scale_point_to_pixels
from perceptron.pointing.parser import PointParser, strip_tags
from perceptron.pointing.types import SinglePoint

from perceptron_annotations import Box, Point, Polygon, parse, to_markup
from perceptron_annotations.errors import UnwritableError
from perceptron_annotations.frames import sdk_pixel
from perceptron_annotations.interop import from_sdk, to_sdk
from tests import corpora, strategies


@given(strategies.sdk_objects)
def test_same_markup_as_the_sdk(value):
    assert to_markup(from_sdk(value)) == PointParser.serialize(value)


@given(strategies.sdk_objects)
def test_there_and_back(value):
    assert to_sdk(from_sdk(value)) == value


@given(strategies.values)
def test_here_and_back(value):
    assert from_sdk(to_sdk(value)) == value


def test_to_sdk_refuses_what_it_would_change():
    for value in (Point(0.5, 1), Point(1, 2, score=0.9), Point(1, 2).to(Point(1, 2).frame.UNIT)):
        with pytest.raises(UnwritableError):
            to_sdk(value)


SIZES = sorted({*range(1, 130), *random.Random(7).sample(range(130, 20_000), 60), 640, 1080, 1920, 4096})


@pytest.mark.parametrize("clamp", [True, False])
def test_pixels_of_the_whole_grid_at_many_sizes(clamp):
    for size in SIZES:
        theirs = [
            scale_point_to_pixels(SinglePoint(value, value), width=size, height=size, clamp=clamp).x
            for value in range(1001)
        ]
        assert [sdk_pixel(value, size, clamp=clamp) for value in range(1001)] == theirs


@given(st.integers(-10, 2**53), st.integers(1, 10**6), st.booleans())
def test_pixels_beyond_the_grid(value, size, clamp):
    theirs = scale_point_to_pixels(SinglePoint(value, 0), width=size, height=1, clamp=clamp).x
    assert sdk_pixel(value, size, clamp=clamp) == theirs


def test_a_box_of_the_sdk_is_two_of_our_pixels():
    box = Box(100, 200, 1000, 555)
    theirs = scale_box_to_pixels(to_sdk(box), width=640, height=427)
    ours = [sdk_pixel(value, size) for value, size in zip(box.xyxy, (640, 427) * 2, strict=True)]
    assert ours == [theirs.top_left.x, theirs.top_left.y, theirs.bottom_right.x, theirs.bottom_right.y]


@pytest.mark.parametrize("text", corpora.EVERY)
def test_prose_is_what_the_sdk_leaves(text):
    if "9" * 4301 in text:
        pytest.skip("the SDK cannot read this many digits")
    assert parse(text).prose == strip_tags(text)


@given(strategies.texts)
def test_prose_of_generated_answers(text):
    assert parse(text).prose == strip_tags(text)


def test_polygon_of_the_sdk():
    polygon = Polygon(((1, 2), (3, 4), (5, 2)), mention="a", t=1.5, asset_idx=0)
    assert PointParser.serialize(to_sdk(polygon)) == to_markup(polygon)
