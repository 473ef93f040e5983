"""Arrow → ``AnnotationTable``: what :func:`to_arrow` made, and what engines have made of it since.

An engine keeps the words and numbers and may change how they are held: strings of other types, dictionaries numbered
anew or with nulls, lists with other offsets, integers of other widths, no metadata. Each reader here takes one column
in any of these forms, and raises a ``UsageError`` that names it if it is something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..frames import FrameKind
from .arrow_columns import Mentions, booleans, codes, fields, lists, numbers, one_chunk, pairs, texts, texts_in_place
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
    KNOWN_VERSIONS,
    OPTIONAL,
    SCHEMA,
    STATUSES,
    VERSION,
    VERSION_KEY,
    pa,
)
from .side_tables import Containers, Issues, Responses, unstated
from .table import AnnotationTable

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Table

_FLOATS = ("t", "until", "score", "mean_logprob", "min_logprob")
_INDICES = ("asset_idx", "track", "collection")


def from_arrow(data: Table | RecordBatch) -> AnnotationTable:
    """The table of data that :func:`to_arrow` made; an engine may have filtered, sliced or joined its rows in between.

    Columns of other names are ignored, and those that older versions lack may be missing. Everything is checked: raises
    ``UsageError`` for a layout that this version does not know, for a column of another type, a null where none may be,
    a number out of its range, and a row without a status, as :func:`parse_arrow` gives for a null text.

    >>> table = pa.parse_batch(["<point> (1,2) </point>", "nothing"])
    >>> pa.table.from_arrow(pa.table.to_arrow(table)) == table
    True
    """
    table = table_of_arrow(data)
    _check_references(table)
    return table


def table_of_arrow(data: Table | RecordBatch) -> AnnotationTable:
    """:func:`from_arrow`, for tables whose tracks may be numbered otherwise, as those of datasets are."""
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if not isinstance(data, pa.Table):
        raise UsageError(f"data must be a pyarrow.Table or RecordBatch, not {type(data).__name__}")
    try:
        return _table(data)
    except pa.ArrowException as error:
        raise UsageError(f"the data cannot be read: {error}") from None


def _table(data: Table) -> AnnotationTable:
    columns = _columns(data)
    frame = _frame(columns.pop("frame", None), data.schema.metadata or {})
    size_offsets, sizes = _sizes(columns.get("sizes"), len(data))
    rows, annotations = _structs(columns["annotations"], ANNOTATION, "annotations")
    container_rows, containers = _structs(columns["containers"], CONTAINER, "containers")
    issue_rows, issues = _structs(columns["issues"], ISSUE, "issues")
    mentions = Mentions()
    return AnnotationTable(
        **_annotation_columns(rows, annotations, mentions),
        responses=Responses(
            status=codes(columns["status"], STATUSES, "status"),
            truncated=booleans(columns["truncated"], "truncated"),
            ending=codes(columns["ending"], ENDINGS, "ending") if "ending" in columns else unstated(len(data)),
            size_offsets=size_offsets,
            sizes=sizes,
            key=_keys(columns.get("key")),
        ),
        containers=_containers(container_rows, containers, mentions),
        issues=Issues(
            response=_responses(issue_rows),
            code=codes(issues["code"], CODES, "issues.code"),
            span=pairs(issues["span"], np.int64, "issues.span"),
            recovered=booleans(issues["recovered"], "issues.recovered"),
            details=texts_in_place(issues["detail"], "issues.detail"),
        ),
        mentions=mentions.words(),
        frame=frame,
    )


# -- columns ---------------------------------------------------------------------------------------------------------


def _columns(data: Table) -> dict[str, Any]:
    """The columns of the layout that the data have, each as one array that is sound."""
    metadata = data.schema.metadata or {}
    version = metadata.get(VERSION_KEY, str(VERSION).encode()).decode("utf-8", "replace")
    if version not in KNOWN_VERSIONS:
        raise UsageError(f"the layout has the version {version}, but this package knows {VERSION}: update it")
    missing = [name for name in SCHEMA.names if name not in {*data.column_names, *OPTIONAL}]
    if missing:
        raise UsageError(f"not a table of annotations: it has no column {', '.join(missing)}")
    return {name: checked_column(data, name) for name in SCHEMA.names if name in data.column_names}


def checked_column(data: Table, name: str) -> Any:
    """A column as one array whose offsets, indices and texts are sound. Raises ``UsageError``."""
    count = len(data.schema.get_all_field_indices(name))
    if count > 1:
        raise UsageError(f"the data have {count} columns with the name {name!r}: keep one")
    try:
        column = one_chunk(data.column(name))
        column.validate(full=True)
    except pa.ArrowException as error:
        raise UsageError(f"the column {name!r} is damaged: {error}") from None
    if name == "status" and column.null_count:
        raise UsageError("some rows have no status, as rows of a null text have none: filter them out first")
    return column


def _frame(column: Any, metadata: dict[bytes, bytes]) -> FrameKind:
    """The frame of the data, from their column or their metadata."""
    stated = metadata.get(FRAME_KEY, b"grid").decode("utf-8", "replace")
    found = [stated]
    if column is not None and len(column):
        found = [FRAMES[code] for code in np.unique(codes(column, FRAMES, "frame"))]
    if len(found) > 1:
        raise UsageError(f"the rows are in the frames {' and '.join(found)}: bring them to one first")
    if found[0] not in FRAMES:
        raise UsageError(f"the frame must be one of {', '.join(FRAMES)}, not {found[0]!r}")
    return FrameKind(found[0])


def _sizes(column: Any, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if column is None:
        return np.zeros(count + 1, dtype=np.int64), np.empty((0, 2))
    offsets, sizes = lists(column, "sizes")
    return offsets, pairs(sizes, np.float64, "sizes")


def _keys(column: Any) -> tuple[str, ...] | None:
    if column is None or column.null_count == len(column):
        return None
    if column.null_count:
        raise UsageError(f"{column.null_count} of {len(column)} rows have no key: give all of them one, or none")
    return texts(column, "key")


def _structs(column: Any, kind: Any, name: str) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """The offsets of a list of structs, and the fields of these."""
    offsets, structs = lists(column, name)
    return offsets, fields(structs, kind, name, optional=OPTIONAL)


def _annotation_columns(rows: NDArray[np.int64], found: dict[str, Any], mentions: Mentions) -> dict[str, Any]:
    offsets, vertices = lists(found["vertices"], "annotations.vertices")
    return {
        "response": _responses(rows),
        "kind": codes(found["kind"], KINDS, "annotations.kind"),
        "mention": mentions.numbers(found["mention"], "annotations.mention"),
        **{name: numbers(found[name], np.float64, f"annotations.{name}") for name in _FLOATS},
        **{name: numbers(found[name], np.int32, f"annotations.{name}") for name in _INDICES},
        "coords": pairs(vertices, np.float64, "annotations.vertices"),
        "offsets": offsets,
        "span": pairs(found["span"], np.int64, "annotations.span"),
    }


def _containers(rows: NDArray[np.int64], found: dict[str, Any], mentions: Mentions) -> Containers:
    return Containers(
        response=_responses(rows),
        kind=codes(found["kind"], CONTAINER_KINDS, "containers.kind"),
        mention=mentions.numbers(found["mention"], "containers.mention"),
        t=numbers(found["t"], np.float64, "containers.t"),
        asset_idx=numbers(found["asset_idx"], np.int32, "containers.asset_idx"),
        collection=numbers(found["collection"], np.int32, "containers.collection"),
        complete=booleans(found["complete"], "containers.complete"),
        span=pairs(found["span"], np.int64, "containers.span"),
    )


def _responses(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _check_references(table: AnnotationTable) -> None:
    """Raise ``UsageError`` for a track or collection that its response does not have."""
    containers, count = table.containers, len(table.responses)
    for number, name in enumerate(CONTAINER_KINDS):
        there = np.bincount(containers.response[containers.kind == number], minlength=count)
        for rows, where in ((table, "annotations"), (containers, "containers")):
            held = getattr(rows, name, None)
            if held is not None and np.any(lost := held >= there[rows.response]):
                at = int(np.flatnonzero(lost)[0])
                response = rows.response[at]
                raise UsageError(f"{where}.{name} is {held[at]}, but response {response} has {there[response]} of them")
