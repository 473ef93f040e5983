"""Cells to count in: which asset, which stretch of time, which zone each row of a table belongs to.

Each function gives ``(N,)`` whole numbers from 0, and -1 for what is in no cell; ``count_labels(table, cells=…)``
counts by them. Two kinds of cells at once are one number: ``where(a < 0, -1, a * windows + b)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from ..geometry import AnnotationKind
from ..table.table import AnnotationTable
from .arrays import Indices, as_floats
from .rings import Rings


class AssetCells(NamedTuple):
    """A cell for each asset that a row lies in."""

    #: ``(N,)``
    cells: Indices
    #: ``(C,)``: the response of each cell, ascending.
    response: Indices
    #: ``(C,)``: its place among the response's assets; -1 for the last, if their number is not known.
    asset_idx: Indices


def asset_cells(table: AnnotationTable) -> AssetCells:
    """By response and asset. Rows that name no asset lie in the last one, whose number the table's sizes tell.

    >>> table = pa.parse_batch(['<point asset_idx="0"> (1,2) </point> <point asset_idx="1"> (3,4) </point>'])
    >>> pa.ops.asset_cells(table).cells.tolist()
    [0, 1]
    """
    last = np.diff(table.responses.size_offsets)[table.response] - 1
    asset = np.where(table.asset_idx < 0, last, table.asset_idx)
    found, cells = np.unique(np.column_stack([table.response, asset]), axis=0, return_inverse=True)
    return AssetCells(cells.reshape(-1).astype(np.int64), found[:, 0], found[:, 1])


def time_cells(table: AnnotationTable, edges: ArrayLike) -> Indices:
    """By time: cell k is from ``edges[k]`` to below ``edges[k + 1]`` seconds; a clip belongs where it starts.

    Raises ``UsageError`` if the edges are not at least two rising times.

    >>> table = pa.parse_batch(['<clip t="1 seconds 4 seconds" /> <clip t="12 seconds" /> <point> (1,2) </point>'])
    >>> pa.ops.time_cells(table, [0, 10, 20]).tolist()
    [0, 1, -1]
    """
    borders = as_floats("edges", edges)
    if len(borders) < 2 or not np.all(np.diff(borders) > 0):  # noqa: PLR2004
        raise UsageError("edges must be at least two rising times in seconds")
    cells = np.searchsorted(borders, table.t, side="right") - 1
    outside = ~(table.t < borders[-1])  # NaN too
    return np.where(outside, -1, cells)


def region_cells(table: AnnotationTable, regions: Rings) -> Indices:
    """By zone, in the frame of the table: the first of K rings that the centre of a row's bounds lies in.

    >>> table = pa.parse_batch(["<point> (100,500) </point> <point> (900,500) </point>"])
    >>> left_half = pa.ops.box_polygons([[0, 0, 500, 1000]])
    >>> pa.ops.region_cells(table, left_half).tolist()
    [0, -1]
    """
    from .zones import points_in_regions  # with Shapely, which the other cells do not need

    bounds = table.xyxy
    inside = points_in_regions((bounds[:, :2] + bounds[:, 2:]) / 2, regions)
    found = inside.any(axis=1) & (table.kind != AnnotationKind.CLIP)
    return np.where(found, inside.argmax(axis=1) if inside.shape[1] else -1, -1)
