"""The three kinds of coordinate frames: a grid (the models' is 0–1000), the unit square, and the pixels of one image.

A frame travels with every value, so converting twice is harmless and mixing frames is an error instead of a wrong box.
A frame is its extent (width, height), and converting is ``v / from_extent * to_extent``, division first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from operator import index
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct

from .errors import FrameError
from .field_numbers import above_zero
from .plain_values import from_plain, pydantic_schema, to_plain

#: A ``(width, height)`` in pixels.
Size: TypeAlias = tuple[float, float]


class FrameKind(StrEnum):
    """Which of the three frames a coordinate is in."""

    GRID = "grid"
    UNIT = "unit"
    PIXELS = "pixels"


class Frame(Struct, frozen=True, gc=False, tag="frame"):
    """A coordinate frame: ``Frame.GRID`` (0–1000), ``Frame.UNIT`` (0–1) or ``Frame.pixels(width, height)``.

    ``Frame.grid(parts)`` is a grid of another length, as other models use: 999, 1024 or 100.

    The origin is the top left corner, x grows to the right and y downwards. The extent is exclusive: grid 1000, unit 1
    and pixel ``width`` are all the far edge of the image, one past its last pixel.

    >>> frame = pa.Frame.pixels(640, 480)
    >>> print(frame, pa.Point(1000, 500).to(frame).coordinates)
    pixels(640, 480) ((640.0, 240.0),)
    """

    kind: FrameKind
    width: float
    height: float

    GRID: ClassVar[Frame]
    UNIT: ClassVar[Frame]
    #: Of recorded answers: the pixels of the image that was sent, each of the size that its recording has.
    SENT: ClassVar[Frame]

    @staticmethod
    def pixels(width: float, height: float) -> Frame:
        """The pixels of an image; numbers of NumPy become Python's.

        Raises ``FrameError`` unless both sizes are finite and above zero.
        """
        extent = [above_zero(name, size, FrameError) for name, size in (("width", width), ("height", height))]
        return Frame(FrameKind.PIXELS, *extent)

    @staticmethod
    def grid(parts: float) -> Frame:
        """A square grid with sides of so many parts: ``Frame.GRID`` for 1000, ``Frame.UNIT`` for 1.

        Raises ``FrameError`` unless ``parts`` is finite and above zero.

        >>> print(pa.Frame.grid(999), pa.Point(999, 0, frame=pa.Frame.grid(999)).to(pa.Frame.GRID).x)
        grid(999) 1000.0
        """
        extent = float(above_zero("parts", parts, FrameError))
        known = _KNOWN.get(extent)
        return Frame(FrameKind.GRID, extent, extent) if known is None else known

    def rechecked(self) -> Frame:
        """The same frame, checked, for one that its own functions did not make. Raises ``FrameError``."""
        if self.kind is FrameKind.PIXELS:
            return Frame.pixels(self.width, self.height)
        square = Frame.grid(self.width)
        if self != square:
            raise FrameError(f"a frame {self.kind.value} is not {self.width:g} wide and {self.height:g} high")
        return square

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return pydantic_schema(cls, lambda fields: from_plain(cls, fields).rechecked(), to_plain)

    def __str__(self) -> str:
        if self == Frame.SENT:
            return "sent"
        if self.kind is FrameKind.PIXELS:
            return f"pixels({self.width:g}, {self.height:g})"
        return self.kind.value if self in _KNOWN.values() else f"grid({self.width:g})"


def checked_frame(frame: object) -> Frame:
    """``frame``, or ``FrameError`` that says what one is.

    >>> checked_frame(pa.Frame.UNIT) is pa.Frame.UNIT
    True
    """
    if frame == Frame.SENT:
        raise FrameError("the size that was sent is known of recorded answers only: pass Frame.pixels(640, 480)")
    if isinstance(frame, Frame):
        return frame
    raise FrameError(f"frame must be a Frame such as Frame.UNIT, Frame.GRID or Frame.pixels(640, 480), not {frame!r}")


Frame.GRID = Frame(FrameKind.GRID, 1000.0, 1000.0)
Frame.UNIT = Frame(FrameKind.UNIT, 1.0, 1.0)
Frame.SENT = Frame(FrameKind.PIXELS, math.inf, math.inf)
#: The square frames that have a name of their own, by the length of their sides.
_KNOWN = {1000.0: Frame.GRID, 1.0: Frame.UNIT}


class AssetFrames(Struct, frozen=True, gc=False, tag="asset_frames"):
    """One pixel frame for each asset of a request, and the rule for a value that names none.

    ``count`` is the number of assets of the request. A value without ``asset_idx`` refers to the *last* asset.

    >>> frames = pa.AssetFrames.of([(640, 480), (800, 600)])
    >>> print(frames.resolve(0), frames.resolve(None))
    pixels(640, 480) pixels(800, 600)
    """

    frames: tuple[tuple[int, Frame], ...]
    count: int

    @staticmethod
    def of(sizes: Mapping[int, Size] | Sequence[Size], count: int | None = None) -> AssetFrames:
        """Frames from ``(width, height)`` by asset index: a sequence, or a mapping if some are unknown.

        ``count`` defaults to the length of a sequence, or to the highest index of a mapping plus one. Raises
        ``FrameError`` without a size.
        """
        pairs: Iterable[tuple[int, Size]] = sizes.items() if isinstance(sizes, Mapping) else enumerate(sizes)
        frames = tuple(sorted((_asset(asset), _frame(asset, size)) for asset, size in pairs))
        if not frames:
            raise FrameError("no sizes given: pass (width, height) for at least one asset")
        return AssetFrames(frames, frames[-1][0] + 1 if count is None else _asset(count))

    def rechecked(self) -> AssetFrames:
        """The same frames, checked, for ones that :meth:`of` did not make. Raises ``FrameError``."""
        return AssetFrames.of({asset: (frame.width, frame.height) for asset, frame in self.frames}, self.count)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return pydantic_schema(cls, lambda fields: from_plain(cls, fields).rechecked(), to_plain)

    def resolve(self, asset_idx: int | None) -> Frame:
        """The frame of an asset, ``None`` meaning the last. Raises ``FrameError`` if its size is not known."""
        wanted = self.count - 1 if asset_idx is None else asset_idx
        for known, frame in self.frames:
            if known == wanted:
                return frame
        raise FrameError(f"no size given for asset {wanted}: sizes are known for {[known for known, _ in self.frames]}")


def _asset(number: int) -> int:
    """The number of an asset, or a count of them, as Python's int."""
    try:
        return index(number)
    except TypeError:
        raise FrameError(f"assets are counted in whole numbers, not {number!r}") from None


def _frame(asset: int, size: Size) -> Frame:
    try:
        width, height = size
    except (TypeError, ValueError):
        raise FrameError(f"the size of asset {asset} must be (width, height), not {size!r}") from None
    return Frame.pixels(width, height)


def sdk_pixel(value: float, size: float, *, clamp: bool = True) -> int:
    """The integer pixel that ``perceptron`` 0.4.0 gives for a grid coordinate, bit for bit.

    ``round((value / 1000.0) * int(size))``, half to even and division first, clamped to ``0 … size − 1`` unless
    ``clamp`` is off. For comparing with numbers that the SDK made; for geometry use exact floats, which keep the far
    edge of a full box. Raises ``FrameError`` if ``size`` is below one pixel or ``value`` is not finite.

    >>> sdk_pixel(1000, 640), sdk_pixel(1000, 640, clamp=False)
    (639, 640)
    """
    extent = int(size) if math.isfinite(size) else 0
    if extent < 1:
        raise FrameError(f"size must be a whole number of pixels, at least 1, not {size!r}")
    if not math.isfinite(value):
        raise FrameError(f"value must be finite, not {value!r}")
    pixel = round((float(value) / 1000.0) * extent)
    return min(max(pixel, 0), extent - 1) if clamp else pixel
