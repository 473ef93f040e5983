"""Points and clips against truth, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import DatasetAsset, DatasetBuilder, Kind, UsageError, evaluate_pointing, evaluate_temporal


def dataset(pictures, kind, size=(30, 40)):
    """From ``{name: [(label, coords or (start, end)), …]}``."""
    builder = DatasetBuilder()
    for name, shapes in pictures.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=size[0], height=size[1]))
        for label, found in shapes:
            if kind is Kind.CLIP:
                builder.add(asset, kind, [], label, t=found[0], until=found[1])
            else:
                builder.add(asset, kind, np.reshape(found, (-1, 2)), label)
    return builder.build()


def test_pointing_by_hand():
    truth = dataset({"a": [("cup", (0, 0, 10, 10)), ("cup", (8, 8, 20, 20))], "b": [("cup", (0, 0, 5, 5))]}, Kind.BOX)
    # The first point lies in both boxes of a and is nearer to the middle of the first; the second lies in the first
    # alone, which is taken; the third lies nowhere; the fourth has another label.
    points = [("cup", (9, 9)), ("cup", (1, 1)), ("cup", (25, 25)), ("dog", (1, 1))]
    report = evaluate_pointing(dataset({"a": points, "z": points}, Kind.POINT), truth)
    assert (report.points, report.hit_rate) == (4, 0.5)
    scores = report.regions
    assert (scores.true_positives, scores.false_positives, scores.false_negatives) == (1, 3, 2)
    # (9, 9) is 4 * sqrt(2) from (5, 5), and a picture of 30 x 40 has the diagonal 50.
    assert report.mean_distance == pytest.approx(4 * math.sqrt(2) / 50)
    assert (report.unknown_images, report.unanswered_images) == (("z",), ("b",))


def test_pointing_at_polygons_and_nothing():
    triangle = dataset({"a": [("x", [(0, 0), (10, 0), (10, 10)])]}, Kind.POLYGON)
    assert evaluate_pointing(dataset({"a": [("x", (9, 1))]}, Kind.POINT), triangle).hit_rate == 1
    assert evaluate_pointing(dataset({"a": [("x", (1, 9))]}, Kind.POINT), triangle).hit_rate == 0
    nothing = evaluate_pointing(dataset({}, Kind.POINT), dataset({}, Kind.BOX))
    assert math.isnan(nothing.hit_rate)
    assert math.isnan(nothing.mean_distance)


def test_temporal_by_hand():
    truth = dataset({"v": [("goal", (0, 10)), ("goal", (20, 30))], "w": [("goal", (0, 4))]}, Kind.CLIP)
    found = dataset({"v": [("goal", (0, 5)), ("goal", (20, 30)), ("foul", (0, 1))]}, Kind.CLIP)
    report = evaluate_temporal(found, truth, thresholds=(0.7, 0.5))
    # The first of v overlaps (0, 10) by 5 / 10; w has none.
    assert report.queries == 2
    assert (report.thresholds, report.recall_at_1) == ((0.5, 0.7), (0.5, 0))
    assert report.mean_iou == 0.25
    half, strict = report.clips
    assert (half.true_positives, half.false_positives, half.false_negatives) == (2, 1, 1)
    assert strict.true_positives == 1
    assert report.unanswered_videos == ("w",)
    with pytest.raises(UsageError, match="thresholds must be"):
        evaluate_temporal(found, truth, thresholds=(2,))
    nothing = evaluate_temporal(dataset({}, Kind.CLIP), dataset({}, Kind.CLIP))
    assert math.isnan(nothing.mean_iou)


ranges_ = st.tuples(st.integers(0, 9), st.integers(0, 9))
videos = st.dictionaries(st.sampled_from("ab"), st.lists(st.tuples(st.sampled_from("xy"), ranges_), max_size=4))


@settings(max_examples=80)
@given(videos, videos)
def test_recall_at_one_is_the_plain_loop(found, true):
    """“F1, R@1, count metrics against plain loops.”"""

    def overlap(one, other):
        (a, b), (c, d) = sorted(one), sorted(other)
        shared, whole = max(min(b, d) - max(a, c), 0), (b - a) + (d - c)
        return shared / (whole - shared) if whole > shared else 0.0

    best = []
    for name, clips in true.items():
        for label in {label for label, _ in clips}:
            ours = [clip for each, clip in found.get(name, []) if each == label]
            theirs = [clip for each, clip in clips if each == label]
            best.append(max(overlap(ours[0], clip) for clip in theirs) if ours else 0.0)
    report = evaluate_temporal(dataset(found, Kind.CLIP), dataset(true, Kind.CLIP))
    assert report.queries == len(best)
    if best:
        assert report.recall_at_1[1] == sum(value >= 0.5 for value in best) / len(best)
        assert report.mean_iou == pytest.approx(sum(best) / len(best))
