"""What came of asking: how many questions, how their answers ended, what went wrong, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..completions.ending import Ending


class AskReport(Struct, frozen=True, kw_only=True):
    """Counts of a run until now. Tokens and costs are those that the service stated, of this run alone.

    >>> from perceptron_annotations.asking import AskReport
    >>> AskReport(answered=3, failed=1).asked
    4
    """

    #: Questions that got an answer, whole or not.
    answered: int = 0
    #: Questions that have no answer, or a part of one: they are asked again by the next run.
    failed: int = 0
    #: Questions that had a complete answer in the file, and were not asked.
    skipped: int = 0
    #: Questions that were asked although the file has an answer for their key, for the request is another one.
    changed: int = 0
    #: Requests that were sent, all tries included.
    requests: int = 0
    #: How the answers ended, choice by choice.
    endings: Mapping[Ending, int] = {}
    #: What questions failed of: a ``FaultKind``, or ``"not_sent"`` for what could not be prepared.
    faults: Mapping[str, int] = {}
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    #: Dollars; None if the service states no costs.
    cost: float | None = None
    #: Bytes of the bodies that were sent.
    sent_bytes: int = 0
    #: Requests that are on their way.
    in_flight: int = 0
    #: Seconds since the run began, without the questions that were skipped before the first was asked.
    seconds: float = 0.0
    #: Why no more is asked, if that was not for the end of the questions.
    stopped: str | None = None

    @property
    def asked(self) -> int:
        """Questions that were asked to an end."""
        return self.answered + self.failed

    @property
    def truncated(self) -> int:
        """Answers that a cap on their length cut off; they were paid for, and are not asked again."""
        return self.endings.get(Ending.LENGTH, 0)
