"""CVAT for video 1.1: a folder with an XML file for each video, in which an object is a track of shapes by video frame.

Frame numbers are those of the whole video, from 0: CVAT has added its ``start_frame`` and the step of its
``frame_filter`` already. CVAT does not store the frame rate, so it is written to ``meta/perceptron_annotations/fps``,
which CVAT ignores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ....errors import FileError
from ....files import Source
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....outputs import write_folder
from ....problems import OnProblem, ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Attributes, Dataset, DatasetAsset
from ...keypoints import MISSING, Skeleton
from ...paths import OwnFiles
from ...policies import AssetKind
from .._details import Value
from .._reading import Reading, reading
from .._selection import vocabulary
from .._timeline import (
    MAX_FRAME,
    ObjectFrames,
    VideoObjects,
    VideoSelection,
    checked_rate,
    is_frame,
    is_rate,
    rate_of,
)
from .._xml import child_number, child_text, element, is_xml_text, read_xml, size_text, to_bytes
from .shapes import (
    TAGS,
    leave_meta_unread,
    leave_unread,
    read_attributes,
    shape_attributes,
    shape_rows,
    split_of_subset,
    state_of,
    write_attributes,
)
from .skeletons import read_labels, read_pose, write_labels, write_pose

#: What is read of a task; frame numbers are those of the video, so its size, its mode and its frames say nothing more.
_READ_META = (
    "id",
    "name",
    "size",
    "mode",
    "start_frame",
    "stop_frame",
    "frame_filter",
    "subset",
    "original_size",
    "source",
)
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

    Times are rounded to the nearest frame, and each shape is a keyframe. In the frame after its last one, an object is
    marked as outside, so that its track ends. Numbers have all their digits. A file says the name of its video, so if
    two videos would share one, the second has a number in its name. Raises ``UsageError`` if ``fps`` is not a frame
    rate.

    Args:
        dataset: What to write; images are left out.
        folder: The folder to make.
        fps: The frame rate of videos that do not state one.
        frame_counts: The number of frames of each video, by file name. CVAT refuses frames beyond the end of a video,
            so an object that is there to the end must not be marked as outside in the frame after it.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> kind = pa.datasets.AssetKind.VIDEO
    >>> video = pa.datasets.DatasetAsset(file_name="a.mp4", width=64, height=48, kind=kind, fps=25)
    >>> asset = builder.add_asset(video)
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat", t=0.4, track=True)
    >>> pa.datasets.write_cvat_video(builder.build(), "videos").objects
    1
    """
    holds = (LossCode.KEYPOINTS, LossCode.ATTRIBUTE)
    selection = VideoSelection(dataset, tuple(TAGS), fps=fps, together=AnnotationKind.POINT, holds=holds)
    selection.lose_skeletons(lambda skeleton: not skeleton.flip)
    selection.lose_marked(LossCode.WRITTEN_AS_TRACK, selection.held & (dataset.table.track < 0))
    labels = vocabulary(dataset)
    with write_folder(folder) as root:
        files = OwnFiles(root, ".xml")
        for video in selection.videos():
            name = video.asset.file_name
            own = files.of(name)
            if own is None:
                selection.losses.add(LossCode.UNSAFE_FILE_NAME, name)
                selection.objects -= len(video.objects)
                continue
            if not is_xml_text(name) or name != name.strip():
                selection.losses.add(LossCode.UNSAFE_FILE_NAME, name)
            count = (frame_counts or {}).get(name)
            tree = etree.Element("annotations")
            _write_meta(tree, video, dataset, count)
            for number, found in enumerate(video.objects):
                if not is_xml_text(found.label):
                    selection.lose(LossCode.UNLISTED_LABEL, *next(iter(found.frames.values())))
                _Track(tree, dataset, selection, number, found).write(MAX_FRAME if count is None else count - 1)
            own.path.write_bytes(to_bytes(tree))
    return selection.report(len(labels))


def _write_meta(tree: Any, video: VideoObjects, dataset: Dataset, count: int | None) -> None:
    """The version, and what CVAT writes about a task, in its order."""
    element(tree, "version", "1.1")
    meta = element(tree, "meta")
    task = element(meta, "task")
    element(task, "name", video.asset.file_name)
    if count is not None:
        element(task, "size", count)
    element(task, "mode", "interpolation")
    element(task, "start_frame", 0)
    if video.asset.split is not None:
        element(task, "subset", video.asset.split)
    write_labels(task, dataset)
    size = element(task, "original_size")
    element(size, "width", size_text(video.width))
    element(size, "height", size_text(video.height))
    element(task, "source", video.asset.file_name)
    element(element(meta, "perceptron_annotations"), "fps", repr(video.fps))


