"""Streams: the same completion as the body sent at once, however it is cut, and whatever goes wrong."""

import asyncio
import json
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationFound, Box, Completion, CompletionStream, TextDelta, UsageError, parse
from perceptron_annotations.completions import (
    AnswerFinished,
    AnswerRestarted,
    FaultReceived,
    ReasoningDelta,
    ToolCallDelta,
    UsageReceived,
)
from perceptron_annotations.errors import EnvelopeError
from perceptron_annotations.problems import Problem, ProblemCode
from tests import strategies
from tests.completions.chunks import DONE, chunks, pieces, sse
from tests.corpora import ROOT

pytestmark = pytest.mark.backend

BOX = '<point_box mention="cat"> (1,2) (3,4) </point_box>'


def completion(content, **fields):
    message = {"role": "assistant", "content": content} | fields
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }


texts = strategies.texts.map(lambda text: text.encode("utf-8", "replace").decode())  # JSON on a wire is UTF-8
maybe = st.none() | st.text(min_size=1, max_size=8).map(lambda text: text.encode("utf-8", "replace").decode())
calls = st.lists(
    st.builds(
        lambda name, arguments: {
            "id": name,
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        },
        st.text("abc", min_size=1, max_size=4),
        st.text('{"a": 1}', min_size=1, max_size=9),
    ),
    min_size=1,
    max_size=3,
)
messages = st.builds(
    lambda content, reasoning, tools: (
        {"role": "assistant", "content": content or None}
        | ({"reasoning_content": reasoning} if reasoning else {})
        | ({"tool_calls": tools} if tools else {})
    ),
    texts,
    maybe,
    st.none() | calls,
)
bodies = st.builds(
    lambda found, reasons, usage: {
        "object": "chat.completion",
        "id": "c",
        "created": 1,
        "model": "m",
        **({"usage": usage} if usage else {}),
        "choices": [
            {"finish_reason": reason, "index": index, "message": message}
            for index, (message, reason) in enumerate(zip(found, reasons, strict=False))
        ],
    },
    st.lists(messages, min_size=1, max_size=3),
    st.lists(st.sampled_from(["stop", "length", "tool_calls", None]), min_size=3, max_size=3),
    st.none() | st.just({"prompt_tokens": 1, "cost": 0.5}),
)


@pytest.mark.documented(
    "Perceptron",
    "The pieces of a stream join to the message: text, reasoning and tool calls by `index`",
)
@given(bodies, st.integers(1, 9), st.booleans(), st.integers(0, 2**16))
def test_folding_gives_the_body(body, size, usage_apart, seed):
    """“Folding ``chunks(c) == c`` for generated completions”, unknown fields included."""
    data = sse(chunks(body, size=size, usage_apart=usage_apart), comments=usage_apart)
    stream = CompletionStream()
    for piece in pieces(data, seed):
        stream.feed(piece)
    assert stream.close() == Completion.decode(body)
    assert stream.completion.raw == body


