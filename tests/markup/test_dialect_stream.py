"""An answer in a dialect ends as ``parse`` of the whole says, however it is cut, and is told as it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import dialect_named
from tests.property.test_stream import assert_events_tell

CAT, DOG = '{"bbox_2d": [1, 2, 3, 4], "label": "cat"}', '{"bbox_2d": [[1, 2, 3, 4], [5, 6, 7, 8]], "label": "two"}'
PARTS = [CAT, DOG, "[", "]", ",", "Here <|im_end|> it is: ", "<|im", "\n", "{", '{"bbox_2d": [1]}', "```json", '"']


def streamed(chunks, **options):
    parser = pa.StreamParser(**options)
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    document = parser.close()
    return document, [*events, *parser.closing_events]


@given(st.lists(st.sampled_from(PARTS), max_size=12), st.sampled_from(["lenient", "salvage"]), st.integers(1, 9))
def test_any_chunks_end_as_the_whole(parts, mode, size):
    text = "".join(parts)
    whole = pa.parse(text, dialect="qwen3-vl", mode=mode)
    for chunks in (parts, [text[at : at + size] for at in range(0, len(text), size)]):
        document, events = streamed(chunks, dialect="qwen3-vl", mode=mode)
        assert document == whole
        assert_events_tell(events, whole)


def test_a_box_is_told_with_its_closing_brace():
    parser = pa.StreamParser(dialect="qwen2.5-vl", image_size=(640, 480))
    assert [event.text for event in parser.feed("Here: [" + CAT[:-1])] == ["Here:"]
    (found,) = parser.feed("}")
    assert (found.id, found.annotation.xyxy, found.annotation.frame) == (0, (1, 2, 3, 4), pa.Frame.pixels(644, 476))
    assert parser.feed("]") == []


def test_a_group_is_told_as_a_container():
    _, (opened, first, second, closed) = streamed([DOG], dialect="qwen3-vl")
    assert (opened.tag, opened.mention, tuple(opened.span)) == ("collection", "two", (0, len(DOG)))
    assert [(found.id, found.provisional, found.container) for found in (first, second)] == [(0, True, 0), (1, True, 0)]
    assert (closed.id, closed.complete, closed.confirmed) == (0, True, (0, 1))


def test_what_nothing_reads_is_told_at_the_end():
    document, events = streamed(["<poi", "nt> (1,2) </point>"], dialect="qwen3-vl")
    assert [event.issue.code for event in events if isinstance(event, pa.IssueFound)] == ["foreign_markup"]
    assert document.status == "unreadable"


def test_strict_raises_at_the_end():
    parser = pa.StreamParser(dialect="qwen3-vl", mode="strict")
    parser.feed('[{"bbox_2d": [1, 2, 3]}]')
    with pytest.raises(pa.errors.MarkupError):
        parser.close()


def test_what_no_parser_takes_is_refused_at_once():
    for make in (pa.StreamParser, pa.CompletionStream):
        with pytest.raises(pa.UsageError, match="image_size"):
            make(dialect="qwen2.5-vl")
        with pytest.raises(pa.UsageError, match="there is no dialect"):
            make(dialect="nobodys")
    own = pa.StreamParser(dialect=dialect_named("qwen3-vl"), frame=pa.Frame.UNIT, before="hm")
    assert own.feed(CAT)[-1].annotation.frame == pa.Frame.UNIT
    assert tuple(own.close().answer) == (2, 2 + len(CAT))


def test_a_completion_is_read_in_a_dialect():
    content = f"<think>hm</think>[{CAT}]"
    stream = pa.CompletionStream(dialect="gemini")
    chunks = [{"choices": [{"index": 0, "delta": {"content": char}}]} for char in content]
    told = [each.event for chunk in chunks for each in stream.feed_chunk(chunk)]
    (found,) = [event for event in told if isinstance(event, pa.AnnotationFound)]
    answer = stream.close().answer
    assert answer.parse(dialect="gemini").boxes == (found.annotation,) == (pa.Box(2, 1, 4, 3, mention="cat"),)
    size = (640, 480)
    assert answer.parse(dialect="qwen2.5-vl", image_size=size).frame == pa.Frame.pixels(644, 476)
