"""COCO files of videos, as MMTracking (CocoVID) and TAO have them: an image is a frame, an annotation a place on it.

Frames count from 0. The places of an object have one ``instance_id``, which is also their ``track_id``; a shape at a
time that is no place of a track has neither. The frame rate stands with the video.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from posixpath import splitext
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct, structs

from ....errors import FileError, UsageError
from ....files import encode_json, read_json, write_whole
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import UNNAMED, Dataset, DatasetAsset
from ...policies import AssetKind
from ...reports import Tally
from ...validation import count_outside
from .._selection import vocabulary
from .._timeline import Course, Reel, Timeline, checked_rate, is_frame, is_rate, rate_of
from .entries import (
    HEAD,
    Annotation,
    Image,
    Objects,
    ReadAnnotation,
    categories_of,
    context_of,
    each_of,
    labels_of,
    shapes_of,
    sound_annotations,
    whole,
)

_KINDS = (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON)


class _Video(Struct):
    id: int
    name: str
    width: float
    height: float
    fps: float


class _Frame(Image):
    video_id: int
    frame_id: int


class _Track(Struct):
    id: int
    category_id: int
    video_id: int


def write_coco_video(dataset: Dataset, path: str | Path, *, fps: float | None = None) -> LossReport:
    """Write a COCO file of videos: an image for each frame that has a place of an object, named ``<video>/000012.jpg``.

    ``fps`` is the frame rate of videos that have none; times become the nearest frame. The rings of an object at one
    time are one annotation; a point is one of one keypoint. Coordinates are exact. Annotations stand by object, ids
    count from 1. Raises ``UsageError`` for an ``fps`` that is none, and where two videos would share their images.
    """
    timeline = Timeline(dataset, _KINDS, fps=fps, together=AnnotationKind.POLYGON, scores=True, crowds=True)
    labels = vocabulary(dataset)
    places = _Places(dataset, {label: code for code, label in enumerate(labels, start=1)})
    for reel in timeline.reels():
        places.add(reel, timeline)
    annotations = places.annotations()
    with_points = {made.category_id for made in annotations if made.num_keypoints}
    file = {
        **HEAD,
        "videos": places.videos,
        "images": places.images,
        "tracks": places.tracks,
        "annotations": annotations,
        "categories": categories_of(labels, with_points),
    }
    with write_whole(path) as stream:
        stream.write(encode_json(file) + b"\n")
    return timeline.report(len(labels))


class _Place(NamedTuple):
    """The rows of an object on one frame."""

    rows: list[int]
    video: int
    image: int
    #: 0 for none.
    track: int


class _Places:
    """The videos, images and tracks of a file, whose ids count from 1, and the places that annotations tell of."""

    def __init__(self, dataset: Dataset, codes: dict[str, int]) -> None:
        self.videos: list[_Video] = []
        self.images: list[_Frame] = []
        self.tracks: list[_Track] = []
        self._dataset = dataset
        self._category_ids = np.array([codes.get(label, 0) for label in (*dataset.labels, UNNAMED)], dtype=np.int64)
        self._places: list[_Place] = []
        self._stems: dict[str, str] = {}

    def add(self, reel: Reel, timeline: Timeline) -> None:
        """Enter a video with its frames and objects. Raises ``UsageError`` where it would share images."""
        name = reel.asset.file_name
        stem, _ = splitext(name)
        if self._stems.setdefault(stem, name) != name:
            raise UsageError(f"{name} and {self._stems[stem]} would share the images {stem}/…: rename one")
        video, size = len(self.videos) + 1, (whole(reel.width), whole(reel.height))
        self.videos.append(_Video(video, name, *size, reel.fps))
        images: dict[int, int] = {}
        for frame in sorted({frame for course in reel.courses for frame in course.places}):
            images[frame] = len(self.images) + 1
            self.images.append(_Frame(images[frame], f"{stem}/{frame:06}.jpg", *size, video, frame))
        for course in reel.courses:
            track = self._track(course, video, timeline)
            self._places += [_Place(rows, video, images[frame], track) for frame, rows in course.places.items()]

    def _track(self, course: Course, video: int, timeline: Timeline) -> int:
        """The id of the track of an object; 0 for a shape at a time, which is on one frame alone."""
        rows = np.concatenate(list(course.places.values()))
        is_place = self._dataset.table.track[rows] >= 0
        if len(course.places) == 1 and not is_place.any():
            return 0
        timeline.lose(LossCode.WRITTEN_AS_TRACK, *rows[~is_place].tolist())
        category = int(self._category_ids[self._dataset.label[rows[0]]])
        self.tracks.append(_Track(len(self.tracks) + 1, category, video))
        return len(self.tracks)

    def annotations(self) -> list[Annotation]:
        """One for each place, by object."""
        count = len(self._dataset)
        rows = np.array([row for place in self._places for row in place.rows], dtype=np.int64)
        lengths = np.array([len(place.rows) for place in self._places], dtype=np.int64)
        number, image = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        number[rows] = np.repeat(np.arange(len(lengths)), lengths)
        image[rows] = np.repeat([place.image for place in self._places], lengths)
        by_place = structs.replace(self._dataset, object=number)
        found = Objects(by_place, rows, image, self._category_ids).annotations(0, len(lengths), 0)
        for made, place in zip(found, self._places, strict=True):
            made.video_id = place.video
            if place.track:
                made.instance_id = made.track_id = place.track
        return found


# -- reading ---------------------------------------------------------------------------------------------------------


class _ReadVideo(Struct):
    id: int
    name: str | None = None
    file_name: str | None = None
    width: float | None = None
    height: float | None = None
    fps: float | None = None


class _ReadFrame(Struct):
    id: int
    video_id: int | None = None
    frame_id: int | None = None
    frame_index: int | None = None
    width: float | None = None
    height: float | None = None


class _ReadPlace(ReadAnnotation):
    instance_id: int | str | None = None
    track_id: int | str | None = None


class _File(Struct):
    videos: list[Any] | None = None
    images: list[Any] | None = None
    annotations: list[Any] | None = None
    categories: list[Any] | None = None


class _Moment(NamedTuple):
    """The frame that an image is."""

    asset: int
    frame: int


def read_coco_video(path: str | Path, *, fps: float | None = None, problems: Tally | None = None) -> Dataset:
    """Read a COCO file of videos, as MMTracking or TAO have it.

    ``fps`` is the frame rate of videos that have none, as those of TAO. Annotations of one ``instance_id``, else one
    ``track_id``, are the places of one object; one without is a shape at a time. Shapes are read as ``read_coco`` reads
    them, and an image that is no frame of a video is left out and counted in ``problems``.

    Raises ``UsageError`` where frames have no times for want of a frame rate, and ``FileError`` where the file has no
    videos.
    """
    tally, given = Tally() if problems is None else problems, checked_rate(fps)
    file = read_json(path, _File, "COCO file of videos")
    if file.videos is None:
        raise FileError(f"{path} is no COCO file of videos: it has no videos")
    categories = labels_of(file.categories, tally)
    builder = DatasetBuilder(list(categories.values()))
    frames = each_of(file.images or (), _ReadFrame, "image", tally)
    assets = _enter_videos(builder, file.videos, frames, given, tally)
    moments = dict(_moments(frames, assets, tally))
    objects: dict[tuple[int, int | str], int] = {}
    for place in sound_annotations(file.annotations or (), _ReadPlace, moments, categories, tally):
        asset, frame = moments[place.image_id]
        video = builder.assets[asset]
        t = frame / rate_of(video.fps, None, f"video {video.file_name}")
        name = place.track_id if place.instance_id is None else place.instance_id
        known = None if name is None else objects.get((asset, name))
        number = builder.new_object() if known is None else known
        if name is not None:
            objects[asset, name] = number
        label, context = categories[place.category_id], context_of(place)
        for kind, coords in shapes_of(place, tally):
            builder.add(asset, kind, coords, label, object=number, t=t, track=name is not None, **context)
    return count_outside(builder.build(), tally)


def _enter_videos(
    builder: DatasetBuilder, entries: list[Any], frames: list[_ReadFrame], given: float | None, tally: Tally
) -> dict[int, int]:
    """The assets of the videos by id; one without a size has that of its first frame."""
    sizes = {frame.video_id: (frame.width, frame.height) for frame in reversed(frames)}
    assets: dict[int, int] = {}
    names: set[str] = set()
    for video in each_of(entries, _ReadVideo, "video", tally):
        name = video.name or video.file_name
        if not name or video.id in assets or name in names:
            tally.add(ProblemCode.DUPLICATE_ENTRY if name else ProblemCode.MALFORMED_ENTRY, f"video {video.id}")
            continue
        names.add(name)
        if video.fps is not None and not is_rate(video.fps):
            tally.add(ProblemCode.MALFORMED_ENTRY, f"video {video.id}: fps {video.fps}")
        width, height = (
            (video.width, video.height) if video.width and video.height else sizes.get(video.id, (None, None))
        )
        if not (width and height):
            tally.add(ProblemCode.MISSING_SIZE, name)
        found = DatasetAsset(
            file_name=name,
            width=width,
            height=height,
            kind=AssetKind.VIDEO,
            fps=video.fps if is_rate(video.fps) else given,
            source_id=str(video.id),
        )
        assets[video.id] = builder.add_asset(found)
    return assets


def _moments(frames: list[_ReadFrame], assets: dict[int, int], tally: Tally) -> Iterator[tuple[int, _Moment]]:
    """The frame that each image is, by its id."""
    seen: set[int] = set()
    for image in frames:
        frame = image.frame_index if image.frame_id is None else image.frame_id
        if image.id in seen:
            tally.add(ProblemCode.DUPLICATE_ENTRY, f"image {image.id}")
        elif image.video_id not in assets:
            tally.add(ProblemCode.DANGLING_REFERENCE, f"image {image.id}: video {image.video_id}")
        elif frame is None or not is_frame(frame):
            tally.add(ProblemCode.MALFORMED_ENTRY, f"image {image.id}: its frame is no number of one")
        else:
            seen.add(image.id)
            yield image.id, _Moment(assets[image.video_id], frame)
