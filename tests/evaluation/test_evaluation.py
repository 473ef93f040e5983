"""All tasks together: shards, slices, failures, reports, and the pictures to look at."""

import csv
import io
import json
import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, Status, UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, RecordingImporter
from perceptron_annotations.errors import MissingExtraError
from perceptron_annotations.evaluation import (
    Evaluation,
    Outcome,
    Report,
    Task,
    curves,
    evaluate_counting,
    join_evaluations,
    plot_curves,
    read_answers,
    report_csv,
    report_json,
    report_schema,
    worst_examples,
)
from perceptron_annotations.evaluation.bootstrap import compare
from perceptron_annotations.evaluation.confusion_matrix import count_confusion, report_confusion
from perceptron_annotations.evaluation.counts import join_counts
from perceptron_annotations.evaluation.evaluation import tasks_for
from perceptron_annotations.evaluation.report import made_schema, markdown_table, report_lines

ALL = tuple(Task)
SHAPES = st.one_of(
    st.tuples(st.just(AnnotationKind.BOX), st.tuples(*[st.integers(0, 12)] * 4)),
    st.tuples(st.just(AnnotationKind.POINT), st.tuples(*[st.integers(0, 12)] * 2)),
    st.tuples(st.just(AnnotationKind.CLIP), st.tuples(*[st.integers(0, 12)] * 2)),
)
PICTURES = st.dictionaries(
    st.sampled_from("abcd"),
    st.lists(st.tuples(st.sampled_from(["cat", "dog"]), SHAPES, st.integers(0, 3)), max_size=5),
    max_size=4,
)


def dataset(pictures):
    """From ``{name: [(label, (kind, numbers), score), …]}``."""
    builder = DatasetBuilder()
    for name, shapes in pictures.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=30, height=40))
        for label, (kind, numbers), score in shapes:
            if kind is AnnotationKind.CLIP:
                builder.add(asset, kind, [], label, t=numbers[0], until=numbers[1], score=score / 4)
            else:
                coords = list(zip(numbers[::2], numbers[1::2], strict=True))
                builder.add(asset, kind, coords, label, score=score / 4)
    return builder.build()


def plain(report):
    """A report as text, in which NaN equals NaN."""
    return repr(report)


@settings(max_examples=60, deadline=None)
@given(found=PICTURES, true=PICTURES, shard=st.lists(st.integers(0, 2), min_size=4, max_size=4))
@pytest.mark.filterwarnings("ignore::perceptron_annotations.evaluation.coco_dataset.TiedScoresWarning")
def test_shards_give_the_whole(found, true, shard):
    """“Any split into shards gives identical reports”, of every task."""
    where = dict(zip("abcd", shard, strict=True))

    def part(pictures, number):
        return dataset({name: shapes for name, shapes in sorted(pictures.items()) if where[name] == number})

    found, true = dict(sorted(found.items())), dict(sorted(true.items()))
    pairs = [(part(found, number), part(true, number)) for number in range(3)]
    shards = [Evaluation.of(*pair, tasks=ALL) for pair in pairs]
    whole = Evaluation.of(dataset(found), dataset(true), tasks=ALL)
    joined = join_evaluations(shards)
    assert plain(joined.report(samples=20, seed=3)) == plain(whole.report(samples=20, seed=3))
    confusions = [count_confusion(*pair) for pair in pairs]
    matrix = report_confusion(count_confusion(dataset(found), dataset(true))).matrix
    assert report_confusion(join_counts(confusions)).matrix.tolist() == matrix.tolist()


@settings(max_examples=40, deadline=None)
@given(found=PICTURES, true=PICTURES)
def test_a_slice_is_what_its_pictures_give(found, true):
    """A slice of the counts is the evaluation of its pictures alone."""
    values = dict.fromkeys("ab", "first")
    tasks = set(ALL) - {Task.RANKING}
    slices = Evaluation.of(dataset(found), dataset(true), tasks=tasks).by(values)
    for value, names in (("first", "ab"), ("(none)", "cd")):
        alone = Evaluation.of(
            dataset({name: shapes for name, shapes in found.items() if name in names and name in true}),
            dataset({name: shapes for name, shapes in true.items() if name in names}),
            tasks=tasks,
        )
        if value in slices:
            assert plain(slices[value].report(samples=5)) == plain(alone.report(samples=5))


