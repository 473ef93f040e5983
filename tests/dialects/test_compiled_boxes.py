"""Plain boxes in JSON, which the compiled scanner reads, against the reader of the dialect."""

from __future__ import annotations

import json

import pytest

from benchmarks.fuzz_dialects import difference, run
from perceptron_annotations import parse_batch, read_table
from perceptron_annotations.dialects.json_shapes import BOX_KEYS
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.table import batch

compiled = pytest.mark.skipif(scanner is None, reason="needs the compiled scanner")

BOX = '{"bbox_2d": [1, 2, 30.5, 40], "label": "red cup"}'
#: What models write nearly always.
PLAIN = {
    "a list": f"[{BOX}, {BOX}]",
    "a fence": f"```json\n[\n\t{BOX},\n\t{BOX}\n]\n```",
    "words around": f"Here they are:\n```json\n[{BOX}]\n```\nTwo cups, I am sure.",
    "bare objects": f"{BOX}, {BOX}",
    "JSON Lines": f"{BOX}\n{BOX}\n",
    "the label first": '[{"label": "é猫", "box_2d": [1, 2, 3, 4]}]',
    "no label": '[{"box_2d": [1, 2, 3, 4]}]',
    "odd boxes": '[{"box_2d": [3, 4, 1, 2]}, {"box_2d": [1, 2, 1, 4]}]',
    "a loop": f"[{', '.join([BOX] * 5)}]",
    "no space": '[{"box_2d":[1,2,3,4],"label":"a"}]',
}


@pytest.fixture
def only_compiled(monkeypatch):
    """Whatever the scanner leaves raises."""

    def refuse(*args, **kwargs):
        raise AssertionError(args)

    monkeypatch.setattr(batch, "read_within", refuse)


@compiled
@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain_answers_are_read_by_the_scanner(text, only_compiled):
    for contract in ("json-xyxy-1000", "json-yxyx-999", "json-xywh-percent"):
        assert parse_batch([text], dialect=contract).status.tolist() == ["ok"]


@compiled
def test_the_scanner_knows_each_key_of_a_box(only_compiled):
    texts = [json.dumps([{key: [1, 2, 3, 4], "label": "a"}]) for key in BOX_KEYS]
    assert parse_batch(texts, dialect="qwen3-vl").xyxy.tolist() == [[1, 2, 3, 4]] * len(BOX_KEYS)


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_both_ways_give_the_same(text):
    assert difference([text, "", text], "json-yxyx-1000", None) is None
    assert difference([text], "json-cxcywh-pixels", [(31, 41.5)]) is None


def test_pixels_of_an_image_as_large_as_the_grid_are_converted_all_the_same():
    """0.4981 / 1000 * 1000 is not 0.4981."""
    text = '{"bbox_2d": [0.4981, 0.1369, 308, 383]}'
    assert difference([text], "json-xyxy-pixels", [(1000, 1000)]) is None


def test_a_sample_of_the_fuzzer():
    assert run(seed=3, answers=600, seconds=60)["ok"] > 200


@compiled
def test_threads_and_files_give_the_same(tmp_path):
    texts = [f'[{{"bbox_2d": [{each % 90}, 2, 100, 200], "label": "{each % 7}"}}]' for each in range(5000)]
    whole = parse_batch(texts, dialect="gemini")
    assert parse_batch(texts, dialect="gemini", threads=2) == whole
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps({"key": str(at), "text": text}) + "\n" for at, text in enumerate(texts)))
    found = read_table(path, dialect="gemini")
    assert found.xyxy.tolist() == whole.xyxy.tolist()
    assert found.span.tolist() == whole.span.tolist()
    assert found.labels.tolist() == whole.labels.tolist()
