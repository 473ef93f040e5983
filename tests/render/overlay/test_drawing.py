"""``draw``: what may be drawn, on one image or several."""

import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from perceptron_annotations import (
    AnnotationKind,
    AnnotationTable,
    Box,
    Clip,
    Collection,
    Frame,
    Point,
    Polygon,
    Track,
    parse,
    parse_batch,
)
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton
from perceptron_annotations.errors import MissingExtraError, UsageError
from perceptron_annotations.render import DrawStyle, draw, label_colour, label_colours
from tests.render.overlay.pixels import bounds, changed, is_colour, plain

pytestmark = pytest.mark.backend

BARE = DrawStyle(labels=False, scores=False, line_width=2)
COLOUR = label_colour(None)
ANSWER = '<point_box mention="cat"> (250,500) (500,1000) </point_box> and <point mention="dog"> (800,200) </point>'

pairs = st.tuples(st.floats(-400, 1400), st.floats(-400, 1400))
inside = st.tuples(st.floats(50, 950), st.floats(50, 950))


def same(one, other):
    return np.array_equal(np.asarray(one), np.asarray(other))


def dataset(width=320, height=240):
    builder = DatasetBuilder()
    builder.add_asset(DatasetAsset(file_name="other.jpg", width=50, height=50))
    image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=width, height=height))
    builder.add(image, AnnotationKind.BOX, [(80, 120), (160, 240)], "cat")
    builder.add(image, AnnotationKind.POINT, [(256, 48)], "dog")
    return builder.build()


def test_all_forms_of_an_answer_give_one_image():
    document = parse(ANSWER)
    wanted = draw(plain(), document)
    for what in (
        document.to_pixels(320, 240),
        document.to_pixels(640, 480),
        document.to(Frame.UNIT),
        document.annotations,
        list(document.annotations),
        Collection(document.annotations),
        parse_batch([ANSWER]),
        parse_batch(["nothing", ANSWER]),
        parse_batch([ANSWER]).to_pixels(64, 48),
        AnnotationTable.from_annotations([document.annotations]),
    ):
        assert same(draw(plain(), what), wanted)


def test_an_image_of_a_dataset():
    colours = label_colours(["cat", "dog"])
    document = parse(ANSWER)
    wanted = draw(plain(), document, style=DrawStyle(colours=colours))
    assert same(draw(plain(), dataset(), asset=1), wanted)
    assert same(draw(plain(), dataset().take_assets(np.array([False, True]))), wanted)


def test_a_dataset_of_unknown_size_is_in_pixels_of_the_image():
    assert same(draw(plain(), dataset(None, None), asset=1), draw(plain(), dataset(), asset=1))


def test_rows_of_several_answers_are_refused():
    table = parse_batch([ANSWER, ANSWER])
    with pytest.raises(UsageError, match=r"table\[table\.response == 0\]"):
        draw(plain(), table)
    assert same(draw(plain(), table[table.response == 1]), draw(plain(), parse(ANSWER)))


@pytest.mark.parametrize("what", [ANSWER, 7, None, [ANSWER]])
def test_what_cannot_be_drawn_is_refused(what):
    with pytest.raises(UsageError):
        draw(plain(), what)


def test_an_empty_answer_leaves_the_image():
    for what in (parse("nothing"), [], parse_batch(["nothing"])):
        assert same(draw(plain(), what), plain())


# -- shapes ------------------------------------------------------------------------------------------------------------


@given(inside)
def test_a_point_is_the_middle_of_its_marker(pair):
    drawn = is_colour(draw(plain(), Point(*pair), style=BARE), COLOUR)
    left, top, right, bottom = bounds(drawn)
    assert (left + right) / 2 == pytest.approx(pair[0] * 0.32, abs=0.75)
    assert (top + bottom) / 2 == pytest.approx(pair[1] * 0.24, abs=0.75)
    assert 8 <= right - left <= 11


@given(pairs)
def test_a_point_off_the_image_is_at_its_edge(pair):
    found = bounds(changed(plain(), draw(plain(), Point(*pair), style=BARE)))
    assert found is not None
    x, y = (min(max(v / 1000 * extent, 0), extent) for v, extent in zip(pair, (320, 240), strict=True))
    assert found[0] - 1 <= x <= found[2] + 1
    assert found[1] - 1 <= y <= found[3] + 1


@given(st.lists(inside, min_size=3, max_size=7))
def test_the_corners_of_a_polygon_are_on_its_outline(ring):
    style = DrawStyle(labels=False, line_width=3)
    drawn = draw(plain(), Polygon(tuple(ring)), style=style)
    for x, y in ring:
        column, row = int(x * 0.32), int(y * 0.24)
        assert is_colour(drawn, COLOUR)[row - 1 : row + 2, column - 1 : column + 2].any()


