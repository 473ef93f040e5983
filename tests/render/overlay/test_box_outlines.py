"""Boxes on an image: the pixels of the outline are where they must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Box, Frame
from perceptron_annotations.render import DrawStyle, draw, label_colour
from perceptron_annotations.render.overlay.palette import ink_on
from tests.render.overlay.pixels import bounds, changed, is_colour, plain

BARE = DrawStyle(labels=False, scores=False, line_width=2)
COLOUR = label_colour(None)

sides = st.tuples(st.integers(-300, 1300), st.integers(-300, 1300))


@given(sides, sides, st.integers(1, 9))
def test_the_outline_covers_the_sides_of_the_box(xs, ys, width):
    """Wherever a box is, its outline ends half a line beyond its sides, or at the edge of the image."""
    image = plain()
    drawn = draw(image, Box(xs[0], ys[0], xs[1], ys[1]), style=DrawStyle(labels=False, line_width=width))
    found = bounds(is_colour(drawn, COLOUR))
    assert found is not None
    for low, high, ends, extent in ((found[0], found[2], xs, 320), (found[1], found[3], ys, 240)):
        first, last = (min(max(end / 1000 * extent, 0), extent) for end in sorted(ends))
        assert abs(min(max(first - width / 2, 0), extent - width) - low) <= 0.5
        assert abs(max(min(last + width / 2, extent), low + width) - high) <= 0.5


@given(sides, sides)
def test_nothing_else_changes(xs, ys):
    """A pixel that is farther from all sides than the line and its edge are wide stays as it was."""
    image = plain()
    drawn = draw(image, Box(xs[0], ys[0], xs[1], ys[1]), style=BARE)
    (left, right), (top, bottom) = (
        sorted(min(max(end / 1000 * extent, 0), extent) for end in ends) for ends, extent in ((xs, 320), (ys, 240))
    )
    y, x = np.mgrid[0:240, 0:320] + 0.5
    beside = (np.minimum(abs(x - left), abs(x - right)) < 4) & (y > top - 4) & (y < bottom + 4)
    above = (np.minimum(abs(y - top), abs(y - bottom)) < 4) & (x > left - 4) & (x < right + 4)
    assert not (changed(image, drawn) & ~beside & ~above).any()


@pytest.mark.parametrize(
    "box",
    [
        Box(250, 500, 750, 1000),
        Box(0.25, 0.5, 0.75, 1, frame=Frame.UNIT),
        Box(80, 120, 240, 240, frame=Frame.pixels(320, 240)),
        Box(1600, 600, 4800, 1200, frame=Frame.pixels(6400, 1200)),
    ],
)
def test_every_frame_is_scaled_to_the_image(box):
    drawn = draw(plain(), box, style=BARE)
    assert bounds(is_colour(drawn, COLOUR)) == (79, 119, 241, 240)


def test_the_line_stands_off_from_an_image_of_its_own_colour():
    drawn = draw(plain(colour=COLOUR), Box(250, 250, 750, 750), style=BARE)
    assert is_colour(drawn, ink_on(COLOUR)).any()
