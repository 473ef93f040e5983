"""Constraints of every dialect: whatever they let through parses, and every answer that is written passes."""

import json
import re
from random import Random

import llguidance
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations import Severity, Status, UsageError
from perceptron_annotations.dialects import JsonObjects, Order, Scale, add_dialect, dialect_named, write_answer
from perceptron_annotations.errors import UnwritableError
from perceptron_annotations.markup import constraint_regex, json_schema
from tests.dialects.expressions import matching
from tests.dialects.forms import NAMES, SHAPES, SIZE, is_writable, labelled
from tests.markup.test_constrain import accepts, broken_rules

quick = settings(max_examples=max(6, settings().max_examples // 16), deadline=None)
OPTIONS = {"max_items": 3, "max_vertices": 5, "max_label_length": 5, "image_size": SIZE}
LABELS = ("cat", "my b", "o'2")
KINDS = {"point": "point", "box": "box", "quad": "polygon"}


def _cases():
    """Each expression that a preset has, once: a dialect, a shape, and the labels that it can write."""
    seen = set()
    for name in NAMES:
        for shape, kind in KINDS.items():
            if is_writable(name, SHAPES[shape]):
                texts = [label for label in LABELS if is_writable(name, labelled(SHAPES[shape], label))]
                expression = constraint_regex(kind, dialect=name, labels=texts or None, **OPTIONS)
                if expression not in seen:
                    yield pytest.param(name, shape, texts, id=f"{name}-{kind}")
                seen.add(expression)


CASES = list(_cases())
every = pytest.mark.parametrize(("name", "shape", "texts"), CASES)


@every
def test_what_it_matches_parses(name, shape, texts):
    """“Whatever it matches parses without errors in the dialect.”"""
    random = Random(name)
    for number in range(30):
        wants_labels = bool(texts) and (number % 2 == 0 or name == "doctags")
        expression = constraint_regex(KINDS[shape], dialect=name, labels=texts if wants_labels else None, **OPTIONS)
        text = matching(expression, random)
        document = pa.parse(text, dialect=name, image_size=SIZE, mode="strict")
        assert document.status in {Status.OK, Status.EMPTY}
        assert not document.truncated
        assert {issue.severity for issue in document.issues} <= {Severity.WARNING}
        assert "out_of_range" not in {issue.code for issue in document.issues}
        assert len(document.annotations) <= 3
        assert all(isinstance(each, type(SHAPES[shape])) for each in document.annotations)
        if wants_labels:
            assert {each.mention for each in document.annotations} <= set(texts)


@every
@quick
@given(st.data())
def test_what_is_written_matches(name, shape, texts, data):
    """“write_answer matches its own constraint”, also elements of one label that stand together."""
    found = []
    for _ in range(data.draw(st.integers(0, 3))):
        numbers = [data.draw(st.floats(0, 1)) for _ in range(8)]
        label = data.draw(st.sampled_from(texts)) if texts else None
        found.append(_placed(SHAPES[shape], sorted(numbers[:4]), numbers[4:], label))
    text = write_answer(found, name, image_size=SIZE)
    assert re.fullmatch(constraint_regex(KINDS[shape], dialect=name, labels=texts or None, **OPTIONS), text)
    if name != "doctags":
        assert re.fullmatch(constraint_regex(KINDS[shape], dialect=name, **OPTIONS), text)


def _placed(template, xs, ys, label):
    """The shape with other coordinates; those of a box are in order."""
    if isinstance(template, pa.Point):
        return pa.Point(xs[0], ys[0], frame=pa.Frame.UNIT, mention=label)
    if isinstance(template, pa.Box):
        return pa.Box(xs[0], min(ys), xs[1], max(ys), frame=pa.Frame.UNIT, mention=label)
    pairs = list(zip(xs, ys, strict=True))[: len(template.vertices)]
    return pa.Polygon(pairs, frame=pa.Frame.UNIT, mention=label)


@every
def test_engines_can_build_it(name, shape, texts):
    """No look-around, no back reference, and no repetition without an end."""
    expression = constraint_regex(KINDS[shape], dialect=name, labels=texts or None, **OPTIONS)
    bare = re.sub(r"\[[^]]*\]|\\.", "", expression)
    assert not re.search(r"[*+]|\{\d+,\}|\(\?[^:]", bare)
    tokenizer = llguidance.LLTokenizer("byte")
    grammar = llguidance.grammar_from("regex", expression)
    answer = write_answer([labelled(SHAPES[shape], texts[0] if texts else None)] * 2, name, image_size=SIZE)
    assert accepts(tokenizer, grammar, answer)
    assert not accepts(tokenizer, grammar, answer + "?")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("mistral", "999", "1000"),
        ("qwen3-vl", "1000", "1001"),
        ("minimax", "1.000", "1.001"),
        ("minimax", "0.123", "0.12"),
        ("grok", "100.0", "100.1"),
        ("florence-2", "999", "1000"),
        ("paligemma", "1023", "1024"),
        ("paligemma", "0007", "7"),
        ("cogvlm", "007", "7"),
        ("gpt", "480", "481"),
    ],
)
def test_numbers_are_those_of_the_scale(name, good, bad):
    text = write_answer([pa.Box(0, 0, 0, 0, frame=pa.Frame.UNIT, mention="cat")], name, image_size=SIZE)
    zero = re.search(r"(?<![0-9a-z])0[0.]*|(?<=loc)0000", text)[0]
    expression = re.compile(constraint_regex("box", dialect=name, labels=["cat"], image_size=SIZE))
    assert expression.fullmatch(text)
    assert expression.fullmatch(text.replace(zero, good))
    assert not expression.fullmatch(text.replace(zero, bad))


