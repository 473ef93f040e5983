"""``evaluate --task keypoints``: the metrics of pycocotools from COCO's files and from datasets."""

import csv
import io
import json

import numpy as np
import pytest

from perceptron_annotations.datasets import read_coco_results, read_dataset, write_dataset
from perceptron_annotations.evaluation import evaluate
from tests.cli.test_cli import run
from tests.evaluation.test_coco_keypoints import with_pycocotools


def people(rng, *, count=17):
    """A truth of named images and people, and results that are near them; no two scores are equal."""
    truths, found = [], []
    for number in range(1, 31):
        low, size = rng.uniform(0, 200, 2), rng.uniform(20, 200, 2)
        seen = rng.integers(0, 3, count)
        xy = np.where(seen[:, None] > 0, low + rng.uniform(0, 1, (count, 2)) * size, 0.0)
        image = int(rng.choice([7, 3, 12]))
        truths.append(
            {
                "id": number,
                "image_id": image,
                "category_id": 1,
                "bbox": [*low.tolist(), *size.tolist()],
                "area": float(size.prod() * 0.53),
                "iscrowd": 0,
                "keypoints": np.column_stack([xy, seen]).ravel().tolist(),
                "num_keypoints": int((seen > 0).sum()),
            }
        )
        near = np.clip(xy + rng.normal(0, rng.choice([1, 5, 25]), xy.shape), 0, 500)
        guess = np.column_stack([near, rng.random(count)])
        found.append({"image_id": image, "category_id": 1, "keypoints": guess.ravel().tolist(), "score": number / 64})
    category = {"id": 1, "name": "person", "keypoints": [f"joint {place}" for place in range(count)], "skeleton": []}
    images = [{"id": number, "file_name": f"{number:02}.jpg", "width": 500, "height": 500} for number in (3, 7, 12)]
    return {"images": images, "categories": [category], "annotations": truths}, found


def written(folder, truth, found):
    """The two files."""
    paths = folder / "found.json", folder / "truth.json"
    for path, content in zip(paths, (found, truth), strict=True):
        path.write_text(json.dumps(content))
    return paths


def test_results_of_coco(tmp_path):
    """The same ten numbers as pycocotools, in every form of the report."""
    truth, found = people(np.random.default_rng(0))
    results, annotations = written(tmp_path, truth, found)
    wanted = with_pycocotools(truth, found, None)
    assert 0.1 < wanted[0] < 0.9
    done = run("evaluate", results, "--truth", annotations, "--task", "keypoints", "-f", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)["keypoints"]
    assert [each["value"] for each in report["metrics"].values()] == wanted.tolist()
    assert list(report["metrics"])[:3] == ["keypoint_ap", "keypoint_ap50", "keypoint_ap75"]
    assert report["by_label"] == {"person": pytest.approx(wanted[0])}
    assert report["max_detections"] == 20
    text = run("evaluate", results, "--truth", annotations, "--task", "keypoints", "-f", "csv").stdout
    rows = {(row["task"], row["part"], row["metric"]): row["number"] for row in csv.DictReader(io.StringIO(text))}
    assert float(rows["keypoints", "", "keypoint_ap75"]) == wanted[2]
    assert float(rows["keypoints", "label=person", "keypoint_ap"]) == pytest.approx(wanted[0])
    for form in ("markdown", "table"):
        shown = run("evaluate", results, "--truth", annotations, "--task", "keypoints", "-f", form).stdout
        assert "average precision of keypoints" in shown
        assert f"{wanted[0]:.3f}" in shown
    limit = f"keypoint_ap={wanted[0] + 0.01}"
    failed = run("evaluate", results, "--truth", annotations, "--task", "keypoints", "--fail-under", limit)
    assert failed.returncode == 1


def test_results_with_boxes_have_their_sizes(tmp_path):
    """As in pycocotools, a ``bbox`` of a result is its size, else the bounds of its keypoints are."""
    rng = np.random.default_rng(3)
    truth, found = people(rng)
    found = [each | {"bbox": [1.0, 2.0, *rng.uniform(1, 200, 2).tolist()]} for each in found]
    results, annotations = written(tmp_path, truth, found)
    wanted = with_pycocotools(truth, found, None)
    predictions = read_coco_results(results, annotations)
    report = evaluate(predictions, read_dataset(annotations, "coco"), tasks=["keypoints"])
    values = [each.value for each in report.keypoints.metrics.values()]
    np.testing.assert_array_equal(values, wanted)