@settings(max_examples=60)
@given(found=PICTURES, true=PICTURES)
def test_counting_is_the_plain_loop(found, true):
    """“F1, R@1, count metrics against plain loops.”"""
    apart, wanted = [], []
    for name, shapes in true.items():
        for label in ("cat", "dog"):
            ours, theirs = (
                sum(each == label and kind is not AnnotationKind.CLIP for each, (kind, _), _ in side)
                for side in (found.get(name, []), shapes)
            )
            if ours or theirs:
                apart.append(ours - theirs)
                wanted.append(theirs)
    scores = evaluate_counting(dataset(found), dataset(true), samples=0).marked
    count = len(apart)
    assert scores.pairs == count
    if count:
        assert scores.exact == apart.count(0) / count
        assert scores.within == {most: sum(abs(each) <= most for each in apart) / count for most in (1, 2)}
        assert scores.mean_absolute_error == sum(map(abs, apart)) / count
        assert scores.root_mean_square_error == pytest.approx(math.sqrt(sum(each**2 for each in apart) / count))
        assert scores.bias == sum(apart) / count
    relative = [abs(each) / true for each, true in zip(apart, wanted, strict=True) if true]
    if relative:
        assert scores.mean_relative_error == pytest.approx(sum(relative) / len(relative))


BOX = '<point_box mention="{}"> ({},0) ({},500) </point_box>'
LINES = [
    ("a.png", "Two cats: " + BOX.format("cat", 0, 100), "m1"),
    ("b.png", "<point_box> (x) </point_box>", "m1"),
    ("c.png", "There are three cats. " + BOX.format("cat", 0, 100) + BOX.format("dog", 500, 600), "m2"),
    ("d.png", "I see nothing.", "m2"),
    ("e.png", BOX.format("cat", 0, 100) + " <point_box> (1", "m2"),
    ("z.png", BOX.format("cat", 0, 100), "m2"),
]


@pytest.fixture
def recorded(tmp_path):
    """Answers about five of six pictures: whole, unreadable, with a dog made up, empty, cut off; and one unknown."""
    path = tmp_path / "answers.jsonl"
    with path.open("w") as file:
        for name, text, model in LINES:
            asset = {"file_name": name, "width": 1000, "height": 1000}
            messages = [{"role": "user", "content": [{"type": "text", "text": f"Find the cats of {name}."}]}]
            choice = {"message": {"content": text}, "finish_reason": "length" if text.endswith("(1") else "stop"}
            body = {"id": name, "model": model, "choices": [choice]}
            line = {"response": body, "request": {"messages": messages, "temperature": 0.5}, "assets": [asset]}
            file.write(json.dumps(line) + "\n")
    builder = DatasetBuilder()
    for name in ("a.png", "b.png", "c.png", "d.png", "e.png", "f.png"):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=1000, height=1000))
        builder.add(asset, AnnotationKind.BOX, [(0, 0), (100, 500)], "cat")
    return path, builder.build()


def evaluated(recorded):
    path, truth = recorded
    answers = read_answers(path, fields=("model", "temperature"))
    predictions = RecordingImporter().read(path)[0]
    prose = {name: answer.prose for name, answer in answers.items()}
    return Evaluation.of(predictions, truth, prose=prose), predictions, answers


