"""One table of answers: every issue code with its place, and what is kept beside it."""

import math

import pytest

from perceptron_annotations import (
    Box,
    Clip,
    Collection,
    Issue,
    IssueCode,
    Mode,
    Point,
    Span,
    Status,
    StreamParser,
    Track,
    parse,
    parse_batch,
)
from perceptron_annotations import Polygon as Ring
from perceptron_annotations.markup import read_json_answer
from perceptron_annotations.markup.nodes import elements

C = IssueCode
P12, P34 = Point(1, 2), Point(3, 4)
INNER = '<collection t="1"> <point> (1,2) </point> </collection>'

#: (answer, annotations kept in lenient mode, [(code, text at its span, recovered)], status)
CASES = [
    ("<point> bad </point>", [], [(C.INVALID_POINT_COORDS, "<point> bad </point>", False)], Status.UNREADABLE),
    (
        "<point_box> 1,2 </point_box>",
        [],
        [(C.INVALID_BOX_COORDS, "<point_box> 1,2 </point_box>", False)],
        Status.UNREADABLE,
    ),
    (
        "<polygon> (1,2) (3,4) </polygon> <point> (1,2) </point>",
        [P12],
        [(C.INVALID_POLYGON_COORDS, "<polygon> (1,2) (3,4) </polygon>", False)],
        Status.PARTIAL,
    ),
    (
        '<point t="0:05"> (1,2) </point>',
        [],
        [(C.INVALID_TIME, '<point t="0:05"> (1,2) </point>', False)],
        Status.UNREADABLE,
    ),
    (
        '<collection t="soon"> <point> (1,2) </point> </collection>',
        [P12],
        [(C.INVALID_TIME, '<collection t="soon">', False)],
        Status.PARTIAL,
    ),
    (
        '<point asset_idx="-1"> (1,2) </point>',
        [],
        [(C.INVALID_ASSET_IDX, '<point asset_idx="-1"> (1,2) </point>', False)],
        Status.UNREADABLE,
    ),
    ('<clip t="1 to 2" />', [], [(C.INVALID_CLIP_TIMESTAMP, '<clip t="1 to 2" />', False)], Status.UNREADABLE),
    ('<clip t="1"> x </clip>', [], [(C.INVALID_CLIP_BODY, '<clip t="1"> x </clip>', False)], Status.UNREADABLE),
    (
        '<track mention="k"> <point> (1,2) </point> <clip t="1" /> </track>',
        [Point(1, 2, mention="k"), Clip(1, mention="k")],
        [(C.INVALID_TRACK_CHILD, '<clip t="1" />', True)],
        Status.OK,
    ),
    (
        '<track mention="k"> <point> (1,2) </point> <point_box> (1,2) (3,4) </point_box> </track>',
        [Point(1, 2, mention="k"), Box(1, 2, 3, 4, mention="k")],
        [
            (
                C.INVALID_TRACK_GEOMETRY,
                '<track mention="k"> <point> (1,2) </point> <point_box> (1,2) (3,4) </point_box> </track>',
                False,
            )
        ],
        Status.PARTIAL,
    ),
    (
        '<track asset_idx="0"> <point asset_idx="1"> (1,2) </point> </track>',
        [Point(1, 2, asset_idx=1)],
        [(C.INVALID_TRACK_ASSET, '<track asset_idx="0"> <point asset_idx="1"> (1,2) </point> </track>', False)],
        Status.PARTIAL,
    ),
    (
        f'<collection mention="a"> {INNER} <point> (3,4) </point> </collection>',
        [Point(1, 2, mention="a", t=1), Point(3, 4, mention="a")],
        [(C.INVALID_COLLECTION_CHILD, INNER, True)],
        Status.OK,
    ),
    (
        "<collection><point> (1,2) </point></point></collection>",
        [P12],
        [(C.UNEXPECTED_CLOSE_TAG, "</point>", True), (C.IGNORED_TEXT, "</point>", False)],
        Status.OK,
    ),
    (
        "<collection><point> (1,2) <point> (3,4) </point></collection>",
        [P34],
        [(C.UNCLOSED_TAG, "<point>", False), (C.IGNORED_TEXT, "<point> (1,2) ", False)],
        Status.PARTIAL,
    ),
    (
        "<collection><track><point> (1,2) </point></collection>",
        [P12],
        [(C.UNCLOSED_TAG, "<track><point> (1,2) </point>", True)],
        Status.OK,
    ),
    (
        "<collection> <point> (1,2) </point>",
        [P12],
        [(C.INCOMPLETE_ANNOTATION, "<collection> <point> (1,2) </point>", True)],
        Status.OK,
    ),
    ("<collection>", [], [(C.INCOMPLETE_ANNOTATION, "<collection>", False)], Status.UNREADABLE),
    (
        f"<point> ({2**53 + 1},0) </point>",
        [],
        [(C.NUMBER_OVERFLOW, f"<point> ({2**53 + 1},0) </point>", False)],
        Status.UNREADABLE,
    ),
    ("<point> (1,2) and so on", [], [(C.MISSING_TAG, "<point> (1,2)", False)], Status.UNREADABLE),
    ("at (1, 2) </point>", [], [(C.MISSING_TAG, "(1, 2) </point>", False)], Status.UNREADABLE),
    ('<clip t="1"> and so on', [], [(C.MISSING_TAG, '<clip t="1">', False)], Status.UNREADABLE),
    (
        "<point> (1,2) </point> <point_box> (1,2) (3,",
        [P12],
        [(C.TRUNCATED_ELEMENT, "<point_box> (1,2) (3,", False)],
        Status.PARTIAL,
    ),
    ('see <point mention="x', [], [(C.TRUNCATED_ELEMENT, '<point mention="x', False)], Status.UNREADABLE),
    (
        "<collection> <point> (1,2) </point> <point> (3,",
        [P12],
        [
            (C.INCOMPLETE_ANNOTATION, "<collection> <point> (1,2) </point> <point> (3,", True),
            (C.TRUNCATED_ELEMENT, "<point> (3,", False),
        ],
        Status.PARTIAL,
    ),
    (
        "<point_box> (9,9) (1,1) </point_box>",
        [Box(9, 9, 1, 1)],
        [(C.SWAPPED_CORNERS, "<point_box> (9,9) (1,1) </point_box>", False)],
        Status.OK,
    ),
    ("<point> (1001,2) </point>", [Point(1001, 2)], [(C.OUT_OF_RANGE, "<point> (1001,2) </point>", False)], Status.OK),
    (
        "<point_box> (1,2) (1,4) </point_box>",
        [Box(1, 2, 1, 4)],
        [(C.ZERO_AREA, "<point_box> (1,2) (1,4) </point_box>", False)],
        Status.OK,
    ),
    (
        "<polygon> (0,0) (1,1) (2,2) </polygon>",
        [Ring(((0, 0), (1, 1), (2, 2)))],
        [(C.ZERO_AREA, "<polygon> (0,0) (1,1) (2,2) </polygon>", False)],
        Status.OK,
    ),
    ('<clip t="5 2" />', [Clip(5, 2)], [(C.REVERSED_CLIP, '<clip t="5 2" />', False)], Status.OK),
    (
        '<point mention="a" mention="b"> (1,2) </point>',
        [Point(1, 2, mention="b")],
        [(C.DUPLICATE_ATTRIBUTE, '<point mention="a" mention="b"> (1,2) </point>', False)],
        Status.OK,
    ),
    (
        '<point label="a"> (1,2) </point>',
        [P12],
        [(C.UNKNOWN_ATTRIBUTE, '<point label="a"> (1,2) </point>', False)],
        Status.OK,
    ),
    (
        "<point mention=red ball> (1,2) </point>",
        [Point(1, 2, mention="red")],
        [(C.UNKNOWN_ATTRIBUTE, "<point mention=red ball> (1,2) </point>", False)],
        Status.OK,
    ),
    (
        '<point mention="<point> (9,9) </point>"> (1,2) </point>',
        [Point(1, 2, mention="<point> (9,9) </point>")],
        [(C.MARKUP_IN_ATTRIBUTE, '<point mention="<point> (9,9) </point>"> (1,2) </point>', False)],
        Status.OK,
    ),
    (
        '<track> <point mention="y"> (1,2) </point> </track>',
        [P12],
        [(C.IGNORED_MENTION, '<point mention="y"> (1,2) </point>', False)],
        Status.OK,
    ),
    ('<track t="1"> <point> (1,2) </point> </track>', [P12], [(C.IGNORED_TIME, '<track t="1">', False)], Status.OK),
    ("<point> x (1,2) </point>", [P12], [(C.IGNORED_TEXT, "<point> x (1,2) </point>", False)], Status.OK),
    (
        "<collection>see<point> (1,2) </point></collection>",
        [P12],
        [(C.IGNORED_TEXT, "see", False)],
        Status.OK,
    ),
    ("<collection> </collection>", [], [(C.EMPTY_CONTAINER, "<collection> </collection>", False)], Status.EMPTY),
    ("use the <point> tag", [], [(C.UNPAIRED_TAG, "<point>", False)], Status.EMPTY),
    ("a stray </polygon>", [], [(C.UNPAIRED_TAG, "</polygon>", False)], Status.EMPTY),
    ("a stray </collection>", [], [(C.UNPAIRED_TAG, "</collection>", False)], Status.EMPTY),
    ("<point/>", [], [(C.UNPAIRED_TAG, "<point/>", False)], Status.EMPTY),
    (
        "<point> (1,2) </point>" * 3,
        [P12] * 3,
        [(C.REPEATED_ELEMENT, "<point> (1,2) </point>" * 3, False)],
        Status.OK,
    ),
    ("<point> (1,2) </point>" * 2, [P12] * 2, [], Status.OK),
    ('[{"type": "point", "x": 1}]', [], [(C.INVALID_ITEM, '{"type": "point", "x": 1}', False)], Status.UNREADABLE),
    ("[{'point': (1,2)}]", [P12], [(C.REPR_FORM, "[{'point': (1,2)}]", False)], Status.OK),
    ("<loc0001><loc0002> cat", [], [(C.FOREIGN_MARKUP, "<loc0001><loc0002>", False)], Status.UNREADABLE),
]


