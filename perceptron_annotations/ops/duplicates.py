"""The rows of a table without duplicates, as models that loop write them: suppression by the columns of the table."""

from __future__ import annotations

import numpy as np

from ..geometry import AnnotationKind
from ..table.table import AnnotationTable
from .arrays import Indices
from .rings import Rings
from .suppression import clip_nms, nms, polygon_nms


def dedupe(table: AnnotationTable, *, threshold: float = 0.5, by_label: bool = True) -> Indices:
    """The rows to keep, ascending: of boxes, polygons and clips that overlap by more than ``threshold``, the first.

    Only rows of one kind, response, asset and time compete, and unless ``by_label`` is off of one mention; those with a
    score rank by it. Points enclose nothing and are all kept. IoU is the same in every frame of one image.

    >>> table = pa.parse_batch(["<point_box> (0,0) (10,10) </point_box> <point_box> (0,0) (10,9) </point_box>"])
    >>> rows = pa.ops.dedupe(table)
    >>> rows.tolist(), len(table[rows])
    ([0], 1)
    """
    kept = [np.flatnonzero(table.kind == AnnotationKind.POINT)]
    scored = not np.isnan(table.score).all()
    for kind in (AnnotationKind.BOX, AnnotationKind.POLYGON, AnnotationKind.CLIP):
        rows = np.flatnonzero(table.kind == kind)
        some = table[rows]
        scores = some.score if scored else None
        groups = _places(some, timed=kind is not AnnotationKind.CLIP)
        labels = some.mention if by_label else None
        if kind is AnnotationKind.BOX:
            found = nms(some.xyxy, scores, labels=labels, groups=groups, threshold=threshold)
        elif kind is AnnotationKind.POLYGON:
            rings = Rings(some.coords, some.offsets)
            found = polygon_nms(rings, scores, labels=labels, groups=groups, threshold=threshold)
        else:
            ranges = np.column_stack([some.t, some.until])
            found = clip_nms(ranges, scores, labels=labels, groups=groups, threshold=threshold)
        kept.append(rows[found])
    return np.sort(np.concatenate(kept))


def _places(table: AnnotationTable, *, timed: bool) -> Indices:
    """A number for each response, asset and, if the kind lies at one time, time."""
    times = np.nan_to_num(table.t, nan=-1.0) if timed else np.zeros(len(table))
    order = np.lexsort((times, table.asset_idx, table.response))
    there = np.column_stack([table.response, table.asset_idx, times])[order]
    groups = np.empty(len(table), dtype=np.int64)
    groups[order] = np.cumsum(np.any(there != np.roll(there, 1, axis=0), axis=1))
    return groups
