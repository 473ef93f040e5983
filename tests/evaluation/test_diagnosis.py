"""The doctor: the contract that wrote the answers is singled out if the truth can tell, and never another one."""

import json

import numpy as np
import pytest

import perceptron_annotations as pa
from perceptron_annotations.dialects import dialect_named, resized, write_answer
from perceptron_annotations.evaluation import JudgedAnswer, diagnose


def answered(contract, *, images=30, noise=0.01, seed=0, known=True):
    """Answers by a model that boxes what is there, a little beside it, as a contract asks for."""
    random = np.random.default_rng(seed)
    dialect, answers = dialect_named(contract), []
    for _ in range(images):
        size = tuple(random.integers(300, 1500, 2).tolist())
        corners = np.sort(random.uniform(0, 1, (random.integers(1, 6), 2, 2)), axis=1)
        corners[:, 1] = np.minimum(corners[:, 1] + 0.05, 1)
        seen = np.sort(np.clip(corners + random.normal(0, noise, corners.shape), 0, 1), axis=1)
        boxes = [pa.Box(*each.ravel(), frame=pa.Frame.UNIT, mention="cat") for each in seen]
        text = write_answer(boxes, dialect, image_size=size)
        truth = corners.reshape(-1, 4) if known else None
        answers.append(JudgedAnswer(text, image_size=size, truth=truth))
    return answers


@pytest.mark.parametrize(
    "contract", ["json-xyxy-unit", "json-yxyx-unit", "json-xywh-percent", "json-yxyx-percent", "json-yxyx-pixels"]
)
def test_the_contract_is_singled_out_by_the_truth(contract):
    diagnosis = diagnose(answered(contract))
    assert str(diagnosis.contract) == contract
    best = diagnosis.evidence[0]
    assert 0.5 < best.low < best.agreement < best.high <= 1
    assert (diagnosis.answers, diagnosis.images) == (30, 30)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("contract", ["json-xyxy-1000", "json-xyxy-999", "json-yxyx-1024", "json-xywh-pixels"])
def test_another_contract_is_never_singled_out(contract, seed):
    """Grids that are nearly alike may be told apart or not; what is told is right."""
    diagnosis = diagnose(answered(contract, images=8, noise=0.05, seed=seed))
    assert str(diagnosis.contract) in (contract, "None")
    if diagnosis.contract is None:
        assert diagnosis.reason.startswith("cannot tell ")


def test_the_resize_rule_is_told_by_the_truth():
    answers = answered("qwen2.5-vl", noise=0.0)
    sizes = [answer.image_size for answer in answers]
    assert any(resized(size, "smart_resize_28") != size for size in sizes)
    diagnosis = diagnose(answers)
    assert diagnosis.evidence[0].contract.parts is None
    assert str(diagnosis.contract) in ("json-xyxy-pixels after smart_resize_28", "None")


@pytest.mark.parametrize("contract", ["json-xyxy-1000", "json-yxyx-unit"])
def test_without_truth_the_order_cannot_be_told(contract):
    diagnosis = diagnose(answered(contract, known=False))
    assert diagnosis.contract is None
    assert diagnosis.reason.endswith("give the truth of at least 5 images")
    possible = {str(each.contract) for each in diagnosis.evidence if each.is_possible}
    assert contract in possible
    assert "json-xyxy-percent" not in possible


def test_answers_about_other_images_agree_with_nothing():
    tiny = np.array([[0.0, 0.0, 0.001, 0.001]])
    swapped = [JudgedAnswer(each.text, truth=tiny) for each in answered("json-xyxy-unit")]
    assert diagnose(swapped).contract is None


@pytest.mark.parametrize("text", ["", "no boxes", '{"box_2d": [1, 2, 3]}', "<point> (1,2) </point>"])
def test_answers_without_boxes_show_nothing(text):
    diagnosis = diagnose([JudgedAnswer(text)] * 9)
    assert (diagnosis.contract, diagnosis.boxes, diagnosis.evidence) == (None, 0, ())


def test_numbers_with_names_say_their_order_themselves():
    text = json.dumps([{"x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4}])
    assert diagnose([JudgedAnswer(text)] * 9).boxes == 0
