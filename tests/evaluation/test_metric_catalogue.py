"""The catalogue of metrics against what reports hold, print and limit."""

import math
import re

import pytest

from perceptron_annotations import AnnotationKind, UsageError, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton
from perceptron_annotations.evaluation import Task
from perceptron_annotations.evaluation.metric_catalogue import METRICS, Better, names_for_limits
from perceptron_annotations.evaluation.metric_limits import Limit
from perceptron_annotations.render.report_rows import metric_rows
from tests.cli.test_cli import run

BY_NAME = {(each.task, each.name): each for each in METRICS}


def everything(*, right=True, extra=0, score=0.9):
    """A dataset that every task has something in; 30 images, ``extra`` boxes too many on each."""
    builder = DatasetBuilder()
    builder.add_label("dog", Skeleton(("nose", "tail")))
    for number in range(30):
        image = builder.add_asset(DatasetAsset(file_name=f"{number:02}.jpg", width=640, height=480))
        left = 0 if right else 300
        pose = [[left + 10, 10, 2], [left + 50, 50, 2]]
        corners = [(left, 0), (left + 60, 60)]
        builder.add(image, AnnotationKind.BOX, corners, "dog", score=score, keypoints=pose)
        builder.add(image, AnnotationKind.POINT, [(left + 20, 20)], "cup")
        builder.add(image, AnnotationKind.CLIP, [], "goal", t=left, until=left + 10, score=score)
        for place in range(extra):
            builder.add(
                image, AnnotationKind.BOX, [(100 * place, 200), (100 * place + 9, 220)], "dog", score=0.1 / (place + 1)
            )
    return builder.build()


@pytest.fixture(scope="module")
def report():
    truth = everything()
    return evaluate(everything(extra=1), truth, compare=truth, tasks=list(Task), distance=5)


def base(row):
    """The task and the name of a metric without its threshold, as the catalogue has them."""
    if row.task == "comparison":
        return ("comparison", "p") if row.metric.endswith("_p") else None
    name = row.metric.partition("@")[0]
    return row.task, re.sub(r"^within_\d+$", "within", name)


def test_newcomer_every_metric_that_is_printed_is_explained(report):
    printed = {base(row) for row in metric_rows(report)} - {None}
    only_limits = {("answers", "readable"), ("answers", "complete")}
    # No answer ended badly and none has an issue here, but outcomes are counted under the same name.
    assert printed == BY_NAME.keys() - only_limits
    for row in metric_rows(report):
        if base(row) is not None and row.task != "comparison":
            assert BY_NAME[base(row)].has_threshold == ("@" in row.metric), row


def test_newcomer_what_can_be_limited_is_what_the_catalogue_says(report):
    limited = {each.name for each in METRICS if each.is_limited}
    assert {name.partition("@")[0] for name in report.metrics} | {"readable", "complete"} == limited
    for each in METRICS:
        if each.is_limited:
            limit = Limit.of("", f"{each.name}=0", is_error=each.better is not Better.HIGHER)
            assert limit.broken(report) is None or each.better is not Better.HIGHER
            with pytest.raises(UsageError, match="unknown metric"):
                Limit.of("", f"{each.name}=0", is_error=each.better is Better.HIGHER).broken(report)


def test_newcomer_the_better_predictions_are_better_in_every_metric():
    """What the catalogue calls better is what a perfect prediction has, beside one that is all wrong and too much."""
    truth = everything()
    options = {"tasks": list(Task), "distance": 5}
    good = {base(row): row.number for row in metric_rows(evaluate(truth, truth, **options)) if not row.part}
    poor = evaluate(everything(right=False, extra=2), truth, **options)
    for row in metric_rows(poor):
        if row.part or math.isnan(row.number) or math.isnan(good[base(row)]):
            continue
        best, worse = good[base(row)], row.number
        ordered = {
            Better.HIGHER: best >= worse,
            Better.LOWER: best <= worse,
            Better.NEARER_0: abs(best) <= abs(worse),
            Better.NEITHER: True,
        }
        assert ordered[BY_NAME[base(row)].better], (row, best)


def test_newcomer_what_is_never_undefined_is_a_number_of_nothing():
    nothing = DatasetBuilder().build()
    for row in metric_rows(evaluate(nothing, nothing, tasks=["detection", "pointing", "counting", "temporal"])):
        definition = BY_NAME[base(row)]
        assert math.isnan(row.number) == (definition.undefined != "never"), row


def test_newcomer_the_help_lists_the_metrics():
    shown = " ".join(run("evaluate", "--help").stdout.replace("│", " ").split())
    for are_errors in (False, True):
        assert ", ".join(names_for_limits(are_errors=are_errors)) in shown
