"""What is written in a dialect is read back, but for its rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import write_answer

CONTRACTS = [
    f"json-{order}-{scale}" for order in ("xyxy", "yxyx", "xywh") for scale in ("1000", "999", "unit", "pixels")
]
SIZE = (640, 480)
UNIT = st.floats(0, 1)


@st.composite
def boxes(draw):
    x1, y1, x2, y2 = (draw(UNIT) for _ in range(4))
    mention = draw(st.none() | st.text(min_size=1).filter(lambda text: text.isprintable()))
    return pa.Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), frame=pa.Frame.UNIT, mention=mention)


@pytest.mark.parametrize("contract", CONTRACTS)
@given(st.lists(boxes(), max_size=4))
def test_what_is_written_is_read_back(contract, given_boxes):
    """``parse`` gives them back "but for the dialect's rounding"."""
    document = pa.parse(write_answer(given_boxes, contract, image_size=SIZE), dialect=contract, image_size=SIZE)
    assert len(document.boxes) == len(given_boxes)
    assert not document.errors
    step = 10.0 ** -pa.dialects.dialect_named(contract).scale.decimals
    for wanted, found in zip(given_boxes, document.boxes, strict=True):
        assert found.mention == wanted.mention
        assert found.xyxy == pytest.approx(wanted.to(document.frame).xyxy, abs=step * 1.001)


def test_nothing_is_said_in_the_words_of_the_dialect():
    assert [write_answer([], name) for name in ("gemini", "molmo2")] == ["[]", "There are none."]
    assert pa.parse(write_answer([], "molmo2"), dialect="molmo2").status == "empty"


def test_pixels_are_those_of_the_image_as_the_model_saw_it():
    box = pa.Box(0, 0, 640, 480, frame=pa.Frame.pixels(640, 480))
    assert write_answer(box, "qwen2.5-vl", image_size=(640, 480)) == '[{"bbox_2d": [0, 0, 644, 476]}]'
