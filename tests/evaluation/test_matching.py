"""Who matches whom: the order of the answer does not matter, crowds cost little, and names that are wrong are told."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import (
    EvaluationOptions,
    Matching,
    confusion_matrix,
    evaluate_detection,
    evaluate_pointing,
    evaluate_temporal,
    join_confusion_matrices,
    worst_images,
)
from perceptron_annotations.ops import assignment, crowds, iou
from tests.ops.references import iou as plain_iou


def dataset(images, kind=AnnotationKind.BOX):
    """From ``{name: [(label, coords), …]}``."""
    builder = DatasetBuilder()
    for name, shapes in images.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=100, height=100))
        for label, coords in shapes:
            if kind is AnnotationKind.CLIP:
                builder.add(asset, kind, [], label, t=coords[0], until=coords[1])
            else:
                builder.add(asset, kind, np.reshape(coords, (-1, 2)), label)
    return builder.build()


def test_e6_the_order_of_the_answer_does_not_matter():
    """The finding: greedy matching has an F1 of 0.5 or 1 by the order of two boxes."""
    truth = dataset({"a": [("x", (0, 0, 10, 10)), ("x", (3, 0, 13, 10))]})
    boxes = [("x", (1, 0, 11, 10)), ("x", (-3, 0, 7, 10))]
    reports = [evaluate_detection(dataset({"a": order}), truth) for order in (boxes, boxes[::-1])]
    assert [report.overall[0].f1 for report in reports] == [1.0, 1.0]
    assert (reports[0].by_label, reports[0].mean_iou) == (reports[1].by_label, reports[1].mean_iou)
    assert reports[0].matching is Matching.OPTIMAL
    greedy = [evaluate_detection(dataset({"a": order}), truth, matching="greedy") for order in (boxes, boxes[::-1])]
    assert [report.overall[0].f1 for report in greedy] == [0.5, 1.0]
    assert greedy[0].matching is Matching.GREEDY
    with pytest.raises(UsageError, match="matching must be one of optimal, greedy"):
        evaluate_detection(truth, truth, matching="hungarian")


corners = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(4, 12), st.integers(4, 12))
shapes = st.lists(st.tuples(st.sampled_from("xy"), corners), max_size=7)


@settings(max_examples=150, deadline=None)
@given(found=shapes, true=shapes, random=st.randoms(use_true_random=False))
def test_e6_any_order_gives_the_same_report(found, true, random):
    both = [list(found), list(true)]
    for side in both:
        random.shuffle(side)
    whole = evaluate(dataset({"a": found}), dataset({"a": true}))
    other = evaluate(dataset({"a": both[0]}), dataset({"a": both[1]}))
    # What is said of the first prediction depends on which one is first.
    for report, same in ((whole.detection, other.detection), (whole.counting, other.counting)):
        if report is not None:
            for name in set(report.__struct_fields__) - {"accuracy", "metrics"}:
                assert repr(getattr(report, name)) == repr(getattr(same, name))
    assert confusion_matrix(dataset({"a": found}), dataset({"a": true})).matrix.tolist() == (
        confusion_matrix(dataset({"a": both[0]}), dataset({"a": both[1]})).matrix.tolist()
    )


@settings(max_examples=60, deadline=None)
@given(found=shapes, true=shapes)
def test_e6_no_matching_has_more_matches(found, true):
    """Of all ways to give predictions a truth of their label, none has more, nor as many with a greater sum."""
    wanted = (0, 0.0)
    for taken in itertools.permutations([*range(len(true)), *[-1] * min(len(found), 3)], min(len(found), 3)):
        pairs = [(found[row], true[column]) for row, column in enumerate(taken) if column >= 0]
        sums = [plain_iou(a[1], b[1]) for a, b in pairs if a[0] == b[0]]
        if len(sums) == len(pairs) and all(each >= 0.5 for each in sums):
            wanted = max(wanted, (len(sums), sum(sums)))
    report = evaluate_detection(dataset({"a": found[:3]}), dataset({"a": true}), thresholds=[0.5])
    count = report.overall[0].true_positives
    assert (count, report.mean_iou * count if count else 0.0) == (wanted[0], pytest.approx(wanted[1]))


def test_e6_predictions_with_scores_match_by_score():
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a", width=100, height=100))
    for score, box in ((0.9, (1, 0, 11, 10)), (0.8, (-3, 0, 7, 10))):
        builder.add(asset, AnnotationKind.BOX, np.reshape(box, (2, 2)), "x", score=score)
    truth = dataset({"a": [("x", (0, 0, 10, 10)), ("x", (3, 0, 13, 10))]})
    # The one with the higher score takes the truth that the other one needs.
    assert evaluate_detection(builder.build(), truth).overall[0].true_positives == 1


def test_e6_clips_do_not_depend_on_their_order():
    truth = dataset({"v": [("x", (0, 10)), ("x", (3, 13))]}, AnnotationKind.CLIP)
    clips = [("x", (1, 11)), ("x", (-3, 7))]
    for order in (clips, clips[::-1]):
        report = evaluate_temporal(dataset({"v": order}, AnnotationKind.CLIP), truth, thresholds=[0.5])
        assert report.clips[0].f1 == 1


def test_m13_a_crowd_gives_what_its_pairs_give(monkeypatch):
    rng = np.random.default_rng(0)
    boxes = [("x", tuple(np.array([10, 10, 60, 60]) + rng.integers(-9, 9, 4))) for _ in range(40)]
    found, true = dataset({"a": boxes[:22], "b": boxes[:5]}), dataset({"a": boxes[22:], "b": boxes[3:9]})
    listed = [evaluate(found, true, iou_type=each) for each in ("bbox", "polygon")]
    monkeypatch.setattr(iou, "_LARGE", 100)
    monkeypatch.setattr(crowds, "LISTED_PAIRS", 20)
    monkeypatch.setattr(crowds, "LISTED_PAIRS_PER_ROW", 0)
    for each in listed:
        assert each == evaluate(found, true, iou_type="polygon" if each is listed[1] else "bbox")
    # Components beyond the limit are matched greedily, in an order that is not that of the answer, and counted.
    monkeypatch.setattr(assignment, "MOST_PAIRS", 50)
    report = evaluate_detection(found, true)
    assert report.greedy_components == 1
    turned = dataset({"a": boxes[:22][::-1], "b": boxes[:5]})
    assert evaluate_detection(turned, true).overall == report.overall
    assert "1 group overlaps in so many pairs" in evaluate(found, true).to_table()


def test_e8_the_right_place_with_the_wrong_name_is_told_apart():
    truth = dataset({"a": [("cat", (0, 0, 10, 10)), ("cat", (30, 30, 40, 40)), ("dog", (60, 60, 70, 70))]})
    found = dataset({"a": [("dog", (0, 0, 10, 10)), ("dog", (60, 60, 70, 70)), ("dog", (80, 80, 90, 90))]})
    report = evaluate(found, truth)
    assert (report.detection.overall[0].false_positives, report.detection.wrong_labels) == (2, 1)
    assert "false positives where a truth of another label was missed: 1" in report.to_table()


def test_e8_labels_that_differ_in_spelling_are_told():
    truth = dataset({"a": [("cat", (0, 0, 10, 10)), ("dog", (0, 0, 10, 10)), ("hat", (0, 0, 10, 10))]})
    found = dataset({"a": [("Cat", (0, 0, 10, 10)), ("dogs", (0, 0, 10, 10)), ("hat", (0, 0, 10, 10))]})
    report = evaluate(found, truth)
    assert [(each.predicted, each.true, each.differ_in_case) for each in report.similar_labels] == [
        ("Cat", "cat", True),
        ("dogs", "dog", False),
    ]
    assert "'Cat' is predicted and 'cat' is true: --ignore-case makes them one label" in report.to_table()
    assert "'dogs' is predicted and 'dog' is true: --singular makes them one label" in report.to_table()


def test_e4_points_match_points_within_a_distance():
    truth = dataset({"a": [("x", (10, 10)), ("x", (20, 10))]}, AnnotationKind.POINT)
    # The first is nearer to the first truth, but the second can match no other.
    found = dataset({"a": [("x", (14, 10)), ("x", (4, 10)), ("x", (90, 90))]}, AnnotationKind.POINT)
    report = evaluate_pointing(found, truth, distance=6)
    assert (report.regions.true_positives, report.regions.false_positives, report.regions.false_negatives) == (2, 1, 0)
    assert report.hit_rate == 2 / 3
    assert report.mean_distance == pytest.approx(6 / np.hypot(100, 100))
    assert evaluate_pointing(found, truth, distance=5.9).regions.true_positives == 1
    assert evaluate(found, truth, distance=6).pointing == report
    assert evaluate(found, truth).pointing is None
    with pytest.raises(UsageError, match="pass distance="):
        evaluate_pointing(found, truth)
    with pytest.raises(UsageError, match="distance must be above zero"):
        evaluate_pointing(found, truth, distance=0)
    (worst,) = worst_images(found, truth, "pointing", EvaluationOptions(distance=6))
    assert len(worst.false_positives) == 1


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (40, 40), (40, 0), (0, 40)],
        [(20, 0), (32, 40), (0, 15), (40, 15), (8, 40)],
        [(0, 0), (40, 0), (40, 40), (20, 0), (0, 40)],
    ],
)
def test_e2_rings_that_touch_themselves_are_repaired(ring):
    both = dataset({"a": [("x", ring)]}, AnnotationKind.POLYGON)
    report = evaluate_detection(both, both, iou_type="polygon")
    assert (report.overall[1].f1, report.mean_iou, report.repaired) == (1.0, pytest.approx(1.0), 2)
    assert evaluate_detection(both, both).repaired == 0
    assert (
        "polygons that cross or touch themselves and were repaired: 2"
        in evaluate(both, both, iou_type="polygon").to_table()
    )


def test_e2_a_bow_tie_covers_half_of_its_square():
    bow_tie = dataset({"a": [("x", [(0, 0), (40, 40), (40, 0), (0, 40)])]}, AnnotationKind.POLYGON)
    square = dataset({"a": [("x", (0, 0, 40, 40))]})
    assert evaluate_detection(bow_tie, square, iou_type="polygon").mean_iou == pytest.approx(0.5)


def test_confusion_matrices_of_parts_are_joined():
    truth = {"a": [("cat", (0, 0, 10, 10))], "b": [("dog", (0, 0, 10, 10)), ("cat", (50, 50, 60, 60))]}
    found = {"a": [("dog", (0, 0, 10, 10))], "b": [("dog", (0, 0, 10, 10)), ("hat", (80, 80, 90, 90))]}
    parts = [confusion_matrix(dataset({name: found[name]}), dataset({name: truth[name]})) for name in "ba"]
    joined, whole = join_confusion_matrices(parts), confusion_matrix(dataset(found), dataset(truth))
    assert (joined.labels, joined.matrix.tolist()) == (whole.labels, whole.matrix.tolist())
    with pytest.raises(UsageError, match="must not share images"):
        join_confusion_matrices([whole, whole])


def test_e8_a_clip_that_ends_before_it_starts_is_told():
    truth = dataset({"v": [("x", (5, 3))]}, AnnotationKind.CLIP)
    found = dataset({"v": [("x", (3, 5))]}, AnnotationKind.CLIP)
    report = evaluate(found, truth)
    assert (report.temporal.reversed_clips, report.temporal.clips[0].f1) == (1, 1.0)
    assert "clips that end before they start, taken the other way round: 1" in report.to_table()


def test_what_was_not_compared_is_counted_by_kind():
    found = DatasetBuilder()
    asset = found.add_asset(DatasetAsset(file_name="a", width=100, height=100))
    found.add(asset, AnnotationKind.BOX, [(0, 0), (10, 10)], "x", t=1.0)
    found.add(asset, AnnotationKind.CLIP, [], "x", t=1.0, until=2.0)
    found.add(asset, AnnotationKind.CLIP, [], "x", t=1.0, until=3.0)
    report = evaluate(found.build(), dataset({"a": [("x", (0, 0, 10, 10))]}))
    counts = {(each.side, each.kind, each.reason.value): each.count for each in report.not_compared}
    assert counts == {
        ("predictions", AnnotationKind.BOX, "timed"): 1,
        ("predictions", AnnotationKind.CLIP, "no_task"): 2,
    }
    assert "clip rows of the predictions" in report.to_table()
    assert report.partial.report().not_compared == report.not_compared
