"""``consensus``: several samples of each answer to one, with the share that agrees as the score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..completions.answer_reading import AnswerReading
from ..errors import UsageError
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..ops import consensus, to_pixels
from ..table.parquet_files import write_parquet
from ..table.recorded_table import RecordedTable, joined
from ..table.table import AnnotationTable
from ..visible_text import visible
from ..wording import counted
from .console import report_console
from .dedupe import refuse_other_suffixes
from .inputs import open_inputs


class Agreement(NamedTuple):
    """When elements of several samples are of one object, and when it is kept."""

    #: The least overlap.
    iou: float
    #: The most pixels between points; None if there are none.
    radius: float | None
    #: The least share of the samples.
    least: float


def write_consensus(
    inputs: Sequence[str],
    output: str,
    *,
    agreement: Agreement,
    how: AnswerReading,
    key: str | None,
    rejects: str | None,
) -> bool:
    """Write ``output`` and print how many samples came to how many answers; whether all could be read."""
    refuse_other_suffixes(output, "consensus")
    with open_inputs(inputs, key=key, rejects=rejects) as reading:
        recorded = joined(list(reading.tables(how)))
        agreed = _consensus_of(recorded, agreement)
        kept = agreed.table[agreed.table.score >= agreement.least]
        write_parquet(agreed._replace(table=kept), output)
    samples, answers = len(recorded.table.responses), len(kept.responses)
    out = report_console(output)
    out.print(visible(f"{output}: {counted(answers, 'answer')} of {counted(samples, 'sample')}"))
    left_out = len(agreed.table) - len(kept)
    fewer = f"; {left_out} left out, on which fewer samples agree" if left_out else ""
    out.print(f"{counted(len(kept), 'annotation')}, of {len(recorded.table)} in the samples{fewer}")
    reading.problems.print(out)
    return reading.is_sound


def _consensus_of(recorded: RecordedTable, agreement: Agreement) -> RecordedTable:
    """One answer for each key, with the images of the first sample."""
    table = _with_points_in_pixels(recorded.table, agreement.radius)
    agreed = consensus(table, threshold=agreement.iou, radius=agreement.radius)
    _, first = np.unique(table.responses.key or (), return_index=True)
    return RecordedTable(agreed, [recorded.assets[row] for row in np.sort(first).tolist()])


def _with_points_in_pixels(table: AnnotationTable, radius: float | None) -> AnnotationTable:
    """The table in pixels if it has points, whose radius is in pixels."""
    if not (table.kind == AnnotationKind.POINT).any():
        return table
    if radius is None:
        raise UsageError("there are points: say how far those of one object are apart, such as --radius 20")
    return table if table.frame is FrameKind.PIXELS else to_pixels(table)
