"""Pieces of a text: they tile it, and name what stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Span, parse
from perceptron_annotations.render.page.annotated_text import Mention, Role, pieces_of

pytestmark = pytest.mark.backend


def pieces(text):
    document = parse(text)
    mentions = [
        Mention(span, each.mention or type(each).__name__.lower(), getattr(each, "t", None))
        for each, span in zip(document.annotations, document.spans, strict=True)
    ]
    return pieces_of(text, document.answer, document.nodes, mentions, [issue.span for issue in document.issues])


def test_prose_is_as_it_is_and_an_annotation_is_its_mention():
    text = 'One 🐟 <point mention="cat"> (1,2) </point>!'
    assert pieces(text) == ["One 🐟 ", ("cat", Role.MENTION, [0], []), "!"]


def test_a_collection_stands_for_its_members_and_each_for_itself():
    text = '<collection mention="cups"><point> (1,2) </point> <point mention="mug"> (3,4) </point></collection>'
    assert pieces(text) == [
        ("cups", Role.GROUP, [0, 1], []),
        ("1", Role.MEMBER, [0], []),
        " ",
        ("mug", Role.MENTION, [1], []),
    ]


def test_waypoints_are_called_by_their_times():
    text = '<track mention="car"><point t="1 seconds"> (1,2) </point><point t="2.5 seconds"> (3,4) </point></track>'
    assert [piece[0] for piece in pieces(text)] == ["car", "1 s", "2.5 s"]


def test_what_was_not_read_stays_as_it_is_written_with_its_issue():
    text = "a <point> 1.5 </point> b"
    assert pieces(text) == ["a ", ("<point> 1.5 </point>", Role.UNREAD, [], [0]), " b"]


def test_an_issue_at_the_end_of_the_text_is_about_its_last_words():
    text = "a <point> (1,2"
    assert pieces(text)[-1] == ("<point> (1,2", Role.WORDS, [], [0])


def test_reasoning_is_not_a_part_of_the_answer():
    text = "<think>hm</think>yes"
    assert "".join(map(str, pieces_of(text, Span(17, 20), (), [], []))) == "yes"


MARKUP = st.lists(
    st.sampled_from(
        [
            "words ",
            "🐟",
            "<point> (1,2) </point>",
            '<point_box mention="x"> (1,2) (3,4) </point_box>',
            "<point> bad </point>",
            "<collection>",
            "</collection>",
            '<track mention="t">',
            "</track>",
            '<clip t="1 seconds"></clip>',
            "<point> (1",
            "<|endoftext|>",
        ]
    ),
    max_size=12,
).map("".join)


@given(MARKUP)
def test_each_annotation_is_named_and_no_prose_is_lost(text):
    document = parse(text)
    found = pieces(text)
    named = {row for piece in found if not isinstance(piece, str) for row in piece[2]}
    assert named == set(range(len(document.annotations)))
    words = "".join(
        piece if isinstance(piece, str) else piece[0]
        for piece in found
        if isinstance(piece, str) or piece[1] == Role.WORDS
    )
    for word in ("words", "🐟"):
        assert words.count(word) <= text.count(word)
        assert words.count(word) >= document.prose.count(word)
    about = {issue for piece in found if not isinstance(piece, str) for issue in piece[3]}
    assert about <= set(range(len(document.issues)))
    if any(not isinstance(piece, str) or piece.strip() for piece in found):
        last = [place for place, issue in enumerate(document.issues) if issue.span.start < issue.span.end]
        assert set(last) <= about | {place for place in last if "</" in document.issues[place].span.of(text)}


def test_a_hostile_answer_takes_no_square_of_time():
    text = "<collection>" + "<point> (1,2) </point><point> 1 </point>" * 5_000 + "</collection>"
    assert len(pieces(text)) > 10_000
