"""Requests, each as its service documents it, and what is refused before anything is sent."""

import base64
import warnings

import pytest

from perceptron_annotations import AnnotationKind, Request, UsageError
from perceptron_annotations.completions import Media, RequestWarning, image, video
from perceptron_annotations.completions.models import MODELS, Steering, model_facts
from perceptron_annotations.errors import FileError

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 9
URL = "https://media.example.com/a.jpg"
ASK = {"type": "text", "text": "Find cats."}


def test_mk1():
    """``vision_config`` has the format, the switch for thinking and the tool to look closer."""
    request = Request(
        prompt="Find cats.", media=(image(URL),), annotation_format="box", thinking=False, focus=True, temperature=0
    )
    prepared = request.for_perceptron()
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
    assert Request(prompt="x").for_perceptron().body == {
        "model": "perceptron-mk1",
        "messages": [{"role": "user", "content": "x"}],
    }
    clip = Request(
        prompt="x", media=(video("https://a/b.mp4"),), annotation_format=AnnotationKind.CLIP, thinking=True, stream=True
    )
    body = clip.for_perceptron().body
    assert body["vision_config"] == {"annotation_format": "clip", "enable_thinking": True}
    assert body["stream"] is True
    assert body["messages"][0]["content"][0] == {"type": "video_url", "video_url": {"url": "https://a/b.mp4"}}


def test_isaac():
    """Words of a ``<hint>`` in the system message."""
    request = Request(prompt="x", annotation_format="polygon", thinking=True, focus=True, system="Be brief.")
    assert request.for_perceptron("isaac-0.2").body["messages"] == [
        {"role": "system", "content": "<hint>POLYGON THINK FOCUS</hint>\nBe brief."},
        {"role": "user", "content": "x"},
    ]
    assert "vision_config" not in request.for_perceptron("isaac-0.2").body
    with pytest.warns(RequestWarning, match=r"isaac-0.1 ignores thinking"):
        Request(prompt="x", thinking=True).for_perceptron("isaac-0.1")
    with pytest.raises(UsageError, match=r"isaac-0.2 takes image, not video"):
        Request(prompt="x", media=(video("https://a/b.mp4"),)).for_perceptron("isaac-0.2")


def test_openrouter():
    request = Request(prompt="x", annotation_format="point", thinking=False)
    body = request.for_openrouter().body
    assert (body["model"], body["annotation_format"]) == ("perceptron/perceptron-mk1", "point")
    assert body["reasoning"] == {"enabled": False}
    assert request.for_openrouter(nested=True).body["vision_config"] == {"annotation_format": "point"}
    effort = Request(prompt="x", reasoning_effort="low").for_openrouter(exclude_reasoning=True).body
    assert effort["reasoning"] == {"effort": "low", "exclude": True}
    assert "reasoning_effort" not in effort
    with pytest.warns(RequestWarning, match="does not document focus"):
        Request(prompt="x", focus=True).for_openrouter()


def test_openai_compatible():
    body = Request(prompt="x", top_k=3, max_completion_tokens=9).for_openai_compatible("some-model").body
    assert body == {
        "model": "some-model",
        "messages": [{"role": "user", "content": "x"}],
        "max_completion_tokens": 9,
        "top_k": 3,
    }
    for name, value in (("annotation_format", "box"), ("thinking", True), ("focus", True)):
        with pytest.raises(UsageError, match=f"no parameter for {name}"):
            Request(prompt="x", **{name: value}).for_openai_compatible("m")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("annotations", "annotations"),
        ("My answer; long name with spaces é", "My_answer__long_name_with_spaces__"),
        ("x" * 80, "x" * 64),
        ("", "answer"),
    ],
)
def test_the_name_of_a_schema_is_one_that_services_take(title, name):
    """core M11: OpenAI wants ``^[A-Za-z0-9_-]{1,64}$``."""
    body = Request(prompt="x", schema={"type": "object", "title": title}).for_perceptron().body
    assert body["response_format"]["json_schema"]["name"] == name


