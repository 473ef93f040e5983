"""Several prompts about the same media in one request: Perceptron's ``/chat/completions/multilook``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import force_setattr

from ..errors import UsageError
from .models import Service, is_known_id, model_facts, refuse_renamed
from .request_options import (
    Medium,
    RequestOptions,
    check_size,
    checked_media,
    content,
    warn,
    without_none,
)

#: The limits of one request, from Perceptron's Python SDK.
_MAX_PROMPTS, _MAX_N, _MAX_ANSWERS = 16, 8, 64

#: A question, or a question with media of its own.
Prompt: TypeAlias = str | tuple[str, Medium | Sequence[Medium]]


class MultilookPayload(NamedTuple):
    """A multilook request: for ``client.post(payload.path, body=payload.body, cast_to=object)`` of ``openai``."""

    body: dict[str, Any]
    path: str = "/chat/completions/multilook"


class MultilookRequest(RequestOptions, frozen=True, kw_only=True):
    """Up to 16 prompts about the same ``media``, each answered apart from the others and ``n`` times (up to 8).

    A prompt is text, or text with media of its own, which count after the shared ones. There are no streams, tools or
    constraints. ``Completion.decode`` reads what comes. Raises ``UsageError`` for values beyond their documented range.

    >>> shelf = pa.completions.image("https://example.org/shelf.jpg")
    >>> request = pa.completions.MultilookRequest(media=shelf, prompts=["Box the cups.", "Box the plates."])
    >>> payload = request.for_perceptron()
    >>> payload.path, payload.body["prompts"]
    ('/chat/completions/multilook', ['Box the cups.', 'Box the plates.'])
    """

    prompts: Sequence[Prompt]

    def check(self) -> None:
        """Raise ``UsageError`` for what the service does not take."""
        super().check()
        if isinstance(self.prompts, str | bytes) or not isinstance(self.prompts, Sequence):
            raise UsageError(f"prompts is a list of prompts, not {type(self.prompts).__name__}")
        if not 1 <= len(self.prompts) <= _MAX_PROMPTS:
            raise UsageError(f"prompts must be from 1 to {_MAX_PROMPTS}, not {len(self.prompts)}")
        force_setattr(self, "prompts", tuple(map(_checked_prompt, self.prompts)))
        count = self.n or 1
        if count > _MAX_N or count * len(self.prompts) > _MAX_ANSWERS:
            raise UsageError(
                f"n must be at most {_MAX_N}, and {_MAX_ANSWERS} answers in all: not {count} for each of "
                f"{len(self.prompts)} prompts"
            )
        if count > 1 and not self.temperature:
            raise UsageError("n > 1 needs a temperature above 0: all answers would be the same")
        if any(message["role"] == "tool" or message.get("tool_calls") for message in self.history):
            raise UsageError("multilook takes no tool calls in history, and no results of tools")

    def for_perceptron(self, model: str = "perceptron-mk1.5") -> MultilookPayload:
        """For Perceptron's own service, the only one that has it.

        Raises ``UsageError`` for what the model does not take. A model that is not documented to do it passes with a
        ``RequestWarning``.
        """
        refuse_renamed(model)
        facts = model_facts(model)
        if facts is not None:
            self.check_model(facts)
        if facts is None or not facts.multilook or not is_known_id(model, Service.PERCEPTRON):
            warn(f"the model {model!r} is not documented for multilook: the request is sent as it is")
        self.advise()
        shared = checked_media(self.media)
        context: list[Mapping[str, Any]] = [{"role": "system", "content": self.system}] if self.system else []
        context += self.history
        if shared:
            context.append({"role": "user", "content": [medium.part for medium in shared]})
        body = {
            "model": model,
            "context": [dict(message) for message in context],
            "prompts": [_written(prompt) for prompt in self.prompts],
            **self.sampling(),
            "reasoning_effort": self.reasoning_effort,
            "vision_config": self.vision_config(),
        }
        payload = MultilookPayload(without_none(body))
        check_size(payload.body)
        return payload


def _checked_prompt(given: object) -> Prompt:
    match given:
        case str():
            return given
        case (str() as text, media):
            return text, checked_media(media)
    raise UsageError(f"a prompt is text, or a pair of text and media, not {given!r:.80}")


def _written(prompt: Prompt) -> str | dict[str, Any]:
    if isinstance(prompt, str):
        return prompt
    text, media = prompt
    return {"content": content(text, checked_media(media))}
