"""What came of asking: outcomes, tokens and cost, and what went wrong, by kind."""

from __future__ import annotations

from ..asking import AskReport, Reply
from ..asking.retrying import fault_of
from ..visible_text import visible
from ..wording import counted
from .console import complain, console

#: Failures of one kind that are told as they come; the summary counts them all.
_SHOWN = 3


class Failures:
    """What could not be answered: told as it comes, and counted."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def __len__(self) -> int:
        return sum(self._counts.values())

    @property
    def first(self) -> str:
        """The first of all; empty if there is none."""
        return next(iter(self._examples.values()), "")

    def add_reply(self, reply: Reply) -> None:
        """Count what came of a question, if that is an error."""
        fault = fault_of(reply.completion)
        if fault is not None:
            kind = fault.type if fault.type == "not_sent" else str(fault.kind)
            self._add(kind, f"{reply.key}: {fault}" if fault.type != "not_sent" else f"{reply.key}: {fault.message}")

    def add(self, key: str, error: Exception) -> None:
        """Count a question that could not be sent."""
        self._add("not_sent", f"{key}: {error}")

    def _add(self, kind: str, told: str) -> None:
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        self._examples.setdefault(kind, told)
        if count <= _SHOWN:
            more = " (more of this kind are only counted)" if count == _SHOWN else ""
            complain(f"{told}{more}")

    def print(self) -> None:
        """Print a line for each kind."""
        for kind, count in self._counts.items():
            complain(f"{counted(count, 'question')} without an answer ({kind}); first: {self._examples[kind]}")


def print_summary(report: AskReport, output: str, total: int, failures: Failures) -> None:
    """Print how a run ended, and what to do next."""
    out = console()
    counts = [f"{report.answered} answered", f"{report.failed} failed"]
    counts += [f"{report.skipped} had an answer before"] * bool(report.skipped)
    counts += [f"{report.changed} asked anew, because the request is another one"] * bool(report.changed)
    out.print(visible(f"{output}: {counted(total, 'question')}: {', '.join(counts)}"))
    if report.endings:
        endings = ", ".join(f"{count} {ending.value}" for ending, count in report.endings.items())
        out.print(visible(f"answers: {endings}"))
    if report.requests:
        out.print(f"sent: {counted(report.requests, 'request')}, {report.sent_bytes:,} bytes")
        if report.seconds > 0:
            complain(f"in {report.seconds:.1f} seconds, {report.requests / report.seconds:.1f} requests a second")
    if report.total_tokens or report.cost is not None:
        cost = "" if report.cost is None else f"; cost: ${report.cost:.4f}"
        out.print(f"tokens: {report.prompt_tokens:,} in, {report.completion_tokens:,} out{cost}")
    if report.changed:
        out.print(visible(f"{output} has the answers to the earlier requests too: convert it with --merge last"))
    failures.print()
    missing = total - report.answered - report.skipped
    if missing:
        why = f" ({report.stopped})" if report.stopped else ""
        out.print(visible(f"{counted(missing, 'question')} without an answer{why}: run the same command to ask again"))
