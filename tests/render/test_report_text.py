"""Reports as text for people: tables that fit, directions said in words, models by short names."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import Predictions, Truth
from perceptron_annotations.evaluation.model_names import short_names
from perceptron_annotations.render.plain_tables import display_width, plain_table, shortened
from perceptron_annotations.render.report_tables import ReportTable
from tests.cli.test_cli import run


def boxes(shift=0, *, label="cat", images=30):
    """A box on each image, that of every third one moved."""
    builder = DatasetBuilder()
    for number in range(images):
        asset = builder.add_asset(DatasetAsset(file_name=f"photos/of/{number:03}.jpg", width=100, height=100))
        left = shift if number % 3 == 0 else 0
        builder.add(asset, AnnotationKind.BOX, [(left, 0), (left + 10, 10)], label)
    return builder.build()


def compared(**names):
    """The first model finds two of three boxes, the second all."""
    first, second = names.get("first", "runs/a/mk1.jsonl"), names.get("second", "runs/b/mk1.5.jsonl")
    return evaluate(
        Predictions(dataset=boxes(50), name=first),
        Truth(dataset=boxes(), name="truth.json"),
        compare=Predictions(dataset=boxes(), name=second),
        worst=3,
    )


def row(text, start):
    return [cell.strip() for cell in next(line for line in text.splitlines() if line.startswith(start)).split("│")]


def test_newcomer_m12_a_comparison_says_its_direction():
    """Newcomer, minor 12: the estimate stands beside its interval, and words say which way it goes."""
    text = compared().to_table()
    assert "mk1.5 compared with mk1: differences are mk1.5 less mk1" in text
    found = row(text.partition("compared with")[2], "f1@0.5")
    assert found[1:4] == ["0.667", "1.000", "+0.333"]
    low, high = map(float, found[4].strip("[]").split(","))
    assert low < 1 / 3 < high
    assert found[5] == "mk1.5 better"
    assert row(text.partition("compared with")[2], "count_exact")[5] == "not clear"  # both count alike


def test_newcomer_m12_of_errors_the_lower_is_better():
    """Newcomer, minor 12: a difference below 0 of an error speaks for the second model, of a bias one nearer 0."""
    double = DatasetBuilder()
    for number in range(30):
        asset = double.add_asset(DatasetAsset(file_name=f"photos/of/{number:03}.jpg", width=100, height=100))
        for left in (0, 50):
            double.add(asset, AnnotationKind.BOX, [(left, 0), (left + 10, 10)], "cat")
    found = evaluate(double.build(), boxes(), compare=boxes()).to_table().partition("compared with")[2]
    assert (row(found, "count_mae")[3], row(found, "count_mae")[5]) == ("-1.000", "second better")
    assert (row(found, "count_bias")[3], row(found, "count_bias")[5]) == ("-1.000", "second better")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_newcomer_m12_tables_break_no_number_and_no_word(width):
    """Newcomer, minor 12: at 60 columns numbers and names were wrapped by letters."""
    report = compared(first="runs/a/perceptron-mk1-of-the-first-week.jsonl", second="runs/b/perceptron-mk1.5.jsonl")
    text = report.to_table(width)
    assert max(map(display_width, text.splitlines())) <= width
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    whole = set(re.findall(r"[-+]?\d+\.\d+", report.to_table()))
    cut = set(re.findall(r"[-+]?\d+\.\d+", text))
    assert cut <= whole
    assert {"f1@0.5", "mean_iou", "count_mae"} <= {line.partition(" ")[0] for line in text.splitlines()}


def test_newcomer_m12_columns_are_left_out_last_and_named():
    """Newcomer, minor 12."""
    text = compared().to_table(60)
    assert "(too narrow to show: mk1, mk1.5, p)" in text
    assert "mk1.5 better" in text
    assert "too narrow" not in compared().to_table()


CELLS = st.text(st.sampled_from("ab 0日é"), max_size=30)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, st.integers(0, 10**6).map(str), CELLS), min_size=1, max_size=5),
    width=st.integers(24, 90),
)
def test_any_table_fits_and_keeps_its_numbers(rows, width):
    table = ReportTable("title", ("name", "count", "other name"), rows, names=(0, 2), optional=(2,))
    lines = plain_table(table, width).splitlines()
    assert max(map(display_width, lines)) <= width
    body = lines[next(place for place, line in enumerate(lines) if "╇" in line) + 1 :]
    assert [line.split("│")[1].strip() for line in body[: len(rows)]] == [each[1] for each in rows]


def test_names_are_shortened_in_their_middle():
    assert shortened("images/of/tables/0001.jpg", 15) == "images/…001.jpg"
    assert display_width(shortened("日本語日本語日本語", 7)) <= 7
    assert shortened("short", 5) == "short"


def test_newcomer_m12_models_have_short_names():
    """Newcomer, minor 12: whole paths headed the columns."""
    assert short_names(["/data/x/small.jsonl", "/data/x/large.jsonl"]) == ["small", "large"]
    assert short_names(["/data/x/answers.jsonl", "/data/y/answers.jsonl"]) == ["x/answers", "y/answers"]
    assert short_names(["a/b/c.jsonl", "a/b/c.jsonl"]) == ["c", "c (2)"]
    assert short_names(["mk1.5.jsonl", None]) == ["mk1.5", "second"]
    assert short_names(["a.json", "a.jsonl"]) == ["a", "a (2)"]
    text = compared(first="/data/one/answers.jsonl", second="/data/two/answers.jsonl").to_table()
    assert "two/answers better" in text
    assert "/data/" not in text.partition("compared with")[2].partition("most mistakes")[0]


def test_newcomer_one_thing_is_singular():
    text = evaluate(boxes(images=1), boxes(images=1)).to_table()
    assert text.startswith("answers about 1 of 1 image (100.0%)")


def test_newcomer_the_matching_is_said():
    for matching in ("optimal", "greedy"):
        assert f"{matching} matching: predictions without" in evaluate(
            boxes(), boxes(), matching=matching
        ).to_table().replace("of predictions", "predictions")
    assert "IoU is that of polygons" in evaluate(boxes(), boxes(), iou_type="polygon").to_table()


def test_newcomer_m14_labels_that_differ_in_case_are_told(tmp_path):
    """Newcomer, minor 14: the command says which option makes them one."""
    box = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 50], "area": 2500, "iscrowd": 0}]
    for name, label in (("truth.json", "cup"), ("found.json", "Cup")):
        images, categories = [{"id": 1, "file_name": "a", "width": 99, "height": 99}], [{"id": 1, "name": label}]
        (tmp_path / name).write_text(json.dumps({"images": images, "annotations": box, "categories": categories}))
    shown = run("evaluate", tmp_path / "found.json", "--truth", tmp_path / "truth.json").stdout
    assert "'Cup' is predicted and 'cup' is true: --ignore-case makes them one label" in shown


def test_newcomer_one_label_is_not_one_labels():
    """Newcomer: numbers of one thing were in the plural."""
    assert repr(boxes(images=1)) == "<Dataset: 1 asset, 1 object in 1 row, 1 label>"
    assert repr(evaluate(boxes(images=1), boxes(images=1)).partial).startswith("<PartialEvaluation: 1 image; ")
