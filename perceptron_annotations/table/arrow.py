"""``AnnotationTable`` ⇄ Arrow and Parquet, and texts → annotations inside any engine that speaks Arrow.

A row is a response, so a batch of texts and the batch of their annotations have the same rows, and nothing of a table
is lost. Annotations, containers and issues are lists of structs. Their numbers are in the table's own memory; only the
bitmaps that mark missing values are made anew.

=============  =====================================================================================================
column         type
=============  =====================================================================================================
key            string, null if none was given
status         dictionary of ``empty``, ``ok``, ``partial``, ``unreadable``
truncated      bool
sizes          list of ``[width, height]`` of the assets, NaN if not known
annotations    list of structs: kind (dictionary), mention (dictionary), t, until, asset_idx, track, collection, score,
               vertices (list of ``[x, y]``), span (``[start, end]``)
containers     list of structs: kind, mention, t, asset_idx, collection, complete, span
issues         list of structs: code (dictionary), recovered, detail, span
=============  =====================================================================================================

What is missing is null. The schema's metadata hold ``perceptron_annotations.version`` (of this layout) and
``perceptron_annotations.frame``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError, UsageError
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..issues import IssueCode
from ..markup.document import Mode, Status
from .batch import parse_batch
from .side_tables import Containers, Issues, Responses, unstated
from .table import AnnotationTable

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError:
    raise MissingExtraError.from_extra("arrow", "Arrow needs pyarrow") from None

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Table

#: The version of the layout; it changes when an older reader could no longer read it.
VERSION = 1
_VERSION_KEY = b"perceptron_annotations.version"
_FRAME_KEY = b"perceptron_annotations.frame"

_WORDS = pa.dictionary(pa.int8(), pa.string())
_MENTION = pa.dictionary(pa.int32(), pa.string())
_PAIR = pa.list_(pa.field("item", pa.float64(), nullable=False), 2)
_SPAN = pa.list_(pa.field("item", pa.int64(), nullable=False), 2)
_ANNOTATION = pa.struct(
    {
        "kind": _WORDS,
        "mention": _MENTION,
        "t": pa.float64(),
        "until": pa.float64(),
        "asset_idx": pa.int32(),
        "track": pa.int32(),
        "collection": pa.int32(),
        "score": pa.float64(),
        "vertices": pa.large_list(_PAIR),
        "span": _SPAN,
    }
)
_CONTAINER = pa.struct(
    {
        "kind": _WORDS,
        "mention": _MENTION,
        "t": pa.float64(),
        "asset_idx": pa.int32(),
        "collection": pa.int32(),
        "complete": pa.bool_(),
        "span": _SPAN,
    }
)
_ISSUE = pa.struct({"code": _WORDS, "recovered": pa.bool_(), "detail": pa.string(), "span": _SPAN})
#: The columns of a table, without its metadata.
SCHEMA = pa.schema(
    {
        "key": pa.string(),
        "status": _WORDS,
        "truncated": pa.bool_(),
        "sizes": pa.large_list(_PAIR),
        "annotations": pa.large_list(_ANNOTATION),
        "containers": pa.large_list(_CONTAINER),
        "issues": pa.large_list(_ISSUE),
    }
)
_KINDS = [kind.name.lower() for kind in AnnotationKind]
_CONTAINER_KINDS = ["track", "collection"]
_STATUSES = [status.value for status in Status]
_CODES = [code.value for code in IssueCode]


# -- tables → Arrow --------------------------------------------------------------------------------------------------


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
        _words(responses.status, _STATUSES),
        pa.array(responses.truncated),
        lists_of(responses.size_offsets, _tuples(responses.sizes, _PAIR)),
        lists_of(table.group_by_response(), _annotations(table, mentions)),
        _grouped(table.containers.response, len(responses), _containers(table.containers, mentions)),
        _grouped(issues.response, len(responses), _issues(issues)),
    ]
    metadata = {_VERSION_KEY: str(VERSION).encode(), _FRAME_KEY: table.frame.value.encode()}
    return pa.Table.from_arrays(columns, schema=SCHEMA.with_metadata(metadata))


def _annotations(table: AnnotationTable, mentions: Any) -> Any:
    return pa.StructArray.from_arrays(
        [
            _words(table.kind, _KINDS),
            _mentions(table.mention, mentions),
            *(_nullable(getattr(table, name)) for name in ("t", "until", "asset_idx", "track", "collection", "score")),
            lists_of(table.offsets, _tuples(table.coords, _PAIR)),
            _tuples(table.span, _SPAN),
        ],
        fields=list(_ANNOTATION),
    )


def _containers(containers: Containers, mentions: Any) -> Any:
    return pa.StructArray.from_arrays(
        [
            _words(containers.kind, _CONTAINER_KINDS),
            _mentions(containers.mention, mentions),
            *(_nullable(getattr(containers, name)) for name in ("t", "asset_idx", "collection")),
            pa.array(containers.complete),
            _tuples(containers.span, _SPAN),
        ],
        fields=list(_CONTAINER),
    )


def _issues(issues: Issues) -> Any:
    details = strings_of(issues.details)
    return pa.StructArray.from_arrays(
        [_words(issues.code, _CODES), pa.array(issues.recovered), details, _tuples(issues.span, _SPAN)],
        fields=list(_ISSUE),
    )


def strings_of(texts: Sequence[str | None]) -> Any:
    """Texts as Arrow's, which must be UTF-8: a lone surrogate becomes U+FFFD."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        whole = [text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        return pa.array(whole, pa.string())


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


