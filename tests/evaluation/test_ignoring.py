"""Crowds and ignored objects: neither found nor missed, as in COCO."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from pycocotools import mask as coco_masks

from perceptron_annotations import AnnotationKind, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import (
    confusion_matrix,
    evaluate_detection,
    evaluate_temporal,
    worst_images,
)


def dataset(shapes, kind=AnnotationKind.BOX):
    """From ``[(label, coords[, "crowd" or "ignore"]), …]``."""
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a", width=100, height=100))
    for label, coords, *_ in shapes:
        builder.add(asset, kind, np.reshape(coords, (-1, 2)), label)
    marks = [mark[0] if mark else "" for _, _, *mark in shapes]
    is_crowd, is_ignored = (np.array([mark == name for mark in marks], dtype=bool) for name in ("crowd", "ignore"))
    return structs.replace(builder.build(), iscrowd=is_crowd, ignore=is_ignored)


CROWD = [("person", (0, 0, 50, 50), "crowd"), ("person", (80, 80, 90, 90))]
INSIDE = [("person", (x, x, x + 8, x + 8)) for x in (0, 8, 16, 24, 32)]


def test_e1_predictions_in_a_crowd_are_not_false():
    """The finding: five right persons in a crowd and one beside it had an F1 of 0.286 and a count error of 5."""
    report = evaluate(dataset([*INSIDE, ("person", (80, 80, 90, 90))]), dataset(CROWD))
    scores = report.detection.overall[0]
    assert (scores.true_positives, scores.false_positives, scores.false_negatives) == (1, 0, 0)
    assert (report.detection.ignored.truths, report.detection.ignored.predictions) == (1, 5)
    assert report.counting.marked.mean_absolute_error == 0
    assert "crowds and ignored objects of the truth: 1; predictions there that do not count: 5" in report.to_table()
    assert report.partial.report().detection == report.detection
    assert worst_images(dataset(INSIDE), dataset(CROWD))[0].false_positives == ()
    assert confusion_matrix(dataset(INSIDE), dataset(CROWD)).matrix.tolist() == [[0, 1], [0, 0]]


def test_e1_a_crowd_ignores_its_own_label_alone_and_what_lies_in_it_by_half():
    found = [("dog", (0, 0, 8, 8)), ("person", (46, 0, 54, 8)), ("person", (47, 0, 55, 8))]
    scores = evaluate_detection(dataset(found), dataset(CROWD)).overall[0]
    # The dog is false; of the persons one lies in the crowd by 4 of 8 pixels, one by 3.
    assert (scores.true_positives, scores.false_positives, scores.false_negatives) == (0, 2, 1)


def test_e1_points_in_a_crowd_do_not_count():
    points = [("person", (5, 5)), ("person", (9, 9)), ("person", (85, 85)), ("person", (60, 60))]
    report = evaluate(dataset(points, AnnotationKind.POINT), dataset(CROWD))
    assert (report.pointing.points, report.pointing.hit_rate) == (2, 0.5)
    assert (report.pointing.regions.true_positives, report.pointing.regions.false_positives) == (1, 1)
    assert (report.pointing.ignored.truths, report.pointing.ignored.predictions) == (1, 2)
    assert report.counting.marked.bias == 1  # the point at (60, 60)


def test_e1_an_ignored_object_ignores_one_prediction():
    """Such as a difficult one of VOC: it may be found, once, and need not."""
    truth = [("x", (0, 0, 10, 10), "ignore"), ("x", (50, 50, 60, 60))]
    found = [("x", (0, 0, 10, 9)), ("x", (0, 0, 9, 10)), ("x", (50, 50, 60, 60))]
    report = evaluate(dataset(found), dataset(truth))
    scores = report.detection.overall[0]
    assert (scores.true_positives, scores.false_positives, scores.false_negatives) == (1, 1, 0)
    assert report.detection.ignored.predictions == 1
    assert report.counting.marked.bias == 1
    alone = evaluate_detection(dataset([]), dataset(truth[:1]))
    assert (alone.overall[0].false_negatives, alone.ignored.truths) == (0, 1)


boxes = st.lists(
    st.tuples(
        st.just("x"),
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(7, 14), st.integers(7, 14)),
        st.sampled_from(["", "", "crowd"]),
    ),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(found=boxes, true=boxes)
def test_e1_greedy_matching_is_that_of_pycocotools(found, true):
    """A plain loop over pycocotools' own overlaps, as ``COCOeval.evaluateImg`` says, predictions as written."""
    order = sorted(range(len(true)), key=lambda place: true[place][2] == "crowd")
    wanted = [true[place] for place in order]
    xywh = [[[x, y, r - x, b - y] for _, (x, y, r, b), *_ in side] for side in (found, wanted)]
    crowds = [mark == "crowd" for _, _, mark in wanted]
    overlaps = coco_masks.iou(*xywh, crowds) if found and wanted else np.zeros((len(found), len(wanted)))
    taken, hits, false = set(), 0, 0
    for row in range(len(found)):
        best, match = 0.5, -1
        for column in range(len(wanted)):
            if column in taken and not crowds[column]:
                continue
            if match >= 0 and not crowds[match] and crowds[column]:
                break
            if overlaps[row, column] >= best:
                best, match = overlaps[row, column], column
        taken.add(match)
        hits += match >= 0 and not crowds[match]
        false += match < 0
    report = evaluate_detection(
        dataset([each[:2] for each in found]), dataset(true), matching="greedy", thresholds=[0.5]
    )
    assert (report.overall[0].true_positives, report.overall[0].false_positives) == (hits, false)
    assert report.ignored.predictions == len(found) - hits - false
    assert report.overall[0].false_negatives == len(wanted) - sum(crowds) - hits


