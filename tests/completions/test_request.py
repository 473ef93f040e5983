"""Requests, each as its service documents it, and what is refused before anything is sent."""

import warnings

import numpy as np
import pytest

from perceptron_annotations import AnnotationKind, Request, UsageError
from perceptron_annotations.completions import Media, RequestWarning, audio, image, video, video_frames
from perceptron_annotations.completions.models import MODELS, Steering, model_facts

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 9
URL = "https://media.example.com/a.jpg"
ASK = {"type": "text", "text": "Find cats."}


def messages_for(model, **fields):
    return Request(prompt="x", **fields).for_perceptron(model).body["messages"]


@pytest.mark.documented(
    "Perceptron", "`vision_config` has `annotation_format`, `enable_thinking` and `internal_tools.focus`"
)
def test_mk1():
    request = Request(
        prompt="Find cats.", media=(image(URL),), annotation_format="box", thinking=False, focus=True, temperature=0
    )
    prepared = request.for_perceptron("perceptron-mk1")
    assert prepared.body == {
        "model": "perceptron-mk1",
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": URL}}, ASK]}],
        "temperature": 0,
        "vision_config": {
            "annotation_format": "box",
            "enable_thinking": False,
            "internal_tools": {"focus": True},
        },
    }
    assert set(prepared.kwargs) == {"model", "messages", "temperature", "extra_body"}
    off = Request(prompt="x", focus=False).for_perceptron("perceptron-mk1").body
    assert off["vision_config"] == {"internal_tools": {"focus": False}}


@pytest.mark.documented("Perceptron", "Temperature has a default of 0: it is sent only if it is given")
def test_nothing_is_sent_that_was_not_asked_for():
    assert Request(prompt="x").for_perceptron().body == {
        "model": "perceptron-mk1.5",
        "messages": [{"role": "user", "content": "x"}],
    }


@pytest.mark.documented("Perceptron", "`annotation_format: clip` is for videos, and thinking is advised for it")
def test_clip():
    """core m15: what is advised against is sent with a warning."""
    street = video("https://a/b.mp4")
    clip = Request(prompt="x", media=street, annotation_format=AnnotationKind.CLIP, thinking=True)
    body = clip.for_perceptron("perceptron-mk1").body
    assert body["vision_config"] == {"annotation_format": "clip", "enable_thinking": True}
    assert body["messages"][0]["content"][0] == {"type": "video_url", "video_url": {"url": "https://a/b.mp4"}}
    with pytest.raises(UsageError, match="needs a video: images have no time"):
        Request(prompt="x", media=image(URL), annotation_format="clip")
    with pytest.warns(RequestWarning, match="thinking is advised for clips"):
        Request(prompt="x", media=street, annotation_format="clip", thinking=False).for_perceptron("perceptron-mk1")


