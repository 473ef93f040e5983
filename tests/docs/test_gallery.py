"""The images of the gallery are what their command draws."""

import runpy

import numpy as np
import pytest
from PIL import Image

from tests.corpora import ROOT

GALLERY = runpy.run_path(str(ROOT / "docs" / "draw_gallery.py"))
#: What ``docs/draw_page.py`` takes of a page in Chromium.
PAGE = "page.webp"
#: Colours are rounded in the files, and other versions of Pillow smooth edges a little otherwise.
_CLOSE = 24
_ALIKE = 0.985


def alike(one, other):
    """The share of pixels that are about the same."""
    pixels = [np.asarray(image.convert("RGB")).astype(int) for image in (one, other)]
    return (np.abs(pixels[0] - pixels[1]).max(axis=-1) <= _CLOSE).mean()


@pytest.mark.parametrize("name", GALLERY["IMAGES"])
def test_an_image_is_what_the_command_draws(name):
    kept = Image.open(GALLERY["TARGET"] / name)
    drawn = GALLERY["IMAGES"][name]()
    assert kept.size == drawn.size
    assert alike(kept, drawn) > _ALIKE


def test_the_animation_is_what_the_command_draws():
    frames = GALLERY["animation"]()
    with Image.open(GALLERY["TARGET"] / GALLERY["ANIMATION"]) as kept:
        assert kept.size == frames[0].size
        seconds = 0
        for number in range(kept.n_frames):
            kept.seek(number)
            kept.load()
            seconds += kept.info["duration"] / 1000
        assert seconds == pytest.approx(len(frames) / 10)
        kept.seek(10)
        assert alike(kept, frames[10]) > 0.95


def test_the_folder_holds_nothing_else_and_is_small():
    files = {path.name: path.stat().st_size for path in GALLERY["TARGET"].iterdir()}
    assert files.keys() == {*GALLERY["IMAGES"], GALLERY["ANIMATION"], PAGE}
    assert max(files.values()) < 60_000
