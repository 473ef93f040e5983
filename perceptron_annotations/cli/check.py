"""``check``: what is wrong in files of recorded answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..completions.recordings import Recording
from ..issues import CATALOG, Issue, IssueCode, Severity
from ..markup.document import Mode, Status
from .console import console, print_table
from .inputs import open_inputs


class _Tally:
    """Outcomes and issues, each issue code with its first example."""

    def __init__(self) -> None:
        self.answers = 0
        self.truncated = 0
        self.annotations = 0
        self.outcomes: Counter[Status] = Counter()
        self.issues: Counter[IssueCode] = Counter()
        self.recovered: Counter[IssueCode] = Counter()
        self.examples: dict[IssueCode, str] = {}

    def add(self, recording: Recording, mode: Mode) -> None:
        document = recording.document(mode=mode)
        self.answers += 1
        self.truncated += document.truncated
        self.annotations += len(document.annotations)
        self.outcomes[document.status] += 1
        for issue in document.issues:
            self.issues[issue.code] += 1
            self.recovered[issue.code] += issue.recovered
            self.examples.setdefault(issue.code, _example(recording, document.source, issue))


#: As many characters of the answer are shown as an example.
_SHOWN_TEXT = 60


def _example(recording: Recording, source: str, issue: Issue) -> str:
    text = source[issue.span.start : min(issue.span.end, issue.span.start + _SHOWN_TEXT)]
    return f"{recording.key} at {issue.span.start}: {text}"


def run(inputs: Sequence[str], *, mode: Mode, key: str | None, rejects: str | None) -> bool:
    """Print the tally of ``inputs``; whether there were errors or lines without an answer."""
    tally = _Tally()
    with open_inputs(inputs, key=key, rejects=rejects) as (recordings, rejected):
        for recording in recordings:
            tally.add(recording, mode)
    out = console()
    out.print(
        f"{tally.answers} answers, {tally.annotations} annotations, {tally.truncated} cut off, "
        f"{rejected.count} lines without an answer"
    )
    print_table(out, "outcomes", ("count", "outcome"), [(tally.outcomes[each], each.value) for each in Status])
    rows = [
        (count, tally.recovered[code] or "", CATALOG[code].severity.value, code.value, tally.examples[code])
        for code, count in sorted(tally.issues.items(), key=_gravest_first)
    ]
    print_table(out, "issues", ("count", "recovered", "severity", "code", "first example"), rows)
    shown = [(f"{line.file}:{line.line_number}", line.reason) for line in rejected.first]
    print_table(out, "lines without an answer", ("line", "reason"), shown)
    errors = any(CATALOG[code].severity is Severity.ERROR for code in tally.issues)
    return errors or rejected.count > 0


def _gravest_first(item: tuple[IssueCode, int]) -> tuple[bool, int, str]:
    code, count = item
    return CATALOG[code].severity is Severity.WARNING, -count, code.value
