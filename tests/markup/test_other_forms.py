"""Answers that are not markup and are read: JSON of our own schema, and the second form of Mk1."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import (
    AnnotationFound,
    Box,
    Clip,
    Completion,
    CompletionStream,
    IssueCode,
    IssueFound,
    Mode,
    Point,
    Status,
    StreamParser,
    TextDelta,
    parse,
    parse_batch,
    read_recordings,
    read_table,
)
from perceptron_annotations import Polygon as Ring
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.markup import Element, Outside, read_json_answer

C = IssueCode
POINT, BOX = '{"type": "point", "x": 10, "y": 20}', '{"type": "box", "x1": 1, "y1": 2, "x2": 3, "y2": 4}'
P, B = Point(10, 20), Box(1, 2, 3, 4)
REPR = "[{'point_box': (891,402), (939,495), 'label': 'brick'}, {'point_box': (1,2), (3,4), 'label': 'x'}]"

#: (answer, annotations, codes of its issues, status)
JSON = [
    (f'{{"annotations": [{POINT}, {BOX}]}}', [P, B], [], Status.OK),
    (f"[{POINT},\n {BOX}]", [P, B], [], Status.OK),
    (f"```json\n[{POINT}]\n```", [P], [], Status.OK),
    (f'```\n{{\n  "annotations": [{POINT}]}}\n```\n', [P], [], Status.OK),
    (f'\ufeff  {{"reasoning": "two [x]", "annotations": [{POINT}], "more": {{"a": [1]}}}}', [P], [], Status.OK),
    ('{"annotations": []}', [], [], Status.EMPTY),
    ('{"annotations": null}', [], [], Status.EMPTY),
    (f'[{POINT}, {{"type": "box", "x1": 1}}]', [P], [C.INVALID_ITEM], Status.PARTIAL),
    ('[{"type": "point", "x": -5, "y": 2000}]', [Point(-5, 2000)], [C.OUT_OF_RANGE] * 2, Status.OK),
    ('[{"type": "box", "x1": 9, "y1": 2, "x2": 3, "y2": 4}]', [Box(9, 2, 3, 4)], [C.SWAPPED_CORNERS], Status.OK),
    ('[{"type": "clip", "start": 3, "end": 1, "mention": null}]', [Clip(3, 1)], [C.REVERSED_CLIP], Status.OK),
    ('[{"type": "polygon", "vertices": [[1,2],[3,4],[9,1]]}]', [Ring(((1, 2), (3, 4), (9, 1)))], [], Status.OK),
    ('[{"type": "polygon", "vertices": [[1,2]]}]', [], [C.INVALID_ITEM], Status.UNREADABLE),
    ('[{"type": "point", "x": 1, "y": 2, "confidence": 0.5}]', [Point(1, 2, score=0.5)], [], Status.OK),
    ('[{"type": "point", "x": 1, "y": 2, "id": 7}]', [Point(1, 2)], [C.UNKNOWN_ATTRIBUTE], Status.OK),
    ('[{"type": "point", "x": 1e300, "y": 2}]', [], [C.INVALID_ITEM], Status.UNREADABLE),
    (f'[{POINT.replace("}", "")}, "asset_idx": {2**31}}}]', [], [C.INVALID_ITEM], Status.UNREADABLE),
    (f"[{', '.join([POINT] * 3)}]", [P] * 3, [C.REPEATED_ELEMENT], Status.OK),
    # Cut off.
    (f'{{"annotations": [{POINT}, {{"type": "bo', [P], [C.TRUNCATED_ELEMENT], Status.PARTIAL),
    (f"[{POINT}, ", [P], [], Status.OK),
    (f"```json\n[{POINT}\n```", [P], [], Status.OK),
    # Not ours, or not all of the text.
    (f"Here: [{POINT}]", [], [C.FOREIGN_MARKUP], Status.UNREADABLE),
    (f"[{POINT}] and more", [], [C.FOREIGN_MARKUP], Status.UNREADABLE),
    (f'[{POINT}, {{"type": "circle", "x": 1}}]', [], [C.FOREIGN_MARKUP], Status.UNREADABLE),
    ('[{"bbox_2d": [1, 2, 3, 4]}]', [], [C.FOREIGN_MARKUP], Status.UNREADABLE),
    ('{"annotations": "none"}', [], [], Status.EMPTY),
    ("[]", [], [], Status.EMPTY),
    ('{"type": "street"}', [], [], Status.EMPTY),
]


def told(text, mode=Mode.LENIENT, step=5):
    """The document of a stream and all its events."""
    parser = StreamParser(mode=mode)
    events = [event for at in range(0, len(text), step) for event in parser.feed(text[at : at + step])]
    return parser.close(), events, parser.closing_events


@pytest.mark.parametrize(("text", "annotations", "codes", "status"), JSON)
def test_own_json(text, annotations, codes, status):
    """core m11, m12 and issue 14, 2: "our own JSON is read at every door", and what is not ours is foreign."""
    document = parse(text)
    assert list(document.annotations) == annotations
    assert [issue.code for issue in document.issues] == codes
    assert document.status is status
    assert [span.of(text)[0] for span in document.spans] == ["{"] * len(annotations)
    spans = [node.span for node in document.nodes]
    assert [spans[0].start, *(span.end for span in spans)] == [*(span.start for span in spans), len(text)]
    table = parse_batch([text])
    assert table.status.tolist() == [status.value]
    assert table.span.tolist() == [[*span] for span in document.spans]


@pytest.mark.parametrize(("text", "annotations", "codes", "status"), JSON)
def test_a_stream_tells_it_at_its_close(text, annotations, codes, status):
    whole = parse(text)
    for step in (1, 3, 1000):
        document, before, closing = told(text, step=step)
        assert (document, document.annotations, document.issues) == (whole, whole.annotations, whole.issues)
        assert not any(isinstance(event, AnnotationFound) for event in before)
        assert [event.annotation for event in closing if isinstance(event, AnnotationFound)] == annotations
        assert [event.issue for event in closing if isinstance(event, IssueFound)] == list(whole.issues)
        assert "".join(event.text for event in (*before, *closing) if isinstance(event, TextDelta)) == whole.prose


@pytest.mark.parametrize(("text", "annotations", "codes", "status"), JSON)
def test_it_is_what_read_json_answer_reads(text, annotations, codes, status):
    """Issue 14, 2: "equal to `read_json_answer`"."""
    document = parse(text)
    if status is Status.UNREADABLE and C.FOREIGN_MARKUP in codes:
        return
    answer = read_json_answer(text)
    assert (answer.annotations, answer.spans) == (document.annotations, document.spans)
    assert answer.truncated is document.truncated


@pytest.mark.parametrize(
    ("text", "found", "problems", "truncated"),
    [
        ("{}", 0, 1, False),
        ('{"annotations": null}', 0, 0, False),
        (f'{{"reasoning": "…", "annotations": [{POINT}]}}', 1, 0, False),
        (f"\ufeff[{POINT}]", 1, 0, False),
        (f"The boxes:\n```json\n[{POINT}]\n```\n", 0, 1, False),
        ('{"annot', 0, 1, True),
        ("[", 0, 0, True),
        (f"[{POINT}, {POINT[:-4]}", 1, 1, True),
        (f"[{POINT}, nope]", 1, 1, False),
        ("", 0, 0, False),
    ],
)
def test_whole_texts(text, found, problems, truncated):
    """core m11, field A9: a text that is whole is not `truncated`, whatever stands in it."""
    answer = read_json_answer(text)
    assert (len(answer.annotations), len(answer.problems), answer.truncated) == (found, problems, truncated)


def test_odd_coordinates_are_told():
    """core m11: "coordinates -5/2000 without any problem or warning"."""
    answer = read_json_answer('[{"type": "point", "x": -5, "y": 2000}]')
    assert [issue.detail for issue in answer.issues] == ["2000", "-5"]


def test_json_is_no_prose_and_has_canonical_markup():
    text = f'{{"annotations": [{POINT}, {BOX}]}}'
    document = parse(text)
    assert document.prose == ""
    assert [type(node) for node in document.nodes] == [Outside, Element, Outside, Element, Outside]
    markup = document.to_markup()
    assert parse(markup).annotations == document.annotations
    assert parse(markup).to_markup() == markup


def test_strict_mode_raises_for_a_bad_item():
    with pytest.raises(MarkupError, match="invalid_item"):
        parse(f'[{POINT}, {{"type": "box"}}]', mode="strict")
    assert parse(f"[{POINT}]", mode="strict").annotations == (P,)


def test_markup_in_json_is_markup():
    """Where the grammar finds an element, the answer is markup, as the SDK reads it."""
    text = '[{"type": "point", "x": 1, "y": 2, "mention": "<point> (3,4) </point>"}]'
    assert parse(text).annotations == (Point(3, 4),)
    document, _, _ = told(text, step=3)
    assert document.annotations == (Point(3, 4),)


def test_special_tokens_around_json_are_salvaged():
    text = f"<|endoftext|>[{POINT}]<|im_end|>\n"
    document = parse(text, mode="salvage")
    assert (document.annotations, document.prose) == ((P,), "")
    assert told(text, Mode.SALVAGE, step=2)[0].annotations == (P,)
    assert parse(text).status is Status.UNREADABLE


def test_our_own_json_at_every_door(tmp_path):
    """Issue 14, 2: recordings, completions, streams and tables read it as ``parse`` does."""
    text = f'{{"annotations": [{POINT}, {BOX}]}}'
    body = {"choices": [{"message": {"content": f"<think>two</think>{text}"}, "finish_reason": "stop"}]}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"key": "a", "response": body}) + "\n" + json.dumps({"key": "b", "text": text}) + "\n")
    assert Completion.decode(body).answer.document.annotations == (P, B)
    assert [each.document().annotations for each in read_recordings(path)] == [(P, B)] * 2
    for threads in (1, 2):
        table = read_table(path, threads=threads)
        assert table.to_annotations() == [[P, B]] * 2
        assert table.status.tolist() == ["ok", "ok"]
    stream = CompletionStream()
    for at in range(0, len(text), 3):
        delta = {"content": text[at : at + 3]}
        assert stream.feed_chunk({"choices": [{"index": 0, "delta": delta}]}) == []
    stream.feed_chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    assert stream.close().answer.document.annotations == (P, B)
    found = [each.event for each in stream.closing_events]
    assert [each.annotation for each in found if isinstance(each, AnnotationFound)] == [P, B]


# -- the second form of Mk1 ------------------------------------------------------------------------------------------

BRICK = Box(891, 402, 939, 495, mention="brick")
#: (answer, annotations in lenient mode, codes beside repr_form, status)
SECOND = [
    (REPR, [BRICK, Box(1, 2, 3, 4, mention="x")], [], Status.OK),
    ("[{'point_box': (891,402), (939,495), 'label': 'brick'}, ...]", [BRICK], [C.IGNORED_TEXT], Status.OK),
    ("```python\n[{'label': 'brick', 'point_box': (891,402), (939,495)}]\n```", [BRICK], [], Status.OK),
    ("{'point_box': (891,402), (939,495), 'label': 'brick'}", [BRICK], [], Status.OK),
    ('[{"point_box": (891, 402), (939, 495), "mention": "brick"}]', [BRICK], [], Status.OK),
    ("[{'point': (1,2), 'label': \"it's\"}]", [Point(1, 2, mention="it's")], [], Status.OK),
    (r"[{'point': (1,2), 'label': 'it\'s \xe9 {x}'}]", [Point(1, 2, mention="it's é {x}")], [], Status.OK),
    ("[{'polygon': (1,2), (3,4), (9,1), 'label': None}]", [Ring(((1, 2), (3, 4), (9, 1)))], [], Status.OK),
    (
        "[{'point': (1,2), 't': 1.5, 'asset_idx': 2, 'confidence': 0.25}]",
        [Point(1, 2, t=1.5, asset_idx=2, score=0.25)],
        [],
        Status.OK,
    ),
    ("[{'point': (1,2), 'id': 'a'}]", [Point(1, 2)], [C.UNKNOWN_ATTRIBUTE], Status.OK),
    ("[{'point': (1,2000)}]", [Point(1, 2000)], [C.OUT_OF_RANGE], Status.OK),
    ("[{'point_box': (1,2)}, {'point': (1,2)}]", [Point(1, 2)], [C.INVALID_BOX_COORDS], Status.PARTIAL),
    ("[{'point': (1,2), 't': 'soon'}]", [], [C.INVALID_TIME], Status.UNREADABLE),
    ("[{'point': (1,2)}, {'point': (3,", [Point(1, 2)], [C.TRUNCATED_ELEMENT], Status.PARTIAL),
    ("[{'point': (1,2)}", [Point(1, 2)], [], Status.OK),
]


@pytest.mark.parametrize(("text", "annotations", "codes", "status"), SECOND)
def test_the_second_form_of_mk1(text, annotations, codes, status):
    """field A6: read in lenient and salvage, with the warning `repr_form`."""
    for mode in (Mode.LENIENT, Mode.SALVAGE):
        document = parse(text, mode=mode)
        assert list(document.annotations) == annotations
        assert [issue.code for issue in document.issues if issue.code is not C.REPR_FORM] == codes
        assert [issue.code for issue in document.issues].count(C.REPR_FORM) == 1
        assert document.status is status
        assert document.prose == ""
        assert told(text, mode, step=3)[0].issues == document.issues
    assert parse_batch([text]).coords.tolist() == [[*pair] for each in annotations for pair in each.coordinates]
    assert parse(parse(text).to_markup()).annotations == tuple(annotations)
    strict = parse(text, mode=Mode.STRICT)
    assert [issue.code for issue in strict.issues] == [C.FOREIGN_MARKUP]
    assert strict.status is Status.UNREADABLE


def test_salvage_reads_more_of_it():
    text = "[{'point_box': (1.5,2), (3,4)}, {'point_box': (5,6), (7,8), 'la"
    assert parse(text).annotations == ()
    assert parse(text, mode="salvage").annotations == (Box(1.5, 2, 3, 4), Box(5, 6, 7, 8))
    assert parse(text, mode="salvage").truncated


def test_the_second_form_with_more_around_it_is_foreign():
    for text in (f"Here: {REPR}", f"{REPR} and more", REPR.replace("]", ", {'label': 'x'}]")):
        assert [issue.code for issue in parse(text).issues] == [C.FOREIGN_MARKUP]


# -- any text --------------------------------------------------------------------------------------------------------

PIECES = [
    *("[", "]", "{", "}", ",", ":", " ", "\n", '"', "'", "\\", "(", ")", "1", "2.5", "-3", "null", "...", "```json\n"),
    *(
        '"annotations"',
        '"type"',
        '"point"',
        '"x"',
        '"y"',
        "'point_box'",
        "'label'",
        "(1,2)",
        POINT,
        BOX,
        REPR,
        "\ufeff",
    ),
    *("[{", "```", "<point> (1,2) </point>", "<|im_end|>", "é", '"box_2d": [1,2,3,4]', "&lt;", "cat"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@given(texts, st.sampled_from(Mode), st.integers(1, 9))
def test_any_text_is_read_alike_by_parse_batch_and_stream(text, mode, step):
    try:
        document = parse(text, mode=mode)
    except MarkupError as error:
        with pytest.raises(MarkupError) as caught:
            told(text, mode, step)
        assert caught.value.issue == error.issue
        return
    streamed, before, closing = told(text, mode, step)
    assert (streamed.nodes, streamed.annotations, streamed.issues) == (
        document.nodes,
        document.annotations,
        document.issues,
    )
    events = [*before, *closing]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == document.prose
    assert [event.id for event in events if isinstance(event, AnnotationFound)] == list(
        range(len(document.annotations))
    )
    assert parse_batch([text], mode=mode).status.tolist() == [document.status.value]


@given(st.lists(st.sampled_from([P, B, Clip(1, 2), Ring(((1, 2), (3, 4), (9, 1)))]), min_size=1), st.booleans())
def test_values_in_json_come_back(values, bare):
    import msgspec

    items = json.loads(msgspec.json.encode(values))
    text = json.dumps(items if bare else {"annotations": items})
    assert parse(text).annotations == tuple(values)


@pytest.mark.parametrize("mode", list(Mode))
def test_an_item_without_coordinates_before_one_that_is_cut_off(mode):
    """Found by 5 million hostile answers: it raised. It is told as the same items are if none is cut off."""
    whole = "[{'point': (1,2), 'label': 'a'}, {'label': 'b'}, {'point': (3,4)}]"
    for text in (whole, whole[:-1], whole[:-3]):
        document = parse(text, mode=mode)
        assert [(issue.code, issue.detail) for issue in document.issues] == [(C.FOREIGN_MARKUP, "json_point")]
        assert document.status is Status.UNREADABLE
