"""Several tables → one: the numbers of responses continue, and mentions are numbered anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FrameError, UsageError
from .columnar import Columnar
from .side_tables import Containers, Issues
from .table import AnnotationTable
from .texts import Texts


def concat(tables: Sequence[AnnotationTable]) -> AnnotationTable:
    """One table after the other; see ``AnnotationTable.concat``."""
    if not tables:
        raise UsageError("no table was given: pass at least one")
    if len(frames := {table.frame for table in tables}) > 1:
        raise FrameError(
            f"tables in the frames {', '.join(sorted(frames))} cannot be joined: convert them to one first"
        )
    known: dict[str, int] = {}
    numbers = [
        # -1 indexes the last, which stands for none.
        np.array([*(known.setdefault(mention, len(known)) for mention in table.mentions), -1], dtype=np.int32)
        for table in tables
    ]
    first = np.cumsum([0, *(len(table.responses) for table in tables)])[:-1]
    responses = [table.responses for table in tables]
    rows = _joined(tables) | _counted_on(tables, first, numbers)
    containers = [table.containers for table in tables]
    issues = [table.issues for table in tables]
    return tables[0].replace(
        **rows,
        offsets=_joined_offsets([table.offsets for table in tables]),
        mentions=tuple(known),
        responses=responses[0].replace(
            **_joined(responses),
            size_offsets=_joined_offsets([each.size_offsets for each in responses]),
            key=_joined_keys([each.key for each in responses], [len(each) for each in responses]),
        ),
        containers=containers[0].replace(**_joined(containers) | _counted_on(containers, first, numbers)),
        issues=issues[0].replace(
            **_joined(issues) | _counted_on(issues, first, None),
            details=Texts.joined([Texts.of(each.details) for each in issues]),
        ),
    )


def responses_of(table: AnnotationTable, start: int, stop: int) -> AnnotationTable:
    """The responses from ``start`` to before ``stop`` with their rows, in the same memory.

    Rows that are not in the order of their responses are sorted.
    """
    if np.any(table.response[1:] < table.response[:-1]):
        table = table.sort("response")
    responses = table.responses
    first, last = _range_of(table, start, stop)
    sizes = slice(*responses.size_offsets[[start, stop]].tolist())
    return table.replace(
        **_cut(table, first, last) | {"response": table.response[first:last] - start},
        coords=table.coords[slice(*table.offsets[[first, last]].tolist())],
        offsets=table.offsets[first : last + 1] - table.offsets[first],
        responses=responses.replace(
            **_cut(responses, start, stop),
            size_offsets=responses.size_offsets[start : stop + 1] - responses.size_offsets[start],
            sizes=responses.sizes[sizes],
            key=None if responses.key is None else responses.key[start:stop],
        ),
        containers=table.containers.replace(**_of_responses(table.containers, start, stop)),
        issues=table.issues.replace(
            **_of_responses(table.issues, start, stop),
            details=Texts.of(table.issues.details).part(*_range_of(table.issues, start, stop)),
        ),
    )


def _range_of(rows: Containers | Issues | AnnotationTable, start: int, stop: int) -> tuple[int, int]:
    """The rows of some responses: the first, and the one after the last."""
    first, last = np.searchsorted(rows.response, (start, stop)).tolist()
    return first, last


def _of_responses(rows: Containers | Issues, start: int, stop: int) -> dict[str, NDArray[Any]]:
    """The columns of the rows of some responses, of which the first gets the number 0."""
    first, last = _range_of(rows, start, stop)
    return _cut(rows, first, last) | {"response": rows.response[first:last] - start}


def _cut(table: Columnar, start: int, stop: int) -> dict[str, NDArray[Any]]:
    """Some rows of all columns that have one entry for each."""
    return {name: getattr(table, name)[start:stop] for name in table.row_columns()}


def _joined(tables: Sequence[Columnar]) -> dict[str, NDArray[Any]]:
    """All columns but the offsets, one after the other."""
    return {
        name: np.concatenate([getattr(table, name) for table in tables])
        for name, spec in tables[0].COLUMNS.items()
        if not spec.extra
    }


def _counted_on(
    tables: Sequence[Any], first: NDArray[np.int64], numbers: Sequence[NDArray[np.int32]] | None
) -> dict[str, NDArray[Any]]:
    """The columns that count responses or mentions."""
    columns: dict[str, NDArray[Any]] = {
        "response": np.concatenate([table.response + start for table, start in zip(tables, first, strict=True)])
    }
    if numbers is not None:
        columns["mention"] = np.concatenate(
            [known[table.mention] for table, known in zip(tables, numbers, strict=True)]
        )
    return columns


def _joined_offsets(offsets: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    ends = np.cumsum([0, *(each[-1] for each in offsets)])
    return np.concatenate([[0], *(each[1:] + end for each, end in zip(offsets, ends, strict=False))]).astype(np.int64)


def _joined_keys(keys: Sequence[tuple[str, ...] | None], counts: Sequence[int]) -> tuple[str, ...] | None:
    """All keys; None unless every table has them."""
    found = [key for key in keys if key is not None]
    if not found:
        return None
    if len(found) < len(keys):
        raise UsageError(
            f"{len(keys) - len(found)} of {len(counts)} tables have no keys: give all of them keys, or none"
        )
    return tuple(chain.from_iterable(found))
