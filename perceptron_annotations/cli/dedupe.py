"""``dedupe``: recorded answers to a Parquet file, without annotations that say the same twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..completions.answer_reading import AnswerReading
from ..errors import UsageError
from ..ops import dedupe
from ..table.parquet_files import write_parquet
from ..table.recorded_table import RecordedTable
from ..visible_text import visible
from .console import report_console
from .inputs import open_inputs

#: Suffixes of Parquet; standard output has none.
_PARQUET = (".parquet", ".pq", "")


def write_unique(
    inputs: Sequence[str],
    output: str,
    *,
    threshold: float,
    by_label: bool,
    how: AnswerReading,
    key: str | None,
    rejects: str | None,
) -> bool:
    """Write ``output`` and print how many annotations were left out; whether all answers could be read."""
    refuse_other_suffixes(output, "dedupe")
    before = after = 0

    def kept(tables: Iterable[RecordedTable]) -> Iterator[RecordedTable]:
        nonlocal before, after
        for recorded in tables:
            table = recorded.table
            few = table[dedupe(table, threshold=threshold, by_label=by_label)]
            before, after = before + len(table), after + len(few)
            yield recorded._replace(table=few)

    with open_inputs(inputs, key=key, rejects=rejects) as reading:
        written = write_parquet(kept(reading.tables(how, texts=True)), output)
    out = report_console(output)
    out.print(visible(f"{output}: {written} responses, {after} of {before} annotations"))
    out.print(visible(f"{before - after} repeated another; {reading.rejected} lines held no answer"))
    return reading.is_sound


def refuse_other_suffixes(output: str, verb: str) -> None:
    """Raise ``UsageError`` for a file whose name says that it is not Parquet."""
    path = Path(output)
    if path.suffix.lower() in _PARQUET or (path.exists() and not path.is_file()):
        return
    raise UsageError(
        f"{verb} writes Parquet, which {output} would not be: name it {path.with_suffix('.parquet')}, and convert "
        "that to other formats"
    )