def test_failures_are_a_result(recorded):
    evaluation, _, _ = evaluated(recorded)
    report = evaluation.report(samples=0)
    outcomes = report.outcomes
    assert outcomes.counts == {
        Outcome.EMPTY: 1,
        Outcome.OK: 2,
        Outcome.PARTIAL: 1,
        Outcome.UNREADABLE: 1,
        Outcome.UNANSWERED: 1,
    }
    assert (outcomes.unreadable_rate, outcomes.empty_rate, outcomes.cut_off_rate) == (1 / 6, 1 / 6, 1 / 6)
    assert {code.value: count for code, count in outcomes.issues.items()} == {
        "invalid_box_coords": 1,
        "truncated_element": 1,
    }
    assert (outcomes.unanswered_images, outcomes.unknown_images) == (("f.png",), ("z.png",))
    assert report.detection.outcomes == outcomes
    # Cats of a, c and e are found; of b, d and f none; the dog is made up. Of the readable, d is missed.
    assert report.detection.overall[0].recall == 3 / 6
    readable = evaluation.readable().report(samples=0)
    assert readable.detection.overall[0].recall == 3 / 4
    assert readable.detection.overall[0].precision == report.detection.overall[0].precision == 3 / 4
    # Two cats and three cats were stated of one each.
    assert (report.counting.stated.pairs, report.counting.stated.bias) == (2, (1 + 2) / 2)


def test_two_assets_of_one_name_have_one_outcome():
    """A picture that was read once is readable, whatever became of another answer about it."""
    builder = DatasetBuilder()
    for status in (Status.OK, Status.UNREADABLE):
        builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9), status)
    truth = DatasetBuilder()
    truth.add_asset(DatasetAsset(file_name="a.png", width=9, height=9))
    outcomes = Evaluation.of(builder.build(), truth.build()).report().outcomes
    assert outcomes.counts[Outcome.PARTIAL] == 1


def test_slices_by_recorded_fields(recorded):
    evaluation, _, answers = evaluated(recorded)
    assert answers["a.png"].fields == {"model": "m1", "temperature": "0.5"}
    slices = evaluation.by({name: answer.fields["model"] for name, answer in answers.items()})
    recalls = {value: found.report(samples=0).detection.overall[0].recall for value, found in slices.items()}
    assert recalls == {"(none)": 0, "m1": 1 / 2, "m2": 2 / 3}


def test_the_worst_can_be_looked_at(recorded):
    path, truth = recorded
    _, predictions, answers = evaluated(recorded)
    places = {name: answer.place for name, answer in answers.items()}
    found = worst_examples(predictions, truth, most=3, places=places)
    assert [each.image for each in found] == ["b.png", "c.png", "d.png"]
    unreadable, made_up, empty = found
    assert (unreadable.outcome, unreadable.missed, empty.outcome) == ("unreadable", ("cat",), "empty")
    assert (made_up.place.file, made_up.place.line_number) == (str(path), 3)
    assert made_up.place.prompt == "Find the cats of c.png."
    (mistake,) = made_up.made_up
    start, end = mistake.span
    assert (mistake.label, mistake.source) == ("dog", "c.png")
    assert LINES[2][1][start:end] == BOX.format("dog", 500, 600)
    assert worst_examples(truth, truth) == ()


@pytest.mark.parametrize(
    ("line", "prompt"),
    [
        ({"prompt": "Where?"}, "Where?"),
        ({"messages": [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": "x"}]}, "Where?"),
        ({"request": {"messages": [{"role": "user", "content": [{"image_url": {}}]}]}}, None),
        ({"request": {"messages": "broken"}}, None),
        ({"request": 5}, None),
    ],
)
def test_prompts(tmp_path, line, prompt):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "x", "key": "a.png", **line}) + "\nbroken\n")
    assert read_answers(tmp_path / "a.jsonl")["a.png"].place.prompt == prompt


def a_report(recorded):
    path, truth = recorded
    evaluation, predictions, answers = evaluated(recorded)
    return Report(
        predictions=str(path),
        truth="truth.json",
        over_all=evaluation.report(samples=10),
        over_readable=evaluation.readable().report(samples=10),
        slices={"model": {value: each.report(samples=0) for value, each in evaluation.by({"a.png": "=1+1"}).items()}},
        worst=worst_examples(predictions, truth, places={name: answer.place for name, answer in answers.items()}),
        compared_with="other.jsonl",
        comparisons=compare(evaluation.figures(), Evaluation.of(truth, truth).figures(), samples=100),
    )