@pytest.mark.documented("Perceptron", "Thinking is advised for text, captions and clips, and not for places")
def test_thinking_about_places():
    with pytest.warns(RequestWarning, match="not for 'box'"):
        Request(prompt="x", annotation_format="box", thinking=True).for_perceptron("perceptron-mk1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Request(prompt="x", thinking=True).for_perceptron("perceptron-mk1")
        # Both help on Isaac 0.2.
        Request(prompt="x", annotation_format="box", thinking=True).for_perceptron("isaac-0.2-1b")


@pytest.mark.documented("Perceptron", "Focus looks into images only")
def test_focus_needs_an_image():
    with pytest.raises(UsageError, match="focus needs an image"):
        Request(prompt="x", focus=True, media=(Media("video", URL),))


@pytest.mark.documented("Perceptron", "Mk1.5 refuses `internal_tools`, and `enable_thinking` is deprecated (SDK 0.4.0)")
def test_mk15():
    """field A1: the vendor's default model, with what it retired and what it added."""
    request = Request(prompt="x", annotation_format="point", reasoning_effort="low", audio_in_video=True)
    assert request.for_perceptron().body == {
        "model": "perceptron-mk1.5",
        "messages": [{"role": "user", "content": "x"}],
        "reasoning_effort": "low",
        "vision_config": {"annotation_format": "point", "enable_audio_in_video": True},
    }
    for focused in (True, False):
        with pytest.raises(UsageError, match=r"perceptron-mk1\.5 has no focus any more"):
            Request(prompt="x", focus=focused).for_perceptron()
        with pytest.raises(UsageError, match="has no focus any more"):
            Request(prompt="x", focus=focused).for_openrouter()
    with pytest.warns(RequestWarning, match="use reasoning_effort"):
        body = Request(prompt="x", thinking=True).for_perceptron().body
    assert body["vision_config"] == {"enable_thinking": True}


@pytest.mark.documented("Perceptron", "Sounds, frames of a video and uploaded files are parts of a message (SDK 0.4.0)")
def test_parts_of_mk15():
    uploaded = "file-" + "a1" * 11
    media = (audio(b"RIFF\0\0\0\0WAVE"), video_frames([(URL, 0), (image(PNG), 40)]), image(uploaded), video(uploaded))
    parts = Request(prompt="Find cats.", media=media).for_perceptron().body["messages"][0]["content"]
    assert parts == [
        {"type": "input_audio", "input_audio": {"data": "UklGRgAAAABXQVZF", "format": "wav"}},
        {
            "type": "video_frames",
            "video_frames": {
                "frames": [
                    {"image_url": {"url": URL}, "timestamp_ms": 0},
                    {"image_url": {"url": image(PNG).url}, "timestamp_ms": 40},
                ]
            },
        },
        {"type": "image_file_id", "image_file_id": {"file_id": uploaded}},
        {"type": "video_file_id", "video_file_id": {"file_id": uploaded}},
        ASK,
    ]
    for asked in (
        Request(prompt="x", media=image(uploaded)).for_openrouter,
        Request(prompt="x", media=audio(uploaded)),
    ):
        with pytest.raises(UsageError, match="files that were uploaded"):
            asked() if callable(asked) else asked.for_openai_compatible("m")


def test_parts_equal_those_of_the_sdk():
    """The SDK lowers its own nodes to the same parts."""
    from perceptron._lowering import entry_to_part

    url = "https://a/b.wav"
    assert audio(url).part == entry_to_part({"type": "audio", "content": url, "url": True})
    encoded = audio(b"fLaC").part["input_audio"]
    assert audio(b"fLaC").part == entry_to_part({"type": "audio", "content": encoded["data"], "format": "flac"})
    uploaded = "file-" + "Z9" * 11
    for make, kind in ((image, "image"), (video, "video"), (audio, "audio")):
        assert make(uploaded).part == entry_to_part({"type": kind, "file_id": uploaded}, provider_name="perceptron")
    frames = [{"url": URL, "timestamp_ms": 0}, {"url": URL, "timestamp_ms": 7}]
    assert video_frames([(URL, 0), (URL, 7)]).part == entry_to_part({"type": "video_frames", "frames": frames})


@pytest.mark.documented("Isaac", "`<hint>` of a system message has BOX, POINT, POLYGON, THINK and FOCUS, in one tag")
def test_isaac():
    request = Request(prompt="x", annotation_format="polygon", thinking=True, focus=True, system="Be brief.")
    body = request.for_perceptron("isaac-0.2-2b-preview").body
    assert body["messages"] == [
        {"role": "system", "content": "<hint>POLYGON THINK FOCUS</hint>\nBe brief."},
        {"role": "user", "content": "x"},
    ]
    assert "vision_config" not in body
    for name in ("thinking", "focus"):
        with pytest.warns(RequestWarning, match=f"isaac-0.1 ignores {name}"):
            Request(prompt="x", **{name: True}).for_perceptron("isaac-0.1")
    with pytest.warns(RequestWarning, match="not documented to know CLIP"):
        messages = messages_for("isaac-0.2-1b", annotation_format="clip")
    assert messages[0]["content"] == "<hint>CLIP</hint>"


@pytest.mark.documented("Isaac", "Several hints share one tag")
def test_one_hint_in_one_system_message():
    """core m14: the hints of the caller's system message and of the history are kept, and none comes twice."""
    history = ({"role": "system", "content": "<hint>FOCUS POINT</hint>Count."}, {"role": "assistant", "content": "2"})
    messages = messages_for("isaac-0.2-1b", annotation_format="point", system="<hint>box</hint>\nHi", history=history)
    assert messages == [
        {"role": "system", "content": "<hint>BOX FOCUS POINT</hint>\nHi\nCount."},
        {"role": "assistant", "content": "2"},
        {"role": "user", "content": "x"},
    ]
    assert messages_for("isaac-0.2-1b", system="<hint>BOX</hint>")[0]["content"] == "<hint>BOX</hint>"
    assert messages_for("isaac-0.1") == [{"role": "user", "content": "x"}]


@pytest.mark.documented("Isaac", "Isaac 0.1 and 0.2 take images only")
def test_isaac_takes_images():
    with pytest.raises(UsageError, match=r"isaac-0.2-1b takes image, not video"):
        Request(prompt="x", media=(video("https://a/b.mp4"),)).for_perceptron("isaac-0.2-1b")
    # Nothing is documented of 0.3, so nothing is refused.
    Request(prompt="x", media=(video("https://a/b.mp4"),)).for_perceptron("isaac-0.3-fast")


@pytest.mark.documented("Perceptron", "The models, by exactly these ids")
def test_models():
    """field A1, core M3: the ids of the documentation and of SDK 0.4.0, and no others."""
    from perceptron._providers import _PROVIDER_CONFIG

    assert set(MODELS) == set(_PROVIDER_CONFIG["perceptron"]["supported_models"])
    assert Request(prompt="x").for_perceptron().body["model"] == _PROVIDER_CONFIG["perceptron"]["default_model"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in MODELS:
            assert Request(prompt="x").for_perceptron(model).body["model"] == model
    for wrong, right in (
        ("perceptron/perceptron-mk1", "perceptron-mk1"),
        ("Perceptron-Mk1", "perceptron-mk1"),
        ("isaac-0.2", "isaac-0.2-2b-preview"),
    ):
        with pytest.warns(RequestWarning, match=rf"not documented for perceptron \(did you mean '{right}'\?\)"):
            assert Request(prompt="x").for_perceptron(wrong).body["model"] == wrong
    with pytest.raises(UsageError, match=r"was renamed: use 'perceptron-mk1\.5'"):
        Request(prompt="x").for_perceptron("perceptron-mk1.5-preview")
    with pytest.raises(UsageError, match=r"use 'perceptron/perceptron-mk1\.5'"):
        Request(prompt="x").for_openrouter("perceptron/perceptron-mk1.5-preview")
    assert model_facts("perceptron/perceptron-mk1:free").steering is Steering.VISION_CONFIG
    assert model_facts("isaac-0.2-anything") is None


def test_unknown_models_pass():
    """field A1: as SDK 0.4.0 has it, and what to point with is kept."""
    request = Request(prompt="x", annotation_format="box")
    with pytest.warns(RequestWarning, match="is not documented for perceptron: the request is sent as it is"):
        body = request.for_perceptron("new-model-9").body
    assert body["vision_config"] == {"annotation_format": "box"}
    with pytest.warns(RequestWarning, match="not documented"):
        assert request.for_perceptron("isaac-0.5").body["messages"][0]["content"] == "<hint>BOX</hint>"
    for model in ("openai/gpt-5", "perceptron/isaac-0.2-1b"):
        with pytest.warns(RequestWarning, match="not documented for openrouter"):
            assert request.for_openrouter(model).body["annotation_format"] == "box"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Request(prompt="x").for_openrouter("openai/gpt-5")


@pytest.mark.documented("OpenRouter", "`annotation_format` is a parameter of the request")
def test_openrouter():
    request = Request(prompt="x", annotation_format="point")
    body = request.for_openrouter().body
    assert (body["model"], body["annotation_format"]) == ("perceptron/perceptron-mk1.5", "point")
    nested = request.for_openrouter(nested=True).body
    assert nested["vision_config"] == {"annotation_format": "point"}
    assert "annotation_format" not in nested
    with pytest.warns(RequestWarning, match="does not document focus"):
        body = Request(prompt="x", focus=True).for_openrouter("perceptron/perceptron-mk1").body
    assert body["vision_config"] == {"internal_tools": {"focus": True}}


@pytest.mark.documented("OpenRouter", "Thinking is the object `reasoning`, with `enabled`, `effort` and `exclude`")
def test_openrouter_reasoning():
    """core m15: thinking goes into ``reasoning`` and nowhere else."""
    mk1 = "perceptron/perceptron-mk1"
    assert Request(prompt="x", thinking=False).for_openrouter(mk1).body["reasoning"] == {"enabled": False}
    effort = Request(prompt="x", reasoning_effort="low").for_openrouter(exclude_reasoning=True).body
    assert effort["reasoning"] == {"effort": "low", "exclude": True}
    assert not {"reasoning_effort", "vision_config"} & set(effort)
    both = Request(prompt="x", thinking=True, reasoning_effort="high").for_openrouter(mk1).body
    assert both["reasoning"] == {"effort": "high"}


@pytest.mark.documented("OpenRouter", "The whole `reasoning_details` go back with the next turn")
def test_history_is_sent_as_it_is():
    earlier = ({"role": "assistant", "content": "a", "reasoning_details": [{"type": "reasoning.text"}]},)
    assert Request(prompt="x", history=earlier).for_openrouter().body["messages"][0] == earlier[0]


@pytest.mark.documented("perceptron.cloud", "A generic API: no fields beyond those of OpenAI's")
def test_openai_compatible():
    body = Request(prompt="x", top_k=3, max_completion_tokens=9, n=3).for_openai_compatible("some-model").body
    assert body == {
        "model": "some-model",
        "messages": [{"role": "user", "content": "x"}],
        "max_completion_tokens": 9,
        "n": 3,
        "top_k": 3,
    }
    for name, value in (("annotation_format", "box"), ("thinking", True), ("focus", True), ("audio_in_video", True)):
        with pytest.raises(UsageError, match=f"no parameter for {name}"):
            Request(prompt="x", **{name: value}).for_openai_compatible("m")


@pytest.mark.documented("Perceptron", "`n` is 1")
def test_several_answers():
    """core M14: where a service takes it."""
    with pytest.raises(UsageError, match="leave n out, or use MultilookRequest"):
        Request(prompt="x", n=2).for_perceptron()
    assert Request(prompt="x", n=1).for_perceptron().body["n"] == 1
    with pytest.warns(RequestWarning, match="does not document n"):
        assert Request(prompt="x", n=2).for_openrouter().body["n"] == 2


@pytest.mark.documented("Perceptron", "`stream: true`, and `stream_options.include_usage` to get the usage")
@pytest.mark.documented("perceptron.cloud", "`stream_options.include_usage` to get the usage of a stream")
def test_usage_of_streams():
    """core M2."""
    asked = {"include_usage": True}
    stream = Request(prompt="x", stream=True)
    for payload in (stream.for_perceptron(), stream.for_perceptron("isaac-0.1"), stream.for_openrouter()):
        assert (payload.body["stream"], payload.body["stream_options"]) == (True, asked)
    for payload in (stream.for_openai_compatible("m"), stream.for_openrouter("openai/gpt-5")):
        assert "stream_options" not in payload.body
    assert (
        Request(prompt="x", stream=True, include_usage=True).for_openai_compatible("m").body["stream_options"] == asked
    )
    assert "stream_options" not in Request(prompt="x", stream=True, include_usage=False).for_perceptron().body
    assert not {"stream", "stream_options"} & set(Request(prompt="x").for_perceptron().body)


@pytest.mark.documented(
    "Perceptron", "`response_format` with a JSON Schema, or `regex`; each excludes the other and tools"
)
def test_constraints_and_tools():
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    body = Request(prompt="x", schema=schema).for_perceptron().body
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }
    assert Request(prompt="x", regex="a+").for_perceptron().kwargs["extra_body"] == {"regex": "a+"}
    tool = {"type": "function", "function": {"name": "f"}}
    body = Request(prompt="x", tools=[tool], tool_choice="auto").for_perceptron().body
    assert (body["tools"], body["tool_choice"]) == ([tool], "auto")
    focus = {"type": "perceptron.FOCUS"}
    assert Request(prompt="x", tools=[focus]).for_perceptron().body["tools"] == [focus]


def test_schemas_that_openai_takes():
    """core M11: the name has OpenAI's characters, and a schema that strict mode refuses is not sent as strict."""
    title = "My answer; long name with spaces é" + "x" * 80
    closed = {"type": "object", "title": title, "properties": {}, "additionalProperties": False}
    sent = Request(prompt="x", schema=closed).for_perceptron().body["response_format"]["json_schema"]
    assert sent["name"] == ("My_answer_long_name_with_spaces_" + "x" * 80)[:64]
    assert sent["strict"] is True
    inner = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b"], "additionalProperties": False}
    for wrong, message in (
        ({"type": "object"}, "the schema does not say additionalProperties"),
        ({"type": "array", "items": inner}, r"the schema\.items does not require a"),
        ({"anyOf": [{"type": "null"}, inner]}, r"the schema\.anyOf\[1\] does not require a"),
        ({"$defs": {"one": inner}}, r"the schema\.\$defs\.one does not require a"),
        ({"type": ["object", "null"], "properties": {}}, "does not say additionalProperties"),
    ):
        with pytest.warns(RequestWarning, match=message):
            sent = Request(prompt="x", schema=wrong).for_perceptron().body["response_format"]["json_schema"]
        assert sent == {"name": "answer", "schema": wrong, "strict": False}


@pytest.mark.documented(
    "Perceptron", "Temperature 0–2, `top_p` ≤ 1, `top_k` ≥ 0, penalties ±2, `max_completion_tokens` ≥ 0"
)
@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("temperature", (2.1, -0.1, float("nan"), float("inf"), "1", True, [1]), (0, 2, 0.5, np.float32(0.5))),
        ("top_p", (-0.1, 1.1, True, "1"), (0, 1, 0.25)),
        ("top_k", (-1, 1.5, "3", True), (0, 5, np.int64(5))),
        ("frequency_penalty", (-2.1, 2.1), (-2, 2)),
        ("presence_penalty", (3, None.__class__), (-2, 2)),
        ("max_completion_tokens", (-1, 1.5, True), (0, 8000)),
        ("n", (0, True, 1.0), (1,)),
    ],
)
def test_numbers(name, wrong, right):
    """core M13: by type as well as by range; ``True`` is not a number, and a number of NumPy is one."""
    for value in wrong:
        with pytest.raises(UsageError, match=f"{name} must be a (whole )?number"):
            Request(prompt="x", **{name: value})
    for value in right:
        sent = Request(prompt="x", **{name: value}).for_perceptron().body[name]
        assert sent == value
        assert type(sent) in (int, float)


