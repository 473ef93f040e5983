"""The body of a chat completion, as the services send it → its choices.

Only the fields that an answer needs are typed; all others are left alone. A field of a wrong type is an error with its
path, raised by the decoder.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from .faults import error_text


class Part(Struct, frozen=True, gc=False):
    """A part of a message's content; those of other types than text have no ``text``."""

    type: str = "text"
    text: str | None = None


class ReasoningDetail(Struct, frozen=True, gc=False):
    """One piece of reasoning as OpenRouter sends it; an encrypted one has neither text nor summary."""

    text: str | None = None
    summary: str | None = None


class Function(Struct, frozen=True, gc=False):
    """What a tool call calls; ``arguments`` is JSON text, which a model may get wrong."""

    name: str | None = None
    arguments: str | None = None


class ToolCall(Struct, frozen=True, gc=False):
    """A tool that the model wants called."""

    id: str | None = None
    type: str | None = None
    function: Function = Function()


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
        """The content; parts are joined, and none (as beside tool calls) is the empty text."""
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content)
        return self.content or ""

    @property
    def reasoning_text(self) -> str | None:
        """``reasoning_content``, else ``reasoning``, else the text of ``reasoning_details``; never their sum."""
        if self.reasoning_content or self.reasoning:
            return self.reasoning_content or self.reasoning
        details = [detail.text or detail.summary or "" for detail in self.reasoning_details or ()]
        return "".join(details) or None


class Choice(Struct, frozen=True, gc=False):
    """One answer of a completion."""

    message: Message | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    index: int | None = None
    error: Any = None


class Body(Struct, frozen=True, gc=False):
    """A chat completion, or the error that came in its place. ``choices`` are decoded one by one."""

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
    """What the answer took, as it was sent."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    cost: float | None = None


def decode_choice(choice: Any) -> Choice:
    """A choice of a body. Raises ``msgspec.ValidationError`` with the path of what is wrong."""
    return msgspec.convert(choice, Choice)