class _Track:
    """Writes the shapes of an object."""

    def __init__(
        self, tree: Any, dataset: Dataset, selection: VideoSelection, number: int, found: ObjectFrames
    ) -> None:
        self._dataset, self._selection, self._found = dataset, selection, found
        self._track = element(tree, "track", id=number, label=found.label, source="auto")
        first = next(iter(found.frames.values()))[0]
        group = state_of(self._attributes(first)).get("group_id")
        if group is not None:
            self._track.set("group_id", str(group))

    def write(self, last: int) -> None:
        """Write the shapes, and the end of the object, unless that is beyond the ``last`` frame."""
        for frame, rows in self._found.frames.items():
            self._write_shape(rows, frame, is_outside=False)
        frame, rows = next(reversed(self._found.frames.items()))
        if frame < last:
            self._write_shape(rows, frame + 1, is_outside=True)

    def _attributes(self, row: int) -> Attributes:
        return () if self._dataset.attributes is None else self._dataset.attributes[row]

    def _write_shape(self, rows: list[int], frame: int, *, is_outside: bool) -> None:
        """A shape in a frame; or with ``is_outside``, that the object is gone from it."""
        table, row, keypoints = self._dataset.table, rows[0], self._dataset.keypoints
        kind = AnnotationKind(table.kind[row])
        said = state_of(self._attributes(row))
        state = {"frame": frame, "outside": int(is_outside), "occluded": said["occluded"], "keyframe": 1}
        if keypoints is not None and keypoints.counts[row]:
            made = self._pose(row, np.reshape(keypoints.as_list(row), (-1, 3)), state)
        else:
            coords = shape_attributes(kind, np.concatenate([table.vertices(each) for each in rows]))
            made = element(self._track, TAGS[kind], **state, **coords)
        made.set("z_order", str(said["z_order"]))
        write_attributes(made, self._attributes(row))

    def _pose(self, row: int, triples: NDArray[np.float64], state: dict[str, object]) -> Any:
        """The keypoints beside a row; what else the row is, is counted."""
        skeleton = self._dataset.skeletons[self._dataset.label[row]] or Skeleton.numbered(len(triples))
        if state["outside"]:
            triples[:, 2] = MISSING
            return write_pose(self._track, skeleton, triples, **state)
        labelled = triples[triples[:, 2] > MISSING, :2]
        bounds = [*labelled.min(axis=0), *labelled.max(axis=0)] if len(labelled) else []
        if not bounds:
            self._selection.lose(LossCode.KEYPOINTS, row)
        elif self._dataset.table.kind[row] == AnnotationKind.POLYGON:
            self._selection.lose(LossCode.POLYGON, row)
        elif self._dataset.table.xyxy[row].tolist() != bounds:
            self._selection.lose(LossCode.BOX, row)
        return write_pose(self._track, skeleton, triples, **state)


# -- reading ---------------------------------------------------------------------------------------------------------


def read_cvat_video(
    path: Source, *, fps: float | None = None, keyframes_only: bool = False, on_problem: OnProblem | None = None
) -> Dataset:
    """Read CVAT for video 1.1: a folder of such files, or one of them.

    Shapes that are marked as outside are not rows. Lines, masks, cuboids, turned shapes and images are left out; so is
    a broken file of a folder, and the others are read. Raises ``UsageError`` if the frame rate of a video is unknown,
    and ``FileError`` if there is no XML file, or if the only one is broken.

    Args:
        path: The folder, or a file.
        fps: The frame rate of videos whose file does not state one, as CVAT's own files do not.
        keyframes_only: Leave out the shapes that CVAT interpolated between keyframes.
        on_problem: Called with each problem; without it, one ``ProblemWarning`` counts them.

    >>> from pathlib import Path
    >>> _ = Path("a.xml").write_text(
    ...     "<annotations><meta><task><name>a.mp4</name><original_size><width>64</width><height>48</height>"
    ...     '</original_size></task></meta><track id="0" label="cat">'
    ...     '<box frame="10" outside="0" xtl="4" ytl="8" xbr="20" ybr="30"/></track></annotations>'
    ... )
    >>> pa.datasets.read_cvat_video("a.xml", fps=25).table.t.tolist()
    [0.4]
    """
    with reading(path, on_problem) as source:
        given = checked_rate(fps)
        builder = DatasetBuilder()
        for file in source.files(".xml"):
            with source.costs_itself(file):
                root = _read_task(source, file)
                name = child_text(root, "meta/*/source") or child_text(root, "meta/*/name") or file.stem
                _read_video(_Task(source, builder, file.name, keyframes_only), root, name, given)
        return source.checked(builder.build())


