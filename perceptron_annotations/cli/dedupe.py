"""``dedupe``: recorded answers to a Parquet file, without annotations that say the same twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..frames import Frame
from ..markup.document import Mode
from ..ops import dedupe
from ..table.parquet_files import write_parquet
from ..table.table import AnnotationTable
from ..visible_text import visible
from .console import report_console
from .inputs import open_inputs


def write_unique(
    inputs: Sequence[str],
    output: str,
    *,
    threshold: float,
    by_label: bool,
    mode: Mode,
    frame: Frame,
    key: str | None,
    rejects: str | None,
) -> bool:
    """Write ``output`` and print how many annotations were left out; whether all answers could be read."""
    before = after = 0

    def kept(tables: Iterable[AnnotationTable]) -> Iterator[AnnotationTable]:
        nonlocal before, after
        for table in tables:
            few = table[dedupe(table, threshold=threshold, by_label=by_label)]
            before, after = before + len(table), after + len(few)
            yield few

    with open_inputs(inputs, key=key, rejects=rejects) as reading:
        written = write_parquet(kept(reading.tables(mode, frame)), output)
    out = report_console(output)
    out.print(visible(f"{output}: {written} responses, {after} of {before} annotations"))
    out.print(visible(f"{before - after} repeated another; {len(reading.problems)} lines held no answer"))
    return reading.is_sound
