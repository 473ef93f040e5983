"""Images, videos and sounds in requests: how many there are, and images and videos from paths, bytes and URLs."""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..checked import Checked
from ..errors import FileError, UsageError

#: The types of content parts that are one asset each, whatever else a service adds.
MEDIA_PARTS = frozenset(
    {
        "image_url",
        "image_file_id",
        "video_url",
        "video_file_id",
        "video_frames",
        "input_audio",
        "audio_url",
        "audio_file_id",
    }
)


def count_media(request: Mapping[str, Any]) -> Iterator[int]:
    """How many assets each prompt of a request is about: one number, or one for each prompt of multilook."""
    context = sum(map(_media_in, _list(request.get("messages"))))
    prompts = request.get("prompts")
    if not isinstance(prompts, list):
        yield context
        return
    for prompt in prompts:
        own = prompt if isinstance(prompt, list) else prompt.get("content") if isinstance(prompt, dict) else None
        messages = _list(prompt.get("messages")) if isinstance(prompt, dict) else []
        yield context + _media_in({"content": own}) + sum(map(_media_in, messages))


def _media_in(message: Any) -> int:
    """The media of one message, tool results included."""
    parts = _list(message.get("content")) if isinstance(message, Mapping) else []
    return sum(isinstance(part, Mapping) and part.get("type") in MEDIA_PARTS for part in parts)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else []


class MediaKind(StrEnum):
    """The kind of a medium."""

    IMAGE = "image"
    VIDEO = "video"


#: The types that the services document; others are refused before anything is sent.
MIME_TYPES = {
    MediaKind.IMAGE: ("image/png", "image/jpeg", "image/webp"),
    MediaKind.VIDEO: ("video/mp4", "video/webm"),
}

_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"....ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/webm"),
)
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,[A-Za-z0-9+/]+={0,2}\Z")


class Media(Struct, metaclass=Checked, frozen=True):
    """An image or video of a request, as a URL that a service takes; made by :func:`image` and :func:`video`.

    >>> pa.completions.Media("image", "https://example.org/cups.jpg").part
    {'type': 'image_url', 'image_url': {'url': 'https://example.org/cups.jpg'}}
    """

    kind: MediaKind
    url: str

    def check(self) -> None:
        """Raise ``UsageError`` for a URL that no service takes."""
        if self.url.startswith("data:"):
            match = _DATA_URL.match(self.url)
            if match is None:
                raise UsageError("a data URL must be data:TYPE;base64,… with base64 after the comma")
            _checked_type(self.kind, match[1])
        elif not self.url.startswith(("https://", "http://")):
            raise UsageError(f"a URL must begin with https://, http:// or data:, not {self.url[:40]!r}")

    @property
    def part(self) -> dict[str, Any]:
        """The part of a message's content that holds it."""
        name = f"{self.kind}_url"
        return {"type": name, name: {"url": self.url}}


def image(source: str | Path | bytes, *, mime_type: str | None = None) -> Media:
    r"""An image (PNG, JPEG or WebP) from a path, bytes, an https URL or a data URL.

    The type is told from the bytes, or else from the name. Raises ``UsageError`` if it cannot be told or is not one of
    these, and ``FileError`` if the file cannot be read.

    >>> pa.completions.image(b"\x89PNG\r\n\x1a\n").url
    'data:image/png;base64,iVBORw0KGgo='
    """
    return _media(MediaKind.IMAGE, source, mime_type)


def video(source: str | Path | bytes, *, mime_type: str | None = None) -> Media:
    """A video (MP4 or WebM; Mk1 only) from a path, bytes, an https URL or a data URL; see :func:`image`.

    >>> pa.completions.video("https://example.org/street.mp4").kind
    <MediaKind.VIDEO: 'video'>
    """
    return _media(MediaKind.VIDEO, source, mime_type)


def _media(kind: MediaKind, source: str | Path | bytes, mime_type: str | None) -> Media:
    if isinstance(source, str) and re.match(r"(https?:|data:)", source):
        return Media(kind, source)
    if isinstance(source, bytes | bytearray | memoryview):
        data, name = bytes(source), ""
    elif isinstance(source, str | Path):
        name = str(source)
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise FileError(f"cannot read {source}: {error.strerror or error}") from None
    else:
        raise UsageError(f"a {kind} is a path, bytes, a URL or a data URL, not {type(source).__name__}")
    if not data:
        raise UsageError(f"the {kind} {name or 'given as bytes'} is empty")
    sniffed = next((found for magic, found in _MAGIC if magic.match(data)), None)
    found = mime_type or sniffed or (mimetypes.guess_type(name)[0] if name else None)
    if found is None:
        raise UsageError(f"cannot tell the type of the {kind}: pass mime_type=, one of {_types(kind)}")
    _checked_type(kind, found)
    return Media(kind, f"data:{found};base64,{base64.b64encode(data).decode('ascii')}")


def _checked_type(kind: MediaKind, mime_type: str) -> None:
    if mime_type.lower() not in MIME_TYPES[kind]:
        raise UsageError(f"the services take a {kind} as {_types(kind)}, not as {mime_type}")


def _types(kind: MediaKind) -> str:
    return ", ".join(MIME_TYPES[kind])
