"""``check``: what is wrong in files of recorded answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..completions.answer_reading import AnswerReading
from ..completions.ending import Ending
from ..issues import CATALOG, IssueCode, Severity
from ..markup.document import Status
from ..table.recorded_table import RecordedTable
from .console import console, print_table
from .inputs import open_inputs

T = TypeVar("T")

#: As many characters of the answer are shown as an example.
_SHOWN_TEXT = 60


class _Findings:
    """Outcomes and issues, each issue code with its first example."""

    def __init__(self) -> None:
        self.truncated = 0
        self.annotations = 0
        self.outcomes: Counter[Status] = Counter()
        self.endings: Counter[Ending] = Counter()
        self.issues: Counter[IssueCode] = Counter()
        self.recovered: Counter[IssueCode] = Counter()
        self.examples: dict[IssueCode, str] = {}

    @staticmethod
    def of(recorded: RecordedTable) -> _Findings:
        """What is in some answers."""
        found, table = _Findings(), recorded.table
        responses, issues = table.responses, table.issues
        found.truncated = int(responses.truncated.sum())
        found.annotations = len(table)
        found.outcomes = _counts(Status, responses.status)
        found.endings = _counts(Ending, responses.ending)
        found.issues = _counts(IssueCode, issues.code)
        found.recovered = _counts(IssueCode, issues.code[issues.recovered])
        codes = tuple(IssueCode)
        for code, row in zip(*np.unique(issues.code, return_index=True), strict=True):
            found.examples[codes[code]] = _example(recorded, row)
        return found

    def add(self, other: _Findings) -> None:
        """Add what is in some more answers."""
        self.truncated += other.truncated
        self.annotations += other.annotations
        self.outcomes += other.outcomes
        self.endings += other.endings
        self.issues += other.issues
        self.recovered += other.recovered
        self.examples = other.examples | self.examples


def _counts(members: Iterable[T], numbers: NDArray[np.uint8]) -> Counter[T]:
    """How often each member comes, by its place among all."""
    every = list(members)
    counts = np.bincount(numbers, minlength=len(every)).tolist()
    return Counter({member: count for member, count in zip(every, counts, strict=True) if count})


def _example(recorded: RecordedTable, row: int) -> str:
    """The place of an issue, and what stands there."""
    table, sent = recorded.table, recorded.sent
    response = table.issues.response[row]
    start, end = table.issues.span[row].tolist()
    key = (table.responses.key or ())[response]
    text = "" if sent is None else sent.texts[response][start : min(end, start + _SHOWN_TEXT)]
    return f"{key} at {start}: {text}"


def print_check(inputs: Sequence[str], *, how: AnswerReading, key: str | None, rejects: str | None, jobs: int) -> bool:
    """Print what is in ``inputs``; whether nothing is wrong with it, as ``--strict`` asks."""
    findings = _Findings()
    with open_inputs(inputs, key=key, rejects=rejects, jobs=jobs) as reading:
        for each in chain.from_iterable(reading.batches(_Findings.of, how, texts=True)):
            findings.add(each)
    out = console()
    out.print(
        f"{reading.answers} answers, {findings.annotations} annotations, {findings.truncated} cut off, "
        f"{reading.rejected} lines without an answer"
    )
    outcomes = [(findings.outcomes[each], each.value) for each in Status]
    print_table(out, "outcomes", ("count", "outcome"), outcomes)
    if not all(ending.is_sound for ending in findings.endings):
        endings = [(findings.endings[each], each.value, each.meaning) for each in Ending if findings.endings[each]]
        print_table(out, "how answers ended", ("count", "ending", "meaning"), endings)
    rows = [
        (count, findings.recovered[code] or "", CATALOG[code].severity.value, code.value, findings.examples[code])
        for code, count in sorted(findings.issues.items(), key=_gravest_first)
    ]
    print_table(out, "issues", ("count", "recovered", "severity", "code", "first example"), rows)
    reading.problems.print(out)
    return reading.is_sound


def _gravest_first(item: tuple[IssueCode, int]) -> tuple[bool, int, str]:
    code, count = item
    return CATALOG[code].severity is Severity.WARNING, -count, code.value
