"""What the SDK's objects hold and ours do not, and the other way round."""

import pytest
from hypothesis import given
from perceptron.pointing import types as sdk
from perceptron.pointing.parser import PointParser

from perceptron_annotations import Box, Clip, Collection, Frame, Point, to_markup
from perceptron_annotations.errors import GeometryError, UnwritableError
from perceptron_annotations.interop import from_sdk, to_sdk
from tests import strategies


@given(strategies.values)
def test_the_sdk_writes_ours_as_we_do(value):
    assert PointParser.serialize(to_sdk(value)) == to_markup(value)


def test_what_corners_of_a_box_carry_is_dropped():
    corner = sdk.SinglePoint(1, 2, "corner", 5.0, asset_idx=3)
    box = sdk.BoundingBox(corner, sdk.SinglePoint(3, 4), "box")
    assert from_sdk(box) == Box(1, 2, 3, 4, mention="box")


@pytest.mark.parametrize(
    "value",
    [
        sdk.Collection([sdk.Collection([sdk.SinglePoint(1, 2)])]),
        sdk.SinglePoint(1, 2, t=-1.0),
        sdk.SinglePoint(1, 2, asset_idx=-1),
        sdk.SinglePoint(float("nan"), 2),
        "point",
        None,
    ],
)
def test_objects_that_are_refused(value):
    with pytest.raises(GeometryError):
        from_sdk(value)


@pytest.mark.parametrize(
    "value",
    [
        Point(1.5, 2),
        Point(0.1, 0.2, frame=Frame.UNIT),
        Point(1, 2, score=0.5),
        Clip(1, score=0.5),
        Collection((Point(1.5, 2),)),
    ],
)
def test_values_that_the_sdk_has_no_place_for(value):
    with pytest.raises(UnwritableError):
        to_sdk(value)
