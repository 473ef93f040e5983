"""Training lines in the dialects of other models: what the assistant says is read back as what the dataset has."""

import json
import re

import pytest

import perceptron_annotations as pa
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, boxes_dataset, write_chat
from perceptron_annotations.dialects import dialect_named, prompt_for
from perceptron_annotations.geometry import AnnotationKind
from perceptron_annotations.losses import LossCode
from perceptron_annotations.markup import constraint_regex
from tests.dialects.forms import NAMES, SHAPES, SIZE, is_writable, labelled

IMAGE = DatasetAsset(file_name="a.png", width=640, height=480)


def said(path):
    """The prompt and the answer of each line."""
    for line in path.read_text().splitlines():
        user, assistant = json.loads(line)["messages"][-2:]
        yield user["content"][1]["text"], assistant["content"]


@pytest.mark.parametrize("name", [name for name in NAMES if is_writable(name, SHAPES["box"])])
def test_the_line_parses_back(name, tmp_path):
    """“The training line parses back”, matches the constraint of its dialect, and is asked for by its prompt."""
    dataset = boxes_dataset([IMAGE], ["cat"], [0, 0], [[64, 48, 128, 96], [320, 0, 640, 480]], [0, 0])
    report = write_chat(dataset, tmp_path / "a.jsonl", dialect=name)
    ((prompt, answer),) = said(tmp_path / "a.jsonl")
    document = pa.parse(answer, dialect=name, image_size=SIZE, mode="strict")
    has_labels = is_writable(name, labelled(SHAPES["box"], "cat"))
    assert report.objects == len(document.boxes) == 2
    assert report.count(LossCode.LABEL) == (0 if has_labels else 2)
    assert [each.mention for each in document.boxes] == (["cat"] * 2 if has_labels else [None] * 2)
    step = 1001 / (dialect_named(name).scale.parts or 480) + 1
    for box, wanted in zip(document.boxes, ([100, 100, 200, 200], [500, 0, 1000, 1000]), strict=True):
        placed = box.to(pa.Frame.GRID)
        assert [placed.x1, placed.y1, placed.x2, placed.y2] == pytest.approx(wanted, abs=step)
    assert re.fullmatch(
        constraint_regex("box", dialect=name, labels=["cat"] if has_labels else None, image_size=SIZE), answer
    )
    assert prompt == prompt_for(name, ["cat"], image_size=SIZE)


def test_what_a_dialect_cannot_hold_is_counted(tmp_path):
    builder = DatasetBuilder()
    asset = builder.add_asset(IMAGE)
    builder.add(asset, AnnotationKind.BOX, [(-10, 10), (50, 60)], "cat")
    builder.add(asset, AnnotationKind.BOX, [(0, 0), (640, 480)], "a;b")
    builder.add(asset, AnnotationKind.POINT, [(5, 5)], "cat")
    report = write_chat(builder.build(), tmp_path / "a.jsonl", dialect="paligemma")
    ((prompt, answer),) = said(tmp_path / "a.jsonl")
    assert answer == "<loc0021><loc0000><loc0128><loc0080> cat ; <loc0000><loc0000><loc1023><loc1023>"
    assert prompt == "detect cat ; a;b"
    assert report.objects == 2
    assert {loss.code: loss.count for loss in report.losses} == {
        LossCode.LABEL: 1,
        LossCode.POINT: 1,
        LossCode.ROUNDED_COORDINATES: 2,
    }


@pytest.mark.parametrize(
    ("name", "words"), [("qwen3-vl", "[]"), ("molmo", "There are none."), ("paligemma", "There is none.")]
)
def test_nothing_is_said_as_the_dialect_says_it(name, words, tmp_path):
    builder = DatasetBuilder()
    builder.add_asset(IMAGE)
    write_chat(builder.build(), tmp_path / "a.jsonl", dialect=name)
    ((_, answer),) = said(tmp_path / "a.jsonl")
    assert answer == words
    assert pa.parse(answer, dialect=name, image_size=SIZE).status is pa.Status.EMPTY


def test_a_prompt_of_ones_own_and_pixels_of_each_image(tmp_path):
    other = DatasetAsset(file_name="b.png", width=4000, height=3000)
    dataset = boxes_dataset([IMAGE, other], ["cat"], [0, 1], [[64, 48, 128, 96], [400, 0, 4000, 3000]], [0, 0])
    write_chat(dataset, tmp_path / "a.jsonl", dialect="claude", prompt="Where is the {labels}?")
    assert [prompt for prompt, _ in said(tmp_path / "a.jsonl")] == ["Where is the cat?"] * 2
    write_chat(dataset, tmp_path / "a.jsonl", dialect="claude")
    (first, _), (second, answer) = said(tmp_path / "a.jsonl")
    assert "640 pixels wide" in first
    assert "2212 pixels wide" in second
    assert answer == '[{"box_2d": [221, 0, 2212, 1659], "label": "cat"}]'