@pytest.mark.parametrize(("text", "kept", "issues", "status"), CASES, ids=[case[0][:60] for case in CASES])
def test_lenient(text, kept, issues, status):
    document = parse(text)
    assert list(document.annotations) == kept
    assert [(issue.code, issue.span.of(text), issue.recovered) for issue in document.issues] == issues
    assert document.status is status


def test_every_code_of_lenient_mode_is_in_the_table():
    shown = {code for _, _, issues, _ in CASES for code, _, _ in issues}
    assert shown == set(IssueCode) - {C.SPECIAL_TOKEN}


@pytest.mark.parametrize(
    ("attributes", "score", "unknown", "codes"),
    [
        ('mention="lego" confidence="0.95"', 0.95, (), []),
        ("confidence=.5", 0.5, (), []),
        ("confidence=' 1 '", 1.0, (), []),
        ('confidence="0"', 0.0, (), []),
        ('confidence="9.5e-1"', 0.95, (), []),
        ('confidence=""', None, (), []),
        ('confidence="0.1" confidence="0.9"', 0.9, (), [C.DUPLICATE_ATTRIBUTE]),
        ('confidence="95%"', None, (("confidence", "95%"),), [C.UNKNOWN_ATTRIBUTE]),
        ('confidence="1.01"', None, (("confidence", "1.01"),), [C.UNKNOWN_ATTRIBUTE]),
        ('confidence="-0.5"', None, (("confidence", "-0.5"),), [C.UNKNOWN_ATTRIBUTE]),
        ('confidence="nan"', None, (("confidence", "nan"),), [C.UNKNOWN_ATTRIBUTE]),
        ('Confidence="0.5"', None, (("Confidence", "0.5"),), [C.UNKNOWN_ATTRIBUTE]),
        ("label='a &amp; b' id=7", None, (("label", "a & b"), ("id", "7")), [C.UNKNOWN_ATTRIBUTE] * 2),
        ('label="a" confidence="0.5" junk', 0.5, (("label", "a"),), [C.UNKNOWN_ATTRIBUTE] * 2),
    ],
)
def test_confidence_and_unknown_attributes(attributes, score, unknown, codes):
    """field A8: a confidence is the score, and an attribute without a meaning stays on the node."""
    for text in (
        f"<point {attributes}> (1,2) </point>",
        f"<polygon {attributes}> (1,2) (3,4) (5,9) </polygon>",
        f'<clip t="1" {attributes} />',
        f"<collection> <point_box {attributes}> (1,2) (3,4) </point_box> </collection>",
    ):
        document = parse(text)
        assert [each.score for each in document.annotations] == [score]
        assert [issue.code for issue in document.issues] == codes
        (element,) = [node for node in elements(document.nodes) if node.tag != "collection"]
        assert element.attributes == unknown
        (value,) = parse_batch([text]).score.tolist()
        assert math.isnan(value) if score is None else value == score


