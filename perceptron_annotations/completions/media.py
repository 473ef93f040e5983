"""Images, videos and sounds in requests: how many there are, and each from a path, bytes, a URL or an uploaded file."""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from ..checked import Checked, unchecked
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
    shared = sum(map(_media_in, [*_list(request.get("messages")), *_list(request.get("context"))]))
    prompts = request.get("prompts")
    if not isinstance(prompts, list):
        yield shared
        return
    for prompt in prompts:
        own = prompt if isinstance(prompt, list) else prompt.get("content") if isinstance(prompt, dict) else None
        messages = _list(prompt.get("messages")) if isinstance(prompt, dict) else []
        yield shared + _media_in({"content": own}) + sum(map(_media_in, messages))


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
    AUDIO = "audio"


#: The types that the services document; others are refused before anything is sent.
MIME_TYPES = {
    MediaKind.IMAGE: ("image/png", "image/jpeg", "image/webp"),
    MediaKind.VIDEO: ("video/mp4", "video/webm"),
    MediaKind.AUDIO: ("audio/wav", "audio/mpeg", "audio/flac"),
}
#: The format of ``input_audio`` for each type of sound.
_AUDIO_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac"}
#: Other names of documented types, as files and browsers write them.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-flac": "audio/flac",
}

#: How files of each type begin; the first match counts. The types that no service takes are told by their own names.
_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"ID3|\xff[\xf2\xf3\xfa\xfb]"), "audio/mpeg"),
    (re.compile(rb"....ftypqt  ", re.DOTALL), "video/quicktime"),
    (re.compile(rb"....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL), "image/heic"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb"....ftypM4A ", re.DOTALL), "audio/mp4"),
    (re.compile(rb"....ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3.{0,60}matroska", re.DOTALL), "video/x-matroska"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/webm"),
)
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,([A-Za-z0-9+/]+={0,2})\Z", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|data:)", re.IGNORECASE)
_FILE_ID = re.compile(r"file-[A-Za-z0-9]{22}\Z")
_BASE64_GROUP = 4
#: How many frames a video may have that is given as frames.
_FRAME_COUNTS = range(2, 257)

#: A path, bytes, an http(s) URL, a base64 data URL, or the id of an uploaded file.
MediaSource: TypeAlias = str | Path | bytes


class Media(Struct, metaclass=Checked, frozen=True):
    """An image, video or sound of a request; made by :func:`image`, :func:`video` and :func:`audio`.

    >>> pa.completions.Media("image", "https://example.org/cups.jpg").part
    {'type': 'image_url', 'image_url': {'url': 'https://example.org/cups.jpg'}}
    """

    kind: MediaKind
    #: An http(s) URL, a base64 data URL, or the id of a file that was uploaded to Perceptron.
    url: str

    def check(self) -> None:
        """Raise ``UsageError`` for a URL that no service takes."""
        if self.is_uploaded:
            return
        if not _URL.match(self.url):
            raise UsageError(
                "a URL must begin with https://, http:// or data: (or be the id of an uploaded file, file-… with 22 "
                f"letters or digits), not {self.url[:40]!r}"
            )
        if self.url[:5].lower() == "data:":
            match = _DATA_URL.match(self.url)
            if match is None or len(match[2]) % _BASE64_GROUP:
                raise UsageError("a data URL must be data:TYPE;base64,… with whole base64 after the comma")
            _checked_type(self.kind, match[1])

    @property
    def is_uploaded(self) -> bool:
        """Whether it is the id of a file that was uploaded to Perceptron, which other services do not know."""
        return _FILE_ID.match(self.url) is not None

    @property
    def part(self) -> dict[str, Any]:
        """The part of a message's content that holds it."""
        if self.is_uploaded:
            name = f"{self.kind}_file_id"
            return {"type": name, name: {"file_id": self.url}}
        data = _DATA_URL.match(self.url) if self.kind == MediaKind.AUDIO else None
        if data is not None:
            sound = {"data": data[2], "format": _AUDIO_FORMATS[_checked_type(self.kind, data[1])]}
            return {"type": "input_audio", "input_audio": sound}
        name = f"{self.kind}_url"
        return {"type": name, name: {"url": self.url}}


class VideoFrames(Struct, metaclass=Checked, frozen=True):
    """A video that is given as images at times; made by :func:`video_frames`. It is one asset.

    >>> url = "https://example.org/{}.jpg"
    >>> pa.completions.video_frames([(url.format(0), 0), (url.format(1), 500)]).part["type"]
    'video_frames'
    """

    #: Each image with its time in whole milliseconds from the start.
    frames: tuple[tuple[Media, int], ...]
    kind: MediaKind = MediaKind.VIDEO

    def check(self) -> None:
        """Raise ``UsageError`` for what Perceptron's service refuses."""
        if len(self.frames) not in _FRAME_COUNTS:
            raise UsageError(f"a video has from 2 to 256 frames, not {len(self.frames)}")
        before = 0
        for number, (frame, milliseconds) in enumerate(self.frames):
            if frame.kind != MediaKind.IMAGE or frame.is_uploaded:
                raise UsageError(f"frame {number} must be an image with a URL or data")
            if isinstance(milliseconds, bool) or not isinstance(milliseconds, int) or milliseconds < before:
                raise UsageError(
                    f"frame {number} needs a time in whole milliseconds, from {before} on, not {milliseconds!r}"
                )
            before = milliseconds

    @property
    def part(self) -> dict[str, Any]:
        """The part of a message's content that holds it."""
        frames = [{"image_url": {"url": frame.url}, "timestamp_ms": time} for frame, time in self.frames]
        return {"type": "video_frames", "video_frames": {"frames": frames}}

    @property
    def is_uploaded(self) -> bool:
        """False: frames are sent with the request."""
        return False


def image(source: MediaSource, *, mime_type: str | None = None) -> Media:
    r"""An image (PNG, JPEG or WebP) from a path, bytes, an http(s) URL, a data URL or the id of an uploaded file.

    The type is told from the bytes, or else from the name. Raises ``UsageError`` if it cannot be told or is not one of
    these, and ``FileError`` if the file cannot be read.

    >>> pa.completions.image(b"\x89PNG\r\n\x1a\n").url
    'data:image/png;base64,iVBORw0KGgo='
    """
    return _media(MediaKind.IMAGE, source, mime_type)


def video(source: MediaSource, *, mime_type: str | None = None) -> Media:
    """A video (MP4 or WebM; not for Isaac 0.1 and 0.2); see :func:`image`.

    >>> pa.completions.video("https://example.org/street.mp4").kind
    <MediaKind.VIDEO: 'video'>
    """
    return _media(MediaKind.VIDEO, source, mime_type)


def audio(source: MediaSource, *, mime_type: str | None = None) -> Media:
    """A sound (WAV, MP3 or FLAC; for Mk1.5); see :func:`image`.

    >>> pa.completions.audio(b"fLaC").part
    {'type': 'input_audio', 'input_audio': {'data': 'ZkxhQw==', 'format': 'flac'}}
    """
    return _media(MediaKind.AUDIO, source, mime_type)


def video_frames(frames: Iterable[tuple[Media | MediaSource, int]]) -> VideoFrames:
    """A video from 2–256 images, each with its time in whole milliseconds; times must not decrease.

    An image is what :func:`image` takes, but not the id of an uploaded file. Raises ``UsageError`` for other frames.

    >>> url = "https://example.org/{}.jpg"
    >>> pa.completions.video_frames([(url.format(0), 0), (url.format(1), 500)]).part["video_frames"]["frames"][1]
    {'image_url': {'url': 'https://example.org/1.jpg'}, 'timestamp_ms': 500}
    """
    return VideoFrames(tuple((frame if isinstance(frame, Media) else image(frame), time) for frame, time in frames))


def _media(kind: MediaKind, source: MediaSource, mime_type: str | None) -> Media:
    if isinstance(source, str) and (_URL.match(source) or _FILE_ID.match(source)):
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
        raise UsageError(
            f"{_named(kind)} is a path, bytes, a URL, a data URL or the id of an uploaded file, not "
            f"{type(source).__name__}"
        )
    if not data:
        raise UsageError(f"the {kind} {name or 'given as bytes'} is empty")
    found = mime_type or sniffed_type(data, name)
    if found is None:
        raise UsageError(f"cannot tell the type of the {kind}: pass mime_type=, one of {_types(kind)}")
    checked = _checked_type(kind, found)
    return _of_bytes(kind=kind, url=f"data:{checked};base64,{base64.b64encode(data).decode('ascii')}")


#: A medium whose base64 is our own: to check a megabyte of it takes longer than to make it.
_of_bytes = unchecked(Media(MediaKind.IMAGE, "https://example.org/"))


def sniffed_type(data: bytes, name: str) -> str | None:
    """The type of media by their first bytes, or else by the name of the file; None if neither tells.

    >>> sniffed_type(b"fLaC", "sound"), sniffed_type(b"", "a.webp"), sniffed_type(b"", "")
    ('audio/flac', 'image/webp', None)
    """
    sniffed = next((found for magic, found in _MAGIC if magic.match(data)), None)
    return sniffed or (mimetypes.guess_type(name)[0] if name else None)


def _checked_type(kind: MediaKind, mime_type: str) -> str:
    """The documented name of a type. Raises ``UsageError`` for one that no service takes."""
    lower = mime_type.lower()
    name = _ALIASES.get(lower, lower)
    if name not in MIME_TYPES[kind]:
        raise UsageError(f"the services take {_named(kind)} as {_types(kind)}, not as {mime_type}")
    return name


def _named(kind: MediaKind) -> str:
    return f"{'a' if kind == MediaKind.VIDEO else 'an'} {kind}"


def _types(kind: MediaKind) -> str:
    return ", ".join(MIME_TYPES[kind])
