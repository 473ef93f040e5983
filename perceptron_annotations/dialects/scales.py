"""What the numbers of a dialect count, and in which order a box has them.

A number becomes a coordinate of a :class:`~..frames.Frame`, and a coordinate a number again. The frame is stated by the
dialect, and for pixels by the size of the image; it is never guessed from the numbers.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from ..errors import UsageError
from ..frames import Frame, Size
from .resizing import ResizeRule, resized


class Order(StrEnum):
    """The order of the four numbers of a box."""

    XYXY = "xyxy"
    """Left, top, right, bottom."""
    YXYX = "yxyx"
    """Top, left, bottom, right."""
    XYWH = "xywh"
    """Left, top, width, height."""
    CXCYWH = "cxcywh"
    """Centre x, centre y, width, height."""


class PairOrder(StrEnum):
    """The order of the two numbers of a point, or of a vertex of a polygon."""

    XY = "xy"
    YX = "yx"


class Scale(Struct, frozen=True, kw_only=True):
    """What a number counts: parts of the image's sides, or pixels of the image as the model saw it.

    >>> from perceptron_annotations.dialects import Scale
    >>> print(Scale.grid(999).frame(None), Scale.bins(1000, at="centre").coordinate(52))
    grid(999) 52.5
    """

    #: How many parts a side has; None for pixels.
    parts: float | None
    #: Added to a number: half a part if a bin stands for its centre.
    offset: float = 0.0
    #: The digits that are written behind the point.
    decimals: int = 0
    #: The highest number that there is, if numbers are bins.
    last: float | None = None
    #: How the image was resized before the model saw it, if the numbers are pixels.
    resize: ResizeRule | None = None

    @staticmethod
    def grid(parts: float, *, decimals: int = 0) -> Scale:
        """Each side is ``parts`` long: 1000, 999 or 100, for example."""
        return Scale(parts=float(parts), decimals=decimals)

    @staticmethod
    def unit(*, decimals: int = 3) -> Scale:
        """Each side is 1 long."""
        return Scale(parts=1.0, decimals=decimals)

    @staticmethod
    def percent(*, decimals: int = 1) -> Scale:
        """Each side is 100 long."""
        return Scale(parts=100.0, decimals=decimals)

    @staticmethod
    def bins(count: int, *, at: str = "edge") -> Scale:
        """Each side has ``count`` bins, and the number of one stands for its ``"edge"`` or its ``"centre"``."""
        if at not in ("edge", "centre"):
            raise UsageError(f"a bin stands for its 'edge' or its 'centre', not {at!r}")
        return Scale(parts=float(count), offset=0.5 if at == "centre" else 0.0, last=count - 1.0)

    @staticmethod
    def pixels(resize: ResizeRule | None = None) -> Scale:
        """The pixels of the image as the model saw it: resized by a rule, or as it is."""
        return Scale(parts=None, resize=resize)

    @property
    def needs_size(self) -> bool:
        """Whether the size of the image must be known."""
        return self.parts is None

    def frame(self, image_size: Size | None) -> Frame:
        """The frame of the coordinates. Raises ``UsageError`` if the size of the image is needed and not there."""
        if self.parts is not None:
            return Frame.grid(self.parts)
        if image_size is None:
            raise UsageError("its numbers are pixels: pass image_size=(width, height)")
        return Frame.pixels(*resized(image_size, self.resize))

    def coordinate(self, number: float) -> float:
        """The coordinate that a number stands for."""
        return number + self.offset

    def number(self, coordinate: float) -> float:
        """The number for a coordinate: the nearest that can be written, or the bin that holds it."""
        if self.last is None:
            return float(round(coordinate, self.decimals))
        return float(min(max(coordinate // 1 if self.offset else round(coordinate), 0), self.last))

    def written(self, number: float) -> str:
        """A number as text."""
        return f"{number:.{self.decimals}f}"
