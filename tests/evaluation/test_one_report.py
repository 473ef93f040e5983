"""One report for all that the command does (newcomer M9): printed, rendered, drawn, compared, without private names."""

import csv
import io
import json
import subprocess
import sys

import jsonschema
import pytest

from perceptron_annotations import EvaluationReport, Mode, UsageError, evaluate
from perceptron_annotations.datasets import LabelMap, Merge
from perceptron_annotations.evaluation import (
    EvaluationOptions,
    PartialEvaluation,
    Predictions,
    ReadingOptions,
    compare,
    metric_curves,
    read_predictions,
    read_truth,
    report_schema,
)
from perceptron_annotations.render import report_csv, report_markdown, report_table
from tests.cli.test_cli import run
from tests.corpora import ROOT

FOLDER = "examples/evaluate"


@pytest.fixture
def files(monkeypatch):
    """The truth and two models, read as the command reads them."""
    monkeypatch.chdir(ROOT)
    truth = read_truth(f"{FOLDER}/truth.json")
    options = ReadingOptions(fields=("model", "size"))
    return truth, *(read_predictions(f"{FOLDER}/{name}.jsonl", truth, options) for name in ("small", "large"))


@pytest.fixture
def report(files):
    truth, small, large = files
    return evaluate(small, truth, compare=large, by=["model", "size"], worst=5)


def test_newcomer_m9_four_lines_are_what_the_command_does(report):
    """The command prints the report of the public function, byte for byte, in each of its forms."""
    arguments = (f"{FOLDER}/small.jsonl", "--truth", f"{FOLDER}/truth.json", "--compare", f"{FOLDER}/large.jsonl")
    for output, text in (
        ("json", report.to_json() + "\n"),
        ("csv", report.to_csv()),
        ("markdown", report.to_markdown()),
        ("table", report.to_table()),
    ):
        assert run("evaluate", *arguments, "--by", "model", "--by", "size", "-f", output).stdout == text


def test_newcomer_m9_the_report_is_one_value(report, tmp_path):
    assert isinstance(report, EvaluationReport)
    assert "large compared with small" in str(report)
    assert "large compared with small" in report.to_markdown()
    found = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert {row["task"] for row in found} == {"answers", "detection", "counting", "comparison"}
    assert {row["field"] for row in found} == {"", "model", "size"}
    report.plot(tmp_path / "curves.svg")
    drawn = (tmp_path / "curves.svg").read_text()
    for words in ("small", "large", "24 images of", "truth.json", "detection: F1 over the IoU threshold"):
        assert f"<!-- {words}" in drawn or words in drawn


def test_newcomer_m9_every_json_is_valid(report, files):
    """``report_json(ev.report())`` gave JSON that the schema refused. The validator is not ours."""
    truth, small, large = files
    alone = evaluate(small.dataset, truth.dataset, tasks=["detection"], iou_type="polygon", matching="greedy")
    parts = PartialEvaluation.of(large.dataset, truth.dataset, EvaluationOptions(thresholds=(0.5,)))
    validator = jsonschema.Draft202012Validator(report_schema())
    for each in (report, alone, parts.report(), *report.slices["model"].values()):
        assert list(validator.iter_errors(json.loads(each.to_json()))) == []
    assert list(validator.iter_errors({"schema": "other"})) != []


def test_newcomer_m9_natural_guesses_work(files):
    truth, small, large = files
    ones, others = evaluate(small, truth), evaluate(large, truth)
    together = evaluate(small, truth, compare=large)
    assert compare(ones, others) == ones.compare(others) == together
    assert report_csv(ones) == ones.to_csv()
    assert report_markdown(ones) == ones.to_markdown()
    assert report_table(ones, 60) == ones.to_table(60)
    assert report_csv(ones.partial.report()).startswith("field,value")
    assert list(metric_curves(together)) == ["small", "large"]


def test_newcomer_m9_wrong_guesses_are_told_what_to_write(files, tmp_path):
    """Each failed with a raw Python error."""
    truth, small, large = files
    ones = evaluate(small, truth)
    for guess, message in (
        (lambda: compare(small, large), r"takes two reports of evaluate\(\), not a Predictions: evaluate\(.*compare="),
        (lambda: compare(ones.metrics, ones.metrics), r"not a dict"),
        (lambda: evaluate(small, truth, compare=ones), r"compare must be a Dataset, .*use report.compare\(other\)"),
        (lambda: evaluate("small.jsonl", truth), r"predictions must be a Dataset, not str: .*read_predictions\(path"),
        (lambda: evaluate(small, "truth.json"), r"truth must be a Dataset, not str: .*read_truth\(path\)"),
        (lambda: report_csv(ones.partial), r"not a PartialEvaluation; of a PartialEvaluation, call .report\(\)"),
        (lambda: report_markdown(small), r"not a Predictions"),
        (lambda: metric_curves(small), r"of a report of evaluate\(\), not of a Predictions"),
        (lambda: ones.partial.report().plot(tmp_path / "a.png"), r"holds no datasets"),
        (lambda: read_predictions(f"{FOLDER}/small.jsonl", truth.dataset), r"read_truth\(path\) gives"),
        (lambda: evaluate(small, truth, by=["temperature"]), r"has a field 'temperature'"),
    ):
        with pytest.raises(UsageError, match=message):
            guess()


def test_newcomer_m9_models_need_no_name_and_no_file(files):
    truth, small, large = files
    report = evaluate(small.dataset, truth.dataset, compare=large.dataset)
    assert "second compared with first" in report.to_table()
    assert evaluate(Predictions(dataset=small.dataset, name="mine"), truth).predictions == "mine"


def test_newcomer_m9_options_take_what_is_natural_to_write(files, tmp_path):
    """A name in place of a tuple of names or of a member of an enum, and a file in place of a mapping."""
    (tmp_path / "labels.csv").write_text("mention,label\ncup,mug\n")
    given = ReadingOptions(fields="model", merge="first", mode="salvage", label_map=tmp_path / "labels.csv")
    typed = ReadingOptions(
        fields=("model",),
        merge=Merge.FIRST,
        mode=Mode.SALVAGE,
        label_map=LabelMap(synonyms={"cup": "mug"}),
    )
    truth = read_truth(f"{FOLDER}/truth.json", given)
    read = [read_predictions(f"{FOLDER}/small.jsonl", truth, options) for options in (given, typed)]
    ones, others = (evaluate(each, truth, by="model") for each in read)
    assert ones == others
    assert set(ones.detection.by_label) == {"mug", "plate", "spoon"}
    assert set(ones.slices) == {"model"}
    with pytest.raises(UsageError, match="did you mean 'first'"):
        ReadingOptions(merge="frist")


def test_reading_alone_draws_nothing_in(tmp_path):
    """What the command reads with does not load the drawing of curves."""
    script = "import sys; import perceptron_annotations.evaluation as e; e.evaluate; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "False\n"
