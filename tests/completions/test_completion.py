"""Bodies of the four services, field by field, and every form of error."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Box, Completion, Point, UsageError
from perceptron_annotations.completions import ServiceError
from perceptron_annotations.completions.faults import FaultKind
from perceptron_annotations.errors import EnvelopeError
from perceptron_annotations.problems import Problem, ProblemCode
from tests.corpora import ROOT

pytestmark = pytest.mark.backend

BOX = '<point_box mention="cat"> (316,136) (703,906) </point_box>'

INNER = '{"error": {"message": "inner", "type": "rate_limit_error"}}'


def body(message, **choice):
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"} | choice]}


@pytest.mark.documented("Perceptron", "`reasoning_content` is apart from the content")
@pytest.mark.documented(
    "Perceptron",
    "An answer has `id`, `model`, `object`, `created` and `usage`, with cached and audio tokens",
)
def test_perceptron_mk1():
    """Reasoning in a field of its own, and tokens that were cached and heard."""
    request = {
        "messages": [{"role": "user", "content": [{"type": "image_url"}, {"type": "text"}, {"type": "video_url"}]}]
    }
    sent = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "perceptron-mk1",
        "system_fingerprint": "fp",
        **body({"role": "assistant", "content": BOX, "reasoning_content": "I see <point> (1,2) </point>"}),
        "usage": {
            "prompt_tokens": 5,
            "completion_tokens": 7,
            "total_tokens": 12,
            "prompt_tokens_details": {"audio_tokens": 1, "cached_tokens": 2},
        },
    }
    found = Completion.decode(json.dumps(sent).encode(), request=request, headers={"X-Trace-Id": "t-1"})
    assert (found.id, found.model, found.created, found.request_id) == ("chatcmpl-1", "perceptron-mk1", 1, "t-1")
    assert found.raw["system_fingerprint"] == "fp"
    assert found.complete
    answer = found.answer
    assert answer.text == BOX
    assert answer.reasoning == "I see <point> (1,2) </point>"
    assert answer.document.annotations == (Box(316, 136, 703, 906, mention="cat"),)
    assert answer.reasoning_document.annotations == (Point(1, 2),)
    assert answer.asset_count == 2
    assert answer.resolve_asset(answer.document.annotations[0]) == 1
    assert answer.resolve_asset(Point(1, 2, asset_idx=0)) == 0
    assert answer.resolve_asset(Point(1, 2, asset_idx=2)) is None
    usage = found.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.audio_tokens, usage.cost) == (5, 2, 1, None)


@pytest.mark.documented("Isaac", "`<think>…</think>` in the content is reasoning, not part of the answer")
def test_isaac_thinks_in_the_content():
    content = f"<think>maybe <point> (9,9) </point></think>{BOX}<|im_end|>"
    answer = Completion.decode(body({"content": content})).answer
    assert answer.text == BOX
    assert answer.document.annotations == (Box(316, 136, 703, 906, mention="cat"),)
    assert answer.document.spans[0].of(content) == BOX
    assert answer.reasoning_document.annotations == (Point(9, 9),)
    assert answer.reasoning_document.spans[0].of(content) == "<point> (9,9) </point>"
    cut = Completion.decode(body({"content": "<think>" + BOX})).answer
    assert (cut.text, cut.complete, cut.document.truncated) == ("", False, True)


@pytest.mark.documented(
    "OpenRouter",
    "`reasoning` and `reasoning_details` of three types come with the message, and say the same",
)
@pytest.mark.documented("OpenRouter", "`usage.cost`, `reasoning_tokens`, `provider` and `native_finish_reason`")
def test_openrouter():
    """Reasoning is one of three fields, never their sum, and its details are kept for replay."""
    details = [
        {"type": "reasoning.text", "text": "one ", "signature": "s", "format": "x", "index": 0},
        {"type": "reasoning.summary", "summary": "two"},
        {"type": "reasoning.encrypted", "data": "eA=="},
    ]
    for message, wanted in (
        ({"reasoning": "a", "reasoning_content": "b", "reasoning_details": details}, "b"),
        ({"reasoning": "a", "reasoning_details": details}, "a"),
        ({"reasoning": None, "reasoning_details": details}, "one two"),
        ({}, None),
    ):
        answer = Completion.decode(body({"content": "x", **message}, native_finish_reason="STOP")).answer
        assert answer.reasoning == wanted
        assert answer.native_finish_reason == "STOP"
        assert list(answer.reasoning_details) == message.get("reasoning_details", [])
    usage = {"cost": 0.25, "completion_tokens_details": {"reasoning_tokens": 3}}
    found = Completion.decode(body({"content": "x"}) | {"usage": usage, "provider": "Perceptron"})
    assert (found.usage.cost, found.usage.reasoning_tokens, found.provider) == (0.25, 3, "Perceptron")


@pytest.mark.documented("Perceptron", "The sample's choice has `index: 1`, no role and no `finish_reason`")
@pytest.mark.documented("perceptron.cloud", "The content is a text, null, or a list of parts")
def test_perceptron_cloud():
    """core M10, M12: no reason to finish, the documented wrong index, and no role: read, but not called complete."""
    found = Completion.decode({"choices": [{"index": 1, "message": {"content": "x"}}]})
    assert (found.answer.text, found.answer.index, found.answer.complete) == ("x", 0, False)
    assert not found.complete
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert Completion.decode(body({"content": parts})).answer.text == "ab"
    assert Completion.decode(body({"content": None})).answer.text == ""


@pytest.mark.documented("OpenRouter", "A choice may hold an `error`")
def test_choices_are_kept_apart():
    choices = [{"message": {"content": text}, "finish_reason": "stop"} for text in ("a", "b")]
    found = Completion.decode({"choices": [*choices, {"message": 5}, {"message": {"content": "c"}, "error": "lost"}]})
    assert [(answer.index, answer.text) for answer in found.answers] == [(0, "a"), (1, "b"), (3, "c")]
    message = "message is not an object, but a number"
    assert found.problems == (Problem(code=ProblemCode.INVALID_COMPLETION, message=message, place="choice 2"),)
    assert found.answers[2].fault.message == "lost"
    assert not found.complete


@pytest.mark.documented(
    "Perceptron",
    "`finish_reason` is `stop`, `length`, `tool_calls` or `interrupted`, which is thinking closed by force (SDK 0.4.0)",
)
def test_tool_calls_belong_to_their_reason():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answer = Completion.decode(body({"content": None, "tool_calls": [call]}, finish_reason="tool_calls")).answer
    assert (answer.tool_calls[0].function.name, answer.complete) == ("f", True)
    assert not Completion.decode(body({"tool_calls": [call]}, finish_reason="stop")).answer.complete
    assert not Completion.decode(body({}, finish_reason="tool_calls")).answer.complete
    assert Completion.decode(body({"content": "x"}, finish_reason="interrupted")).answer.complete
    assert Completion.decode(body({"content": BOX}, finish_reason="length")).answer.document.truncated


@pytest.mark.documented(
    "Perceptron",
    "The answer of multilook has `results` by `prompt_index`, each with completions or an error (SDK 0.4.0)",
)
def test_multilook():
    request = {
        "messages": [{"role": "user", "content": [{"type": "image_url"}]}],
        "prompts": [{"content": "a"}, {"content": [{"type": "image_url"}]}],
    }
    sent = {
        "object": "chat.completion.multilook",
        "results": [
            {
                "prompt_index": 1,
                "completions": [
                    {"index": 0, "message": {"content": BOX}, "finish_reason": "stop"},
                    {"index": 1, "message": {"content": "x"}, "finish_reason": "stop"},
                ],
                "usage": {"completion_tokens": 5},
            },
            {"prompt_index": 0, "error": {"message": "too busy", "code": 429}},
        ],
        "usage": {"total_tokens": 9},
    }
    found = Completion.decode(sent, request=request)
    assert [(each.prompt_index, each.index, each.asset_count) for each in found.answers] == [
        (1, 0, 2),
        (1, 1, 2),
        (0, 0, 1),
    ]
    assert found.answers[2].fault.kind is FaultKind.RATE_LIMIT
    assert found.usage.total_tokens == 9


@pytest.mark.documented(
    "Perceptron",
    "Errors have `message`, `type`, `param` and `code`; their kind follows the status; `Retry-After` is in seconds",
)
@pytest.mark.documented(
    "OpenRouter",
    "Errors have a status as `code`, 402, 408 and 502 among them, also in a body of status 200",
)
@pytest.mark.parametrize(
    ("sent", "status", "kind", "message"),
    [
        ({"error": {"message": "no key", "type": "x", "code": "y"}}, 401, "authentication", "no key (y)"),
        ({"message": "flat"}, 403, "permission", "flat (403)"),
        ({"error": {"message": "none such"}}, 404, "not_found", "none such (404)"),
        ({"error": {"message": "pay", "code": 402}}, None, "quota", "pay (402)"),
        ({"error": {"message": "slow"}}, 408, "timeout", "slow (408)"),
        ({"error": {"message": "m", "code": "insufficient_quota"}}, 413, "quota", "m (insufficient_quota)"),
        ({"error": {"message": "big"}}, 413, "bad_request", "big (413)"),
        ({"error": {"type": "rate_limit_error", "message": "m"}}, None, "rate_limit", "m (rate_limit_error)"),
        ({"error": {"type": "invalid_request_error", "message": "m"}}, None, "bad_request", None),
        ({"error": {"message": "m", "code": "502"}}, None, "server", "m (502)"),
        ({"error": {"type": None, "message": INNER}}, None, "rate_limit", "inner (rate_limit_error)"),
        ({"object": "error", "message": "vLLM says no", "code": 400}, None, "bad_request", "vLLM says no (400)"),
        ({"error": "only text"}, None, "server", "only text"),
        ([{"message": "a"}, {"message": "b"}], 400, "bad_request", "a; b (400)"),
        ("<html>\nBad gateway</html>", 502, "server", "<html> Bad gateway</html> (502)"),
        ("", 500, "server", "without a message (500)"),
    ],
)
def test_errors(sent, status, kind, message):
    data = sent if isinstance(sent, str) else json.dumps(sent)
    found = Completion.decode(data, status=status, headers={"Retry-After": "7"})
    assert found.fault.kind == kind
    assert found.fault.retry_after == 7
    if message is not None:
        assert str(found.fault) == message
    with pytest.raises(ServiceError, match="the service sent an error") as caught:
        found.raise_for_fault()
    assert caught.value.completion is found
    with pytest.raises(ServiceError):
        _ = found.answer


def test_usage_that_cannot_be_read():
    """core M8: a bad number costs that number."""
    usage = {"prompt_tokens": "many", "completion_tokens": 5.0, "total_tokens": 7, "cost": "0.001"}
    found = Completion.decode(body({"content": "x"}) | {"usage": usage})
    assert (found.usage.prompt_tokens, found.usage.completion_tokens) == (None, 5)
    assert (found.usage.total_tokens, found.usage.cost, found.usage.raw) == (7, None, usage)
    assert (found.answer.text, found.complete) == ("x", True)
    wrong = ["usage.prompt_tokens is not a whole number, but a text", "usage.cost is not a number, but a text"]
    assert [(problem.code, problem.message) for problem in found.problems] == [
        (ProblemCode.INVALID_FIELD, message) for message in wrong
    ]
    found = Completion.decode(body({"content": "x"}) | {"usage": []})
    assert (found.usage, found.complete) == (None, True)
    assert [problem.message for problem in found.problems] == ["usage is not an object, but an array"]


def test_what_is_no_completion():
    for data, message in ((b"nope", "not JSON"), (b"[]", "not an object: list"), (b'"x"', "not an object: str")):
        with pytest.raises(EnvelopeError, match=message):
            Completion.decode(data)
    with pytest.raises(UsageError, match="not int"):
        Completion.decode(5)
    with pytest.raises(EnvelopeError, match="no choices"):
        _ = Completion.decode({}).answer


def test_fixtures_are_read():
    for path in sorted((ROOT / "fixtures").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            sent = json.loads(line)
            sent = sent.get("response", sent)
            if sent and "choices" in sent:
                found = Completion.decode(sent)
                assert len(found.answers) == len(sent["choices"])
                assert not found.problems


FIELDS = (
    *("choices", "message", "content", "delta", "error", "code", "index", "usage", "results", "completions", "type"),
    *("finish_reason", "tool_calls", "function", "reasoning_details", "prompt_index", "object", "text"),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(json_values)
def test_any_json(value):
    """“Decoding never raises anything but this library's errors on generated JSON.”"""
    try:
        found = Completion.decode(msgspec.json.encode(value))
    except EnvelopeError:
        assert not isinstance(value, dict)
    else:
        for answer in found.answers:
            assert answer.document is not None
            assert answer.complete in (True, False)
