"""Objects over time: where a track is at given times, where it has gaps, and loose boxes linked into tracks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats
from .groups import as_groups, grouped
from .iou import box_iou


class Gap(NamedTuple):
    """A stretch of a track without a waypoint, in seconds."""

    track: int
    start: float
    end: float


def interpolate(
    times: ArrayLike, values: ArrayLike, at: ArrayLike, *, largest_gap: float = np.inf
) -> tuple[Floats, NDArray[np.bool_]]:
    """``(T, width)``: a track at the times ``at`` ``(T,)``, by straight lines between its waypoints.

    ``times`` ``(N,)`` in seconds and in any order, ``values`` ``(N, width)``. The second array ``(T,)`` is true where
    the track is known: between two waypoints at most ``largest_gap`` apart, or on one. Elsewhere the values are NaN;
    nothing is carried on beyond the first and last waypoint. Of two waypoints at one time the later in input counts.
    """
    moments, wanted = as_floats("times", times), as_floats("at", at)
    known = np.asarray(values, dtype=np.float64)
    if known.ndim != 2 or len(known) != len(moments):  # noqa: PLR2004
        raise UsageError(f"values must have one row for each of {len(moments)} times, not the shape {known.shape}")
    usable = np.flatnonzero(np.isfinite(moments))
    order = usable[np.argsort(moments[usable], kind="stable")]
    last = np.append(np.diff(moments[order]) > 0, True) if len(order) else np.empty(0, dtype=bool)
    order = order[last]
    moments, known = moments[order], known[order]
    found = np.full((len(wanted), known.shape[1]), np.nan)
    if not len(moments):
        return found, np.zeros(len(wanted), dtype=bool)
    after = np.clip(np.searchsorted(moments, wanted), 0, len(moments) - 1)
    before = np.where(moments[after] == wanted, after, np.maximum(after - 1, 0))
    span = moments[after] - moments[before]
    inside = (moments[before] <= wanted) & (wanted <= moments[after]) & (span <= largest_gap)
    share = np.divide(wanted - moments[before], span, out=np.zeros(len(wanted)), where=span > 0)
    between = known[before] + (known[after] - known[before]) * share[:, None]
    found[inside] = between[inside]
    return found, inside


def track_gaps(times: ArrayLike, tracks: ArrayLike, largest_gap: float) -> list[Gap]:
    """Where waypoints ``(N,)`` of tracks ``(N,)`` are more than ``largest_gap`` seconds apart, by track and time."""
    moments = as_floats("times", times)
    of = as_groups("tracks", tracks, len(moments))
    order = np.lexsort((moments, of))
    moments, of = moments[order], of[order]
    wide = np.flatnonzero((of[1:] == of[:-1]) & (np.diff(moments) > largest_gap))
    return [Gap(int(of[at]), float(moments[at]), float(moments[at + 1])) for at in wide]


def link_boxes(
    boxes: ArrayLike,
    times: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    threshold: float = 0.5,
    largest_gap: float = np.inf,
) -> Indices:
    """``(N,)``: the track of each timed xyxy box, numbered from 0 as tracks begin.

    Time by time, each box goes on with the track of its label whose last box it overlaps most, at least ``threshold``
    (IoU) and not older than ``largest_gap`` seconds; the greatest overlap chooses first, equal ones by track and then
    by input order. A box that finds none begins a track, and one without a time is a track of its own.
    """
    array, moments = as_floats("boxes", boxes, 4), as_floats("times", times)
    if len(moments) != len(array):
        raise UsageError(f"times must be {len(array)} numbers, not {len(moments)}")
    label = as_groups("labels", labels, len(array))
    track = np.full(len(array), -1, dtype=np.int64)
    last: list[int] = []  # the row that each track ended with
    timed = np.flatnonzero(np.isfinite(moments))
    steps = grouped(np.unique(moments[timed], return_inverse=True)[1].astype(np.int64))
    for start, end in zip(steps.offsets, steps.offsets[1:], strict=False):
        rows = timed[steps.order[start:end]]
        ends = np.array(last, dtype=np.int64)
        overlap = box_iou(array[rows], array[ends])
        fits = (label[rows][:, None] == label[ends]) & (moments[rows][:, None] - moments[ends] <= largest_gap)
        row, of = np.nonzero((overlap >= threshold) & fits)
        for place in np.lexsort((row, of, -overlap[row, of])).tolist():
            if track[rows[row[place]]] < 0 and last[of[place]] == ends[of[place]]:
                track[rows[row[place]]] = of[place]
                last[of[place]] = int(rows[row[place]])
        for new in rows[track[rows] < 0].tolist():
            track[new] = len(last)
            last.append(new)
    lost = np.flatnonzero(track < 0)
    track[lost] = len(last) + np.arange(len(lost))
    return track
