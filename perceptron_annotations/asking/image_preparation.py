"""The file of an image → the bytes that are sent, and what is recorded of it: its name, its size, and the size sent.

Bytes go as they are unless something has to change: a side above the limit, an EXIF orientation, or a format that no
service takes. Then Pillow decodes the image, and what is sent has no EXIF data, so that nobody turns it again.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from ..completions.media import MIME_TYPES, Media, MediaKind, image, sniffed_type, video
from ..completions.request_options import MAX_BODY_BYTES
from ..completions.sent_assets import RecordedAsset
from ..datasets.image_sizes import ImageSize, open_regular, size_of_data
from ..datasets.video_sizes import video_size
from ..errors import FileError, MissingExtraError
from ..files import system_errors
from .question_inputs import MediumPlace

if TYPE_CHECKING:
    from PIL.Image import Image

#: The most bytes of a file that is sent as it is, or decoded: a photograph of 100 megapixels has some 50 MB.
_MOST_BYTES = 256 * 2**20
#: What a JPEG or WebP that was scaled is compressed with; from here on, eyes and models see no difference.
_QUALITY = 95
#: A JPEG may be decoded at a fraction of its size, if that is still so many times the one that is wanted.
_GAP = 2
#: How the pixels of each EXIF orientation are turned to be upright, by the names of ``PIL.Image.Transpose``.
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
#: The formats that are written as they were; others become PNG, which loses nothing.
_KEPT_FORMATS = {"image/jpeg": "JPEG", "image/webp": "WEBP"}
#: Modes of eight bits for each channel, which are scaled as they are.
_PLAIN_MODES = ("L", "LA", "RGB", "RGBA")
_DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")


class ImageChanges(Struct, frozen=True):
    """What is changed of images before they are sent.

    >>> from perceptron_annotations.asking import ImageChanges
    >>> ImageChanges(max_side=1024).check_installed()
    """

    #: The longest side in pixels; larger images are scaled down, and smaller ones stay as they are.
    max_side: int | None = None
    #: Send images as they are stored, whatever their EXIF orientation.
    ignore_exif: bool = False

    def check_installed(self) -> None:
        """Raise ``MissingExtraError`` if images are to be scaled and Pillow is missing."""
        if self.max_side is not None:
            _pillow("--max-side needs Pillow")


#: Upright, and as large as it is.
_NO_CHANGES = ImageChanges()


class PreparedMedium(NamedTuple):
    """What is sent, and what is recorded of it."""

    media: Media
    asset: RecordedAsset


def prepare_image(path: str | Path, *, name: str | None = None, changes: ImageChanges = _NO_CHANGES) -> PreparedMedium:
    r"""An image file for a :class:`Question`: what is sent of it, and what is recorded.

    The bytes go as they are, unless an EXIF orientation has to be applied, a side is longer than ``changes.max_side``,
    or no service takes the format. The recorded size is that of the image as it is displayed, and if another one was
    sent, that too. Raises ``FileError`` if it cannot be read or is too large, and ``MissingExtraError`` if it has to be
    changed and Pillow is missing.

    >>> from pathlib import Path
    >>> size = (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + bytes(9)
    >>> _ = Path("a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size)
    >>> pa.asking.prepare_image("a.png", name="shop/a.png").asset
    RecordedAsset(file_name='shop/a.png', width=640, height=480)

    Args:
        path: The file.
        name: What the image is called in what is recorded; by default as the file is, without its folder.
        changes: What is changed before it is sent.
    """
    return prepare_medium(MediumPlace(name or Path(path).name, str(path), MediaKind.IMAGE), changes)


def prepare_medium(place: MediumPlace, changes: ImageChanges) -> PreparedMedium:
    """The medium at a place, ready to be sent; an address is sent as it is.

    Raises ``FileError`` if it cannot be read or is too large, ``UsageError`` if no service takes it, and
    ``MissingExtraError`` if it has to be changed and Pillow is missing.
    """
    if place.is_address:
        return PreparedMedium(Media(place.kind, place.source), RecordedAsset(place.name))
    data = _read(place.source)
    if place.kind is MediaKind.VIDEO:
        _refuse_large(place.source, data, "cut it, or send its address")
        media = video(data, mime_type=sniffed_type(data, place.source))
        shown = video_size(data)
        return PreparedMedium(media, RecordedAsset(place.name) if shown is None else _asset(place.name, shown))
    size = size_of_data(data, apply_orientation=not changes.ignore_exif)
    mime_type = sniffed_type(data, place.source)
    if size is not None and mime_type in MIME_TYPES[MediaKind.IMAGE] and not _has_to_change(size, changes):
        _refuse_large(place.source, data, "scale it down with --max-side, or send its address")
        return PreparedMedium(image(data, mime_type=mime_type), _asset(place.name, size))
    return _changed(place, data, mime_type, size, changes)


def _read(path: str) -> bytes:
    """A whole file. Raises ``FileError`` for pipes and devices too, which may never end."""
    with system_errors("read", path):
        try:
            with open_regular(path) as file:
                data = file.read(_MOST_BYTES + 1)
        except ValueError as error:  # a name that no file can have
            raise FileError(f"cannot read {path}: {error}") from None
    if not data:
        raise FileError(f"cannot read {path}: the file is empty")
    if len(data) > _MOST_BYTES:
        raise FileError(f"{path} has more than {_MOST_BYTES:,} bytes: cut it, or send its address")
    return data


def _refuse_large(path: str, data: bytes, instead: str) -> None:
    """Raise ``FileError`` for bytes that no body has room for: in base64, four characters for three of them."""
    if len(data) * 4 // 3 > MAX_BODY_BYTES:
        raise FileError(f"{path} has {len(data):,} bytes, and a request takes {MAX_BODY_BYTES * 3 // 4:,}: {instead}")


def _has_to_change(size: ImageSize, changes: ImageChanges) -> bool:
    is_large = changes.max_side is not None and max(size.width, size.height) > changes.max_side
    return is_large or size.orientation in _TURNS


def _asset(name: str, size: ImageSize, sent: tuple[int, int] | None = None) -> RecordedAsset:
    """What is recorded; the size that was sent only if it is another one."""
    width, height = int(size.width), int(size.height)
    if sent is None or sent == (width, height):
        return RecordedAsset(name, width, height)
    return RecordedAsset(name, width, height, *sent)


def _changed(
    place: MediumPlace, data: bytes, mime_type: str | None, size: ImageSize | None, changes: ImageChanges
) -> PreparedMedium:
    """The image upright, scaled down and in a format that services take, as far as need be."""
    _pillow(f"{place.source} has to be turned, scaled or converted, and that needs Pillow")
    with _decoding(place.source), io.BytesIO() as sink:
        from PIL.Image import Transpose
        from PIL.Image import open as open_image

        with open_image(io.BytesIO(data)) as opened:
            known = size or ImageSize(*opened.size)
            format_ = _KEPT_FORMATS.get(mime_type or "", "PNG")
            changed = _scaled(opened, changes.max_side)
            if known.orientation in _TURNS:
                changed = changed.transpose(Transpose[_TURNS[known.orientation]])
            _save(changed, sink, format_, opened.info.get("icc_profile"))
        media = image(sink.getvalue(), mime_type=f"image/{format_.lower()}")
        return PreparedMedium(media, _asset(place.name, known, changed.size))


def _scaled(opened: Image, max_side: int | None) -> Image:
    """A copy with eight bits for each channel, whose longer side is ``max_side`` at most."""
    from PIL.Image import Resampling

    if opened.mode in _DEEP_MODES:
        raise FileError("its channels have more than 8 bits: save it with 8")
    width, height = opened.size
    if max_side is None or max(width, height) <= max_side:
        return _plain(opened)
    factor = max_side / max(width, height)
    target = (max(round(width * factor), 1), max(round(height * factor), 1))
    # A JPEG is decoded at a fraction of its size, which is a multiple of eight pixels, so the box may end inside one.
    drafted = opened.draft(None, (target[0] * _GAP, target[1] * _GAP))
    box = None if drafted is None else drafted[1]
    return _plain(opened).resize(target, Resampling.LANCZOS, box=box)


def _plain(opened: Image) -> Image:
    if opened.mode == "PA" or "transparency" in opened.info:
        return opened.convert("RGBA")
    return opened.copy() if opened.mode in _PLAIN_MODES else opened.convert("RGB")


def _save(changed: Image, sink: io.BytesIO, format_: str, profile: bytes | None) -> None:
    """Write the image; it has its colour profile, and no other data of the file."""
    if format_ == "JPEG" and changed.mode not in ("L", "RGB"):
        changed = changed.convert("RGB")
    quality = {} if format_ == "PNG" else {"quality": _QUALITY}
    changed.info.clear()  # else comments and EXIF data are written again
    changed.save(sink, format_, icc_profile=profile, **quality)


def _pillow(needs: str) -> None:
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise MissingExtraError.from_extra("ask", needs) from None


@contextmanager
def _decoding(path: str) -> Iterator[None]:
    """What Pillow raises for files that are broken or hostile, which is nearly anything, as ``FileError``."""
    try:
        yield
    except FileError as error:
        raise FileError(f"cannot read {path}: {error}" if path not in str(error) else str(error)) from None
    except MissingExtraError:
        raise
    except Exception as error:
        raise FileError(f"cannot read {path}: {type(error).__name__}: {error}") from None
