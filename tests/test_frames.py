"""Frames, sizes per asset, and documents in pixels."""

import math
from decimal import Decimal
from fractions import Fraction

import msgspec
import numpy as np
import pandas as pd
import pytest

from perceptron_annotations import AssetFrames, Box, Clip, Frame, Point, parse, parse_batch
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import DatasetAsset
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


@pytest.mark.parametrize("kind", [np.int8, np.uint16, np.int64, np.float32, np.float64, Fraction, Decimal])
def test_core_m5_numbers_of_numpy_are_sizes(kind):
    """core M5: they become numbers of Python, so that a document can be written."""
    frame = Frame.pixels(kind(64), kind(48))
    assert frame == Frame.pixels(64, 48)
    assert {type(frame.width), type(frame.height)} <= {int, float}
    assert msgspec.json.decode(msgspec.json.encode(frame), type=Frame) == frame
    document = parse("<point> (500,500) </point>")
    assert document.to_pixels(kind(64), kind(48)) == document.to_pixels(64, 48)
    sizes = np.array([[64, 48]], dtype=kind if issubclass(kind, np.generic) else object)
    assert document.to_pixels(sizes=sizes) == document.to_pixels(sizes=[(64, 48)])
    assert document.to_pixels(sizes={np.int64(0): (64, 48)}, asset_count=np.int8(1)).frame.count.__class__ is int


def test_core_m5_rows_of_a_data_frame_are_sizes():
    """core M5."""
    rows = pd.DataFrame({"w": [640], "h": [480]}).itertuples()
    assert [parse("<point> (500,500) </point>").to_pixels(row.w, row.h).points[0].x for row in rows] == [320]


@pytest.mark.parametrize("size", [np.True_, np.array([640]), np.complex128(3), np.str_("640"), np.int64(0), 10**400])
def test_core_m5_what_is_not_one_number_is_refused(size):
    """core M5."""
    with pytest.raises(FrameError, match="width must be"):
        Frame.pixels(size, 100)


@pytest.mark.parametrize("sizes", [[640, 480], [(640, 480, 3)], {"a": (1, 2)}, [None]])
def test_core_m5_sizes_of_a_wrong_shape_are_named(sizes):
    """core M5."""
    with pytest.raises(FrameError, match=r"the size of asset 0 must be \(width, height\)|counted in whole numbers"):
        AssetFrames.of(sizes)


def test_core_m19_clips_need_no_size():
    """core m19: two assets that only clips name."""
    text = '<clip t="1" asset_idx="0" /> <clip t="2" asset_idx="1" />'
    assert parse(text).to_pixels(640, 480).clips == (Clip(1, asset_idx=0), Clip(2, asset_idx=1))
    assert parse_batch([text]).to_pixels(640, 480).to_annotations() == [[*parse(text).clips]]
    mixed = text + '<point asset_idx="0"> (500,500) </point>'
    assert parse(mixed).to_pixels(640, 480).points[0].x == 320
    assert parse_batch([mixed]).to_pixels(640, 480).to_annotations() == [
        [*parse(mixed).to_pixels(640, 480).annotations]
    ]


@pytest.mark.parametrize("asset", [DatasetAsset, RecordedAsset])
def test_core_m5_sizes_of_assets_are_numbers_of_python(asset):
    """core M5: they are written to files, which takes Python's numbers."""
    made = asset(file_name="a.png", width=np.int64(64), height=np.float32(48))
    assert made == asset(file_name="a.png", width=64, height=48)
    assert {type(made.width), type(made.height)} <= {int, float}