def test_polygons_in_a_crowd_do_not_count():
    truth = dataset(CROWD[:1])
    triangle = dataset([("person", [(0, 0), (20, 0), (0, 20)])], AnnotationKind.POLYGON)
    report = evaluate_detection(triangle, truth, iou_type="polygon")
    assert (report.overall[1].false_positives, report.ignored.predictions) == (0, 1)
    assert report.overall[0].recall != report.overall[0].recall  # NaN: nothing was to be found


def test_ignored_labels_are_in_no_average():
    report = evaluate_detection(
        dataset([("x", (50, 50, 60, 60))]), dataset([("x", (50, 50, 60, 60)), ("y", (0, 0, 9, 9), "crowd")])
    )
    assert report.macro_f1[0] == pytest.approx(1.0)


def clips(*ranges):
    """A dataset of one video: clips of goals, and what the truth says of each."""
    builder = DatasetBuilder()
    video = builder.add_asset(DatasetAsset(file_name="a.mp4"))
    for start, end, score, *marks in ranges:
        options = dict.fromkeys(marks, True)
        builder.add(video, AnnotationKind.CLIP, [], "goal", t=start, until=end, score=score, **options)
    return builder.build()


def test_clips_on_ignored_clips_do_not_count():
    """Predictions on ignored clips and in crowds of clips were false positives."""
    truth = clips((0, 10, None), (20, 30, None, "ignore"), (100, 200, None, "iscrowd"))
    # One clip is right, one wrong; one lies on the ignored clip, two lie in the crowd, and the last one on the ignored
    # clip too, which is taken at 0.5 by the first and too short at 0.7 anyway.
    found = clips((0, 10, 0.5), (50, 60, 0.4), (20, 30, 0.9), (110, 120, 0.8), (130, 140, 0.7), (20, 26, 0.6))
    report = evaluate_temporal(found, truth, thresholds=(0.5, 0.7))
    counts = [(each.true_positives, each.false_positives, each.false_negatives) for each in report.clips]
    assert counts == [(1, 2, 0), (1, 2, 0)]
    assert report.metrics["clip_precision@0.5"].value == pytest.approx(1 / 3)
    assert report.metrics["clip_f1@0.5"].value == pytest.approx(2 / 4)
    # By score: the short clip (wrong), the right one, the wrong one: precision 1/2 at a recall of 1.
    assert report.average_precision == (pytest.approx(0.5), pytest.approx(0.5))
    assert (report.ignored.truths, report.ignored.predictions) == (2, 3)
    shown = evaluate(found, truth, tasks=["temporal"], worst=1)
    assert "crowds and ignored objects of the truth: 2; predictions there that do not count: 3" in shown.to_table()
    assert "temporal,,ignored_predictions,3" in shown.to_csv()
    assert len(shown.worst[0].false_positives) == 2


def test_what_is_ignored_differs_by_threshold():
    truth = clips((0, 10, None), (20, 30, None, "ignore"))
    report = evaluate_temporal(clips((0, 10, None), (20, 26, None)), truth, thresholds=(0.5, 0.7))
    assert [each.false_positives for each in report.clips] == [0, 1]
