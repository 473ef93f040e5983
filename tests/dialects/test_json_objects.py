"""Answers in JSON: each container that models were seen to write, broken and cut ones, and any way to cut them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import JsonObjects
from perceptron_annotations.dialects.known_dialects import dialect_named
from perceptron_annotations.markup.nodes import Element
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
        f"<|begin_of_box|>[{CAT}, {DOG}]<|end_of_box|><|im_end|>",
        f"```json\n<|begin_of_box|>{CAT}\n{DOG}<|end_of_box|>\n```",
        f'{{"result": {{"items": {{"found": [[{CAT}], [{DOG}]]}}}}}}',
        f"{{0: [{CAT}], 1: [{DOG}]}}",
        '[{"bbox_2d": [001, 02, 3, 4.0], "label": "cat"}, {"bbox_2d": [5, 6.5, 07, 8e0], "label": "dog"}]',
        f'{{"label": "cat", "bbox_2d": [1, 2, 3, 4], "bbox_3d": [0, 0, 1, 1, 1, 1, 0, 0, 0]}} {DOG}',
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
        '{"bbox_2d": [1, 2, 3, 4], "label": x}',
        '{"bbox_2d": [1, 2, 3, 4], "label": "x" ]',
        '{"bbox_2d": [1, 2, 3, 4], "label": "x"',
        '{"bbox_2d": [1, 2, 3, 4}',
        '{"bbox_2d": {"x_min": 1, "y_min": 2}}',
        '{"bbox_2d": {"x_min": 1, "y_min": "x}}',
        '{"bbox_2d": []}',
        '{"bbox_2d": "1, 2, 3, 4"}',
        '{"bbox_2d": [1, 2, 3, 1e999]}',
        '{"bbox_2d": [true, 2, 3, 4]}',
        '{"point_2d": [1, 2, 3, 4]}',
        '{"polygon": [[1, 2], [3, 4]]}',
        '{"bbox_3d": [0, 0, 1, 1, 1, 1, 0, 0, 0], "label": "x"}',
    ],
)
def test_one_bad_element_costs_itself(broken):
    document = read(f"[{CAT},\n{broken},\n{DOG}]")
    assert (document.boxes, document.status) == (BOXES, "partial")
    assert [issue.code for issue in document.errors] == ["invalid_item"]
    with pytest.raises(pa.errors.MarkupError):
        read(f"[{CAT}, {broken}, {DOG}]", mode="strict")


@pytest.mark.parametrize(
    ("near", "label"),
    [
        ('{"box_2": [1, 2, 3, 4], "label": "cat"}', "cat"),
        ('{"bbox_2d": [1, 2, 3, 4], "cat"}', "cat"),
        ('{"bbox_2d": [1, 2, 3, 4], "label": cat}', "cat"),
        ('{"bbox_2d": [1, 2, 3, 4], "label": "cat}\n', "cat"),
        ('{"bbox_2d": [1, 2, 3, 4], "label": "cat"', "cat"),
        ('{"bbox_2d": [1, 2, 3, 4], "label": "ca', None),
        ('{"bbox_2d": [1, 2, 3, 4]', None),
    ],
)
def test_salvage_keeps_a_near_miss(near, label):
    document = read(f"[{near}", mode="salvage")
    assert document.boxes == (pa.Box(1, 2, 3, 4, mention=label),)
    assert [issue.recovered for issue in document.issues] == [True]
    assert read(f"[{near}").boxes == ()


def test_salvage_takes_no_number_that_may_go_on():
    assert read('[{"bbox_2d": [1, 2, 3, 4', mode="salvage").boxes == ()


def test_a_missing_bracket_costs_its_own_element_where_it_stands():
    document = read(f'[{CAT}, {{"bbox_2d": [1, 2, 3, 4], "label": "x" ], [{DOG}]')
    assert (document.boxes, document.truncated) == (BOXES, False)
    assert [issue.span.of(document.source) for issue in document.issues] == ['{"bbox_2d": [1, 2, 3, 4], "label": "x" ']


def test_a_box_in_space_is_told_as_such():
    document = read('[{"bbox_3d": [0, 0, 1, 1, 1, 1, 0, 0, 0], "label": "x"}]')
    assert (document.status, document.issues[0].detail[:20]) == ("unreadable", "a box in space has n")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('{"label": "a", "bbox_2d": [1, 2, 3, 4], "label": "b", "bbox_2d": [5, 6, 7, 8]}', ["a", "b"]),
        ('{"label": "a", "bbox_2d": [1, 2, 3, 4], "bbox_2d": [5, 6, 7, 8]}', ["a", "a"]),
        ('{"bbox_2d": [1, 2, 3, 4], "bbox_2d": [5, 6, 7, 8], "label": "a"}', ["a", "a"]),
    ],
)
def test_a_key_that_stands_twice_loses_nothing_and_is_told(text, labels):
    document = read(text)
    assert [(box.x1, box.mention) for box in document.boxes] == [(1, labels[0]), (5, labels[1])]
    assert [issue.recovered for issue in document.issues] == [True]


def test_several_boxes_in_one_object_are_one_element():
    document = read('{"label": "a", "box": [[1, 2, 3, 4], [5, 6, 7, 8]]}')
    assert [box.mention for box in document.boxes] == ["a", "a"]
    assert [len(group.children) for group in document.collections] == [2]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ('"mask": "data:image/png;base64,iVBORw0KGgo="', "data:image/png;base64,iVBORw0KGgo="),
        ('"mask": "<start_of_mask><seg_115><seg_7>"', "<start_of_mask><seg_115><seg_7>"),
        ('"mask": "gimme_mask_for_this"', "gimme_mask_for_this"),
    ],
)
def test_a_mask_that_is_no_polygon_is_kept_as_it_is(field, value):
    document = pa.parse(f'[{{"box_2d": [2, 1, 4, 3], {field}, "label": "cat"}}]', dialect="gemini")
    assert document.boxes == BOXES[:1]
    assert [node.attributes for node in document.nodes if isinstance(node, Element)] == [(("mask", value),)]


def test_a_polygon_beside_its_box_is_one_element_with_both():
    """Gemini 3.6 has x first in the polygon, and y first in the box."""
    text = '{"boxes": [{"box_2d": [2, 1, 4, 3], "label": "cat", "mask": [[1, 2], [3, 2], [3, 4]]}]}'
    document = pa.parse(text, dialect="gemini")
    assert (document.boxes, len(document.collections)) == (BOXES[:1], 1)
    assert document.polygons == (pa.Polygon(((1, 2), (3, 2), (3, 4)), mention="cat"),)


@pytest.mark.parametrize(
    "mask", ["[2, 1, 2, 3, 4, 3]", "[[2, 1], [2, 3], [4, 3]]", "[[2, 1, 2, 3], [4, 3]]", "[[[2, 1], [2, 3], [4, 3]]]"]
)
def test_a_polygon_may_be_flat_or_in_chunks(mask):
    """Robotics-ER has y first in a polygon, too."""
    document = pa.parse(f'[{{"mask": {mask}, "label": "cat"}}]', dialect="gemini-robotics-er")
    assert document.polygons == (pa.Polygon(((1, 2), (3, 2), (3, 4)), mention="cat"),)


def test_several_polygons_of_one_object():
    document = read('{"segmentation": [[1, 2, 3, 2, 3, 4], [5, 6, 7, 6, 7, 8]], "label": "cat"}')
    assert [polygon.vertices[0] for polygon in document.polygons] == [(1, 2), (5, 6)]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"0": [{CAT}], "12": [{DOG}], "13": []}}',
        f"{{0: [{CAT}], 12: [{DOG}]}}",
    ],
)
def test_a_number_as_key_is_a_second_if_the_dialect_says_so(text):
    assert [(box.mention, box.t) for box in pa.parse(text, dialect="glm").boxes] == [("cat", 0.0), ("dog", 12.0)]
    assert [(box.mention, box.t) for box in read(text).boxes] == [("cat", None), ("dog", None)]


def test_the_time_of_an_element():
    times = ['"time": 1.5', '"timestamp": "00:03.25"', '"t": "2s"', '"time": "later"']
    document = read("".join(f'{{{time}, "bbox_2d": [1, 2, 3, 4]}}' for time in times))
    assert [each.t for each in document.annotations] == [1.5, 3.25, 2.0, None]


@pytest.mark.parametrize(
    "text",
    [
        '{"start": "00:02", "end": "01:05.5", "caption": "a man runs"}',
        '{"start_time": 2, "end_time": "65.5s", "description": "a man runs"}',
        "{'start': '0:00:02', 'end': 65.5, 'label': 'a man runs'}",
    ],
)
def test_a_start_and_an_end_are_a_clip(text):
    assert read(f"[{text}]").annotations == (pa.Clip(2, 65.5, mention="a man runs"),)


def test_a_clip_without_a_time_is_told():
    assert [issue.code for issue in read('[{"start": "soon", "end": 2, "caption": "a"}]').issues] == ["invalid_item"]


@pytest.mark.parametrize(
    ("text", "value", "attributes"),
    [
        ('{"action_type": "click", "box_2d": [[1, 2, 3, 4]]}', pa.Box(1, 2, 3, 4), (("action_type", "click"),)),
        ('{"action": "left_click", "coordinate": [1, 2]}', pa.Point(1, 2), (("action", "left_click"),)),
        (
            '<tool_call>\n{"name": "computer", "arguments": {"action": "scroll", "coordinate": [1, 2]}}\n</tool_call>',
            pa.Point(1, 2),
            (("action", "scroll"),),
        ),
        (
            "{'action': 'CLICK', 'value': None, 'position': [1, 2]}",
            pa.Point(1, 2),
            (("action", "CLICK"), ("value", "null")),
        ),
    ],
)
def test_clicks(text, value, attributes):
    document = read(text)
    assert document.annotations == (value,)
    assert [node.attributes for node in document.nodes if isinstance(node, Element)] == [attributes]


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
PARTS += ["<|end|>", "<", "|", "0", "{0: [", '"x": ', '"label": "x"']


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
