"""Constraints: whatever they let through parses, every canonical answer passes, and a real engine agrees."""

import json
import re

import llguidance
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Box, Clip, Point, Polygon, Severity, Status, UsageError, parse, to_markup
from perceptron_annotations.markup import constraint_regex, json_schema, read_json_answer
from perceptron_annotations.problems import ProblemCode

KINDS = ("point", "box", "polygon", "clip")
LABELS = ["cat", "red cup", 'a "b" & <c>', "C++ (x|y)", "it's"]
OPTIONS = {"max_items": 3, "max_vertices": 5, "max_label_length": 12, "timed": True, "assets": 3}

grid = st.integers(0, 1000).map(float)
seconds = st.integers(0, 10**10).map(lambda micros: micros / 10**6)
mention = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
index = st.none() | st.integers(0, 2)
time = st.none() | seconds
values = {
    "point": st.builds(Point, grid, grid, mention=st.none() | mention, t=time, asset_idx=index),
    "box": st.builds(Box, grid, grid, grid, grid, mention=st.none() | mention, t=time, asset_idx=index),
    "polygon": st.builds(
        Polygon,
        st.lists(st.tuples(grid, grid), min_size=3, max_size=5).map(tuple),
        mention=st.none() | mention,
        t=time,
        asset_idx=index,
    ),
    "clip": st.builds(Clip, seconds, time, mention=st.none() | mention, asset_idx=index),
}


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_what_it_matches_parses(kind, data):
    """“Every string it matches parses without issues”: without errors, since no automaton compares two numbers."""
    labels = data.draw(st.none() | st.just(LABELS))
    expression = constraint_regex(kind, labels=labels, **OPTIONS)
    text = data.draw(st.from_regex(expression, fullmatch=True, alphabet=st.characters(codec="utf-8")))
    document = parse(text, mode="strict")
    assert document.status in {Status.OK, Status.EMPTY}
    assert not document.truncated
    assert document.prose.strip() == ""
    assert {issue.severity for issue in document.issues} <= {Severity.WARNING}
    assert len(document.annotations) <= 3
    if labels:
        assert {each.mention for each in document.annotations} <= set(LABELS)
    # core m18: times too are in canonical form. (A mention may hold what JSON calls a control character.)
    assert re.findall(r't="[^"]*"', to_markup(document.annotations)) == re.findall(r't="[^"]*"', text)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_every_canonical_answer_matches(kind, data):
    """“Every canonical answer of that kind matches”, within the bounds that were asked for."""
    found = data.draw(st.lists(values[kind], max_size=3))
    assert re.fullmatch(constraint_regex(kind, **OPTIONS), to_markup(found))


def test_bounds_hold():
    expression = re.compile(constraint_regex("point", max_items=2))
    one = "<point> (1,2) </point>"
    assert expression.fullmatch(f"{one} {one}")
    for bad in (f"{one} {one} {one}", "<point> (1001,2) </point>", "<point> (01,2) </point>", f"{one}  {one}", "none"):
        assert not expression.fullmatch(bad)
    assert "(?=" not in expression.pattern
    assert not re.search(r"[*+]|\{\d+,\}", re.sub(r"\[[^]]*\]|\\.", "", expression.pattern))


@pytest.fixture(scope="module")
def tokenizer():
    return llguidance.LLTokenizer("byte")


