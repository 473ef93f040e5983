"""The choices that the formats offer: which format, what becomes of points, what a line of YOLO holds.

Nothing heavy is imported here, so that the command line can list the choices in its help.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias


class DatasetFormat(StrEnum):
    """A format that holds a dataset."""

    COCO = "coco"
    COCO_VIDEO = "coco-video"
    YOLO = "yolo"
    YOLO_SEGMENT = "yolo-segment"
    YOLO_POSE = "yolo-pose"
    VOC = "voc"
    LABELME = "labelme"
    LABEL_STUDIO = "label-studio"
    CVAT = "cvat"
    CVAT_VIDEO = "cvat-video"
    CSV = "csv"
    ACTIVITYNET = "activitynet"
    DATASET_JSONL = "dataset-jsonl"
    DATASET_PARQUET = "dataset-parquet"


class PointPolicy(StrEnum):
    """What ``write_coco`` does with points, for which COCO has no kind of shape."""

    KEYPOINTS = "keypoints"
    """A point becomes an annotation with one keypoint, and a bbox without area at its place."""
    OMIT = "omit"
    """Points are left out and counted."""


class YoloTask(StrEnum):
    """What a line of a YOLO label file holds."""

    DETECT = "detect"
    """A class and a box."""
    SEGMENT = "segment"
    """A class and one ring; a box is written as its four corners."""
    POSE = "pose"
    """A class, a box and the points of an object; if it has no box, that is the bounding box of its points."""


#: The words for the formats.
FormatName: TypeAlias = Literal[
    "coco",
    "coco-video",
    "yolo",
    "yolo-segment",
    "yolo-pose",
    "voc",
    "labelme",
    "label-studio",
    "cvat",
    "cvat-video",
    "csv",
    "activitynet",
    "dataset-jsonl",
    "dataset-parquet",
]
#: The words for what becomes of points.
PointPolicyName: TypeAlias = Literal["keypoints", "omit"]
#: The words for what a line of YOLO holds.
YoloTaskName: TypeAlias = Literal["detect", "segment", "pose"]
