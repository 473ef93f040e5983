"""All tasks together: shards, slices, failures, reports, and the images to look at."""

import csv
import io
import json
import math
import pickle
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from perceptron_annotations import AnnotationKind, Status, UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, RecordingImporter
from perceptron_annotations.errors import MissingExtraError
from perceptron_annotations.evaluation import (
    EvaluationOptions,
    EvaluationReport,
    Outcome,
    PartialEvaluation,
    Predictions,
    Task,
    Truth,
    compare,
    evaluate,
    evaluate_counting,
    join_evaluations,
    metric_curves,
    plot_curves,
    report_schema,
    tasks_for,
    worst_images,
)
from perceptron_annotations.evaluation.confusion import confusion_counts as evaluate_confusion
from perceptron_annotations.evaluation.counts import join_counts
from perceptron_annotations.evaluation.curves import Curve, _figure
from perceptron_annotations.evaluation.pairing import DatasetPair
from perceptron_annotations.evaluation.recorded import first_answers, read_answers
from perceptron_annotations.evaluation.tasks import IouType
from perceptron_annotations.render.report_rows import metric_rows
from perceptron_annotations.render.report_text import markdown_table
from perceptron_annotations.table import RecordedTable
from tests.evaluation.made_schema import made_schema

ALL = tuple(Task)
OPTIONS = EvaluationOptions(tasks=ALL, distance=3)
SHAPES = st.one_of(
    st.tuples(st.just(AnnotationKind.BOX), st.tuples(*[st.integers(0, 12)] * 4)),
    st.tuples(st.just(AnnotationKind.POINT), st.tuples(*[st.integers(0, 12)] * 2)),
    st.tuples(st.just(AnnotationKind.CLIP), st.tuples(*[st.integers(0, 12)] * 2)),
)
IMAGES = st.dictionaries(
    st.sampled_from("abcd"),
    st.lists(st.tuples(st.sampled_from(["cat", "dog"]), SHAPES, st.integers(0, 3)), max_size=5),
    max_size=4,
)


def dataset(images):
    """From ``{name: [(label, (kind, numbers), score), …]}``."""
    builder = DatasetBuilder()
    for name, shapes in images.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=30, height=40))
        for label, (kind, numbers), score in shapes:
            if kind is AnnotationKind.CLIP:
                builder.add(asset, kind, [], label, t=numbers[0], until=numbers[1], score=score / 4)
            else:
                coords = list(zip(numbers[::2], numbers[1::2], strict=True))
                builder.add(asset, kind, coords, label, score=score / 4)
    return builder.build()


def confusion_counts(found, true):
    return evaluate_confusion(DatasetPair.of(found, true), iou_type=IouType.BBOX)


@settings(max_examples=60, deadline=None)
@given(found=IMAGES, true=IMAGES, shard=st.lists(st.integers(0, 2), min_size=4, max_size=4))
@pytest.mark.filterwarnings("ignore::perceptron_annotations.evaluation.TiedScoresWarning")
def test_shards_give_the_whole(found, true, shard):
    """“Any split into shards gives identical reports”, of every task."""
    where = dict(zip("abcd", shard, strict=True))

    def part(images, number):
        return dataset({name: shapes for name, shapes in sorted(images.items()) if where[name] == number})

    found, true = dict(sorted(found.items())), dict(sorted(true.items()))
    pairs = [(part(found, number), part(true, number)) for number in range(3)]
    shards = [PartialEvaluation.of(*pair, OPTIONS) for pair in pairs]
    whole = PartialEvaluation.of(dataset(found), dataset(true), OPTIONS)
    joined = join_evaluations(pickle.loads(pickle.dumps(shards)))  # noqa: S301 - our own
    assert joined.report() == whole.report()
    confusions = [confusion_counts(*pair) for pair in pairs]
    matrix = confusion_counts(dataset(found), dataset(true)).matrix().matrix
    assert join_counts(confusions).matrix().matrix.tolist() == matrix.tolist()


