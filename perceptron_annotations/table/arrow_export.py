"""``AnnotationTable`` → Arrow, in the layout of :mod:`.arrow_schema`.

The numbers of the annotations are in the table's own memory; only the bitmaps that mark missing values are made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .arrow_schema import (
    ANNOTATION,
    CODES,
    CONTAINER,
    CONTAINER_KINDS,
    ENDINGS,
    FRAME_KEY,
    FRAMES,
    ISSUE,
    KINDS,
    PAIR,
    SCHEMA,
    SPAN,
    STATUSES,
    VERSION,
    VERSION_KEY,
    pa,
)
from .side_tables import Containers, Issues
from .table import AnnotationTable
from .texts import Texts

if TYPE_CHECKING:
    from pyarrow import Table

#: The columns of rows that are numbers, as they stand in a row of annotations.
_NUMBERS = ("t", "until", "asset_idx", "track", "collection", "score", "mean_logprob", "min_logprob")

#: The first byte of the UTF-8 of every surrogate, and of some other characters.
_SURROGATE = 0xED


def to_arrow(table: AnnotationTable) -> Table:
    """A table as a ``pyarrow.Table``, with one row for each response.

    Rows of ``table`` that are not in the order of their responses are sorted.

    >>> table = pa.table.to_arrow(pa.parse_batch(["<point> (1,2) </point>", "nothing"]))
    >>> table.num_rows, table["status"].to_pylist()
    (2, ['ok', 'empty'])
    """
    if np.any(table.response[1:] < table.response[:-1]):
        table = table.sort("response")
    responses, issues = table.responses, table.issues
    mentions = strings_of(table.mentions)
    columns = [
        pa.nulls(len(responses), pa.string()) if responses.key is None else strings_of(responses.key),
        _words(np.full(len(responses), FRAMES.index(table.frame), dtype=np.uint8), FRAMES),
        _words(responses.status, STATUSES),
        pa.array(responses.truncated),
        _words(responses.ending, ENDINGS),
        lists_of(responses.size_offsets, _tuples(responses.sizes, PAIR)),
        lists_of(table.group_by_response(), _annotations(table, mentions)),
        _grouped(table.containers.response, len(responses), _containers(table.containers, mentions)),
        _grouped(issues.response, len(responses), _issues(issues)),
    ]
    metadata = {VERSION_KEY: str(VERSION).encode(), FRAME_KEY: table.frame.value.encode()}
    return pa.Table.from_arrays(columns, schema=SCHEMA.with_metadata(metadata))


def _annotations(table: AnnotationTable, mentions: Any) -> Any:
    return pa.StructArray.from_arrays(
        [
            _words(table.kind, KINDS),
            _mentions(table.mention, mentions),
            *(_nullable(getattr(table, name)) for name in _NUMBERS),
            lists_of(table.offsets, _tuples(table.coords, PAIR)),
            _tuples(table.span, SPAN),
        ],
        fields=list(ANNOTATION),
    )


def _containers(containers: Containers, mentions: Any) -> Any:
    return pa.StructArray.from_arrays(
        [
            _words(containers.kind, CONTAINER_KINDS),
            _mentions(containers.mention, mentions),
            *(_nullable(getattr(containers, name)) for name in ("t", "asset_idx", "collection")),
            pa.array(containers.complete),
            _tuples(containers.span, SPAN),
        ],
        fields=list(CONTAINER),
    )


def _issues(issues: Issues) -> Any:
    details = _texts(Texts.of(issues.details))
    return pa.StructArray.from_arrays(
        [_words(issues.code, CODES), pa.array(issues.recovered), details, _tuples(issues.span, SPAN)],
        fields=list(ISSUE),
    )


def strings_of(texts: Sequence[str | None]) -> Any:
    """Texts as Arrow's, which must be UTF-8: a lone surrogate becomes U+FFFD."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        whole = [text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        return pa.array(whole, pa.string())


def _texts(texts: Texts) -> Any:
    """The same memory; a lone surrogate needs a copy, in which it becomes U+FFFD."""
    if _SURROGATE in texts.data:
        return strings_of(texts)
    found = pa.Array.from_buffers(pa.large_string(), len(texts), [None, _buffer(texts.offsets), _buffer(texts.data)])
    return found.cast(pa.string())


def _buffer(array: NDArray[Any]) -> Any:
    return pa.py_buffer(np.ascontiguousarray(array))


def _nullable(array: NDArray[Any]) -> Any:
    """The same memory, with NaN and -1 as nulls."""
    missing = np.isnan(array) if array.dtype.kind == "f" else array < 0
    bitmap = _buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(pa.from_numpy_dtype(array.dtype), len(array), [bitmap, _buffer(array)])


def _words(numbers: NDArray[np.uint8], words: Sequence[str]) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.view(np.int8)), pa.array(words, pa.string()))


def _mentions(numbers: NDArray[np.int32], mentions: Any) -> Any:
    return pa.DictionaryArray.from_arrays(_nullable(numbers), mentions)


def _tuples(array: NDArray[Any], kind: Any) -> Any:
    """An array of shape ``(n, 2)`` as pairs, in the same memory."""
    flat = pa.Array.from_buffers(kind.value_type, array.size, [None, _buffer(array)])
    return pa.FixedSizeListArray.from_arrays(flat, type=kind)


def lists_of(offsets: NDArray[np.int64], values: Any) -> Any:
    """A list column with ``values[offsets[i] : offsets[i + 1]]`` in row i."""
    kind = pa.large_list(values.type)
    return pa.Array.from_buffers(kind, len(offsets) - 1, [None, _buffer(offsets)], children=[values])


def _grouped(response: NDArray[np.int64], count: int, values: Any) -> Any:
    """``values`` in lists, one for each response."""
    return lists_of(np.searchsorted(response, np.arange(count + 1)), values)