@pytest.mark.documented(
    "Perceptron", "Roles are system, user and assistant; `reasoning_effort` has five words; `tool_choice` two"
)
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"annotation_format": "boxes"}, "an annotation kind is one of point, box, polygon, clip, not 'boxes'"),
        ({"reasoning_effort": "huge"}, "reasoning_effort must be one of none"),
        ({"reasoning_effort": "none", "thinking": True}, "contradict each other"),
        ({"reasoning_effort": "high", "thinking": False}, "contradict each other"),
        ({"regex": ""}, "regex must not be empty"),
        ({"regex": 5}, "regex must be text"),
        ({"regex": "a", "schema": {}}, "exclude each other"),
        ({"regex": "a", "tools": ({"type": "perceptron.FOCUS"},)}, "tools exclude"),
        ({"schema": "{}"}, "schema must be a JSON Schema as a mapping, not str"),
        ({"thinking": "yes"}, "thinking must be True, False or None, not 'yes'"),
        ({"focus": 1}, "focus must be True, False or None"),
        ({"stream": "yes"}, "stream must be True or False, not 'yes'"),
        ({"include_usage": 1}, "include_usage must be"),
        ({"tool_choice": "required"}, "tool_choice must be 'auto' or 'none'"),
        ({"tools": ({},)}, "tool 0 must be"),
        ({"tools": {"type": "function"}}, "tools is a sequence of tools, not dict"),
        ({"tools": ({"type": "perceptron.FOCUS"},) * 2}, "must be the only tool"),
        ({"prompt": None}, "prompt must be text, not NoneType"),
        ({"system": b"x"}, "system must be text, not bytes"),
        ({"history": ({"role": "robot"},)}, "message 0 of history must be a mapping whose role is one of system"),
        ({"history": {"role": "user"}}, "history is a sequence of messages, not dict"),
        ({"media": ("https://a/b.jpg",)}, r"media holds what image\(\), video\(\), audio\(\) or video_frames\(\) make"),
        ({"media": URL}, "for example media=image"),
        ({"media": 5}, r"media is a tuple of what image\(\)"),
    ],
)
def test_what_is_refused(fields, message):
    """core M13, m15: by type, and what contradicts each other."""
    with pytest.raises(UsageError, match=message):
        Request(**{"prompt": "x"} | fields)