# -- Arrow → tables --------------------------------------------------------------------------------------------------


def from_arrow(data: Table | RecordBatch) -> AnnotationTable:
    """The table of data that :func:`to_arrow` made; an engine may have filtered, sliced or joined its rows in between.

    Columns of other names are ignored, and key and sizes may be missing. Raises ``UsageError`` for a layout that this
    version does not know, and for a row without a status, as :func:`parse_arrow` gives for a null text.

    >>> table = pa.parse_batch(["<point> (1,2) </point>", "nothing"])
    >>> pa.table.from_arrow(pa.table.to_arrow(table)) == table
    True
    """
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    metadata = data.schema.metadata or {}
    version = metadata.get(_VERSION_KEY, str(VERSION).encode())
    if version != str(VERSION).encode():
        raise UsageError(f"the layout has the version {version.decode()}, but this package knows {VERSION}: update it")
    missing = [name for name in SCHEMA.names if name not in {*data.column_names, "key", "sizes"}]
    if missing:
        raise UsageError(f"not a table of annotations: it has no column {', '.join(missing)}")
    frame = FrameKind(metadata.get(_FRAME_KEY, b"grid").decode())
    columns = {name: one_chunk(data.column(name)) for name in SCHEMA.names if name in data.column_names}
    if columns["status"].null_count:
        raise UsageError("some rows have no status, as rows of a null text have none: filter them out first")
    columns.setdefault("key", pa.nulls(len(data), pa.string()))
    columns.setdefault("sizes", lists_of(np.zeros(len(data) + 1, dtype=np.int64), _tuples(np.empty((0, 2)), _PAIR)))
    size_offsets, sizes = opened_lists(columns["sizes"])
    rows, annotations = opened_lists(columns["annotations"])
    issue_rows, issues = opened_lists(columns["issues"])
    vocabulary = _Vocabulary()
    return AnnotationTable(
        **_annotation_columns(rows, dict(zip(_names(_ANNOTATION), annotations.flatten(), strict=True)), vocabulary),
        responses=Responses(
            status=_numbers(columns["status"], _STATUSES),
            truncated=_plain(columns["truncated"]),
            ending=unstated(len(data)),
            size_offsets=size_offsets,
            sizes=_pairs(sizes, np.float64),
            key=_keys(columns["key"]),
        ),
        containers=_container_table(*opened_lists(columns["containers"]), vocabulary),
        issues=_issue_table(issue_rows, dict(zip(_names(_ISSUE), issues.flatten(), strict=True))),
        mentions=vocabulary.words(),
        frame=frame,
    )


def _keys(array: Any) -> tuple[str, ...] | None:
    if array.null_count == len(array):
        return None
    if array.null_count:
        raise UsageError(f"{array.null_count} of {len(array)} rows have no key: give all of them one, or none")
    return tuple(array.to_pylist())


def _names(kind: Any) -> list[str]:
    return [field.name for field in kind]


