"""From one dialect to another: nothing moves more than half a step of the target, and what is lost is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.losses import LossCode
from perceptron_annotations.markup import transcode

SIDES = st.integers(0, 1000)
TARGETS = {
    "json-xyxy-100": 5.0,
    "json-yxyx-999": 1000 / 999 / 2,
    "json-xyxy-unit": 0.5,
    "perceptron": 0.0,
    "gemini": 0.0,
}


def codes(made):
    return {loss.code: loss.count for loss in made.losses}


@pytest.mark.parametrize(("target", "bound"), TARGETS.items())
@given(st.lists(st.tuples(SIDES, SIDES, SIDES, SIDES), max_size=4))
def test_each_coordinate_moves_by_half_a_step_at_most(target, bound, numbers):
    """“each moves by half a step of its scale at most”"""
    boxes = [pa.Box(*each, mention="cat") for each in numbers]
    document = pa.parse(pa.to_markup(boxes))
    made = transcode(document, target)
    again = pa.parse(made.text) if target == "perceptron" else pa.parse(made.text, dialect=target)
    assert len(again.boxes) == len(boxes)
    moved = [
        abs(one - other)
        for before, after in zip(boxes, again.to(pa.Frame.GRID).boxes, strict=True)
        for one, other in zip(sum(before.coordinates, ()), sum(after.coordinates, ()), strict=True)
    ]
    assert max(moved, default=0) <= bound + 1e-9
    assert made.moved == pytest.approx(max(moved, default=0), abs=1e-6)
    assert set(codes(made)) == ({LossCode.ROUNDED_COORDINATES} if made.moved else set())


def test_what_is_lost_is_told():
    document = pa.parse(
        'See <point_box mention="cat" t="1.5 seconds"> (1,2) (3,4) </point_box> <point> oops </point>'
        '<track mention="dog"> <point t="0.0 seconds"> (1,2) </point> <point t="1.0 seconds"> (3,4) </point> </track>'
        '<clip mention="run" t="1 seconds 2 seconds" />'
    )
    assert codes(transcode(document, "qwen3-vl")) == {
        LossCode.UNREAD_ELEMENT: 1,
        LossCode.PROSE: 1,
        LossCode.TRACK: 2,
    }
    assert transcode(document, "qwen3-vl").text == (
        '[{"bbox_2d": [1, 2, 3, 4], "time": 1.5, "label": "cat"}, {"point_2d": [1, 2], "time": 0, "label": "dog"}, '
        '{"point_2d": [3, 4], "time": 1, "label": "dog"}, {"start": 1, "end": 2, "caption": "run"}]'
    )


def test_pixels_of_two_resize_rules():
    document = pa.parse('[{"bbox_2d": [0, 0, 644, 476]}]', dialect="qwen2.5-vl", image_size=(640, 480))
    assert transcode(document, "json-xyxy-pixels", image_size=(640, 480)).text == '[{"bbox_2d": [0, 0, 640, 480]}]'
    with pytest.raises(pa.UsageError, match="image_size"):
        transcode(document, "json-xyxy-pixels")


def test_a_label_without_a_form_does_not_cost_its_point():
    document = pa.parse('<point mention="OK"> (100,200) </point>')
    target = transcode(document, "ui-tars")
    assert target.text == "click(start_box='<|box_start|>(100,200)<|box_end|>')"
    assert [(loss.code, loss.count, loss.example) for loss in target.losses] == [("label", 1, "OK")]
