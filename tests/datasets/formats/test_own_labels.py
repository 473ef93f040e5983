"""Own formats carry what a COCO file called its labels, so that files of results still fit it."""

import json

import pytest

from perceptron_annotations import read_dataset, write_dataset
from perceptron_annotations.datasets import DatasetFormat

TRUTH = {
    "images": [{"id": 7, "file_name": "a.png", "width": 64, "height": 48}],
    "categories": [{"id": 18, "name": "dog", "supercategory": "animal"}, {"id": 90, "name": "cat"}],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 18, "bbox": [4, 8, 16, 22]},
        {"id": 2, "image_id": 7, "category_id": 90, "bbox": [4, 8, 16, 22]},
    ],
}
OWN = [
    (DatasetFormat.DATASET_JSONL, "a.jsonl"),
    (DatasetFormat.DATASET_PARQUET, "a.parquet"),
    (DatasetFormat.CSV, "a.csv"),
]


@pytest.mark.parametrize(("own", "name"), OWN, ids=str)
def test_issue_15_category_ids_stay_through_own_formats(tmp_path, own, name):
    """COCO to a format of ours and back keeps the ids and the groups of categories."""
    (tmp_path / "truth.json").write_text(json.dumps(TRUTH))
    write_dataset(read_dataset(tmp_path / "truth.json"), tmp_path / name, own)
    again = read_dataset(tmp_path / name, own)
    write_dataset(again, tmp_path / "again.json", DatasetFormat.COCO)
    found = json.loads((tmp_path / "again.json").read_text())["categories"]
    assert [(each["id"], each["name"], each["supercategory"]) for each in found] == [
        (18, "dog", "animal"),
        (90, "cat", ""),
    ]
