"""One description of what to ask → the request of each service.

What is asked (media, prompt, what to point with, thinking, focus, a constraint) is said once, and checked against the
documented types and ranges before anything is sent. The services differ only in how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from msgspec.structs import force_setattr

from ..errors import UsageError
from ..geometry import AnnotationKind
from .answer_schema import response_format
from .hints import with_hint
from .media import MediaKind
from .models import Service, Steering, is_known_id, model_facts, refuse_renamed, similar_id
from .request_options import (
    RequestOptions,
    check_size,
    check_switch,
    check_text,
    checked_media,
    content,
    warn,
    without_none,
)

_FOCUS_TOOL = "perceptron.FOCUS"


class RequestPayload(NamedTuple):
    """A request in the form of one service.

    >>> payload = pa.Request(prompt="Find the cups.", annotation_format="box").for_perceptron()
    >>> payload.kwargs["extra_body"], payload.body["vision_config"]
    ({'vision_config': {'annotation_format': 'box'}}, {'annotation_format': 'box'})
    """

    #: For ``client.chat.completions.create(**kwargs)`` of the ``openai`` client.
    kwargs: dict[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """The same as the JSON body of a POST to ``/chat/completions``."""
        extra: dict[str, Any] = self.kwargs.get("extra_body", {})
        return {name: value for name, value in self.kwargs.items() if name != "extra_body"} | extra


class Request(RequestOptions, frozen=True, kw_only=True):
    """What to ask, for any service. Raises ``UsageError`` for a value of another type or beyond its documented range.

    ``annotation_format`` says what to point with (without it Mk1 and Mk1.5 answer in prose); ``history`` holds the
    messages before this one; ``schema`` (JSON Schema) or ``regex`` constrains the answer. A stream to a Perceptron
    model asks for its usage unless ``include_usage`` is False, and others do if it is True.

    >>> request = pa.Request(prompt="Find the cups.", annotation_format="point")
    >>> request.for_openrouter().body["annotation_format"]
    'point'
    """

    prompt: str
    schema: Mapping[str, Any] | None = None
    regex: str | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: Literal["auto", "none"] | None = None
    stream: bool = False
    #: Whether a stream ends with its token counts; None means for Perceptron's models only.
    include_usage: bool | None = None

    def check(self) -> None:
        """Raise ``UsageError`` for what no service takes."""
        super().check()
        if not isinstance(self.prompt, str):
            raise UsageError(f"prompt must be text, not {type(self.prompt).__name__}")
        if not isinstance(self.stream, bool):
            raise UsageError(f"stream must be True or False, not {self.stream!r}")
        check_switch("include_usage", self.include_usage)
        if self.annotation_format == AnnotationKind.CLIP and self.media_kinds == {MediaKind.IMAGE}:
            raise UsageError("annotation_format='clip' needs a video: images have no time")
        if self.focus and self.media_kinds == {MediaKind.VIDEO}:
            raise UsageError("focus needs an image: it does not look into videos")
        self._check_constraint()
        force_setattr(self, "tools", _checked_tools(self.tools))
        if self.tool_choice not in (None, "auto", "none"):
            raise UsageError(f"tool_choice must be 'auto' or 'none', not {self.tool_choice!r}")

    def _check_constraint(self) -> None:
        check_text("regex", self.regex)
        if self.schema is not None and not isinstance(self.schema, Mapping):
            raise UsageError(f"schema must be a JSON Schema as a mapping, not {type(self.schema).__name__}")
        if self.regex is not None and self.schema is not None:
            raise UsageError("regex and schema exclude each other: an answer has one form")
        if self.tools and (self.regex is not None or self.schema is not None):
            raise UsageError("tools exclude regex and schema: a tool call has its own form")
        if self.regex is None:
            return
        if not self.regex:
            raise UsageError("regex must not be empty: leave it out to have no constraint")
        try:
            re.compile(self.regex)
        except re.error as error:
            warn(f"the regex may be wrong: Python says {error}")

    # -- services ----------------------------------------------------------------------------------------------------

    def for_perceptron(self, model: str = "perceptron-mk1.5") -> RequestPayload:
        """For Perceptron's own service. Mk1 takes ``vision_config``, Isaac words in ``<hint>`` of the system message.

        Raises ``UsageError`` for what the model or the service does not take. A model that is not documented passes
        with a ``RequestWarning``: one whose id begins with ``isaac`` is asked like Isaac, others like Mk1.
        """
        refuse_renamed(model)
        if self.n not in (None, 1):
            raise UsageError("Perceptron gives one answer: leave n out, or use MultilookRequest")
        if not is_known_id(model, Service.PERCEPTRON):
            warn(_unknown(model, Service.PERCEPTRON))
        facts = model_facts(model)
        if facts is not None:
            self.check_model(facts)
        steering = facts.steering if facts else Steering.HINT if model.startswith("isaac") else Steering.VISION_CONFIG
        if steering is Steering.HINT:
            before = with_hint(self._hint_words(model), self.system, self.history)
            return self._payload(model, before, self._effort(), with_usage=True)
        self.advise()
        extra = {**self._effort(), "vision_config": self.vision_config()}
        return self._payload(model, self._before(), extra, with_usage=True)

    def for_openrouter(
        self, model: str = "perceptron/perceptron-mk1.5", *, nested: bool = False, exclude_reasoning: bool = False
    ) -> RequestPayload:
        """For OpenRouter, which documents ``annotation_format`` without saying where in the body it belongs.

        It is written at the top of the body, or inside ``vision_config`` if ``nested``. Thinking is written as the
        ``reasoning`` object of OpenRouter; ``exclude_reasoning`` asks it not to send the reasoning back. Warns of what
        OpenRouter does not document, and raises ``UsageError`` for what the model does not take.
        """
        refuse_renamed(model)
        is_known = is_known_id(model, Service.OPENROUTER)
        if not is_known and (self.annotation_format is not None or model.startswith("perceptron/")):
            warn(_unknown(model, Service.OPENROUTER))
        facts = model_facts(model) if is_known else None
        if facts is not None:
            self.check_model(facts)
            self.advise()
        self._refuse_uploads("OpenRouter")
        for name, asked in (("focus", self.focus), ("audio_in_video", self.audio_in_video), ("n", self.n)):
            if asked is not None:
                warn(f"OpenRouter does not document {name}: it is sent all the same")
        reasoning = {
            "effort": self.reasoning_effort,
            "enabled": self.thinking if self.reasoning_effort is None else None,
            "exclude": exclude_reasoning or None,
        }
        config = self.vision_config() or {}
        config.pop("enable_thinking", None)
        top = None if nested else config.pop("annotation_format", None)
        extra = {
            "reasoning": without_none(reasoning) or None,
            "annotation_format": top,
            "vision_config": config or None,
        }
        return self._payload(model, self._before(), extra, with_usage=model.startswith("perceptron/"))

    def for_openai_compatible(self, model: str) -> RequestPayload:
        """For perceptron.cloud and other servers with OpenAI's API, with no fields beyond those of that API.

        Raises ``UsageError`` for what has no parameter there.
        """
        for name in ("annotation_format", "thinking", "focus", "audio_in_video"):
            if getattr(self, name) is not None:
                raise UsageError(f"an OpenAI-compatible service has no parameter for {name}: say it in the prompt")
        self._refuse_uploads("an OpenAI-compatible service")
        return self._payload(model, self._before(), self._effort(), with_usage=False)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _before(self) -> list[Mapping[str, Any]]:
        """The messages before the question."""
        return [*([{"role": "system", "content": self.system}] if self.system else []), *self.history]

    def _effort(self) -> dict[str, Any]:
        """How much to think, in the field of OpenAI's API."""
        return {"reasoning_effort": self.reasoning_effort}

    def _hint_words(self, model: str) -> list[str]:
        if self.annotation_format == AnnotationKind.CLIP:
            warn(f"{model} is not documented to know CLIP: it is sent all the same")
        words = [str(self.annotation_format).upper()] if self.annotation_format is not None else []
        return words + ["THINK"] * bool(self.thinking) + ["FOCUS"] * bool(self.focus)

    def _refuse_uploads(self, service: str) -> None:
        if any(medium.is_uploaded for medium in checked_media(self.media)):
            raise UsageError(f"{service} does not know the files that were uploaded to Perceptron: send data or a URL")

    def _payload(
        self, model: str, before: Sequence[Mapping[str, Any]], extra: Mapping[str, Any], *, with_usage: bool
    ) -> RequestPayload:
        asked = {"role": "user", "content": content(self.prompt, checked_media(self.media))}
        asks_usage = self.stream and (with_usage if self.include_usage is None else self.include_usage)
        sampling = self.sampling()
        kwargs = {
            "model": model,
            "messages": [*map(dict, before), asked],
            "tools": [dict(tool) for tool in self.tools] or None,
            "tool_choice": self.tool_choice,
            "response_format": None if self.schema is None else response_format(self.schema),
            "stream": True if self.stream else None,
            "stream_options": {"include_usage": True} if asks_usage else None,
        }
        # The client has no arguments for these.
        rest = without_none({"top_k": sampling.pop("top_k"), "regex": self.regex, **extra})
        payload = RequestPayload(without_none({**kwargs, **sampling}) | ({"extra_body": rest} if rest else {}))
        check_size(payload.body)
        return payload


def _unknown(model: str, service: Service) -> str:
    similar = similar_id(model, service)
    meant = f" (did you mean {similar!r}?)" if similar else ""
    return f"the model {model!r} is not documented for {service}{meant}: the request is sent as it is"


def _checked_tools(given: object) -> tuple[Mapping[str, Any], ...]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
        raise UsageError(f"tools is a sequence of tools, not {type(given).__name__}")
    for number, tool in enumerate(given):
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        function = tool.get("function") if isinstance(tool, Mapping) else None
        is_named = isinstance(function, Mapping) and isinstance(function.get("name"), str)
        if kind != _FOCUS_TOOL and not (kind == "function" and is_named):
            raise UsageError(
                f"tool {number} must be {{'type': 'function', 'function': {{'name': …}}}}, not {tool!r:.80}"
            )
        if kind == _FOCUS_TOOL and len(given) > 1:
            raise UsageError(f"{_FOCUS_TOOL} must be the only tool")
    return tuple(given)
