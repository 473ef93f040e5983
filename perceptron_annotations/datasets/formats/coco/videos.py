"""COCO files of videos, as MMTracking (CocoVID) and TAO have them: an image is a video frame.

Frame numbers count from 0. All annotations of an object have one ``instance_id``, which is also their ``track_id``; a
shape with a timestamp that is not part of a track has neither. The frame rate is a field of the video.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import splitext
from typing import Any, NamedTuple

import numpy as np
from msgspec import UNSET, Struct, UnsetType, structs

from ....errors import FileError
from ....files import Source, decode_file, encode_json
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....outputs import write_whole
from ....problems import OnProblem, ProblemCode
from ...builder import DatasetBuilder
from ...dataset import UNNAMED, Dataset, DatasetAsset
from ...object_measures import own_measures
from ...paths import OwnNames
from ...policies import AssetKind
from .._details import skeletons_by_label
from .._reading import Reading, reading
from .._selection import vocabulary
from .._timeline import ObjectFrames, VideoObjects, VideoSelection, checked_rate, is_frame, is_rate, rate_of
from .annotation_rows import Place, add_annotation, enter_categories
from .entries import (
    HEAD,
    Annotation,
    CategoryEntry,
    Image,
    OwnImage,
    ReadAnnotation,
    ReadCategory,
    categories_of,
    each_of,
    same_id,
    sound_annotations,
    whole,
)
from .ids import Ids
from .left_fields import KNOWN, fields_of, leave_unread
from .written_objects import Objects

#: What COCO holds beside shapes: everything.
DETAILS = (LossCode.KEYPOINTS, LossCode.IGNORE, LossCode.ATTRIBUTE, LossCode.OWN_BOX, LossCode.OWN_AREA)
_KINDS = (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON)


class _Video(Struct):
    id: int
    name: str
    width: float
    height: float
    fps: float
    perceptron_annotations: OwnImage | UnsetType = UNSET


class _Frame(Image, kw_only=True):
    video_id: int
    #: The number of the frame has one name in MMTracking's files, and another in those of TAO and kwcoco.
    frame_id: int
    frame_index: int


class _Track(Struct):
    id: int
    category_id: int
    video_id: int


def write_coco_video(dataset: Dataset, path: str | Path, *, fps: float | None = None) -> LossReport:
    """Write a COCO file of videos: an image for each frame with an object, named ``<video>/000012.jpg``.

    ``fps`` is the frame rate of videos that do not state one; times are rounded to the nearest frame. The rings of an
    object at one time are one annotation; a point is an annotation of one keypoint. Coordinates are exact. Annotations
    are ordered by object. If two videos would share their images, those of the second are named
    as if the video had another name, and are counted. Raises ``UsageError`` if ``fps`` is not a frame rate.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> kind = pa.datasets.AssetKind.VIDEO
    >>> video = pa.datasets.DatasetAsset(file_name="a.mp4", width=64, height=48, kind=kind, fps=25)
    >>> asset = builder.add_asset(video)
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat", t=0.4, track=True)
    >>> pa.datasets.write_coco_video(builder.build(), "tracks.json").objects
    1
    """
    selection = VideoSelection(
        dataset, _KINDS, fps=fps, together=AnnotationKind.POLYGON, scores=True, crowds=True, holds=DETAILS
    )
    categories = _categories(dataset, selection)
    entries = _Entries(dataset, categories, selection)
    for video in selection.videos():
        entries.add(video)
    annotations = entries.annotations()
    with_points = {made.category_id for made in annotations if made.num_keypoints}
    file = {
        **HEAD,
        "videos": entries.videos,
        "images": entries.images,
        "tracks": entries.tracks,
        "annotations": annotations,
        "categories": categories_of(categories, with_points, skeletons_by_label(dataset)),
    }
    with write_whole(path) as stream:
        stream.write(encode_json(file) + b"\n")
    return selection.report(len(categories))


def _categories(dataset: Dataset, selection: VideoSelection) -> dict[str, CategoryEntry]:
    """The categories, with the ids that they had in the file that they were read from."""
    labels = vocabulary(dataset)
    sources = [*dataset.label_sources, *([None] * (len(labels) - len(dataset.labels)))]
    ids = Ids(selection.losses).give([None if source is None else source.id for source in sources])
    return {
        label: CategoryEntry(own, "" if source is None else source.supercategory)
        for label, own, source in zip(labels, ids, sources, strict=True)
    }


class _FrameRows(NamedTuple):
    """The rows of an object in one video frame."""

    rows: list[int]
    video: int
    image: int
    #: 0 for none.
    track: int


class _Entries:
    """The videos, images and tracks of a file, and the rows of each annotation. Only videos keep their ids."""

    def __init__(self, dataset: Dataset, categories: Mapping[str, CategoryEntry], selection: VideoSelection) -> None:
        self.videos: list[_Video] = []
        self.images: list[_Frame] = []
        self.tracks: list[_Track] = []
        self._dataset = dataset
        self._selection = selection
        self._ids = Ids(selection.losses)
        ids = [categories[label].id if label in categories else 0 for label in (*dataset.labels, UNNAMED)]
        self._category_ids = np.array(ids, dtype=np.int64)
        self._frame_rows: list[_FrameRows] = []
        #: The images of a video are in a folder with its name, but without the suffix.
        self._names = OwnNames(lambda name: splitext(name)[0])

    def add(self, video: VideoObjects) -> None:
        """Enter a video with its frames and objects. If it would share its images with another, they are renamed."""
        name = video.asset.file_name
        stem = splitext(self._selection.own_name(self._names, name))[0]
        (number,), size = self._ids.give([video.asset.source_id]), (whole(video.width), whole(video.height))
        own = UNSET if video.asset.split is None else OwnImage(video.asset.split)
        self.videos.append(_Video(number, name, *size, video.fps, own))
        images: dict[int, int] = {}
        for frame in sorted({frame for each in video.objects for frame in each.frames}):
            images[frame] = len(self.images) + 1
            self.images.append(
                _Frame(
                    images[frame], f"{stem}/{frame:06}.jpg", *size, video_id=number, frame_id=frame, frame_index=frame
                )
            )
        for each in video.objects:
            track = self._track(each, number)
            self._frame_rows += [_FrameRows(rows, number, images[frame], track) for frame, rows in each.frames.items()]

    def _track(self, found: ObjectFrames, video: int) -> int:
        """The id of the track of an object; 0 for one that is not a track, and in a single frame."""
        rows = np.concatenate(list(found.frames.values()))
        is_tracked = self._dataset.table.track[rows] >= 0
        if len(found.frames) == 1 and not is_tracked.any():
            return 0
        self._selection.lose(LossCode.WRITTEN_AS_TRACK, *rows[~is_tracked].tolist())
        category = int(self._category_ids[self._dataset.label[rows[0]]])
        self.tracks.append(_Track(len(self.tracks) + 1, category, video))
        return len(self.tracks)

    def annotations(self) -> list[Annotation]:
        """One for each object and frame, ordered by object."""
        count = len(self._dataset)
        rows = np.array([row for each in self._frame_rows for row in each.rows], dtype=np.int64)
        lengths = np.array([len(each.rows) for each in self._frame_rows], dtype=np.int64)
        number, image = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        number[rows] = np.repeat(np.arange(len(lengths)), lengths)
        image[rows] = np.repeat([each.image for each in self._frame_rows], lengths)
        by_frame = structs.replace(self._dataset, object=number)
        found = Objects(by_frame, rows, image, self._category_ids).annotations(0, len(lengths))
        for made, each in zip(found, self._frame_rows, strict=True):
            made.video_id = each.video
            if each.track:
                made.instance_id = made.track_id = each.track
        return found


# -- reading ---------------------------------------------------------------------------------------------------------


class _ReadVideo(Struct):
    id: int | str
    name: str | None = None
    file_name: str | None = None
    width: float | None = None
    height: float | None = None
    fps: float | None = None
    perceptron_annotations: OwnImage | None = None

    def __post_init__(self) -> None:
        self.id = same_id(self.id)


class _ReadFrame(Struct):
    id: int | str
    video_id: int | str | None = None
    frame_id: int | None = None
    frame_index: int | None = None
    width: float | None = None
    height: float | None = None

    def __post_init__(self) -> None:
        self.id = same_id(self.id)
        self.video_id = None if self.video_id is None else same_id(self.video_id)


class _ReadTracked(ReadAnnotation):
    instance_id: int | str | None = None
    track_id: int | str | None = None


class _File(Struct):
    videos: list[Any] | None = None
    images: list[Any] | None = None
    annotations: list[Any] | None = None
    categories: list[Any] | None = None


#: An image has the name of its video and its number; a track has nothing beside what its annotations say.
_KNOWN = {
    **KNOWN,
    "videos": fields_of(_ReadVideo),
    "images": fields_of(_ReadFrame, "file_name"),
    "annotations": fields_of(_ReadTracked, "num_keypoints", "video_id"),
    "tracks": ("id", "category_id", "video_id"),
}


class _VideoFrame(NamedTuple):
    """The video frame that an image is."""

    asset: int
    number: int


def read_coco_video(path: Source, *, fps: float | None = None, on_problem: OnProblem | None = None) -> Dataset:
    """Read a COCO file of videos, as MMTracking or TAO have it.

    ``fps`` is the frame rate of videos that do not state one, as those of TAO do not. Annotations with the same
    ``instance_id``, else the same ``track_id``, are one object; an annotation with neither is an object of its own.
    Shapes are read as ``read_coco`` reads them, and images that are not a frame of a video are left out. ``on_problem``
    is called with each problem; without it, one ``ProblemWarning`` counts them.

    Raises ``UsageError`` if the frame rate of a video is unknown, and ``FileError`` if the file has no videos.

    >>> from pathlib import Path
    >>> _ = Path("tracks.json").write_text(
    ...     '{"videos": [{"id": 1, "name": "a.mp4", "width": 64, "height": 48}], "images": [{"id": 7, "video_id": 1, '
    ...     '"frame_id": 10}], "categories": [{"id": 3, "name": "cat"}], "annotations": [{"id": 1, "image_id": 7, '
    ...     '"category_id": 3, "instance_id": 5, "bbox": [4, 8, 16, 22]}]}'
    ... )
    >>> pa.datasets.read_coco_video("tracks.json", fps=25).table.t.tolist()
    [0.4]
    """
    with reading(path, on_problem) as source:
        given = checked_rate(fps)
        data = source.data()
        file = decode_file(data, path, _File, "COCO file of videos")
        if file.videos is None:
            raise FileError(f"{path} is not a COCO file of videos: it has no videos")
        leave_unread(source, data, file.annotations, _KNOWN)
        builder = DatasetBuilder()
        labels = each_of(source, file.categories, ReadCategory, "categories")
        images = each_of(source, file.images, _ReadFrame, "images")
        assets = _enter_videos(source, builder, file.videos, images, given)
        frames = dict(_frames(source, images, assets))
        objects: dict[tuple[int, int | str], int] = {}
        ids = {label.id for label in labels}
        annotations = list(sound_annotations(source, file.annotations, _ReadTracked, frames, ids))
        categories = enter_categories(source, builder, labels, annotations)
        for found in annotations:
            asset, frame = frames[found.image_id]
            video = builder.assets[asset]
            t = frame / rate_of(video.fps, None, f"video {video.file_name}")
            name = found.track_id if found.instance_id is None else found.instance_id
            known = None if name is None else objects.get((asset, name))
            number = builder.new_object() if known is None else known
            if name is not None:
                objects[asset, name] = number
            add_annotation(source, builder, found, categories, Place(asset, number, t, name is not None))
        return source.checked(own_measures(builder.build()))


def _enter_videos(
    source: Reading, builder: DatasetBuilder, entries: list[Any], images: list[_ReadFrame], given: float | None
) -> dict[int | str, int]:
    """The assets of the videos by id; a video without a size gets that of its first frame."""
    sizes = {image.video_id: (image.width, image.height) for image in reversed(images)}
    assets: dict[int | str, int] = {}
    for video in each_of(source, entries, _ReadVideo, "videos"):
        name, place = video.name or video.file_name, f"video {video.id}"
        if not name:
            source.problem(ProblemCode.MALFORMED_ENTRY, place, "it has no name")
            continue
        if video.id in assets:
            source.problem(ProblemCode.DUPLICATE_ENTRY, place)
            continue
        if video.fps is not None and not is_rate(video.fps):
            source.problem(ProblemCode.MALFORMED_ENTRY, place, f"its fps is {video.fps}")
        width, height = (
            (video.width, video.height) if video.width and video.height else sizes.get(video.id, (None, None))
        )
        if not (width and height):
            source.problem(ProblemCode.MISSING_SIZE, place, f"the size of {name} is unknown")
        found = DatasetAsset(
            file_name=name,
            width=width,
            height=height,
            kind=AssetKind.VIDEO,
            fps=video.fps if is_rate(video.fps) else given,
            source_id=str(video.id),
            split=None if video.perceptron_annotations is None else video.perceptron_annotations.split,
        )
        assets[video.id] = builder.add_asset(found)
    return assets


def _frames(
    source: Reading, images: list[_ReadFrame], assets: dict[int | str, int]
) -> Iterator[tuple[int | str, _VideoFrame]]:
    """The video frame that each image is, by the id of the image."""
    seen: set[int | str] = set()
    for image in images:
        place, number = f"image {image.id}", image.frame_index if image.frame_id is None else image.frame_id
        if image.id in seen:
            source.problem(ProblemCode.DUPLICATE_ENTRY, place)
        elif image.video_id is None or image.video_id not in assets:
            source.problem(ProblemCode.DANGLING_REFERENCE, place, f"there is no video {image.video_id}")
        elif number is None or not is_frame(number):
            source.problem(ProblemCode.MALFORMED_ENTRY, place, "frame_id is missing or not a valid frame number")
        else:
            seen.add(image.id)
            yield image.id, _VideoFrame(assets[image.video_id], number)
