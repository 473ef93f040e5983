"""Truth and prediction on one image, by line and by colour."""

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind, Box, Clip, Point, Polygon, Track
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import EvaluationOptions, evaluate_detection
from perceptron_annotations.render import DrawStyle, draw
from perceptron_annotations.render.overlay.comparison import compared
from perceptron_annotations.render.overlay.draw_style import verdict_stroke
from perceptron_annotations.render.overlay.marks import Verdict
from perceptron_annotations.render.overlay.subjects import subject_of
from tests.render.overlay.pixels import is_colour, plain

TP, FP, FN = Verdict.TP, Verdict.FP, Verdict.FN
CAT, DOG, CUP = (
    Box(50, 50, 300, 300, mention="cat"),
    Box(500, 500, 800, 900, mention="dog"),
    Box(600, 50, 900, 300, mention="cup"),
)


def verdicts(predicted, true, **options):
    size = (1000, 1000)
    found, wanted = (subject_of(each, size, None, 1) for each in (predicted, true))
    return compared(found, wanted, size, EvaluationOptions(**options))


@pytest.mark.parametrize(
    ("predicted", "true", "wanted"),
    [
        ([CAT, CUP], [CAT, DOG], ([TP, FP], [TP, FN])),
        ([], [CAT], ([], [FN])),
        ([CAT], [], ([FP], [])),
        ([CAT, CAT], [CAT], ([TP, FP], [TP])),
        ([CAT.replace(mention="dog")], [CAT], ([FP], [FN])),
        ([Point(100, 100, mention="cat"), Point(950, 950, mention="cat")], [CAT, DOG], ([TP, FP], [TP, FN])),
        ([Polygon(((50, 50), (300, 50), (300, 300), (50, 300)), mention="cat")], [CAT], ([TP], [TP])),
        ([Clip(0, 4, mention="run")], [Clip(1, 4, mention="run"), Clip(8, 9, mention="run")], ([TP], [TP, FN])),
        ([Track((Point(1, 2, t=0),), mention="cat")], [CAT], ([None], [FN])),
        ([CAT], [CAT, Point(5, 5, mention="cat")], ([TP], [TP, None])),
    ],
)
def test_verdicts(predicted, true, wanted):
    assert tuple(verdicts(predicted, true)) == wanted


def test_the_threshold_is_that_of_the_options():
    shifted = [Box(100, 50, 350, 300, mention="cat")]  # IoU 2/3
    assert verdicts(shifted, [CAT]).predicted == [TP]
    assert verdicts(shifted, [CAT], thresholds=(0.7,)).predicted == [FP]


def test_counts_are_those_of_the_evaluation():
    rng = np.random.default_rng(5)
    sides = []
    for _ in range(2):
        builder = DatasetBuilder()
        image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=1000, height=1000))
        for _ in range(60):
            corner = rng.integers(0, 400, 2) * 2
            label = ("cat", "dog")[rng.integers(2)]
            builder.add(image, AnnotationKind.BOX, [corner, corner + 200], label, score=rng.random())
        sides.append(builder.build())
    scores = evaluate_detection(*sides).overall[0]
    found = verdicts(*sides)
    assert found.predicted.count(TP) == scores.true_positives == found.true.count(TP)
    assert found.predicted.count(FP) == scores.false_positives
    assert found.true.count(FN) == scores.false_negatives


def test_crowds_and_ignored_objects_have_no_verdict():
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=1000, height=1000))
    builder.add(image, AnnotationKind.BOX, [(0, 0), (900, 900)], "cat", iscrowd=True)
    builder.add(image, AnnotationKind.BOX, [(500, 500), (800, 900)], "dog", ignore=True)
    assert tuple(verdicts([CAT, DOG], builder.build())) == ([None, None], [None, None])


def test_all_rings_of_a_mask_have_its_verdict():
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=1000, height=1000))
    number = builder.new_object()
    for left in (0, 500):
        ring = [(left, 0), (left + 400, 0), (left + 400, 900), (left, 900)]
        builder.add(image, AnnotationKind.POLYGON, ring, "cat", object=number)
    truth = builder.build()
    assert tuple(verdicts([Box(0, 0, 900, 900, mention="cat")], truth)) == ([TP], [TP, TP])


def runs(line):
    """How many pieces a row of pixels has that are true."""
    return int(np.count_nonzero(np.diff(np.concatenate([[False], line, [False]]).astype(int)) == 1))


def test_each_verdict_has_its_colour_and_its_line():
    drawn = draw(plain(400, 400), [CAT, CUP], truth=[CAT, DOG], style=DrawStyle(labels=False, line_width=4))
    assert drawn.height > 400
    image = drawn.crop((0, 0, 400, 400))
    by_verdict = {each: is_colour(image, verdict_stroke(each, 4).colour) for each in Verdict}
    assert runs(by_verdict[TP][20]) == 1
    assert runs(by_verdict[FP][20]) == pytest.approx(120 / (8 * 4), abs=2)
    assert runs(by_verdict[FN][200]) == pytest.approx(120 / (4 * 4), abs=2)
    assert not by_verdict[Verdict.FOUND].any()  # the prediction lies on it
    shifted = draw(plain(400, 400), [Box(60, 60, 320, 320, mention="cat")], truth=[CAT])
    assert is_colour(shifted.crop((0, 0, 400, 400)), verdict_stroke(Verdict.FOUND, 4).colour).any()


def test_the_legend_says_how_many_there_are():
    """The legend is the same for the same counts, and another one for others."""
    legends = [
        np.asarray(draw(plain(400, 400), predicted, truth=true).crop((0, 400, 400, 420)))
        for predicted, true in (([CAT], [CAT, DOG]), ([DOG], [DOG, CUP]), ([DOG], [CUP]))
    ]
    assert np.array_equal(legends[0], legends[1])
    assert not np.array_equal(legends[0], legends[2])


def test_the_legend_counts_objects_and_not_their_rings():
    """A mask of two rings is one TP, as a box is."""
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=1000, height=1000))
    number = builder.new_object()
    for left in (0, 500):
        ring = [(left, 0), (left + 400, 0), (left + 400, 900), (left, 900)]
        builder.add(image, AnnotationKind.POLYGON, ring, "cat", object=number)
    box = Box(0, 0, 900, 900, mention="cat")
    legends = [np.asarray(draw(plain(400, 400), box, truth=true))[400:] for true in (builder.build(), box)]
    assert np.array_equal(*legends)
