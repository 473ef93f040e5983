"""COCO's metrics of keypoints: no difference from pycocotools, to the last bit, on hostile datasets."""

import contextlib
import io
import json
import warnings

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from perceptron_annotations import UsageError
from perceptron_annotations.evaluation import TiedScoresWarning, evaluate_coco_keypoint_files
from perceptron_annotations.evaluation.coco_keypoints import PoseDetections, PoseTruths, keypoint_average_precision

IMAGES, CATEGORIES = (7, 3, 12, 50), (5, 90, 1)


def hostile(rng):
    """A truth and results: crowds, poses without a labelled keypoint, areas of zero and of others, ties, empty images.

    17 keypoints have COCO's sigmas, other numbers have others.
    """
    count = int(rng.choice([17, 17, 1, 2, 3, 8, 9, 21, 133]))
    images, categories = IMAGES[: rng.integers(1, 5)], CATEGORIES[: rng.integers(1, 4)]
    is_whole = rng.random() < 0.5
    truths = []
    for number in range(1, int(rng.integers(1, 40)) + 1):
        box = np.concatenate([rng.uniform(0, 300, 2), rng.choice([0, 5, 40, 150, 400]) * rng.uniform(0.2, 1, 2)])
        xy = box[:2] + rng.uniform(-0.1, 1.1, (count, 2)) * box[2:]
        seen = rng.choice([0, 1, 2], count, p=[0.4, 0.2, 0.4]) if rng.random() < 0.8 else np.zeros(count, dtype=int)
        xy = np.where((seen > 0)[:, None] | (rng.random() < 0.2), xy, 0.0)
        if is_whole:
            box, xy = np.round(box), np.round(xy)
        scale = rng.choice([0, 0.3, 0.53, 1, 2], p=[0.05, 0.2, 0.4, 0.3, 0.05])
        truths.append(
            {
                "id": number,
                "image_id": int(rng.choice(images)),
                "category_id": int(rng.choice(categories)),
                "bbox": box.tolist(),
                "area": float(rng.choice([box[2] * box[3] * scale, 32.0**2, 96.0**2], p=[0.9, 0.05, 0.05])),
                "iscrowd": int(rng.random() < 0.12),
                "keypoints": np.column_stack([xy, seen]).ravel().tolist(),
                "num_keypoints": int((seen > 0).sum()) if rng.random() < 0.95 else int(rng.integers(0, 3)),
            }
        )
    has_boxes, found = rng.random() < 0.3, []
    for _ in range(int(rng.integers(1, 90))):
        near = truths[rng.integers(len(truths))]
        xy = np.reshape(near["keypoints"], (-1, 3))[:, :2]
        xy = xy + rng.choice([0, 1, 4, 20, 200]) * rng.uniform(-1, 1, (count, 2))
        xy = np.round(xy) if is_whole else xy
        made = {
            "image_id": near["image_id"] if rng.random() < 0.9 else int(rng.choice(images)),
            "category_id": near["category_id"] if rng.random() < 0.9 else int(rng.choice(categories)),
            "keypoints": np.column_stack([xy, rng.random(count)]).ravel().tolist(),
            "score": float(rng.integers(0, 8) / 8),
        }
        found.append(made | ({"bbox": [1.0, 2.0, *rng.uniform(1, 200, 2).tolist()]} if has_boxes else {}))
    sigmas = (
        None if count == 17 else rng.uniform(0.02, 0.12, count) if rng.random() < 0.5 else np.full(count, 1 / count)
    )
    truth = {
        "images": [{"id": number} for number in images],
        "categories": [{"id": number, "name": f"c{number}"} for number in categories],
        "annotations": truths,
    }
    return truth, found, sigmas


