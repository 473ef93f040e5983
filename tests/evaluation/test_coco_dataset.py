"""AP of datasets: the metrics of pycocotools on the files that we write."""

import contextlib
import io
import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    read_coco,
    read_coco_results,
    write_coco,
    write_coco_results,
)
from perceptron_annotations.evaluation import TiedScoresWarning, evaluate_average_precision, evaluate_coco_files
from tests.datasets.examples import datasets

solid = (AnnotationKind.BOX, AnnotationKind.POLYGON)


@settings(max_examples=30, deadline=None)
@given(datasets(solid, crowds=True, rings=True), datasets(solid, scores=True, rings=True))
def test_files_and_datasets_agree(tmp_path_factory, truth, predictions):
    folder = tmp_path_factory.mktemp("ap")
    names = {asset.file_name: number for number, asset in enumerate(truth.assets, start=1)}
    labels = {label: code for code, label in enumerate(truth.labels, start=1)}
    write_coco(truth, folder / "truth.json")
    predictions = predictions.take(~np.isnan(predictions.table.score))
    write_coco_results(predictions, folder / "found.json", image_ids=names, category_ids=labels)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coco = COCO(str(folder / "truth.json"))
        found = json.loads((folder / "found.json").read_text())
        if not found or not coco.anns:
            return
        for result in found:
            result.pop("segmentation", None)
        # Images and labels in the order of their names, which decides between equal scores.
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.params.maxDets = [1, 10, 100]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        ours = twelve(evaluate_average_precision(predictions, truth))
    scores = predictions.table.score
    if len(np.unique(scores)) == len(scores):
        np.testing.assert_array_equal(np.nan_to_num(ours, nan=-1.0), evaluation.stats[:12])


def test_what_a_file_states_counts(tmp_path):
    """Datasets and evaluation D1, COCO: bbox and area that are not those of the polygons decide, as in the file."""
    rng = np.random.default_rng(3)
    boxes = np.column_stack([rng.uniform(0, 200, (60, 2)), rng.uniform(5, 150, (60, 2))]).round(2)
    images = [{"id": number, "file_name": f"{number}.png", "width": 400, "height": 400} for number in range(1, 6)]
    places = rng.integers(1, 6, 60).tolist()
    rings = [[[x, y, x + w / 2, y, x, y + h / 2]] if x > 100 else [] for x, y, w, h in boxes.tolist()]
    truth = [
        {
            "id": number,
            "image_id": place,
            "category_id": 1,
            "bbox": box,
            "area": box[2] * box[3] * 0.4,
            "segmentation": ring,
        }
        for number, (place, box, ring) in enumerate(zip(places, boxes.tolist(), rings, strict=True), start=1)
    ]
    file = {"images": images, "annotations": truth, "categories": [{"id": 1, "name": "cat"}]}
    moved = (boxes + rng.normal(0, 4, boxes.shape)).round(3)
    found = [
        {"image_id": place, "category_id": 1, "bbox": box, "score": score}
        for place, box, score in zip(places, np.abs(moved).tolist(), rng.permutation(60).tolist(), strict=True)
    ]
    (tmp_path / "truth.json").write_text(json.dumps(file))
    (tmp_path / "found.json").write_text(json.dumps(found))
    wanted, _ = evaluate_coco_files(tmp_path / "found.json", tmp_path / "truth.json")
    predictions = read_coco_results(tmp_path / "found.json", tmp_path / "truth.json", on_problem=lambda _: None)
    report = evaluate_average_precision(predictions, read_coco(tmp_path / "truth.json", on_problem=lambda _: None))
    np.testing.assert_array_equal(twelve(report), list(wanted.metrics.values()))
    assert 0 < wanted.ap_small < 1


def twelve(report):
    return [metric.value for metric in report.metrics.values()]


def scored(dataset, scores):
    return replace(dataset, table=dataset.table.replace(score=np.asarray(scores, dtype=float)))


def three():
    builder = DatasetBuilder()
    builder.add_asset(DatasetAsset(file_name="a", width=100, height=100))
    for corner in (0, 30, 60):
        builder.add(0, AnnotationKind.BOX, [(corner, corner), (corner + 20, corner + 20)], "x")
    return builder.build()


@given(datasets((AnnotationKind.BOX,)))
def test_a_dataset_finds_itself(dataset):
    if len(dataset):
        report = evaluate_average_precision(scored(dataset, np.linspace(1, 0.5, len(dataset))), dataset)
        assert (report.metrics["ap"].value, report.metrics["ar"].value) == (pytest.approx(1), 1)
        assert report.by_label.keys() == {dataset.label_of(row) or "object" for row in range(len(dataset))}


def test_scores_are_asked_for():
    dataset = three()
    with pytest.raises(UsageError, match="3 of 3 predictions have no score"):
        evaluate_average_precision(dataset, dataset)
    with pytest.warns(TiedScoresWarning, match="100% of the scores"):
        evaluate_average_precision(scored(dataset, np.ones(3)), dataset)
