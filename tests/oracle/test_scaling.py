"""``sdk_pixel`` gives the pixels of the SDK, bit for bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perceptron.pointing.geometry import scale_point_to_pixels
from perceptron.pointing.types import SinglePoint

from perceptron_annotations import sdk_pixel

#: Odd, even and round ones, and those around the powers of two.
SIZES = [*range(1, 130), 255, 256, 257, 480, 512, 545, 640, 719, 720, 999, 1000, 1001, 1080, 1920, 2199, 4096, 7680]
GRID = range(1001)


@pytest.mark.parametrize("clamp", [True, False])
def test_whole_grid(clamp):
    # Width and height are two sizes at once; the SDK scales them alike.
    for width, height in zip(SIZES, reversed(SIZES), strict=True):
        for value in GRID:
            pixel = scale_point_to_pixels(SinglePoint(value, value), width=width, height=height, clamp=clamp)
            assert (sdk_pixel(value, width, clamp=clamp), sdk_pixel(value, height, clamp=clamp)) == (pixel.x, pixel.y)


@given(st.integers(-(10**6), 10**6), st.floats(1, 1e6), st.booleans())
def test_beyond_the_grid_and_sizes_that_are_not_whole(value, size, clamp):
    pixel = scale_point_to_pixels(SinglePoint(value, 0), width=size, height=1, clamp=clamp)
    assert sdk_pixel(value, size, clamp=clamp) == pixel.x


@pytest.mark.parametrize(
    ("value", "size", "pixel"),
    [
        (545, 100, 55),  # division first: the exact tie 54.5 would go to 54
        (500, 5, 2),  # half to even, not up
        (1000, 640, 639),  # clamped to the last pixel
        (0, 1, 0),
    ],
)
def test_examples_of_the_rule(value, size, pixel):
    assert sdk_pixel(value, size) == pixel
