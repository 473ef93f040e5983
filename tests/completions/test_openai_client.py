"""The real ``openai`` client against a server on this machine that replays the authored fixtures.

No live service was asked: what is shown is that whatever such a service sends reaches the user whole.
"""

import asyncio
import json

import httpx
import openai
import pytest

from perceptron_annotations import Completion, CompletionStream, Request
from perceptron_annotations.completions import image
from tests.completions.chunks import chunks, pieces, sse
from tests.completions.loopback import Reply, serving
from tests.corpora import ROOT

SERVICES = ("perceptron_mk1", "isaac", "openrouter", "perceptron_cloud")
#: How the streams of a service look.
STYLES = {
    "perceptron_mk1": {},
    "isaac": {},
    "openrouter": {"comments": True},
    "perceptron_cloud": {"end": b"\r\n"},
}
FIELDS = ("content", "reasoning", "reasoning_details", "finish_reason", "tool_calls", "document")


def bodies(service):
    for line in (ROOT / "fixtures" / f"{service}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        body = json.loads(line)
        body = body.get("response", body)
        if body.get("choices") and not any(choice.get("error") for choice in body["choices"]):
            yield body


def streamed(service, body):
    return sse(chunks(body, usage_apart=service == "openrouter"), **STYLES[service])


def same(found, wanted):
    assert len(found.answers) == len(wanted.answers)
    for one, other in zip(found.answers, wanted.answers, strict=True):
        for field in FIELDS:
            assert getattr(one, field) == getattr(other, field), field
    assert found.usage == wanted.usage
    assert (found.id, found.model) == (wanted.id, wanted.model)


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(api_key="none", base_url=server.url, max_retries=0) as made:
        yield made


KWARGS = (
    Request(prompt="Find cats.", media=(image("https://a/b.png"),), annotation_format="box").for_perceptron().kwargs
)


@pytest.mark.parametrize("service", SERVICES)
def test_bodies(server, client, service):
    """As the client's object, and as the bytes that came; and the request as it was asked."""
    for body in bodies(service):
        server.reply = Reply([json.dumps(body).encode()], headers=(("x-trace-id", "t"),))
        wanted = Completion.decode(body)
        same(Completion.decode(client.chat.completions.create(**KWARGS)), wanted)
        raw = client.chat.completions.with_raw_response.create(**KWARGS)
        found = Completion.decode(raw.content, headers=raw.headers, request=server.asked[-1])
        same(found, wanted)
        assert (found.request_id, found.answer.asset_count) == ("t", 1)
        assert server.asked[-1]["vision_config"] == {"annotation_format": "box"}


@pytest.mark.parametrize("service", SERVICES)
def test_streams_cut_at_random(server, client, service):
    for seed, body in enumerate(bodies(service)):
        server.reply = Reply(pieces(streamed(service, body), seed), content_type="text/event-stream")
        wanted = Completion.decode(body)
        with client.chat.completions.create(**KWARGS, stream=True) as stream:
            found = CompletionStream().read_all(stream)
        same(found, wanted)
        assert found.complete == wanted.complete
        with client.chat.completions.create(**KWARGS, stream=True) as stream:
            found = CompletionStream().read_all(chunk for chunk in stream)
        if all(choice.get("finish_reason") for choice in body["choices"]):
            same(found, wanted)
        else:  # the client keeps [DONE] to itself
            assert [each.content for each in found.answers] == [each.content for each in wanted.answers]
            assert not found.complete


def test_a_stream_cut_at_every_byte(server, client):
    body = json.loads((ROOT / "fixtures" / "openrouter.jsonl").read_text(encoding="utf-8").split("\n")[0])["response"]
    body["choices"][0]["message"]["content"] = '<point mention="é"> (1,2) </point>'
    data = sse(chunks(body, size=20), comments=True)
    wanted = Completion.decode(body)
    for at in range(len(data)):
        server.reply = Reply([data[:at], data[at:]], content_type="text/event-stream")
        with client.chat.completions.create(**KWARGS, stream=True) as stream:
            found = CompletionStream().read_all(stream)
        same(found, wanted)
        assert found.complete


def test_asynchronously(server):
    async def ask():
        async with openai.AsyncOpenAI(api_key="none", base_url=server.url, max_retries=0) as client:
            for service in SERVICES:
                for body in bodies(service):
                    wanted = Completion.decode(body)
                    server.reply = Reply([json.dumps(body).encode()])
                    same(Completion.decode(await client.chat.completions.create(**KWARGS)), wanted)
                    data = streamed(service, body)
                    server.reply = Reply(pieces(data, len(data)), content_type="text/event-stream")
                    stream = await client.chat.completions.create(**KWARGS, stream=True)
                    same(await CompletionStream().aread_all(stream), wanted)
        async with httpx.AsyncClient() as plain, plain.stream("POST", server.url, json={}) as response:
            same(await CompletionStream().aread_all(response), wanted)

    asyncio.run(ask())


def test_delays(server, client):
    body = next(bodies("perceptron_mk1"))
    server.reply = Reply(pieces(streamed("perceptron_mk1", body), 1), content_type="text/event-stream", delay=0.01)
    with client.chat.completions.create(**KWARGS, stream=True) as stream:
        same(CompletionStream().read_all(stream), Completion.decode(body))


def test_a_dropped_connection_keeps_what_came(server, client):
    body = next(bodies("perceptron_mk1"))
    data = streamed("perceptron_mk1", body)
    server.reply = Reply([data[: len(data) // 2]], content_type="text/event-stream", drop=True)
    for source in (lambda stream: stream, lambda stream: (chunk for chunk in stream)):
        reader = CompletionStream()
        with client.chat.completions.create(**KWARGS, stream=True) as stream, pytest.raises(Exception) as caught:  # noqa: PT011
            reader.read_all(source(stream))
        assert type(caught.value).__name__ in {"RemoteProtocolError", "APIConnectionError"}
        dropped(reader.completion, body)


def dropped(found, body):
    assert body["choices"][0]["message"]["content"].startswith(found.answer.content)
    assert len(found.answer.content) > len(body["choices"][0]["message"]["content"]) // 4
    assert not found.complete
    assert found.answer.document.truncated
    assert "connection broke" in found.problems[0].message


def test_an_error_in_the_stream(server, client):
    body = next(bodies("openrouter"))
    error = {"error": {"message": "Provider down", "code": 502, "metadata": {"provider_name": "P"}}}
    server.reply = Reply([sse([*chunks(body)[:-1], error])], content_type="text/event-stream")
    with client.chat.completions.create(**KWARGS, stream=True) as stream:
        found = CompletionStream().read_all(stream)
    assert (found.fault.kind, found.fault.message, found.fault.provider) == ("server", "Provider down", "P")
    assert found.answer.content == body["choices"][0]["message"]["content"]
    reader = CompletionStream()
    with client.chat.completions.create(**KWARGS, stream=True) as stream, pytest.raises(openai.APIError):
        reader.read_all(chunk for chunk in stream)
    assert reader.completion.fault.message == "Provider down"
    assert reader.completion.answer.content == found.answer.content


@pytest.mark.documented("Perceptron", "Errors have a status of HTTP, and `x-trace-id` names the request (SDK 0.4.0)")
@pytest.mark.parametrize(
    ("status", "sent", "kind", "raised"),
    [
        (401, {"error": {"message": "no key"}}, "authentication", openai.AuthenticationError),
        (402, {"error": {"message": "no credit", "code": 402}}, "quota", openai.APIStatusError),
        (403, {"message": "flat"}, "permission", openai.PermissionDeniedError),
        (404, {"error": "text"}, "not_found", openai.NotFoundError),
        (408, {"error": {"message": "slow"}}, "timeout", openai.APIStatusError),
        (413, {"error": {"message": "big", "code": "insufficient_quota"}}, "quota", openai.APIStatusError),
        (429, {"error": {"message": "wait"}}, "rate_limit", openai.RateLimitError),
        (500, "<html>oops</html>", "server", openai.InternalServerError),
        (502, {"error": {"message": "down", "code": 502}}, "server", openai.InternalServerError),
        (503, [{"message": "a"}], "server", openai.InternalServerError),
    ],
)
def test_errors_of_http(server, client, status, sent, kind, raised):
    """The client raises its own error; its response says the rest. ``httpx`` alone raises nothing."""
    data = sent if isinstance(sent, str) else json.dumps(sent)
    server.reply = Reply([data.encode()], status=status, headers=(("retry-after", "3"),))
    for stream in (False, True):
        with pytest.raises(raised) as caught:
            client.chat.completions.create(**KWARGS, stream=stream)
        response = caught.value.response
        found = Completion.decode(response.content, status=response.status_code, headers=response.headers)
        assert (found.fault.kind, found.fault.status, found.fault.retry_after) == (kind, status, 3)
        assert found.answers == ()
    with httpx.stream("POST", server.url, json={}) as response:
        assert CompletionStream().read_all(response).fault.kind == kind
