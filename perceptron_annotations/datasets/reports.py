"""What was lost, left out or wrong, counted by reason with the first example of each: nothing goes in silence."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from ..errors import LossError


class Loss(StrEnum):
    """Why something is not in a file that was written, or not as it was."""

    NO_SIZE = "asset without a size"
    POINT = "point"
    BOX = "box"
    POLYGON = "polygon"
    CLIP = "clip"
    TIME = "shape at a time"
    TRACK = "place of a track"
    SCORE = "score"
    RINGS = "object of several rings, written as one each"
    SHAPE = "polygon, written as its bounds"
    BOUNDS = "box that is the bounds of the points of its object"
    CROWD = "mark of a crowd"
    NO_LABEL = 'shape without a label, written as "object"'
    LABEL = "label that is not in the list"
    OUTSIDE = "shape that reaches beyond its asset, clipped"
    EMPTY = "shape without area"
    ROUNDED = "coordinates, rounded"
    PICTURE = "picture"
    FPS = "video of unknown frame rate"
    NO_TIME = "shape without a time"
    NO_FRAME = "time that no frame has"
    FRAME = "time, rounded to a frame"
    SAME_FRAME = "place of an object on a frame where it has one"
    AS_TRACK = "shape at a time, written as a track"
    NAME = "file name that leads out of the folder"


class Problem(StrEnum):
    """Why something of a file that was read is not in the dataset, or not as it was."""

    BROKEN = "file that cannot be read"
    NOT_HELD = "entry that a dataset does not hold"
    MALFORMED = "entry that is malformed"
    DANGLING = "entry that names what is not there"
    DUPLICATE = "entry that comes twice"
    NOT_FINITE = "coordinates that are not finite"
    OUTSIDE = "shape that reaches beyond its asset, kept"
    NO_SIZE = "asset without a size"
    SIZE = "size that disagrees with the picture"
    NO_PICTURE = "asset whose picture is not there, or cannot be read"
    NAME = "file name that leads out of the folder"


class Omission(StrEnum):
    """Why something recorded is not in the dataset."""

    REJECTED = "line without an answer"
    NO_ASSETS = "answer without an asset"
    NO_SIZE = "asset without a size"
    SIZE_CONFLICT = "asset with another size than before"
    NO_SUCH_ASSET = "asset_idx beyond the assets"
    LABEL = "mention that is not in the list of labels"
    MERGED = "answer about an asset that another has answered"


class Counted(Struct, frozen=True):
    """How often for one reason, and where first."""

    reason: Loss | Problem | Omission
    count: int
    example: str


class LossReport(Struct, frozen=True, kw_only=True):
    """What was written, and what of the dataset is not in the file."""

    assets: int
    objects: int
    labels: int
    losses: tuple[Counted, ...] = ()

    def count(self, reason: Loss) -> int:
        """How often something was lost for one reason."""
        return sum(each.count for each in self.losses if each.reason == reason)

    def raise_for_loss(self) -> LossReport:
        """Itself; raises ``LossError`` where anything was lost."""
        if self.losses:
            raise LossError(self)
        return self


class Tally:
    """Counts reasons."""

    def __init__(self) -> None:
        self._found: dict[Loss | Problem | Omission, tuple[int, str]] = {}

    def add(self, reason: Loss | Problem | Omission, example: str, count: int = 1) -> None:
        """Once more, or ``count`` times."""
        if count:
            before, first = self._found.get(reason, (0, example))
            self._found[reason] = (before + count, first)

    def counted(self) -> tuple[Counted, ...]:
        """All of them, in the order in which they first came."""
        return tuple(Counted(reason, *found) for reason, found in self._found.items())
