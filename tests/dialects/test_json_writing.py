"""What is written as JSON is read back within the rounding, and what has no form is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import dialect_named, write_answer
from perceptron_annotations.markup.nodes import Element

JSON_DIALECTS = ["qwen3-vl", "gemini", "gemini-robotics-er", "grok", "muse", "muse-object-name", "minimax", "glm"]
#: Of a grid that is finer than that of every dialect, so that numbers are rounded.
NUMBERS = st.integers(0, 99999).map(lambda number: number / 100000)
MENTIONS = st.none() | st.text(min_size=1, max_size=5)
TIMES = st.none() | st.floats(0, 10000, allow_nan=False)
FINE = pa.Frame.UNIT


@st.composite
def shapes(draw, **fields):
    kind = draw(st.sampled_from([pa.Point, pa.Box, pa.Polygon]))
    fields = {name: draw(strategy) for name, strategy in fields.items()}
    if kind is pa.Polygon:
        pairs = draw(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=5))
        return pa.Polygon(tuple(pairs), frame=FINE, **fields)
    numbers = [draw(NUMBERS) for _ in range(2 if kind is pa.Point else 4)]
    return kind(*numbers, frame=FINE, **fields)


SHAPES = shapes(mention=MENTIONS, t=TIMES, score=st.none() | st.floats(0, 1))
CLIPS = st.builds(lambda a, b, mention: pa.Clip(a, b, mention=mention), *[st.floats(0, 9999)] * 2, MENTIONS)
#: As several boxes under one label, or a box and its polygon, are read.
GROUPS = st.builds(
    lambda boxes, mention: pa.Collection(boxes, mention=mention),
    st.lists(st.builds(pa.Box, *[NUMBERS] * 4, frame=st.just(FINE)), min_size=2, max_size=3).map(tuple),
    MENTIONS,
)


@pytest.mark.parametrize("name", JSON_DIALECTS)
@settings(max_examples=40)
@given(st.data())
def test_what_is_written_is_read_within_the_rounding(name, data):
    kinds = SHAPES | CLIPS if name == "muse" else SHAPES | CLIPS | GROUPS  # it has no list for several boxes
    values = data.draw(st.lists(kinds, max_size=4))
    document = pa.parse(write_answer(values, name), dialect=name)
    dialect = dialect_named(name)
    assert not document.errors
    top = [node.value for node in document.nodes if isinstance(node, Element)]
    assert [type(value) for value in top] == [type(value) for value in values]
    bound = 0.51 * 10**-dialect.scale.decimals
    wanted = [each for value in values for each in (value.children if isinstance(value, pa.Collection) else [value])]
    for before, after in zip(wanted, document.annotations, strict=True):
        if isinstance(before, pa.Clip):
            assert after == before
            continue
        assert (after.t, after.score) == (before.t, before.score)
        moved = zip(before.to(after.frame).coordinates, after.coordinates, strict=True)
        assert all(abs(a - b) <= bound for pair in moved for a, b in zip(*pair, strict=True))
    assert [value.mention for value in top] == [value.mention for value in values]


@pytest.mark.parametrize(
    "value",
    [
        pa.Track((pa.Point(1, 2, t=1),), mention="cat"),
        pa.Clip(1),
        pa.Box(1, 2, 3, 4, asset_idx=1),
        pa.Collection((pa.Box(1, 2, 3, 4, mention="a"), pa.Box(1, 2, 3, 4, mention="b"))),
    ],
)
def test_what_has_no_form_is_refused(value):
    with pytest.raises(pa.errors.UnwritableError):
        write_answer(value, "qwen3-vl")