@given(st.lists(inside, min_size=3, max_size=7))
def test_a_polygon_changes_nothing_outside_its_bounds(ring):
    found = bounds(changed(plain(), draw(plain(), Polygon(tuple(ring)), style=BARE)))
    xs, ys = [x * 0.32 for x, _ in ring], [y * 0.24 for _, y in ring]
    assert found[0] >= min(xs) - 4
    assert found[1] >= min(ys) - 4
    assert found[2] <= max(xs) + 5
    assert found[3] <= max(ys) + 5


def test_the_inside_of_a_polygon_is_tinted():
    square = Polygon(((250, 250), (750, 250), (750, 750), (250, 750)))
    drawn = draw(plain(), square, style=BARE)
    assert drawn.getpixel((160, 120)) not in ((90, 90, 90), COLOUR)
    assert drawn.getpixel((20, 20)) == (90, 90, 90)
    assert is_colour(drawn, COLOUR)[100, 79:82].any()


def test_coordinates_of_any_size_are_drawn():
    far = 2.0**53
    for shape in (Box(-far, -far, far, far), Polygon(((-far, 0), (far, 500), (0, far))), Point(far, -far)):
        drawn = draw(plain(), shape, style=BARE)
        assert changed(plain(), drawn).any()


def test_a_track_is_a_trail_through_its_waypoints_in_time():
    """The last in time is a whole marker, and has the label; the line passes all of them."""
    waypoints = (Point(100, 100, t=0), Point(900, 900, t=2), Point(900, 100, t=1))
    drawn = draw(plain(), Track(waypoints, mention="ball"), style=DrawStyle(line_width=2))
    colour = is_colour(drawn, label_colour("ball"))
    for column, row in ((32, 24), (288, 24), (288, 216), (160, 24), (288, 120)):
        assert colour[row - 3 : row + 4, column - 3 : column + 4].any()
    assert not colour[110:130, 150:170].any()  # no line from the first to the last
    assert colour[216 - 30 : 216].sum() > colour[24 : 24 + 30].sum()


def test_tracks_of_documents_tables_and_datasets_are_alike():
    text = '<track mention="ball"> <point t="0"> (100,100) </point> <point t="1"> (500,900) </point> </track>'
    document = parse(text)
    style = DrawStyle(colours=label_colours(["ball"]))
    wanted = draw(plain(), document, style=style)
    assert same(draw(plain(), parse_batch([text]), style=style), wanted)
    assert same(draw(plain(), document.tracks, style=style), wanted)
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.mp4", width=320, height=240))
    number = builder.new_object()
    for t, pair in ((0, (32, 24)), (1, (160, 216))):
        builder.add(image, AnnotationKind.POINT, [pair], "ball", t=t, track=True, object=number)
    assert same(draw(plain(), builder.build()), wanted)


def test_keypoints_are_joined_by_their_skeleton():
    builder = DatasetBuilder()
    builder.add_label("person", Skeleton(("head", "hand", "foot", "tail"), edges=((0, 1), (1, 2), (2, 3))))
    image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=320, height=240))
    keypoints = [(100, 50, 2), (200, 50, 2), (200, 200, 1), (0, 0, 0)]
    builder.add(image, AnnotationKind.BOX, [(90, 40), (210, 210)], "person", keypoints=keypoints)
    data = builder.build()
    drawn = draw(plain(), data, style=BARE)
    colour = is_colour(drawn, label_colours(["person"])["person"])
    assert colour[48:53, 148:153].any(), "the line between two keypoints"
    assert colour[48:53, 98:103].all(), "a visible keypoint is filled"
    assert not colour[200, 200], "a hidden one is hollow"
    assert colour[195:206, 195:206].any()
    assert not colour[:30, :30].any(), "one that is not labelled is not drawn"


def test_the_rings_of_one_object_share_a_label():
    builder = DatasetBuilder()
    image = builder.add_asset(DatasetAsset(file_name="a.jpg", width=320, height=240))
    number = builder.new_object()
    for left in (20, 200):
        ring = [(left, 100), (left + 90, 100), (left + 90, 200), (left, 200)]
        builder.add(image, AnnotationKind.POLYGON, ring, "cat", object=number)
    drawn = draw(plain(), builder.build(), style=DrawStyle(line_width=1))
    colour = is_colour(drawn, label_colours(["cat"])["cat"])
    assert (colour[80:98, :160].sum() > 100) != (colour[80:98, 160:].sum() > 100)


# -- words -------------------------------------------------------------------------------------------------------------


def test_scores_and_labels_can_be_left_out():
    box = Box(300, 300, 700, 700, mention="cat", score=0.5)
    images = [
        draw(plain(), box, style=DrawStyle(labels=labels, scores=scores))
        for labels, scores in ((True, True), (True, False), (False, True), (False, False))
    ]
    covered = [int(changed(plain(), image).sum()) for image in images]
    assert covered[0] > max(covered[1], covered[2]) > min(covered[1], covered[2]) > covered[3]


