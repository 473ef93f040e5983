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
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, write_coco, write_coco_results
from perceptron_annotations.evaluation import TiedScoresWarning, evaluate_average_precision
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