@pytest.mark.documented("perceptron.cloud", "Streams have chunks with `delta`, and end with `[DONE]`")
@pytest.mark.parametrize("name", ["perceptron_mk1", "isaac", "openrouter", "perceptron_cloud"])
def test_fixtures_as_streams(name):
    for line in (ROOT / "fixtures" / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        body = json.loads(line)
        body = body.get("response", body)
        if "choices" not in body:
            continue
        whole = Completion.decode(body)
        streamed = CompletionStream().read_all([sse(chunks(body))])
        for one, other in zip(streamed.answers, whole.answers, strict=True):
            assert (one.content, one.reasoning, one.finish_reason) == (
                other.content,
                other.reasoning,
                other.finish_reason,
            )
            assert (one.document, one.tool_calls) == (other.document, other.tool_calls)
            assert list(one.reasoning_details) == list(other.reasoning_details)
        assert streamed.usage == whole.usage


@given(texts, st.integers(1, 9))
def test_events_tell_what_the_document_says(text, size):
    """Prose and annotations of the events are those of the document, spans in the whole content."""
    content = "<think>so</think>" + text
    events = list(CompletionStream().read([sse(chunks(completion(content), size=size))]))
    answer = Completion.decode(completion(content)).answer
    found = [each.event for each in events if isinstance(each.event, AnnotationFound)]
    assert [(each.annotation, each.span) for each in found if not each.provisional] == [
        (each.annotation, each.span)
        for each in found
        if each.annotation in answer.document.annotations and not each.provisional
    ]
    assert len(found) == len(answer.document.annotations)
    assert [each.span for each in sorted(found, key=lambda each: each.id)] == list(answer.document.spans)
    assert "".join(each.event.text for each in events if isinstance(each.event, TextDelta)) == answer.document.prose
    assert "".join(each.event.text for each in events if isinstance(each.event, ReasoningDelta)) == "so"


def test_all_kinds_of_events():
    call = {"id": "t", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    body = completion(f"see {BOX}", reasoning_content="hm", tool_calls=[call])
    stream = CompletionStream(asset_count=2)
    events = list(stream.read(sse(chunks(body, size=4))))
    kinds = [kind for kind, _ in groupby(type(each.event) for each in events)]
    assert kinds == [ReasoningDelta, TextDelta, AnnotationFound, ToolCallDelta, AnswerFinished, UsageReceived]
    assert {each.choice for each in events[:-1]} == {0}
    assert events[-1].choice == -1
    assert stream.completion.answer.tool_calls[0].function.arguments == '{"x": 1}'
    assert stream.completion.answer.resolve_asset(Box(1, 2, 3, 4)) == 1


def test_reasoning_without_its_opener_restarts_the_answer():
    events = list(CompletionStream().read([sse(chunks(completion(f"hm {BOX}</think>ok {BOX}"), size=5))]))
    at = next(row for row, each in enumerate(events) if isinstance(each.event, AnswerRestarted))
    assert events[at + 1].event == ReasoningDelta(f"hm {BOX}")
    after = [each.event for each in events[at:] if isinstance(each.event, AnnotationFound)]
    assert [each.annotation for each in after] == [Box(1, 2, 3, 4, mention="cat")]


@pytest.mark.documented("Perceptron", "A stream ends with `data: [DONE]`")
def test_an_end_without_done_is_a_cut():
    body = completion(f"{BOX} and <point> (1,")
    found = CompletionStream().read_all([sse(chunks(body), done=False)])
    message = "the stream ended before it was done"
    assert found.problems == (Problem(code=ProblemCode.INTERRUPTED_STREAM, message=message),)
    assert not found.complete
    assert found.answer.document.truncated
    assert len(found.answer.document.boxes) == 1
    assert CompletionStream().read_all([sse(chunks(completion("x")))]).complete


@pytest.mark.documented(
    "OpenRouter",
    "An error in the middle of a stream comes as an event with status 200 and `finish_reason: error`",
)
def test_an_error_in_the_middle_keeps_what_came():
    error = {
        "id": "c",
        "error": {"code": 502, "message": "Provider down"},
        "provider": "P",
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
    }
    stream = CompletionStream()
    events = list(stream.read([sse([*chunks(completion(BOX))[:-1], error])]))
    assert any(isinstance(each.event, FaultReceived) for each in events)
    assert stream.completion.fault.kind == "server"
    assert stream.completion.answer.document.boxes == parse(BOX).boxes
    assert not stream.completion.answer.complete
    flat = CompletionStream().read_all([sse([{"object": "error", "message": "no", "code": 400}])])
    assert flat.fault.message == "no"


def test_a_broken_chunk_ends_the_answer():
    data = sse(chunks(completion(BOX)), done=False)
    found = CompletionStream().read_all([data, b"data: {oops\n\n", sse(chunks(completion("more")))])
    assert "is not JSON" in found.problems[0].message
    assert found.problems[0].code is ProblemCode.INVALID_CHUNK
    assert found.answer.content == BOX
    assert not found.complete


@pytest.mark.parametrize("stray", ["ping", "null", "[]", "[1]", '"[DONE]"', "[done]", "5"])
def test_core_m4_a_stray_event_costs_nothing(stray):
    """core m4: what is not an object is told, and the answer goes on."""
    first, *rest = chunks(completion(BOX))
    found = CompletionStream().read_all([sse([first], done=False), f"data: {stray}\n\n".encode(), sse(rest)])
    assert found.answer.content == BOX
    assert found.complete
    assert [problem.code for problem in found.problems] == [ProblemCode.INVALID_CHUNK]


@pytest.mark.documented("OpenRouter", "The chunk with the reason to finish may come twice")
def test_a_finish_chunk_may_come_twice():
    sent = chunks(completion(BOX))
    found = CompletionStream().read_all([sse([*sent, sent[-1]])])
    assert found.complete
    assert found.answer.document == Completion.decode(completion(BOX)).answer.document


def test_a_body_instead_of_a_stream():
    found = CompletionStream().read_all([json.dumps(completion(BOX)).encode()])
    assert found.answer.text == BOX
    found = CompletionStream().read_all([b'{"error": {"message": "no"}}'])
    assert found.fault.message == "no"
    found = CompletionStream().read_all([b"{oops"])
    assert [problem.code for problem in found.problems][-1] is ProblemCode.NOT_A_STREAM


def test_sources_and_wrong_use(tmp_path):
    data = sse(chunks(completion(BOX)))
    path = tmp_path / "a.sse"
    path.write_bytes(data)
    assert CompletionStream().read_all(path).complete
    assert CompletionStream().read_all(data).complete
    assert CompletionStream().read_all(chunks(completion(BOX))).complete

    async def source():
        for at in range(0, len(data), 11):
            yield data[at : at + 11]

    assert asyncio.run(CompletionStream().aread_all(source())).complete
    stream = CompletionStream()
    stream.close()
    with pytest.raises(UsageError, match="closed"):
        stream.feed(DONE)
    with pytest.raises(UsageError, match=r"use feed\(\) for bytes"):
        CompletionStream().feed_chunk("x")
    with pytest.raises(EnvelopeError, match="longer than 9 bytes"):
        CompletionStream(max_event_bytes=9).feed(b"data: 123456789")


def test_a_source_that_breaks_leaves_the_part():
    def source():
        yield sse(chunks(completion(BOX)), done=False)
        raise OSError("reset")

    stream = CompletionStream()
    with pytest.raises(OSError, match="reset"):
        list(stream.read(source()))
    assert stream.completion.answer.text == BOX
    broken = Problem(code=ProblemCode.BROKEN_CONNECTION, message="the connection broke: OSError: reset")
    assert stream.completion.problems == (broken,)
