"""What reaches the terminal. Model text comes out as text: no markup of rich, no escape codes, no bidi overrides."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import STANDARD, Source
from ..visible_text import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ..losses import Loss

#: Below this many bytes a file is read before a progress bar could be seen.
_WORTH_A_BAR = 8 * 2**20
#: Columns of a table that nobody watches.
_PIPE_WIDTH = 200
#: A cell of a table shows at most this much of a text.
_CELL = 160


def cell(text: object) -> RenderableType:
    """A cell of a table: safe, on one line, and cut where it is very long."""
    from rich.text import Text

    shown = visible(str(text))
    return Text(shown if len(shown) <= _CELL else shown[: _CELL - 1] + "…")


def console() -> Console:
    """Standard output; wide enough for whole tables if it is not a terminal."""
    from rich.console import Console

    class Output(Console):
        """Leaves it to the caller to end in order if the reader of a pipe has gone."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Output(markup=False, highlight=False, emoji=False, width=width, legacy_windows=False)


def report_console(output: str) -> Console:
    """Where a report goes: to standard error if the data go to standard output."""
    if output != STANDARD:
        return console()
    from rich.console import Console

    return Console(file=sys.stderr, markup=False, highlight=False, emoji=False)


def bar(length: int) -> str:
    """A bar of a histogram, of whatever character the output can show."""
    try:
        "█".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return "#" * length
    return "█" * length


def print_table(out: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print ``rows`` under ``title``; all of it is made safe here."""
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    table = Table(title=Text(visible(title)), title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(Text(visible(column)), overflow="fold")
    for row in rows:
        table.add_row(*map(cell, row))
    out.print(table)


def print_losses(out: Console, title: str, losses: Sequence[Loss]) -> None:
    """Print what was left out, by code."""
    print_table(
        out, title, ("count", "what", "first"), [(loss.count, loss.code.meaning, loss.example) for loss in losses]
    )


def emit(text: str) -> None:
    """Print ``text`` as it is into a pipe or file, and made visible on a terminal."""
    if sys.stdout.isatty():
        text = visible(text, keep="\n\t")
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def complain(text: str) -> None:
    """Print ``text`` on standard error, made visible, so that what a program reads stays whole."""
    sys.stderr.write(visible(text, keep="\n") + "\n")


@contextmanager
def progress(inputs: Sequence[Source]) -> Iterator[Callable[[Source], Callable[[int], None] | None]]:
    """For each file, whom to tell the position in it: a bar on standard error, if a person watches a long input.

    The bar also shows what is written meanwhile and after that.
    """
    sizes = {name: Path(name).stat().st_size for name in inputs if name != STANDARD and Path(name).is_file()}
    if not sys.stderr.isatty() or sum(sizes.values()) < _WORTH_A_BAR:
        yield lambda _: None
        return
    from .progress_bar import reading_bar

    with reading_bar(sum(sizes.values())) as (bar, task):
        before = 0

        def watch(name: Source) -> Callable[[int], None]:
            nonlocal before
            start = before
            before += sizes.get(name, 0)
            return lambda position: bar.update(task, completed=start + position)

        yield watch
