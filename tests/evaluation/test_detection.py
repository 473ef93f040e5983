"""Metrics by hand, plain loops, and shards that give the whole."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import Metric, confusion_matrix, evaluate_detection, worst_images
from perceptron_annotations.evaluation.counts import join_counts
from perceptron_annotations.evaluation.detection import match_detections
from perceptron_annotations.evaluation.intervals import compare_metrics
from perceptron_annotations.evaluation.pairing import DatasetPair
from tests.ops.references import greedy_match, iou


def dataset(images):
    """From ``{name: [(label, box), …]}``."""
    builder = DatasetBuilder()
    for name, shapes in images.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=100, height=100))
        for label, box in shapes:
            builder.add(asset, AnnotationKind.BOX, np.reshape(box, (2, 2)), label)
    return builder.build()


def matched(found, true):
    return match_detections(DatasetPair.of(found, true))


def compared(first, second, exchanges=10_000, seed=0):
    images = [f"{number}.jpg" for number in range(len(first[0].part))]
    return compare_metrics(first, second, images=images, exchanges=exchanges, seed=seed)


TRUTH = {
    "a": [("cat", (0, 0, 10, 10)), ("cat", (50, 50, 60, 60)), ("dog", (0, 0, 10, 10))],
    "b": [("cat", (0, 0, 9, 9))],
}
FOUND = {
    "a": [("cat", (0, 0, 10, 10)), ("cat", (0, 0, 10, 9)), ("dog", (0, 0, 10, 6))],
    "z": [("cat", (0, 0, 1, 1))],
}


def test_by_hand():
    report = evaluate_detection(dataset(FOUND), dataset(TRUTH), thresholds=(0.75, 0.5))
    assert report.thresholds == (0.5, 0.75)
    half, strict = report.overall
    # At 0.5: one cat and the dog (60 / 100) match; a cat too many; two cats of a, b are missed.
    assert (half.true_positives, half.false_positives, half.false_negatives) == (2, 1, 2)
    assert (half.precision, half.recall, half.f1) == (2 / 3, 1 / 2, 4 / 7)
    assert (strict.true_positives, strict.f1) == (1, 2 / 7)
    cat, dog = report.by_label["cat"][0], report.by_label["dog"][0]
    assert (cat.f1, dog.f1) == (2 / 5, 1)
    assert report.macro_f1[0] == (2 / 5 + 1) / 2
    assert report.mean_f1 == (4 / 7 + 2 / 7) / 2
    assert report.mean_iou == (1 + 0.6) / 2
    # The first cat of a and the dog at 0.6 are found at 0.5; of b, nothing.
    assert report.accuracy == (2 / 3, 1 / 3)
    assert report.outcomes.unknown_images == ("z",)
    assert report.outcomes.unanswered_images == ("b",)
    # All objects are of 10 x 10 pixels and less.
    assert report.by_size["small"] == report.overall
    assert report.by_size["large"][0].true_positives == 0
    assert math.isnan(report.by_size["large"][0].recall)


def test_sizes_by_hand():
    """A match counts with the size of its truth; what matches none with its own."""
    true = {"a": [("x", (0, 0, 32, 32)), ("x", (200, 0, 231, 32)), ("x", (0, 200, 96, 296))]}
    # The first two overlap by 31 / 32 of a side with their truths; the third is small and matches none.
    found = {"a": [("x", (0, 0, 31, 32)), ("x", (200, 0, 232, 32)), ("x", (50, 50, 60, 60))]}
    report = evaluate_detection(dataset(found), dataset(true), thresholds=(0.5,))
    counts = {
        size: (scores.true_positives, scores.false_positives, scores.false_negatives)
        for size, (scores,) in report.by_size.items()
    }
    # 32 x 32 is medium, 31 x 32 small, 96 x 96 large.
    assert counts == {"small": (1, 1, 0), "medium": (1, 0, 0), "large": (0, 0, 1)}


def test_nothing_is_nan():
    report = evaluate_detection(dataset({}), dataset({}))
    assert math.isnan(report.overall[0].f1)
    assert math.isnan(report.mean_iou)
    assert math.isnan(report.metrics["f1@0.5"].interval.low)
    missed = evaluate_detection(dataset({"a": []}), dataset({"a": [("x", (0, 0, 1, 1))]}))
    assert (missed.overall[0].recall, missed.overall[0].f1) == (0, 0)
    assert math.isnan(missed.overall[0].precision)


def test_polygons_by_their_outline():
    builders = []
    for corners in ([(0, 0), (10, 0), (10, 10)], [(0, 0), (0, 10), (10, 10)]):
        builder = DatasetBuilder()
        builder.add_asset(DatasetAsset(file_name="a", width=10, height=10))
        builder.add(0, AnnotationKind.POLYGON, corners, "x")
        builders.append(builder.build())
    assert evaluate_detection(*builders).overall[0].true_positives == 1  # their bounds are the same
    assert evaluate_detection(*builders, iou_type="polygon").overall[0].true_positives == 0
    assert evaluate_detection(builders[0], builders[0], iou_type="polygon").overall[1].true_positives == 1


def masks(images):
    """From ``{name: [rings, …]}``: objects of one label."""
    builder = DatasetBuilder()
    for name, objects in images.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=100, height=100))
        for rings in objects:
            number = builder.new_object()
            for left, top, right, bottom in rings:
                corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
                builder.add(asset, AnnotationKind.POLYGON, corners, "x", object=number)
    return builder.build()


def test_the_rings_of_a_mask_are_one_object():
    """A cow behind a tree, of 10 x 40 and 20 x 40 pixels with 10 between them: one object of 40 x 40, area 1200."""
    truth = masks({"a": [[(0, 0, 10, 40), (20, 0, 40, 40)]]})
    box = dataset({"a": [("x", (0, 0, 40, 40))]})
    report = evaluate_detection(box, truth)
    assert (report.overall[1].true_positives, report.overall[1].false_negatives, report.mean_iou) == (1, 0, 1)
    assert report.by_size["medium"][0].true_positives == 1  # 1200 square pixels; each of the rings is small
    assert evaluate_detection(box, truth, iou_type="polygon").mean_iou == 1200 / 1600
    assert evaluate_detection(truth, truth, iou_type="polygon").mean_iou == 1
    assert confusion_matrix(box, truth).matrix.tolist() == [[1, 0], [0, 0]]
    (worst,) = worst_images(dataset({"a": []}), truth)
    assert worst.false_negatives == ("x",)


rings = st.lists(
    st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(1, 6)] * 2).map(lambda r: (*r[:2], r[0] + r[2], r[1] + r[3])),
    min_size=1,
    max_size=3,
)
several = st.dictionaries(st.sampled_from("ab"), st.lists(rings, max_size=4), max_size=2)


@settings(max_examples=60, deadline=None)
@given(several, several)
def test_masks_of_several_rings_are_the_plain_loop(found, true):
    """Unions of rectangles, counted on the pixels that they cover."""

    def pixels(mask):
        return {(x, y) for a, b, c, d in mask for x in range(a, c) for y in range(b, d)}

    hits = 0
    for name, wanted in true.items():
        ours = found.get(name, [])
        overlaps = [
            [len(pixels(one) & pixels(other)) / len(pixels(one) | pixels(other)) for other in wanted] for one in ours
        ]
        hits += len(greedy_match(overlaps, [0] * len(ours), 0.47))
    report = evaluate_detection(masks(found), masks(true), thresholds=(0.47,), iou_type="polygon")
    assert report.overall[0].true_positives == hits
    assert report.overall[0].false_negatives == sum(map(len, true.values())) - hits


def test_shapes_at_a_time_do_not_count():
    builder = DatasetBuilder()
    builder.add_asset(DatasetAsset(file_name="a", width=10, height=10))
    builder.add(0, AnnotationKind.BOX, [(0, 0), (9, 9)], "x", t=1.0)
    builder.add(0, AnnotationKind.CLIP, [], "y", t=1.0)
    report = evaluate_detection(builder.build(), dataset({"a": [("x", (0, 0, 9, 9))]}))
    assert (report.overall[0].false_positives, report.timed, list(report.by_label)) == (0, 1, ["x"])


def test_crowds_do_not_count():
    builder = DatasetBuilder()
    builder.add_asset(DatasetAsset(file_name="a", width=10, height=10))
    builder.add(0, AnnotationKind.BOX, [(0, 0), (9, 9)], "x", iscrowd=True)
    assert evaluate_detection(dataset({"a": []}), builder.build()).overall[0].false_negatives == 0


boxes = st.tuples(*[st.integers(0, 12)] * 4)
IMAGES = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.tuples(st.sampled_from(["cat", "dog"]), boxes), max_size=5), max_size=4
)


@settings(max_examples=80)
@given(IMAGES, IMAGES)
def test_plain_loops_agree(found, true):
    report = evaluate_detection(dataset(found), dataset(true), thresholds=(0.3, 0.6))
    for level, threshold in enumerate((0.3, 0.6)):
        hits = 0
        for name, wanted in true.items():
            for label in ("cat", "dog"):
                ours = [box for each, box in found.get(name, []) if each == label]
                theirs = [box for each, box in wanted if each == label]
                overlaps = [[iou(one, other) for other in theirs] for one in ours]
                hits += len(greedy_match(overlaps, [0] * len(ours), threshold))
        scores = report.overall[level]
        assert scores.true_positives == hits
        assert scores.true_positives + scores.false_negatives == sum(map(len, true.values()))
        known = sum(len(shapes) for name, shapes in found.items() if name in true)
        assert scores.true_positives + scores.false_positives == known


@settings(max_examples=60)
@given(IMAGES, IMAGES, st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_shards_give_the_whole(found, true, shard):
    """“Any split into shards gives identical reports.”"""
    where = dict(zip("abcd", shard, strict=True))
    shards = [
        matched(
            dataset({name: shapes for name, shapes in found.items() if where[name] == number}),
            dataset({name: shapes for name, shapes in true.items() if where[name] == number}),
        )
        for number in range(3)
    ]
    whole = evaluate_detection(dataset(found), dataset(true))
    assert repr(join_counts(shards).report()) == repr(whole)


def test_the_order_of_shapes_is_not_that_of_sums():
    """Overlaps of 0.6, 0.7 and 0.9 add up to another float in another order; a joined shard stands by label."""
    square = (0, 0, 10, 10)
    true = dataset({"a": [(label, square) for label in "zxy"]})
    found = dataset({"a": [(label, (0, 0, 10, height)) for label, height in zip("zxy", (6, 7, 9), strict=True)]})
    counts = matched(found, true)
    assert join_counts([counts]).metrics()[-1].part.tolist() == counts.metrics()[-1].part.tolist()


def test_intervals_hold_the_value():
    rng = np.random.default_rng(1)
    true = {str(n): [("x", (0, 0, 10, 10))] for n in range(200)}
    found = {str(n): [("x", (0, 0, 10, 10) if rng.random() < 0.7 else (20, 20, 30, 30))] for n in range(200)}
    report = evaluate_detection(dataset(found), dataset(true))
    interval, f1 = report.metrics["f1@0.5"].interval, report.overall[0].f1
    assert report.metrics["f1@0.5"].value == f1
    # For shares p of n images, 1.96 * sqrt(p (1 - p) / n) is about 0.063 on either side.
    assert interval.low < f1 < interval.high
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * math.sqrt(f1 * (1 - f1) / 200), rel=0.15)
    assert report == evaluate_detection(dataset(found), dataset(true))


def test_confusion_by_hand():
    found = {"a": [("dog", (0, 0, 10, 10)), ("cat", (50, 50, 60, 60)), ("cat", (80, 80, 90, 90))]}
    result = confusion_matrix(dataset(found), dataset(TRUTH))
    assert result.labels == ("cat", "dog")
    # Of two truths at one place and one overlap the first by label is taken: the cat's. The dog there and the cat in b
    # are false negatives, one cat is a false positive.
    assert result.matrix.tolist() == [[1, 1, 1], [0, 0, 1], [1, 0, 0]]
    # Greedy matching takes the later as pycocotools does: the dog's.
    greedy = confusion_matrix(dataset(found), dataset(TRUTH), matching="greedy")
    assert greedy.matrix.tolist() == [[1, 0, 2], [0, 1, 0], [1, 0, 0]]


def test_comparing_two():
    rng = np.random.default_rng(1)
    names = [str(number) for number in range(100)]
    true = dataset({name: [("x", (0, 0, 10, 10))] for name in names})
    hit, miss = ("x", (0, 0, 10, 10)), ("x", (20, 20, 30, 30))
    good, bad = (
        matched(dataset({name: [hit if rng.random() < share else miss] for name in names}), true)
        for share in (0.9, 0.4)
    )
    better = compared(bad.metrics(), good.metrics())["f1@0.5"]
    assert better.difference.value == better.second - better.first > 0
    assert better.difference.interval.low > 0
    assert better.p_value < 0.001
    alike = compared(good.metrics(), good.metrics())
    assert all(each.p_value == 1 for each in alike.values() if each.p_value == each.p_value)
    with pytest.raises(UsageError, match="same images"):
        compared(good.metrics(), matched(true, dataset({})).metrics())


def test_few_images_prove_nothing():
    """Of n images that one model has right and the other wrong, 2 in 2^n tosses say as much."""
    for count, wanted in ((1, 1.0), (3, 2 / 8), (6, 2 / 64)):
        right, wrong = (Metric("f", np.full(count, value), np.ones(count)) for value in (1.0, 0.0))
        found = compared([wrong], [right])["f"]
        assert (found.first, found.second) == (0, 1)
        assert found.p_value == pytest.approx(wanted, abs=0.02)


def test_chance_alone_is_rarely_significant():
    """Of two models that are alike, p is below 0.05 in one of twenty comparisons, of few images too."""
    rng = np.random.default_rng(3)
    values = []
    for seed in range(400):
        asked, share = rng.integers(1, 6, 10), rng.beta(2, 2, 10)
        sides = [[Metric("f", rng.binomial(asked, share).astype(float), asked.astype(float))] for _ in range(2)]
        values.append(compared(*sides, seed=seed)["f"].p_value)
    # 0.05 and 0.2, with three standard deviations of 400 draws.
    assert np.mean(np.array(values) < 0.05) < 0.083
    assert np.mean(np.array(values) < 0.2) < 0.26


def test_wrong_use_is_named():
    nothing = dataset({"a": []})
    with pytest.raises(UsageError, match="thresholds must be above 0"):
        evaluate_detection(nothing, nothing, thresholds=(0,))
    counts = matched(nothing, nothing)
    with pytest.raises(UsageError, match="must not share images"):
        join_counts([counts, counts])
    with pytest.raises(UsageError, match="at least one"):
        join_counts([])
