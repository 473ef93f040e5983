"""``count``: how many of each label there are in recorded answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from ..markup.document import Mode
from ..ops import LabelMap, count_labels
from ..visible_text import visible
from .console import console, emit, print_table
from .options import CountFormat
from .tables import open_tables


def run(
    inputs: Sequence[str],
    *,
    mode: Mode,
    key: str | None,
    rejects: str | None,
    labels: LabelMap | None,
    output: CountFormat,
) -> None:
    """Print a row for each label, the most frequent first, and what has none."""
    objects: Counter[str | None] = Counter()
    elements: Counter[str | None] = Counter()
    answers: Counter[str | None] = Counter()
    responses = 0
    with open_tables(inputs, mode=mode, key=key, rejects=rejects) as tables:
        for table in tables:
            responses += len(table.responses)
            once, every = count_labels(table, labels=labels), count_labels(table, labels=labels, objects=False)
            for place, label in enumerate(once.labels):
                objects[label] += int(once.counts[:, place].sum())
                elements[label] += int(every.counts[:, place].sum())
                answers[label] += int((every.counts[:, place] > 0).sum())
            if every.unlabelled.any():
                objects[None] += int(once.unlabelled.sum())
                elements[None] += int(every.unlabelled.sum())
                answers[None] += int((every.unlabelled > 0).sum())
    rows = [(label, objects[label], elements[label], answers[label]) for label in elements if elements[label]]
    rows.sort(key=lambda row: -row[1])
    if output is CountFormat.JSON:
        found = [dict(zip(("label", "objects", "elements", "answers"), row, strict=True)) for row in rows]
        emit(msgspec.json.encode({"responses": responses, "rejected": tables.rejected, "labels": found}).decode())
        return
    out = console()
    shown = [("(none)" if label is None else label, *map(str, numbers)) for label, *numbers in rows]
    print_table(out, "labels", ("label", "objects", "elements", "answers with it"), shown)
    out.print(visible(f"{responses} answers; {tables.rejected} lines held no answer"))
