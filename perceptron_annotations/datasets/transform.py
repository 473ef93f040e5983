"""Recorded images that were scaled before they were sent, or cut out of larger ones: their pixels in the dataset's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..checked import Checked
from ..errors import UsageError

#: The longest side of an image, in pixels: beyond 2**53 a float cannot tell two neighbouring pixels apart.
LONGEST_SIDE = 2.0**53


class ImageTransform(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """From pixels of a recorded image to pixels of the dataset's image: scaled first, then moved.

    ``scale`` is ``(x, y)``: the dataset's image is that many times as wide and as high as the recorded one. ``crop`` is
    ``(left, top, width, height)`` if the recorded images were cut out of larger ones: the corner of the cut, and the
    size of the image it was cut from, in pixels. Raises ``UsageError`` if a factor is not above zero, if ``left`` or
    ``top`` is negative, or if ``width`` or ``height`` is below 1.

    >>> import numpy as np
    >>> from perceptron_annotations.datasets import ImageTransform
    >>> transform = ImageTransform(scale=(2, 2), crop=(100, 50, 640, 480))
    >>> transform.apply_to_coords(np.array([[10.0, 20.0]])).tolist()
    [[120.0, 90.0]]
    >>> transform.apply_to_size(200, 100)
    (640, 480)
    """

    scale: tuple[float, float] = (1.0, 1.0)
    crop: tuple[float, float, int, int] | None = None

    def check(self) -> None:
        """Raise ``UsageError`` for numbers that do not describe a transform."""
        if not all(0 < number < float("inf") for number in self.scale):
            raise UsageError(f"scale must be numbers above zero, not {self.scale}")
        limits = (0, 0, 1, 1)
        if self.crop is not None and not all(
            least <= number <= LONGEST_SIDE for least, number in zip(limits, self.crop, strict=True)
        ):
            raise UsageError(f"crop must be LEFT,TOP from 0 and WIDTH,HEIGHT from 1, not {self.crop}")

    def apply_to_size(self, width: float, height: float) -> tuple[float, float]:
        """The size of the dataset's image for a recorded image of this size; it may be too large or too small."""
        (width,), (height,) = self.apply_to_sides([width], [height])
        return width, height

    def apply_to_sides(self, widths: Sequence[float], heights: Sequence[float]) -> tuple[list[float], list[float]]:
        """The widths and the heights of many."""
        if self.crop is not None:
            return [self.crop[2]] * len(widths), [self.crop[3]] * len(heights)
        x, y = self.scale
        return [width * x for width in widths], [height * y for height in heights]

    def apply_to_sizes(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(A, 2)``: the sizes of the dataset's images for recorded images of these ``sizes``."""
        if self.crop is not None:
            return np.broadcast_to(np.array(self.crop[2:], dtype=np.float64), sizes.shape)
        with np.errstate(over="ignore"):
            scaled: NDArray[np.float64] = sizes * self.scale
        return scaled

    def apply_to_coords(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(V, 2)`` pixels of recorded images as pixels of the dataset's images, in a new array."""
        scaled = pixels if self.scale == (1, 1) else pixels * self.scale
        moved: NDArray[np.float64] = scaled + (0.0 if self.crop is None else np.array(self.crop[:2]))
        return moved
