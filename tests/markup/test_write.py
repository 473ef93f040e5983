"""What has no form in the markup is refused before anything is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Box, Clip, Collection, Frame, Point, Track, parse, to_markup
from perceptron_annotations.errors import UnwritableError


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Point(0.5, 2), "whole coordinates"),
        (Point(-1, 2), "whole coordinates"),
        (Point(2.0**53 + 2, 2), "whole coordinates"),
        (Point(1, 2, score=1.5), "no place for the score"),
        (Clip(1, score=-0.1), "no place for the score"),
        (Point(1, 2, frame=Frame.UNIT), "on the grid"),
        (Box(1, 2, 3, 4).to(Frame.pixels(640, 480)), r"\.to\(Frame\.GRID\)"),
        (Point(1, 2, asset_idx=2**31), "beyond"),
        (Collection(()), "empty collection"),
        (Track((), complete=False), "empty track"),
        (Collection((Point(1, 2), Point(0.5, 1))), "whole coordinates"),
        ([Point(1, 2), Point(0.5, 1)], "whole coordinates"),
        (["x"], "only annotations"),
    ],
)
def test_refused(value, message):
    with pytest.raises(UnwritableError, match=message):
        to_markup(value)


def test_prose_is_kept_and_defused():
    text = "use the <point> tag: <POINT Mention='a'> 1 2 </POINT> <|im_end|> &lt; a < b </collection> <po"
    assert parse(text).to_markup() == (
        "use the &lt;point> tag: <point> (1,2) </point> <|im_end|> &lt; a < b &lt;/collection> &lt;po"
    )


def test_misplaced_containers_are_written_as_what_they_hold():
    inner = '<collection mention="b"> <point> (1,2) </point> </collection>'
    text = f'<collection mention="a"> {inner} <point> (3,4) </point> </collection>'
    assert parse(text).to_markup() == '<point mention="b"> (1,2) </point> <point mention="a"> (3,4) </point>'


def test_salvaged_fractions_are_refused_with_what_to_do():
    with pytest.raises(UnwritableError, match=r"\.rounded\(\)"):
        parse("<point> (1.5,2) </point>", mode="salvage").to_markup()


@given(
    st.floats(0, 1), st.sampled_from([Point(1, 2), Clip(3, 4, mention="a"), Collection((Point(1, 2),), mention="b")])
)
def test_a_score_is_written_as_confidence(score, value):
    """field A8: "`confidence` on a leaf is its score, and is written back"."""
    scored = (
        value.replace(children=tuple(child.replace(score=score) for child in value.children))
        if isinstance(value, Collection)
        else value.replace(score=score)
    )
    text = to_markup(scored)
    document = parse(text)
    assert [each.score for each in document.annotations] == [score]
    assert (document.issues, document.to_markup()) == ((), text)
    assert to_markup(scored, confidence=False) == document.to_markup(confidence=False) == to_markup(value)
