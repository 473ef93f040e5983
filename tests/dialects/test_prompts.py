"""Prompts say what the declaration says: its keys, its order, what its numbers count, and no other."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations import UsageError
from perceptron_annotations.dialects import JsonObjects, Order, PairOrder, Scale, dialect_named, prompt_for
from perceptron_annotations.errors import UnwritableError
from tests.dialects.forms import NAMES, SHAPES, SIZE, is_writable

ORDERS = {
    Order.XYXY: ["x_min", "y_min", "x_max", "y_max"],
    Order.YXYX: ["y_min", "x_min", "y_max", "x_max"],
    Order.XYWH: ["x_min", "y_min", "width", "height"],
    Order.CXCYWH: ["x_center", "y_center", "width", "height"],
}
SCALES = {
    "to 1000 at": Scale.grid(1000),
    "to 999 at": Scale.grid(999),
    "to 1023 at": Scale.bins(1024),
    "to 1 at": Scale.unit(),
    "to 100 at": Scale.percent(),
    "pixels of the image,": Scale.pixels(),
}
NAME = re.compile(r"\b(?:[xy]_(?:min|max|center)|width|height)\b")


@given(st.sampled_from(list(ORDERS)), st.sampled_from(list(SCALES)), st.sampled_from(["box_2d", "bbox"]))
def test_a_prompt_names_the_declared_contract_and_no_other(order, words, key):
    dialect = dialect_named("qwen3-vl").replace(
        order=order, scale=SCALES[words], surface=JsonObjects(box_key=key, label_key="name")
    )
    prompt = prompt_for(dialect, ["cat", "red cup"])
    assert NAME.findall(prompt) == ORDERS[order]
    assert f'[{{"{key}": [{", ".join(ORDERS[order])}], "name": "cat"}}]' in prompt
    assert [other for other in SCALES if other in prompt] == [words]
    assert '"cat" or "red cup"' in prompt
    assert prompt.endswith("answer []")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "shape"), [("point", "point"), ("box", "box"), ("polygon", "quad")])
def test_every_dialect_asks_for_what_it_can_write(name, kind, shape):
    if not is_writable(name, SHAPES[shape]):
        with pytest.raises(UnwritableError):
            prompt_for(name, ["cat"], kind=kind)
        return
    prompt = prompt_for(name, ["cat"], kind=kind, image_size=SIZE)
    assert "cat" in prompt or prompt == "<OCR_WITH_REGION>"  # which finds all words
    assert prompt.isprintable() or "\n" in prompt
    assert not re.search("[\ue000-\uf8ff]", prompt)


@pytest.mark.parametrize("order", list(PairOrder))
def test_points_and_outlines_are_in_their_own_order(order):
    dialect = dialect_named("qwen3-vl").replace(point_order=order, polygon_order=order)
    pair = ", ".join(order.value)
    assert f'"point_2d": [{pair}]' in prompt_for(dialect, ["cat"], kind="point")
    vertices = ", ".join(f"[{order.value[0]}{n}, {order.value[1]}{n}]" for n in (1, 2, 3))
    assert f'"polygon": [{vertices}]' in prompt_for(dialect, ["cat"], kind="polygon")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("paligemma", "box", "detect cat ; dog"),
        ("florence-2", "box", "<CAPTION_TO_PHRASE_GROUNDING>cat. dog"),
        ("molmo", "point", "Point to the cat, dog."),
        ("kosmos-2", "box", "<grounding><phrase> cat</phrase><phrase> dog</phrase>"),
        ("deepseek-vl2", "box", "<|ref|>cat, dog<|/ref|>."),
        ("moondream", "point", '/point {"object": "cat, dog"}'),
    ],
)
def test_makers_have_words_of_their_own(name, kind, words):
    assert prompt_for(name, ["cat", "dog"], kind=kind) == words


def test_pixels_are_those_that_the_model_sees():
    assert "2212 pixels wide and 1659 high" in prompt_for("claude", ["cat"], image_size=(4000, 3000))
    assert "4000 pixels wide and 3000 high" in prompt_for("gpt", ["cat"], image_size=(4000, 3000))


def test_a_label_is_quoted_as_the_answer_quotes_it():
    example = prompt_for("qwen3-vl", ['a "b"'], kind="point").splitlines()[1].replace("[x, y]", "[1, 2]")
    assert json.loads(example) == [{"point_2d": [1, 2], "label": 'a "b"'}]


def test_clips_are_asked_for_in_seconds():
    prompt = prompt_for("cosmos-reason", ["jump"], kind=pa.AnnotationKind.CLIP)
    assert '[{"start": start, "end": end, "caption": "jump"}]' in prompt
    assert "seconds" in prompt


def test_nothing_to_ask_for_is_named():
    with pytest.raises(UsageError, match="at least one label"):
        prompt_for("qwen3-vl", [])