def with_pycocotools(truth, found, sigmas):
    """Its ten metrics."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "keypoints")
        if sigmas is not None:
            evaluation.params.kpt_oks_sigmas = sigmas
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return np.where(evaluation.stats < 0, np.nan, evaluation.stats)


def compare(seed, folder):
    """Compare our metrics of a generated dataset with those of pycocotools."""
    truth, found, sigmas = hostile(np.random.default_rng(seed))
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "found.json").write_text(json.dumps(found))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TiedScoresWarning)
        ours = evaluate_coco_keypoint_files(folder / "found.json", folder / "truth.json", sigmas=sigmas)
    wanted = with_pycocotools(truth, found, sigmas)
    np.testing.assert_array_equal(list(ours.average_precision.metrics.values()), wanted, err_msg=f"seed {seed}")
    return wanted


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_no_difference_from_pycocotools(tmp_path, first):
    """“Box and keypoint AP: difference 0.0 from pycocotools on 400 generated hostile datasets” (field A2, E7)."""
    found = np.array([compare(seed, tmp_path) for seed in range(first, first + 100)])
    assert np.nanmax(found[:, 0]) > 0.5  # the datasets are not so hostile that there is nothing to find
    assert (np.isfinite(found).sum(axis=0) > 10).all()


def test_by_hand():
    # One keypoint with sigma 0.1 at a distance of 3 in an area of 100: exp(-9 / (2 * 0.2)² / ... ) by the definition,
    # OKS = exp(-d² / (2 · area · (2σ)²)) = exp(-9 / (2 · 100 · 0.04)) = exp(-1.125) = 0.3247: below all thresholds.
    truth = PoseTruths([[[10, 10, 2]]], [[0, 0, 10, 10]], [2000], [0], [0])
    near = PoseDetections([[[13, 10]]], [0], [0], [0.9])
    # In an area of 2000 it is exp(-9 / 160) = 0.9453: above all thresholds but 0.95.
    report = keypoint_average_precision(near, truth, 1, sigmas=[0.1])
    assert report.ap == pytest.approx(0.9)
    assert report.ar == pytest.approx(0.9)
    assert (report.ap_medium, np.isnan(report.ap_large)) == (pytest.approx(0.9), True)
    small = truth._replace(area=[100])
    assert keypoint_average_precision(near, small, 1, sigmas=[0.1]).ap == 0


def test_what_is_ignored_neither_helps_nor_harms():
    poses = [[[10, 10, 2]], [[200, 200, 0]], [[300, 300, 2]]]
    truth = PoseTruths(
        poses, [[0, 0, 20, 20], [190, 190, 20, 20], [290, 290, 20, 20]], [2000] * 3, [0] * 3, [0] * 3, [0, 0, 1]
    )
    found = PoseDetections([[[10, 10]], [[200, 200]], [[300, 300]]], [0] * 3, [0] * 3, [0.5, 0.9, 0.8])
    report = keypoint_average_precision(found, truth, 1)
    assert report.ap == pytest.approx(1)


def test_nothing_is_not_zero():
    none = keypoint_average_precision(PoseDetections([], [], [], []), PoseTruths([], [], [], [], []), 1)
    assert np.isnan(list(none.metrics.values())).all()
    truth = PoseTruths([[[1, 1, 2]]], [[0, 0, 50, 50]], [2500], [0], [0])
    missed = keypoint_average_precision(PoseDetections([], [], [], []), truth, 1)
    assert (missed.ap, missed.ar) == (0, 0)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"max_detections": 0}, "must be 1 or more"),
        ({}, {"sigmas": [0.1, 0.1]}, "must have 2 keypoints each, not 1"),
        ({}, {"sigmas": [0.0]}, "above zero"),
        ({"keypoints": [[1, 1, 2]]}, {}, r"of shape \(N, k, 3\)"),
        ({"keypoints": [[[1, 1, 2]] * 2]}, {}, "must have 2 keypoints each, not 1"),
        ({"xywh": []}, {}, "xywh must be 1 boxes"),
    ],
)
def test_wrong_use_is_named(change, options, message):
    found = PoseDetections([[[1, 1]]], [0], [0], [0.5])
    truth = PoseTruths([[[1, 1, 2]]], [[0, 0, 50, 50]], [2500], [0], [0])._replace(**change)
    with pytest.raises(UsageError, match=message):
        keypoint_average_precision(found, truth, 1, **options)
