"""What a writer or an import left out: counted by code, with the first example of each, in the report it returns."""

from __future__ import annotations

from msgspec import Struct

from .codes import Code
from .errors import UsageError


class LossCode(Code):
    """Why something is not in what was made, or not as it was."""

    # Written files.
    MISSING_SIZE = "missing_size", "an image whose size is unknown"
    POINT = "point", "a point, which the format cannot hold"
    BOX = "box", "a box, which the format cannot hold"
    POLYGON = "polygon", "a polygon, which the format cannot hold"
    CLIP = "clip", "a clip, which the format cannot hold"
    TIMESTAMP = "timestamp", "a shape with a timestamp, which the format cannot hold"
    TRACK = "track", "a track waypoint, which the format cannot hold"
    SCORE = "score", "a score, which the format cannot hold"
    LABEL = "label", "a label, which the format cannot hold"
    COLLECTION = "collection", "a group of annotations, whose members are written one by one"
    PROSE = "prose", "the words around the annotations of an answer"
    UNREAD_ELEMENT = "unread_element", "an element of an answer that could not be read"
    SPLIT_RINGS = "split_rings", "an object of several rings, written as one object each"
    POLYGON_AS_BOX = "polygon_as_box", "a polygon, written as its bounding box"
    BOX_OF_POINTS = (
        "box_of_points",
        "a box that is the bounding box of its object's points, which the format adds itself",
    )
    KEYPOINTS = "keypoints", "the keypoints of an object, which the format cannot hold"
    KEYPOINT_PLACE = "keypoint_place", "the place of keypoints that are not labelled, which the format cannot hold"
    SKELETON = "skeleton", "the names, edges or flip indices of keypoints, which the format cannot hold"
    IGNORE = "ignore", "the mark of what metrics ignore, which the format cannot hold"
    ATTRIBUTE = "attribute", "an attribute of an object, which the format cannot hold"
    OWN_BOX = "own_box", "a box of an object that is not the bounds of its shape, which the format cannot hold"
    OWN_AREA = "own_area", "an area of an object that is not that of its shape, which the format cannot hold"
    ISCROWD = "iscrowd", "the mark of a crowd, which the format cannot hold"
    MISSING_LABEL = "missing_label", 'a shape without a label, written with the label "object"'
    UNLISTED_LABEL = "unlisted_label", "a label that is not in the list of labels"
    CLIPPED = "clipped", "a shape that reached beyond its image, clipped to it"
    ZERO_AREA = "zero_area", "a shape without area"
    ROUNDED_COORDINATES = "rounded_coordinates", "coordinates, rounded"
    IMAGE = "image", "an image, which the format cannot hold"
    VIDEO = "video", "a video, which the format cannot hold"
    UNREAD_ANSWER = (
        "unread_answer",
        "an image whose answer could not be read, left out because it would look like an image without objects",
    )
    UNKNOWN_FRAME_RATE = "unknown_frame_rate", "a video whose frame rate is unknown"
    MISSING_TIMESTAMP = "missing_timestamp", "a shape without a timestamp"
    OUTSIDE_VIDEO = "outside_video", "a timestamp that no frame of the video has"
    ROUNDED_TIMESTAMP = "rounded_timestamp", "a timestamp, rounded to a frame"
    SECOND_SHAPE_IN_FRAME = "second_shape_in_frame", "a second shape of one object in the same frame"
    WRITTEN_AS_TRACK = "written_as_track", "a shape with a timestamp, written as a track"
    UNSAFE_FILE_NAME = "unsafe_file_name", "a file name that leads out of the folder"
    MISSING_IMAGE = "missing_image", "an image file that was not found, so it is not beside its labels"
    RENAMED = (
        "renamed",
        "an image whose file another image has, or whose name not every system can hold, written under another name",
    )
    RENUMBERED = "renumbered", "an id of the file that was read, written as another id"
    SPLIT = "split", "the split of an image, which the format cannot hold"

    # Imported answers.
    MISSING_ASSET = (
        "missing_asset",
        "an answer without an image of its own, and no sizes of images that have its key",
    )
    SIZE_CONFLICT = "size_conflict", "an image recorded with another size before"
    UNKNOWN_ASSET = "unknown_asset", "an asset_idx beyond the images of the request"
    UNKNOWN_KEY = "unknown_key", "an answer without an image of its own, whose key could not be joined with an image"
    TRACK_ID = "track_id", "a waypoint of a track whose mention is an id, labelled without it"
    MERGED_ANSWER = "merged_answer", "an answer about an image that has another answer"


class Loss(Struct, frozen=True):
    """How often one thing was left out, and the first place.

    >>> print(pa.Loss(LossCode.SCORE, 2, "a.png: cat"))
    2 x a score, which the format cannot hold; first: a.png: cat
    """

    code: LossCode
    count: int
    example: str

    def __str__(self) -> str:
        return f"{self.count} x {self.code.meaning}; first: {self.example}"


class LossReport(Struct, frozen=True, kw_only=True):
    """What was written, and what of the dataset is not in the file.

    >>> report = LossReport(assets=1, objects=2, labels=1, losses=(pa.Loss(LossCode.SCORE, 2, "object 1"),))
    >>> report.count(LossCode.SCORE)
    2
    """

    assets: int
    objects: int
    labels: int
    losses: tuple[Loss, ...] = ()

    def count(self, code: LossCode) -> int:
        """How often something was lost for one reason."""
        return sum(loss.count for loss in self.losses if loss.code == code)

    def raise_for_loss(self) -> LossReport:
        """The report itself. Raises ``LossError`` if anything was lost."""
        if self.losses:
            raise LossError(self)
        return self


class LossError(UsageError):
    """A file format does not hold all of a dataset; ``.report`` says what. Raised only if loss is forbidden."""

    def __init__(self, report: LossReport) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return "; ".join(
            f"{loss.count} x {loss.code.value}: {loss.code.meaning} ({loss.example})" for loss in self.report.losses
        )


class LossCounter:
    """Counts losses by code while a file is written.

    >>> losses = LossCounter()
    >>> losses.add(LossCode.POINT, "image 3")
    >>> losses.add(LossCode.POINT, "image 5")
    >>> losses.losses
    (Loss(code=<LossCode.POINT: 'point'>, count=2, example='image 3'),)
    """

    def __init__(self) -> None:
        self._found: dict[LossCode, tuple[int, str]] = {}

    def add(self, code: LossCode, example: str, count: int = 1) -> None:
        """Add ``count`` occurrences; the first example of a code is kept."""
        if count:
            before, first = self._found.get(code, (0, example))
            self._found[code] = (before + count, first)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """All of them, in the order in which they first came."""
        return tuple(Loss(code, *found) for code, found in self._found.items())