def test_a_container_has_no_score():
    document = parse('<track confidence="0.5" id="7"> <point> (1,2) </point> </track>')
    assert document.nodes[0].attributes == (("confidence", "0.5"), ("id", "7"))
    assert [issue.code for issue in document.issues] == [C.UNKNOWN_ATTRIBUTE] * 2
    assert document.points == (Point(1, 2),)


def test_scores_count_in_repeats():
    text = "".join(f'<point confidence="0.{digit}"> (1,2) </point>' for digit in (1, 2, 3))
    assert parse(text).issues == ()
    assert parse(text.replace("0.2", "0.1").replace("0.3", "0.1")).issues[0].code is C.REPEATED_ELEMENT


@pytest.mark.parametrize(
    ("text", "truncated"),
    [
        ("<point> (1,2) </point>", False),
        ("words", False),
        ("<collection> <point> (1,2) </point>", True),
        ("<collection> <point> (1,2) </point> </collect", True),
        ("<point> (1,2", True),
        ("<point_bo", True),
        ("<point> (1,2) </poi", True),
        ("the <point> tag", False),
        ("a <p", False),
        ("a <", False),
    ],
)
def test_truncated(text, truncated):
    assert parse(text).truncated is truncated


def test_what_the_service_says_of_the_end():
    assert parse("words", finish_reason="length").truncated
    assert parse("<point> (1,2) </point>", finish_reason="length").truncated
    assert not parse("words", finish_reason="stop").truncated


