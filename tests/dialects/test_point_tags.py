"""Points and tracks in tags, as Molmo 1 and 2 write them.

The oracle is what allenai/molmo2 publishes in ``olmo/preprocessing/point_formatter.py``: how it formats, and the three
patterns by which it reads. It reads coordinates of 3 or 4 digits only, and leaves out what lies outside of the image.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations import Collection, Point, Track
from perceptron_annotations.dialects import dialect_named, write_answer
from perceptron_annotations.errors import UnwritableError
from tests.dialects.examples import examples
from tests.dialects.surface_checks import assert_told_alike

MOLMO, MOLMO2 = dialect_named("molmo"), dialect_named("molmo2")
PERCENT = pa.Frame.grid(100)


def one(x, y, **fields):
    return Point(x, y, frame=PERCENT, **fields)


# -- what genuine answers say ----------------------------------------------------------------------------------------


def test_genuine_answers_of_molmo_1():
    image, video = (pa.parse(text, dialect="molmo") for text in (*examples("molmo1"), *examples("molmo1-video")))
    assert (image.status, len(image.points), image.collections[0].mention) == ("ok", 12, "purple plates")
    assert image.points[2] == one(43.5, 5, mention="purple plates")
    assert image.points[2].to_pixels(200, 1000).coordinates == ((87, 50),)
    assert [(point.t, point.x, point.y) for point in video.points] == [
        (13.5, 44.4, 69.9),
        (14.0, 44.5, 75.2),
        (17.5, 45.1, 71.2),
        (18.0, 43.4, 78.8),
        (20.5, 45.1, 70.2),
        (56.0, 48.6, 69.7),
    ]
    assert video.issues == image.issues == ()
    assert video.prose.startswith(' The "Fortnite characters shoot guns" are located at: ')


def test_genuine_answers_of_molmo_2():
    two, four = (pa.parse(text, dialect="molmo2") for text in examples("molmo2"))
    assert two.points == tuple(Point(x, y, mention="curb ramp", asset_idx=0) for x, y in ((308, 305), (752, 377)))
    assert [point.x for point in four.points] == [299, 532, 662, 932]
    assert (two.status, two.issues, len(four.collections)) == ("ok", (), 1)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ('<point x="61.5" y="40.4" alt="boat">boat</point>', [one(61.5, 40.4, mention="boat")]),
        ("<point x='61.5' y = '40.4' alt='the boat'></point>", [one(61.5, 40.4, mention="the boat")]),
        ('<points y1="2" x1="1" alt="b" y2="4" x2="3"/>', [one(1, 2, mention="b"), one(3, 4, mention="b")]),
        ("p=123, 456", [one(12.3, 45.6)]),
        ("1=123, 456 2=001,999", [one(12.3, 45.6), one(0.1, 99.9)]),
        ("<points 0.5\t1 44.4 69.9 2 1.0 2.0/>", [one(44.4, 69.9, t=0.5), one(1, 2, t=0.5)]),
    ],
)
def test_forms_of_molmo_1(text, points):
    document = pa.parse(text, dialect="molmo")
    assert document.points == tuple(points)
    assert document.issues == ()


def test_counting_stays_prose():
    text = 'Counting the <points coords="1 1 073 160 2 173 600" alt="boats">the boats</points> shows a total of 2.'
    document = pa.parse(text, dialect="molmo2")
    assert document.prose == "Counting the  shows a total of 2."
    assert [(element.attributes, element.value.mention) for element in document.nodes[1:2]] == [
        ((("alt", "boats"),), "the boats")
    ]
    assert [child.attributes for child in document.nodes[1].children] == [(("id", "1"),), (("id", "2"),)]


@pytest.mark.parametrize("text", ["There are none.", "No tracks available.", "a < b > c <points> p = 3"])
@pytest.mark.parametrize("dialect", ["molmo", "molmo2"])
def test_nothing_is_there(text, dialect):
    document = pa.parse(text, dialect=dialect)
    assert (document.status, document.issues, document.prose) == ("empty", (), text)


def test_images_and_times():
    text = (
        '<points coords="1 1 555 169;2 3 649 154 4 709 162">a</points><points coords="0.0 1 5 6\t12.5 2 7 8">b</points>'
    )
    document = pa.parse(text, dialect="molmo2")
    assert [(point.asset_idx, point.t) for point in document.points] == [
        (0, None), (1, None), (1, None), (None, 0.0), (None, 12.5),
    ]  # fmt: skip


def test_tracks_by_the_number_of_their_object():
    text = '<tracks coords="0.0 1 635 522;0.5 1 606 490 2 511 124;1 2 515 164">cars</tracks>'
    (first, second) = pa.parse(text, dialect="molmo2").tracks
    assert first.waypoints == (Point(635, 522, t=0), Point(606, 490, t=0.5))
    assert second == Track((Point(511, 124, t=0.5), Point(515, 164, t=1)), mention="cars")


# -- the maker's reader ----------------------------------------------------------------------------------------------

_MAKERS = (
    re.compile(r"<(?:points|tracks).*? coords=\"([0-9\t:;, .]+)\"/?>"),
    re.compile(r"(?:^|\t|:|,|;)([0-9\.]+) ([0-9\. ]+)"),
    re.compile(r"([0-9]+) ([0-9]{3,4}) ([0-9]{3,4})"),
)


def as_the_maker_reads(text):
    coords, frames, triplets = _MAKERS
    return [
        (float(frame[1]), float(x), float(y))
        for tag in coords.finditer(text)
        for frame in frames.finditer(tag[1])
        for _, x, y in triplets.findall(frame[2])
        if float(x) <= 1000 and float(y) <= 1000
    ]


frames = st.one_of(st.integers(1, 12).map(str), st.integers(0, 99).map(lambda tenths: f"{tenths / 10:.1f}"))
places = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(frames, places), min_size=1, max_size=4),
    st.sampled_from("\t;:,"),
    st.sampled_from(["{:03d}", "{}"]),
    st.sampled_from(["", ' alt="x"']),
)
def test_the_maker_reads_the_same_but_for_small_numbers(images, between, digits, alt):
    """“The official regex demands 3–4 digits, so unpadded points in the left/top tenth are dropped.”"""
    parts, number = [], 0
    for frame, points in images:
        words = [frame]
        for x, y in points:
            number += 1
            words += (str(number), digits.format(x), digits.format(y))
        parts.append(" ".join(words))
    text = f'Here: <points{alt} coords="{between.join(parts)}">boats</points>'
    document = pa.parse(text, dialect="molmo2")
    ours = [(point.t if point.t is not None else point.asset_idx + 1.0, point.x, point.y) for point in document.points]
    assert ours == [(float(frame), x, y) for frame, points in images for x, y in points]
    assert document.errors == ()
    if digits == "{:03d}" or all(x > 99 and y > 99 for _, points in images for x, y in points):
        assert as_the_maker_reads(text) == ours


# -- what is broken --------------------------------------------------------------------------------------------------

GOOD = '<points coords="1 1 100 200">a</points>'


@pytest.mark.parametrize(
    "broken",
    [
        '<points coords="1 1 100">x</points>',
        '<points coords="1 1 1oo 200">x</points>',
        '<points coords="">x</points>',
        '<points x1="1" y1="2">x</points>',
        '<points coords="1 1 100 200>x</points>',
        '<points coords="1 1 100 200" x</points>',
        '<points coords="1 1 100 200">x',
        '<points coords="1 1 100 200">\n',
        '<points coords="1 1 100 200">' + "x" * 300,
    ],
)
def test_one_bad_element_costs_itself(broken):
    document = pa.parse(GOOD + broken + GOOD, dialect="molmo2")
    assert ([point.x for point in document.points], document.status) == ([100, 100], "partial")
    assert [issue.code for issue in document.errors] == ["invalid_item"]
    with pytest.raises(pa.errors.MarkupError):
        pa.parse(GOOD + broken + GOOD, dialect="molmo2", mode="strict")


@pytest.mark.parametrize(
    ("dialect", "text", "points"),
    [
        ("molmo2", '<points coords="1 1 100 200 2 30;2 1 oops 1;3 1 5 6;7">x</points>', [(5, 6)]),
        ("molmo", '<points x1="1" y1="2" x2="oops" y2="3" x3="5" y4="1" x5="7" y5="8">x</points>', [(1, 2), (7, 8)]),
    ],
)
def test_a_bad_part_costs_itself(dialect, text, points):
    document = pa.parse(text, dialect=dialect)
    assert ([(point.x, point.y) for point in document.points], document.status) == (points, "partial")
    assert [issue.code for issue in document.errors] == ["invalid_item"] * 3


def test_molmo_1_has_no_tracks():
    document = pa.parse('<tracks x="1" y="2">x</tracks>', dialect="molmo")
    assert [issue.code for issue in document.issues] == ["invalid_item"]


def test_an_answer_cut_anywhere():
    text = 'Here: <points coords="1 1 100 200 2 300 400;2 3 5 60">boats</points>'
    for end in range(text.index("<p") + 3, len(text)):
        document = pa.parse(text[:end], dialect="molmo2")
        assert (document.points, document.truncated, document.prose) == ((), True, "Here: "), text[:end]
        kept = pa.parse(text[:end], dialect="molmo2", mode="salvage")
        assert [point.x for point in kept.points] == [100, 300, 5][: len(kept.points)]
        assert len(kept.points) == sum(text[:end].count(whole) for whole in ("200 ", "400;", '60"'))


# -- any chunks, any values ------------------------------------------------------------------------------------------

PARTS = [
    *(GOOD, "<point", "<points ", "<tracks ", "s", "</points>", "</point>", "</tracks>", ">", "/>", "<", "boat"),
    *(' x="1"', ' y="2"', ' x1="3.5"', " alt='a'", "coords=", '"', "'", "1 2 3 4", ";", "\t", "\n", " ", "=", "7"),
    *("p=123", ", 456", "13.5\t1 44.4 69.9/>"),
]


@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.data())
def test_any_chunks_say_what_the_whole_says(text, data):
    ends = data.draw(st.lists(st.integers(0, len(text))))
    assert_told_alike("molmo", text, ends)
    assert_told_alike("molmo2", text, ends)


labels = st.text(st.characters(exclude_characters="<\n", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1)
grid = st.integers(0, 1000)
times = st.lists(st.integers(0, 9999), unique=True, min_size=1, max_size=3).map(sorted)


@st.composite
def points_at(draw, **fields):
    return Point(draw(grid), draw(grid), **fields)


@st.composite
def tracks(draw):
    return Track([draw(points_at(t=tenths / 10)) for tenths in draw(times)], mention=draw(labels))


@st.composite
def collections(draw):
    index = draw(st.sampled_from([None, 0, 3]))
    members = draw(st.lists(points_at(asset_idx=index), min_size=1, max_size=3))
    return Collection(members, mention=draw(st.none() | labels))


@given(st.lists(st.one_of(points_at(), points_at(t=2.5), collections(), tracks()), max_size=4))
def test_molmo_2_gives_back_what_is_written(values):
    document = pa.parse(write_answer(values, MOLMO2), dialect=MOLMO2)
    assert document.errors == ()
    read = [(point.x, point.y, point.t, point.asset_idx, point.mention) for point in document.points]
    assert read == [written for value in values for written in as_written(value)]
    assert document.tracks == tuple(value for value in values if isinstance(value, Track))


def as_written(value):
    members = [value] if isinstance(value, Point) else value.waypoints if isinstance(value, Track) else value.children
    for point in members:
        index = point.asset_idx if point.asset_idx is not None or point.t is not None else 0  # the first image
        yield point.x, point.y, point.t, index, value.mention


@given(
    st.lists(
        st.builds(Point, grid, grid, mention=labels)
        | collections().filter(lambda each: each.children[0].asset_idx is None),
        max_size=4,
    )
)
def test_molmo_1_gives_back_what_is_written_to_a_tenth_of_a_percent(values):
    document = pa.parse(write_answer(values, MOLMO), dialect=MOLMO)
    read = [(point.x * 10, point.y * 10, point.mention) for point in document.points]
    written = [(x, y, mention) for value in values for x, y, _, _, mention in as_written(value)]
    assert [mention for *_, mention in read] == [mention for *_, mention in written]
    assert [each[:2] for each in read] == [pytest.approx(each[:2]) for each in written]


@pytest.mark.parametrize(
    ("dialect", "value", "message"),
    [
        (MOLMO2, pa.Box(1, 2, 3, 4), "points only"),
        (MOLMO2, Point(1, 2, mention="a <b"), "label"),
        (MOLMO, Track([Point(1, 2, t=1)]), "use coords"),
        (MOLMO2, Collection([Point(1, 2, mention="a"), Point(1, 2, mention="b")], mention="c"), "share its label"),
    ],
)
def test_what_has_no_form_is_refused(dialect, value, message):
    with pytest.raises(UnwritableError, match=message):
        write_answer(value, dialect)
