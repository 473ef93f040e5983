"""``ask``: images to recorded answers, or to what would be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..asking import Asker, AskLimits, AskReport, Endpoint
from ..asking.batch_files import write_batch
from ..asking.image_preparation import ImageChanges
from ..asking.image_questions import QuestionMaker
from ..asking.question_inputs import Asking, Listing, list_questions
from ..completions import Request
from ..errors import InputError, UsageError
from ..files import STANDARD
from ..outputs import refuse_overwriting
from ..visible_text import visible
from ..wording import counted
from .ask_preview import print_preview
from .ask_progress import watching
from .ask_summary import Failures, print_summary
from .console import complain, console
from .problem_table import ProblemTable


class AskJob(NamedTuple):
    """What is asked, and of whom."""

    words: Sequence[str]
    asking: Asking
    #: The request without its prompt and media.
    template: Request
    changes: ImageChanges
    samples: int
    endpoint: Endpoint
    limits: AskLimits

    @property
    def maker(self) -> QuestionMaker:
        """What makes the questions."""
        return QuestionMaker(template=self.template, changes=self.changes)


class Target(NamedTuple):
    """Where the answers go, or the requests."""

    output: str | None
    batch_file: str | None
    dry_run: bool

    def check(self, read: Sequence[str]) -> None:
        """Raise ``UsageError`` if it is not clear what to write, or if that would be a file that is read."""
        if self.output is not None and self.batch_file is not None:
            raise UsageError("--batch-file sends nothing, so there are no answers for -o: leave one of them out")
        if self.output is None and self.batch_file is None and not self.dry_run:
            raise UsageError("name the file of answers: -o answers.jsonl (or see what would be sent: --dry-run)")
        if STANDARD in (self.output, self.batch_file):
            raise UsageError(
                "answers are recorded in a file, which a run that was killed goes on with: -o answers.jsonl"
            )
        # A folder that is read may hold the file of answers: nothing but images is taken from it.
        refuse_overwriting([self.output, self.batch_file], [path for path in read if not Path(path).is_dir()])


def ask_images(job: AskJob, target: Target, lists: Sequence[str], *, strict: bool) -> bool:
    """Ask, and print what came of it; whether all is well. ``lists`` are files that options named.

    Raises ``InputError`` if there is nothing to ask, or if nothing was answered.
    """
    target.check([*job.words, *lists])
    job.changes.check_installed()
    if job.samples < 1:
        raise UsageError(f"--samples must be 1 or more, not {job.samples}")
    problems = ProblemTable()
    listing = list_questions(job.words, job.asking, problems)
    _print_listing(listing, problems)
    if target.dry_run:
        print_preview(job.maker, job.endpoint, listing.rows, samples=job.samples, limits=job.limits)
        return not len(problems)
    if target.batch_file is not None:
        return _write_batch(job, target.batch_file, listing) and not len(problems)
    is_answered = _ask(job, str(target.output), listing, strict=strict)
    return is_answered and not (strict and len(problems))


def _print_listing(listing: Listing, problems: ProblemTable) -> None:
    """Say on standard error what will be asked, and what is left out."""
    media = sum(len(row.media) for row in listing.rows)
    told = f"{counted(len(listing.rows), 'question')} about {counted(media, 'image or video', 'images and videos')}"
    if listing.left_out:
        told += f"; {counted(listing.left_out, 'other file')} left out, such as {listing.left_out_example}"
    complain(told)
    problems.complain("not asked")


def _write_batch(job: AskJob, path: str, listing: Listing) -> bool:
    failures = Failures()
    questions = job.maker.questions(listing.rows)
    written = write_batch(questions, job.endpoint, path, on_failure=failures.add, samples=job.samples)
    if not written:
        raise InputError(f"no request could be made, so nothing is written: {failures.first}")
    out = console()
    for file in written:
        out.print(visible(f"wrote {file.path}: {counted(file.requests, 'request')}, {file.size:,} bytes"))
    failures.print()
    return not len(failures)


def _ask(job: AskJob, output: str, listing: Listing, *, strict: bool) -> bool:
    """Ask all questions, and record the answers."""
    asker = Asker(job.endpoint, path=output, limits=job.limits)
    failures = Failures()
    total = len(listing.rows) * job.samples
    with _summarised(asker, output, total, failures), watching(lambda: asker.report, total):
        for reply in asker.ask(job.maker.questions(listing.rows, samples=job.samples)):
            failures.add_reply(reply)
    report = asker.report
    if not report.answered and not report.skipped:
        raise InputError(f"no question was answered: {failures.first or report.stopped or 'nothing came back'}")
    is_whole = report.answered + report.skipped == total
    return is_whole and not (strict and any(not ending.is_sound for ending in report.endings))


@contextmanager
def _summarised(asker: Asker, output: str, total: int, failures: Failures) -> Iterator[None]:
    """Print what came of it at the end, however that comes."""
    try:
        yield
    finally:
        report: AskReport = asker.report
        if report.requests or report.skipped or report.failed:
            print_summary(report, output, total, failures)
