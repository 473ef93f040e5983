"""Frames, sizes per asset, and documents in pixels."""

import math

import pytest

from perceptron_annotations import AssetFrames, Box, Clip, Frame, Point, parse
from perceptron_annotations.errors import FrameError
from perceptron_annotations.frames import sdk_pixel

pytestmark = pytest.mark.backend

TWO_ASSETS = '<point asset_idx="0"> (500,500) </point> <point> (100,200) </point> <clip t="1" />'


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf, "640", True, None])
def test_sizes_must_be_above_zero(size):
    with pytest.raises(FrameError):
        Frame.pixels(size, 100)


def test_exact_floats():
    assert Box(1, 2, 545, 1000).to(Frame.pixels(100, 640)) == Box(
        0.1, 1.28, 545 / 1000 * 100, 640, frame=Frame.pixels(100, 640)
    )
    assert Point(250, 500).to(Frame.UNIT) == Point(0.25, 0.5, frame=Frame.UNIT)


def test_the_sdks_pixels():
    """From the specification's section 4: half even, division first, clamped to size - 1."""
    assert sdk_pixel(545, 100) == 55
    assert sdk_pixel(1000, 640) == 639
    assert sdk_pixel(1000, 640, clamp=False) == 640
    with pytest.raises(FrameError):
        sdk_pixel(1, 0.5)
    with pytest.raises(FrameError):
        sdk_pixel(math.nan, 10)


def test_one_size():
    document = parse("<point> (500,500) </point> <track> <point> (100,200) </point> </track>").to_pixels(200, 100)
    pixels = Frame.pixels(200, 100)
    assert document.frame == pixels
    assert document.points == document.annotations == (Point(100, 50, frame=pixels), Point(20, 20, frame=pixels))
    assert document.tracks[0].waypoints == (Point(20, 20, frame=pixels),)
    assert document.to_pixels(200, 100) == document
    assert document.nodes == parse(document.source).nodes


def test_one_size_for_two_assets_raises():
    with pytest.raises(FrameError, match=r"assets \[0, 1\]: pass sizes="):
        parse('<point asset_idx="0"> (1,2) </point> <point asset_idx="1"> (1,2) </point>').to_pixels(10, 10)


def test_one_size_for_each_asset():
    document = parse(TWO_ASSETS).to_pixels(sizes=[(1000, 1000), (200, 100)])
    assert document.points == (
        Point(500, 500, asset_idx=0, frame=Frame.pixels(1000, 1000)),
        Point(20, 20, frame=Frame.pixels(200, 100)),  # without an index: the last asset
    )
    assert document.points[1].asset_idx is None
    assert document.clips == (Clip(1),)
    assert document.frame == AssetFrames.of([(1000, 1000), (200, 100)])


def test_missing_size():
    document = parse(TWO_ASSETS)
    with pytest.raises(FrameError, match="no size given for asset 2"):
        document.to_pixels(sizes={0: (10, 10)}, asset_count=3)
    with pytest.raises(FrameError, match="no sizes given"):
        document.to_pixels(sizes=[])
    with pytest.raises(FrameError, match="pass to_pixels"):
        document.to_pixels(100, 100, sizes=[(1, 1)])
