"""The values: what they hold, what they refuse, what they measure."""

import math
import pickle

import msgspec
import pytest

from perceptron_annotations import AnnotationsError, Box, Clip, Collection, Frame, Point, Polygon, Track
from perceptron_annotations.errors import FrameError, GeometryError
from perceptron_annotations.geometry import Value

TRIANGLE = ((0, 0), (4, 0), (4, 3))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Point(math.nan, 1), "x must be finite"),
        (lambda: Point(1, math.inf), "y must be finite"),
        (lambda: Point("1", 2), "x must be a number"),
        (lambda: Point(True, 2), "x must be a number"),
        (lambda: Point(10**400, 2), "x must be finite"),
        (lambda: Clip(10**400), "start must be finite"),
        (lambda: Point(1, 2, t=-1), "t must be seconds"),
        (lambda: Point(1, 2, t=math.nan), "t must be finite"),
        (lambda: Point(1, 2, score=math.nan), "score must be finite"),
        (lambda: Point(1, 2, asset_idx=-1), "asset_idx must be a whole number"),
        (lambda: Point(1, 2, asset_idx=1.5), "asset_idx must be a whole number"),
        (lambda: Point(1, 2, asset_idx=True), "asset_idx must be a whole number"),
        (lambda: Point(1, 2, mention=5), "mention must be text"),
        (lambda: Box(1, 2, None, 4), "x2 must be a number"),
        (lambda: Box(1, 2, 3, 4).replace(y2=math.nan), "y2 must be finite"),
        (lambda: Polygon(((1, 2), (3, 4))), "at least 3 vertices"),
        (lambda: Polygon(7), r"\(x, y\) pairs"),
        (lambda: Polygon(((1, 2), (3, 4), (5,))), r"\(x, y\) pairs"),
        (lambda: Clip(-1), "start must be seconds"),
        (lambda: Clip(1, math.inf), "end must be finite"),
        (lambda: Track(()), "at least one waypoint"),
        (lambda: Track((Point(1, 2), Box(1, 2, 3, 4))), "all Point, all Box or all Polygon"),
        (lambda: Track((Clip(1),)), "all Point, all Box or all Polygon"),
        (lambda: Track((Point(1, 2, asset_idx=0), Point(1, 2, asset_idx=1))), "lies in one asset"),
        (lambda: Collection((Collection(()),)), "a collection holds points"),
        (lambda: Collection(("x",)), "a collection holds points"),
    ],
)
def test_refused(build, message):
    with pytest.raises(GeometryError, match=message) as caught:
        build()
    assert isinstance(caught.value, AnnotationsError)
    assert isinstance(caught.value, ValueError)


def test_frame_must_be_a_frame():
    with pytest.raises(FrameError, match=r"Frame\.GRID"):
        Point(1, 2, frame="grid")


def test_children_of_one_asset_share_a_frame():
    """Whether an asset is a child's own or the collection's; children of two assets may differ."""
    unit = Point(0.1, 0.2, asset_idx=0, frame=Frame.UNIT)
    for children, asset_idx in (((Point(1, 2, asset_idx=0), unit), None), ((Point(1, 2), unit), 0)):
        with pytest.raises(FrameError, match="share one frame"):
            Collection(children, asset_idx=asset_idx)
    assert Collection((Point(1, 2, asset_idx=1), unit)).children == (Point(1, 2, asset_idx=1), unit)


def test_equality_is_numeric_and_hash_follows():
    assert Box(1, 2, 3, 4) == Box(1.0, 2.0, 3.0, 4.0)
    assert len({Box(1, 2, 3, 4), Box(1.0, 2.0, 3.0, 4.0)}) == 1
    assert Box(1, 2, 3, 4) != Box(1, 2, 3, 4, mention="x")
    assert Point(1, 2) != Point(1, 2, frame=Frame.UNIT)
    assert Point(1, 2, mention="") == Point(1, 2)


def test_values_are_frozen():
    with pytest.raises(AttributeError):
        Point(1, 2).x = 3


def test_box_layouts_are_ordered():
    box = Box(30, 40, 10, 10)
    assert (box.x1, box.y2) == (30, 10)
    assert box.xyxy == (10, 10, 30, 40)
    assert box.xywh == (10, 10, 20, 30)
    assert box.cxcywh == (20, 25, 20, 30)
    assert (box.width, box.height, box.area) == (20, 30, 600)
    assert box.ordered() == Box(10, 10, 30, 40)


def test_areas():
    assert Point(1, 2).area == 0
    assert Polygon(TRIANGLE).area == 6
    assert Polygon(TRIANGLE[::-1]).area == 6
    far = [(x + 1e9, y + 1e9) for x, y in TRIANGLE]
    assert Polygon(far).area == 6
    assert Polygon(TRIANGLE).xyxy == (0, 0, 4, 3)


def test_rounded_is_half_even_and_clamped_stays_inside():
    box = Box(0.5, 1.5, 2.5, 1200, frame=Frame.pixels(3, 1000))
    assert box.rounded() == Box(0, 2, 2, 1200, frame=box.frame)
    assert box.clamped() == Box(0.5, 1.5, 2.5, 1000, frame=box.frame)


def test_clips():
    assert Clip(1).duration == 0
    assert Clip(5, 2).duration == 3
    assert Clip(5, 2).ordered() == Clip(2, 5)
    assert Clip(1).to(Frame.UNIT) == Clip(1)


def test_containers_give_their_asset_to_what_has_none():
    """As the SDK does at construction; an own index, 0 included, wins."""
    track = Track((Point(1, 2), Point(3, 4, asset_idx=2)))
    assert track.asset_idx == 2
    assert [waypoint.asset_idx for waypoint in track.waypoints] == [2, 2]
    collection = Collection((Point(1, 2), Point(3, 4, asset_idx=0), Track((Point(5, 6),))), asset_idx=1)
    assert [child.asset_idx for child in collection.children] == [1, 0, 1]
    assert collection.children[2].waypoints[0].asset_idx == 1


def test_containers_convert_what_they_hold():
    track = Track((Point(500, 250, t=1),))
    pixels = Frame.pixels(200, 100)
    assert track.to(pixels).waypoints == (Point(100, 25, t=1, frame=pixels),)
    assert track.to(pixels).frame == pixels
    assert Collection((track, Clip(1))).to(pixels).children == (track.to(pixels), Clip(1))


@pytest.mark.parametrize(
    "value",
    [
        Point(1, 2, mention="a", t=0.5, asset_idx=0, score=0.25, frame=Frame.pixels(10, 20)),
        Polygon(TRIANGLE),
        Clip(1, 2),
        Collection((Track((Box(1, 2, 3, 4),), complete=False), Clip(1)), t=2, mention="c"),
    ],
)
def test_json_and_pickle_keep_all(value):
    assert msgspec.json.decode(msgspec.json.encode(value), type=Value) == value
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


def test_repr_shows_what_is_set():
    assert repr(Box(1, 2, 3, 4, mention="x")) == "Box(x1=1.0, y1=2.0, x2=3.0, y2=4.0, mention='x')"
