"""Multilook: several prompts about the same media, in the form of Perceptron's Python SDK 0.4.0."""

import inspect

import pytest

from perceptron_annotations import Completion, UsageError
from perceptron_annotations.completions import MultilookRequest, RequestWarning, image

pytestmark = pytest.mark.backend

URL = "https://media.example.com/a.jpg"
PART = {"type": "image_url", "image_url": {"url": URL}}


@pytest.mark.documented("Perceptron", "Multilook: `context` and `prompts` at `/chat/completions/multilook` (SDK 0.4.0)")
def test_body():
    request = MultilookRequest(
        media=image(URL),
        system="Be brief.",
        prompts=["Cups?", ("Like this?", image(URL))],
        annotation_format="box",
        n=2,
        temperature=0.7,
        top_k=3,
    )
    payload = request.for_perceptron()
    assert payload.path == "/chat/completions/multilook"
    assert payload.body == {
        "model": "perceptron-mk1.5",
        "context": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [PART]}],
        "prompts": ["Cups?", {"content": [PART, {"type": "text", "text": "Like this?"}]}],
        "n": 2,
        "temperature": 0.7,
        "top_k": 3,
        "vision_config": {"annotation_format": "box"},
    }
    results = [
        {"prompt_index": 0, "completions": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}]},
        {"prompt_index": 1, "completions": [{"index": 0, "message": {"content": "b"}, "finish_reason": "stop"}]},
    ]
    body = {"object": "chat.completion.multilook", "results": results}
    answers = Completion.decode(body, request=payload.body).answers
    assert [(answer.prompt_index, answer.asset_count) for answer in answers] == [(0, 1), (1, 2)]


def test_the_sdk_builds_the_same_body():
    """From the same context, prompts and options; it is asked for the body and sends nothing."""
    import perceptron
    from perceptron.multilook import _build_request

    request = MultilookRequest(media=image(URL), prompts=["Cups?", ("x", image(URL))], n=2, temperature=0.5, top_p=0.5)
    body = request.for_perceptron("perceptron-mk1").body
    unset = dict.fromkeys(inspect.signature(_build_request).parameters) | {"vision_config": None}
    del unset["client"]
    with perceptron.Client(api_key="none", provider="perceptron") as client:
        assert _build_request(client, **unset | body).body == body


@pytest.mark.documented(
    "Perceptron", "Multilook takes 1–16 prompts, `n` up to 8, 64 answers in all, and no tools (SDK 0.4.0)"
)
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"prompts": []}, "prompts must be from 1 to 16, not 0"),
        ({"prompts": ["x"] * 17}, "not 17"),
        ({"prompts": "x"}, "prompts is a list of prompts, not str"),
        ({"prompts": [5]}, "a prompt is text, or a pair of text and media, not 5"),
        ({"prompts": [("x", "a.jpg")]}, "media holds what image"),
        ({"n": 9, "temperature": 1}, "n must be at most 8"),
        ({"prompts": ["x"] * 9, "n": 8, "temperature": 1}, "64 answers in all: not 8 for each of 9"),
        ({"n": 2}, "n > 1 needs a temperature above 0"),
        ({"n": 2, "temperature": 0}, "n > 1 needs a temperature above 0"),
        ({"history": [{"role": "tool", "content": "x"}]}, "takes no tool calls"),
        ({"history": [{"role": "assistant", "tool_calls": [{}]}]}, "takes no tool calls"),
        ({"temperature": "1"}, "temperature must be a number"),
    ],
)
def test_what_is_refused(fields, told):
    with pytest.raises(UsageError, match=told):
        MultilookRequest(**{"prompts": ["x"]} | fields)


def test_models():
    with pytest.warns(RequestWarning, match="isaac-0.1' is not documented for multilook"):
        MultilookRequest(prompts=["x"]).for_perceptron("isaac-0.1")
    with pytest.raises(UsageError, match="was renamed"):
        MultilookRequest(prompts=["x"]).for_perceptron("perceptron-mk1.5-preview")
    with pytest.raises(UsageError, match="has no focus any more"):
        MultilookRequest(prompts=["x"], focus=True).for_perceptron()
