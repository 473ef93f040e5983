"""Files as other tools write them: what is kept of each, and what is counted. Nothing is in neither column.

The files are in ``foreign``: made by hand, small, one for each quirk, after the documentation that is named beside
them. To add one, put it there and add a line to :data:`FILES`.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from perceptron_annotations import AnnotationKind, read_dataset
from perceptron_annotations.datasets import DatasetFormat, guess_format

FOLDER = Path(__file__).parent / "foreign"
COCO = "https://cocodataset.org/#format-data"
ROBOFLOW = "Roboflow's exports"
ULTRALYTICS = "https://docs.ultralytics.com/datasets/detect/"
VOC = "the development kit of PASCAL VOC 2012"
CVAT = "https://docs.cvat.ai/docs/dataset_management/formats/"
LABEL_STUDIO = "https://labelstud.io/guide/export"
LABELME = "https://github.com/wkentaro/labelme"
ANYLABELING = "https://github.com/CVHub520/X-AnyLabeling"
ACTIVITYNET = "http://activity-net.org/download.html"


#: What Label Studio calls an image that was uploaded.
UPLOADED = "/data/upload/1/a.png"


class Foreign(NamedTuple):
    """A file or folder of another tool."""

    path: str
    source: str
    format: DatasetFormat
    #: The objects on each asset, as ``name@split: kinds with labels``; the split is left out if there is none.
    kept: dict[str, str]
    #: How often each problem is told, by its code and a part of its text.
    counted: Mapping[str, int] = MappingProxyType({})
    #: The findings that it shows.
    finding: str = ""


FILES = [
    Foreign(
        "roboflow_coco",
        ROBOFLOW,
        DatasetFormat.COCO,
        {"train/a_jpg.rf.png@train": "box apple, box apple", "valid/a_jpg.rf.png@valid": "box apple"},
        {"unread_field: not read: info (2, such as": 1},
        "field A3",
    ),
    Foreign("cvat_coco", CVAT, DatasetFormat.COCO, {"a.png": "box apple"}, finding="field A3"),
    Foreign(
        "coco_2017",
        COCO,
        DatasetFormat.COCO,
        {"000000000009.jpg@train2017": "box apple", "000000000009.jpg#2@val2017": "box apple"},
        {"unsupported_entry: only the instances": 1},
        "field A3",
    ),
    Foreign(
        "coco_one_broken",
        ROBOFLOW,
        DatasetFormat.COCO,
        {"train/a.png@train": "box apple"},
        {"unreadable_file": 1},
        "datasets D3",
    ),
    Foreign(
        "coco_booleans.json", COCO, DatasetFormat.COCO, {"a.png": "box apple, crowd box apple"}, finding="datasets D3"
    ),
    Foreign("coco_string_ids.json", COCO, DatasetFormat.COCO, {"a.png": "box apple"}, finding="datasets D2"),
    Foreign(
        "coco_null_name.json",
        COCO,
        DatasetFormat.COCO,
        {"17": "box apple"},
        {"malformed_entry: it has no file_name": 1},
        "datasets D3",
    ),
    Foreign(
        "coco_same_category.json",
        COCO,
        DatasetFormat.COCO,
        {"a.png": "box apple, box apple"},
        {"duplicate_entry: another category is named apple too": 1},
        "datasets D1, COCO",
    ),
    Foreign(
        "coco_run_length.json",
        COCO,
        DatasetFormat.COCO,
        {"a.png": "crowd box apple"},
        {"unsupported_entry: a run-length mask": 1},
        "field A4",
    ),
    Foreign(
        "yolo_roboflow",
        ROBOFLOW,
        DatasetFormat.YOLO,
        {"train/images/a.png@train": "box apple", "valid/images/a.png@val": "box apple, box apple"},
        {"unsafe_file_name": 3, "unread_field: not read: roboflow": 1},
        "datasets C1",
    ),
    Foreign(
        "yolo_two_folders",
        ULTRALYTICS,
        DatasetFormat.YOLO,
        {"a/x.png@train": "box apple", "b/x.png@train": "box apple"},
        finding="datasets D1, YOLO",
    ),
    Foreign(
        "yolo_lists",
        ULTRALYTICS,
        DatasetFormat.YOLO,
        {"x.png@train": "box apple", "y.png@val": "box apple"},
        {"unsafe_file_name: ../datasets/coco": 1, "dangling_reference: 1 of its images": 1},
        "datasets D3",
    ),
    Foreign(
        "yolo_same_folder",
        ULTRALYTICS,
        DatasetFormat.YOLO,
        {"x.png@train": "box apple"},
        {"duplicate_entry: 1 of its images are of train too": 1},
        "datasets D1, YOLO",
    ),
    Foreign("yolo_classes_txt", LABEL_STUDIO, DatasetFormat.YOLO, {"x.png": "box apple"}, finding="field A3"),
    Foreign("yolo_darknet", CVAT, DatasetFormat.YOLO, {"x.png@train": "box apple"}, finding="field A3"),
    Foreign(
        "yolo_without_images",
        ULTRALYTICS,
        DatasetFormat.YOLO,
        {"train/x@train": ""},
        {"missing_size: there is no image of that name, so its 2 objects have no place": 1, "duplicate_entry": 1},
        "brief: known leftovers",
    ),
    Foreign("yolo_float_class", ULTRALYTICS, DatasetFormat.YOLO, {"x.png@train": "box apple"}, finding="datasets D3"),
    Foreign(
        "yolo_absolute",
        ULTRALYTICS,
        DatasetFormat.YOLO,
        {"train/x.png@train": "box apple"},
        {"unsafe_file_name": 2},
        "datasets D3",
    ),
    Foreign(
        "voc_2012",
        VOC,
        DatasetFormat.VOC,
        {"2007_000001.jpg@train": "box apple", "2007_000002.jpg@val": "box apple"},
        {"unread_field: not read: folder (2, such as x)": 1},
        "datasets D4",
    ),
    Foreign(
        "voc_subfolders",
        VOC,
        DatasetFormat.VOC,
        {"north/1.jpg": "box apple", "south/1.jpg": "box apple"},
        {"unread_field: not read: folder": 1},
        "datasets D3",
    ),
    Foreign(
        "voc_roboflow",
        ROBOFLOW,
        DatasetFormat.VOC,
        {"train/a.jpg@train": "box apple", "valid/a.jpg@valid": "box apple"},
        {"unread_field: not read: folder": 1},
        "datasets D3",
    ),
    Foreign(
        "voc_one_broken",
        VOC,
        DatasetFormat.VOC,
        {"a.jpg": "box apple"},
        {"unreadable_file": 1, "unread_field: not read: folder": 1},
        "datasets D3",
    ),
    Foreign(
        "labelme_four_corners.json",
        ANYLABELING,
        DatasetFormat.LABELME,
        {"a.png": "box apple, polygon apple"},
        finding="datasets D3",
    ),
    Foreign(
        "labelme_circle.json",
        LABELME,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unsupported_entry: shape_type circle": 1},
        "datasets D1, LabelMe",
    ),
    Foreign(
        "labelme_groups.json",
        LABELME,
        DatasetFormat.LABELME,
        {"a.png": "polygon+polygon apple, polygon apple"},
        finding="datasets D1, LabelMe",
    ),
    Foreign(
        "labelme_two_sheets",
        LABELME,
        DatasetFormat.LABELME,
        {"a.png": "box apple", "a.png#2": "box apple"},
        finding="datasets C1",
    ),
    Foreign(
        "label_studio_min.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unread_field: not read: annotation_id": 1, "unread_field: not read: created_at": 1},
        "datasets D3",
    ),
    Foreign(
        "label_studio_labels.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        finding="datasets D3",
    ),
    Foreign(
        "label_studio_turned_image.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unsupported_entry: a shape on a turned image": 1},
        "datasets D1, Label Studio",
    ),
    Foreign(
        "label_studio_cancelled.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unsupported_entry: a cancelled annotation": 1},
        "datasets D1, Label Studio",
    ),
    Foreign(
        "label_studio_annotators.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple, box apple"},
        {"duplicate_entry: an annotation of the same task": 1, "unsupported_entry: predictions": 1},
        "datasets D1, Label Studio",
    ),
    Foreign(
        "label_studio_two_labels.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unsupported_entry: the further label fruit": 1},
        "datasets D1, Label Studio",
    ),
    Foreign(
        "label_studio_relation.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unsupported_entry: relation": 1},
        "datasets D3",
    ),
    Foreign(
        "label_studio_row.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {"s3://bucket/a.png": "box apple"},
        {"unread_field: not read: id (1, such as row-17), text": 1},
        "datasets D1, Label Studio",
    ),
    Foreign(
        "cvat_subsets.xml",
        CVAT,
        DatasetFormat.CVAT,
        {"a.png@Train": "box apple", "a.png#2": ""},
        {"unsupported_entry: ellipse": 1, "unread_field: not read: task_id (2, such as 1)": 1},
        "datasets D1, CVAT",
    ),
    Foreign(
        "activitynet_results.json",
        ACTIVITYNET,
        DatasetFormat.ACTIVITYNET,
        {"v_1": "clip jump"},
        finding="datasets D3",
    ),
    Foreign(
        "activitynet_database.json",
        ACTIVITYNET,
        DatasetFormat.ACTIVITYNET,
        {"v_1@validation": "clip jump, clip jump"},
        {
            "malformed_entry: the segment ends before it starts": 1,
            "out_of_bounds: the segment ends at 12 s": 1,
            "unread_field: not read: duration (1, such as 10.5), resolution": 1,
        },
        "datasets D1, ActivityNet",
    ),
]


def kept(dataset):
    """What is kept, as :class:`Foreign` has it."""
    found = {}
    for number, key in enumerate(dataset.table.responses.key):
        asset = dataset.assets[number]
        objects = {}
        for row in range(len(dataset)):
            if dataset.asset[row] == number:
                objects.setdefault(int(dataset.object[row]), []).append(row)
        said = []
        for rows in objects.values():
            kinds = "+".join(AnnotationKind(dataset.table.kind[row]).name.lower() for row in rows)
            said.append(f"{'crowd ' if dataset.iscrowd[rows[0]] else ''}{kinds} {dataset.label_of(rows[0])}")
        found[key + (f"@{asset.split}" if asset.split else "")] = ", ".join(said)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_foreign(file):
    """Found by its content, read, and all that is not kept is told; see the ``finding`` of each."""
    path = FOLDER / file.path
    assert guess_format(path) is file.format
    problems = []
    dataset = read_dataset(path, on_problem=problems.append)
    assert kept(dataset) == file.kept
    told = Counter()
    for problem in problems:
        said = f"{problem.code.value}: {problem.message}"
        told[next((each for each in file.counted if said.startswith(each)), said)] += 1
    assert told == dict(file.counted)


def test_every_file_is_in_the_table():
    listed = {file.path for file in FILES}
    assert {path.name for path in FOLDER.iterdir()} == listed
    assert len(listed) == len(FILES)
