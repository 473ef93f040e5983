"""Images of all kinds that can be drawn on."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from perceptron_annotations import Box
from perceptron_annotations.errors import FileError, UsageError
from perceptron_annotations.limits import use_limits
from perceptron_annotations.render import DrawStyle, draw, label_colour
from tests.render.overlay.pixels import bounds, is_colour, plain

BARE = DrawStyle(labels=False, line_width=2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_boxes_lie_on_the_image_as_it_is_displayed(tmp_path, orientation, kind):
    """The quadrant that the box names is where a viewer shows it, whichever of the eight ways the image is stored."""
    shown = plain(64, 40, (200, 200, 200))
    shown.paste((10, 10, 10), (0, 0, 32, 20))
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    exif = Image.Exif()
    exif[274] = undo
    tagged = shown.copy()
    tagged.info["exif"] = exif.tobytes()
    stored = ImageOps.exif_transpose(tagged)
    exif[274] = orientation
    path = tmp_path / f"a.{kind.lower()}"
    stored.save(path, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    drawn = draw(path, Box(500, 500, 1000, 1000), style=BARE)
    assert drawn.size == (64, 40)
    assert drawn.getpixel((5, 5))[0] < 60 < drawn.getpixel((50, 5))[0]
    assert bounds(is_colour(drawn, label_colour(None))) == (31, 19, 64, 40)
    assert np.array_equal(draw(Image.open(path), Box(500, 500, 1000, 1000), style=BARE), drawn)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"]
)
def test_all_modes_become_rgb(mode):
    """Dark stays dark and bright stays bright."""
    values = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (40, 1))
    grey = Image.fromarray(values)
    if mode in ("I", "F"):
        image = Image.fromarray(values.astype(np.int32 if mode == "I" else np.float32) * 100)
    elif mode == "I;16":
        image = Image.fromarray(values.astype(np.uint16) * 16)  # 12 bits, as cameras have
    elif mode == "LAB":
        from PIL import ImageCms

        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(grey.convert("RGB"), srgb, lab, outputMode="LAB")
    else:
        image = grey.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "HSV") else grey.convert(mode)
    before = image.copy()
    drawn = draw(image, [], style=BARE)
    assert drawn.mode == "RGB"
    dark, bright = drawn.getpixel((1, 20)), drawn.getpixel((62, 20))
    assert max(dark) < 80
    assert min(bright) > 170
    assert image.tobytes() == before.tobytes()


def test_transparency_lies_on_white(tmp_path):
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 10, 20))
    assert draw(image, []).getpixel((15, 5)) == (255, 255, 255)
    assert draw(image, []).getpixel((5, 5)) == (0, 0, 255)
    image.convert("P").save(tmp_path / "a.gif", transparency=image.convert("P").getpixel((15, 5)))
    assert draw(tmp_path / "a.gif", []).getpixel((15, 5)) == (255, 255, 255)


def test_values_without_a_range_or_a_number_are_shown():
    flat = Image.fromarray(np.full((9, 9), 7, dtype=np.uint16))
    assert draw(flat, []).getpixel((4, 4)) == (128, 128, 128)
    holes = np.array([[0.0, np.nan, 1.0], [np.inf, -np.inf, 0.5]], dtype=np.float32)
    shown = np.asarray(draw(Image.fromarray(holes), []))[..., 0]
    assert shown.tolist() == [[0, 0, 255], [255, 0, 128]]


def test_an_image_is_not_changed():
    image = plain()
    assert draw(image, Box(1, 2, 900, 900)) is not image
    assert is_colour(image, (90, 90, 90)).all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not an image", "it is not an image of a known format"),
        (b"", "it is not an image of a known format"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "cannot draw on"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "cannot draw on"),
    ],
)
def test_a_file_that_is_no_image_is_named(tmp_path, content, words):
    path = tmp_path / "photo.png"
    path.write_bytes(content)
    with pytest.raises(FileError, match=words) as caught:
        draw(path, [])
    assert "photo.png" in str(caught.value)
    assert "save it as PNG or JPEG anew" in str(caught.value)


@pytest.mark.parametrize("kind", ["DDS", "EPS", "PDF", "SGI"])
def test_formats_that_are_slow_or_programs_stay_closed(tmp_path, kind):
    """A DDS of 4 kB can keep Pillow busy for minutes, and an EPS is run by Ghostscript."""
    plain(20, 20).save(tmp_path / "photo.png", kind)
    with pytest.raises(FileError, match="it is not an image of a known format"):
        draw(tmp_path / "photo.png", [])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000", "TGA", "ICO"])
def test_formats_that_are_read(tmp_path, kind):
    plain(32, 32).save(tmp_path / "photo", kind)
    assert draw(tmp_path / "photo", []).size == (32, 32)


def test_a_file_that_is_cut_off_is_named(tmp_path):
    whole = tmp_path / "whole.png"
    Image.effect_noise((200, 200), 50).save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:-2000])
    with pytest.raises(FileError, match=r"cut\.png"):
        draw(tmp_path / "cut.png", [])


def test_files_that_do_not_exist_and_folders(tmp_path):
    with pytest.raises(FileError, match="No such file"):
        draw(tmp_path / "a.png", [])
    with pytest.raises(FileError, match="directory"):
        draw(tmp_path, [])


def test_what_is_no_image_is_refused():
    with pytest.raises(UsageError, match=r"Image\.fromarray"):
        draw(np.zeros((9, 9, 3)), [])
    with pytest.raises(UsageError, match="no image to draw on"):
        draw([], [])


def header_only_png(width, height):
    """A PNG of some bytes that says it has many pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_000, 12_000, 60_000])
def test_decompression_bombs_are_refused_before_they_are_decoded(tmp_path, side):
    path = tmp_path / "bomb.png"
    path.write_bytes(header_only_png(side, side))
    with pytest.raises(FileError, match=r"bomb\.png"):
        draw(path, [])


def test_the_limit_of_pixels_can_be_changed():
    with use_limits(image_pixels=100), pytest.raises(FileError, match="image_pixels"):
        draw(plain(11, 10), [])
    with use_limits(image_pixels=110):
        assert draw(plain(11, 10), []).size == (11, 10)
    with use_limits(image_pixels=250), pytest.raises(FileError, match="image_pixels"):
        draw([plain(10, 10), plain(10, 15)], [])
