"""The box and the area of each object of a dataset: its own, as a file states them, else those of its rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from ..geometry import AnnotationKind
from ..ops.rings import polygon_area
from .dataset import Dataset

#: Written in place of a side or an area that overflows, since JSON has no infinite numbers.
_LARGEST = np.finfo(np.float64).max


class Measures(NamedTuple):
    """``bbox`` ``(G, 4)`` is left, top, width and height of each object, ``area`` ``(G,)`` is in square pixels."""

    bbox: NDArray[np.float64]
    area: NDArray[np.float64]


def measures_of(dataset: Dataset, order: NDArray[np.int64], starts: NDArray[np.int64]) -> Measures:
    """Those of objects, of which each has the rows of ``order`` from one of the ``starts`` to the next."""
    bbox, first = _bounds(dataset, order, starts), order[starts]
    if dataset.bbox is not None:
        stated = dataset.bbox[first]
        bbox = np.where(np.isnan(stated), bbox, stated)
    area = _areas(dataset, order, starts, bbox)
    if dataset.area is not None:
        stated = dataset.area[first]
        area = np.where(np.isnan(stated), area, stated)
    return Measures(bbox, area)


def _bounds(dataset: Dataset, order: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The bounds of the rows of each object."""
    if not len(starts):
        return np.empty((0, 4))
    bounds = dataset.table.xyxy
    if not np.array_equal(order, np.arange(len(bounds))):
        bounds = bounds[order]
    if len(starts) < len(order):  # objects of several rows
        least, most = np.minimum.reduceat(bounds[:, :2], starts), np.maximum.reduceat(bounds[:, 2:], starts)
        bounds = np.hstack([least, most])
    with np.errstate(over="ignore"):
        for axis in range(2):
            np.subtract(bounds[:, 2 + axis], bounds[:, axis], out=bounds[:, 2 + axis])
            np.minimum(bounds[:, 2 + axis], _LARGEST, out=bounds[:, 2 + axis])
    return bounds


def _areas(
    dataset: Dataset, order: NDArray[np.int64], starts: NDArray[np.int64], bbox: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The area of the rings of each object, or of its box if it has none."""
    table = dataset.table
    with np.errstate(over="ignore"):
        area = np.clip(bbox[:, 2] * bbox[:, 3], -_LARGEST, _LARGEST)
    polygons = np.flatnonzero(table.kind[order[starts]] == AnnotationKind.POLYGON)
    if len(polygons):
        area[polygons] = np.add.reduceat(polygon_area(table.coords, table.offsets)[order], starts)[polygons]
    return area


def own_measures(dataset: Dataset) -> Dataset:
    """The dataset without the boxes and areas that are those of its rows anyway: what a file states beyond them."""
    if dataset.bbox is None and dataset.area is None:
        return dataset
    order, starts = _at_once(dataset).by_object(np.arange(len(dataset)))
    lengths = np.diff(np.append(starts, len(order)))
    changes: dict[str, NDArray[np.float64] | None] = {}
    for name in ("bbox", "area"):  # the area of a box is that of the box that is left
        stated = getattr(dataset, name)
        derived = getattr(measures_of(structs.replace(dataset, **changes | {name: None}), order, starts), name)
        if stated is not None:
            same = stated[order[starts]] == derived
            shared = np.repeat(same.all(axis=1) if same.ndim > 1 else same, lengths)
            left = stated.copy()
            left[order[shared]] = np.nan
            changes[name] = None if np.isnan(left).all() else left
    return structs.replace(dataset, **changes)


#: Pixels, and parts of an area, by which an own box or area may differ without being counted: it is rounded.
_TOLERANCE, _PART = 1e-3, 1e-6


def stated_beyond(dataset: Dataset) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """``(N,)`` each: the rows whose object states a box, and those whose object states an area, that its rows deny."""
    order, starts = _at_once(dataset).by_object(np.arange(len(dataset)))
    lengths = np.diff(np.append(starts, len(order)))
    own, derived = (
        measures_of(dataset, order, starts),
        measures_of(structs.replace(dataset, bbox=None, area=None), order, starts),
    )
    boxes = (np.abs(own.bbox - derived.bbox) > _TOLERANCE).any(axis=1)
    areas = np.abs(own.area - derived.area) > _PART * np.abs(derived.area)
    found = np.zeros((2, len(dataset)), dtype=bool)
    found[:, order] = np.repeat([boxes, areas & ~boxes], lengths, axis=1)
    return found[0], found[1]


def _at_once(dataset: Dataset) -> Dataset:
    """The dataset with another object for each time at which an object is there."""
    t = dataset.table.t
    if np.isnan(t).all():
        return dataset
    _, number = np.unique(np.column_stack([dataset.object, np.nan_to_num(t, nan=-1.0)]), axis=0, return_inverse=True)
    return structs.replace(dataset, object=number.reshape(-1).astype(np.int64))
