"""Recordings → one COCO file: images, boxes, polygons and points in exact float pixels.

What COCO cannot hold, and what has no picture size, is left out and counted with an example; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeGuard

from msgspec import UNSET, Struct, UnsetType

from ..completions.recordings import Recording, Reject
from ..errors import UsageError
from ..files import encode_json, write_whole
from ..geometry import Annotation, Clip, Point, Polygon, Shape
from ..issues import Span
from ..markup.document import Document, Mode, Status, checked_mode
from ..markup.nodes import elements
from .placement import Placement

#: The category of annotations without a mention.
UNNAMED = "object"


class PointPolicy(StrEnum):
    """What becomes of points, for which COCO has no kind of its own."""

    KEYPOINTS = "keypoints"
    """An annotation with one keypoint, and a bbox of no size at its place."""
    OMIT = "omit"
    """Left out and counted."""


class Omission(StrEnum):
    """Why something is not in the file."""

    REJECTED = "line without an answer"
    NO_ASSETS = "recording without a picture (no assets)"
    NO_SIZE = "picture without a size in whole pixels"
    SIZE_CONFLICT = "picture with another size than before"
    NO_SUCH_ASSET = "asset_idx beyond the assets"
    CLIP = "clip (COCO has no time)"
    WAYPOINT = "waypoint of a track (COCO has no time)"
    TIMED = "shape with a time (COCO has no time)"
    POINT = "point (left out by option)"
    LABEL = "mention that is not in the list of categories"


class Omitted(Struct, frozen=True):
    """How often something was left out for one reason, and where first."""

    reason: Omission
    count: int
    example: str


class CocoReport(Struct, frozen=True):
    """What a conversion read, wrote and left out."""

    recordings: int
    statuses: tuple[tuple[Status, int], ...]
    truncated: int
    images: int
    annotations: int
    categories: int
    omitted: tuple[Omitted, ...]
    #: Annotations left out because their picture has no usable size.
    unplaced: int
    #: Written as they are: annotations that reach beyond their picture, and those that enclose no area.
    outside_picture: int
    without_area: int


class CocoImage(Struct):
    """An image of a COCO file."""

    id: int
    file_name: str
    width: int
    height: int


class CocoCategory(Struct):
    """A category; one that holds points names its only keypoint."""

    id: int
    name: str
    supercategory: str = ""
    keypoints: list[str] | UnsetType = UNSET
    skeleton: list[list[int]] | UnsetType = UNSET


class Source(Struct, frozen=True):
    """Where an annotation comes from: the key and choice of its recording, and the span in its content."""

    key: str
    choice: int
    span: Span


class CocoAnnotation(Struct):
    """An annotation; ``bbox`` is ``[left, top, width, height]`` in pixels."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float
    segmentation: list[list[float]]
    perceptron_annotations: Source
    iscrowd: int = 0
    keypoints: list[float] | UnsetType = UNSET
    num_keypoints: int | UnsetType = UNSET


class _Picture(NamedTuple):
    """The image that a recorded picture became or lies in, and the recorded picture's own size."""

    image: CocoImage
    width: float
    height: float


