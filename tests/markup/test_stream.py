"""The events of a stream, in one table; and how a parser is closed."""

import sys
import threading

import pytest

from perceptron_annotations import (
    AnnotationFound,
    Box,
    ContainerClosed,
    ContainerOpened,
    Issue,
    IssueCode,
    IssueFound,
    Point,
    Span,
    StreamParser,
    TextDelta,
    UsageError,
    parse,
)

BOX = '<point_box mention="cat"> (1,2) (3,4) </point_box>'
#: What is fed, and the events of each delta.
CASES = [
    ("prose", [("I see ", [TextDelta("I see ", Span(0, 6))]), ("a cat", [TextDelta("a cat", Span(6, 11))])]),
    (
        "box",
        [
            ("A <point_box mention=", [TextDelta("A ", Span(0, 2))]),
            ('"cat"> (1,2) ', []),
            ("(3,4) </point_box", []),
            (">", [AnnotationFound(0, Box(1, 2, 3, 4, mention="cat"), Span(2, 52))]),
            ("!", [TextDelta("!", Span(52, 53))]),
        ],
    ),
    (
        "track that takes the asset of a later waypoint",
        [
            ('<track mention="k">', [ContainerOpened(0, "track", Span(0, 19), "k")]),
            (
                "<point>(1,2)</point>",
                [AnnotationFound(0, Point(1, 2, mention="k"), Span(19, 39), provisional=True, container=0)],
            ),
            (
                '<point asset_idx="1">(3,4)</point>',
                [
                    AnnotationFound(
                        1, Point(3, 4, mention="k", asset_idx=1), Span(39, 73), provisional=True, container=0
                    )
                ],
            ),
            (
                "</track>",
                [
                    ContainerClosed(
                        0,
                        "track",
                        Span(0, 81),
                        complete=True,
                        confirmed=(1,),
                        replaced=(
                            AnnotationFound(0, Point(1, 2, mention="k", asset_idx=1), Span(19, 39), False, container=0),
                        ),
                    )
                ],
            ),
        ],
    ),
    (
        "issue",
        [
            (
                "<point> bad </point> ",
                [IssueFound(Issue(IssueCode.INVALID_POINT_COORDS, Span(0, 20), "bad")), TextDelta(" ", Span(20, 21))],
            )
        ],
    ),
    ("a tag that is none", [("<poi", []), ("soned", [TextDelta("<poisoned", Span(0, 9))])]),
    ("a quote that never closes", [('<point mention="', []), (BOX[:40], [])]),
]


@pytest.mark.parametrize("steps", [steps for _, steps in CASES], ids=[name for name, _ in CASES])
def test_events(steps):
    parser = StreamParser()
    for delta, events in steps:
        assert parser.feed(delta) == events
    assert parser.close() == parse("".join(delta for delta, _ in steps))


def test_the_end_closes_what_is_open():
    parser = StreamParser()
    parser.feed("<collection> hello <point> (1,2) </point>")
    document = parser.close()
    assert document.truncated
    assert [type(event) for event in parser.closing_events] == [IssueFound, ContainerClosed, TextDelta]
    assert document.prose == " hello "


def test_a_closed_parser_takes_no_more():
    parser = StreamParser()
    parser.feed("a")
    assert parser.close() is parser.close()
    with pytest.raises(UsageError, match="new StreamParser"):
        parser.feed("b")
    with pytest.raises(UsageError, match="must be a str"):
        StreamParser().feed(b"b")


def test_what_the_service_says_of_the_end():
    parser = StreamParser()
    parser.feed("words")
    assert parser.close(finish_reason="length") == parse("words", finish_reason="length")


def test_reliability_m8_a_parser_is_for_one_thread_at_a_time():
    """The minor m8: eight threads, of which each repeats what was refused; nothing is lost, nothing else is raised."""
    parser, refused, found = StreamParser(), [], []

    def feed():
        for _ in range(500):
            while True:
                try:
                    found.extend(parser.feed("<point> (1,2) </point>" * 4))
                    break
                except UsageError as error:
                    refused.append(str(error))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=feed) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(parser.close().points) == 8 * 500 * 4
    assert len(found) == 8 * 500 * 4
    assert all("one thread at a time" in each for each in refused)


def test_reliability_m8_whoever_comes_second_is_refused():
    """The minor m8."""
    parser, others = StreamParser(), []

    class Slow(str):
        """A piece that another thread interrupts."""

        def __contains__(self, text):
            for act in (lambda: parser.feed("x"), parser.close):
                with pytest.raises(UsageError, match="one thread at a time") as told:
                    act()
                others.append(told)
            return super().__contains__(text)

    parser.feed(Slow("<point> (1,2) </point>"))
    assert len(others) >= 2
    assert parser.close().points == (Point(1, 2),)
