"""Files as other tools write them: what is kept of each, and what is counted. Nothing is in neither column.

The files are in ``foreign``: small, one for each quirk, written by the tool itself where its source says so, else made
by hand after the documentation that it names. To add one, put it there and add a line to :data:`FILES`.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
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
LVIS = "https://www.lvisdataset.org/dataset"
MMDETECTION = "https://mmdetection.readthedocs.io/"
LABELIMG = "https://github.com/HumanSignal/labelImg"
#: Tools whose own writers made the files.
DATUMARO = "written by datumaro 1.12.0"
GLOBOX = "written by globox 2.9.0"
KWCOCO = "written by kwcoco 0.9.1"
LABELFORMAT = "written by labelformat 0.1.17"
LABELME_WRITER = "written by labelme 6.3.1"
LABEL_STUDIO_SDK = "written by the converter of label-studio-sdk 2.1.2"
SAHI = "written by sahi 0.12.8"
SUPERVISION = "written by supervision 0.31.2"


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
    #: What its reader has to be told.
    options: Mapping[str, object] = MappingProxyType({})


FILES = [
    Foreign(
        "roboflow_coco",
        ROBOFLOW,
        DatasetFormat.COCO,
        {"train/a_jpg.rf.png@train": "box apple, box apple", "valid/a_jpg.rf.png@valid": "box apple"},
        {"unread_field: not read: info (2, such as": 1},
        "field A3",
    ),
    Foreign("cvat_coco", CVAT, DatasetFormat.COCO, {"a.png": "box apple (occluded=False)"}, finding="field A3"),
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
        {"a.png": "polygon+polygon apple, polygon apple (group_id=2)"},
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
        {"v_1": "clip jump (score=0.5)"},
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
    Foreign(
        "activitynet_sized.json",
        ACTIVITYNET,
        DatasetFormat.ACTIVITYNET,
        {"v_1@training": "clip jump"},
        {
            "unread_field: not read: taxonomy (1": 1,
            "unread_field: not read: duration (1": 1,
            "unread_field: not read: crowd (1": 1,
        },
        finding="issue 15: foreign files",
    ),
    Foreign(
        "anylabeling_scored.json",
        ANYLABELING,
        DatasetFormat.LABELME,
        {"a.png": "ignored box apple (ripe=yes)"},
        {"unread_field: not read: description (1": 1, "unread_field: not read: score (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "coco_licensed.json",
        COCO,
        DatasetFormat.COCO,
        {"a.png": "polygon apple"},
        {"unread_field: not read: info (1": 1, "unread_field: not read: date_captured (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "coco_mmdetection.json",
        MMDETECTION,
        DatasetFormat.COCO,
        {"a.png": "ignored polygon apple"},
        {"unread_field: not read: type (1": 1, "unread_field: not read: is_occluded (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "coco_person_keypoints.json",
        COCO,
        DatasetFormat.COCO,
        {"a.png": "box apple (stem:2, tip:0)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "cvat_other_shapes.xml",
        CVAT,
        DatasetFormat.CVAT,
        {"a.png": "box apple (occluded=True, ripe=True)"},
        {
            "unsupported_entry: a turned box": 1,
            "unsupported_entry: polyline": 1,
            "unsupported_entry: mask": 1,
            "unsupported_entry: cuboid": 1,
            "unsupported_entry: tag": 1,
            "unread_field: not read: source (1": 1,
        },
        finding="issue 15: foreign files",
    ),
    Foreign(
        "cvat_tracks.xml",
        CVAT,
        DatasetFormat.CVAT_VIDEO,
        {"clip.mp4": "box+box apple"},
        {"unread_field: not read: dumped (1": 1},
        options={"fps": 10},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_coco_all",
        DATUMARO,
        DatasetFormat.COCO,
        {"a.jpg@train": "box apple"},
        {"unsupported_entry: only the instances": 4},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_coco_attributes",
        DATUMARO,
        DatasetFormat.COCO,
        {"a.jpg@train": "box apple (ripe=True, size=3, note=x)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_coco_group",
        DATUMARO,
        DatasetFormat.COCO,
        {"a.jpg@train": "polygon apple"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_cvat.xml",
        DATUMARO,
        DatasetFormat.CVAT,
        {"a.jpg": "box apple (occluded=True, z_order=2), point+point pear"},
        {"unsupported_entry: tag": 1, "unread_field: not read: mode (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_label_me",
        DATUMARO,
        DatasetFormat.VOC,
        {"train/a.jpg@train": ""},
        {
            "missing_size: the size of an image is unknown": 1,
            "malformed_entry: bndbox does not have four numbers": 1,
            "unread_field: not read: folder (1": 1,
        },
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_voc",
        DATUMARO,
        DatasetFormat.VOC,
        {"a.jpg@train": "ignored box apple (truncated=True, occluded=True, colour=red)"},
        {"unread_field: not read: labels without objects, colours and parts": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "datumaro_yolo", DATUMARO, DatasetFormat.YOLO, {"a.png@train": "box apple"}, finding="issue 15: foreign files"
    ),
    Foreign("globox_coco.json", GLOBOX, DatasetFormat.COCO, {"a.png": "box apple"}, finding="issue 15: foreign files"),
    Foreign("globox_cvat.xml", GLOBOX, DatasetFormat.CVAT, {"a.png": "box apple"}, finding="issue 15: foreign files"),
    Foreign(
        "kwcoco_channels.json",
        KWCOCO,
        DatasetFormat.COCO,
        {"1": "box apple"},
        {
            "malformed_entry: it has no file_name: its id is its name": 1,
            "unread_field: not read: caption (1": 1,
            "unread_field: not read: auxiliary (1": 1,
        },
        finding="issue 15: foreign files",
    ),
    Foreign(
        "kwcoco_keypoint_ids.json",
        KWCOCO,
        DatasetFormat.COCO,
        {"a.png": "box apple (stem:2, tip:1)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "kwcoco_keypoints.json",
        KWCOCO,
        DatasetFormat.COCO,
        {"a.png": "box apple"},
        {"unsupported_entry: keypoints that are not a list of numbers": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "kwcoco_no_category.json",
        KWCOCO,
        DatasetFormat.COCO,
        {"a.png": "box apple"},
        {"malformed_entry: Expected": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "kwcoco_video.json",
        KWCOCO,
        DatasetFormat.COCO_VIDEO,
        {"v": "box+box apple"},
        {"unread_field: not read: timestamp (1": 1, "unread_field: not read: name (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_as_coco.json",
        LABEL_STUDIO_SDK,
        DatasetFormat.COCO,
        {"../../proj/upload/1/a.png": "box apple, box pear", "../../proj/upload/1/a.png#2": "box apple, box pear"},
        {"unread_field: not read: info (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_as_voc",
        LABEL_STUDIO_SDK,
        DatasetFormat.VOC,
        {"a.png": "box apple, box pear"},
        {"unread_field: not read: folder (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_brush.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unsupported_entry: brushlabels": 1, "unsupported_entry: ellipselabels": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_choices.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple (ripe=yes)"},
        {"unsupported_entry: choices": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_exported.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unread_field: not read: created_at (1": 1, "unread_field: not read: origin (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_from_coco.json",
        LABEL_STUDIO_SDK,
        DatasetFormat.LABEL_STUDIO,
        {"a.png": "box apple, box pear, polygon pear"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_min_written.json",
        LABEL_STUDIO_SDK,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple, box pear"},
        {"unread_field: not read: annotation_id (1": 1, "unread_field: not read: created_at (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "label_studio_turned.json",
        LABEL_STUDIO,
        DatasetFormat.LABEL_STUDIO,
        {UPLOADED: "box apple"},
        {"unsupported_entry: a turned rectangle": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelformat_voc",
        LABELFORMAT,
        DatasetFormat.VOC,
        {"a.png": "box apple"},
        {"unread_field: not read: folder (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_colours.json",
        LABELME,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unread_field: not read: fillColor (1": 1, "unread_field: not read: line_color (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_described.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple (description=ripe, half hidden)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_embedded.json",
        LABELME,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unread_field: not read: imageData (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_flags.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple (ripe=True, rotten=False)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_grouped_boxes.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple (group_id=4), box apple (group_id=4)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_image_flags.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unsupported_entry: flags of the image": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_line.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unsupported_entry: shape_type line": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_linestrip.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unsupported_entry: shape_type linestrip": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_mask.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unsupported_entry: shape_type mask": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_point.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "point apple"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_points.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        {"unsupported_entry: shape_type points": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_pose.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple (stem:2, tip:2)"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "labelme_reversed.json",
        LABELME_WRITER,
        DatasetFormat.LABELME,
        {"a.png": "box apple"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "lvis.json",
        LVIS,
        DatasetFormat.COCO,
        {"397133": "polygon apple"},
        {
            "malformed_entry: it has no file_name: its id is its name": 1,
            "unread_field: not read: info (1": 1,
            "unread_field: not read: coco_url (1": 1,
            "unread_field: not read: def (1": 1,
        },
        finding="issue 15: foreign files",
    ),
    Foreign(
        "sahi_yolo",
        SAHI,
        DatasetFormat.YOLO,
        {"a.png@train": "box apple, box pear"},
        {"unsafe_file_name: /data/sahi_yolo/train": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "supervision_coco.json",
        SUPERVISION,
        DatasetFormat.COCO,
        {"a.png": "box apple"},
        {"unread_field: not read: licenses (1": 1, "unread_field: not read: date_captured (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "supervision_coco_masks.json",
        SUPERVISION,
        DatasetFormat.COCO,
        {"a.png": "crowd box apple"},
        {
            "unsupported_entry: a run-length mask": 1,
            "unread_field: not read: licenses (1": 1,
            "unread_field: not read: date_captured (1": 1,
        },
        finding="issue 15: foreign files",
    ),
    Foreign(
        "supervision_voc_masks",
        SUPERVISION,
        DatasetFormat.VOC,
        {"a.png": "box apple, box apple"},
        {"unsupported_entry: <polygon> of an object": 2, "unread_field: not read: folder (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "supervision_yolo",
        SUPERVISION,
        DatasetFormat.YOLO,
        {"train/a.png@train": "box apple"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "supervision_yolo_segment",
        SUPERVISION,
        DatasetFormat.YOLO,
        {"train/a.png@train": "polygon apple, polygon apple"},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "voc_labelimg.xml",
        LABELIMG,
        DatasetFormat.VOC,
        {"a.jpg": "ignored box apple"},
        {"unread_field: not read: folder (1": 1},
        finding="issue 15: foreign files",
    ),
    Foreign(
        "voc_parts.xml",
        VOC,
        DatasetFormat.VOC,
        {"a.jpg": "box apple (truncated=True, occluded=True, pose=Left)"},
        {"unsupported_entry: <part> of an object": 1, "unread_field: not read: folder (1": 1},
        finding="issue 15: foreign files",
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
            said.append(f"{_marks(dataset, rows[0])}{kinds} {dataset.label_of(rows[0])}{_details(dataset, rows[0])}")
        found[key + (f"@{asset.split}" if asset.split else "")] = ", ".join(said)
    return found


def _marks(dataset, row):
    """What comes before an object that metrics treat as they treat no other."""
    return ("crowd " if dataset.iscrowd[row] else "") + ("ignored " if dataset.ignore[row] else "")


def _details(dataset, row):
    """What an object has beside its shapes: a score, attributes, and keypoints by name."""
    score = dataset.table.score[row]
    said = [] if np.isnan(score) else [f"score={score:g}"]
    if dataset.attributes is not None:
        said += [f"{name}={value}" for name, value in dataset.attributes[row]]
    if dataset.keypoints is not None and dataset.keypoints.counts[row]:
        names = dataset.skeletons[dataset.label[row]].names
        visibilities = dataset.keypoints.as_list(row)[2::3]
        said += [f"{name}:{seen:g}" for name, seen in zip(names, visibilities, strict=True)]
    return f" ({', '.join(said)})" if said else ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_foreign(file):
    """Found by its content, read, and all that is not kept is told; see the ``finding`` of each."""
    path = FOLDER / file.path
    assert guess_format(path) is file.format
    problems = []
    dataset = read_dataset(path, on_problem=problems.append, **file.options)
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