def test_x_and_y_have_the_bounds_of_their_own_sides():
    expression = re.compile(constraint_regex("box", dialect="gpt", labels=["cat"], image_size=(640, 480)))
    assert expression.fullmatch('[{"box_2d": [0, 0, 640, 480], "label": "cat"}]')
    assert not expression.fullmatch('[{"box_2d": [0, 0, 480, 640], "label": "cat"}]')
    first_y = dialect_named("gpt").replace(order=Order.YXYX)
    expression = re.compile(constraint_regex("box", dialect=first_y, labels=["cat"], image_size=(640, 480)))
    assert expression.fullmatch('[{"box_2d": [0, 0, 480, 640], "label": "cat"}]')
    assert not expression.fullmatch('[{"box_2d": [0, 0, 640, 480], "label": "cat"}]')


def test_clips_are_constrained_too():
    expression = re.compile(constraint_regex("clip", dialect="cosmos-reason", labels=["jump"]))
    assert expression.fullmatch(write_answer([pa.Clip(1.25, 90, mention="jump")], "cosmos-reason"))
    assert not expression.fullmatch('[{"start": -1, "end": 2, "caption": "jump"}]')


def test_a_dialect_of_ones_own_needs_nothing_else():
    own = dialect_named("internvl").replace(name="own-tags", scale=Scale.grid(7), empty=("Nothing.",))
    add_dialect(own)
    expression = re.compile(constraint_regex("box", dialect="own-tags", labels=["cat", "cow"]))
    assert expression.fullmatch("<ref>cow</ref><box>[[0, 1, 2, 7], [1, 1, 2, 2]]</box>")
    assert expression.fullmatch("Nothing.")
    assert not expression.fullmatch("<ref>cow</ref><box>[[0, 1, 2, 8]]</box>")


JSON_CASES = [case for case in CASES if isinstance(dialect_named(case.values[0]).surface, JsonObjects)]


@pytest.mark.parametrize(("name", "shape", "texts"), JSON_CASES)
def test_the_schema_takes_what_is_written_and_nothing_else(name, shape, texts):
    schema = json_schema(KINDS[shape], dialect=name, labels=texts, image_size=SIZE)
    assert list(broken_rules(schema)) == []
    written = json.loads(write_answer([labelled(SHAPES[shape], texts[0])] * 2, name, image_size=SIZE))
    answer = json.dumps(written if isinstance(written, dict) else {"annotations": written})
    tokenizer = llguidance.LLTokenizer("byte")
    grammar = llguidance.grammar_from("json_schema", json.dumps(schema))
    assert accepts(tokenizer, grammar, answer)
    assert not accepts(tokenizer, grammar, answer.replace(texts[0], "cow"))
    document = pa.parse(answer, dialect=name, image_size=SIZE, mode="strict")
    assert [each.mention for each in document.annotations] == [texts[0]] * 2


def test_the_schema_has_the_bounds_of_the_scale():
    item = json_schema("box", dialect="mistral")["properties"]["annotations"]["items"]
    assert item["properties"]["box_2d"]["items"] == {"type": "integer", "minimum": 0, "maximum": 999}
    item = json_schema("box", dialect="moondream")["properties"]["objects"]["items"]
    assert item["properties"]["x_min"] == {"type": "number", "minimum": 0, "maximum": 1.0}


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda: constraint_regex("box", dialect="qwen"), UsageError, "there is no dialect 'qwen'"),
        (lambda: constraint_regex("box", dialect="gpt"), UsageError, "pass image_size"),
        (lambda: constraint_regex("box", dialect="qwen3-vl", timed=True), UsageError, "our own markup"),
        (lambda: constraint_regex("box", dialect="molmo"), UnwritableError, "point tags hold points only"),
        (lambda: constraint_regex("box", dialect="paligemma", labels=["a;b"]), UsageError, "cannot hold the label"),
        (lambda: constraint_regex("box", dialect="doctags"), UsageError, "pass labels"),
        (lambda: constraint_regex("box", dialect="qwen3-vl", labels=[]), UsageError, "at least one label"),
        (lambda: json_schema("box", dialect="paligemma"), UsageError, "not JSON: use constraint_regex"),
        (lambda: json_schema("box", dialect="claude"), UsageError, "pass image_size"),
    ],
)
def test_wrong_use_is_named(use, error, message):
    with pytest.raises(error, match=message):
        use()
