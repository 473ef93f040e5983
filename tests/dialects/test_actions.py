"""Actions with a place: UI-TARS in its three forms, and calls of ``pyautogui``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations import Box, Collection, Point
from perceptron_annotations.dialects import dialect_named, write_answer
from perceptron_annotations.dialects.action_presets import ACTION_PRESETS
from perceptron_annotations.errors import UnwritableError
from tests.dialects.examples import examples
from tests.dialects.surface_checks import assert_told_alike

SIZE = (1920, 1080)


def read(text, dialect="ui-tars-1.5", **options):
    return pa.parse(text, dialect=dialect, image_size=SIZE, **options)


def placed(document):
    return [tuple(number for pair in each.coordinates for number in pair) for each in document.annotations]


def attributes(document):
    return [dict(node.attributes) for node in document.nodes if isinstance(node, pa.markup.Element)]


def test_published_answers():
    point, start_box = (read(text) for text in examples("ui-tars-1.5"))
    assert (placed(point), point.prose) == ([(200, 300)], "Thought: Click the button\nAction: ")
    assert (placed(start_box), start_box.prose) == ([(197, 525)], "Thought: xxx\nAction: ")
    assert point.frame == pa.Frame.pixels(1932, 1092)  # multiples of 28, and not our grid, whose markup looks the same
    assert point.to_pixels(*SIZE).points[0].x == pytest.approx(200 / 1932 * 1920)
    assert attributes(point) == [{"action": "click"}]


@pytest.mark.parametrize(
    ("dialect", "text", "places", "others"),
    [
        ("ui-tars", "click(start_box='<|box_start|>(100,200)<|box_end|>')", [(100, 200)], {"action": "click"}),
        ("ui-tars", "left_double(start_box='[10, 20, 30, 40]')", [(10, 20, 30, 40)], {"action": "left_double"}),
        ("ui-tars", "left_single(start_box='(573,322')", [(573, 322)], {"action": "left_single"}),
        ("ui-tars-1.5", "scroll(point='<point>5 6</point>', direction='down')", [(5, 6)],
         {"action": "scroll", "direction": "down"}),
        ("ui-tars-1.5", "drag(start_point='<point>1 2</point>', end_point='<point>3 4</point>')", [(1, 2), (3, 4)],
         {"action": "drag"}),
        ("ui-tars-1.5", 'drag(start_box="(1,2)", end_box="(3,4)")', [(1, 2), (3, 4)], {"action": "drag"}),
        ("pyautogui", "pyautogui.click(x=0.1632, y=0.2711)", [(0.1632, 0.2711)], {"action": "pyautogui.click"}),
        ("pyautogui", "pyautogui.moveTo(0.5, .25)", [(0.5, 0.25)], {"action": "pyautogui.moveTo"}),
        ("pyautogui", "pyautogui.dragTo(y=0.2, x=0.1, button='left')", [(0.1, 0.2)],
         {"action": "pyautogui.dragTo", "button": "left"}),
        ("pyautogui", "mobile.swipe(from_coord=[0.58, 0.89], to_coord=[0.6, 0.5])", [(0.58, 0.89), (0.6, 0.5)],
         {"action": "mobile.swipe"}),
    ],
)  # fmt: skip
def test_forms(dialect, text, places, others):
    document = read(f"Action: {text}\n", dialect)
    assert (placed(document), attributes(document), document.issues) == (places, [others], ())
    assert document.prose == "Action: \n"


@pytest.mark.parametrize(
    "text",
    [
        "wait()", "type(content='click here (3, 4)\\n')", "hotkey(key='ctrl c')", "finished(content='x=1, y=2')",
        "pyautogui.scroll(-5)", "pyautogui.click()", "doubleclick(x=1, y=2)", "the click (1, 2)",
        "type(content='it\\'s (')", "pyautogui.press(keys=['enter'])",
    ],
)  # fmt: skip
def test_what_has_no_place_is_prose(text):
    document = read(text)
    assert (document.annotations, document.prose, document.issues) == ((), text, ())


@pytest.mark.parametrize(
    "broken",
    ["click(start_box='(197)')", "click(point='<point>x y</point>')", "click(x=0.5)", "click(point='<point>1 2"],
)
def test_one_bad_element_costs_itself(broken):
    document = read(f"click(point='<point>1 2</point>')\n{broken}\nclick(start_box='(3,4)')")
    assert (placed(document), document.status) == ([(1, 2), (3, 4)], "partial")
    assert [issue.code for issue in document.errors] == ["invalid_item"]


def test_an_answer_cut_anywhere():
    text = "Action: drag(start_point='<point>1 2</point>', end_point='<point>3 4</point>')"
    for end in range(text.index("t=") - 1, len(text)):
        document = read(text[:end])
        assert (document.annotations, document.truncated) == ((), True), text[:end]
    assert placed(read(text[:-4], mode="salvage")) == [(1, 2)]


PARTS = [
    *(
        "click",
        "drag",
        "(",
        ")",
        "x=",
        "y=",
        "1",
        ", ",
        "0.5",
        "start_box=",
        "point=",
        "'",
        '"',
        "\\",
        "\n",
        "a",
        ".",
        "_",
    ),
    *("'<point>1 2</point>'", "'(3,4)'", "<|box_start|>", "pyautogui.", "click(x=1, y=2)", "[1, 2]", "type(content='"),
]
everyone = pytest.mark.parametrize("dialect", ACTION_PRESETS, ids=lambda dialect: dialect.name)


@everyone
@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.data())
def test_any_chunks_say_what_the_whole_says(dialect, text, data):
    assert_told_alike(dialect.name, text, data.draw(st.lists(st.integers(0, len(text)))))


def test_what_is_written():
    drag = Collection([Point(100, 200), Point(300, 400)])
    assert write_answer([Point(100, 200), drag], "ui-tars") == (
        "click(start_box='<|box_start|>(100,200)<|box_end|>')\n"
        "drag(start_box='<|box_start|>(100,200)<|box_end|>', end_box='<|box_start|>(300,400)<|box_end|>')"
    )
    assert write_answer(Point(163.2, 271.1), "pyautogui") == "pyautogui.click(x=0.1632, y=0.2711)"


@everyone
@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=3))
def test_what_is_written_is_read_back(dialect, pairs):
    document = read(write_answer([Point(x, y) for x, y in pairs], dialect, image_size=SIZE), dialect)
    assert document.issues == () or {issue.code for issue in document.issues} == {"repeated_element"}
    step = 1001 / (document.frame.width * 10**dialect.scale.decimals)
    for point, (x, y) in zip(document.points, pairs, strict=True):
        assert (point.to(pa.Frame.GRID).x, point.to(pa.Frame.GRID).y) == pytest.approx((x, y), abs=step)


@pytest.mark.parametrize(
    ("dialect", "value"),
    [
        ("ui-tars", Box(1, 2, 3, 4)),
        ("ui-tars", Point(1, 2, mention="OK")),
        ("ui-tars", Collection([Point(1, 2)] * 3)),
        ("pyautogui", Collection([Point(1, 2)] * 2)),
    ],
)
def test_what_has_no_form_is_refused(dialect, value):
    with pytest.raises(UnwritableError):
        write_answer(value, dialect)


def test_a_user_adds_actions_of_their_own():
    taps = dialect_named("pyautogui").replace(
        name="phone", surface=pa.dialects.Actions(one="tap[{x}|{y}]", two="", action="tap", names=("touch",))
    )
    assert placed(pa.parse("touch(0.5, 0.25) click(0.1, 0.2)", dialect=taps)) == [(0.5, 0.25)]
