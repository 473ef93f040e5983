"""``count``: how many of each label there are in recorded answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from ..completions.answer_reading import AnswerReading
from ..files import encode_json
from ..ops import LabelMap, count_labels
from ..table.recorded_table import RecordedTable
from ..visible_text import visible
from .console import console, emit, print_table
from .format_words import CountFormat
from .inputs import open_inputs


class _Sums(NamedTuple):
    """How many there are of each label, and of what has none; labels are in the order of their first appearance."""

    objects: Counter[str | None]
    elements: Counter[str | None]
    #: The answers that have it.
    answers: Counter[str | None]

    @staticmethod
    def of(recorded: RecordedTable, labels: LabelMap | None = None) -> _Sums:
        """Those of some answers."""
        table, sums = recorded.table, _Sums(Counter(), Counter(), Counter())
        once, every = count_labels(table, labels=labels), count_labels(table, labels=labels, objects=False)
        for place, label in enumerate(once.labels):
            sums.objects[label] = int(once.counts[:, place].sum())
            sums.elements[label] = int(every.counts[:, place].sum())
            sums.answers[label] = int((every.counts[:, place] > 0).sum())
        if every.unlabelled.any():
            sums.objects[None] = int(once.unlabelled.sum())
            sums.elements[None] = int(every.unlabelled.sum())
            sums.answers[None] = int((every.unlabelled > 0).sum())
        return sums

    def add(self, other: _Sums) -> None:
        """Add those of some more."""
        for mine, its in zip(self, other, strict=True):
            mine.update(its)

    def rows(self) -> list[tuple[str | None, int, int, int]]:
        """Each label with its sums, the most frequent first; what has no label comes after labels as frequent."""
        labels = [label for label in self.elements if self.elements[label]]
        labels.sort(key=lambda label: (-self.objects[label], label is None))
        return [(label, self.objects[label], self.elements[label], self.answers[label]) for label in labels]


def print_counts(
    inputs: Sequence[str],
    *,
    how: AnswerReading,
    key: str | None,
    rejects: str | None,
    labels: LabelMap | None,
    output: CountFormat,
    jobs: int,
) -> bool:
    """Print a row for each label, the most frequent first, and what has none; whether all could be read."""
    sums = _Sums(Counter(), Counter(), Counter())
    with open_inputs(inputs, key=key, rejects=rejects, jobs=jobs) as reading:
        for each in chain.from_iterable(reading.batches(partial(_Sums.of, labels=labels), how)):
            sums.add(each)
    rows = sums.rows()
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