def test_constraints_and_tools():
    schema = {"type": "object"}
    body = Request(prompt="x", schema=schema).for_perceptron().body
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }
    assert Request(prompt="x", regex="a+").for_perceptron().kwargs["extra_body"] == {"regex": "a+"}
    tool = {"type": "function", "function": {"name": "f"}}
    assert Request(prompt="x", tools=(tool,), tool_choice="auto").for_perceptron().body["tools"] == [tool]
    earlier = ({"role": "assistant", "content": "a", "reasoning_details": [{"type": "reasoning.text"}]},)
    assert Request(prompt="x", history=earlier).for_openrouter().body["messages"][0] == earlier[0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"temperature": 2.1}, "temperature must be from 0 to 2, not 2.1"),
        ({"temperature": float("nan")}, "temperature must be from 0 to 2, not nan"),
        ({"top_p": -0.1}, "top_p must be from 0 to 1"),
        ({"top_k": -1}, "top_k must be at least 0"),
        ({"presence_penalty": 3}, "presence_penalty must be from -2 to 2"),
        ({"max_completion_tokens": 0}, "max_completion_tokens must be at least 1"),
        ({"n": 2}, "n must be 1, not 2"),
        ({"annotation_format": "boxes"}, "an annotation kind is one of point, box, polygon, clip, not 'boxes'"),
        ({"reasoning_effort": "huge"}, "reasoning_effort must be one of none"),
        ({"regex": ""}, "regex must not be empty"),
        ({"regex": "a", "schema": {}}, "exclude each other"),
        ({"regex": "a", "tools": ({},)}, "tools exclude"),
        ({"annotation_format": "clip", "media": (Media("image", URL),)}, "needs a video"),
        ({"focus": True, "media": (Media("video", URL),)}, "focus needs an image"),
    ],
)
def test_what_is_refused(fields, message):
    with pytest.raises(UsageError, match=message):
        Request(prompt="x", **fields)


def test_limits_of_models_and_bodies():
    with pytest.raises(UsageError, match="at most 8192 for perceptron-mk1"):
        Request(prompt="x", max_completion_tokens=9000).for_perceptron()
    with pytest.raises(UsageError, match="is not known: use for_openai_compatible"):
        Request(prompt="x").for_perceptron("gpt")
    large = image(PNG + b"x" * 16_000_000)
    with pytest.raises(UsageError, match="bytes, and services take 20,000,000"):
        Request(prompt="x", media=(large,)).for_perceptron()
    with pytest.warns(RequestWarning, match="not for 'box'"):
        Request(prompt="x", annotation_format="box", thinking=True).for_perceptron()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Request(prompt="x", thinking=True).for_perceptron()
    assert model_facts("perceptron/perceptron-mk1:free").steering is Steering.VISION_CONFIG
    assert model_facts("isaac-0.2-2b-preview") is MODELS["isaac-0.2"]


def test_media(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(PNG)
    encoded = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert image(path).url == image(str(path)).url == image(PNG).url == image(encoded).url == encoded
    for data, found in (
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
    ):
        assert image(data).url.startswith(f"data:{found};")
    assert video(b"\0\0\0\x18ftypmp42").url.startswith("data:video/mp4;")
    assert video(b"\x1aE\xdf\xa3").url.startswith("data:video/webm;")
    assert image(b"raw", mime_type="image/png").url.startswith("data:image/png;")
    gif = tmp_path / "a.gif"
    gif.write_bytes(b"GIF89a")
    for use, message in (
        (lambda: image(gif), "not as image/gif"),
        (lambda: image(b"raw"), "pass mime_type="),
        (lambda: image(b""), "is empty"),
        (lambda: image(5), "not int"),
        (lambda: image("data:image/gif;base64,AAAA"), "not as image/gif"),
        (lambda: image("data:image/png,raw"), "base64"),
        (lambda: video(PNG), "not as image/png"),
        (lambda: Media("image", "ftp://a"), "must begin with https"),
    ):
        with pytest.raises(UsageError, match=message):
            use()
    with pytest.raises(FileError, match="cannot read"):
        image(tmp_path / "none.png")
