"""Answers in JSON: each container that models were seen to write, broken and cut ones, and any way to cut them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import JsonObjects
from perceptron_annotations.dialects.known_dialects import dialect_named
from perceptron_annotations.markup.piece_builder import PieceBuilder

QWEN = dialect_named("qwen3-vl")
CAT, DOG = '{"bbox_2d": [1, 2, 3, 4], "label": "cat"}', '{"label": "dog", "bbox_2d": [5, 6.5, 7, 8]}'
BOXES = (pa.Box(1, 2, 3, 4, mention="cat"), pa.Box(5, 6.5, 7, 8, mention="dog"))


def read(text, **options):
    return pa.parse(text, dialect=QWEN, **options)


@pytest.mark.parametrize(
    "text",
    [
        f"[{CAT}, {DOG}]",
        f"```json\n[\n{CAT},\n{DOG}\n]\n```",
        f"[{CAT}, {DOG}]\n```",
        f"{CAT}\n{DOG}",
        f"{CAT}, {DOG}]",
        f"[{CAT}]\n[{DOG}]",
        f'{{"detections": [{CAT}, {DOG}]}}',
        f'{{"boxes": [{CAT}, {DOG}], "count": 2}}',
        f'{{"0": [{CAT}], "1": [{DOG}]}}',
        "[{'bbox_2d': [1, 2, 3, 4], 'label': 'cat'}, {'bbox': (5, 6.5, 7, 8,), 'label': 'dog'}]",
        '[{"bbox_2d": ["1", "2", "3", "4"], "label": "cat"}, {"box": [[5, 6.5, 7, 8]], "class": "dog"}]',
        '[{"class": "cat", "x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4}]' + DOG,
        CAT + '{"name": "dog", "x": 5, "y": 6.5, "w": 2, "h": 1.5}',
        '{"object_name": "cat", "bbox": [{"x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4}]}' + DOG,
    ],
)
def test_the_container_costs_nothing(text):
    document = read(text)
    assert (document.boxes, document.status, document.prose, document.truncated) == (BOXES, "ok", "", False)


def test_prose_with_brackets_stays_prose():
    document = read(f"On the grid [0, 1] {{so}}: [{CAT}] Done, [1] more.")
    assert (document.boxes, document.prose) == (BOXES[:1], "On the grid [0, 1] {so}:Done, [1] more.")


@pytest.mark.parametrize(
    "broken",
    [
        '{"bbox_2d": [1, 2, 3], "label": "x"}',
        '{"bbox_2d": [1, null, 3, 4], "label": "x"}',
        '{"bbox_2d": [1, 2, NaN, 4], "label": "x"}',
        '{"box_2": [1, 2, 3, 4], "label": "x"}',
        '{"label": "x"}',
        '{"bbox_2d": [1, 2, 3, 4], "label"}',
        '{"bbox_2d": [1, 2, "label": "x"}',
        '{"bbox_2d": [1, 2, 3, 4], "label": "x}',
    ],
)
def test_one_bad_element_costs_itself(broken):
    document = read(f"[{CAT},\n{broken},\n{DOG}]")
    assert (document.boxes, document.status) == (BOXES, "partial")
    assert [issue.code for issue in document.errors] == ["invalid_item"]
    with pytest.raises(pa.errors.MarkupError):
        read(f"[{CAT}, {broken}, {DOG}]", mode="strict")


def test_null_says_that_the_object_is_not_there():
    document = read('[{"bbox_2d": null, "label": "cat"}]')
    assert (document.status, [issue.recovered for issue in document.issues]) == ("empty", [True])


@pytest.mark.parametrize("text", ["[]", "```json\n[]\n```", '{"detections": []}', "There are none.", ""])
def test_nothing_is_there(text):
    assert (read(text).status, read(text).issues) == ("empty", ())


@pytest.mark.parametrize("text", ["[[1, 2, 3, 4]]", "<point_box> (1,2) (3,4) </point_box>", "<loc_1><loc_2>"])
def test_another_dialect_is_told(text):
    document = read(text)
    assert (document.status, [issue.code for issue in document.issues]) == ("unreadable", ["foreign_markup"])


def test_an_answer_cut_anywhere_keeps_what_is_whole():
    text = f"```json\n[\n{CAT},\n{DOG}\n]\n```"
    for end in range(text.index("[") + 1, text.rindex("]")):
        document = read(text[:end])
        whole = (end >= text.index(CAT) + len(CAT)) + (end >= text.index(DOG) + len(DOG))
        assert (document.boxes, document.truncated) == (BOXES[:whole], True), text[:end]


PARTS = [CAT, DOG, "[", "]", ",", " ", "\n", "{", "}", '"', "'", ":", "```json", "`", "\\", "a", '{"bbox_2d": [1, 2']


def told(text, ends):
    """The pieces of a text that arrives in parts, adjacent ones of a kind joined, as nodes."""
    reader = JsonObjects().reader(7, salvage=False)
    builder = PieceBuilder(QWEN, pa.Frame.GRID)
    at = 0
    for end in [*sorted(ends), len(text)]:
        builder.tell(reader.read(text[at:end]))
        at = end
    builder.tell(reader.finish())
    return builder.nodes, builder.annotations, builder.issues, reader.truncated


@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.data())
def test_any_chunks_say_what_the_whole_says(text, data):
    """The pieces tile the answer, "in order and without a gap, and say the same however the text is cut"."""
    whole = told(text, ())
    at = 7
    for node in whole[0]:
        assert node.span.start == at < node.span.end
        at = node.span.end
    assert at == 7 + len(text)
    ends = data.draw(st.lists(st.integers(0, len(text))))
    assert told(text, ends) == whole
    assert told(text, range(len(text))) == whole


def test_the_size_of_the_image_is_asked_for():
    with pytest.raises(pa.UsageError, match="image_size"):
        pa.parse(CAT, dialect="qwen2.5-vl")
    document = pa.parse(CAT, dialect="qwen2.5-vl", image_size=(640, 480))
    assert document.frame == pa.Frame.pixels(644, 476)
    assert document.to_pixels(640, 480).boxes[0].xyxy == pytest.approx(
        (640 / 644, 2 / 476 * 480, 3 / 644 * 640, 4 / 476 * 480)
    )