class _Builder:
    """Collects the parts of the file."""

    def __init__(self, points: PointPolicy, categories: Sequence[str] | None, placement: Placement) -> None:
        self.points = points
        self.placement = placement
        self.images: dict[str, CocoImage] = {}
        self.annotations: list[CocoAnnotation] = []
        self.fixed = categories is not None
        self.categories = {name: CocoCategory(row, name) for row, name in enumerate(categories or (), start=1)}
        self.omitted: dict[Omission, tuple[int, str]] = {}
        self.recordings = 0
        self.statuses = dict.fromkeys(Status, 0)
        self.truncated = 0
        self.unplaced = 0
        self.outside_picture = 0
        self.without_area = 0

    def omit(self, reason: Omission, example: str) -> None:
        count, first = self.omitted.get(reason, (0, example))
        self.omitted[reason] = (count + 1, first)

    def add(self, recording: Recording, document: Document, keep: Callable[[Annotation], bool]) -> None:
        """Enter one answer."""
        self.recordings += 1
        self.statuses[document.status] += 1
        self.truncated += document.truncated
        images = self._images(recording)
        waypoints = {
            row
            for element in elements(document.nodes)
            if element.tag == "track" and element.value is not None
            for row in element.rows
        }
        for row, annotation in enumerate(document.annotations):
            if not keep(annotation):
                continue
            reason = self._refusal(annotation, timed=row in waypoints)
            if reason is not None:
                self.omit(reason, f"{recording.key}: {annotation!r}")
            elif images is not None:
                source = Source(recording.key, recording.choice, document.spans[row])
                self._place(annotation, images, source)  # type: ignore[arg-type]
            else:
                self.unplaced += 1

    def _refusal(self, annotation: Annotation, *, timed: bool) -> Omission | None:
        if isinstance(annotation, Clip):
            return Omission.CLIP
        if timed:
            return Omission.WAYPOINT
        if annotation.t is not None:
            return Omission.TIMED
        if isinstance(annotation, Point) and self.points is PointPolicy.OMIT:
            return Omission.POINT
        if self.fixed and (annotation.mention or UNNAMED) not in self.categories:
            return Omission.LABEL
        return None

    def _images(self, recording: Recording) -> list[_Picture | None] | None:
        """The image of each asset (None where its size is not known), or None where the recording names no asset."""
        if not recording.assets:
            self.omit(Omission.NO_ASSETS, recording.key)
            return None
        images: list[_Picture | None] = []
        for index, asset in enumerate(recording.assets):
            name = asset.file_name or (recording.key if len(recording.assets) == 1 else f"{recording.key}#{index}")
            image = self._image(name, asset.width, asset.height)
            images.append(image and _Picture(image, asset.width, asset.height))  # type: ignore[arg-type]
        return images

    def _image(self, name: str, width: float | None, height: float | None) -> CocoImage | None:
        if width is not None and height is not None:
            width, height = self.placement.size(width, height)
        if not (_is_size(width) and _is_size(height)):
            self.omit(Omission.NO_SIZE, name if width is height is None else f"{name}: {width}x{height}")
            return None
        image = self.images.setdefault(name, CocoImage(len(self.images) + 1, name, int(width), int(height)))
        if (image.width, image.height) != (width, height):
            self.omit(Omission.SIZE_CONFLICT, f"{name}: {width}x{height} after {image.width}x{image.height}")
            return None
        return image

    def _place(self, shape: Shape, images: list[_Picture | None], source: Source) -> None:
        index = len(images) - 1 if shape.asset_idx is None else shape.asset_idx
        if index >= len(images):
            self.omit(Omission.NO_SUCH_ASSET, f"{source.key}: {shape!r}")
            return
        picture = images[index]
        if picture is None:
            self.unplaced += 1
            return
        image = picture.image
        pixels = self.placement.placed(shape, picture.width, picture.height)
        left, top, right, bottom = pixels.xyxy
        self.outside_picture += left < 0 or top < 0 or right > image.width or bottom > image.height
        self.without_area += not isinstance(pixels, Point) and pixels.area == 0
        category = self._category(shape.mention or UNNAMED)
        annotation = CocoAnnotation(
            id=len(self.annotations) + 1,
            image_id=image.id,
            category_id=category.id,
            bbox=(left, top, right - left, bottom - top),
            area=pixels.area,
            segmentation=_segmentation(pixels),
            perceptron_annotations=source,
        )
        if isinstance(pixels, Point):
            annotation.keypoints, annotation.num_keypoints = [pixels.x, pixels.y, 2], 1
            category.keypoints, category.skeleton = ["point"], []
        self.annotations.append(annotation)

    def _category(self, name: str) -> CocoCategory:
        return self.categories.setdefault(name, CocoCategory(len(self.categories) + 1, name))

    def report(self) -> CocoReport:
        return CocoReport(
            recordings=self.recordings,
            statuses=tuple(self.statuses.items()),
            truncated=self.truncated,
            images=len(self.images),
            annotations=len(self.annotations),
            categories=len(self.categories),
            omitted=tuple(Omitted(reason, *seen) for reason, seen in self.omitted.items()),
            unplaced=self.unplaced,
            outside_picture=self.outside_picture,
            without_area=self.without_area,
        )


def _is_size(size: float | None) -> TypeGuard[float]:
    return size is not None and size >= 1 and float(size).is_integer()


def _segmentation(shape: Shape) -> list[list[float]]:
    if isinstance(shape, Polygon):
        return [[number for pair in shape.vertices for number in pair]]
    return []


def write_coco(
    recordings: Iterable[Recording | Reject],
    path: str | Path,
    *,
    mode: Mode | str = Mode.LENIENT,
    points: PointPolicy | str = PointPolicy.KEYPOINTS,
    categories: Sequence[str] | None = None,
    keep: Callable[[Annotation], bool] = lambda _: True,
    placement: Placement = Placement(),  # noqa: B008 - frozen
) -> CocoReport:
    """Write the answers about pictures of known size as one COCO file, and say what is not in it.

    Coordinates are exact float pixels, without clamping or rounding; ids count from 1 in the order of the input.
    ``categories`` are the mentions in the order of their first appearance (``"object"`` where there is none), or the
    given list, then other mentions are left out. Several answers about one ``file_name`` share its image. An annotation
    without ``asset_idx`` lies in the last asset. ``keep`` selects annotations, and ``placement`` says
    where the recorded pictures lie in those of the file. In strict mode the first malformed
    answer raises ``MarkupError`` and no file is written. Raises ``FileError`` where ``path`` cannot be written.
    """
    mode = checked_mode(mode)
    if categories is not None and len(set(categories)) < len(categories):
        raise UsageError("categories must be different from each other")
    builder = _Builder(PointPolicy(points), categories, placement)
    with write_whole(path) as stream:
        for recording in recordings:
            if isinstance(recording, Reject):
                builder.omit(Omission.REJECTED, f"line {recording.line_number}: {recording.reason}")
            else:
                builder.add(recording, recording.document(mode=mode), keep)
        stream.write(
            encode_json(
                {
                    "info": {"description": "made by perceptron-annotations from recorded answers"},
                    "licenses": [],
                    "images": list(builder.images.values()),
                    "annotations": builder.annotations,
                    "categories": list(builder.categories.values()),
                }
            )
            + b"\n"
        )
    return builder.report()
