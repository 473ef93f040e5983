"""What is drawn on: an image of any mode → a new RGB image as it is displayed, after its EXIF orientation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from os import PathLike
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ...errors import FileError, MissingExtraError, UsageError
from ...files import open_input
from ...limits import beyond, current_limits

if TYPE_CHECKING:
    from PIL import Image

#: An image: a path, or an image of Pillow, which stays as it is.
ImageSource: TypeAlias = "str | PathLike[str] | Image.Image"

#: Formats that compiled code decodes. Others stay closed: some kilobytes of DDS keep Pillow busy for minutes, and an
#: EPS is a program that it runs.
_FORMATS = ("PNG", "JPEG", "MPO", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF", "HEIF", "TGA", "ICO")

#: Modes with more than 8 bits, whose values have no white of their own.
_DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_TRANSPARENT_MODES = ("RGBA", "LA", "PA", "RGBa", "La")


def sources_of(images: ImageSource | Sequence[ImageSource]) -> list[ImageSource]:
    """One image, or several, as a list."""
    return list(images) if isinstance(images, Sequence) and not isinstance(images, str) else [images]


def base_image(source: ImageSource, *, least_side: int | None = None) -> Image.Image:
    """The image to draw on, in RGB and upright.

    Transparent parts lie on white. Of images with more than 8 bits the darkest value becomes black and the brightest
    white. With ``least_side`` a JPEG may be decoded smaller, at many times the speed, with sides of so many pixels at
    least. Raises ``FileError`` if there is no image in the file, ``UsageError`` for something that is not an image.
    """
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtraError.from_extra("render", "drawing on images needs Pillow") from None
    if isinstance(source, Image.Image):
        return _checked_rgb(source, "the image")
    if not isinstance(source, str | PathLike):
        raise UsageError(
            f"an image is a path or an image of Pillow, not {type(source).__name__}: Image.fromarray(array) makes "
            "one of an array in RGB"
        )
    with open_input(source) as file, file.random_access() as stream:
        try:
            opened = Image.open(stream, formats=_formats())
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise FileError(f"cannot draw on {source}: {error}; scale the image down first") from None
        except Exception as error:  # decoders raise whatever their format makes them stumble over
            raise _unreadable(f"{source}", error) from None
        if least_side is not None:
            opened.draft("RGB", (least_side, least_side))
        return _checked_rgb(opened, f"{source}")


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """Those of the formats that this Pillow reads, plug-ins included."""
    from PIL import Image

    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _checked_rgb(image: Image.Image, name: str) -> Image.Image:
    """A copy in RGB, upright; the image is only decoded if it is not too large."""
    refuse_too_large(image.size, name)
    if not image.width * image.height:
        raise UsageError(f"{name} has no pixels")
    try:
        image.load()
        return _rgb(_upright(image))
    except Exception as error:
        raise _unreadable(name, error) from None


def refuse_too_large(size: tuple[int, int], name: str) -> None:
    """Raises ``FileError`` for an image of more pixels than the limit."""
    width, height = size
    if width * height > current_limits().image_pixels:
        raise FileError(f"{name} of {width} x {height} pixels {beyond('image_pixels')}")


def _unreadable(name: str, error: Exception) -> FileError:
    from PIL import UnidentifiedImageError

    reason = "it is not an image of a known format" if isinstance(error, UnidentifiedImageError) else error
    return FileError(f"cannot draw on {name}: {reason}; save it as PNG or JPEG anew")


def _upright(image: Image.Image) -> Image.Image:
    """The image as it is displayed; itself if it is stored so."""
    from PIL import ExifTags, ImageOps

    try:
        if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
            return image
        return ImageOps.exif_transpose(image)
    except Exception:  # EXIF that cannot be read says nothing
        return image


def _rgb(image: Image.Image) -> Image.Image:
    """A copy in RGB."""
    from PIL import Image

    if image.mode in _DEEP_MODES:
        return Image.fromarray(_stretched(np.asarray(image))).convert("RGB")
    if image.mode in _TRANSPARENT_MODES or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(layer, mask=layer)
        return white
    return image.copy() if image.mode == "RGB" else image.convert("RGB")


def _stretched(values: np.ndarray) -> np.ndarray:
    """The values from their least to their greatest as 0 to 255; those that are not finite count as the least."""
    numbers = values.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    numbers = np.nan_to_num(numbers, nan=least, posinf=most, neginf=least)
    if most == least:
        return np.full(values.shape, 128, dtype=np.uint8)
    return np.round((numbers - least) * (255 / (most - least))).astype(np.uint8)
