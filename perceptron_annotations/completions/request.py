"""One description of what to ask → the request of each service.

What is asked (media, prompt, what to point with, thinking, focus, a constraint) is said once, and checked against the
documented ranges before anything is sent. The services differ only in how it is written.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from ..checked import Checked
from ..errors import UsageError
from ..geometry import AnnotationKind, KindName
from .media import Media, MediaKind
from .models import ModelFacts, Steering, model_facts

#: The largest body of a request that a service takes.
MAX_BODY_BYTES = 20_000_000


class RequestWarning(UserWarning):
    """A request that the service accepts, but that its documentation advises against or does not mention."""


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


_RANGES: Mapping[str, tuple[float, float | None]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (0, None),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_completion_tokens": (1, None),
    "n": (1, 1),
}
_EFFORTS = ("none", "minimal", "low", "medium", "high")


class Request(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """What to ask, for any service. Raises ``UsageError`` for a value beyond its documented range.

    ``annotation_format`` says what to point with (without it Mk1 answers in prose); ``history`` holds the messages
    before this one; ``schema`` (JSON Schema) or ``regex`` constrains the answer.

    >>> request = pa.Request(prompt="Find the cups.", annotation_format="point")
    >>> request.for_openrouter().body["annotation_format"]
    'point'
    """

    prompt: str
    media: tuple[Media, ...] = ()
    annotation_format: AnnotationKind | KindName | None = None
    system: str | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    #: Whether to think before answering; None leaves that to the service.
    thinking: bool | None = None
    reasoning_effort: str | None = None
    #: Whether to look closer at parts of the images.
    focus: bool = False
    schema: Mapping[str, Any] | None = None
    regex: str | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: Literal["auto", "none"] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    stream: bool = False

    def check(self) -> None:
        """Raise ``UsageError`` for what no service takes."""
        if self.annotation_format is not None:
            force_setattr(self, "annotation_format", AnnotationKind.from_name(self.annotation_format))
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not (low <= value and (high is None or value <= high)):
                within = f"at least {low}" if high is None else f"{low}" if low == high else f"from {low} to {high}"
                raise UsageError(f"{name} must be {within}, not {value}")
        if self.reasoning_effort is not None and self.reasoning_effort not in _EFFORTS:
            raise UsageError(f"reasoning_effort must be one of {', '.join(_EFFORTS)}, not {self.reasoning_effort!r}")
        if self.regex is not None and not self.regex:
            raise UsageError("regex must not be empty: leave it out to have no constraint")
        if self.regex is not None and self.schema is not None:
            raise UsageError("regex and schema exclude each other: an answer has one form")
        if self.tools and (self.regex is not None or self.schema is not None):
            raise UsageError("tools exclude regex and schema: a tool call has its own form")
        kinds = {medium.kind for medium in self.media}
        if self.annotation_format == AnnotationKind.CLIP and kinds == {MediaKind.IMAGE}:
            raise UsageError("annotation_format='clip' needs a video: images have no time")
        if self.focus and kinds == {MediaKind.VIDEO}:
            raise UsageError("focus needs an image: it does not look into videos")

    # -- services ----------------------------------------------------------------------------------------------------

    def for_perceptron(self, model: str = "perceptron-mk1") -> RequestPayload:
        """For Perceptron's own service. Mk1 takes ``vision_config``, Isaac words in ``<hint>`` of the system message.

        Raises ``UsageError`` for a model of which nothing is known, and for what the model does not take.
        """
        facts = model_facts(model)
        if facts is None:
            raise UsageError(f"the model {model!r} is not known: use for_openai_compatible(model)")
        self._check_model(facts)
        if facts.steering is Steering.HINT:
            return self._prepared(
                model, system=self._with_hint(facts), extra={"top_k": self.top_k, "regex": self.regex}
            )
        self._advise()
        config: dict[str, Any] = {}
        if self.annotation_format is not None:
            config["annotation_format"] = str(self.annotation_format)
        if self.thinking is not None:
            config["enable_thinking"] = self.thinking
        if self.focus:
            config["internal_tools"] = {"focus": True}
        extra = {"vision_config": config or None, "top_k": self.top_k, "regex": self.regex}
        return self._prepared(model, system=self.system, extra=extra)

    def for_openrouter(
        self, model: str = "perceptron/perceptron-mk1", *, nested: bool = False, exclude_reasoning: bool = False
    ) -> RequestPayload:
        """For OpenRouter, which documents ``annotation_format`` without saying where in the body it belongs.

        It is written at the top of the body, or inside ``vision_config`` if ``nested``. Thinking is written as the
        ``reasoning`` object of OpenRouter; ``exclude_reasoning`` asks it not to send the reasoning back.
        """
        facts = model_facts(model)
        if facts is not None:
            self._check_model(facts)
        self._advise()
        if self.focus:
            _warn("OpenRouter does not document focus: it is sent as Perceptron takes it")
        reasoning: dict[str, Any] = {}
        if self.reasoning_effort is not None:
            reasoning["effort"] = self.reasoning_effort
        elif self.thinking is not None:
            reasoning["enabled"] = self.thinking
        if exclude_reasoning:
            reasoning["exclude"] = True
        config: dict[str, Any] = {"internal_tools": {"focus": True}} if self.focus else {}
        extra: dict[str, Any] = {"reasoning": reasoning or None, "top_k": self.top_k, "regex": self.regex}
        if self.annotation_format is not None and nested:
            config |= {"annotation_format": str(self.annotation_format)}
        elif self.annotation_format is not None:
            extra["annotation_format"] = str(self.annotation_format)
        return self._prepared(model, system=self.system, extra=extra | {"vision_config": config or None}, effort=False)

    def for_openai_compatible(self, model: str) -> RequestPayload:
        """For perceptron.cloud and other servers with OpenAI's API, with no fields beyond those of that API.

        Raises ``UsageError`` for what has no parameter there.
        """
        for name, asked in (
            ("annotation_format", self.annotation_format),
            ("thinking", self.thinking),
            ("focus", self.focus or None),
        ):
            if asked is not None:
                raise UsageError(f"an OpenAI-compatible service has no parameter for {name}: say it in the prompt")
        return self._prepared(model, system=self.system, extra={"top_k": self.top_k, "regex": self.regex})

    # -- parts -------------------------------------------------------------------------------------------------------

    def _prepared(
        self, model: str, *, system: str | None, extra: dict[str, Any], effort: bool = True
    ) -> RequestPayload:
        fields = {
            "model": model,
            "messages": self._messages(system),
            "temperature": self.temperature,
            "top_p": self.top_p,
            "frequency_penalty": self.frequency_penalty,
            "presence_penalty": self.presence_penalty,
            "max_completion_tokens": self.max_completion_tokens,
            "n": self.n,
            "reasoning_effort": self.reasoning_effort if effort else None,
            "response_format": None if self.schema is None else _response_format(self.schema),
            "tools": [dict(tool) for tool in self.tools] or None,
            "tool_choice": self.tool_choice,
            "stream": True if self.stream else None,
        }
        kwargs = {name: value for name, value in fields.items() if value is not None}
        rest = {name: value for name, value in extra.items() if value is not None}
        prepared = RequestPayload(kwargs | ({"extra_body": rest} if rest else {}))
        size = len(msgspec.json.encode(prepared.body))
        if size > MAX_BODY_BYTES:
            raise UsageError(
                f"the request has {size:,} bytes, and services take {MAX_BODY_BYTES:,}: send URLs of media"
            )
        return prepared

    def _messages(self, system: str | None) -> list[dict[str, Any]]:
        content: list[dict[str, Any]] = [medium.part for medium in self.media]
        asked = {
            "role": "user",
            "content": [*content, {"type": "text", "text": self.prompt}] if content else self.prompt,
        }
        before = [{"role": "system", "content": system}] if system else []
        return [*before, *(dict(message) for message in self.history), asked]

    def _with_hint(self, facts: ModelFacts) -> str | None:
        """The system message with the words that Isaac knows."""
        words = [str(self.annotation_format).upper()] if self.annotation_format is not None else []
        if self.annotation_format == AnnotationKind.CLIP:
            _warn(f"{facts.name} is not documented to know CLIP: it is sent all the same")
        words += ["THINK"] if self.thinking else []
        words += ["FOCUS"] if self.focus else []
        hint = f"<hint>{' '.join(words)}</hint>" if words else ""
        return "\n".join(part for part in (hint, self.system) if part) or None

    def _check_model(self, facts: ModelFacts) -> None:
        for medium in self.media:
            if medium.kind not in facts.modalities:
                raise UsageError(f"{facts.name} takes {', '.join(facts.modalities)}, not {medium.kind}")
        most = facts.output_tokens or facts.context_tokens
        if self.max_completion_tokens is not None and self.max_completion_tokens > most:
            raise UsageError(f"max_completion_tokens must be at most {most} for {facts.name}")
        for name, asked, able in (("thinking", self.thinking, facts.thinks), ("focus", self.focus, facts.focuses)):
            if asked and not able:
                _warn(f"{facts.name} ignores {name}")

    def _advise(self) -> None:
        if self.thinking and self.annotation_format not in (None, AnnotationKind.CLIP):
            _warn(f"thinking is advised for text, captions and clips, not for {str(self.annotation_format)!r}")


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    # OpenAI takes names of these characters only, and the name means nothing to anybody.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title", "")))[:64] or "answer"
    return {"type": "json_schema", "json_schema": {"name": name, "schema": dict(schema), "strict": True}}


def _warn(message: str) -> None:
    warnings.warn(message, RequestWarning, stacklevel=4)
