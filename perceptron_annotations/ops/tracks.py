"""Objects over time: the place of a track at given times, its gaps, and loose boxes linked into tracks."""

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


def interpolate_tracks(
    times: ArrayLike,
    values: ArrayLike,
    at: ArrayLike,
    *,
    tracks: ArrayLike | None = None,
    at_tracks: ArrayLike | None = None,
    largest_gap: float = np.inf,
) -> tuple[Floats, NDArray[np.bool_]]:
    """``(T, width)``: tracks at the times ``at``, by straight lines between their waypoints; many tracks take one call.

    The second array ``(T,)`` is true if the track is known there: between two waypoints at most ``largest_gap`` apart,
    or on one. Elsewhere the values are NaN; nothing is carried on beyond the first and last waypoint. Of two waypoints
    at one time the later in input counts.

    Args:
        times: ``(N,)`` seconds of the waypoints, in any order.
        values: ``(N, width)`` coordinates of the waypoints.
        at: ``(T,)`` seconds.
        tracks: ``(N,)`` whole numbers: the track of each waypoint.
        at_tracks: ``(T,)`` whole numbers: the track that is asked for at each time.
        largest_gap: Seconds between two waypoints beyond which nothing is known between them.

    >>> values, known = pa.ops.interpolate_tracks([0, 10], [[0, 100], [50, 100]], at=[5, 12])
    >>> values.tolist(), known.tolist()
    ([[25.0, 100.0], [nan, nan]], [True, False])
    """
    moments, wanted = as_floats("times", times), as_floats("at", at)
    known = np.asarray(values, dtype=np.float64)
    if known.ndim != 2 or len(known) != len(moments):  # noqa: PLR2004
        raise UsageError(f"values must have one row for each of {len(moments)} times, not the shape {known.shape}")
    before, after = _neighbours(
        as_groups("tracks", tracks, len(moments)), moments, as_groups("at_tracks", at_tracks, len(wanted)), wanted
    )
    found = np.full((len(wanted), known.shape[1]), np.nan)
    between = np.flatnonzero((before >= 0) & (after >= 0))
    start, end = before[between], after[between]
    span = moments[end] - moments[start]
    near = span <= largest_gap
    between, start, end, span = between[near], start[near], end[near], span[near]
    share = np.divide(wanted[between] - moments[start], span, out=np.zeros(len(span)), where=span > 0)
    found[between] = known[start] + (known[end] - known[start]) * share[:, None]
    inside = np.zeros(len(wanted), dtype=bool)
    inside[between] = True
    return found, inside


def _neighbours(of: Indices, moments: Floats, asked: Indices, wanted: Floats) -> tuple[Indices, Indices]:
    """Of each wanted time the waypoints of its track before and after, -1 for none; one that is there is both."""
    usable = np.flatnonzero(np.isfinite(moments))
    usable = usable[np.lexsort((moments[usable], of[usable]))]
    moves = (np.diff(of[usable]) != 0) | (np.diff(moments[usable]) != 0)
    usable = usable[np.append(moves, True)[: len(usable)]]  # the last of those at one time
    count = len(usable)
    track, time = np.concatenate([of[usable], asked]), np.concatenate([moments[usable], wanted])
    order = np.lexsort((np.arange(len(time)) >= count, time, track))  # a waypoint comes before an equal time
    is_waypoint = order < count
    places = np.arange(len(order))
    last = np.maximum.accumulate(np.where(is_waypoint, places, -1))
    following = np.minimum.accumulate(np.where(is_waypoint, places, len(order))[::-1])[::-1]
    asking = np.flatnonzero(~is_waypoint)
    sides = []
    for place in (last[asking], following[asking]):
        waypoint = order[np.clip(place, 0, len(order) - 1)]
        there = (place >= 0) & (place < len(order)) & (waypoint < count)
        there &= track[waypoint] == track[order[asking]]
        sides.append(np.where(there, usable[np.minimum(waypoint, count - 1)] if count else -1, -1))
    before, after = np.full((2, len(wanted)), -1, dtype=np.int64)
    row = order[asking] - count
    before[row], after[row] = sides
    here = (before >= 0) & (moments[before] == wanted) if len(moments) else np.zeros(len(wanted), dtype=bool)
    return before, np.where(here, before, after)


def track_gaps(times: ArrayLike, tracks: ArrayLike, largest_gap: float) -> list[Gap]:
    """The gaps between waypoints ``(N,)`` of tracks ``(N,)`` of more than ``largest_gap`` seconds, by track and time.

    >>> pa.ops.track_gaps([0, 1, 9], [0, 0, 0], largest_gap=2)
    [Gap(track=0, start=1.0, end=9.0)]
    """
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

    Time by time, each box goes on with the track of its label whose last box it overlaps most; the greatest overlap
    chooses first, equal ones by track and then by input order. A box that finds none begins a track, and one without a
    time is a track of its own.

    Args:
        boxes: ``(N, 4)`` xyxy boxes.
        times: ``(N,)`` seconds, NaN for none.
        labels: ``(N,)`` whole numbers; only boxes of one label are linked.
        threshold: The IoU that a box needs at least with the last box of a track.
        largest_gap: Seconds after which a track is over.

    >>> pa.ops.link_boxes([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], times=[0, 1, 1]).tolist()
    [0, 0, 1]
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