def test_results_as_a_dataset(tmp_path):
    """The keypoints of results are read: all, with their places; without a bbox their bounds are the box."""
    truth, found = people(np.random.default_rng(1))
    results, annotations = written(tmp_path, truth, found)
    predictions = read_coco_results(results, annotations)
    skeleton = dict(zip(predictions.labels, predictions.skeletons, strict=True))["person"]
    assert skeleton.names[2] == "joint 2"
    assert predictions.keypoints.counts.tolist() == [17] * 30
    row = int(np.argmin(predictions.table.score))
    first = np.reshape(found[0]["keypoints"], (-1, 3))
    np.testing.assert_array_equal(predictions.keypoints.of(row)[:, :2], first[:, :2])
    assert predictions.keypoints.of(row)[:, 2].tolist() == [2.0] * 17
    np.testing.assert_allclose(predictions.table.xyxy[row], [*first[:, :2].min(axis=0), *first[:, :2].max(axis=0)])
    report = evaluate(predictions, read_dataset(annotations, "coco"), tasks=["keypoints"])
    values = [each.value for each in report.keypoints.metrics.values()]
    np.testing.assert_array_equal(values, with_pycocotools(truth, found, None))


@pytest.mark.parametrize("given", ["0.1,0.2,0.05", None])
def test_sigmas(tmp_path, given):
    truth, found = people(np.random.default_rng(2), count=3)
    results, annotations = written(tmp_path, truth, found)
    sigmas = np.full(3, 1 / 3) if given is None else np.array([0.1, 0.2, 0.05])
    options = [] if given is None else ["--sigmas", given]
    done = run("evaluate", results, "--truth", annotations, "--task", "keypoints", "-f", "json", *options)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)["keypoints"]
    assert [each["value"] for each in report["metrics"].values()] == with_pycocotools(truth, found, sigmas).tolist()
    assert report["sigmas"] == sigmas.tolist()


def test_from_datasets(tmp_path):
    """A dataset in a format of its own, with scores; and by default keypoints are evaluated if both sides have them."""
    truth, found = people(np.random.default_rng(4))
    results, annotations = written(tmp_path, truth, found)
    write_dataset(read_coco_results(results, annotations), tmp_path / "found.jsonl", format="dataset-jsonl")
    write_dataset(read_dataset(annotations, "coco"), tmp_path / "true.jsonl", format="dataset-jsonl")
    done = run("evaluate", tmp_path / "found.jsonl", "--truth", tmp_path / "true.jsonl", "-f", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    values = [each["value"] for each in report["keypoints"]["metrics"].values()]
    np.testing.assert_array_equal(values, with_pycocotools(truth, found, None))
    assert "detection" in report


def test_wrong_use_says_what_to_do(tmp_path):
    truth, found = people(np.random.default_rng(5), count=3)
    results, annotations = written(tmp_path, truth, found)

    def complaint(predictions, true, *options):
        done = run("evaluate", predictions, "--truth", true, "--task", "keypoints", *options)
        assert done.returncode == 2, done.stderr
        return done.stderr

    assert "have no score" in complaint(annotations, annotations)
    assert "3 keypoints need 3 sigmas, not 2" in complaint(results, annotations, "--sigmas", "0.1,0.2")
    assert "--sigmas must be" in complaint(results, annotations, "--sigmas", "0.1,x,0.2")
    assert "sigmas must be above zero" in complaint(results, annotations, "--sigmas", "0.1,0,0.2")
    plain = tmp_path / "plain.json"
    boxes = [{name: each[name] for name in each if "keypoints" not in name} for each in truth["annotations"]]
    plain.write_text(json.dumps(truth | {"annotations": boxes, "categories": [{"id": 1, "name": "person"}]}))
    assert "no label of the truth has a skeleton" in complaint(results, plain)
    boxed = tmp_path / "boxed.json"
    boxed.write_text(json.dumps([{"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]))
    assert "the predictions have no keypoints" in complaint(boxed, annotations)
    found[3]["keypoints"] = found[3]["keypoints"][:-1]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(found))
    done = run("evaluate", broken, "--truth", annotations, "--task", "keypoints", "--strict")
    assert done.returncode == 1
    assert "keypoints" in done.stderr
