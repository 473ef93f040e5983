"""Flat buffers → an ``AnnotationTable``, without a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..checked import unchecked
from ..completions.logprobs import TokenLogprobs
from ..frames import Frame, FrameKind
from ..issues import Span
from ..markup.columns import Columns
from .columnar import Columnar
from .side_tables import Containers, Issues, Responses, unstated
from .table import AnnotationTable
from .texts import Texts

_DTYPES: dict[str, type[np.generic]] = dict.fromkeys(Columns._fields[:-1], np.int64) | {
    "kind": np.uint8,
    "mention": np.int32,
    "t": np.float64,
    "until": np.float64,
    "asset_idx": np.int32,
    "score": np.float64,
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
    "detail_text": np.uint8,
}


class Sizes(NamedTuple):
    """The sizes of the assets of each answer, in pixels."""

    offsets: NDArray[np.int64]
    values: NDArray[np.float64]


def sizes_in(frame: Frame, counts: Sequence[int], sides: Sequence[float | None]) -> Sizes:
    """The recorded sizes of assets, or that of the frame if the coordinates are its pixels.

    ``counts`` has the number of assets of each answer, ``sides`` the width and height of each asset.
    """
    count = np.array(counts, dtype=np.int64)
    values = np.array(sides, dtype=np.float64).reshape(-1, 2)
    if frame.kind is FrameKind.PIXELS and frame != Frame.SENT:
        count = np.maximum(count, 1)
        values = np.tile(np.array([frame.width, frame.height], dtype=np.float64), (int(count.sum()), 1))
    return Sizes(np.concatenate([[0], np.cumsum(count)]).astype(np.int64), values)


class Extra(NamedTuple):
    """What a table has besides what is read from texts."""

    key: tuple[str, ...] | None = None
    sizes: Sizes | None = None
    frame: FrameKind = FrameKind.GRID
    endings: NDArray[np.uint8] | None = None
    #: By the number of the answer, of those that have them.
    logprobs: Mapping[int, TokenLogprobs] = MappingProxyType({})


NO_EXTRA = Extra()


def build(read: Columns, extra: Extra = NO_EXTRA) -> AnnotationTable:
    """The table of what was read; it is not checked again."""
    columns = {name: _fixed(np.frombuffer(getattr(read, name), dtype=kind)) for name, kind in _DTYPES.items()}
    responses = len(columns["status"])
    sizes = extra.sizes or Sizes(np.zeros(responses + 1, dtype=np.int64), np.empty((0, 2)))
    logprobs = _logprobs(columns, extra.logprobs)
    table: AnnotationTable = _new_table(
        **{name: columns[name] for name in _AS_THEY_ARE},
        mean_logprob=logprobs.mean,
        min_logprob=logprobs.least,
        coords=columns["coords"].reshape(-1, 2),
        span=columns["span"].reshape(-1, 2),
        responses=_new_responses(
            status=columns["status"],
            truncated=columns["truncated"],
            ending=_fixed(unstated(responses) if extra.endings is None else extra.endings),
            size_offsets=_fixed(sizes.offsets),
            sizes=_fixed(sizes.values),
            key=extra.key,
        ),
        containers=_containers(columns),
        issues=_new_issues(
            response=_numbered(columns["issue_offsets"]),
            code=columns["issue_code"],
            span=columns["issue_span"].reshape(-1, 2),
            recovered=columns["issue_recovered"],
            details=Texts(columns["detail_offsets"], columns["detail_text"]),
        ),
        mentions=tuple(read.mentions),
        frame=extra.frame,
    )
    return table


_AS_THEY_ARE = ("response", "kind", "mention", "t", "until", "asset_idx", "score", "track", "collection", "offsets")


class _Logprobs(NamedTuple):
    """The mean and the least log probability over the span of each annotation."""

    mean: NDArray[np.float64]
    least: NDArray[np.float64]


def _logprobs(columns: dict[str, NDArray[Any]], known: Mapping[int, TokenLogprobs]) -> _Logprobs:
    if not known:
        unknown = np.broadcast_to(np.nan, len(columns["kind"]))  # which takes no memory
        return _Logprobs(unknown, unknown)
    found = np.full((2, len(columns["kind"])), np.nan)
    spans, offsets = columns["span"].reshape(-1, 2), columns["row_offsets"]
    for response, logprobs in known.items():
        for row in range(offsets[response], offsets[response + 1]):
            found[:, row] = logprobs.over(Span(*spans[row].tolist()))
    return _Logprobs(*map(_fixed, found))


def _containers(columns: dict[str, NDArray[Any]]) -> Containers:
    containers: Containers = _new_containers(
        response=_numbered(columns["container_offsets"]),
        kind=columns["container_kind"],
        mention=columns["container_mention"],
        t=columns["container_t"],
        asset_idx=columns["container_asset_idx"],
        collection=columns["container_collection"],
        complete=columns["container_complete"],
        span=columns["container_span"].reshape(-1, 2),
    )
    return containers


def _numbered(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The response of each row, from where each response begins."""
    return _fixed(np.repeat(np.arange(len(offsets) - 1), offsets[1:] - offsets[:-1]))


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _empty(kind: type[Columnar], **fields: Any) -> Any:
    """A table without rows."""
    columns = {
        name: np.zeros((spec.extra,) if spec.width is None else (spec.extra, spec.width), dtype=spec.dtype)
        for name, spec in kind.COLUMNS.items()
    }
    return kind(**columns, **fields)


_new_responses = unchecked(_empty(Responses))
_new_containers = unchecked(_empty(Containers))
_new_issues = unchecked(_empty(Issues))
_new_table = unchecked(
    _empty(AnnotationTable, responses=_empty(Responses), containers=_empty(Containers), issues=_empty(Issues))
)
