"""Counting while a run goes on."""

from __future__ import annotations

from collections import Counter

from ..completions.completion import Completion
from ..completions.ending import Ending
from .ask_report import AskReport
from .retrying import fault_of


class Tally:
    """The counts of a run, of which :meth:`report` takes a snapshot."""

    def __init__(self) -> None:
        self.skipped = 0
        self.changed = 0
        self.requests = 0
        self.in_flight = 0
        self.sent_bytes = 0
        self.stopped: str | None = None
        #: The first and the last moment at which something was sent or came back.
        self.first: float | None = None
        self.last = 0.0
        self._answered = self._failed = 0
        self._tokens = Counter[str]()
        self._cost: float | None = None
        self._endings = Counter[Ending]()
        self._faults = Counter[str]()

    def add_usage(self, completion: Completion) -> None:
        """Count what a try cost, whatever came of it."""
        usage = completion.usage
        if usage is None:
            return
        self._tokens["prompt"] += usage.prompt_tokens or 0
        self._tokens["completion"] += usage.completion_tokens or 0
        self._tokens["total"] += usage.total_tokens or 0
        if usage.cost is not None:
            self._cost = (self._cost or 0.0) + usage.cost

    def add_outcome(self, completion: Completion, *, is_answered: bool) -> None:
        """Count what came of a question in the end."""
        self._endings.update(answer.ending for answer in completion.answers)
        if is_answered:
            self._answered += 1
            return
        self._failed += 1
        fault = fault_of(completion)
        self._faults["no_answer" if fault is None else fault.type if fault.type == "not_sent" else fault.kind] += 1

    @property
    def total_tokens(self) -> int:
        """Tokens of this run."""
        return self._tokens["total"]

    def report(self, now: float) -> AskReport:
        """The counts until now."""
        return AskReport(
            answered=self._answered,
            failed=self._failed,
            skipped=self.skipped,
            changed=self.changed,
            requests=self.requests,
            endings=dict(self._endings),
            faults=dict(self._faults),
            prompt_tokens=self._tokens["prompt"],
            completion_tokens=self._tokens["completion"],
            total_tokens=self._tokens["total"],
            cost=self._cost,
            sent_bytes=self.sent_bytes,
            in_flight=self.in_flight,
            seconds=0.0 if self.first is None else max((now if self.in_flight else self.last) - self.first, 0.0),
            stopped=self.stopped,
        )
