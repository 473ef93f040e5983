"""Keypoint AP of datasets: the metrics of pycocotools on the files that we write."""

import contextlib
import io
import json

import numpy as np
import pytest
from msgspec.structs import replace
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    Skeleton,
    write_coco,
    write_coco_results,
)
from perceptron_annotations.evaluation import (
    EvaluationOptions,
    PartialEvaluation,
    Task,
    evaluate,
    evaluate_keypoints,
    join_evaluations,
)

KEYPOINTS = EvaluationOptions(tasks=(Task.KEYPOINTS,))
IMAGES = [DatasetAsset(file_name=f"{number}.png", width=900, height=900) for number in range(3)]


def made(rng, count, *, scores):
    """People and dogs, some of them without keypoints, and cats, which have no skeleton."""
    builder = DatasetBuilder()
    images = [builder.add_asset(image) for image in IMAGES]
    for label in ("person", "dog"):
        builder.add_label(label, Skeleton.numbered(count))
    for number in range(40):
        low, high = rng.uniform(0, 300, 2), rng.uniform(5, 400, 2)
        base = np.random.default_rng(number % 7).uniform(0, 600, (count, 2)) + rng.normal(0, 9, (count, 2))
        seen = rng.integers(0, 3, count)
        pose = np.column_stack([np.where(seen[:, None] > 0, base, 0.0), seen])
        label = ("person", "dog", "cat")[rng.integers(3)]
        builder.add(
            images[rng.integers(3)],
            AnnotationKind.BOX,
            [low, low + high],
            label,
            score=(number + 1) / 64 if scores else None,
            iscrowd=not scores and rng.random() < 0.1,
            keypoints=pose if label != "cat" and rng.random() < 0.9 else None,
            area=None if scores else float(rng.uniform(100, 90000)),
        )
    return builder.build()


@pytest.mark.parametrize("count", [17, 3])
@pytest.mark.parametrize("seed", range(5))
def test_files_and_datasets_agree(tmp_path, count, seed):
    """Finding A2 of the field and E7: the same ten metrics, difference 0.0."""
    rng = np.random.default_rng(seed)
    truth, predictions = made(rng, count, scores=False), made(rng, count, scores=True)
    sigmas = None if count == 17 else np.full(3, 1 / 3)
    write_coco(truth, tmp_path / "truth.json")
    truth_file = json.loads((tmp_path / "truth.json").read_text())
    for each in truth_file["annotations"]:  # pycocotools wants them, where COCO's own files have them
        each.setdefault("keypoints", [0] * 3 * count)
        each.setdefault("num_keypoints", 0)
    ids = {each["name"]: each["id"] for each in truth_file["categories"]}
    images = {each["file_name"]: each["id"] for each in truth_file["images"]}
    write_coco_results(predictions, tmp_path / "found.json", image_ids=images, category_ids=ids)
    found = [each for each in json.loads((tmp_path / "found.json").read_text()) if "keypoints" in each]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth_file
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "keypoints")
        evaluation.params.catIds = [ids["dog"], ids["person"]]
        evaluation.params.useCats = 1
        if sigmas is not None:
            evaluation.params.kpt_oks_sigmas = sigmas
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    ours = evaluate_keypoints(predictions, truth)
    wanted = np.where(evaluation.stats < 0, np.nan, evaluation.stats)
    np.testing.assert_array_equal(list(ours.average_precision.metrics.values()), wanted)
    assert ours.labels == ("dog", "person")


def test_wrong_use_is_named():
    rng = np.random.default_rng(0)
    truth = made(rng, 3, scores=False)
    with pytest.raises(UsageError, match="have no score"):
        evaluate_keypoints(truth, truth)
    with pytest.raises(UsageError, match="the skeletons have 3, 4 keypoints"):
        evaluate_keypoints(made(rng, 4, scores=True), truth)


def test_shards_and_slices_of_the_task():
    """The task is evaluated image by image: parts that are joined are the whole, and a slice is its images alone."""
    rng = np.random.default_rng(8)
    truth, predictions = made(rng, 3, scores=False), made(rng, 3, scores=True)
    whole = PartialEvaluation.of(predictions, truth, KEYPOINTS)
    parts = [
        PartialEvaluation.of(only(predictions, name), only(truth, name), KEYPOINTS)
        for name in ("0.png", "1.png", "2.png")
    ]
    assert join_evaluations(parts).report() == whole.report()
    assert whole.tasks == (Task.KEYPOINTS,)
    sliced = evaluate(predictions, truth, tasks=["keypoints"], by={"which": {"1.png": "this"}})
    assert sliced.slices["which"]["this"].keypoints.metrics == parts[1].report().keypoints.metrics
    other = PartialEvaluation.of(predictions, truth, replace(KEYPOINTS, sigmas=[0.1, 0.2, 0.3]))
    assert other.report().keypoints.sigmas == (0.1, 0.2, 0.3)
    with pytest.raises(UsageError, match="shards must be"):
        join_evaluations([parts[0], other])


def only(dataset, name):
    """The dataset of one image."""
    return dataset.take_assets(np.array([asset.file_name == name for asset in dataset.assets]))