def accepts(tokenizer, grammar, text):
    """Whether the engine lets a model write ``text`` and stop."""
    matcher = llguidance.LLMatcher(tokenizer, grammar)
    assert not matcher.get_error(), matcher.get_error()
    tokens = tokenizer.tokenize_str(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


@pytest.mark.parametrize("kind", KINDS)
def test_an_engine_takes_the_expression(tokenizer, kind):
    """“Checked with a real engine”: llguidance."""
    grammar = llguidance.grammar_from("regex", constraint_regex(kind, labels=LABELS, timed=True, assets=2))
    shape = {
        "point": Point(1, 1000, mention="C++ (x|y)", t=1.5),
        "box": Box(0, 0, 999, 10, mention='a "b" & <c>', asset_idx=1),
        "polygon": Polygon(((1, 2), (3, 4), (5, 6)), mention="it's"),
        "clip": Clip(1.25, 90, mention="red cup"),
    }[kind]
    assert accepts(tokenizer, grammar, to_markup([shape, shape]))
    assert accepts(tokenizer, grammar, "")
    assert not accepts(tokenizer, grammar, "I see " + to_markup(shape))
    assert not accepts(tokenizer, grammar, to_markup(shape.replace(mention="dog")))


@pytest.mark.parametrize("kind", KINDS)
def test_an_engine_takes_the_schema(tokenizer, kind):
    grammar = llguidance.grammar_from("json_schema", json.dumps(json_schema(kind, labels=LABELS, timed=True, assets=2)))
    item = {
        "point": {"x": 1, "y": 1000},
        "box": {"x1": 1, "y1": 2, "x2": 3, "y2": 4},
        "polygon": {"vertices": [[1, 2], [3, 4], [5, 6]]},
        "clip": {"start": 1.5, "end": 2},
    }[kind]
    rest = {"t": None} if kind != "clip" else {}
    text = json.dumps({"annotations": [{"type": kind, "mention": "cat", **item, **rest, "asset_idx": 1}]})
    assert accepts(tokenizer, grammar, text)
    assert not accepts(tokenizer, grammar, text.replace("cat", "dog"))
    found = read_json_answer(text)
    assert (len(found.annotations), found.problems, found.truncated) == (1, (), False)
    assert found.annotations[0].mention == "cat"


#: What OpenAI's guide to structured outputs lists for strict mode.
STRICT_KEYWORDS = {
    "string": {"type", "enum", "pattern", "format"},
    "number": {"type", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"},
    "integer": {"type", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"},
    "array": {"type", "items", "minItems", "maxItems"},
    "object": {"type", "properties", "required", "additionalProperties"},
}


def broken_rules(schema, place="root"):
    """The rules of strict mode that a schema breaks: all fields required, no others allowed, only known keywords."""
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    kind, *more = kinds
    if more not in ([], ["null"]):
        yield f"{place}: {kinds}"
    if extra := schema.keys() - STRICT_KEYWORDS[kind] - {"title", "description"}:
        yield f"{place}: {extra}"
    if kind == "object":
        if schema["required"] != list(schema["properties"]):
            yield f"{place}: not all is required"
        if schema["additionalProperties"] is not False:
            yield f"{place}: others are allowed"
        for name, each in schema["properties"].items():
            yield from broken_rules(each, f"{place}.{name}")
    elif kind == "array":
        yield from broken_rules(schema["items"], f"{place}[]")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("assets", [1, 3])
@pytest.mark.parametrize("labels", [None, LABELS])
def test_strict_mode_takes_the_schema(kind, timed, assets, labels):
    """core M11: what may be missing is nullable, because strict mode wants every field in ``required``."""
    schema = json_schema(kind, timed=timed, assets=assets, labels=labels)
    assert list(broken_rules(schema)) == []
    assert schema["type"] == "object"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", schema["title"])


def test_null_is_what_is_missing():
    """core M11"""
    box = '{"type": "box", "mention": "a", "x1": 1, "y1": 2, "x2": 3, "y2": 4, "t": null, "asset_idx": null}'
    clip = '{"type": "clip", "mention": "a", "start": 1, "end": null}'
    found = read_json_answer(f'{{"annotations": [{box}, {clip}]}}')
    assert (found.annotations, found.problems) == ((Box(1, 2, 3, 4, mention="a"), Clip(1, mention="a")), ())


def test_json_answers():
    box = '{"type": "box", "x1": 1, "y1": 2, "x2": 3, "y2": 4}'
    whole = f'{{"annotations": [{box}, {{"type": "box", "x1": "a"}}, {{"type": "point", "x": 1, "y": null}}, {box}]}}'
    found = read_json_answer(whole)
    assert found.annotations == (Box(1, 2, 3, 4),) * 2
    assert [span.of(whole) for span in found.spans] == [box, box]
    assert [problem.raw[:16] for problem in found.problems] == ['{"type": "box", ', '{"type": "point"']
    assert {problem.code for problem in found.problems} == {ProblemCode.INVALID_ITEM}
    start = whole.index('{"type": "box", "x1": "a"')
    assert found.problems[0].place == f"characters {start}-{start + len(found.problems[0].raw)}"
    cut = read_json_answer(whole[:-20])
    assert cut.problems[-1].code is ProblemCode.UNREADABLE_ITEM
    assert (cut.annotations, cut.truncated) == ((Box(1, 2, 3, 4),), True)
    fenced = read_json_answer(f"```json\n[{box}]\n```")
    assert (fenced.annotations, fenced.problems, fenced.truncated) == ((Box(1, 2, 3, 4),), (), False)
    assert read_json_answer("").problems == ()
    assert read_json_answer("I see none").problems[0].code is ProblemCode.NOT_A_LIST
    assert read_json_answer("I see none").problems[0].message.startswith("not a list")
    assert read_json_answer('[{"type": "clip", "start": -1}]').problems
    assert read_json_answer("[" * 100_000).problems


@given(st.text(st.sampled_from('[]{}",: annotations1')) | st.text())
def test_any_text_is_read(text):
    found = read_json_answer(text)
    assert len(found.annotations) == len(found.spans)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: constraint_regex("circle"), "an annotation kind is one of point, box, polygon, clip"),
        (lambda: constraint_regex("box", labels=[]), "at least one label"),
        (lambda: constraint_regex("box", labels="cat"), "must be a list"),
        (lambda: constraint_regex("box", labels=[""]), "none of them empty"),
        (lambda: constraint_regex("box", max_items=0), "max_items must be from 1"),
        (lambda: constraint_regex("polygon", max_vertices=2), "max_vertices must be from 3"),
        (lambda: json_schema("box", max_items=0), "max_items must be from 1"),
        # core m9
        (lambda: json_schema("box", assets=0), "assets must be from 1 to 10000, not 0"),
        (lambda: json_schema("box", max_items=10**9), "max_items must be from 1 to 10000, not 1000000000"),
        (lambda: json_schema("polygon", max_vertices=2.5), "max_vertices must be a whole number, not 2.5"),
        (lambda: constraint_regex("box", max_items=2.5), "max_items must be a whole number, not 2.5"),
        (lambda: constraint_regex("box", assets=True), "assets must be a whole number, not True"),
        (lambda: read_json_answer(b""), "decode bytes first"),
    ],
)
def test_wrong_use_is_named(use, message):
    with pytest.raises(UsageError, match=message):
        use()
