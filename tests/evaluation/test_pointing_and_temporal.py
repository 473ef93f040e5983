"""Points and clips against truth, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import evaluate_pointing, evaluate_temporal, pointing
from perceptron_annotations.evaluation.mistakes import worst_images
from tests.ops.references import greedy_match


def dataset(images, kind, size=(30, 40)):
    """From ``{name: [(label, coords or (start, end[, score])), …]}``."""
    builder = DatasetBuilder()
    for name, shapes in images.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=size[0], height=size[1]))
        for label, found in shapes:
            if kind is AnnotationKind.CLIP:
                score = found[2] if len(found) > 2 else None
                builder.add(asset, kind, [], label, t=found[0], until=found[1], score=score)
            else:
                builder.add(asset, kind, np.reshape(found, (-1, 2)), label)
    return builder.build()


def test_pointing_by_hand():
    truth = dataset(
        {"a": [("cup", (0, 0, 10, 10)), ("cup", (8, 8, 20, 20))], "b": [("cup", (0, 0, 5, 5))]}, AnnotationKind.BOX
    )
    # The first point lies in both boxes of a and is nearer to the middle of the first; the second lies in the first
    # alone, which is taken; the third lies nowhere; the fourth has another label.
    points = [("cup", (9, 9)), ("cup", (1, 1)), ("cup", (25, 25)), ("dog", (1, 1))]
    found = dataset({"a": points, "z": points}, AnnotationKind.POINT)
    # As many as possible match: the first point takes the second box, so that the second point has the first.
    most = evaluate_pointing(found, truth)
    assert (most.regions.true_positives, most.hit_rate) == (2, 0.5)
    # The middle of the second box is (14, 14), and an image of 30 x 40 has the diagonal 50.
    assert most.mean_distance == pytest.approx((5 + 4) / 2 * math.sqrt(2) / 50)
    report = evaluate_pointing(found, truth, matching="greedy")
    assert (report.points, report.hit_rate) == (4, 0.5)
    scores = report.regions
    assert (scores.true_positives, scores.false_positives, scores.false_negatives) == (1, 3, 2)
    # (9, 9) is 4 * sqrt(2) from (5, 5), and an image of 30 x 40 has the diagonal 50.
    assert report.mean_distance == pytest.approx(4 * math.sqrt(2) / 50)
    assert (report.outcomes.unknown_images, report.outcomes.unanswered_images) == (("z",), ("b",))
    assert report.by_label["dog"].false_positives == 1
    assert report.metrics["point_recall"].value == 1 / 3


def test_the_nearest_point_is_a_regions_own():
    """Whatever comes first, the distance is that of the point in the middle."""
    truth = dataset({"a": [("cup", (0, 0, 20, 20))]}, AnnotationKind.BOX)
    points = [("cup", (1, 10)), ("cup", (10, 10))]
    for order in (points, points[::-1]):
        report = evaluate_pointing(dataset({"a": order}, AnnotationKind.POINT), truth)
        assert (report.mean_distance, report.regions.false_positives) == (0, 1)
        (worst,) = worst_images(dataset({"a": order}, AnnotationKind.POINT), truth, "pointing")
        assert len(worst.false_positives) == 1


def test_crowded_images_are_looked_at_in_parts(monkeypatch):
    rng = np.random.default_rng(1)
    points = {name: [("x", tuple(point)) for point in rng.integers(0, 20, (30, 2))] for name in "ab"}
    regions = {name: [("x", (x, y, x + 3, y + 3)) for x, y in rng.integers(0, 20, (20, 2))] for name in "ab"}
    found, truth = dataset(points, AnnotationKind.POINT), dataset(regions, AnnotationKind.BOX)
    whole = evaluate_pointing(found, truth)
    assert 0 < whole.hit_rate < 1
    for together in (1, 7, 600):
        monkeypatch.setattr(pointing, "_TOGETHER", together)
        assert evaluate_pointing(found, truth) == whole


def test_pointing_at_polygons_and_nothing():
    triangle = dataset({"a": [("x", [(0, 0), (10, 0), (10, 10)])]}, AnnotationKind.POLYGON)
    assert evaluate_pointing(dataset({"a": [("x", (9, 1))]}, AnnotationKind.POINT), triangle).hit_rate == 1
    assert evaluate_pointing(dataset({"a": [("x", (1, 9))]}, AnnotationKind.POINT), triangle).hit_rate == 0
    # Two rings of one mask that overlap are one region, whose middle is that of both.
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a", width=30, height=40))
    for right in (10, 20):
        builder.add(asset, AnnotationKind.POLYGON, [(0, 0), (right, 0), (right, 10), (0, 10)], "x", object=7)
    report = evaluate_pointing(dataset({"a": [("x", (5, 5)), ("x", (15, 5))]}, AnnotationKind.POINT), builder.build())
    assert (report.hit_rate, report.regions.true_positives, report.regions.false_negatives) == (1, 1, 0)
    assert report.mean_distance == pytest.approx(5 / 50)
    nothing = evaluate_pointing(dataset({}, AnnotationKind.POINT), dataset({}, AnnotationKind.BOX))
    assert math.isnan(nothing.hit_rate)
    assert math.isnan(nothing.mean_distance)


def test_temporal_by_hand():
    truth = dataset({"v": [("goal", (0, 10)), ("goal", (20, 30))], "w": [("goal", (0, 4))]}, AnnotationKind.CLIP)
    found = dataset({"v": [("goal", (0, 5)), ("goal", (20, 30)), ("foul", (0, 1))]}, AnnotationKind.CLIP)
    report = evaluate_temporal(found, truth, thresholds=(0.7, 0.5))
    # The first of v overlaps (0, 10) by 5 / 10; w has none.
    assert report.queries == 2
    assert (report.thresholds, report.recall_at_1) == ((0.5, 0.7), (0.5, 0))
    assert report.mean_iou == 0.25
    half, strict = report.clips
    assert (half.true_positives, half.false_positives, half.false_negatives) == (2, 1, 1)
    assert strict.true_positives == 1
    assert report.outcomes.unanswered_images == ("w",)
    assert all(math.isnan(value) for value in report.average_precision)  # there are no scores
    with pytest.raises(UsageError, match="thresholds must be"):
        evaluate_temporal(found, truth, thresholds=(2,))
    nothing = evaluate_temporal(dataset({}, AnnotationKind.CLIP), dataset({}, AnnotationKind.CLIP))
    assert math.isnan(nothing.mean_iou)


ranges_ = st.tuples(st.integers(0, 9), st.integers(0, 9))
videos = st.dictionaries(st.sampled_from("ab"), st.lists(st.tuples(st.sampled_from("xy"), ranges_), max_size=4))


def tiou(one, other):
    (a, b), (c, d) = sorted(one), sorted(other)
    shared, whole = max(min(b, d) - max(a, c), 0), (b - a) + (d - c)
    return shared / (whole - shared) if whole > shared else 0.0


@settings(max_examples=80)
@given(videos, videos)
def test_recall_at_one_is_the_plain_loop(found, true):
    """“F1, R@1, count metrics against plain loops.”"""

    best = []
    for name, clips in true.items():
        for label in {label for label, _ in clips}:
            ours = [clip for each, clip in found.get(name, []) if each == label]
            theirs = [clip for each, clip in clips if each == label]
            best.append(max(tiou(ours[0], clip) for clip in theirs) if ours else 0.0)
    report = evaluate_temporal(dataset(found, AnnotationKind.CLIP), dataset(true, AnnotationKind.CLIP))
    assert report.queries == len(best)
    if best:
        assert report.recall_at_1[1] == sum(value >= 0.5 for value in best) / len(best)
        assert report.mean_iou == pytest.approx(sum(best) / len(best))


def test_temporal_average_precision_by_hand():
    truth = dataset({"v": [("x", (0, 10)), ("x", (20, 30))], "w": [("x", (0, 4)), ("y", (0, 1))]}, AnnotationKind.CLIP)
    # By score: a hit, a miss, a hit: precisions 1, 1/2, 2/3 at recalls 1/3, 1/3, 2/3 of the three clips of x.
    found = {"v": [("x", (0, 10, 0.9)), ("x", (50, 60, 0.8))], "w": [("x", (0, 4, 0.7))]}
    report = evaluate_temporal(dataset(found, AnnotationKind.CLIP), truth, thresholds=(0.5,))
    # x: 1/3 * 1 + 1/3 * 2/3; nothing of y was found.
    assert report.average_precision[0] == pytest.approx((1 / 3 + 2 / 9 + 0) / 2)


scored = st.dictionaries(
    st.sampled_from("ab"),
    st.lists(
        st.tuples(st.sampled_from("xy"), st.tuples(st.integers(0, 4), st.integers(5, 9), st.integers(0, 3))), max_size=5
    ),
)


@settings(max_examples=60)
@given(scored, videos)
def test_temporal_average_precision_is_the_plain_loop(found, true):
    """Precision at each hit, the best of it and all later ones, by a loop over the ranking."""
    report = evaluate_temporal(
        dataset(found, AnnotationKind.CLIP), dataset(true, AnnotationKind.CLIP), thresholds=(0.5,)
    )
    if not any(name in true for name, clips in found.items() if clips):
        return
    labels = {label for clips in true.values() for label, _ in clips}
    precisions = []
    for label in sorted(labels):
        count, hits = sum(each == label for clips in true.values() for each, _ in clips), []
        ranking = []
        for name in sorted(true):
            ours = [clip for each, clip in found.get(name, []) if each == label]
            theirs = [clip for each, clip in true[name] if each == label]
            overlaps = [[tiou(one[:2], other) for other in theirs] for one in ours]
            matched = {i for i, _ in greedy_match(overlaps, [clip[2] for clip in ours], 0.5)}
            ranking += [(-clip[2], name, place in matched) for place, clip in enumerate(ours)]
        hits = [hit for *_, hit in sorted(ranking, key=lambda each: each[:2])]
        at = [sum(hits[: place + 1]) / (place + 1) for place in range(len(hits))]
        precisions.append(sum(max(at[place:]) for place, hit in enumerate(hits) if hit) / count)
    if precisions:
        assert report.average_precision[0] == pytest.approx(sum(precisions) / len(precisions))


@pytest.mark.parametrize("matching", ["optimal", "greedy"])
@pytest.mark.parametrize("distance", [None, 30.0])
def test_crowded_points_are_matched_as_listed_ones(monkeypatch, matching, distance):
    """Issue 16, item 6: thousands of points in thousands of regions are not listed, and the report is the same."""
    rng = np.random.default_rng(4)
    sides = []
    for is_truth in (False, True):
        builder = DatasetBuilder()
        for name in ("a", "b"):
            asset = builder.add_asset(DatasetAsset(file_name=name, width=300, height=300))
            for number in range(40):
                corner = rng.integers(0, 200, 2)
                kind = AnnotationKind.BOX if is_truth and number % 3 else AnnotationKind.POINT
                shape = [corner, corner + rng.integers(5, 90, 2)] if kind is AnnotationKind.BOX else [corner]
                builder.add(asset, kind, shape, "x", ignore=is_truth and number % 8 == 1)
        sides.append(builder.build())
    listed = evaluate_pointing(*sides, distance=distance, matching=matching)
    monkeypatch.setattr(pointing, "is_crowded", lambda pairs, rows: True)
    assert evaluate_pointing(*sides, distance=distance, matching=matching) == listed
    assert 0 < listed.regions.true_positives < 80
