"""Any chunking ends as the whole does."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations import (
    AnnotationFound,
    ContainerClosed,
    ContainerOpened,
    IssueFound,
    Mode,
    StreamParser,
    TextDelta,
    parse,
)
from perceptron_annotations.errors import MarkupError
from tests import corpora, strategies

FIELDS = [
    "source",
    "mode",
    "answer",
    "nodes",
    "annotations",
    "spans",
    "points",
    "boxes",
    "polygons",
    "clips",
    "tracks",
    "collections",
    "issues",
    "truncated",
    "frame",
]
modes = st.sampled_from([Mode.LENIENT, Mode.SALVAGE])


def assert_streams_like_the_whole(chunks, mode):
    parser = StreamParser(mode=mode)
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    document = parser.close()
    events += parser.closing_events
    whole = parse("".join(chunks), mode=mode)
    for field in FIELDS:
        assert getattr(document, field) == getattr(whole, field), field
    assert_events_tell(events, whole)


def assert_events_tell(events, document):
    """Text joined is the prose; every annotation is told once and settled; containers nest; all issues are told."""
    texts = [event for event in events if isinstance(event, TextDelta)]
    assert "".join(event.text for event in texts) == document.prose
    assert all(event.span.of(document.source) == event.text for event in texts)
    annotations, settled, open_containers = {}, set(), []
    for event in events:
        if isinstance(event, AnnotationFound):
            assert event.id not in annotations
            assert event.span == document.spans[event.id]
            assert event.provisional == bool(open_containers)
            assert event.container == (open_containers[-1] if open_containers else None)
            annotations[event.id] = event.annotation
            settled |= set() if event.provisional else {event.id}
        elif isinstance(event, ContainerOpened):
            open_containers.append(event.id)
        elif isinstance(event, ContainerClosed):
            assert open_containers.pop() == event.id
            annotations |= {found.id: found.annotation for found in event.replaced}
            settled |= {*event.confirmed, *(found.id for found in event.replaced)}
    assert not open_containers
    assert [annotations[row] for row in range(len(annotations))] == list(document.annotations)
    assert settled == set(annotations)
    assert Counter(event.issue for event in events if isinstance(event, IssueFound)) == Counter(document.issues)


@given(strategies.chunked(), modes)
@example(['<track mention="k"><point>(1,2)</po', 'int><point asset_idx="1">(3,4)</point></track>'], Mode.LENIENT)
@example(["a <", "|im_", "end|> b"], Mode.SALVAGE)
def test_any_chunking_equals_the_whole(chunks, mode):
    """“Any chunking, byte by byte included, ends in the same Document as ``parse`` of the whole.”"""
    assert_streams_like_the_whole(chunks, mode)


@given(strategies.texts, modes)
@example("<polygon> (0,0) (0,0) (0,1001) </polygon>", Mode.LENIENT)  # two warnings, in one order on every way
def test_character_by_character(text, mode):
    assert_streams_like_the_whole(list(text), mode)


@pytest.mark.parametrize("mode", [Mode.LENIENT, Mode.SALVAGE])
@pytest.mark.parametrize("text", corpora.EVERY)
def test_recorded_answers(text, mode):
    assert_streams_like_the_whole(list(text), mode)
    assert_streams_like_the_whole([text[at : at + 7] for at in range(0, len(text), 7)], mode)


@given(strategies.chunked())
def test_strict_raises_at_the_end_what_parse_raises(chunks):
    parser = StreamParser(mode="strict")
    for chunk in chunks:
        parser.feed(chunk)
    try:
        whole = parse("".join(chunks), mode="strict")
    except MarkupError as error:
        with pytest.raises(MarkupError) as caught:
            parser.close()
        assert caught.value.issue == error.issue
    else:
        assert parser.close() == whole


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain words", "plain words"),
        ("a < b", "a < b"),
        ("a <b", "a <b"),
        ("5 <", "5 "),
        ("see <po", "see "),
        ("see <points", "see <points"),
        ('see <point mention="a > b', "see "),
        ("see <point> (1,2) ", "see "),
        ("see <point> (1,2) </point> and", "see  and"),
        ("see <collection> words", "see "),
    ],
)
def test_prose_is_told_as_soon_as_it_is_sure(text, told):
    """“Text is emitted as soon as it cannot be markup any more.”"""
    parser = StreamParser()
    events = [event for char in text for event in parser.feed(char)]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == told
