"""Images below and beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .base_image import refuse_too_large
from .palette import WHITE

if TYPE_CHECKING:
    from PIL import Image

#: The space between images beside each other, as a share of their height.
_GAP = 1 / 50
_LEAST_GAP = 4


def stacked(images: Sequence[Image.Image]) -> Image.Image:
    """Images of one width below each other; one alone is returned as it is."""
    from PIL import Image

    if len(images) == 1:
        return images[0]
    whole = Image.new("RGB", (images[0].width, sum(image.height for image in images)), WHITE)
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    return whole


def beside_each_other(images: Sequence[Image.Image]) -> Image.Image:
    """Images in a row, their tops level; one alone is returned as it is."""
    from PIL import Image

    if len(images) == 1:
        return images[0]
    height = max(image.height for image in images)
    gap = max(_LEAST_GAP, round(height * _GAP))
    width = sum(image.width for image in images) + gap * (len(images) - 1)
    refuse_too_large((width, height), "the row of images")
    whole = Image.new("RGB", (width, height), WHITE)
    left = 0
    for image in images:
        whole.paste(image, (left, 0))
        left += image.width + gap
    return whole


def of_one_height(images: Sequence[Image.Image]) -> list[Image.Image]:
    """Images scaled to the height of the highest."""
    height = max(image.height for image in images)
    sizes = [(max(1, round(image.width * height / image.height)), height) for image in images]
    for size in sizes:
        refuse_too_large(size, "an image beside a higher one")
    return [image if image.size == size else image.resize(size) for image, size in zip(images, sizes, strict=True)]
