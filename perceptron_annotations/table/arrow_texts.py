"""A column of texts in Arrow → columns of what they say, for engines that map batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ..markup.document import Mode
from .arrow_columns import is_text, one_chunk
from .arrow_export import to_arrow
from .arrow_schema import pa
from .batch import parse_batch

if TYPE_CHECKING:
    from pyarrow import RecordBatch


def parse_arrow(
    batch: RecordBatch, *, column: str = "text", mode: Mode | str = Mode.LENIENT, threads: int = 1
) -> RecordBatch:
    """The batch with its texts parsed, as the columns status, truncated, ending, annotations, containers and issues.

    No row is added or dropped, so an engine can parse answers where they are: with ``mapInArrow``, ``map_batches`` or
    a DuckDB function. A null text gives nulls. Raises ``UsageError`` if it has no such column of strings.

    >>> import pyarrow
    >>> batch = pyarrow.RecordBatch.from_pydict({"text": ["<point> (1,2) </point>", None]})
    >>> pa.table.parse_arrow(batch).column("status").to_pylist()
    ['ok', None]

    Args:
        batch: A batch of any engine that speaks Arrow.
        column: The column of the texts.
        mode: How the texts are parsed.
        threads: How many threads parse beside each other.
    """
    if column not in batch.schema.names:
        raise UsageError(f"the batch has no column {column!r}: choose from {', '.join(batch.schema.names)}")
    texts = batch.column(column)
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    if not is_text(texts.type):
        raise UsageError(f"the column {column!r} must hold strings, not {texts.type}")
    found = to_arrow(parse_batch([text or "" for text in texts.to_pylist()], mode=mode, threads=threads))
    missing = texts.is_null() if texts.null_count else None
    for name in ("status", "truncated", "ending", "annotations", "containers", "issues"):
        values = one_chunk(found.column(name))
        batch = batch.append_column(found.schema.field(name), values if missing is None else _masked(values, missing))
    return batch


def _masked(values: Any, missing: Any) -> Any:
    return values.take(pa.array(np.arange(len(values)), mask=missing.to_numpy(zero_copy_only=False)))
