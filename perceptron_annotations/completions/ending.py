"""What a service says about the end of an answer → how it ended: one word for the reasons of all services.

How an answer ended is told apart from what it says: a refusal without annotations is not an image without objects.
"""

from __future__ import annotations

from ..codes import Code


class Ending(Code):
    """How an answer ended, from the best to the worst; a table's column ``ending`` holds places in this list.

    >>> pa.completions.Ending.UNSTATED.is_sound, pa.completions.Ending.LENGTH.is_sound
    (True, False)
    """

    COMPLETE = "complete", "the service said that the answer is whole"
    UNSTATED = "unstated", "all has come, and the service gave no reason for the end, or none that fits"
    LENGTH = "length", "the answer reached the limit of tokens"
    REFUSAL = "refusal", "the model refused to answer"
    CONTENT_FILTER = "content_filter", "a filter of the service stopped the answer, or took it away"
    ERROR = "error", "an error of the service ended the answer"
    CUT = "cut", "the answer or its reasoning broke off before its end"

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against the answer being whole."""
        return self in _SOUND

    @property
    def truncates(self) -> bool:
        """Whether a part of the answer may be missing at its end."""
        return self in _TRUNCATING


_SOUND = frozenset({Ending.COMPLETE, Ending.UNSTATED})
_TRUNCATING = frozenset({Ending.LENGTH, Ending.CONTENT_FILTER, Ending.ERROR, Ending.CUT})
#: The number that a column holds for each ending.
ENDING_CODES = {ending: code for code, ending in enumerate(Ending)}

#: The reasons that come with calls of tools; the second is the form before tool calls.
_CALLS = ("tool_calls", "function_call")
#: ``interrupted``: Perceptron closed the reasoning by force, and the answer is whole.
_BY_REASON = {
    "stop": Ending.COMPLETE,
    **dict.fromkeys(_CALLS, Ending.COMPLETE),
    "interrupted": Ending.COMPLETE,
    "length": Ending.LENGTH,
    "refusal": Ending.REFUSAL,
    "content_filter": Ending.CONTENT_FILTER,
    "error": Ending.ERROR,
    "abort": Ending.CUT,
}


def ending_of(
    reason: str | None,
    *,
    has_ended: bool = True,
    has_failed: bool = False,
    is_refused: bool = False,
    is_reasoning_cut: bool = False,
    has_calls: bool = False,
) -> Ending:
    """How an answer ended.

    Args:
        reason: The ``finish_reason`` of the service.
        has_ended: The stream came to its end.
        has_failed: The service sent an error.
        is_refused: The message has a refusal.
        is_reasoning_cut: The reasoning in the content was never closed.
        has_calls: The message has tool calls, to which a reason of its own belongs.
    """
    stated = _BY_REASON.get(reason or "", Ending.UNSTATED)
    if has_failed:
        return Ending.ERROR
    if stated not in _SOUND:
        return stated
    if is_refused:
        return Ending.REFUSAL
    if is_reasoning_cut or not has_ended:
        return Ending.CUT
    return stated if (reason in _CALLS) == has_calls else Ending.UNSTATED