@settings(max_examples=40, deadline=None)
@given(found=IMAGES, true=IMAGES)
def test_a_slice_is_what_its_images_give(found, true):
    """A slice of the counts is the evaluation of its images alone."""
    values = dict.fromkeys("ab", "first")
    options = replace(OPTIONS, tasks=tuple(set(ALL) - {Task.AVERAGE_PRECISION}))
    slices = PartialEvaluation.of(dataset(found), dataset(true), options).by(values)
    for value, names in (("first", "ab"), ("(none)", "cd")):
        alone = PartialEvaluation.of(
            dataset({name: shapes for name, shapes in found.items() if name in names and name in true}),
            dataset({name: shapes for name, shapes in true.items() if name in names}),
            options,
        )
        if value in slices:
            assert slices[value].report() == alone.report()


@settings(max_examples=60)
@given(found=IMAGES, true=IMAGES)
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
    scores = evaluate_counting(dataset(found), dataset(true)).marked
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
    """Answers about five of six images: whole, unreadable, with a dog too many, empty, cut off; and one unknown."""
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
    return evaluate(Predictions(dataset=predictions, answers=answers), truth), predictions, answers


class CountedKey(str):
    """A key that counts how often it is looked up."""

    __slots__ = ()
    lookups = 0

    def __hash__(self):
        CountedKey.lookups += 1
        return super().__hash__()


def test_datasets_c4_ten_times_the_answers_take_ten_times_the_work(recorded):
    """The finding: every line walked through all images so far, and 200,000 answers did not end."""
    (answer,) = list(read_answers(recorded[0]).values())[:1]
    lookups = []
    for count in (100, 1_000):
        keys = [CountedKey(number) for number in range(count)]
        table = SimpleNamespace(responses=SimpleNamespace(key=keys))
        CountedKey.lookups = 0
        found = first_answers(RecordedTable(table, [()] * count, [answer.details] * count))
        assert len(found) == count
        lookups.append(CountedKey.lookups)
    assert lookups[1] == 10 * lookups[0]


def test_failures_are_a_result(recorded):
    report, _, _ = evaluated(recorded)
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
    # Cats of a, c and e are found; of b, d and f none; the dog is a false positive. Of the readable, d is missed.
    assert report.detection.overall[0].recall == 3 / 6
    readable = report.readable
    assert readable == report.partial.readable().report()
    assert readable.detection.overall[0].recall == 3 / 4
    assert readable.detection.overall[0].precision == report.detection.overall[0].precision == 3 / 4
    # Two cats and three cats were stated of one each.
    assert (report.counting.stated.pairs, report.counting.stated.bias) == (2, (1 + 2) / 2)


def test_two_assets_of_one_name_have_one_outcome():
    """An image that was read once is readable, whatever became of another answer about it."""
    builder = DatasetBuilder()
    for status in (Status.OK, Status.UNREADABLE):
        builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9), status)
    truth = DatasetBuilder()
    truth.add_asset(DatasetAsset(file_name="a.png", width=9, height=9))
    outcomes = PartialEvaluation.of(builder.build(), truth.build()).report().outcomes
    assert outcomes.counts[Outcome.PARTIAL] == 1


def test_slices_by_recorded_fields(recorded):
    _, truth = recorded
    _, predictions, answers = evaluated(recorded)
    assert answers["a.png"].fields == {"model": "m1", "temperature": "0.5"}
    values = {name: answer.fields["model"] for name, answer in answers.items()}
    given = Predictions(dataset=predictions, answers=answers)
    assert evaluate(given, truth, by=["model"]) == evaluate(given, truth, by={"model": values})
    slices = evaluate(predictions, truth, by={"model": values}).slices["model"]
    recalls = {value: found.detection.overall[0].recall for value, found in slices.items()}
    assert recalls == {"(none)": 0, "m1": 1 / 2, "m2": 2 / 3}


