"""Sizes of videos that ffmpeg 9 made, of files that are damaged, and of files that want to keep a reader busy."""

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations.datasets.video_sizes import video_size
from tests.corpora import ROOT

MEDIA = ROOT / "tests" / "asking" / "media"
#: As they were asked for on the command line of ffmpeg; the turned one has a display matrix of 90 degrees.
SIZES = {
    "plain.mp4": (64, 48),
    "sound_first.mp4": (64, 48),
    "turned.mp4": (48, 64),
    "fragments.mp4": (64, 48),
    "plain.webm": (320, 200),
    "live.webm": (96, 72),
}


@pytest.mark.parametrize("name", sorted(path.name for path in MEDIA.iterdir()))
def test_files_of_ffmpeg(name):
    assert tuple(video_size((MEDIA / name).read_bytes())) == (*SIZES[name], 1)


@pytest.mark.parametrize("name", SIZES)
def test_no_part_of_a_file_raises_or_lies(name):
    data = (MEDIA / name).read_bytes()
    found = {video_size(data[:end]) for end in range(0, len(data), 7)}
    assert found <= {None, (*SIZES[name], 1)}


@given(st.sampled_from(sorted(SIZES)), st.lists(st.tuples(st.integers(0, 2200), st.integers(0, 255)), max_size=8))
def test_damage(name, changes):
    data = bytearray((MEDIA / name).read_bytes())
    for at, value in changes:
        data[at] = value
    found = video_size(bytes(data))
    assert found is None or all(0 < side <= 2**16 for side in found[:2])


@given(st.binary(max_size=200))
def test_any_bytes(data):
    video_size(data)
    video_size(b"\x1aE\xdf\xa3" + data)


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I4s", 8, b"free") * 2_000_000,
        struct.pack(">I4s", 16_000_008, b"moov") + struct.pack(">I4s", 8, b"trak") * 2_000_000,
        b"\x1aE\xdf\xa3\x80" + b"\xec\x80" * 8_000_000,
        b"\x1aE\xdf\xa3\x80\x18\x53\x80\x67\xff" + b"\x16\x54\xae\x6b\x80" * 3_000_000,
    ],
    ids=["boxes", "tracks", "elements", "lists of tracks"],
)
def test_files_that_keep_a_reader_busy(data):
    start = time.process_time()
    assert video_size(data) is None
    assert time.process_time() - start < 2
