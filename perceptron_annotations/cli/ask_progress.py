"""How far asking has come: a bar where a person watches, and a line a minute in a log."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..asking import AskReport

#: Seconds between two lines of a log.
_EVERY = 60.0


@contextmanager
def watching(report: Callable[[], AskReport], total: int) -> Iterator[None]:
    """Show the counts of ``report`` on standard error while the block runs; ``total`` is the number of questions."""
    if not sys.stderr.isatty():
        with _logging(report, total):
            yield
        return
    from .progress_bar import asking_bar

    with asking_bar(lambda: progress_of(report(), total)):
        yield


def progress_of(report: AskReport, total: int) -> tuple[float, str]:
    """The share that is done, and the rate, errors, tokens and time left in words.

    >>> progress_of(AskReport(answered=30, failed=2, skipped=8, seconds=16.0, total_tokens=1234), 80)
    (0.5, '40 of 80, 2.0 a second, 2 errors, 1,234 tokens, 0:20 left')
    """
    done = report.asked + report.skipped
    told = [f"{done:,} of {total:,}"]
    rate = report.asked / report.seconds if report.seconds > 0 else 0.0
    if rate:
        told.append(f"{rate:.1f} a second")
    if report.failed:
        told.append(f"{report.failed:,} error{'s' * (report.failed > 1)}")
    if report.total_tokens:
        told.append(f"{report.total_tokens:,} tokens")
    if report.cost is not None:
        told.append(f"${report.cost:.2f}")
    if rate and done < total:
        told.append(f"{_duration((total - done) / rate)} left")
    return (done / total if total else 1.0), ", ".join(told)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _logging(report: Callable[[], AskReport], total: int) -> Iterator[None]:
    from .console import complain

    ended = threading.Event()

    def log() -> None:
        while not ended.wait(_EVERY):
            complain(f"asking: {progress_of(report(), total)[1]}")

    thread = threading.Thread(target=log, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
