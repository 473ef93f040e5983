"""Plain boxes in JSON, which the compiled scanner reads, against the reader of the dialect."""

from __future__ import annotations

import json

import pytest

from benchmarks.fuzz_dialects import difference, run
from perceptron_annotations import parse_batch, read_recordings, read_table
from perceptron_annotations.dialects.json_shapes import BOX_KEYS
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.table import AnnotationTable, batch, iter_recorded

pytestmark = pytest.mark.backend

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


@pytest.mark.parametrize("threads", [1, 2])
def test_answers_of_several_models_in_one_file(tmp_path, threads):
    """Each in the dialect of its model, some of which the scanner does not read; and our own markup between them."""
    written = {
        "qwen3-vl-8b": f"[{BOX}]",
        "gemini-3-flash": f"```json\n[{BOX}, {BOX}]\n```",
        "perceptron-mk1": '<point_box mention="cup"> (1,2) (3,4) </point_box>',
        "molmo-7b-d": '<point x="61.5" y="40.4" alt="boat">boat</point>',
        "qwen2.5-vl-7b": f"<think>a cup</think>[{BOX}, {{]",
        "nobody": f"[{BOX}]",
    }
    path = tmp_path / "mixed.jsonl"
    lines = []
    for at in range(240):
        model = list(written)[(at * at // 7) % len(written)]
        asset = {"file_name": f"{at}.jpg", "width": 640 + at, "height": 480}
        lines.append({"key": str(at), "model": model, "text": written[model], "assets": [asset]})
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    recordings = list(read_recordings(path))
    wanted = AnnotationTable.from_documents([each.document(dialect="by-model") for each in recordings])
    found = read_table(path, dialect="by-model", threads=threads)
    for name in ("xyxy", "span", "kind", "offsets", "coords", "response"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist()
    assert found.labels.tolist() == wanted.labels.tolist()
    assert found.responses.status.tolist() == wanted.responses.status.tolist()
    assert found.issues.code.tolist() == wanted.issues.code.tolist()
    (recorded,) = iter_recorded(path, dialect="by-model", fields=[])
    names = {"perceptron-mk1": "", "nobody": "", "molmo-7b-d": "molmo", "gemini-3-flash": "gemini"}
    names |= {"qwen3-vl-8b": "qwen3-vl", "qwen2.5-vl-7b": "qwen2.5-vl"}
    assert list(recorded.dialects) == [names[each["model"]] for each in lines]


def test_details_of_scanned_lines_know_the_dialect(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"key": "a", "text": f"Two: [{BOX}]"}) + "\n")
    (recorded,) = iter_recorded(path, dialect="qwen3-vl", fields=[])
    assert (recorded.details[0].prose, list(recorded.dialects)) == ("Two:", ["qwen3-vl"])
