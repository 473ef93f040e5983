"""What the services of today take beyond one question about an image, with the real ``openai`` client.

The server is on this machine and answers what the test tells it: no live service was asked. What is shown is the
request that arrives, and that the answer reaches the user whole.
"""

import json

import openai
import pytest

from perceptron_annotations import Completion, CompletionStream, Request, ops, parse_batch
from perceptron_annotations.completions import MultilookRequest, audio, image, video
from tests.completions.chunks import chunks, sse
from tests.completions.loopback import Reply, serving

pytestmark = pytest.mark.backend

URL = "https://media.example.com/a.jpg"
CUP = '<point_box mention="cup"> ({x},10) (90,80) </point_box>'


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(api_key="none", base_url=server.url, max_retries=0) as made:
        yield made


def answering(*messages, **fields):
    choices = [{"index": index, "message": message, "finish_reason": "stop"} for index, message in enumerate(messages)]
    return {"id": "c", "object": "chat.completion", "choices": choices} | fields


def test_mk15(server, client):
    server.reply = Reply([json.dumps(answering({"role": "assistant", "content": CUP.format(x=1)})).encode()])
    request = Request(prompt="Box the cups.", media=image(URL), annotation_format="box", reasoning_effort="low")
    payload = request.for_perceptron()
    answer = Completion.decode(client.chat.completions.create(**payload.kwargs), request=payload.body).answer
    assert server.asked[-1] == payload.body
    assert server.asked[-1]["model"] == "perceptron-mk1.5"
    assert (answer.asset_count, answer.document.boxes[0].x1) == (1, 1.0)


def test_audio(server, client):
    server.reply = Reply([json.dumps(answering({"role": "assistant", "content": '<clip t="1 2" />'})).encode()])
    media = (video("https://media.example.com/a.mp4"), audio(b"RIFF\0\0\0\0WAVE"))
    request = Request(prompt="When is it loud?", media=media, annotation_format="clip", audio_in_video=True)
    payload = request.for_perceptron()
    answer = Completion.decode(client.chat.completions.create(**payload.kwargs), request=payload.body).answer
    asked = server.asked[-1]
    assert [part["type"] for part in asked["messages"][0]["content"]] == ["video_url", "input_audio", "text"]
    assert asked["vision_config"] == {"annotation_format": "clip", "enable_audio_in_video": True}
    assert (answer.asset_count, len(answer.document.clips)) == (2, 1)


@pytest.mark.parametrize("is_apart", [False, True], ids=["on the finish chunk", "on a chunk of its own"])
@pytest.mark.documented("Perceptron", "Usage comes on the finish chunk before `[DONE]`, or on a chunk of its own")
def test_usage_of_a_stream(server, client, is_apart):
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    body = answering({"role": "assistant", "content": CUP.format(x=1)}, usage=usage)
    server.reply = Reply([sse(chunks(body, usage_apart=is_apart))], content_type="text/event-stream")
    payload = Request(prompt="Box the cups.", stream=True).for_perceptron()
    with client.chat.completions.create(**payload.kwargs) as stream:
        completion = CompletionStream().read_all(stream)
    assert server.asked[-1]["stream_options"] == {"include_usage": True}
    assert completion.usage.total_tokens == 12


def test_three_samples_and_their_consensus(server, client):
    messages = [{"role": "assistant", "content": CUP.format(x=x)} for x in (9, 10, 12)]
    server.reply = Reply([json.dumps(answering(*messages)).encode()])
    payload = Request(prompt="Box the cups.", n=3, temperature=0.7).for_openai_compatible("my-model")
    completion = Completion.decode(client.chat.completions.create(**payload.kwargs))
    assert server.asked[-1]["n"] == 3
    samples = parse_batch([answer.content for answer in completion.answers])
    agreed = ops.consensus(samples, questions=[0, 0, 0])
    assert agreed.xyxy.tolist() == [[10, 10, 90, 80]]
    assert agreed.score.tolist() == [1]


def test_multilook(server, client):
    results = [
        {
            "prompt_index": 0,
            "completions": [{"index": 0, "message": {"content": CUP.format(x=1)}, "finish_reason": "stop"}],
        },
        {"prompt_index": 1, "error": {"message": "too long", "code": "context_length"}},
    ]
    body = {"id": "m", "object": "chat.completion.multilook", "results": results, "usage": {"total_tokens": 9}}
    server.reply = Reply([json.dumps(body).encode()])
    payload = MultilookRequest(media=image(URL), prompts=["Box the cups.", "And the plates?"]).for_perceptron()
    completion = Completion.decode(client.post(payload.path, body=payload.body, cast_to=object), request=payload.body)
    assert server.asked[-1] == payload.body
    cups, plates = completion.answers
    assert (cups.prompt_index, cups.asset_count, len(cups.document.boxes)) == (0, 1, 1)
    assert (plates.prompt_index, plates.fault.message) == (1, "too long")


@pytest.mark.parametrize("is_stream", [False, True], ids=["body", "stream"])
@pytest.mark.parametrize("has_role", [False, True], ids=["without a role", "with a role"])
@pytest.mark.documented("OpenRouter", "The reasoning of an answer is preserved whole in the next turn")
def test_two_turns(server, client, has_role, is_stream):
    """core M12: one call gives the message to send back, with its role and its encrypted reasoning."""
    details = [
        {"type": "reasoning.text", "text": "Look left.", "signature": "c2ln", "index": 0},
        {"type": "reasoning.encrypted", "data": "gAAA==", "id": "r-1", "index": 1},
    ]
    message = {"content": CUP.format(x=1), "reasoning": "Look left.", "reasoning_details": details}
    if has_role:
        message = {"role": "assistant"} | message
    body = answering(message)
    first = Request(prompt="Box the cups.", annotation_format="box", stream=is_stream)
    payload = first.for_openrouter()
    if is_stream:
        server.reply = Reply([sse(chunks(body))], content_type="text/event-stream")
        with client.chat.completions.create(**payload.kwargs) as stream:
            answer = CompletionStream().read_all(stream).answer
    else:
        server.reply = Reply([json.dumps(body).encode()])
        answer = Completion.decode(client.chat.completions.create(**payload.kwargs)).answer
    history = [*payload.body["messages"], answer.to_message()]
    server.reply = Reply([json.dumps(answering({"role": "assistant", "content": "Two."})).encode()])
    second = Request(prompt="How many?", history=history).for_openrouter()
    assert Completion.decode(client.chat.completions.create(**second.kwargs)).answer.content == "Two."
    asked, sent, more = server.asked[-1]["messages"]
    assert (asked["content"], more["content"]) == ("Box the cups.", "How many?")
    assert (sent["role"], sent["content"], sent["reasoning_details"]) == ("assistant", CUP.format(x=1), details)