def test_the_worst_can_be_looked_at(recorded):
    path, truth = recorded
    _, predictions, answers = evaluated(recorded)
    locations = {name: answer.location for name, answer in answers.items()}
    found = worst_images(predictions, truth, most=3, locations=locations)
    assert [each.image for each in found] == ["b.png", "c.png", "d.png"]
    assert evaluate(Predictions(dataset=predictions, answers=answers), truth, worst=3).worst == found
    unreadable, dog, empty = found
    assert (unreadable.outcome, unreadable.false_negatives, empty.outcome) == ("unreadable", ("cat",), "empty")
    assert (dog.location.file, dog.location.line_number) == (str(path), 3)
    assert dog.location.prompt == "Find the cats of c.png."
    (wrong,) = dog.false_positives
    start, end = wrong.span
    assert (wrong.label, wrong.source) == ("dog", "c.png")
    assert LINES[2][1][start:end] == BOX.format("dog", 500, 600)
    assert worst_images(truth, truth) == ()


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
    assert read_answers(tmp_path / "a.jsonl")["a.png"].location.prompt == prompt


def a_report(recorded):
    path, truth = recorded
    _, predictions, answers = evaluated(recorded)
    return evaluate(
        Predictions(dataset=predictions, name=str(path), answers=answers),
        Truth(dataset=truth, name="truth.json"),
        compare=Predictions(dataset=truth, name="other.jsonl"),
        by={"model": {"a.png": "=1+1"}},
        worst=10,
    )


def test_the_schema_is_that_of_the_types(recorded):
    """“JSON (schema in the package)”: it stands as the types make it, and describes what reports write."""
    assert report_schema() == msgspec.json.decode(msgspec.json.encode(made_schema()))
    found = json.loads(a_report(recorded).to_json())
    assert (found["schema"], found["version"]) == ("perceptron-annotations/evaluation", 3)
    assert found["detection"]["metrics"]["f1@0.5"]["value"] == pytest.approx(0.6)
    assert found["readable"]["detection"]["overall"][0]["recall"] == 3 / 4
    assert found["detection"]["by_size"]["small"][0]["f1"] is None
    for written in (found, json.loads(evaluate(recorded[1], recorded[1]).to_json())):
        assert_valid(written, report_schema(), report_schema())
    with pytest.raises(AssertionError):
        assert_valid(found["detection"], report_schema(), report_schema())


def test_comparing_two_reports(recorded):
    _, truth = recorded
    report, predictions, _ = evaluated(recorded)
    perfect = evaluate(truth, truth)
    found = compare(report, perfect).comparison
    assert found["f1@0.5"].first == pytest.approx(0.6)
    assert found["f1@0.5"].difference.value == pytest.approx(0.4)
    assert report.compare(perfect).comparison.keys() == found.keys()
    for other in (evaluate(predictions, dataset({"a": []})), evaluate(truth, truth, thresholds=(0.1,))):
        with pytest.raises(UsageError, match="the same images, thresholds and tasks"):
            compare(report, other)
    with pytest.raises(UsageError, match=r"that evaluate\(\) returned"):
        compare(report, replace(report, partial=None))


def test_all_readable_answers_are_evaluated_once(recorded):
    _, truth = recorded
    report = evaluate(truth, truth)
    assert report.readable.metrics == report.metrics


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
        "boolean": bool,
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


def test_csv_holds_every_metric(recorded):
    report = a_report(recorded)
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert len(rows) == len(list(metric_rows(report)))
    found = {(row["field"], row["value"], row["answers"], row["part"], row["metric"]): row for row in rows}
    assert float(found["", "", "all", "", "f1@0.5"]["number"]) == pytest.approx(0.6)
    assert float(found["", "", "readable", "", "recall@0.5"]["number"]) == 3 / 4
    assert found["", "", "all", "issue=truncated_element", "count"]["number"] == "1"
    assert found["model", "'=1+1", "all", "", "recall@0.5"]["number"] == "1.0"
    assert found["", "", "all", "outcome=unreadable", "count"]["number"] == "1"
    better = found["", "", "all", "against=other.jsonl", "f1@0.5"]
    assert float(better["number"]) == pytest.approx(0.4)
    assert (better["low"], better["high"]) == ("", "")  # six images are too few for an interval
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


