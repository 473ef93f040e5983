"""What is sent of an image file and what is recorded: sizes, EXIF orientations, formats, and files that are no images.

The oracle of what the pixels should be is Pillow's own ``exif_transpose`` on the whole image.
"""

import base64
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from perceptron_annotations.asking.image_preparation import ImageChanges, prepare_medium
from perceptron_annotations.asking.question_inputs import MediumPlace
from perceptron_annotations.completions import MediaKind, RecordedAsset
from perceptron_annotations.datasets import sizes_in
from perceptron_annotations.errors import FileError, MissingExtraError, UsageError

_ORIENTATION = 0x0112


def scene(width, height, mode="RGB"):
    """An image whose corners and gradients tell how it is turned."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.stack([x, y, np.full_like(x, 90)], axis=-1).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


def saved(path, image, **options):
    image.save(path, **options)
    return path


def exif(orientation):
    found = Image.Exif()
    found[_ORIENTATION] = orientation
    return found


def prepared(path, *, kind=MediaKind.IMAGE, **changes):
    return prepare_medium(MediumPlace(path.name, str(path), kind), ImageChanges(**changes))


def sent_bytes(found):
    return base64.b64decode(found.media.url.partition(",")[2])


def sent_image(found):
    return Image.open(io.BytesIO(sent_bytes(found)))


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("changes", [{}, {"max_side": 64}, {"max_side": 1000}, {"ignore_exif": True}])
def test_bytes_go_unchanged_if_nothing_has_to_change(tmp_path, suffix, changes):
    path = saved(tmp_path / f"a.{suffix}", scene(64, 48))
    found = prepared(path, **changes)
    assert sent_bytes(found) == path.read_bytes()
    assert found.asset == RecordedAsset(path.name, 64, 48)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("max_side", [None, 60])
def test_exif_orientation_is_applied(tmp_path, orientation, max_side):
    """What is sent is upright, has no orientation, and the recorded size is the one that ``--images`` would give."""
    path = saved(tmp_path / "a.jpg", scene(120, 80), exif=exif(orientation), quality=95)
    found = prepared(path, max_side=max_side)
    upright = ImageOps.exif_transpose(Image.open(path))
    size = sizes_in(tmp_path)("a.jpg")
    assert (found.asset.width, found.asset.height) == upright.size == (size.width, size.height)
    with sent_image(found) as sent:
        assert max_side is None or max(sent.size) == max_side
        assert sent.getexif().get(_ORIENTATION, 1) == 1 or orientation == 1
        wanted = np.asarray(upright.resize(sent.size), dtype=int)
        assert np.abs(np.asarray(sent, dtype=int) - wanted).mean() < 3
        is_scaled = max_side is not None
        assert (found.asset.sent_width, found.asset.sent_height) == (sent.size if is_scaled else (None, None))


def test_exif_orientation_can_be_ignored(tmp_path):
    path = saved(tmp_path / "a.jpg", scene(120, 80), exif=exif(6))
    found = prepared(path, ignore_exif=True)
    assert sent_bytes(found) == path.read_bytes()
    assert found.asset == RecordedAsset("a.jpg", 120, 80)
    assert tuple(sizes_in(tmp_path, apply_orientation=False)("a.jpg")) == (120, 80, 1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize(
    ("size", "max_side", "sent"),
    [
        ((4032, 3024), 1024, (1024, 768)),
        ((3024, 4032), 1024, (768, 1024)),
        ((1000, 3), 100, (100, 1)),
        ((101, 100), 100, (100, 99)),
        ((2000, 1333), 999, (999, 666)),
    ],
)
def test_large_images_are_scaled_down(tmp_path, suffix, size, max_side, sent):
    path = saved(tmp_path / f"a.{suffix}", scene(*size))
    found = prepared(path, max_side=max_side)
    assert found.asset == RecordedAsset(path.name, *size, *sent)
    with sent_image(found) as image:
        assert image.size == sent
        assert found.media.url.startswith(f"data:image/{'jpeg' if suffix == 'jpg' else suffix};base64,")
        wanted = np.asarray(scene(*sent), dtype=int)
        is_line = min(sent) == 1  # whose only row is the middle of the image
        assert is_line or np.abs(np.asarray(image.convert("RGB"), dtype=int) - wanted).mean() < 4


def test_a_place_stays_where_it_is(tmp_path):
    """A mark at 30 % of the width and 60 % of the height is there in what is sent, whatever the fraction of a JPEG."""
    pixels = np.zeros((1333, 2001, 3), dtype=np.uint8)
    pixels[790:810, 590:610] = 255
    path = saved(tmp_path / "a.jpg", Image.fromarray(pixels), quality=95)
    for max_side in (1999, 1000, 512, 333, 200, 128):
        with sent_image(prepared(path, max_side=max_side)) as sent:
            light = np.asarray(sent.convert("L"), dtype=float)
        light[light < 60] = 0  # the ripples of JPEG
        y, x = np.indices(light.shape) + 0.5
        assert (light * x).sum() / light.sum() / sent.width == pytest.approx(600 / 2001, abs=0.001)
        assert (light * y).sum() / light.sum() / sent.height == pytest.approx(800 / 1333, abs=0.001)


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [
        *(("bmp", "RGB"), ("gif", "P"), ("tif", "RGB"), ("tif", "CMYK"), ("png", "P"), ("png", "1"), ("png", "LA")),
        *(("png", "RGBA"), ("jpg", "CMYK"), ("jpg", "L"), ("webp", "RGBA")),
    ],
)
def test_formats_and_modes(tmp_path, suffix, mode):
    path = saved(tmp_path / f"a.{suffix}", scene(80, 60, mode))
    found = prepared(path, max_side=40)
    assert found.asset == RecordedAsset(path.name, 80, 60, 40, 30)
    with sent_image(found) as sent:
        assert (sent.format, sent.size) == ({"jpg": "JPEG", "webp": "WEBP"}.get(suffix, "PNG"), (40, 30))
        sent.load()
    unscaled = prepared(path)
    assert (unscaled.asset.width, unscaled.asset.sent_width) == (80, None)
    assert (sent_bytes(unscaled) == path.read_bytes()) is (suffix in ("png", "jpg", "webp"))


def test_the_same_image_gives_the_same_bytes(tmp_path):
    """A run that goes on knows its questions by the hash of the request."""
    path = saved(tmp_path / "a.jpg", scene(300, 200), exif=exif(8))
    assert sent_bytes(prepared(path, max_side=100)) == sent_bytes(prepared(path, max_side=100))


def test_nothing_but_the_colour_profile_is_sent_of_a_changed_file(tmp_path):
    secret = Image.Exif()
    secret[0x010E] = "where I live"
    path = saved(tmp_path / "a.jpg", scene(300, 200), exif=secret, icc_profile=b"profile" * 20, comment=b"where I live")
    found = sent_bytes(prepared(path, max_side=100))
    assert b"where I live" not in found
    assert b"profileprofile" in found


@pytest.mark.parametrize(
    "data", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", bytes(5000)]
)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a"])
def test_what_is_not_an_image(tmp_path, data, name):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileError, match=r"cannot read .*a"):
        prepared(tmp_path / name)


def test_files_that_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for name in ("pipe.jpg", "folder.jpg", "missing.jpg", "nul\0.jpg", "/dev/zero"):
        with pytest.raises(FileError, match="cannot read"):
            prepared(tmp_path / name)


def test_images_that_are_too_large(tmp_path):
    (tmp_path / "a.png").write_bytes(saved(tmp_path / "b.png", scene(64, 48)).read_bytes() + bytes(15_000_001))
    with pytest.raises(FileError, match="--max-side"):
        prepared(tmp_path / "a.png")
    deep = Image.fromarray(np.zeros((40, 40), dtype=np.uint16))
    with pytest.raises(FileError, match="more than 8 bits"):
        prepared(saved(tmp_path / "deep.png", deep), max_side=20)


def test_a_bomb_is_refused(tmp_path):
    """A PNG of 50,000 x 50,000 pixels in a few bytes."""
    path = saved(tmp_path / "a.png", Image.new("1", (8, 8)))
    data = bytearray(path.read_bytes())
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    path.write_bytes(data)
    with pytest.raises(FileError, match="cannot read"):
        prepared(path, max_side=100)


def test_videos_and_addresses(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(30))
    found = prepared(tmp_path / "a.mp4", kind=MediaKind.VIDEO, max_side=10)
    assert found.asset == RecordedAsset("a.mp4")
    assert found.media.url.startswith("data:video/mp4;base64,")
    (tmp_path / "a.avi").write_bytes(b"RIFF\0\0\0\0AVI " + bytes(30))
    with pytest.raises(UsageError, match="video/mp4, video/webm"):
        prepared(tmp_path / "a.avi", kind=MediaKind.VIDEO)
    place = MediumPlace("example.org/a.jpg", "https://example.org/a.jpg?sig=1", MediaKind.IMAGE)
    found = prepare_medium(place, ImageChanges(max_side=10))
    assert (found.media.url, found.asset) == (place.source, RecordedAsset("example.org/a.jpg"))


def test_without_pillow(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.jpg", scene(120, 80))
    turned = saved(tmp_path / "b.jpg", scene(120, 80), exif=exif(6))
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    assert prepared(path).asset.width == 120
    with pytest.raises(MissingExtraError, match=r"\[ask\]"):
        prepared(turned)
    with pytest.raises(MissingExtraError, match=r"\[ask\]"):
        ImageChanges(max_side=100).check_installed()


@pytest.mark.parametrize(("name", "size"), [("turned.mp4", (48, 64)), ("plain.webm", (320, 200))])
def test_the_size_of_a_video_is_recorded(name, size):
    found = prepared(Path(__file__).parent / "media" / name, kind=MediaKind.VIDEO)
    assert found.asset == RecordedAsset(name, *size)
