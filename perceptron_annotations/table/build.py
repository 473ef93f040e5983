"""Flat buffers → an ``AnnotationTable``, without a copy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..frames import FrameKind
from ..markup.columns import Columns
from .table import AnnotationTable, Containers, Issues, Responses

_DTYPES: dict[str, type[np.generic]] = dict.fromkeys(Columns._fields[:-2], np.int64) | {
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


def build(read: Columns, extra: Extra = NO_EXTRA) -> AnnotationTable:
    """The table of what was read."""
    columns = {name: np.frombuffer(memoryview(getattr(read, name)), dtype=kind) for name, kind in _DTYPES.items()}
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
            details=tuple(read.details),
        ),
        mentions=tuple(read.mentions),
        frame=extra.frame,
    )


def _numbered(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The response of each row, from where each response begins."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
