"""The tokens and the cost of a completion, as its service counted them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ..problems import Problem, ProblemCode
from .sent import Sent, type_of


class Usage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens and, from OpenRouter, the cost in dollars; None for what the service did not send."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    raw: dict[str, Any] = {}

    def __hash__(self) -> int:  # ``raw`` is a dict
        return hash((self.prompt_tokens, self.completion_tokens, self.total_tokens, self.cost))


def read_usage(sent: Any, problems: list[Problem]) -> Usage | None:
    """The usage of a completion; a number that cannot be read is added to ``problems``."""
    if sent is None:
        return None
    if not isinstance(sent, dict):
        message = f"usage is not an object, but {type_of(sent)}"
        problems.append(Problem(code=ProblemCode.INVALID_FIELD, message=message))
        return None
    usage = Sent(sent, problems, inside="usage.")
    nothing = Sent({}, problems)
    prompt = usage.inner("prompt_tokens_details") or nothing
    completion = usage.inner("completion_tokens_details") or nothing
    return Usage(
        prompt_tokens=usage.integer("prompt_tokens"),
        completion_tokens=usage.integer("completion_tokens"),
        total_tokens=usage.integer("total_tokens"),
        cached_tokens=prompt.integer("cached_tokens"),
        audio_tokens=prompt.integer("audio_tokens"),
        reasoning_tokens=completion.integer("reasoning_tokens"),
        cost=usage.number("cost"),
        raw=sent,
    )