def test_one_medium_or_several():
    """core M13: one medium needs no tuple, and a list is as good as a tuple."""
    one = image(URL)
    assert Request(prompt="x", media=one) == Request(prompt="x", media=[one]) == Request(prompt="x", media=(one,))


def test_a_regex_that_python_does_not_know():
    with pytest.warns(RequestWarning, match="the regex may be wrong: Python says"):
        assert Request(prompt="x", regex="(").for_perceptron().body["regex"] == "("


def test_warnings_are_about_the_line_of_the_caller():
    advised = Request(prompt="x", thinking=True, annotation_format="box")
    for asked in (lambda: advised.for_perceptron("perceptron-mk1"), lambda: Request(prompt="x", regex="(")):
        with pytest.warns(RequestWarning) as caught:
            asked()
        assert {each.filename for each in caught} == {__file__}


@pytest.mark.documented("Perceptron", "Mk1 has 32K of context and 8K of output; Isaac 8K for both")
def test_limits_of_models():
    for model, most in (("perceptron-mk1", 8192), ("isaac-0.1", 8192)):
        with pytest.raises(UsageError, match=f"at most {most} for {model}"):
            Request(prompt="x", max_completion_tokens=9000).for_perceptron(model)
    Request(prompt="x", max_completion_tokens=9000).for_perceptron()
    assert model_facts("perceptron-mk1").context_tokens == 32_768


@pytest.mark.documented("Perceptron", "A body has at most 20 MB")
def test_limit_of_bodies():
    large = image(PNG + b"x" * 16_000_000)
    with pytest.raises(UsageError, match="bytes, and services take 20,000,000"):
        Request(prompt="x", media=(large,)).for_perceptron()