def test_the_schema_is_that_of_the_types(recorded):
    """“JSON (schema in the package)”: it stands as the types make it, and a report is read back by them."""
    assert report_schema() == msgspec.json.decode(msgspec.json.encode(made_schema()))
    encoded = report_json(a_report(recorded))
    found = json.loads(encoded)
    assert found["schema"] == "perceptron-annotations/evaluation"
    assert found["over_all"]["detection"]["figures"]["f1@0.5"]["value"] == pytest.approx(0.6)
    assert found["over_all"]["detection"]["by_size"]["small"][0]["f1"] is None
    assert_valid(found, report_schema(), report_schema())


def assert_valid(value, schema, root):
    """As much of JSON schema as ours needs."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        options = [each for each in schema["anyOf"] if (each.get("type") == "null") == (value is None)]
        return assert_valid(value, options[0], root)
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    names = schema.get("type", [])
    allowed = tuple(kinds[name] for name in ([names] if isinstance(names, str) else names))
    flat = tuple(each for kind in allowed for each in (kind if isinstance(kind, tuple) else (kind,)))
    assert not flat or isinstance(value, flat), (value, schema)
    if "enum" in schema:
        assert value in schema["enum"]
    for name in schema.get("required", ()):
        assert name in value
    if isinstance(value, dict):
        for name, each in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            assert inner is not None, name
            assert_valid(each, inner, root) if isinstance(inner, dict) else None
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for each in value:
            assert_valid(each, schema["items"], root)
    return None


def test_csv_holds_every_figure(recorded):
    report = a_report(recorded)
    rows = list(csv.DictReader(io.StringIO(report_csv(report))))
    assert len(rows) == len(list(report_lines(report)))
    found = {(row["field"], row["value"], row["over"], row["part"], row["figure"]): row for row in rows}
    assert float(found["", "", "all", "", "f1@0.5"]["number"]) == pytest.approx(0.6)
    assert float(found["", "", "readable", "", "recall@0.5"]["number"]) == 3 / 4
    assert found["", "", "all", "issue=truncated_element", "count"]["number"] == "1"
    assert found["model", "'=1+1", "all", "", "recall@0.5"]["number"] == "1.0"
    assert found["", "", "all", "outcome=unreadable", "count"]["number"] == "1"
    better = found["", "", "all", "against=other.jsonl", "f1@0.5"]
    assert float(better["number"]) == pytest.approx(0.4)
    assert float(better["low"]) <= 0.4 <= float(better["high"])
    assert 0 < float(found["", "", "all", "against=other.jsonl", "f1@0.5_p"]["number"]) <= 1
    assert found["", "", "all", "size=small", "f1@0.5"]["number"] == ""  # nothing is small


def test_markdown_is_escaped():
    text = markdown_table(("a|b", "c"), [("<img src=x>", "line\nend"), ("*x*", "[y](z)")])
    assert text.splitlines() == [
        r"| a\|b | c |",
        "| --- | --- |",
        r"| \<img src=x\> | line end |",
        r"| \*x\* | \[y\](z) |",
    ]


def test_shards_of_other_tasks_are_named():
    """Without ``tasks`` each shard has those that its own truth allows, which may differ."""
    boxes, clips = (
        Evaluation.of(dataset({name: [shape]}), dataset({name: [shape]}))
        for name, shape in (
            ("a", ("x", (AnnotationKind.BOX, (0, 0, 5, 5)), 1)),
            ("b", ("x", (AnnotationKind.CLIP, (0, 5)), 1)),
        )
    )
    for shards in ([], [boxes, clips], [clips, boxes]):
        with pytest.raises(UsageError, match="the same tasks"):
            join_evaluations(shards)


def test_shapes_at_a_time_are_those_of_the_pictures():
    """Of a slice its own; once in the whole, though each shard was given all predictions."""
    predictions = DatasetBuilder()
    for name in ("a", "b", "unknown"):
        asset = predictions.add_asset(DatasetAsset(file_name=name, width=30, height=40))
        predictions.add(asset, AnnotationKind.BOX, [(0, 0), (5, 5)], "x", t=1.0)
    predictions = predictions.build()
    tasks = (Task.DETECTION, Task.POINTING)
    whole = Evaluation.of(predictions, dataset({"a": [], "b": []}), tasks=tasks)
    shards = [Evaluation.of(predictions, dataset({name: []}), tasks=tasks) for name in "ab"]
    slices = whole.by({"a": "first", "b": "second"})
    for evaluation, count in ((whole, 2), (join_evaluations(shards), 2), (slices["first"], 1), (whole.readable(), 2)):
        assert evaluation.report(samples=0).detection.timed == count


def test_which_tasks_there_are():
    box, point, clip = (
        ("x", (kind, numbers), 1)
        for kind, numbers in (
            (AnnotationKind.BOX, (0, 0, 1, 1)),
            (AnnotationKind.POINT, (0, 0)),
            (AnnotationKind.CLIP, (0, 1)),
        )
    )
    for found, true, wanted in (
        ([box], [box], {Task.DETECTION, Task.COUNTING, Task.RANKING}),
        ([point], [box], {Task.POINTING, Task.COUNTING}),
        ([point, box], [box], {Task.DETECTION, Task.POINTING, Task.COUNTING, Task.RANKING}),
        ([], [box], {Task.DETECTION, Task.COUNTING}),
        ([clip], [clip], {Task.TEMPORAL}),
        ([], [], {Task.COUNTING}),
    ):
        assert tasks_for(dataset({"a": found}), dataset({"a": true})) == wanted


def test_curves(recorded, tmp_path):
    path, truth = recorded
    predictions = RecordingImporter().read(path)[0]
    found = curves(predictions, truth, [Task.DETECTION, Task.COUNTING])
    f1, counting = found
    assert f1.y[9] == pytest.approx(0.6)  # at 0.5
    assert counting.y[-1] == 1
    for name in ("a.png", "a.svg", "a.pdf"):
        plot_curves({"one": found, "$x^{": found, "_hidden": found}, tmp_path / name)
        first = (tmp_path / name).read_bytes()
        plot_curves({"one": found, "$x^{": found, "_hidden": found}, tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
    with pytest.raises(UsageError, match="png, svg, pdf"):
        plot_curves({"one": found}, tmp_path / "a.exe")


def test_curves_of_scores_and_clips():
    shapes = [
        ("x", (AnnotationKind.BOX, (0, 0, 9, 9)), 3),
        ("x", (AnnotationKind.BOX, (20, 20, 25, 25)), 2),
        ("x", (AnnotationKind.CLIP, (0, 5)), 1),
    ]
    true = [
        ("x", (AnnotationKind.BOX, (0, 0, 9, 9)), 0),
        ("x", (AnnotationKind.BOX, (9, 9, 12, 12)), 0),
        ("x", (AnnotationKind.CLIP, (0, 10)), 0),
    ]
    recall, precision = curves(dataset({"a": shapes}), dataset({"a": true}), [Task.TEMPORAL, Task.RANKING])
    # tIoU is 0.5; one of two boxes is found first, so precision is 1 up to a recall of one half.
    assert (recall.y[9], recall.y[10]) == (1, 0)
    assert precision.y[50:52] == pytest.approx((1, 0))


def test_curves_of_nothing():
    none = dataset({"a": []})
    assert all(math.isnan(y) for curve in curves(none, none, [Task.COUNTING, Task.TEMPORAL]) for y in curve.y)


def test_curves_need_matplotlib(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"perceptron-annotations\[plot\]"):
        plot_curves({}, tmp_path / "a.png")


def test_reports_are_values(recorded):
    report = a_report(recorded)
    assert msgspec.json.encode(report) == msgspec.json.encode(a_report(recorded))
