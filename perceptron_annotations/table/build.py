"""Flat buffers → an ``AnnotationTable``.

The one idea: the columns of one part become arrays without a copy; those of several are joined one column at a time,
and each part's is let go as soon as it is copied, so that no more than one column ever exists twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..frames import FrameKind
from ..markup.columns import Columns
from .table import AnnotationTable, Containers, Issues, Responses

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_OFFSETS = ("offsets", "row_offsets", "container_offsets", "issue_offsets")
_MENTIONS = ("mention", "container_mention")
_DTYPES: dict[str, type[np.generic]] = dict.fromkeys(Columns._fields, np.int64) | {
    "kind": np.uint8,
    "mention": np.int32,
    "t": np.float64,
    "until": np.float64,
    "asset_idx": np.int32,
    "track": np.int32,
    "collection": np.int32,
    "coords": np.float64,
    "status": np.uint8,
    "truncated": np.bool_,
    "container_kind": np.uint8,
    "container_mention": np.int32,
    "container_t": np.float64,
    "container_asset_idx": np.int32,
    "container_collection": np.int32,
    "container_complete": np.bool_,
    "issue_code": np.uint8,
    "issue_recovered": np.bool_,
}


class Sizes(NamedTuple):
    """The sizes of the assets of each answer, in pixels."""

    offsets: NDArray[np.int64]
    values: NDArray[np.float64]


class Extra(NamedTuple):
    """What a table has beside what is read out of texts."""

    key: tuple[str, ...] | None = None
    sizes: Sizes | None = None
    score: NDArray[np.float64] | None = None
    frame: FrameKind = FrameKind.GRID


NO_EXTRA = Extra()


def build(parts: list[Columns], extra: Extra = NO_EXTRA) -> AnnotationTable:
    """The table of some parts, one after the other. ``parts`` is emptied."""
    mentions, numbers = _join_mentions(parts)
    waiting = {name: [getattr(part, name) for part in parts] for name in Columns._fields}
    parts.clear()
    columns: dict[str, NDArray[Any]] = {}
    # The longest first, while nothing else is there twice.
    for name in sorted(_DTYPES.keys() - {"mentions", "details"}, key=lambda name: (name != "coords", name)):
        columns[name] = _join(name, waiting.pop(name), numbers)
    details = tuple(detail for part in waiting.pop("details") for detail in part)
    return _table(columns, tuple(mentions), details, extra)


def _join_mentions(parts: Sequence[Columns]) -> tuple[list[str], list[NDArray[np.int32]] | None]:
    """All mentions in order of first appearance, and for each part where its own stand among them."""
    if len(parts) == 1:
        return parts[0].mentions, None
    known: dict[str, int] = {}
    numbers = [
        # -1 indexes the last, which stands for none.
        np.array([*(known.setdefault(mention, len(known)) for mention in part.mentions), -1], dtype=np.int32)
        for part in parts
    ]
    return list(known), numbers


def _join(name: str, buffers: list[ReadableBuffer], numbers: list[NDArray[np.int32]] | None) -> NDArray[Any]:
    arrays: list[NDArray[Any]] = [np.frombuffer(memoryview(buffer), dtype=_DTYPES[name]) for buffer in buffers]
    buffers.clear()
    if len(arrays) == 1:
        return arrays[0]
    first = 1 if name in _OFFSETS else 0
    joined = np.empty(first + sum(len(array) - first for array in arrays), dtype=_DTYPES[name])
    joined[:first] = 0
    at = first
    for part in range(len(arrays)):
        array, arrays[part] = arrays[part], None  # type: ignore[call-overload]
        target = joined[at : at + len(array) - first]
        if numbers is not None and name in _MENTIONS:
            np.take(numbers[part], array, out=target)
        elif first:
            np.add(array[1:], joined[at - 1], out=target)
        else:
            target[:] = array
        at += len(target)
    return joined


def _table(
    columns: dict[str, NDArray[Any]], mentions: tuple[str, ...], details: tuple[str, ...], extra: Extra
) -> AnnotationTable:
    responses = len(columns["status"])
    sizes = extra.sizes or Sizes(np.zeros(responses + 1, dtype=np.int64), np.empty((0, 2)))
    score = np.full(len(columns["kind"]), np.nan) if extra.score is None else extra.score
    own = {
        name: columns[name] for name in ("kind", "mention", "t", "until", "asset_idx", "track", "collection", "offsets")
    }
    containers = {
        name: columns[f"container_{name}"] for name in ("kind", "mention", "t", "asset_idx", "collection", "complete")
    }
    return AnnotationTable(
        **own,
        response=_numbered(columns["row_offsets"]),
        score=score,
        coords=columns["coords"].reshape(-1, 2),
        span=columns["span"].reshape(-1, 2),
        responses=Responses(
            status=columns["status"],
            truncated=columns["truncated"],
            size_offsets=sizes.offsets,
            sizes=sizes.values,
            key=extra.key,
        ),
        containers=Containers(
            **containers,
            response=_numbered(columns["container_offsets"]),
            span=columns["container_span"].reshape(-1, 2),
        ),
        issues=Issues(
            response=_numbered(columns["issue_offsets"]),
            code=columns["issue_code"],
            span=columns["issue_span"].reshape(-1, 2),
            recovered=columns["issue_recovered"],
            details=details,
        ),
        mentions=mentions,
        frame=extra.frame,
    )


def _numbered(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The response of each row, from where each response begins."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
