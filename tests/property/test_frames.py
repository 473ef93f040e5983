"""Frames: there and back, and never mixed."""

import pytest
from hypothesis import given

from perceptron_annotations import Collection, Frame, Point, Track
from perceptron_annotations.errors import FrameError
from tests import strategies


@given(strategies.shapes, strategies.frames, strategies.frames)
def test_there_and_back(shape, there, over):
    """“Frames there and back within 1e-9”, relative to the coordinate."""
    back = shape.to(there).to(over).to(Frame.GRID)
    assert back.frame == Frame.GRID
    for before, after in zip(shape.coordinates, back.coordinates, strict=True):
        assert after == pytest.approx(before, rel=1e-9, abs=1e-9)


@given(strategies.shapes, strategies.frames)
def test_converting_twice_is_harmless(shape, frame):
    """“The frame travels with the value, so converting twice is harmless.”"""
    assert shape.to(frame).to(frame) == shape.to(frame)


@given(strategies.frames)
def test_mixing_raises(frame):
    """“An operation on unequal frames raises.”"""
    one, other = Point(1, 2), Point(3, 4).to(frame)
    if frame == Frame.GRID:
        assert Track((one, other)).frame == frame
        return
    for build in (Track, Collection):
        with pytest.raises(FrameError, match="share one frame"):
            build((one, other))


@given(strategies.shapes, strategies.frames)
def test_clamped_lies_inside(shape, frame):
    left, top, right, bottom = shape.to(frame).clamped().xyxy
    assert 0 <= left <= right <= frame.width
    assert 0 <= top <= bottom <= frame.height