def test_colours_of_the_caller_count():
    drawn = draw(plain(), Box(300, 300, 700, 700, mention="cat"), style=DrawStyle(colours={"cat": (1, 2, 3)}))
    assert is_colour(drawn, (1, 2, 3)).sum() > 500


@pytest.mark.parametrize("style", [{"line_width": 0}, {"text_size": 2.5}, {"line_width": "2"}])
def test_styles_are_checked(style):
    with pytest.raises(UsageError, match="a whole number of pixels"):
        DrawStyle(**style)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 900))
def test_tiny_images_are_drawn_on(width, height, at):
    drawn = draw(plain(width, height), [Box(at, at, at + 90, at + 90, mention="a long label", score=0.5)])
    assert drawn.size == (width, height)


def test_lines_and_letters_grow_with_the_image():
    box = Box(300, 300, 700, 700, mention="cat")
    shares = []
    for width, height in ((640, 480), (1920, 1440), (3840, 2880)):
        drawn = draw(plain(width, height), box)
        shares.append(is_colour(drawn, label_colour("cat")).sum() / (width * height))
    assert max(shares) < 1.6 * min(shares)


# -- several images ----------------------------------------------------------------------------------------------------

TWO = (
    '<point_box asset_idx="0"> (0,0) (500,1000) </point_box> <point_box asset_idx="1"> (500,0) (1000,1000) </point_box>'
)


def test_several_assets_are_side_by_side():
    drawn = draw([plain(), plain(100, 240)], parse(TWO), style=BARE)
    colour = is_colour(drawn, COLOUR)
    gap = drawn.width - 420
    assert drawn.height == 240
    assert gap >= 4
    assert bounds(colour[:, :320]) == (0, 0, 161, 240)
    assert bounds(colour[:, 320 + gap :]) == (49, 0, 100, 240)


def test_assets_of_other_heights_are_scaled():
    drawn = draw([plain(), plain(100, 120)], parse(TWO), style=BARE)
    assert drawn.height == 240
    assert drawn.width > 320 + 200


def test_an_answer_about_several_images_needs_all_of_them():
    with pytest.raises(UsageError, match=r"assets \[0, 1\].*asset="):
        draw(plain(), parse(TWO))
    one = draw(plain(), parse(TWO), asset=1, style=BARE)
    assert bounds(is_colour(one, COLOUR)) == (159, 0, 320, 240)
    with pytest.raises(UsageError, match="pass one of the two"):
        draw([plain(), plain()], parse(TWO), asset=1)


def test_what_names_no_asset_lies_in_the_last():
    drawn = draw([plain(), plain()], parse("<point_box> (0,0) (1000,1000) </point_box>"), style=BARE)
    colour = is_colour(drawn, COLOUR)
    assert not colour[:, :320].any()
    assert colour[:, 320:].any()


def test_a_dataset_says_which_image_it_is():
    with pytest.raises(UsageError, match="pass asset="):
        draw(plain(), dataset())
    with pytest.raises(UsageError, match="there is no asset 9"):
        draw(plain(), dataset(), asset=9)


# -- below the image ---------------------------------------------------------------------------------------------------


def test_clips_are_a_bar_below_the_image():
    image = plain()
    drawn = draw(image, [Clip(2, 4, mention="run")], duration=8)
    assert drawn.width == 320
    assert drawn.height > 240
    assert same(drawn.crop((0, 0, 320, 240)), image)
    bar = bounds(is_colour(drawn, label_colour("run"))[240:])
    foot = is_colour(drawn, label_colour("run"))[240 + bar[3] - 1]
    columns = np.flatnonzero(foot)
    scale = 320 - 2 * 12
    assert columns[0] == pytest.approx(12 + 2 / 8 * scale, abs=1)
    assert columns[-1] + 1 == pytest.approx(12 + 4 / 8 * scale, abs=1)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.none() | st.floats(0, 1e6)), min_size=1, max_size=30))
@example([(5e-324, None)])
@example([(0, 0)])
@example([(1e300, 2e300)])
def test_all_clips_are_drawn(times):
    drawn = draw(plain(), [Clip(start, end, mention="run") for start, end in times])
    assert is_colour(drawn, label_colour("run")).any()
    assert drawn.height < 240 + 15 * 40


def test_a_numpy_image_is_made_by_pillow():
    array = np.zeros((240, 320, 3), dtype=np.uint8)
    assert draw(Image.fromarray(array), []).size == (320, 240)


@pytest.mark.parametrize("duration", [0, -1, float("nan"), "long"])
def test_a_duration_is_checked(duration):
    with pytest.raises(UsageError, match="duration"):
        draw(plain(), Clip(1, 2), duration=duration)


def test_without_pillow_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r"Pillow.*\[render\]"):
        draw("a.png", [])
