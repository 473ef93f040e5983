"""The near misses, and what salvage never does."""

import pytest

from perceptron_annotations import Box, Clip, IssueCode, Mode, Point, Polygon, Status, Track, parse

C = IssueCode


@pytest.mark.parametrize(
    ("text", "kept", "code"),
    [
        ("<point> (1.5,2) </point>", [Point(1.5, 2)], C.INVALID_POINT_COORDS),
        ("<point> (-1,+2) </point>", [Point(-1, 2)], C.INVALID_POINT_COORDS),
        ("<point> [1, 2] </point>", [Point(1, 2)], C.INVALID_POINT_COORDS),
        ("<point> 1,2 </point>", [Point(1, 2)], C.INVALID_POINT_COORDS),
        ("<point> (1,2) (3,4) </point>", [Point(1, 2)], C.INVALID_POINT_COORDS),
        ("<point_box> 10,20,30,40 </point_box>", [Box(10, 20, 30, 40)], C.INVALID_BOX_COORDS),
        ("<point_box> [[10, 20], [30, 40]] </point_box>", [Box(10, 20, 30, 40)], C.INVALID_BOX_COORDS),
        ("<point_box> (1,2) (3,4) (5,6) </point_box>", [Box(1, 2, 3, 4)], C.INVALID_BOX_COORDS),
        ("<polygon> 0,0 1,0 1,1 9 </polygon>", [Polygon(((0, 0), (1, 0), (1, 1)))], C.INVALID_POLYGON_COORDS),
        ("<point_box> (1,2) (3,4)", [Box(1, 2, 3, 4)], C.TRUNCATED_ELEMENT),
        ("<point_box> (1,2) (3,4) </point_b", [Box(1, 2, 3, 4)], C.TRUNCATED_ELEMENT),
        (
            '<point mention="a"> (1,2) and <point> (3,4) </point>',
            [Point(1, 2, mention="a"), Point(3, 4)],
            C.MISSING_TAG,
        ),
        ('<clip t="1 2"> and so on', [Clip(1, 2)], C.MISSING_TAG),
        (
            '<collection mention="c"> <point> (1,2) <point> (3,4) </point> </collection>',
            [Point(1, 2, mention="c"), Point(3, 4, mention="c")],
            C.UNCLOSED_TAG,
        ),
    ],
)
def test_kept_with_its_issue(text, kept, code):
    document = parse(text, mode=Mode.SALVAGE)
    assert list(document.annotations) == kept
    issue = next(issue for issue in document.issues if issue.code is code)
    assert issue.recovered
    assert document.status is Status.OK
    assert parse(text).status in {Status.UNREADABLE, Status.PARTIAL}


@pytest.mark.parametrize(
    "text",
    [
        "<point> one, two </point>",
        "<point_box> (1,2) (3, </point_box>",
        "<point_box> (1,2) (3,4",
        f"<point> ({10**20}.5,2) </point>",
        '<point t="0:05"> (1,2) </point>',
        "<point> </point>",
    ],
)
def test_nothing_is_guessed(text):
    assert parse(text, mode=Mode.SALVAGE).annotations == ()
    assert parse(text, mode=Mode.SALVAGE).status is Status.UNREADABLE


def test_special_tokens_are_no_prose():
    text = "<|endoftext|>a <|im_end|>"
    document = parse(text, mode="salvage")
    assert document.prose == "a "
    assert [(issue.code, issue.span.of(text)) for issue in document.issues] == [
        (C.SPECIAL_TOKEN, "<|endoftext|>"),
        (C.SPECIAL_TOKEN, "<|im_end|>"),
    ]
    assert parse(text).prose == text


def test_a_salvaged_waypoint_never_changes_a_track():
    """One of another kind, or of another asset, stays loose; one that agrees joins."""
    track = "<track> <point> (1,2) </point> {} </track>"
    loose = parse(track.format("<point_box> 1,2,3,4 </point_box>"), mode="salvage")
    assert loose.tracks == (Track((Point(1, 2),)),)
    assert loose.annotations == (Point(1, 2), Box(1, 2, 3, 4))
    named = parse(track.format('<point asset_idx="1"> 3,4 </point>'), mode="salvage")
    assert named.tracks == (Track((Point(1, 2),)),)
    assert named.annotations == (Point(1, 2), Point(3, 4, asset_idx=1))
    joined = parse(track.format("<point> 3,4 </point>"), mode="salvage")
    assert joined.tracks == (Track((Point(1, 2), Point(3, 4))),)