def test_text_for_people(recorded):
    report = a_report(recorded)
    assert str(report) == report.to_table()
    assert report._repr_markdown_() == report.to_markdown()
    lines = report.to_table().splitlines()
    assert lines[0].startswith("answers about 5 of 6 images (83.3%): 1 empty, 2 ok, 1 partial, 1 unreadable, 1 unan")
    assert not any(line.endswith(" ") for line in lines)
    assert next(line for line in lines if line.startswith("f1@0.5")).split(" │ ")[2].strip() == "too few images"
    assert next(line for line in lines if line.startswith("all ")).split(" │ ")[5:] == ["3 ", "1 ", "3"]
    assert max(map(len, report.to_table(60).splitlines())) <= 60
    markdown = report.to_markdown()
    assert "| all | 0.5 | 0.750 | 0.500 | 0.600 | 3 | 1 | 3 |" in markdown
    assert r"**other compared with answers: differences are other less answers, better means p \< 0.05**" in markdown
    assert "- images without an answer: 1, first f.png; what is on them counts as false negatives" in markdown
    assert repr(report) == "<EvaluationReport: 6 images; detection f1@0.5 0.600; counting count_exact 0.429>"
    assert repr(report.partial) == "<PartialEvaluation: 6 images; detection, counting>"


def test_text_of_models_is_shown_as_it_is(recorded):
    """Nothing of a label acts on a terminal or in a page."""
    shape = (AnnotationKind.BOX, (0, 0, 5, 5))
    found = dataset({"\x1b[2Ja": [("<b>\n|\u202e", shape, 1)]})
    report = evaluate(found, found)
    assert r"<b>\n|\u202e" in report.to_table()
    assert r"\<b\>\\n\|\\u202e" in report.to_markdown()


def test_any_text_can_be_written(recorded):
    """JSON can hold half of a surrogate pair, which no encoding can."""
    shape = (AnnotationKind.BOX, (0, 0, 5, 5))
    found = dataset({"\ud800": [("é\udc00", shape, 1)]})
    report = evaluate(found, found)
    assert list(json.loads(report.to_json().encode())["detection"]["by_label"]) == ["é\udc00"]
    assert "é" in report.to_json()
    for text in (report.to_csv(), report.to_table(), report.to_markdown()):
        assert text.encode()


def test_mistakes_in_the_call_are_named():
    none = dataset({"a": []})
    for options, message in (
        ({"tasks": ["ranking"]}, "a task must be one of detection, .*, ap, keypoints, not 'ranking'"),
        ({"iou_type": "box"}, "iou_type must be one of bbox, polygon, not 'box'; did you mean 'bbox'"),
        ({"thresholds": 0.5}, r"such as \[0.5\]"),
        ({"thresholds": []}, "above 0 and at most 1"),
    ):
        with pytest.raises(UsageError, match=message):
            evaluate(none, none, **{"tasks": ["detection"], **options})
    with pytest.raises(UsageError, match="predictions must be a Dataset, not str"):
        evaluate("answers.jsonl", none)
    assert evaluate(none, none, tasks="counting").detection is None


def test_shards_of_other_tasks_are_named():
    """Without ``tasks`` each shard has those that its own truth allows, which may differ."""
    boxes, clips = (
        PartialEvaluation.of(dataset({name: [shape]}), dataset({name: [shape]}))
        for name, shape in (
            ("a", ("x", (AnnotationKind.BOX, (0, 0, 5, 5)), 1)),
            ("b", ("x", (AnnotationKind.CLIP, (0, 5)), 1)),
        )
    )
    for shards in ([], [boxes, clips], [clips, boxes]):
        with pytest.raises(UsageError, match="the same tasks"):
            join_evaluations(shards)


