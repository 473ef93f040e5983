"""What each format is and holds: one table, from which the command line and the documentation are made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from ...geometry import AnnotationKind
from .choices import DatasetFormat


class FormatInfo(Struct, frozen=True, kw_only=True):
    """What a format is and holds."""

    format: DatasetFormat
    title: str
    #: Whether it is a folder of files, or a single file.
    is_folder: bool
    #: The kinds of shapes that it holds.
    holds: tuple[AnnotationKind, ...]
    #: Whether it holds objects of several rings.
    rings: bool = False
    #: Whether it holds the mark of a crowd, and shapes without a label.
    crowds: bool = False
    scores: bool = False
    #: Whether it holds keypoints with index and visibility, and their names.
    keypoints: bool = False
    #: Whether it holds the mark of what metrics ignore, and what else is said of an object.
    ignored: bool = False
    attributes: bool = False
    #: Whether it holds shapes with a timestamp, and tracks.
    times: bool = False
    #: Whether it holds objects in the frames of videos, and nothing else. Its functions take ``fps``, the frame rate of
    #: videos that do not state one.
    frames: bool = False
    #: Whether it can be written a shard at a time, so that the dataset need not fit into memory.
    streams: bool = False
    note: str = ""


_BOXES, _SHAPES = (AnnotationKind.BOX,), (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON)


def _almost_lossless(name: DatasetFormat, title: str, note: str) -> FormatInfo:
    return FormatInfo(
        format=name,
        title=title,
        is_folder=False,
        holds=tuple(AnnotationKind),
        rings=True,
        crowds=True,
        scores=True,
        keypoints=True,
        ignored=True,
        attributes=True,
        times=True,
        streams=True,
        note=note,
    )


#: What each format is and holds, by format.
FORMATS: Mapping[DatasetFormat, FormatInfo] = MappingProxyType(
    {
        info.format: info
        for info in (
            FormatInfo(
                format=DatasetFormat.COCO,
                title="COCO instances",
                is_folder=False,
                holds=_SHAPES,
                rings=True,
                crowds=True,
                scores=True,
                keypoints=True,
                ignored=True,
                attributes=True,
                streams=True,
                note="a point is an annotation with one keypoint",
            ),
            FormatInfo(
                format=DatasetFormat.COCO_VIDEO,
                title="COCO for videos (CocoVID, TAO)",
                is_folder=False,
                holds=_SHAPES,
                rings=True,
                crowds=True,
                scores=True,
                keypoints=True,
                ignored=True,
                attributes=True,
                times=True,
                frames=True,
                note="an image is a video frame; a point is an annotation with one keypoint; TAO needs fps",
            ),
            FormatInfo(
                format=DatasetFormat.YOLO,
                title="YOLO detection",
                is_folder=True,
                holds=_BOXES,
                note="polygons become boxes; shapes are clipped to the image; images are not copied",
            ),
            FormatInfo(
                format=DatasetFormat.YOLO_SEGMENT,
                title="YOLO segmentation",
                is_folder=True,
                holds=(AnnotationKind.POLYGON,),
                note="boxes become polygons; shapes are clipped to the image; images are not copied",
            ),
            FormatInfo(
                format=DatasetFormat.YOLO_POSE,
                title="YOLO pose",
                is_folder=True,
                holds=(AnnotationKind.POINT,),
                keypoints=True,
                note="a box with keypoints, or plain points; shapes are clipped to the image; images are not copied",
            ),
            FormatInfo(
                format=DatasetFormat.VOC,
                title="Pascal VOC",
                is_folder=True,
                holds=_BOXES,
                ignored=True,
                attributes=True,
                note="polygons become boxes; pixels count from 0, or from 1 with one_based",
            ),
            FormatInfo(
                format=DatasetFormat.LABELME,
                title="LabelMe",
                is_folder=True,
                holds=_SHAPES,
                rings=True,
                keypoints=True,
                ignored=True,
                attributes=True,
                note="keypoints and rings are shapes of one group_id",
            ),
            FormatInfo(
                format=DatasetFormat.LABEL_STUDIO,
                title="Label Studio tasks",
                is_folder=False,
                holds=_SHAPES,
                scores=True,
                keypoints=True,
                attributes=True,
                note="shapes are clipped to the image; keypoints are points below a shape, attributes choices of it",
            ),
            FormatInfo(
                format=DatasetFormat.CVAT,
                title="CVAT for images 1.1",
                is_folder=False,
                holds=_SHAPES,
                keypoints=True,
                attributes=True,
                note="an object with keypoints is a skeleton, without a shape of its own",
            ),
            FormatInfo(
                format=DatasetFormat.CVAT_VIDEO,
                title="CVAT for video 1.1",
                is_folder=True,
                holds=_SHAPES,
                keypoints=True,
                attributes=True,
                times=True,
                frames=True,
                note="each shape is a keyframe; files that CVAT exported need fps",
            ),
            _almost_lossless(
                DatasetFormat.CSV,
                "CSV, one line per row",
                "lossless, except for statuses, spans, unused labels and names of keypoints; formulas are defused",
            ),
            FormatInfo(
                format=DatasetFormat.ACTIVITYNET,
                title="ActivityNet clips",
                is_folder=False,
                holds=(AnnotationKind.CLIP,),
                scores=True,
                note="times in seconds; no sizes",
            ),
            _almost_lossless(
                DatasetFormat.DATASET_JSONL,
                "dataset as JSONL, one line per asset",
                "lossless, except that parse issues are not stored",
            ),
            _almost_lossless(
                DatasetFormat.DATASET_PARQUET,
                "dataset as Parquet, one row per asset",
                "lossless, except that parse issues are not stored; needs the arrow extra",
            ),
        )
    }
)
