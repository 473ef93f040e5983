"""COCO's metrics: no difference from pycocotools, to the last bit."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from perceptron_annotations import UsageError
from perceptron_annotations.evaluation.coco_arrays import Detections, Truths, average_precision


def with_pycocotools(images, labels, truths, found, most=(1, 10, 100)):
    """Its twelve metrics, -1 as NaN."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": image} for image in range(images)],
            "categories": [{"id": label} for label in range(labels)],
            "annotations": [
                {"id": number, "image_id": i, "category_id": k, "bbox": list(box), "area": area, "iscrowd": int(crowd)}
                for number, (box, i, k, area, crowd) in enumerate(zip(*truths, strict=True), start=1)
            ],
        }
        coco.createIndex()
        results = [
            {"image_id": int(i), "category_id": int(k), "bbox": list(map(float, box)), "score": float(score)}
            for box, i, k, score in zip(*found, strict=True)
        ]
        other = coco.loadRes(results) if results else COCO()
        if not results:
            other.dataset = {
                "images": coco.dataset["images"],
                "categories": coco.dataset["categories"],
                "annotations": [],
            }
            other.createIndex()
        evaluation = COCOeval(coco, other, "bbox")
        evaluation.params.maxDets = list(most)
        evaluation.params.imgIds, evaluation.params.catIds = list(range(images)), list(range(labels))
        evaluation.evaluate()
        evaluation.accumulate()
        precision, recall = evaluation.eval["precision"], evaluation.eval["recall"]

        def mean(values):
            values = values[values > -1]
            return np.mean(values) if len(values) else np.nan

        return [
            *(mean(precision[rows, :, :, 0, 2]) for rows in (slice(None), [0], [5])),
            *(mean(precision[:, :, :, area, 2]) for area in (1, 2, 3)),
            *(mean(recall[:, :, 0, place]) for place in (0, 1, 2)),
            *(mean(recall[:, :, area, 2]) for area in (1, 2, 3)),
        ]


def generated(rng, images, labels, count, guesses):
    """Truths, some crowds, some with a mask's area; guesses near them and far, with scores that tie."""
    boxes = np.column_stack([rng.uniform(0, 300, (count, 2)), rng.uniform(4, 150, (count, 2))])
    if rng.random() < 0.5:
        boxes = np.round(boxes)
    image, label = rng.integers(0, images, count), rng.integers(0, labels, count)
    area = boxes[:, 2] * boxes[:, 3] * rng.choice([1.0, 0.5], count)
    crowd = rng.random(count) < 0.1
    near = rng.integers(0, max(count, 1), guesses) if count else np.zeros(0, dtype=int)
    moved = boxes[near] + rng.choice([0, 1, 5, 40], (len(near), 1)) * rng.uniform(-1, 1, (len(near), 4))
    moved[:, 2:] = np.abs(moved[:, 2:])
    scores = rng.integers(0, 8, len(near)) / 8
    found = moved, image[near], np.where(rng.random(len(near)) < 0.9, label[near], 0), scores
    return (boxes, image, label, area, crowd), found


@settings(max_examples=400)
@given(
    st.integers(0, 2**32 - 1).map(np.random.default_rng),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 40),
    st.integers(0, 120),
    st.sampled_from([(1, 10, 100), (1, 2, 3)]),
)
def test_no_difference_from_pycocotools(rng, images, labels, count, guesses, most):
    """“Box and keypoint AP: difference 0.0 from pycocotools on 400 generated hostile datasets.”"""
    truths, found = generated(rng, images, labels, count, guesses)
    wanted = with_pycocotools(images, labels, truths, found, most)
    boxes, image, label, area, crowd = truths
    ours = average_precision(
        Detections(found[0], found[1], found[2], found[3]),
        Truths(boxes, image, label, area, crowd),
        labels,
        max_detections=most,
    )
    np.testing.assert_array_equal(list(ours.metrics.values()), wanted)


def test_a_larger_dataset():
    rng = np.random.default_rng(7)
    truths, found = generated(rng, 60, 5, 900, 2500)
    boxes, image, label, area, crowd = truths
    ours = average_precision(Detections(*found), Truths(boxes, image, label, area, crowd), 5)
    np.testing.assert_array_equal(list(ours.metrics.values()), with_pycocotools(60, 5, truths, found))
    assert ours.ap_by_label.shape == (5,)


def test_by_hand():
    # Two truths; one is found first, then a wrong guess, then the other: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1.
    truths = Truths([[0, 0, 50, 50], [100, 0, 50, 50]], [0, 0], [0, 0])
    found = Detections([[0, 0, 50, 50], [300, 0, 50, 50], [100, 0, 50, 50]], [0] * 3, [0] * 3, [0.9, 0.8, 0.7])
    report = average_precision(found, truths, 1)
    # 51 points of recall up to 1/2 have precision 1, the other 50 have 2/3.
    assert report.ap == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert (report.ar_first, report.ar) == (0.5, 1)
    assert np.isnan(report.ap_small)
    assert report.ap_medium == pytest.approx(report.ap)


def test_nothing_is_not_zero():
    """Without truth nothing is defined; without guesses all is missed."""
    none = average_precision(Detections([], [], [], []), Truths([], [], []), 1)
    assert np.isnan(list(none.metrics.values())).all()
    missed = average_precision(Detections([], [], [], []), Truths([[0, 0, 5, 5]], [0], [0]), 1)
    assert (missed.ap, missed.ar) == (0, 0)


def test_wrong_use_is_named():
    with pytest.raises(UsageError, match="three rising numbers"):
        average_precision(Detections([], [], [], []), Truths([], [], []), 1, max_detections=(100,))
    with pytest.raises(UsageError, match="label must be from 0 to 0"):
        average_precision(Detections([], [], [], []), Truths([[0, 0, 5, 5]], [0], [1]), 1)
