"""The options of ``evaluate``: limits, samples, plurals, matching and distances (E3, E4, E6, E8)."""

import json

import pytest

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from tests.cli.test_cli import run


def box(label, x1, y1, x2, y2):
    return f'<point_box mention="{label}"> ({x1},{y1}) ({x2},{y2}) </point_box>'


@pytest.fixture
def files(tmp_path):
    """A truth of one image of 1000 x 1000 pixels, and what writes answers about it."""
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.jpg", width=1000, height=1000))
    for left in (0, 300):
        builder.add(asset, AnnotationKind.BOX, [(left, 0), (left + 200, 200)], "cat")
    truth = tmp_path / "truth.json"
    write_dataset(builder.build(), truth, format="coco")

    def answers(*texts, name="answers.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps({"key": "a.jpg", "text": text}) + "\n" for text in texts))
        return str(path)

    return answers, str(truth)


def evaluated(*arguments):
    """The exit status, the report or the text, and the complaints."""
    done = run("evaluate", *arguments)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout, done.stderr


def metric(report, name, task="detection"):
    return report[task]["metrics"][name]["value"]


def test_e8_samples_and_merge(files):
    """Three answers, two of which agree: pooled they look like duplicates."""
    answers, truth = files
    good = box("cat", 0, 0, 200, 200) + box("cat", 300, 0, 500, 200)
    path = answers(good, good, box("cat", 0, 0, 200, 200) + box("cat", 700, 700, 900, 900))
    options = (path, "--truth", truth, "-f", "json")
    _, pooled, _ = evaluated(*options)
    assert metric(pooled, "precision@0.5") == pytest.approx(2 / 6)
    _, first, _ = evaluated(*options, "--merge", "first")
    assert metric(first, "f1@0.5") == 1
    _, agreed, _ = evaluated(*options, "--samples")
    # Both cats, and the box that one of three answers has, ranked last.
    assert metric(agreed, "precision@0.5") == pytest.approx(2 / 3)
    assert metric(agreed, "ap50", "average_precision") == pytest.approx(1)
    _, text, _ = evaluated(path, "--truth", truth, "--samples")
    assert "are samples: their consensus is evaluated" in text
    points = answers("<point> (5,5) </point>")
    status, _, err = evaluated(points, "--truth", truth, "--samples")
    assert (status, "these answers have points: use --merge" in err) == (2, True)


def test_e8_singular(files):
    answers, truth = files
    path = answers(box("cats", 0, 0, 200, 200))
    _, report, _ = evaluated(path, "--truth", truth, "-f", "json")
    assert metric(report, "recall@0.5") == 0
    assert report["similar_labels"] == [{"predicted": "cats", "true": "cat", "differ_in_case": False}]
    _, report, _ = evaluated(path, "--truth", truth, "-f", "json", "--singular")
    assert metric(report, "recall@0.5") == 0.5


def test_e3_what_the_answers_of_the_other_came_to(files):
    answers, truth = files
    path = answers(box("cat", 0, 0, 200, 200))
    other = answers("<point_box> (x) </point_box>", name="other.jsonl")
    _, report, _ = evaluated(path, "--truth", truth, "--compare", other, "-f", "json")
    assert report["compared_outcomes"]["counts"]["unreadable"] == 1
    _, text, _ = evaluated(path, "--truth", truth, "--compare", other)
    assert "other: answers about 1 of 1 image (100.0%): 1 unreadable" in " ".join(text.split())
    _, table, _ = evaluated(path, "--truth", truth, "--compare", other, "-f", "csv")
    assert ",,compared,answers,outcome=unreadable,count,1," in table


def test_e4_and_e6_matching_and_distance(tmp_path):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.jpg", width=1000, height=1000))
    builder.add(asset, AnnotationKind.POINT, [(100, 100)], "cat")
    truth = tmp_path / "truth.jsonl"
    write_dataset(builder.build(), truth, format="dataset-jsonl")
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"key": "a.jpg", "text": '<point mention="cat"> (110,100) </point>'}))
    for distance, wanted in (("20", 1), ("5", 0)):
        options = ("--truth", str(truth), "--distance", distance, "--matching", "greedy", "-f", "json")
        _, report, _ = evaluated(str(path), *options)
        assert metric(report, "point_recall", "pointing") == wanted
        assert report["pointing"]["matching"] == "greedy"


def test_e8_thresholds_are_explained_as_they_are_checked(files):
    answers, truth = files
    status, _, err = evaluated(answers(""), "--truth", truth, "--iou", "nan")
    assert (status, "thresholds must be above 0 and at most 1" in err) == (2, True)
    shown = " ".join(run("evaluate", "--help").stdout.replace("│", " ").split())
    assert "above 0 and at most 1" in shown


def test_e8_errors_have_limits_too(files):
    answers, truth = files
    path = answers(box("cat", 0, 0, 200, 200))
    status, _, err = evaluated(
        path, "--truth", truth, "--fail-over", "count_mae=0.5", "--fail-under", "recall@0.50=0.5"
    )
    assert (status, "count_mae is 1.0000, above 0.5" in err, "recall" in err) == (1, True, False)
