"""Values as drawings: where shapes, tracks, clips and labels are. `findings/newcomer.md`, minor 1."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from perceptron_annotations import Box, Clip, Collection, Frame, Point, Polygon, Track, parse
from perceptron_annotations.render import to_svg
from perceptron_annotations.render.scene import values_of_document

pytestmark = pytest.mark.backend

SVG = "{http://www.w3.org/2000/svg}"
#: What a drawing consists of; no element of these runs or loads anything.
TAGS = {"svg", "g", "rect", "title", "text", "circle", "polygon", "polyline", "line"}


def drawing(*values):
    """The drawing of values, with every coordinate where the groups around it move it."""
    root = ET.fromstring(to_svg(values))  # noqa: S314 - our own text
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= TAGS
    move(root, 0, 0)
    return root


def views(root):
    """The rectangles of the canvases; what is beyond them is cut off."""
    return [numbers(each, "width", "height") for each in root.iter(f"{SVG}svg")][1:]


def move(element, right, down):
    if element.get("transform"):
        x, y = element.get("transform").removeprefix("translate(").removesuffix(")").split()
        right, down = right + float(x), down + float(y)
    if element.get("viewBox"):
        x, y, width, height = map(float, element.get("viewBox").split())
        assert (element.get("width"), element.get("height")) == (f"{width:g}", f"{height:g}")  # not scaled
        right, down = right - x, down - y
    for names, by in ((("x", "cx", "x1", "x2"), right), (("y", "cy", "y1", "y2"), down)):
        for name in names:
            if element.get(name) is not None:
                element.set(name, str(float(element.get(name)) + by))
    if element.get("points"):
        element.set("points", " ".join(f"{x + right},{y + down}" for x, y in points(element)))
    for child in element:
        move(child, right, down)


def titles(root):
    return [each.text for each in root.iter(f"{SVG}title")]


def numbers(element, *names):
    return tuple(float(element.get(name)) for name in names)


def by_class(root, name):
    return [each for each in root.iter() if name in each.get("class", "").split()]


def points(polyline):
    return [tuple(map(float, pair.split(","))) for pair in polyline.get("points").split()]


@pytest.mark.parametrize(
    ("value", "drawn"),
    [
        (Point(500, 500), "circle"),
        (Box(10, 10, 500, 900), "rect"),
        (Polygon(((1, 1), (9, 1), (9, 9))), "polygon"),
        (Clip(1, 2.5), "text"),
        (Track((Point(1, 2),)), "circle"),
        (Collection((Box(1, 2, 3, 4), Clip(1))), "rect"),
    ],
)
def test_each_kind_has_its_form(value, drawn):
    root = drawing(value)
    assert root.tag == f"{SVG}svg"
    assert list(root.iter(f"{SVG}{drawn}"))


def test_nothing_is_an_empty_drawing():
    assert not by_class(drawing(), "shape")


@pytest.mark.parametrize(
    "mention", ["</title><script>alert(1)</script>", 'x" onload="y', "]]>&<", "\x1b[2J\0", "\ud800"]
)
def test_hostile_mentions_are_text(mention):
    for value in (
        Box(1, 2, 30, 40, mention=mention),
        Clip(1, mention=mention),
        Track((Point(1, 2, t=0),), mention=mention),
    ):
        root = drawing(value)
        assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
        assert to_svg([value]).replace("\n", "").isprintable()


def test_shapes_are_where_they_are_in_their_frame():
    frame = Frame.pixels(640, 480)
    root = drawing(Box(160, 120, 320, 240, frame=frame, mention="cat"))
    (canvas,) = by_class(root, "frame")
    width, height = numbers(canvas, "width", "height")
    assert width / height == pytest.approx(640 / 480)
    (shape,) = by_class(root, "shape")
    left, top = numbers(canvas, "x", "y")
    expected = (left + width / 4, top + height / 4, width / 4, height / 4)
    assert numbers(shape, "x", "y", "width", "height") == pytest.approx(expected)
    assert titles(root) == ["cat"]


def test_newcomer_minor_1_a_box_out_of_range_is_whole():
    """What lies outside its frame is inside the drawing, if it is not far away."""
    root = drawing(Box(900, 900, 1150, 1100), Box(-100, 10, 50, 60))
    (view,) = views(root)
    for shape in by_class(root, "shape"):
        x, y, width, height = numbers(shape, "x", "y", "width", "height")
        assert x >= 0
        assert x + width <= view[0]
        assert y >= 0
        assert y + height <= view[1]


def test_what_is_far_outside_is_said():
    root = drawing(Box(0, 0, 2**52, 9), Box(1, 1, 2, 2))
    width, height = numbers(root, "width", "height")
    assert width < 1000
    assert height < 1000
    assert "1 shape reaches beyond the drawing" in "".join(root.itertext())


def test_newcomer_minor_1_a_track_is_linked_and_ordered():
    waypoints = (Point(900, 500, t=2), Point(100, 500, t=0), Point(500, 500, t=1))
    root = drawing(Track(waypoints, mention="ball"))
    (line,) = by_class(root, "trail")
    assert len(points(line)) == 3
    assert all(one[0] < two[0] for one, two in pairwise(points(line)))
    circles = [numbers(each, "cx", "cy") for each in by_class(root, "waypoint")]
    assert circles == points(line)
    assert titles(root) == [
        "ball, 1 of 3, 0 s",
        "ball, 2 of 3, 1 s",
        "ball, 3 of 3, 2 s",
    ]


def test_waypoints_without_times_come_last_in_their_order():
    root = drawing(Track((Point(900, 1), Point(100, 1), Point(500, 1, t=0))))
    xs = [x for x, _ in points(by_class(root, "trail")[0])]
    assert xs[2] < xs[0] < xs[1]


def test_the_shapes_of_a_track_are_linked_at_their_centres():
    root = drawing(Track((Box(0, 0, 200, 200, t=0), Box(800, 800, 1000, 1000, t=1))))
    (line,) = by_class(root, "trail")
    (canvas,) = by_class(root, "frame")
    left, top, width, height = numbers(canvas, "x", "y", "width", "height")
    expected = [(left + width * share, top + height * share) for share in (0.1, 0.9)]
    assert [pair for point in points(line) for pair in point] == pytest.approx(
        [n for pair in expected for n in pair], abs=0.01
    )
    assert len(by_class(root, "waypoint")) == 2


def test_newcomer_minor_1_a_clip_is_a_bar_of_time():
    root = drawing(Clip(0, 2, mention="run"), Clip(6, 8, mention="jump"), Clip(10, mention="stop"))
    assert not by_class(root, "frame")  # there is no image to be empty
    run, jump = by_class(root, "clip")
    (moment,) = by_class(root, "moment")
    x_run, w_run = numbers(run, "x", "width")
    x_jump, w_jump = numbers(jump, "x", "width")
    assert w_run == pytest.approx(w_jump)
    assert x_jump - x_run == pytest.approx(3 * w_run)
    assert x_run + 5 * w_run == pytest.approx(float(moment.get("x1")))
    words = "".join(root.itertext())
    for word in ("run", "jump", "stop", "0–2 s", "6–8 s", "10 s"):
        assert word in words


def test_a_reversed_clip_is_drawn_forward_and_said():
    root = drawing(Clip(3, 1))
    (bar,) = by_class(root, "clip")
    assert float(bar.get("width")) > 0
    assert "ends before it starts" in "".join(root.itertext())


def test_clips_of_no_length_and_many_clips():
    assert by_class(drawing(Clip(0)), "moment")
    root = drawing(*(Clip(start, start + 1, mention=str(start)) for start in range(500)))
    assert float(root.get("height")) < 600
    assert "more" in "".join(root.itertext())


def boxes_of(root, name):
    return [numbers(each, "x", "y", "width", "height") for each in by_class(root, name)]


def overlap(one, other):
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def test_newcomer_minor_1_labels_stay_inside_and_apart():
    values = [Box(x, y, x + 30, y + 30, mention=f"thing {x}") for x in (0, 480, 970) for y in (0, 15, 480, 970)]
    root = drawing(*values)
    (view,) = views(root)
    labels = boxes_of(root, "label")
    assert len(labels) == 12
    for x, y, width, height in labels:
        assert x >= 0
        assert x + width <= view[0] + 1e-3
        assert y >= 0
        assert y + height <= view[1] + 1e-3
    pairs = [(one, other) for number, one in enumerate(labels) for other in labels[:number]]
    assert not [pair for pair in pairs if overlap(*pair) > 0]


def test_a_long_label_is_shortened_and_whole_in_its_title():
    mention = "a very long name " * 20
    root = drawing(Point(990, 10, mention=mention))
    assert titles(root) == [mention]
    (label,) = boxes_of(root, "label")
    assert label[2] <= 330


def test_equal_labels_have_one_colour_and_others_another():
    root = drawing(Box(1, 2, 3, 4, mention="a"), Box(5, 6, 7, 8, mention="b"), Box(9, 9, 12, 12, mention="a"))
    one, two, three = (each.get("stroke") for each in by_class(root, "shape"))
    assert one == three != two


def test_assets_stand_side_by_side():
    values = [Point(5, 5, asset_idx=1), Point(5, 5, asset_idx=0), Point(7, 7)]
    root = drawing(*values)
    frames = by_class(root, "frame")
    assert len(frames) == 3
    words = "".join(root.itertext())
    assert words.index("asset 0") < words.index("asset 1") < words.index("no asset is named")


def test_members_take_the_label_of_their_collection():
    assert titles(drawing(Collection((Box(1, 2, 3, 4),), mention="toys"))) == ["toys"]


def test_what_is_many_stays_small():
    values = [Box(x % 900, x // 900, x % 900 + 9, 50, mention="cup") for x in range(20_000)]
    written = to_svg(values)
    assert len(written) < 300_000
    assert "of 20000 shapes are drawn" in written


def test_the_waypoints_of_a_document_are_its_tracks():
    waypoints = '<point t="1"> (1,2) </point> <point t="2"> (5,2) </point>'
    document = parse(f'<track mention="ball"> {waypoints} </track> <point> (9,9) </point>')
    point, track = values_of_document(document.to_pixels(10, 10))
    assert isinstance(point, Point)
    assert len(track.waypoints) == 2
    assert track.frame == Frame.pixels(10, 10)


def test_a_drawing_of_its_own_can_be_read_on_dark_and_light():
    """A file is dark on white, and in a notebook it takes the notebook's colours."""
    style = ET.fromstring(to_svg([Box(1, 2, 3, 4)])).get("style")  # noqa: S314 - our own text
    assert "var(--jp-content-font-color1" in style
    assert "var(--jp-layout-color0" in style
