"""A column of message contents in Arrow → columns of what they say, for engines that map batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..completions import reasoning
from ..completions.answer_reading import AnswerDialect, AnswerReading
from ..completions.bulk import Contents
from ..completions.ending import ending_of
from ..dialects.model_dialects import BY_MODEL
from ..errors import UsageError
from ..markup.document import Mode, ModeName
from .arrow_columns import is_text, one_chunk
from .arrow_export import to_arrow
from .arrow_layouts import PARSED, ArrowLayout, laid_out
from .arrow_schema import pa
from .batch import SHARE
from .read import table_of_contents

if TYPE_CHECKING:
    from pyarrow import RecordBatch

#: What a service says of answers that were cut off, of those that were not, and of those of which nothing is known.
_REASONS = {True: "length", False: "stop", None: None}


def parse_arrow(
    batch: RecordBatch,
    *,
    column: str = "text",
    finish_reason: str | None = None,
    cut: str | None = None,
    split_reasoning: bool = True,
    layout: ArrowLayout = "plain",
    mode: Mode | ModeName = Mode.LENIENT,
    threads: int = 1,
    dialect: AnswerDialect | None = None,
    model: str | None = None,
) -> RecordBatch:
    """The batch with its texts parsed, as the columns status, truncated, ending, annotations, containers and issues.

    The texts are the contents of messages, and the columns are those that ``read_table`` gives for the same answers. No
    row is added or dropped, so an engine can parse answers where they are: with ``map_batches`` or a DuckDB function. A
    null text gives nulls. Raises ``UsageError`` if a column is not there or holds something else, or if the batch has
    columns with the names of those that are added.

    >>> import pyarrow
    >>> batch = pyarrow.RecordBatch.from_pydict({"text": ["<think>hm</think> <point> (1,2) </point>", None]})
    >>> pa.table.parse_arrow(batch).column("status").to_pylist()
    ['ok', None]

    Args:
        batch: A batch of any engine that speaks Arrow.
        column: The column of the texts.
        finish_reason: The column of what the service said about the end of each answer (``"length"`` for one that was
            cut off), if there is one; null for what it did not say.
        cut: A column of booleans that tell which answers were cut off, if there is one in place of ``finish_reason``;
            null for what is not known.
        split_reasoning: Whether reasoning and special tokens in the texts are set apart, as they are in recordings. If
            not, the texts are answers alone, as ``parse_batch`` takes them.
        layout: ``"plain"`` for columns that every engine takes, ``"arrow"`` for those of ``to_arrow``.
        mode: How the texts are parsed.
        threads: How many threads parse beside each other.
        dialect: How the texts are written, as for ``read_table``; not one whose numbers are pixels, as nothing is known
            of images.
        model: The column of the names of models, which ``dialect="by-model"`` needs.
    """
    taken = [name for name in PARSED if name in batch.schema.names]
    if taken:
        raise UsageError(f"the batch has columns {', '.join(taken)} already: rename or drop them first")
    texts = _strings(batch, column)
    reasons = _reasons(batch, finish_reason, cut)
    models = [None] * batch.num_rows if model is None else list(_strings(batch, model).to_pylist())
    answers = zip([text or "" for text in texts.to_pylist()], reasons, models, strict=True)
    reading = AnswerReading.of(mode, None, dialect)
    if reading.dialect == BY_MODEL and model is None:
        raise UsageError("the dialect by-model needs the names of models: pass model=, the column that has them")
    parts = _contents(answers, holds_reasoning=split_reasoning)
    table = table_of_contents(parts, reading, threads, raw=split_reasoning)
    found = laid_out(to_arrow(table).select(list(PARSED)), layout)
    missing = texts.is_null() if texts.null_count else None
    for name in PARSED:
        values = one_chunk(found.column(name))
        batch = batch.append_column(found.schema.field(name), values if missing is None else _masked(values, missing))
    return batch


def _strings(batch: RecordBatch, column: str) -> Any:
    """A column of strings."""
    texts = _column(batch, column)
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    if not is_text(texts.type) and not pa.types.is_null(texts.type):
        raise UsageError(f"the column {column!r} must hold strings, not {texts.type}")
    return texts


def _reasons(batch: RecordBatch, finish_reason: str | None, cut: str | None) -> list[str | None]:
    """What the service said about the end of each answer, or would have said."""
    if cut is not None:
        if finish_reason is not None:
            raise UsageError("give finish_reason or cut, not both: each tells which answers were cut off")
        return [_REASONS[is_cut] for is_cut in _booleans(batch, cut).to_pylist()]
    return [None] * batch.num_rows if finish_reason is None else list(_strings(batch, finish_reason).to_pylist())


def _booleans(batch: RecordBatch, column: str) -> Any:
    """A column of booleans."""
    values = _column(batch, column)
    if not pa.types.is_boolean(values.type) and not pa.types.is_null(values.type):
        raise UsageError(f"the column {column!r} must hold booleans, not {values.type}")
    return values


def _column(batch: RecordBatch, column: str) -> Any:
    if column not in batch.schema.names:
        raise UsageError(f"the batch has no column {column!r}: choose from {', '.join(batch.schema.names)}")
    return batch.column(column)


#: A text, what the service said about its end, and the model.
_TextOfRow: TypeAlias = tuple[str, str | None, str | None]


def _contents(answers: Iterable[_TextOfRow], *, holds_reasoning: bool) -> Iterator[Contents]:
    """The texts in shares, as the contents of messages are read from files."""
    rows = enumerate(answers)
    while share := list(islice(rows, SHARE)):
        contents = Contents()
        for row, (text, reason, model) in share:
            is_cut = holds_reasoning and reasoning.split_reasoning(text).cut
            contents.add(f"in row {row}", text, (), ending_of(reason, is_reasoning_cut=is_cut))
            contents.note(model, reason)
        yield contents


def _masked(values: Any, missing: Any) -> Any:
    return values.take(pa.array(np.arange(len(values)), mask=missing.to_numpy(zero_copy_only=False)))
