"""``draw_video``: a video file → a video file or an animated WebP with an answer drawn on it, by PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ...errors import FileError, MissingExtraError, UsageError
from ...field_numbers import above_zero
from ...files import open_input
from ...outputs import refuse_overwriting, write_whole
from .base_image import refuse_too_large
from .draw_style import DEFAULT_STYLE, DrawStyle
from .frame_drawing import timed_frames
from .moments import Persistence
from .palette import WHITE
from .subjects import Drawn

if TYPE_CHECKING:
    import av
    from PIL import Image


class _Coding(NamedTuple):
    """How a kind of file is written: the container, the codecs that are tried, and their options."""

    container: str
    codecs: tuple[str, ...]
    options: dict[str, str]


_CODINGS = {
    ".mp4": _Coding("mp4", ("libx264", "mpeg4"), {"crf": "20", "preset": "fast"}),
    ".webp": _Coding("webp", ("libwebp_anim",), {"loop": "0"}),
}
#: The clock of what is written: 90,000 ticks a second, as in MPEG, hold all rates of frames.
_CLOCK = Fraction(1, 90_000)
#: Frames a second of a video that does not say.
_USUAL_RATE = 25
#: Seconds by which a frame may be early and still be kept.
_TOLERANCE = 1e-3


def draw_video(
    source: str | PathLike[str],
    what: Drawn,
    output: str | PathLike[str],
    *,
    asset: int | None = None,
    style: DrawStyle = DEFAULT_STYLE,
    hold: float = 0.5,
    trail: float = 2.0,
    fps: float | None = None,
) -> int:
    """Write a video with what is said about it drawn on its frames; how many frames it has is returned.

    Each frame is drawn as :func:`draw_frames` says, upright, and keeps its time; sound is left out. Raises
    ``FileError`` if there is no video in the file or one of the two cannot be read or written, ``UsageError`` for
    another ending of the output, and ``MissingExtraError`` without PyAV.

    Args:
        source: A video.
        what: A document, annotations, the rows of a table that are one answer, or a dataset.
        output: A file that ends in ``.mp4`` or, for an animated image, in ``.webp``.
        asset: Which video of the request or of the dataset it is, counted from 0.
        style: Lines, letters and colours.
        hold: How long a shape stays that has a time, and an object before its first and after its last waypoint.
        trail: How many seconds of the way behind an object are drawn.
        fps: Frames a second that are kept at most; by default all. An animated image is smaller with about 10.

    The example needs a video:

    >>> from perceptron_annotations.render import draw_video
    >>> answer = pa.parse('<track mention="ball"> <point t="0"> (100,500) </point> </track>')
    >>> draw_video("match.mp4", answer, "match-drawn.mp4")  # doctest: +SKIP
    250
    """
    try:
        import av  # noqa: F401
    except ImportError:
        raise MissingExtraError.from_extra("av", "drawing on videos needs PyAV") from None
    coding = _CODINGS.get(Path(output).suffix.lower())
    if coding is None:
        raise UsageError(f"a video is written to a file that ends in {' or '.join(_CODINGS)}, not to {output}")
    if fps is not None:
        above_zero("fps", fps, UsageError)
    stay = Persistence.checked(hold, trail)
    refuse_overwriting([Path(output)], [Path(source)])
    with open_input(source) as file, file.random_access() as stream, _opened(stream, source) as container:
        frames = _frames(container, source, fps)
        drawn = timed_frames(frames, what, asset, style.for_labels_of(what), stay, _duration(container))
        with write_whole(Path(output)) as target:
            return _write(drawn, target, coding, (source, output))


@contextmanager
def _opened(stream: IO[bytes], source: object) -> Iterator[av.container.InputContainer]:
    import av

    try:
        container = av.open(stream, "r")
    except av.error.FFmpegError as error:
        raise FileError(f"cannot read the video {source}: {error.strerror}; convert it to MP4") from None
    with container:
        if not container.streams.video:
            raise FileError(f"there is no video in {source}: name a file with one")
        yield container


def _duration(container: av.container.InputContainer) -> float | None:
    """Seconds of the whole video, None if the file does not say."""
    import av

    return None if container.duration is None else container.duration / av.time_base


def _frames(
    container: av.container.InputContainer, source: object, fps: float | None
) -> Iterator[tuple[float, Image.Image]]:
    """The frames, upright, each with its seconds from the first."""
    import av
    from PIL import Image

    stream = container.streams.video[0]
    refuse_too_large((stream.width, stream.height), f"a frame of {source}")
    stream.thread_type = "AUTO"
    begin, due = None, 0.0
    try:
        for number, frame in enumerate(container.decode(stream)):
            time = number / float(stream.average_rate or _USUAL_RATE) if frame.time is None else frame.time
            begin = time if begin is None else begin
            t = time - begin
            if fps is not None:
                if t < due - _TOLERANCE:
                    continue
                due = max(due + 1 / fps, t)
            refuse_too_large((frame.width, frame.height), f"a frame of {source}")
            image = Image.fromarray(frame.to_ndarray(format="rgb24"))
            yield t, image.rotate(frame.rotation, expand=True) if frame.rotation else image
    except av.error.FFmpegError as error:
        raise FileError(f"cannot read the video {source}: {error.strerror}; convert it to MP4") from None


def _write(
    frames: Iterable[tuple[float, Image.Image]], target: IO[bytes], coding: _Coding, names: tuple[object, object]
) -> int:
    """Encode frames of one size; how many they are is returned."""
    import av

    source, output = names
    count = 0
    try:
        with av.open(target, "w", format=coding.container) as container:
            stream = None
            for t, image in frames:
                if stream is None:
                    stream = _new_stream(container, coding, image.size)
                frame = av.VideoFrame.from_ndarray(np.asarray(_resized(image, (stream.width, stream.height))))
                frame.pts, frame.time_base = round(t / _CLOCK), _CLOCK
                container.mux(stream.encode(frame))
                count += 1
            if stream is None:
                raise FileError(f"there is no frame in {source}: name a video with one")
            container.mux(stream.encode(None))
    except av.error.FFmpegError as error:
        raise FileError(f"cannot write {output}: {error.strerror}; name a file on another disk") from None
    return count


def _new_stream(
    container: av.container.OutputContainer, coding: _Coding, size: tuple[int, int]
) -> av.video.stream.VideoStream:
    """A stream of frames of this size, or one pixel more where the codec takes even sides alone."""
    import av

    codec = next((name for name in coding.codecs if name in av.codecs_available), coding.codecs[-1])
    stream: Any = container.add_stream(codec, rate=_USUAL_RATE, options=coding.options)
    stream.width, stream.height = (side + side % 2 for side in size)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = stream.time_base = _CLOCK
    return cast("av.video.stream.VideoStream", stream)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image with white at its right and below; a later frame of another size is cut or filled up too."""
    from PIL import Image

    if image.size == size:
        return image
    whole = Image.new("RGB", size, WHITE)
    whole.paste(image, (0, 0))
    return whole