class _Task(NamedTuple):
    """What the tracks of a file have in common."""

    source: Reading
    builder: DatasetBuilder
    file: str
    keyframes_only: bool


def _read_task(source: Reading, file: Path) -> Any:
    """The root of a file. Raises ``FileError``, also if the file is of a project."""
    root = read_xml(source, file, root="annotations")
    if root.find("meta/project") is not None:
        raise FileError(
            f"{file} is of a whole project, in which the frame numbers of each video continue those of the one before: "
            "export each task by itself"
        )
    return root


def _read_video(task: _Task, root: Any, name: str, given: float | None) -> None:
    """Enter a video and its tracks."""
    builder, source = task.builder, task.source
    width, height = (_size(child_number(root, f"meta/*/original_size/{side}")) for side in ("width", "height"))
    if not (width and height):
        source.problem(ProblemCode.MISSING_SIZE, task.file, f"the size of {name} is unknown")
        width = height = None
    own = child_number(root, "meta/perceptron_annotations/fps")
    if own is not None and not is_rate(own):
        source.problem(ProblemCode.MALFORMED_ENTRY, task.file, f"its fps is {own}")
    tracks = root.findall("track")
    rate = rate_of(own, given, task.file) if tracks or is_rate(own) else given
    video = DatasetAsset(
        file_name=name,
        width=width,
        height=height,
        kind=AssetKind.VIDEO,
        fps=rate,
        source_id=child_text(root, "meta/*/id"),
        split=split_of_subset(child_text(root, "meta/*/subset")),
    )
    asset = builder.add_asset(video)
    read_labels(source, builder, root)
    leave_meta_unread(source, root, _READ_META)
    for image in root.iterfind("image"):
        place = f"{task.file}: image {image.get('id')}"
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, "an image, of CVAT for images")
    for track in tracks:
        _read_track(task, asset, track, rate or 0.0)


def _read_track(task: _Task, asset: int, track: Any, rate: float) -> None:
    """Enter the shapes of an object."""
    builder, label = task.builder, track.get("label") or None
    place = _Place(asset, builder.new_object(), label, read_attributes(track))
    leave_unread(task.source, track)
    for at, shape in enumerate(track.iterchildren(tag=etree.Element)):
        if _is_outside(shape) or (task.keyframes_only and shape.get("keyframe") == "0"):
            continue
        where = f"{task.file}: track {track.get('id')}: shape {at}"
        frame = shape.get("frame") or ""
        if not (_DIGITS.fullmatch(frame) and is_frame(int(frame))):
            task.source.problem(ProblemCode.MALFORMED_ENTRY, where, f"frame {frame[:20]!r} is not a valid frame number")
            continue
        _read_shape(task, place, shape, int(frame) / rate, where)


def _is_outside(shape: Any) -> bool:
    """Whether an object is gone; a skeleton is if all of its keypoints are."""
    parts = list(shape.iterfind("points")) if shape.tag == "skeleton" else []
    return shape.get("outside") == "1" or (bool(parts) and all(part.get("outside") == "1" for part in parts))


class _Place(NamedTuple):
    """Where the shapes of a track belong, and what is said of all of them."""

    asset: int
    object: int
    label: str | None
    attributes: dict[str, Value]


def _read_shape(task: _Task, at: _Place, shape: Any, t: float, where: str) -> None:
    """Enter a shape at a time."""
    builder, attributes = task.builder, at.attributes | read_attributes(shape)
    if shape.tag == "skeleton":
        leave_unread(task.source, shape)
        pose = read_pose(task.source, shape, builder.skeletons.get(at.label or ""), where)
        rows = [] if pose is None else [(AnnotationKind.BOX, pose.box)]
        keypoints = None if pose is None else pose.keypoints
    else:
        rows, keypoints = shape_rows(task.source, shape, where), None
    for kind, coords in rows:
        builder.add(
            at.asset,
            kind,
            coords,
            at.label,
            object=at.object,
            t=t,
            track=True,
            attributes=attributes,
            keypoints=keypoints,
        )


def _size(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) and value > 0 else None
