"""Sizes from the heads of image files: of every format and orientation, and of files that are made to do harm."""

import os
import struct
import time

import numpy as np
import pytest
from PIL import Image, ImageOps

from perceptron_annotations.datasets import ImageSize, from_recordings, sizes_in
from perceptron_annotations.datasets.image_sizes import image_size
from perceptron_annotations.limits import use_limits
from tests.datasets.examples import png
from tests.datasets.test_recording_importer import BOX, recording

#: More than any file here may take, even on a busy machine.
SECONDS = 5.0


def segment(marker, payload=b""):
    """A segment of a JPEG file."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(payload) + 2) + payload


def exif(orientation, order="<"):
    """A TIFF header with nothing but an orientation, as EXIF has it."""
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}HHHIHH", 1, 0x0112, 3, 1, orientation, 0)


def jpeg(width, height, orientation=None, order="<", before=b""):
    """The head of a JPEG file, with an EXIF orientation."""
    found = b"\xff\xd8" + segment(0xE0, b"JF") + before
    if orientation is not None:
        found += segment(0xE1, b"Exif\0\0" + exif(orientation, order))
    return found + segment(0xC2, struct.pack(">BHHB", 8, height, width, 3)) + b"\0" * 9


def tiff(width, height, orientation=1, *, order="<", at=8):
    """A TIFF file whose directory is ``at`` an offset."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, at)
    entries = [(256, width), (257, height), (274, orientation)]
    packed = b"".join(struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in entries)
    return head.ljust(at, b"\0") + struct.pack(f"{order}H", len(entries)) + packed


def webp(chunk, payload):
    """A WebP file of one chunk."""
    return b"RIFF\0\0\0\0WEBP" + chunk + b"\0\0\0\0" + payload


def bmp(width, height):
    """The head of a BMP file."""
    return b"BM" + b"\0" * 16 + struct.pack("<ii", width, height)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (png(30, 20), (30, 20, 1)),
        (jpeg(30, 20), (30, 20, 1)),
        (jpeg(30, 20, 6), (20, 30, 6)),
        (jpeg(30, 20, 8, ">"), (20, 30, 8)),
        (jpeg(30, 20, 3), (30, 20, 3)),
        (jpeg(30, 20, 0), (30, 20, 1)),
        (jpeg(30, 20, 9), (30, 20, 1)),
        (jpeg(30, 20, 6, before=segment(0xE2, b"\xff" * 65533)), (20, 30, 6)),
        (jpeg(30, 20, 6, before=segment(0xE1, b"http://ns.adobe.com/xap/1.0/".ljust(65533)) * 200), (20, 30, 6)),
        (b"GIF89a" + struct.pack("<HH", 30, 20), (30, 20, 1)),
        (b"GIF87a" + struct.pack("<HH", 40_000, 65_535), (40_000, 65_535, 1)),
        (bmp(30, 20), (30, 20, 1)),
        (bmp(30, -20), (30, 20, 1)),
        (webp(b"VP8X", b"\0" * 4 + b"\x1d\0\0\x13\0\0"), (30, 20, 1)),
        (webp(b"VP8L", b"\x2f" + ((19 << 14) | 29).to_bytes(4, "little")), (30, 20, 1)),
        (webp(b"VP8 ", b"\0" * 6 + struct.pack("<HH", 30, 20)), (30, 20, 1)),
        (webp(b"VP8 ", b"\0" * 6 + struct.pack("<HH", 30 | 0x4000, 20 | 0x8000)), (30, 20, 1)),
        (tiff(30, 20), (30, 20, 1)),
        (tiff(30, 20, 6, order=">", at=100_000), (20, 30, 6)),
        (png(2**31 - 1, 2**31 - 1), (2**31 - 1, 2**31 - 1, 1)),  # only a claim: nothing is decoded
    ],
)
def test_sizes(tmp_path, data, wanted):
    (tmp_path / "a").write_bytes(data)
    assert image_size(tmp_path / "a") == ImageSize(*wanted)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_orientations_are_those_of_pillow(tmp_path, kind, orientation):
    image = Image.fromarray(np.zeros((20, 30, 3), dtype=np.uint8))
    tags = Image.Exif()
    tags[0x0112] = orientation
    image.save(tmp_path / "a", format=kind, exif=tags)
    with Image.open(tmp_path / "a") as opened:
        shown = ImageOps.exif_transpose(opened).size
    assert image_size(tmp_path / "a") == (*shown, orientation)
    assert image_size(tmp_path / "a", apply_orientation=False) == (30, 20, 1)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {"progressive": True}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0" + exif(1)}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"big_tiff": True}),
    ],
)
def test_files_of_pillow(tmp_path, kind, options):
    Image.fromarray(np.zeros((77, 123, 3), dtype=np.uint8)).save(tmp_path / "a", format=kind, **options)
    assert image_size(tmp_path / "a") == (123, 77, 1)
    data = (tmp_path / "a").read_bytes()
    for length in {*range(64), *range(64, len(data), 97)}:
        (tmp_path / "cut").write_bytes(data[:length])
        assert image_size(tmp_path / "cut") in (None, (123, 77, 1))


