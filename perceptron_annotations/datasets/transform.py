"""Where recorded pictures lie in the pictures of a dataset: scaled before they were sent, or cut out of them."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..checked import Checked
from ..errors import UsageError

#: The longest side of a picture: beyond, floats do not tell its pixels apart.
LONGEST_SIDE = 2.0**53


class ImageTransform(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """From pixels of a recorded picture to pixels of the dataset's: scaled first, then moved. Raises ``UsageError``."""

    #: The dataset's picture is so many times as wide and high as the recorded one.
    scale: tuple[float, float] = (1.0, 1.0)
    #: ``(left, top, width, height)``: the recorded pictures were cut out, at this corner, of one of this size.
    crop: tuple[float, float, int, int] | None = None

    def check(self) -> None:
        """Refuse what is no place."""
        if not all(0 < number < float("inf") for number in self.scale):
            raise UsageError(f"scale must be numbers above zero, not {self.scale}")
        limits = (0, 0, 1, 1)
        if self.crop is not None and not all(
            least <= number <= LONGEST_SIDE for least, number in zip(limits, self.crop, strict=True)
        ):
            raise UsageError(f"crop must be LEFT,TOP from 0 and WIDTH,HEIGHT from 1, not {self.crop}")

    def size(self, width: float, height: float) -> tuple[float, float]:
        """The size of the dataset's picture, where the recorded one has this; it may be one that no picture has."""
        if self.crop is not None:
            return self.crop[2:]
        return width * self.scale[0], height * self.scale[1]

    def placed_coords(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(V, 2)`` pixels of recorded pictures in pixels of the dataset's."""
        placed: NDArray[np.float64] = pixels * self.scale + (0.0 if self.crop is None else np.array(self.crop[:2]))
        return placed
