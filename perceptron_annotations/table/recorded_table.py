"""A table of recorded answers, with what their files say besides: assets, texts, models, where each answer is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ..completions.answer_details import AnswerDetails, DetailsOfAnswers
from ..completions.bulk import Contents
from ..completions.sent_assets import RecordedAsset
from .concat import responses_of
from .recorded_assets import RecordedAssets
from .table import AnnotationTable


class Sent(NamedTuple):
    """What services sent: each list has one entry for each answer."""

    #: The whole messages, with reasoning and special tokens; spans count in them.
    texts: list[str]
    #: The place of each among the choices of its line.
    choices: list[int]
    models: list[str | None]
    finish_reasons: list[str | None]
    #: The number of the line that each is in, from 1.
    lines: list[int]

    def part(self, start: int, stop: int) -> Sent:
        """Those of the answers from ``start`` to before ``stop``."""
        some = slice(start, stop)
        return Sent(
            self.texts[some], self.choices[some], self.models[some], self.finish_reasons[some], self.lines[some]
        )

    @staticmethod
    def empty() -> Sent:
        """No answers yet."""
        return Sent([], [], [], [], [])

    def add(self, other: Contents | Sent) -> None:
        """Append some answers."""
        self.texts.extend(other.texts)
        self.choices.extend(other.choices)
        self.models.extend(other.models)
        self.finish_reasons.extend(other.finish_reasons)
        self.lines.extend(other.lines)


class RecordedTable(NamedTuple):
    """A table of answers, and what else their files say: each sequence has one entry for each answer of the table."""

    table: AnnotationTable
    #: Empty if they were not wanted.
    assets: Sequence[tuple[RecordedAsset, ...]]
    #: Where each answer is recorded, what was asked, and other fields; empty if that was not wanted.
    details: Sequence[AnswerDetails] = ()
    #: The texts and models of the answers; None if that was not wanted.
    sent: Sent | None = None
    #: The name of the dialect of each answer, empty for our own markup; none at all if all are in that.
    dialects: Sequence[str] = ()


def joined(tables: Sequence[RecordedTable]) -> RecordedTable:
    """One table after the other, of which there is at least one."""
    if len(tables) == 1:
        return tables[0]
    sents = [each.sent for each in tables]
    known = [each for each in sents if each is not None]
    return RecordedTable(
        AnnotationTable.concat([each.table for each in tables]),
        RecordedAssets.joined([RecordedAssets.of(each.assets) for each in tables]),
        DetailsOfAnswers.joined([each.details for each in tables]),
        Sent(*map(_chained, zip(*known, strict=True))) if len(known) == len(sents) else None,
        _chained(_dialects(each) for each in tables) if any(each.dialects for each in tables) else (),
    )


def _dialects(recorded: RecordedTable) -> Sequence[str]:
    return recorded.dialects or [""] * len(recorded.table.responses)


def _chained(parts: Iterable[Sequence[Any]]) -> list[Any]:
    return list(chain.from_iterable(parts))


def batches_of(tables: Iterable[RecordedTable], size: int) -> Iterator[RecordedTable]:
    """The answers of some tables in tables of ``size`` answers, wherever the former are cut; the last has the rest."""
    waiting: list[RecordedTable] = []
    count = 0
    for each in tables:
        waiting.append(each)
        count += len(each.table.responses)
        if count < size:
            continue
        whole = joined(waiting)
        for start in range(0, count - size + 1, size):
            yield whole if count == size else part_of(whole, start, start + size)
        rest = count % size
        waiting = [part_of(whole, count - rest, count)] * bool(rest)
        count = rest
    if waiting:
        yield joined(waiting)


def part_of(recorded: RecordedTable, start: int, stop: int) -> RecordedTable:
    """The answers from ``start`` to before ``stop``, in the same memory."""
    return RecordedTable(
        responses_of(recorded.table, start, stop),
        RecordedAssets.of(recorded.assets).part(start, stop) if len(recorded.assets) else (),
        DetailsOfAnswers.joined([recorded.details]).part(start, stop),
        None if recorded.sent is None else recorded.sent.part(start, stop),
        recorded.dialects[start:stop],
    )
