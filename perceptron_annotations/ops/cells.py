"""Cells to count in: which asset, which stretch of time, which zone each row of a table belongs to.

Each gives ``(N,)`` whole numbers from 0, and -1 for what is in no cell; ``count_labels(table, cells=…)`` counts by
them. Two kinds of cells at once are one number: ``where(a < 0, -1, a * windows + b)``.
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
from .zones import points_in_regions


class AssetCells(NamedTuple):
    """A cell for each asset that a row lies in."""

    #: ``(N,)``
    cells: Indices
    #: ``(C,)``: the response of each cell, ascending.
    response: Indices
    #: ``(C,)``: its place among the response's assets; -1 for the last, where their number is not known.
    asset_idx: Indices


def asset_cells(table: AnnotationTable) -> AssetCells:
    """By response and asset. What names no asset lies in the last, whose number the table's sizes tell."""
    last = np.diff(table.responses.size_offsets)[table.response] - 1
    asset = np.where(table.asset_idx < 0, last, table.asset_idx)
    found, cells = np.unique(np.column_stack([table.response, asset]), axis=0, return_inverse=True)
    return AssetCells(cells.reshape(-1).astype(np.int64), found[:, 0], found[:, 1])


def time_cells(table: AnnotationTable, edges: ArrayLike) -> Indices:
    """By time: cell k is from ``edges[k]`` to below ``edges[k + 1]`` seconds; a clip belongs where it starts."""
    borders = as_floats("edges", edges)
    if len(borders) < 2 or not np.all(np.diff(borders) > 0):  # noqa: PLR2004
        raise UsageError("edges must be at least two rising times in seconds")
    cells = np.searchsorted(borders, table.t, side="right") - 1
    outside = ~(table.t < borders[-1])  # NaN too
    return np.where(outside, -1, cells)


def region_cells(table: AnnotationTable, regions: Rings) -> Indices:
    """By zone, in the frame of the table: the first of K rings that the centre of a row's bounds lies in."""
    bounds = table.xyxy
    inside = points_in_regions((bounds[:, :2] + bounds[:, 2:]) / 2, regions)
    found = inside.any(axis=1) & (table.kind != AnnotationKind.CLIP)
    return np.where(found, inside.argmax(axis=1) if inside.shape[1] else -1, -1)