def test_what_every_container_gives():
    """The specification's table of inheritance, section 1."""
    document = parse(
        '<collection mention="c" t="7" asset_idx="3"> <point> (1,2) </point> <clip t="1" /> '
        '<track> <point t="0"> (3,4) </point> </track> '
        '<point mention="d" t="0" asset_idx="0"> (5,6) </point> </collection>'
    )
    assert document.annotations == (
        Point(1, 2, mention="c", t=7, asset_idx=3),
        Clip(1, mention="c", asset_idx=3),
        Point(3, 4, mention="c", t=0, asset_idx=3),
        Point(5, 6, mention="d", t=0, asset_idx=0),
    )
    assert document.tracks == (Track((Point(3, 4, t=0),), mention="c", asset_idx=3),)
    assert document.collections == (
        Collection(
            (Point(1, 2), Clip(1), Track((Point(3, 4, t=0),)), Point(5, 6, mention="d", t=0, asset_idx=0)),
            t=7,
            mention="c",
            asset_idx=3,
        ),
    )


def test_modes_are_strings():
    assert parse("x", mode="strict").mode is Mode.STRICT
    with pytest.raises(ValueError, match="one of strict, lenient, salvage"):
        parse("x", mode="loose")
    with pytest.raises(ValueError, match="decode it first"):
        parse(b"x")


def test_issues_carry_their_place():
    assert parse("é <point> bad </point>").issues == (Issue(C.INVALID_POINT_COORDS, Span(2, 22), "bad"),)


def test_repr():
    assert repr(parse("<point> (1,2) </point> <clip")) == "<Document partial, truncated: 1 points, 1 issues>"
    assert repr(parse("")) == "<Document empty: no annotations>"


@pytest.mark.parametrize(
    ("text", "annotations"),
    [
        ('<collection mention="&#2;"> <point> (1,2) </point> </collection>', [P12]),
        ('<point mention="&#2;" > (1,2) </point>', [P12]),
        ('<point mention="&#2;"> (1, 2)x </point>', [P12]),
        ('<collection mention="c"><point mention="&#2;">1 2</point></collection>', [Point(1, 2, mention="c")]),
        (
            '<collection mention="c"><track mention="&#2;"> <point> (1,2) </point> </track></collection>',
            [Point(1, 2, mention="c")],
        ),
    ],
)
def test_a_mention_of_control_references_is_none(text, annotations):
    """core m1: such a reference is no character, so the mention is empty, and an empty one is absent."""
    document = parse(text)
    assert list(document.annotations) == annotations
    assert parse(document.to_markup()).annotations == document.annotations
    assert all(each.mention for each in document.collections if each.mention is not None)


class Marked(str):
    """A text like those of markupsafe, lxml and NumPy, with words of its own for people."""

    __slots__ = ()

    def __str__(self):
        return "something else"


@pytest.mark.parametrize("text", ["<point> (1,2) </point>", "nothing", ""])
def test_subclasses_of_str_are_read(text):
    """core M7: a subclass of str is a text, whoever parses it."""
    document = parse(Marked(text))
    assert document == parse(text)
    assert document.annotations == parse(text).annotations
    assert type(document.source) is str
    parser = StreamParser()
    parser.feed(Marked(text))
    assert parser.close() == document
    assert parse_batch([Marked(text)]) == parse_batch([text])
    assert read_json_answer(Marked(text)) == read_json_answer(text)