def _annotation_columns(rows: NDArray[np.int64], found: dict[str, Any], vocabulary: _Vocabulary) -> dict[str, Any]:
    offsets, pairs = opened_lists(found["vertices"])
    return {
        "response": _responses(rows),
        "kind": _numbers(found["kind"], _KINDS),
        "mention": vocabulary.numbers(found["mention"]),
        **{name: _filled(found[name]) for name in ("t", "until", "asset_idx", "track", "collection", "score")},
        "coords": _pairs(pairs, np.float64),
        "offsets": offsets,
        "span": _pairs(found["span"], np.int64),
    }


def _container_table(rows: NDArray[np.int64], values: Any, vocabulary: _Vocabulary) -> Containers:
    found = dict(zip(_names(_CONTAINER), values.flatten(), strict=True))
    return Containers(
        response=_responses(rows),
        kind=_numbers(found["kind"], _CONTAINER_KINDS),
        mention=vocabulary.numbers(found["mention"]),
        **{name: _filled(found[name]) for name in ("t", "asset_idx", "collection")},
        complete=_plain(found["complete"]),
        span=_pairs(found["span"], np.int64),
    )


def _issue_table(rows: NDArray[np.int64], found: dict[str, Any]) -> Issues:
    return Issues(
        response=_responses(rows),
        code=_numbers(found["code"], _CODES),
        span=_pairs(found["span"], np.int64),
        recovered=_plain(found["recovered"]),
        details=tuple(found["detail"].to_pylist()),
    )


def one_chunk(column: Any) -> Any:
    """A column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def opened_lists(lists: Any) -> tuple[NDArray[np.int64], Any]:
    """The offsets of a list column, from 0, and the values of all its lists."""
    offsets = lists.offsets.to_numpy().astype(np.int64, copy=False)
    values = lists.values.slice(offsets[0], offsets[-1] - offsets[0])
    return (offsets - offsets[0] if offsets[0] else offsets), values


def _responses(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _plain(array: Any) -> NDArray[Any]:
    found: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return found


def _filled(array: Any) -> NDArray[Any]:
    """Nulls as NaN or -1."""
    if array.null_count:
        array = array.fill_null(np.nan if pa.types.is_floating(array.type) else -1)
    return _plain(array)


def _pairs(array: Any, dtype: type[np.generic]) -> NDArray[Any]:
    return _plain(array.flatten()).astype(dtype, copy=False).reshape(-1, 2)


def _numbers(array: Any, words: Sequence[str]) -> NDArray[np.uint8]:
    """The places of words in their list; an engine may have turned them into plain strings, or numbered them anew."""
    if pa.types.is_dictionary(array.type):
        known = np.array([words.index(word) for word in array.dictionary.to_pylist()], dtype=np.uint8)
        return known.take(_plain(array.indices))
    return np.array([words.index(word) for word in array.to_pylist()], dtype=np.uint8)


class _Vocabulary:
    """The mentions of a table, numbered as they are met."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def numbers(self, array: Any) -> NDArray[np.int32]:
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        words = array.dictionary.to_pylist()
        # -1 indexes the last, which stands for none.
        places = np.array([*(self._known.setdefault(word, len(self._known)) for word in words), -1], dtype=np.int32)
        return places.take(_filled(array.indices), mode="wrap")

    def words(self) -> tuple[str, ...]:
        return tuple(self._known)


# -- inside an engine ------------------------------------------------------------------------------------------------


def parse_arrow(
    batch: RecordBatch, *, column: str = "text", mode: Mode | str = Mode.LENIENT, threads: int = 1
) -> RecordBatch:
    """The batch with its texts parsed: the columns status, truncated, annotations, containers and issues are added.

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
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type) or _is_view(texts.type)):
        raise UsageError(f"the column {column!r} must hold strings, not {texts.type}")
    found = to_arrow(parse_batch([text or "" for text in texts.to_pylist()], mode=mode, threads=threads))
    missing = texts.is_null() if texts.null_count else None
    for name in ("status", "truncated", "annotations", "containers", "issues"):
        values = one_chunk(found.column(name))
        batch = batch.append_column(found.schema.field(name), values if missing is None else _masked(values, missing))
    return batch


def _is_view(kind: Any) -> bool:
    return hasattr(pa.types, "is_string_view") and bool(pa.types.is_string_view(kind))


def _masked(values: Any, missing: Any) -> Any:
    kept = pc.if_else(missing, None, pa.array(np.arange(len(values))))
    return values.take(kept)
