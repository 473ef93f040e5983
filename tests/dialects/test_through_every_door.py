"""A dialect through every door: texts, files of recordings, documents, datasets, evaluation and the verbs."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from perceptron_annotations import Box, Document, Frame, Recording, UsageError, parse, parse_batch, read_recordings
from perceptron_annotations.completions import DocumentRecord, RecordedAsset, read_documents, write_documents
from perceptron_annotations.datasets import RecordingImporter, from_recordings
from perceptron_annotations.dialects import BY_MODEL, Scale, dialect_named, dialect_of_model
from perceptron_annotations.errors import FrameError, UnwritableError
from perceptron_annotations.evaluation import ReadingOptions, evaluate, read_predictions, read_truth
from perceptron_annotations.render.page.page_answers import Words, shown_answers
from perceptron_annotations.render.svg import to_svg
from perceptron_annotations.table import (
    AnnotationTable,
    iter_recorded,
    iter_tables,
    parse_arrow,
    read_arrow,
    read_table,
    to_arrow,
)

from ..cli.in_process import run

pytestmark = pytest.mark.backend

#: One image of 640 × 480 and one of 1000 × 500, with one cat each: left, top, right, bottom in pixels.
SIZES = {"a.jpg": (640, 480), "b.jpg": (1000, 500)}
CATS = {"a.jpg": (64, 96, 320, 432), "b.jpg": (100, 50, 600, 400)}
#: What ``smart_resize`` of Qwen2.5-VL makes of them, from its paper's rule: sides that are multiples of 28.
SEEN = {"a.jpg": (644, 476), "b.jpg": (1008, 504)}


def on(name, width, height):
    """The cat of an image as numbers of a frame, rounded to four digits behind the point."""
    (w, h), (x1, y1, x2, y2) = SIZES[name], CATS[name]
    return [round(side, 4) for side in (x1 / w * width, y1 / h * height, x2 / w * width, y2 / h * height)]


def answer(name, model):
    """What a model writes of an image."""
    if model == "gemini-3-flash":
        x1, y1, x2, y2 = on(name, 1000, 1000)
        return "```json\n" + json.dumps([{"box_2d": [y1, x1, y2, x2], "label": "cat"}]) + "\n```"
    frame = SEEN[name] if "2.5" in model else (1000, 1000)
    return json.dumps([{"bbox_2d": on(name, *frame), "label": "cat"}])


def line(name, model, *, size=True):
    asset = {"file_name": name} | ({"width": SIZES[name][0], "height": SIZES[name][1]} if size else {})
    return json.dumps({"key": name, "model": model, "text": answer(name, model), "assets": [asset]})


@pytest.fixture(params=["qwen/Qwen3-VL-8B-Instruct", "gemini-3-flash", "qwen2.5-vl-7b-instruct"])
def recorded(request, tmp_path):
    """A model and the file of its answers."""
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(line(name, request.param) + "\n" for name in SIZES))
    return request.param, path


@pytest.fixture
def truth(tmp_path):
    images = [
        {"id": place, "file_name": name, "width": width, "height": height}
        for place, (name, (width, height)) in enumerate(SIZES.items(), 1)
    ]
    boxes = [
        {
            "id": place,
            "image_id": place,
            "category_id": 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": 1,
            "iscrowd": 0,
        }
        for place, (x1, y1, x2, y2) in enumerate(CATS.values(), 1)
    ]
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"images": images, "categories": [{"id": 1, "name": "cat"}], "annotations": boxes}))
    return path


def test_recorded_answers_in_a_dialect_become_what_is_true(recorded, truth):
    model, path = recorded
    name = dialect_of_model(model).name
    for dialect in (name, BY_MODEL, dialect_named(name)):
        found = read_table(path, dialect=dialect)
        assert found.frame == "grid"
        wanted = [on(image, 1000, 1000) for image in SIZES]
        np.testing.assert_allclose(found.xyxy, wanted, atol=1e-3)
        assert found == next(iter_tables(path, dialect=dialect))
        (with_details,) = iter_recorded(path, dialect=dialect, texts=True, fields=["model"])
        assert with_details.table == found
        assert [each.prose for each in with_details.details] == ["", ""]
        dataset, report = from_recordings(read_recordings(path), dialect=dialect)
        np.testing.assert_allclose(dataset.table.xyxy, list(CATS.values()), atol=1e-3)
        assert report.losses == ()
        assert RecordingImporter().read(path, dialect=dialect)[0].table.xyxy.tolist() == dataset.table.xyxy.tolist()
        options = ReadingOptions(dialect=dialect)
        known = read_truth(truth)
        metrics = evaluate(read_predictions(path, known, options), known)
        assert metrics.metrics["f1@0.75"].value == 1


def test_two_models_in_two_dialects_against_one_truth(tmp_path, truth):
    """One command, in which each answer is in the dialect of its model; and the frame is not guessed from numbers."""
    files = {}
    for model in ("qwen3-vl-8b", "google/gemini-3-flash", "qwen2.5-vl-7b"):
        files[model] = tmp_path / f"{model.rpartition('/')[2]}.jsonl"
        files[model].write_text("".join(line(name, model.rpartition("/")[2]) + "\n" for name in SIZES))
    one, two, three = files.values()
    limits = ("--fail-under", "f1@0.75=1")
    assert run("evaluate", one, "--truth", truth, "--compare", two, "--dialect", "by-model", *limits).status == 0
    assert run("evaluate", three, "--truth", truth, "--dialect", "qwen2.5-vl", *limits).status == 0
    assert run("evaluate", two, "--truth", truth, "--dialect", "qwen3-vl", *limits).status == 1
    both = run("evaluate", one, "--truth", truth, "--dialect", "gemnii")
    assert (both.status, "did you mean 'gemini'?" in both.err) == (2, True)


@pytest.mark.parametrize("verb", ["check", "count"])
def test_verbs_that_print(recorded, verb):
    _, path = recorded
    done = run(verb, path, "--dialect", "by-model", "--strict")
    assert (done.status, done.err) == (0, "")


def test_verbs_that_write(recorded, tmp_path):
    _, path = recorded
    stored, coco = tmp_path / "stored.jsonl", tmp_path / "coco.json"
    parquet, unique, agreed = (tmp_path / name for name in ("a.parquet", "u.parquet", "c.parquet"))
    assert run("convert", path, "--dialect", "by-model", "-o", stored).status == 0
    assert run("convert", path, "--dialect", "by-model", "-o", parquet).status == 0
    assert run("dedupe", path, "--dialect", "by-model", "-o", unique).status == 0
    assert run("consensus", path, "--dialect", "by-model", "-o", agreed).status == 0
    direct = read_table(path, dialect=BY_MODEL)
    names = {dialect_of_model(json.loads(each)["model"]).name for each in path.read_text().splitlines()}
    for again in (stored, parquet, unique):
        assert np.array_equal(read_table(again).xyxy, direct.xyxy)
        (recorded_again,) = iter_recorded(again, fields=[])
        assert set(recorded_again.dialects) == names
        assert [each.prose for each in recorded_again.details] == ["", ""]
        assert run("convert", again, "-o", coco).status == 0
        found = [entry["bbox"] for entry in json.loads(coco.read_text())["annotations"]]
        np.testing.assert_allclose(found, [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in CATS.values()], atol=1e-2)
    refused = run("check", stored, "--dialect", "qwen3-vl")
    assert (refused.status, "leave out dialect" in refused.err) == (2, True)
    assert read_table(agreed).xyxy.shape == (2, 4)


def test_the_verb_parse():
    text = '[{"bbox_2d": [322, 119, 644, 476], "label": "cat"}]'
    done = run("parse", text, "--dialect", "qwen2.5-vl", "--size", "640x480", "-f", "json")
    assert Document.from_dict(json.loads(done.out)).boxes[0].xyxy == (320, 120, 640, 480)
    refused = run("parse", text, "--dialect", "qwen2.5-vl")
    assert (refused.status, "--size" in refused.err) == (2, True)
    assert run("parse", text, "--dialect", "qwen2.5-vl", "--frame", "644x476").status == 0
    assert run("parse", text, "--dialect", "by-model").status == 2


def test_dialects_are_listed():
    listed = run("dialects").out
    assert "gemini" in listed
    assert "smart_resize_28" in listed


def test_a_size_that_is_needed_and_missing_is_never_guessed(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text(line("a.jpg", "qwen2.5-vl-7b", size=False) + "\n")
    with pytest.raises(FrameError, match=r"the answer a\.jpg has no recorded size"):
        read_table(path, dialect=BY_MODEL)
    refused = run("check", path, "--dialect", "qwen2.5-vl")
    assert (refused.status, "--frame WIDTHxHEIGHT" in refused.err) == (2, True)
    found = read_table(path, dialect=BY_MODEL, frame=Frame.pixels(644, 476))
    assert found.frame == "grid"
    np.testing.assert_allclose(found.xyxy, [on("a.jpg", 1000, 1000)], atol=1e-3)
    with pytest.raises(UsageError, match="image_sizes"):
        parse_batch([answer("a.jpg", "qwen2.5-vl-7b")], dialect="qwen2.5-vl")


def test_the_size_that_was_sent_is_the_one_that_was_resized():
    text = '[{"bbox_2d": [322, 119, 644, 476], "label": "cat"}]'
    sent = RecordedAsset("a.jpg", 6400, 4800, 640, 480)
    recording = Recording(key="a", text=text, model="qwen2.5-vl-7b", assets=(RecordedAsset("b.jpg", 10, 20), sent))
    document = recording.document(dialect=BY_MODEL)
    assert document.frame == Frame.pixels(644, 476)
    assert from_recordings([recording], dialect=BY_MODEL)[0].table.xyxy.tolist() == [[3200, 1200, 6400, 4800]]


def test_a_model_that_nobody_knows_is_read_as_our_own_markup():
    text = '[{"box_2d": [1, 2, 30, 40], "label": "cat"}]'
    for model in (None, "perceptron-mk1", "qwen2-audio"):
        assert dialect_of_model(model) is None
        document = Recording(key="a", text=text, model=model).document(dialect=BY_MODEL)
        assert (document.boxes, [issue.code for issue in document.issues]) == ((), ["foreign_markup"])
    own = Recording(key="a", text="<point_box> (1,2) (3,4) </point_box>", model="perceptron-mk1")
    assert own.document(dialect=BY_MODEL).boxes[0].xyxy == (1, 2, 3, 4)


def test_models_match_in_any_case_and_behind_a_vendor():
    for model in ("Qwen3-VL-8B", "qwen/qwen3-vl-235b", "openrouter/qwen/QWEN3-VL", "accounts/x/models/qwen3-vl-8b"):
        assert dialect_of_model(model).name == "qwen3-vl"


def test_documents_keep_their_dialect(tmp_path, recorded):
    _, path = recorded
    records = [DocumentRecord.of(each, dialect=BY_MODEL) for each in read_recordings(path)]
    for record in records:
        document = record.document
        assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document
        assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301 - our own
        placed = document.to_pixels(*SIZES[record.key])
        assert Document.from_dict(placed.to_dict()) == placed
    stored = tmp_path / "documents.jsonl"
    write_documents(records, stored)
    assert list(read_documents(stored)) == records
    assert AnnotationTable.from_documents([each.document for each in records]).xyxy.tolist() == (
        read_table(stored).xyxy.tolist()
    )


def test_a_document_in_a_dialect_is_written_as_markup_on_the_grid():
    document = parse('Two: [{"box_2d": [0, 333, 666, 999], "label": "cat"}].', dialect="json-yxyx-999")
    with pytest.raises(UnwritableError, match="on the grid"):
        document.to_markup()
    found = document.to(Frame.GRID)
    assert [round(side, 9) for side in found.boxes[0].xyxy] == [333.333333333, 0, 1000, 666.666666667]
    whole = parse('Two: [{"box_2d": [0, 1, 2, 5], "label": "cat"}].', dialect="json-yxyx-100").to(Frame.GRID)
    assert '<point_box mention="cat"> (10,0) (50,20) </point_box>' in whole.to_markup()


@pytest.mark.parametrize("order", ["xyxy", "yxyx", "xywh", "cxcywh"])
@pytest.mark.parametrize("scale", ["999", "100", "unit", "percent", "pixels"])
def test_a_batch_is_the_table_of_its_documents_on_the_grid(order, scale):
    texts = [
        '[{"bbox_2d": [0.1, 0.2, 0.7, 0.9], "label": "cat"}]',
        "None.",
        '{"bbox_2d": [5, 6, 50, 70], "label": "é"}',
    ]
    name, size = f"json-{order}-{scale}", (640, 480) if scale == "pixels" else None
    found = parse_batch(texts, dialect=name, image_sizes=size)
    documents = [parse(text, dialect=name, image_size=size) for text in texts]
    assert found == AnnotationTable.from_documents(documents)
    wanted = [each.to(Frame.GRID).xyxy for document in documents for each in document.boxes]
    assert found.xyxy.tolist() == [list(each) for each in wanted]


def test_each_text_has_its_own_size():
    texts = ['{"bbox_2d": [10, 20, 30, 40]}'] * 2
    found = parse_batch(texts, dialect="json-xyxy-pixels", image_sizes=[(100, 200), (1000, 2000)])
    assert found.xyxy.tolist() == [[100, 100, 300, 200], [10, 10, 30, 20]]
    with pytest.raises(UsageError, match="one for each of 2 texts"):
        parse_batch(texts, dialect="json-xyxy-pixels", image_sizes=[(1, 2)] * 3)


# -- grids of other lengths are never taken for 0–1000 -----------------------------------------------------------------


def test_values_on_another_grid_come_into_a_table_on_its_own():
    box = Box(0, 0, 999, 333, mention="a", frame=Frame.grid(999))
    assert AnnotationTable.from_annotations([[box]]).xyxy.tolist() == [[0, 0, 1000, 333 / 999 * 1000]]


def test_recordings_on_another_grid_come_into_a_table_on_its_own(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"key": "a", "text": "<point> (999,0) </point>"}\n')
    assert read_table(path, frame=Frame.grid(999)).coords.tolist() == [[1000, 0]]
    ours = dialect_named("gemini").replace(name="ours", scale=Scale.grid(999))
    assert parse_batch(['{"point": [0, 999]}'], dialect=ours).coords.tolist() == [[1000, 0]]


def test_pages_show_the_words_of_an_answer_without_its_boxes(recorded, tmp_path):
    _, path = recorded
    output = tmp_path / "page.html"
    assert run("view", path, "--dialect", "by-model", "-o", output).status == 0
    predictions = read_predictions(path, None, ReadingOptions(dialect=BY_MODEL))
    (first, _) = shown_answers(predictions, Words())
    assert first.answer.outcome == "ok"
    words = [piece if isinstance(piece, str) else piece[0] for piece in first.answer.pieces]
    assert "cat" in words
    assert not any("2d" in each for each in words)


def test_drawings_name_the_grid_of_their_values():
    box = Box(0, 0, 999, 333, mention="a", frame=Frame.grid(999))
    assert "grid 0–999" in to_svg([box])


def test_sizes_that_were_not_recorded_are_those_of_the_truth(tmp_path, truth):
    """Of images by their names, or by those of a join; an image that the truth does not have is told all the same."""
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(line(name, "qwen2.5-vl-7b", size=False) + "\n" for name in SIZES))
    limits = ("--dialect", "by-model", "--fail-under", "f1@0.75=1")
    assert run("evaluate", path, "--truth", truth, *limits).status == 0
    path.write_text(path.read_text().replace("a.jpg", "q0"))
    refused = run("evaluate", path, "--truth", truth, *limits)
    assert (refused.status, "the answer q0 has no recorded size" in refused.err) == (2, True)
    names = tmp_path / "names.csv"
    names.write_text("key,file_name\nq0,a.jpg\n")
    assert run("evaluate", path, "--truth", truth, "--join", names, *limits).status == 0


def test_engines_read_a_dialect_as_tables_do(recorded):
    """``read_arrow`` and ``parse_arrow`` give the annotations of ``read_table``; texts alone have no sizes."""
    pyarrow = pytest.importorskip("pyarrow")
    model, path = recorded
    wanted = vertices_of(to_arrow(read_table(path, dialect=BY_MODEL)))
    (batch,) = read_arrow(path, dialect=BY_MODEL)
    assert vertices_of(batch) == wanted
    assert len(wanted) == len(SIZES)
    texts = pyarrow.RecordBatch.from_pydict({"text": [answer(name, model) for name in SIZES], "model": [model] * 2})
    if "2.5" in model:
        with pytest.raises(FrameError, match="pixels"):
            parse_arrow(texts, dialect=BY_MODEL, model="model")
    else:
        assert vertices_of(parse_arrow(texts, dialect=BY_MODEL, model="model")) == wanted


def vertices_of(batch):
    """The corners of all annotations of a batch, or a table, of Arrow."""
    return [row["vertices"] for rows in batch.column("annotations").to_pylist() for row in rows]