def test_shapes_with_a_timestamp_are_those_of_the_images():
    """Of a slice its own; once in the whole, though each shard was given all predictions."""
    predictions = DatasetBuilder()
    for name in ("a", "b", "unknown"):
        asset = predictions.add_asset(DatasetAsset(file_name=name, width=30, height=40))
        predictions.add(asset, AnnotationKind.BOX, [(0, 0), (5, 5)], "x", t=1.0)
    predictions = predictions.build()
    options = EvaluationOptions(tasks=(Task.DETECTION, Task.POINTING))
    whole = PartialEvaluation.of(predictions, dataset({"a": [], "b": []}), options)
    shards = [PartialEvaluation.of(predictions, dataset({name: []}), options) for name in "ab"]
    slices = whole.by({"a": "first", "b": "second"})
    for evaluation, count in ((whole, 2), (join_evaluations(shards), 2), (slices["first"], 1), (whole.readable(), 2)):
        assert evaluation.report().detection.timed == count


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
        ([box], [box], {Task.DETECTION, Task.COUNTING, Task.AVERAGE_PRECISION}),
        ([point], [box], {Task.POINTING, Task.COUNTING}),
        ([point, box], [box], {Task.DETECTION, Task.POINTING, Task.COUNTING, Task.AVERAGE_PRECISION}),
        ([], [box], {Task.DETECTION, Task.COUNTING}),
        ([clip], [clip], {Task.TEMPORAL}),
        ([], [], {Task.COUNTING}),
    ):
        assert tasks_for(dataset({"a": found}), dataset({"a": true})) == wanted


def test_curves(recorded, tmp_path):
    path, truth = recorded
    predictions = RecordingImporter().read(path)[0]
    found = metric_curves(evaluate(predictions, truth, tasks=["detection", "counting"]))["first"]
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


def test_reliability_m1_curves_need_no_tex(tmp_path):
    """The minor m1: a ``matplotlibrc`` in the working directory may ask for it."""
    mpl = pytest.importorskip("matplotlib")
    curve = Curve(title="a_b", x_label="x", y_label="y", x=(0, 1), y=(0, 1))
    with mpl.rc_context({"text.usetex": True}):
        plot_curves({r"\input{a}": [curve]}, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")


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
    report = evaluate(dataset({"a": shapes}), dataset({"a": true}), tasks=["temporal", "ap"])
    recall, precision = metric_curves(report)["first"]
    # tIoU is 0.5; one of two boxes is found first, so precision is 1 up to a recall of one half.
    assert (recall.y[9], recall.y[10]) == (1, 0)
    assert precision.y[50:52] == pytest.approx((1, 0))


def test_newcomer_m13_counts_have_whole_ticks_and_titles_say_the_task():
    """Newcomer, minor 13: 0.25 and 0.5 stood on the axis of errors in objects, and no title named the task."""
    pytest.importorskip("matplotlib")
    box = ("x", (AnnotationKind.BOX, (0, 0, 9, 9)), 0)
    report = evaluate(dataset({"a": [box]}), dataset({"a": [box], "b": [box]}), tasks=["detection", "counting"])
    axes = _figure(metric_curves(report), "2 images of truth.json").axes
    assert [axis.get_title().partition(":")[0] for axis in axes] == ["detection", "counting"]
    low, high = axes[1].get_xlim()
    ticks = [tick for tick in axes[1].get_xticks() if low <= tick <= high]
    assert ticks == [0, 1]
    assert axes[0].figure.get_suptitle() == "2 images of truth.json"


def test_curves_of_nothing():
    none = dataset({"a": []})
    report = evaluate(none, none, tasks=["counting", "temporal"])
    assert all(math.isnan(y) for curve in metric_curves(report)["first"] for y in curve.y)


def test_curves_need_matplotlib(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[plot\]"):
        plot_curves({}, tmp_path / "a.png")


def test_reports_are_values(recorded):
    report = a_report(recorded)
    assert isinstance(report, EvaluationReport)
    assert report == a_report(recorded)
    assert not report != a_report(recorded)  # noqa: SIM202 - another operator
    assert report != replace(report, truth="other.json")
