"""The size of a video, from the header of its first track of images: MP4 (ISO/IEC 14496-12), WebM and Matroska.

Nothing is decoded. Files may be hostile, so only so many parts of one are looked at, and what is found is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .image_sizes import ImageSize

#: Parts of a file that are looked at; a file of a day in fragments of a second has as many.
_MOST_PARTS = 100_000
_LONGEST_SIDE = 2**16
#: Of a box of MP4: its size and its name, and a size of eight bytes after that.
_HEAD, _LONG_HEAD = 8, 16
#: How a file of EBML begins, and its elements that lead to the size of a track.
_EBML = b"\x1aE\xdf\xa3"
_SEGMENT, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_PIXEL_WIDTH, _PIXEL_HEIGHT = 0xB0, 0xBA
#: Fixed-point numbers of MP4 have 16 bits behind the point.
_ONE = 2**16


class _Part(NamedTuple):
    """A box or an element: its name, and what it holds."""

    name: bytes | int
    data: memoryview


def video_size(data: bytes) -> ImageSize | None:
    """Width and height of a video as it is displayed, after its rotation; None if they cannot be read."""
    view = memoryview(data)
    found = _of_ebml(view) if data.startswith(_EBML) else _of_boxes(view)
    if found is None or not all(0 < side <= _LONGEST_SIDE for side in found):
        return None
    return ImageSize(*found)


# -- MP4 ---------------------------------------------------------------------------------------------------------------


def _of_boxes(data: memoryview) -> tuple[int, int] | None:
    movies = (box for box in _boxes(data) if box.name == b"moov")
    for movie in movies:
        for track in _boxes(movie.data):
            for box in _boxes(track.data) if track.name == b"trak" else ():
                size = _of_header(bytes(box.data)) if box.name == b"tkhd" else None
                if size is not None:
                    return size
    return None


def _boxes(data: memoryview) -> Iterator[_Part]:
    at = 0
    for _ in range(_MOST_PARTS):
        if at + _HEAD > len(data):
            return
        size, head = int.from_bytes(data[at : at + 4], "big"), _HEAD
        if size == 1:
            size, head = int.from_bytes(data[at + _HEAD : at + _LONG_HEAD], "big"), _LONG_HEAD
        end = len(data) if size == 0 else at + size
        if end < at + head:
            return
        yield _Part(bytes(data[at + 4 : at + _HEAD]), data[at + head : end])
        at = end


def _of_header(header: bytes) -> tuple[int, int] | None:
    """The size in the header of a track, whose sides are swapped by a quarter turn; None of a track without images."""
    if len(header) not in (84, 96):  # of version 0 and 1
        return None
    numbers = [int.from_bytes(header[at : at + 4], "big") for at in range(len(header) - 44, len(header), 4)]
    *matrix, width, height = numbers
    if not (width and height):
        return None
    size = (round(width / _ONE), round(height / _ONE))
    is_upright = bool(matrix[0] or matrix[4])
    return size if is_upright else size[::-1]


# -- WebM --------------------------------------------------------------------------------------------------------------


def _of_ebml(data: memoryview) -> tuple[int, int] | None:
    for path in _below(_below(_below(_elements(data), _SEGMENT), _TRACKS), _TRACK):
        if path.name == _VIDEO:
            sides = {part.name: int.from_bytes(part.data, "big") for part in _elements(path.data)}
            return sides.get(_PIXEL_WIDTH, 0), sides.get(_PIXEL_HEIGHT, 0)
    return None


def _below(elements: Iterator[_Part], name: int) -> Iterator[_Part]:
    """What the elements of one name hold."""
    for element in elements:
        if element.name == name:
            yield from _elements(element.data)


def _elements(data: memoryview) -> Iterator[_Part]:
    at = 0
    for _ in range(_MOST_PARTS):
        name, start = _number(data, at, keeps_marker=True)
        size, begin = _number(data, start, keeps_marker=False)
        if name is None or size is None:
            return
        is_open = size == (1 << 7 * (begin - start)) - 1  # as live streams have it: to the end
        end = len(data) if is_open else begin + size
        yield _Part(name, data[begin:end])
        at = end


def _number(data: memoryview, at: int, *, keeps_marker: bool) -> tuple[int | None, int]:
    """A number of EBML, whose first set bit says how many bytes it has, and where it ends; None if there is none."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if not first or at + length > len(data):
        return None, at
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keeps_marker else value & (1 << 7 * length) - 1), at + length
