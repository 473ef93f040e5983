"""Scale F9: what a function of an engine captures goes to its workers: every public callable, and values in use."""

import importlib
import inspect
import pickle

import pytest

import perceptron_annotations as pa
from perceptron_annotations.completions import SSEDecoder, image
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    ImageTransform,
    RecordingImporter,
    read_sizes,
    sizes_in,
)
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.evaluation import EvaluationOptions, PartialEvaluation, ReadingOptions, sums_schema
from perceptron_annotations.ops import LabelMap
from perceptron_annotations.table import annotations_schema, recordings_schema
from tests.datasets.examples import png

FACES = ("completions", "datasets", "evaluation", "interop", "markup", "ops", "render", "asking", "table")
TEXT = '<think>hm</think> <point mention="猫"> (1,2) </point> <track mention="a"> <point t="1"> (3,4) </point> <po'


def again(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def public_callables():
    for face in ("", *FACES):
        module = importlib.import_module(".".join(["perceptron_annotations", face]).strip("."))
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isroutine(value) or inspect.isclass(value):
                yield pytest.param(value, id=f"{face}.{name}")


@pytest.mark.parametrize("value", list(public_callables()))
def test_every_public_function_and_class(value):
    assert again(value) is value


def dataset():
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.jpg", width=100, height=80))
    builder.add(asset, pa.AnnotationKind.BOX, [(1, 2), (30, 40)], "cat")
    return builder.build()


VALUES = {
    "a document": lambda: pa.parse(TEXT),
    "a table": lambda: pa.parse_batch([TEXT, "nothing"]),
    "a request": lambda: pa.Request(
        prompt="Box the cups.", annotation_format="box", media=(image("https://example.com/a.jpg"),)
    ),
    "a span": lambda: pa.FileSpan("a.jsonl", 10, 20, 3),
    "a label map": lambda: LabelMap(synonyms={"kitty": "cat"}, singular=True),
    "a transform": lambda: ImageTransform(scale=(2.0, 2.0)),
    "options of evaluation": lambda: EvaluationOptions(tasks=(pa.evaluation.Task.DETECTION,)),
    "options of reading": lambda: ReadingOptions(key="request.metadata.image"),
    "a schema": lambda: annotations_schema(recordings_schema()),
    "the schema of sums": sums_schema,
}


@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_values_that_a_user_captures(make):
    value = make()
    assert again(value) == value


def test_a_dataset():
    found = again(dataset())
    assert (found.table, found.labels, found.assets) == (dataset().table, dataset().labels, dataset().assets)


def test_an_evaluation_and_its_report():
    partial = PartialEvaluation.of(dataset(), dataset())
    assert again(partial).to_arrow() == partial.to_arrow()
    report = pa.evaluate(dataset(), dataset())
    assert again(report).to_json() == report.to_json()


def test_an_error_with_its_issue():
    with pytest.raises(MarkupError) as caught:
        pa.parse("<point> x </point>", mode="strict")
    assert str(again(caught.value)) == str(caught.value)
    assert again(caught.value).issue == caught.value.issue


@pytest.mark.parametrize("where", ["list", "folder", "mapping", "nothing"])
def test_an_importer_with_what_it_was_given(tmp_path, where):
    """It places annotations as the one that it was made from."""
    (tmp_path / "a.png").write_bytes(png(64, 48))
    (tmp_path / "sizes.csv").write_text("file_name,width,height\na.png,64,48\n")
    sizes = {
        "list": lambda: read_sizes(tmp_path / "sizes.csv"),
        "folder": lambda: sizes_in(tmp_path),
        "mapping": lambda: {"a.png": (64, 48)},
        "nothing": lambda: None,
    }[where]()
    (tmp_path / "a.jsonl").write_text('{"key": "a", "text": "<point> (500,500) </point>"}\n')
    importer = RecordingImporter(sizes=sizes, join={"a": "a.png"})
    found = [each.read(tmp_path / "a.jsonl")[0] for each in (again(importer), importer)]
    assert found[0].table == found[1].table
    assert found[0].table.coords.tolist() == ([] if where == "nothing" else [[32.0, 24.0]])


def test_a_decoder_of_events_in_the_midst_of_one():
    decoder = SSEDecoder()
    list(decoder.feed(b'data: {"a"'))
    assert [each.data for each in again(decoder).feed(b": 1}\n\n")] == ['{"a": 1}']