HEIF = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x0cmeta\0\0\0\0"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\0\0",
        b"\xff\xd8\xff\xe1\0\1" + b"\0" * 100,
        b"\xff\xd8\xff\xe1\0\x10Exif\0\0II",
        b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\xff\xff\xff\xff",
        b"\xff\xd8" + b"\xff" * 50_000_000,
        b"\xff\xd8" + b"\0" * 50_000_000,
        b"\xff\xd8" + segment(0xE0) * 10_000_000,
        b"\xff\xd8" + segment(0xE1, b"\0" * 65533) * 800,
        b"\xff\xd8" + b"\xff\xd0" * 20_000_000,
        jpeg(0, 20),
        jpeg(30, 0),
        png(0, 20),
        bmp(-5, 20),
        bmp(0, 0),
        webp(b"VP8X", b""),
        webp(b"VP8L", b"\x2f"),
        webp(b"VP8 ", b"\0" * 6),
        webp(b"ABCD", b"\0" * 40),
        b"II*\0\xff\xff\xff\xff" + b"\0" * 100,
        b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 12 * 70_000,
        b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + b"\xff" * 8 + b"\0" * 20 * 500_000,
        b"P1" + b"1" * 5_000_000,
        b"<svg width='30' height='20'>",
        HEIF,
        b"no image at all, but long enough",
    ],
    ids=lambda data: f"{data[:8]!r}, {len(data)}",
)
def test_reliability_m5_hostile_files_have_no_size(tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    start = time.perf_counter()
    assert image_size(tmp_path / "a") is None
    assert time.perf_counter() - start < SECONDS


def test_reliability_m5_the_limits_can_be_raised(tmp_path):
    (tmp_path / "a").write_bytes(jpeg(30, 20, before=segment(0xE1, b"\0" * 65533) * 800))
    assert image_size(tmp_path / "a") is None
    with use_limits(image_bytes=2**26):
        assert image_size(tmp_path / "a") == (30, 20, 1)


@pytest.mark.parametrize("name", ["a\0b.png", "\ud800.png", "a" * 5000])
def test_names_that_no_file_has(tmp_path, name):
    assert image_size(tmp_path / name) is None


def test_damaged_heads_never_raise(tmp_path):
    random = np.random.default_rng(7)
    whole = [
        png(30, 20),
        jpeg(30, 20, 6),
        tiff(30, 20, 6),
        bmp(30, 20),
        webp(b"VP8X", b"\0" * 30),
        b"GIF89a" + b"\1" * 30,
    ]
    for data in whole:
        for _ in range(200):
            damaged = np.frombuffer(data, dtype=np.uint8).copy()
            at = random.integers(2, len(damaged), size=3)
            damaged[at] = random.integers(0, 256, size=3)
            (tmp_path / "a").write_bytes(damaged.tobytes())
            found = image_size(tmp_path / "a")
            assert found is None or (min(found[:2]) >= 1 and found.orientation in range(1, 9))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
def test_only_regular_files_are_opened(tmp_path):
    """A pipe without a writer would never end, and a tar file can hold one."""
    os.mkfifo(tmp_path / "a.png")
    (tmp_path / "folder.png").mkdir()
    size_of = sizes_in(tmp_path)
    assert [size_of(name) for name in ("a.png", "folder.png", "nothing.png")] == [None] * 3
    assert image_size("/dev/zero") is None


def test_the_orientation_goes_into_the_dataset(tmp_path):
    (tmp_path / "a").write_bytes(jpeg(30, 20, 6))
    turned, _ = from_recordings([recording(BOX.format("cat"), "a", size=(None, None))], sizes=sizes_in(tmp_path))
    assert (turned.assets[0].width, turned.assets[0].height, turned.assets[0].orientation) == (20, 30, 6)
