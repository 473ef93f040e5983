"""The fast way through a block of recorded lines gives what the general way gives, line by line."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations.completions import bulk
from perceptron_annotations.completions.bulk import Contents, read_contents, rest_of
from perceptron_annotations.completions.plain_lines import plain_recordings
from perceptron_annotations.completions.recorded_lines import LineReader
from perceptron_annotations.completions.recordings import RecordedAsset
from perceptron_annotations.files import Block, Line

FIELDS = ("model", "finish_reason", "key", "prompt", "temperature")
NAMES = st.none() | st.sampled_from(["a", "b.png", ""]) | st.integers(0, 9)
TEXTS = st.sampled_from(["", "x", "<think>r</think><point> (1,2) </point>", "\ud800", "é\u2028"])
ODD = st.sampled_from([None, 5, "x", [], {}, [None], {"message": "busy"}, True, 1.5])


def objects(required=(), odd=ODD, **fields):
    """Objects with some of these fields, now and then with a value of another type."""
    optional = {name: values | odd for name, values in fields.items() if name not in required}
    return st.fixed_dictionaries({name: fields[name] for name in required}, optional=optional)


RARELY = st.nothing()
PARTS = st.lists(objects(odd=RARELY, type=st.just("text"), text=st.none() | TEXTS), max_size=3)
MESSAGES = objects(
    odd=RARELY,
    content=st.none() | TEXTS | PARTS | ODD,
    tool_calls=ODD,
    refusal=ODD,
    reasoning_content=st.none() | TEXTS,
    reasoning=TEXTS,
    reasoning_details=st.lists(objects(odd=RARELY, text=TEXTS, summary=TEXTS), max_size=2),
)
CHOICES = objects(
    odd=RARELY,
    message=MESSAGES | MESSAGES | MESSAGES | ODD,
    text=TEXTS,
    delta=st.none() | MESSAGES,
    finish_reason=st.sampled_from(["stop", "length", "content_filter", None]) | ODD,
    error=ODD,
)
OBJECTS = st.sampled_from(["chat.completion", "chat.completion.chunk", "text_completion", "error", None])
USAGE = st.fixed_dictionaries({}, optional={"prompt_tokens": st.integers() | ODD, "cost": st.floats(0, 1) | ODD})
BODIES = objects(
    id=NAMES,
    model=st.just("m"),
    choices=st.lists(CHOICES, max_size=3),
    error=st.none(),
    object=OBJECTS,
    message=st.none() | st.just("no"),
    usage=USAGE,
    created=st.integers() | ODD,
)
#: Whole bodies but for one field, so that this field alone decides.
ALMOST = st.fixed_dictionaries(
    {"id": st.just("a"), "choices": st.just([{"message": {"content": "x"}}])},
    optional={"object": OBJECTS | ODD, "message": ODD, "model": ODD, "results": ODD, "error": ODD, "body": ODD},
)
RESULTS = st.fixed_dictionaries(
    {
        "results": st.lists(
            objects(prompt_index=st.integers(0, 3), completions=st.lists(CHOICES, max_size=2)), max_size=2
        )
    }
)
RESPONSES = (
    BODIES
    | ALMOST
    | RESULTS
    | objects(status_code=st.sampled_from([200, 500, None]), body=BODIES | ALMOST | RESULTS, choices=st.just([]))
)
LINES = (
    BODIES
    | ALMOST
    | ALMOST.map(lambda body: {"response": body})
    | RESULTS
    | objects(
        custom_id=st.none() | st.just("c"),
        key=NAMES,
        id=NAMES,
        response=RESPONSES,
        text=TEXTS,
        finish_reason=st.sampled_from(["stop", "length", None]),
        assets=st.lists(objects(odd=RARELY, file_name=st.just("a.png"), width=st.integers(1, 9)), max_size=2),
        ended=st.booleans(),
        prompt=TEXTS,
        temperature=st.floats(0, 2),
        results=RESULTS,
    )
    | ODD
)
ENCODED = LINES.map(lambda line: json.dumps(line).encode())
RAW = ENCODED | ENCODED.map(lambda line: line + b"\r") | st.sampled_from([b"", b"{", b" ", b"[1", b'"\xff"', b"\r"])


def read(data, read_block, key=None):
    problems = []
    reader = LineReader(key=key, file="f", on_problem=problems.append)
    found = read_block(Block(3, data), reader, FIELDS)
    rest = rest_of(reader, FIELDS)
    for name in ("keys", "texts", "assets", "cuts", "endings", "details"):
        getattr(found, name).extend(getattr(rest, name))
    return found.keys, found.texts, found.assets, found.cuts, found.endings, found.details, problems


def generally(block, reader, fields):
    """All lines of a block by the general way."""
    contents = Contents(fields)
    for line in block.lines():
        contents.add_recordings(reader.read(line), line, reader.file)
    return contents


@pytest.mark.parametrize("end", [b"\n", b""])
@given(lines=st.lists(RAW, max_size=4))
@example(lines=[b'{"id": "a", "choices": [{"message": {"content": "x"}}], "object": "error"}'])
@example(lines=[b'{"id": "a", "choices": [{"message": {"content": "x"}}], "message": {}}'])
@example(lines=[b'{"id": "a", "choices": [{"message": {"content": "x"}}], "model": 5}'])
@example(lines=[b'{"key": "a", "response": {"body": null, "choices": [{"message": {"content": "x"}}]}}'])
@example(lines=[b'{"id": "a", "error": "busy"}\r'])
@example(lines=[b'{"response": null, "results": [{"completions": [{"message": {"content": "x"}}]}]}'])
@example(lines=[b'{"key": "k", "response": {"body": null, "choices": []}}', b'{"text": "x", "response": 5}'])
def test_both_ways_are_equal(lines, end):
    data = b"\n".join(lines) + end
    assert read(data, read_contents) == read(data, generally)
    assert read(data, read_contents, key="key") == read(data, generally, key="key")


@given(st.lists(CHOICES, min_size=1, max_size=3), NAMES)
def test_the_fast_way_is_taken(choices, name):
    """Else the test above would compare the general way with itself."""
    line = {"id": name, "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}] * len(choices)}
    data = json.dumps(line).encode() + b"\n"
    (decoded,) = bulk.LINES.decode_lines(data)
    contents = Contents()
    is_plain = bulk._add_plain(contents, decoded)
    assert is_plain == (len(choices) == 1 and isinstance(name, str))
    assert (is_plain or bulk._add(contents, decoded)) == (name is not None)


@given(RAW, st.sampled_from([None, "key", "id", "response.id", "text"]))
@example(b'{"id": 5, "model": 7, "choices": [{"message": {"content": "<|a|>x<|b|>", "reasoning": "hm"}}]}', None)
@example(b'{"id": "a", "choices": [{"message": {"content": "x", "reasoning_details": [{"summary": "s"}]}}] }', "id")
def test_plain_lines_are_those_of_the_general_way(data, key):
    """In every field; and nothing is told of them."""
    line, problems = Line(3, data.removesuffix(b"\r")), []
    plain = plain_recordings(line, key)
    if plain is not None:
        reader = LineReader(key=key, file="f", on_problem=problems.append)
        assert plain == [*reader.read(line), *reader.close()]
        assert problems == []


def test_a_plain_line_may_have_all_the_fields_of_an_answer():
    """Else the test above would hold for nothing."""
    message = {"content": "x", "reasoning_content": "r", "reasoning_details": [{"type": "t", "text": "r"}]}
    body = {"id": 5, "model": "m", "choices": [{"message": message, "finish_reason": "stop"}, {"message": message}]}
    assets = [{"file_name": "a.png", "width": 3, "height": 4.5}]
    line = {"response": {"status_code": 200, "body": body}, "assets": assets, "request": {"image": "i"}}
    found = plain_recordings(Line(3, json.dumps(line).encode()), "request.image")
    assert [(each.key, each.reasoning, each.choice, each.model) for each in found] == [
        ("i", "r", 0, "m"),
        ("i", "r", 1, "m"),
    ]
    assert [each.finish_reason for each in found] == ["stop", None]
    assert found[0].assets == (RecordedAsset("a.png", 3, 4.5),)
