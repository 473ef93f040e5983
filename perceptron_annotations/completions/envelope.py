"""What is around an answer: the body of a chat completion, its choices, their messages, and the pieces of a stream.

Bodies that came at once, streams and recorded lines are all read by the rules that are written here:

- the content of a message is a text, or parts whose texts are joined;
- its reasoning is ``reasoning_content``, else ``reasoning``, else the joined text of ``reasoning_details``; never
  their sum;
- the choices of a body are counted by their position; multilook has some for each prompt, in ``results``;
- an error in a choice takes the place of the answer only if the choice has no content;
- a recorded line is a body, or has it in ``response``, or in the ``body`` of its response (OpenAI Batch);
- the key of a recorded line is its ``custom_id``, else its ``key``, else the ``id`` of the body, else its own ``id``.

Only the fields that an answer needs are typed; all others are left alone. A field of a wrong type is an error with its
path, raised by the decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from .faults import error_text


def joined(texts: Iterable[str | None]) -> str:
    """The texts of parts as one."""
    return "".join([text or "" for text in texts])


def first_reasoning(content: str | None, reasoning: str | None, details: Sequence[str | None]) -> str | None:
    """``reasoning_content``, else ``reasoning``, else the text of ``reasoning_details``; None if there is none."""
    return content or reasoning or (joined(details) if details else "") or None


def first_key(*names: str | int | None) -> str | None:
    """The first of the names that a recorded line may go by."""
    for name in names:
        if name is not None:
            return str(name)
    return None


def body_in(response: Any) -> Any:
    """The body in the ``response`` of a recorded line: OpenAI Batch has it in ``body``, others have it itself."""
    return response["body"] if isinstance(response, dict) and "body" in response else response


# -- bodies that came at once ----------------------------------------------------------------------------------------


class Part(Struct, frozen=True, gc=False):
    """A part of a message's content; only parts of the type ``text`` have a ``text``."""

    type: str = "text"
    text: str | None = None


class ReasoningDetail(Struct, frozen=True, gc=False):
    """One piece of reasoning as OpenRouter sends it; an encrypted one has neither text nor summary."""

    text: str | None = None
    summary: str | None = None


class FunctionCall(Struct, frozen=True, gc=False):
    """The function that a tool call names; ``arguments`` is JSON text, which may be invalid: a model wrote it."""

    name: str | None = None
    arguments: str | None = None


class ToolCall(Struct, frozen=True, gc=False):
    """A call of a tool that the model asks for."""

    id: str | None = None
    type: str | None = None
    function: FunctionCall = FunctionCall()


class Message(Struct, frozen=True, gc=False):
    """What the assistant said."""

    content: str | list[Part] | None = None
    role: str | None = None
    tool_calls: list[ToolCall] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[ReasoningDetail] | None = None

    @property
    def text(self) -> str:
        """The content; the empty text if there is none, as there is beside tool calls."""
        if isinstance(self.content, list):
            return joined(part.text for part in self.content)
        return self.content or ""

    @property
    def reasoning_text(self) -> str | None:
        """What the model thought, if it was sent apart from the content."""
        sent = self.reasoning_details
        details = [detail.text or detail.summary for detail in sent] if sent else ()
        return first_reasoning(self.reasoning_content, self.reasoning, details)


class Choice(Struct, frozen=True, gc=False):
    """One answer of a completion."""

    message: Message | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    index: int | None = None
    error: Any = None

    @property
    def text(self) -> str:
        """The content of its message."""
        return self.message.text if self.message else ""

    @property
    def is_refused(self) -> bool:
        """Whether its message is a refusal."""
        return bool(self.message and self.message.refusal)

    @property
    def has_calls(self) -> bool:
        """Whether its message has tool calls."""
        return bool(self.message and self.message.tool_calls)

    @property
    def reasoning_text(self) -> str | None:
        """The reasoning of its message."""
        return self.message.reasoning_text if self.message else None


class Body(Struct, frozen=True, gc=False):
    """A chat completion, or the error that came instead. ``choices`` are decoded one by one."""

    id: str | int | None = None
    model: str | None = None
    choices: list[Any] | None = None
    error: Any = None
    object: str | None = None
    message: str | None = None
    #: Of multilook, in place of choices.
    results: list[Any] | None = None

    @property
    def fault(self) -> str | None:
        """The error of the service in one line; None if it sent none."""
        if self.error is not None:
            return f"the service sent an error: {error_text(self.error)}"
        if self.object == "error":
            return f"the service sent an error: {self.message or 'without a message'}"
        return None


class _Details(Struct, frozen=True, gc=False):
    cached_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None


class SentUsage(Struct, frozen=True, gc=False):
    """The tokens and the cost of a completion, as they were sent."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    cost: float | None = None


class PlacedChoice(Struct, frozen=True):
    """A choice of a body that is not decoded yet, and the prompt that it answers (multilook)."""

    choice: Any
    #: Where it is, for people.
    place: str
    #: Counted by position: documented samples have wrong numbers.
    index: int = 0
    prompt_index: int | None = None
    #: The error of its prompt.
    error: Any = None


def placed_choices(body: Mapping[str, Any]) -> list[PlacedChoice]:
    """The choices of a body, or those of all prompts of a multilook body."""
    choices = body.get("choices")
    if isinstance(choices, list):
        return [PlacedChoice(choice, f"choice {row}", row) for row, choice in enumerate(choices)]
    results = body.get("results")
    if not isinstance(results, list):
        return []
    placed: list[PlacedChoice] = []
    for row, result in enumerate(results):
        fields = result if isinstance(result, dict) else {}
        prompt = fields["prompt_index"] if type(fields.get("prompt_index")) is int else row
        completions = fields.get("completions")
        if fields.get("error") is not None or not isinstance(completions, list):
            placed.append(PlacedChoice({}, f"result {row}", 0, prompt, fields.get("error", "no completions")))
        else:
            placed += [
                PlacedChoice(each, f"result {row}, completion {at}", at, prompt) for at, each in enumerate(completions)
            ]
    return placed


def decode_choice(choice: Any) -> Choice:
    """A choice of a body. Raises ``msgspec.ValidationError`` with the path of what is wrong, or ``RecursionError``."""
    return msgspec.convert(choice, Choice)


# -- pieces of a stream ----------------------------------------------------------------------------------------------


def plain_text(content: Any) -> str:
    """The text of content that is not decoded: what has the wrong type adds nothing."""
    if isinstance(content, list):
        return joined(_field(part, "text") for part in content)
    return content if isinstance(content, str) else ""


def plain_reasoning(delta: Mapping[str, Any]) -> str:
    """The reasoning in a piece of a message that is not decoded; what has the wrong type adds nothing."""
    details = delta.get("reasoning_details")
    details = details if isinstance(details, list) else []
    texts = [_field(detail, "text") or _field(detail, "summary") for detail in details]
    return first_reasoning(_field(delta, "reasoning_content"), _field(delta, "reasoning"), texts) or ""


def _field(value: Any, field: str) -> str | None:
    text = value.get(field) if isinstance(value, dict) else None
    return text if isinstance(text, str) else None
