"""Numbers in brackets in the midst of prose: CogVLM, Ferret, Shikra, RoboPoint, RoboBrain, ShowUI, Seed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations import Box, Point
from perceptron_annotations.dialects import BracketNumbers, Brackets, write_answer
from perceptron_annotations.dialects.bracket_presets import BRACKET_PRESETS
from perceptron_annotations.errors import UnwritableError
from tests.dialects.examples import examples
from tests.dialects.surface_checks import assert_told_alike

SIZE = (640, 480)


def read(text, dialect, **options):
    return pa.parse(text, dialect=dialect, image_size=SIZE, **options)


def said(document):
    return [(tuple(n for pair in each.coordinates for n in pair), each.mention) for each in document.annotations]


def test_genuine_answers():
    (text,) = examples("cogagent")
    document = read(text, "cogvlm")
    assert document.boxes == (Box(212, 498, 787, 564, mention="CogVLM at the box"),)
    assert document.prose == "Grounded Operation:[combobox] Search -> TYPE: CogVLM at the box "
    unit, pixels = read(*examples("robopoint"), "robopoint"), read(*examples("robobrain2"), "robobrain2")
    assert [(p.x, p.y) for p in unit.points] == [(0.461, 0.527), (0.498, 0.521), (0.481, 0.521), (0.445, 0.529)]
    assert [(p.x, p.y) for p in pixels.points] == [(137, 116), (169, 94), (208, 84), (228, 80)]
    assert (unit.frame, pixels.frame) == (pa.Frame.grid(1), pa.Frame.pixels(640, 480))  # of one shape
    (click,) = read(*examples("showui"), "showui").points
    assert (click.x, click.y, click.frame) == (0.73, 0.21, pa.Frame.grid(1))


@pytest.mark.parametrize(
    ("dialect", "text", "expected", "prose"),
    [
        ("cogvlm", "A cat[[001,002,003,004]] on a [red] mat [[5, 6, 7, 8]].",
         [((1, 2, 3, 4), "A cat"), ((5, 6, 7, 8), "on a [red] mat")], "A cat on a [red] mat ."),
        ("cogvlm", "Two cats [[1,2,3,4;5,6,7,8]]", [((1, 2, 3, 4), "Two cats"), ((5, 6, 7, 8), "Two cats")],
         "Two cats "),
        ("ferret", "On the grid [0, 1000], as in [1]: a cat [1, 2, 3, 4]", [((1, 2, 3, 4), "a cat")],
         "On the grid [0, 1000], as in [1]: a cat "),
        ("shikra", "the cat[0.123,0.456,0.789,0.900] sees you (me)(0.5,0.25;0.1,1)",
         [((0.123, 0.456, 0.789, 0.9), "the cat"), ((0.5, 0.25), "sees you (me)"), ((0.1, 1), "sees you (me)")],
         "the cat sees you (me)"),
        ("robopoint", "Here: [ (0.1, .25) ,(1,0.5) ] (2 points)", [((0.1, 0.25), None), ((1, 0.5), None)],
         "Here:  (2 points)"),
        ("seed-vl", "a<bbox>1 2 3 4</bbox><point>5, 6</point>", [((1, 2, 3, 4), None), ((5, 6), None)], "a"),
        ("fuyu", "<box>20, 10, 40, 30</box> <point>5, 6</point>", [((10, 20, 30, 40), None), ((5, 6), None)], " "),
        ("seed-vl", "There are none <here> [1 2 3 4].", [], "There are none <here> [1 2 3 4]."),
    ],
)  # fmt: skip
def test_forms(dialect, text, expected, prose):
    document = read(text, dialect)
    assert (said(document), document.prose, document.errors) == (expected, prose, ())


@pytest.mark.parametrize(
    ("dialect", "text", "kept", "lost"),
    [
        ("cogvlm", "[[1,2,3;5,6,7,8;1,x,3,4;9,9,10,10;1,2,3,4,5]]", [(5, 6, 7, 8), (9, 9, 10, 10)], 3),
        ("cogvlm", "mazda [[220, <x> car [[220,416,417,720]]", [(220, 416, 417, 720)], 1),
        ("cogvlm", "[[1,2,3,4] and [[5,6,7,8]]", [(1, 2, 3, 4), (5, 6, 7, 8)], 0),
        ("robopoint", "[(0.1, 0.2), (0.3), (None, 1), (0.4, 0.5)]", [(0.1, 0.2), (0.4, 0.5)], 2),
        ("seed-vl", "<bbox>null</bbox><bbox>1 2 3 4</bbox><bbox>5 6 7<point>1 2</point>", [(1, 2, 3, 4), (1, 2)], 2),
        ("ferret", f"[{'1, ' * 90}] [1, 2, 3, 4]", [(1, 2, 3, 4)], 1),
    ],
)
def test_one_bad_element_costs_itself(dialect, text, kept, lost):
    document = read(text, dialect)
    assert [numbers for numbers, _ in said(document)] == kept
    assert [issue.code for issue in document.errors] == ["invalid_item"] * lost


def test_an_answer_cut_anywhere_keeps_what_is_whole():
    text = "Here: [(0.125, 0.25), (0.5, 0.75)]"
    for end in range(text.index("0") + 1, len(text)):
        document = read(text[:end], "robopoint")
        whole = text[:end].count("25)") + text[:end].count("75)")
        assert (len(document.points), document.truncated, document.prose) == (whole, True, "Here: "), text[:end]


def test_a_point_is_told_with_its_last_bracket():
    parser = pa.StreamParser(dialect="robopoint")
    assert [type(event).__name__ for event in parser.feed("Here: [(0.5, 0.25")] == ["TextDelta"]
    (found,) = parser.feed(")")
    assert found.annotation.x == 0.5


PARTS = [
    *("[", "[[", "]", "]]", "(", ")", "[(", ")]", "), (", ";", ",", " ", "\n", "<", "<bbox>", "</bbox>", "<point>"),
    *("</point>", "1", "2.5", "-3", "1,2", "3,4", "5 6 7 8", "a cat", ".", ": ", "x" * 70, "0" * 140),
]
everyone = pytest.mark.parametrize("dialect", BRACKET_PRESETS, ids=lambda dialect: dialect.name)


@everyone
@example("<point>]]\n</point>", [9, 10])
@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.lists(st.integers(0, 99)))
def test_any_chunks_say_what_the_whole_says(dialect, text, ends):
    assert_told_alike(dialect.name, text, [end for end in ends if end <= len(text)])


def test_what_is_written():
    cats = [Box(1, 2, 3, 4, mention="a cat"), Box(5, 6, 7, 8, mention="a cat"), Box(5, 6, 7, 8), Point(9, 10)]
    assert write_answer(cats[:3], "cogvlm") == "a cat [[001,002,003,004;005,006,007,008]]; [[005,006,007,008]]"
    assert write_answer(cats[:2], "ferret") == "a cat [1, 2, 3, 4]; a cat [5, 6, 7, 8]"
    assert write_answer([cats[2], cats[3]], "seed-vl") == "<bbox>5 6 7 8</bbox>; <point>9 10</point>"
    assert write_answer([Point(125, 250), Point(500, 750)], "robopoint") == "[(0.125, 0.250), (0.500, 0.750)]"


@pytest.mark.parametrize(
    ("dialect", "value"),
    [
        ("cogvlm", Point(1, 2)),
        ("cogvlm", Box(1, 2, 3, 4, mention="cats, dogs")),
        ("robopoint", Point(1, 2, mention="a")),
        ("seed-vl", pa.Collection([Point(1, 2)])),
    ],
)
def test_what_has_no_form_is_refused(dialect, value):
    with pytest.raises(UnwritableError):
        write_answer(value, dialect)


def test_openings_that_cannot_be_told_apart_are_refused():
    with pytest.raises(pa.UsageError, match="begins"):
        BracketNumbers(boxes=Brackets("[[", "]]"), points=Brackets("[", "]"))
