"""Moondream: objects and points by named sides, and segments as SVG paths in the sides of their box."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations import Box, Point
from perceptron_annotations.dialects import write_answer
from perceptron_annotations.dialects.svg_paths import rings_of

UNIT = pa.Frame.UNIT
BOX = '{"x_min": 0.1, "y_min": 0.2, "x_max": 0.5, "y_max": 0.6}'


def read(text, **options):
    return pa.parse(text, dialect="moondream", **options)


def test_objects_and_points():
    document = read(f'{{"objects": [{BOX}, {BOX}]}} {{"points": [{{"x": 0.1, "y": 0.2}}]}}')
    assert document.boxes == (Box(0.1, 0.2, 0.5, 0.6, frame=UNIT),) * 2
    assert document.points == (Point(0.1, 0.2, frame=UNIT),)
    assert (document.issues, document.prose) == ((), "")
    assert read('{"objects": []}').status == read('{"points": []}').status == "empty"


def test_a_segment_is_a_box_and_its_outline():
    document = read(f'{{"path": "M 0 0 L 1 0 L 1 0.5 Z M 0 0.75 h 0.5 v 0.25 z", "bbox": {BOX}}}')
    first, second = document.polygons
    assert first.vertices == ((0.1, 0.2), (0.5, 0.2), (0.5, pytest.approx(0.4)))
    assert [pytest.approx(pair) for pair in second.vertices] == [(0.1, 0.5), (0.3, 0.5), (0.3, 0.6)]
    assert (document.boxes, document.status) == ((Box(0.1, 0.2, 0.5, 0.6, frame=UNIT),), "ok")
    (element,) = document.nodes
    assert dict(element.attributes)["path"].startswith("M 0 0 L")  # with its curves, as it was sent


@pytest.mark.parametrize(
    "path", ["M 0 0.76 L 0", "M 0 0 A 1 1 0 0 0 1 1 Z", "/images/a.png", "", "M 0 0 L 1 1", "L 1e999 0"]
)
def test_a_path_that_is_no_outline_is_kept_as_it_is(path):
    document = read(f'{{"path": "{path}", "bbox": {BOX}}}')
    assert (document.boxes, document.polygons) == ((Box(0.1, 0.2, 0.5, 0.6, frame=UNIT),), ())
    assert dict(document.nodes[0].attributes) == {"path": path}


def test_what_is_written():
    assert write_answer([Box(100, 200, 300, 400), Point(125, 250)], "moondream") == (
        '{"objects": [{"x_min": 0.1000, "y_min": 0.2000, "x_max": 0.3000, "y_max": 0.4000}]}\n'
        '{"points": [{"x": 0.1250, "y": 0.2500}]}'
    )


# -- paths -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "rings"),
    [
        ("M0,0L1,0,1,1z", [[(0, 0), (1, 0), (1, 1)]]),
        ("m 1 1 2 0 0 2 z l -1 0 0 -1", [[(1, 1), (3, 1), (3, 3)], [(1, 1), (0, 1), (0, 0)]]),
        ("M.5.5L-1-1 .25-.5", [[(0.5, 0.5), (-1, -1), (0.25, -0.5)]]),
        ("M 0 0 H 2 V 2 h -1 v 1 Z", [[(0, 0), (2, 0), (2, 2), (1, 2), (1, 3)]]),
        ("M 0 0 C 0 0 3 0 3 0 S 3 0 3 3 Z", None),
    ],
)
def test_commands_of_paths(path, rings):
    found = rings_of(path, tolerance=10)
    assert found == (rings if rings is not None else [[(0, 0), (3, 0), (3, 3)]])


Q = 4 / 3 * math.tan(math.pi / 8)  # of a circle, by one cubic curve, to 0.03 % of its radius
ABSOLUTE = f"M 1 0 C 1 {Q} {Q} 1 0 1 S -1 {Q} -1 0 S -{Q} -1 0 -1 S 1 -{Q} 1 0 Z"
RELATIVE = f"M 1 0 c 0 {Q} {Q - 1} 1 -1 1 s -1 {Q - 1} -1 -1 s {1 - Q} -1 1 -1 s 1 {1 - Q} 1 1 z"


@pytest.mark.parametrize("path", [ABSOLUTE, RELATIVE])
@pytest.mark.parametrize("tolerance", [0.1, 0.01, 0.0005])
def test_chords_stay_within_the_tolerance_of_a_circle(path, tolerance):
    (ring,) = rings_of(path, tolerance=tolerance)
    middles = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(ring, ring[1:] + ring[:1], strict=True)]
    assert all(abs(math.hypot(*point) - 1) < tolerance + 0.0003 for point in [*ring, *middles])
    assert len(ring) < 12 / math.sqrt(tolerance)


@given(st.lists(st.tuples(*[st.floats(-2, 2)] * 4), min_size=1, max_size=3))
def test_quadratic_curves_are_cubic_ones(curves):
    """SVG 2, 9.3.7: a quadratic curve is the cubic one whose control points lie two thirds of the way to its own."""
    x, y = 0.0, 0.0
    quadratic, cubic = "M 0 0", "M 0 0"
    for cx, cy, ex, ey in curves:
        quadratic += f" Q {cx!r} {cy!r} {ex!r} {ey!r}"
        pairs = [x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, ex + (cx - ex) * 2 / 3, ey + (cy - ey) * 2 / 3]
        cubic += " C " + " ".join(map(repr, (*pairs, ex, ey)))
        x, y = ex, ey
    cubic, quadratic = (rings_of(each.replace("e-", "E-"), tolerance=0.001)[0] for each in (cubic, quadratic))
    for one, other in ((cubic, quadratic), (quadratic, cubic)):
        assert all(
            min(_distance(point, a, b) for a, b in zip(other, other[1:] + other[:1], strict=True)) < 0.003
            for point in one
        )


def _distance(point, a, b):
    (px, py), (ax, ay), (bx, by) = point, a, b
    length = (bx - ax) ** 2 + (by - ay) ** 2
    t = max(0, min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length)) if length else 0
    return math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay))


@given(st.text("MmLlCcSsQqTtZzHhVvA0123456789.-, e", max_size=30))
def test_any_text_is_a_path_or_none(path):
    rings = rings_of(path, tolerance=0.001)
    assert rings is None or all(math.isfinite(number) for ring in rings for pair in ring for number in pair)
