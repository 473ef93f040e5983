"""``count``: how many of each label there are in recorded answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..completions.answer_reading import AnswerReading
from ..files import encode_json
from ..ops import LabelMap, count_labels
from ..visible_text import visible
from .console import console, emit, print_table
from .format_words import CountFormat
from .inputs import open_inputs


def print_counts(
    inputs: Sequence[str],
    *,
    how: AnswerReading,
    key: str | None,
    rejects: str | None,
    labels: LabelMap | None,
    output: CountFormat,
) -> bool:
    """Print a row for each label, the most frequent first, and what has none; whether all could be read."""
    objects: Counter[str | None] = Counter()
    elements: Counter[str | None] = Counter()
    answers: Counter[str | None] = Counter()
    with open_inputs(inputs, key=key, rejects=rejects) as reading:
        for table, *_ in reading.tables(how):
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
        counted = {"responses": reading.answers, "rejected": reading.rejected, "labels": found}
        emit(encode_json(counted).decode() + "\n")
        return reading.is_sound
    out = console()
    shown = [("(none)" if label is None else label, *map(str, numbers)) for label, *numbers in rows]
    print_table(out, "labels", ("label", "objects", "elements", "answers with it"), shown)
    out.print(visible(f"{reading.answers} answers; {reading.rejected} lines held no answer"))
    return reading.is_sound
