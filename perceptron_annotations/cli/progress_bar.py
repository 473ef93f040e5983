"""The bars of what takes long: how much of an input has been read and of an output written, how much is asked.

What is written is looked up on the disk now and then, so that no writer has to tell it. Imported when a bar is shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..temporaries import UNFINISHED


class WrittenColumn(ProgressColumn):
    """What stands on the disk of outputs that are not whole yet: bytes of a file, files of a folder."""

    #: Seconds between two looks.
    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """The amount; "writing" alone once all has been read and nothing has reached the disk."""
        amounts = [amount for each in list(UNFINISHED) if (amount := _amount(each.path))]
        if amounts:
            return Text(f"writing: {', '.join(amounts)}")
        return Text("writing" if task.finished else "")


def _amount(path: Path) -> str:
    with suppress(OSError):
        if not path.is_dir():
            size = path.stat().st_size
            return decimal(size) if size else ""
        count = sum(len(names) for _, _, names in os.walk(path))
        return f"{count:,} files" if count else ""
    return ""


@contextmanager
def reading_bar(total: int) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on standard error, and the task of reading ``total`` bytes."""
    columns = (SpinnerColumn(), BarColumn(), DownloadColumn(), TransferSpeedColumn(), WrittenColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        yield bar, bar.add_task("", total=total)


class _AskedColumn(ProgressColumn):
    """How much is asked, as a bar with words after it."""

    def __init__(self, progress: Callable[[], tuple[float, str]]) -> None:
        super().__init__()
        self._progress = progress

    def render(self, task: Task) -> Table:  # noqa: ARG002 - the counts are elsewhere
        """The bar and the words of now."""
        share, told = self._progress()
        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(total=1.0, completed=share, width=30), Text(told))
        return row


@contextmanager
def asking_bar(progress: Callable[[], tuple[float, str]]) -> Iterator[None]:
    """A bar on standard error that shows the share and the words that ``progress`` gives, while the block runs."""
    with Progress(SpinnerColumn(), _AskedColumn(progress), TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        bar.add_task("", total=None)
        yield
