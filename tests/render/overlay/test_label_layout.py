"""Where labels go: never outside, and not on each other if there is room."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Box
from perceptron_annotations.render import DrawStyle, draw, label_colour
from perceptron_annotations.render.overlay.clipping import Area
from perceptron_annotations.render.overlay.label_layout import place_labels
from perceptron_annotations.render.overlay.label_text import LabelStyle, label_image
from tests.render.overlay.pixels import bounds, changed, is_colour, plain

WIDTH, HEIGHT = 640, 480


def overlap(one, other):
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(high, 0)


@st.composite
def shapes(draw_from):
    x, y = (sorted(draw_from(st.tuples(*[st.floats(0, extent)] * 2))) for extent in (WIDTH, HEIGHT))
    return Area(x[0], y[0], x[1], y[1])


@given(st.lists(st.tuples(shapes(), st.integers(1, 300), st.integers(1, 40)), max_size=60))
def test_no_label_is_outside(given_labels):
    areas = [each for each, _, _ in given_labels]
    sizes = [(width, height) for _, width, height in given_labels]
    for place, (width, height) in zip(place_labels(areas, sizes, (WIDTH, HEIGHT)), sizes, strict=True):
        assert place is not None
        assert 0 <= place.left <= WIDTH - width
        assert 0 <= place.top <= HEIGHT - height


@given(st.lists(shapes(), max_size=40))
def test_labels_do_not_cover_each_other_if_there_is_room(areas):
    """Labels of equal size that fill a sixth of the image always have room."""
    places = place_labels(areas, [(80, 16)] * len(areas), (WIDTH, HEIGHT))
    boxes = [(place.left, place.top, place.left + 80, place.top + 16) for place in places]
    assert all(not overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])


@given(shapes(), st.integers(1, 60), st.integers(1, 30))
def test_a_label_that_is_alone_touches_its_shape(area, width, height):
    [place] = place_labels([area], [(width, height)], (WIDTH, HEIGHT))
    assert not place.is_away
    near = (place.left - 1, place.top - 1, place.left + width + 1, place.top + height + 1)
    assert overlap(near, (area.left - 1, area.top - 1, area.right + 1, area.bottom + 1))


def test_a_label_that_is_larger_than_the_image_has_no_place():
    assert place_labels([Area(0, 0, 5, 5)], [(20, 10)], (10, 30)) == [None]


@given(shapes(), shapes())
def test_the_order_decides_nothing_but_ties(one, other):
    sizes = [(80, 16)] * 2
    straight, turned = (place_labels(each, sizes, (WIDTH, HEIGHT)) for each in ([one, other], [other, one]))
    if one.width * one.height != other.width * other.height:
        assert straight == turned[::-1]


def test_a_label_does_not_cover_a_point_if_another_side_is_free():
    point = Area(100, 80, 108, 88)
    [place] = place_labels([Area(90, 100, 200, 200)], [(60, 16)], (WIDTH, HEIGHT), [point])
    assert not overlap((place.left, place.top, place.left + 60, place.top + 16), point)


def test_work_does_not_grow_with_the_square_of_the_labels():
    """20,000 labels on one image: each pair looked at would take minutes."""
    rng = random.Random(3)
    areas = []
    for _ in range(20_000):
        left, top = rng.uniform(0, WIDTH - 9), rng.uniform(0, HEIGHT - 9)
        areas.append(Area(left, top, left + 9, top + 9))
    start = time.process_time()
    places = place_labels(areas, [(50, 12)] * len(areas), (WIDTH, HEIGHT), areas)
    assert None not in places
    assert time.process_time() - start < 20


def test_a_text_of_a_megabyte_is_a_label():
    start = time.process_time()
    drawn = draw(plain(), Box(100, 500, 900, 900, mention="long " * 200_000))
    assert bounds(changed(plain(), drawn))[0] >= 0
    assert time.process_time() - start < 2


def test_200_crowded_boxes():
    """None outside; ``python -m benchmarks.draw`` prints how many overlap."""
    rng = random.Random(20)
    words = ["cat", "dog", "person", "bicycle", "traffic light", "umbrella"]
    for width, height in ((640, 480), (1920, 1080)):
        areas, sizes = [], []
        for _ in range(200):
            wide, high = rng.uniform(0.03, 0.25) * width, rng.uniform(0.03, 0.25) * height
            left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
            areas.append(Area(left, top, left + wide, top + high))
            sizes.append(label_image(rng.choice(words), f"{rng.random():.2f}", (0, 0, 0), LabelStyle(12)).size)
        places = place_labels(areas, sizes, (width, height))
        boxes = [(at.left, at.top, at.left + w, at.top + h) for at, (w, h) in zip(places, sizes, strict=True)]
        outside = sum(box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height for box in boxes)
        hidden = sum(any(overlap(one, other) for other in boxes if other is not one) for one in boxes)
        filled = sum(w * h for w, h in sizes) / (width * height)
        assert not outside
        assert filled > 0.5 or not hidden


@pytest.mark.filterwarnings("ignore::perceptron_annotations.render.MissingGlyphWarning")
@given(st.integers(-200, 1200), st.integers(-200, 1200), st.text(min_size=1, max_size=300))
def test_the_label_of_any_box_and_text_lies_on_the_image(x, y, text):
    """Its ground is as large as it would be anywhere: nothing of it is cut off."""
    style = DrawStyle(text_size=12, line_width=1)
    colour = label_colour(text)
    label = label_image(text, "", colour, LabelStyle(12, (), 320))
    drawn = draw(plain(), Box(x, y, x + 1, y + 1, mention=text), style=style)
    left, top, right, bottom = bounds(is_colour(drawn, colour))
    assert right - left >= label.width
    assert bottom - top >= label.height


@given(st.integers(50, 600), st.integers(100, 700), st.sampled_from(["cat", "traffic light", "é"]))
def test_a_label_stands_on_its_box(x, y, text):
    """Its left edge is that of the outline, and it ends where the outline begins; below it nothing changes but that."""
    style = DrawStyle(text_size=12, line_width=2)
    colour = label_colour(text)
    width, height = label_image(text, "", colour, LabelStyle(12, (), 320)).size
    drawn = is_colour(draw(plain(), Box(x, y, x + 300, y + 200, mention=text), style=style), colour)
    left, top, _, _ = bounds(drawn)
    assert left == round(x * 0.32 - 1)
    line = round(y * 0.24 - 1)
    assert top == line - height
    ground = drawn[top:line, left : left + width]
    assert ground[0].all()
    assert ground[:, 0].all()
    assert ground[:, -1].all()
    assert ground.mean() > 0.5
    assert not drawn[top:line, left + width :].any()
