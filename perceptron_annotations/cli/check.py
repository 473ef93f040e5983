"""``check``: what is wrong in files of recorded answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..completions.ending import Ending
from ..completions.recordings import Recording
from ..frames import Frame
from ..issues import CATALOG, Issue, IssueCode, Severity
from ..markup.document import Document, Mode, Status
from .console import console, print_table
from .inputs import open_inputs

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

    def add(self, recording: Recording, document: Document) -> None:
        self.truncated += document.truncated
        self.annotations += len(document.annotations)
        self.outcomes[document.status] += 1
        self.endings[recording.ending] += 1
        for issue in document.issues:
            self.issues[issue.code] += 1
            self.recovered[issue.code] += issue.recovered
            self.examples.setdefault(issue.code, _example(recording, document.source, issue))


def _example(recording: Recording, source: str, issue: Issue) -> str:
    text = source[issue.span.start : min(issue.span.end, issue.span.start + _SHOWN_TEXT)]
    return f"{recording.key} at {issue.span.start}: {text}"


def print_check(inputs: Sequence[str], *, mode: Mode, frame: Frame, key: str | None, rejects: str | None) -> bool:
    """Print what is in ``inputs``; whether nothing is wrong with it, as ``--strict`` asks."""
    findings = _Findings()
    with open_inputs(inputs, key=key, rejects=rejects) as reading:
        for recording in reading.recordings():
            document = recording.document(mode=mode, frame=frame)
            reading.note_document(document, recording.ending)
            findings.add(recording, document)
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
