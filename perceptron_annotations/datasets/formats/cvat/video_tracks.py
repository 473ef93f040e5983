"""CVAT for video 1.1: a folder with an XML file for each video, in which an object is a track of shapes by frame.

Frame numbers are those of the whole video, from 0: CVAT's ``start_frame`` and the step of its ``frame_filter`` are in
them already. CVAT knows no frame rate, so it stands beside the task, in ``meta/perceptron_annotations/fps``, which CVAT
leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from lxml import etree

from ....errors import FileError
from ....files import write_folder
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...paths import OwnFiles
from ...policies import AssetKind
from ...reports import Tally
from ...validation import count_outside
from .._selection import vocabulary
from .._timeline import MAX_FRAME, Course, Reel, Timeline, checked_rate, is_frame, is_rate, rate_of
from .._xml import child_number, child_text, element, is_xml_text, read_xml, size_text, to_bytes
from .shapes import TAGS, shape_attributes, shape_rows

#: A frame number as CVAT writes it.
_DIGITS = re.compile(r"[0-9]{1,10}")


def write_cvat_video(
    dataset: Dataset,
    folder: str | Path,
    *,
    fps: float | None = None,
    frame_counts: Mapping[str, int] | None = None,
) -> LossReport:
    """Write a CVAT folder, which must be new: ``<video>.xml`` for each video, a track for each object.

    ``fps`` is the frame rate of videos that have none. Times become the nearest frame, where they are keyframes; after
    its last one, an object is outside, so that it ends. CVAT refuses a frame beyond the end of a video: with
    ``frame_counts``, by file name, an object that is there to the end has no such place. Numbers have all their digits.
    Raises ``UsageError`` for an ``fps`` that is none, and where two videos would share a file.
    """
    timeline = Timeline(dataset, tuple(TAGS), fps=fps, together=AnnotationKind.POINT)
    timeline.lose_where(LossCode.WRITTEN_AS_TRACK, timeline.held & (dataset.table.track < 0))
    labels = vocabulary(dataset)
    with write_folder(folder) as root:
        files = OwnFiles(root, ".xml")
        for reel in timeline.reels():
            name = reel.asset.file_name
            path = files.of(name)
            if path is None:
                timeline.tally.add(LossCode.UNSAFE_FILE_NAME, name)
                timeline.objects -= len(reel.courses)
                continue
            if not is_xml_text(name) or name != name.strip():
                timeline.tally.add(LossCode.UNSAFE_FILE_NAME, name)
            count = (frame_counts or {}).get(name)
            tree = etree.Element("annotations")
            _write_meta(tree, reel, labels, count)
            for number, course in enumerate(reel.courses):
                if not is_xml_text(course.label):
                    timeline.lose(LossCode.UNLISTED_LABEL, *next(iter(course.places.values())))
                _write_track(tree, dataset, number, course, MAX_FRAME if count is None else count - 1)
            path.write_bytes(to_bytes(tree))
    return timeline.report(len(labels))


def _write_meta(tree: Any, reel: Reel, labels: list[str], count: int | None) -> None:
    """The version, and what CVAT says of a task, in its order."""
    element(tree, "version", "1.1")
    meta = element(tree, "meta")
    task = element(meta, "task")
    element(task, "name", reel.asset.file_name)
    if count is not None:
        element(task, "size", count)
    element(task, "mode", "interpolation")
    element(task, "start_frame", 0)
    names = element(task, "labels")
    for label in labels:
        element(element(names, "label"), "name", label)
    size = element(task, "original_size")
    element(size, "width", size_text(reel.width))
    element(size, "height", size_text(reel.height))
    element(task, "source", reel.asset.file_name)
    element(element(meta, "perceptron_annotations"), "fps", repr(reel.fps))


def _write_track(tree: Any, dataset: Dataset, number: int, course: Course, last: int) -> None:
    """The places of an object, and its end, unless that is beyond the ``last`` frame."""
    track = element(tree, "track", id=number, label=course.label, source="auto")
    for frame, rows in course.places.items():
        _write_place(track, dataset, rows, frame, is_outside=False)
    frame, rows = next(reversed(course.places.items()))
    if frame < last:
        _write_place(track, dataset, rows, frame + 1, is_outside=True)


def _write_place(track: Any, dataset: Dataset, rows: list[int], frame: int, *, is_outside: bool) -> None:
    """A shape on a frame, or that it is there no longer."""
    kind = AnnotationKind(dataset.table.kind[rows[0]])
    where = shape_attributes(kind, np.concatenate([dataset.table.vertices(row) for row in rows]))
    state = {"frame": frame, "outside": int(is_outside), "occluded": 0, "keyframe": 1}
    element(track, TAGS[kind], **state, **where, z_order=0)


# -- reading ---------------------------------------------------------------------------------------------------------


def read_cvat_video(
    path: str | Path, *, fps: float | None = None, keyframes_only: bool = False, problems: Tally | None = None
) -> Dataset:
    """Read CVAT for video 1.1: a folder of such files, or one.

    ``fps`` is the frame rate of videos whose file does not say one, as those of CVAT itself do not. Places where an
    object is outside are no rows. What CVAT interpolated between keyframes is, unless ``keyframes_only``. Lines, masks,
    cuboids, turned shapes and pictures are not held: they are counted; a file that is broken costs only itself.

    Raises ``UsageError`` where frames have no times for want of a frame rate, and ``FileError`` where there is no XML
    file, or the only one is broken.
    """
    tally = Tally() if problems is None else problems
    base, given = Path(path), checked_rate(fps)
    files = [base] if base.is_file() else sorted(base.rglob("*.xml"))
    if not files:
        raise FileError(f"there is no XML file in {path}")
    builder = DatasetBuilder()
    seen: set[str] = set()
    for file in files:
        try:
            root = _read_task(file)
        except FileError as error:
            if base.is_file():
                raise
            tally.add(ProblemCode.UNREADABLE_FILE, str(error))
            continue
        name = child_text(root, "meta/*/source") or child_text(root, "meta/*/name") or file.stem
        if name in seen:
            tally.add(ProblemCode.DUPLICATE_ENTRY, f"{file.name}: {name}")
            continue
        seen.add(name)
        _read_video(_Reading(builder, tally, file.name, keyframes_only), root, name, given)
    return count_outside(builder.build(), tally)


class _Reading(NamedTuple):
    """What the tracks of a file share."""

    builder: DatasetBuilder
    tally: Tally
    file: str
    keyframes_only: bool


def _read_task(file: Path) -> Any:
    """The root of a file. Raises ``FileError``, also where it is of a project."""
    root = read_xml(file, root="annotations")
    if root.find("meta/project") is not None:
        raise FileError(
            f"{file} is of a whole project, where the frames of one video are counted on from those of another: "
            "export each task by itself"
        )
    return root


def _read_video(reading: _Reading, root: Any, name: str, given: float | None) -> None:
    """Enter a video and its tracks."""
    builder, tally = reading.builder, reading.tally
    width, height = (_size(child_number(root, f"meta/*/original_size/{side}")) for side in ("width", "height"))
    if not (width and height):
        tally.add(ProblemCode.MISSING_SIZE, name)
        width = height = None
    own = child_number(root, "meta/perceptron_annotations/fps")
    if own is not None and not is_rate(own):
        tally.add(ProblemCode.MALFORMED_ENTRY, f"{reading.file}: fps {own}")
    tracks = root.findall("track")
    rate = rate_of(own, given, reading.file) if tracks or is_rate(own) else given
    video = DatasetAsset(
        file_name=name,
        width=width,
        height=height,
        kind=AssetKind.VIDEO,
        fps=rate,
        source_id=child_text(root, "meta/*/id"),
    )
    asset = builder.add_asset(video)
    for label in root.iterfind("meta//labels/label/name"):
        if label.text:
            builder.add_label(label.text)
    for image in root.iterfind("image"):
        tally.add(ProblemCode.UNSUPPORTED_ENTRY, f"{reading.file}: image {image.get('id')}, of CVAT for images")
    for track in tracks:
        _read_track(reading, asset, track, rate or 0.0)


def _read_track(reading: _Reading, asset: int, track: Any, rate: float) -> None:
    """Enter the places of an object."""
    number, label = reading.builder.new_object(), track.get("label") or None
    for place, shape in enumerate(track.iterchildren(tag=etree.Element)):
        if shape.get("outside") == "1" or (reading.keyframes_only and shape.get("keyframe") == "0"):
            continue
        where = f"{reading.file}: track {track.get('id')}: shape {place}"
        frame = shape.get("frame") or ""
        if not (_DIGITS.fullmatch(frame) and is_frame(int(frame))):
            reading.tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: frame {frame[:20]!r}")
            continue
        for kind, coords in shape_rows(shape, reading.tally, where):
            reading.builder.add(asset, kind, coords, label, object=number, t=int(frame) / rate, track=True)


def _size(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) and value > 0 else None
