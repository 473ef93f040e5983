"""The answers of several files as tables, a batch at a time, and the lines without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ..completions.recordings import Reject
from ..markup.document import Mode
from ..table.read import iter_tables
from ..table.table import AnnotationTable
from .console import progress
from .inputs import open_rejects


class Tables:
    """Iterates the tables, and counts the rejects that come between them."""

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        mode: Mode,
        key: str | None,
        keep: Callable[[Reject], None],
        watch: Callable[[str], Callable[[int], None] | None],
    ) -> None:
        self.rejected = 0
        self._inputs = inputs
        self._mode = mode
        self._key = key
        self._keep = keep
        self._watch = watch

    def __iter__(self) -> Iterator[AnnotationTable]:
        for name in self._inputs:
            yield from iter_tables(
                name, mode=self._mode, key=self._key, on_reject=self._reject, progress=self._watch(name)
            )

    def _reject(self, reject: Reject) -> None:
        self.rejected += 1
        self._keep(reject)


@contextmanager
def open_tables(inputs: Sequence[str], *, mode: Mode, key: str | None, rejects: str | None) -> Iterator[Tables]:
    """The tables of ``inputs``; lines without an answer are written to ``rejects``, if it is given."""
    with progress(inputs) as watch, open_rejects(rejects) as keep:
        yield Tables(inputs, mode=mode, key=key, keep=keep, watch=watch)
