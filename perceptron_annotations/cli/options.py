"""The options that several verbs share, and the choices they offer.

The choices stand here and not with what they choose from, so that ``--help`` imports neither datasets nor files.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ..geometry import AnnotationKind
from ..markup.document import Mode


class Format(StrEnum):
    """What ``parse`` prints."""

    TABLE = "table"
    JSON = "json"
    MARKUP = "markup"


class Target(StrEnum):
    """What ``convert`` writes."""

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
    JSONL = "jsonl"
    PARQUET = "parquet"


class CountFormat(StrEnum):
    """What ``count`` prints."""

    TABLE = "table"
    JSON = "json"


class EvaluateFormat(StrEnum):
    """What ``evaluate`` prints."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class Points(StrEnum):
    """What COCO files make of points."""

    KEYPOINTS = "keypoints"
    OMIT = "omit"


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...", help="Files of recorded answers, JSONL, plain or gzipped; - for standard input."
    ),
]
ModeOption = Annotated[
    Mode,
    typer.Option(help="strict stops at the first error, lenient reports, salvage also repairs near misses."),
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", metavar="FIELD", help="The field that joins an answer to its picture, e.g. request.id."),
]
RejectsOption = Annotated[
    str | None, typer.Option("--rejects", metavar="FILE", help="Keep the lines without an answer here, as JSONL.")
]
Labels = Annotated[
    list[str] | None, typer.Option("--label", help="Only annotations with this mention; may be repeated.")
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", metavar="|".join(map(str, AnnotationKind)), help="Only annotations of this kind. Repeatable."
    ),
]
IgnoreExif = Annotated[
    bool, typer.Option("--ignore-exif", help="With --images: sizes as stored, not as EXIF turns them.")
]
SourceOption = Annotated[
    Target | None,
    typer.Option("--from", help="The format to read; by default told from the path. jsonl: recorded answers."),
]
RateOption = Annotated[
    float | None,
    typer.Option("--fps", metavar="N", help="The frame rate of videos that have none."),
]
