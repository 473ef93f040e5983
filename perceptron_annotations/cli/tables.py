"""The answers of several files as tables, a batch at a time, and the lines without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ..files import Source
from ..markup.document import Mode
from ..table.read import iter_tables
from ..table.table import AnnotationTable
from .console import progress
from .inputs import Rejects, open_rejects


class Tables:
    """Iterates the tables; ``rejected`` says how many lines held no answer."""

    def __init__(
        self,
        inputs: Sequence[Source],
        *,
        mode: Mode,
        key: str | None,
        rejects: Rejects,
        watch: Callable[[Source], Callable[[int], None] | None],
    ) -> None:
        self._inputs = inputs
        self._mode = mode
        self._key = key
        self._rejects = rejects
        self._watch = watch

    def __iter__(self) -> Iterator[AnnotationTable]:
        for name in self._inputs:
            yield from iter_tables(
                name, mode=self._mode, key=self._key, on_problem=self._rejects, progress=self._watch(name)
            )

    @property
    def rejected(self) -> int:
        """How many lines held no answer so far."""
        return self._rejects.count


@contextmanager
def open_tables(inputs: Sequence[Source], *, mode: Mode, key: str | None, rejects: str | None) -> Iterator[Tables]:
    """The tables of ``inputs``; lines without an answer are written to ``rejects``, if it is given."""
    with progress(inputs) as watch, open_rejects(rejects) as keep:
        yield Tables(inputs, mode=mode, key=key, rejects=keep, watch=watch)
