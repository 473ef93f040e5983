"""Marks at one time of a video: where each object is, and the way that it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...field_numbers import seconds
from ...geometry import Box, Clip, Point, Polygon, Shape, Track
from .marks import Mark
from .trails import in_time


class Persistence(NamedTuple):
    """How long things stay, in seconds."""

    #: A shape with a time, from then on; and an object before its first and after its last waypoint.
    hold: float = 0.5
    #: The way behind an object.
    trail: float = 2.0

    @classmethod
    def checked(cls, hold: float, trail: float) -> Persistence:
        """The two, or ``UsageError`` for one that is not a number of seconds."""
        return cls(seconds("hold", hold), seconds("trail", trail))


def marks_at(marks: Iterable[Mark], t: float, stay: Persistence) -> Iterator[Mark]:
    """The marks that are seen at ``t`` seconds; clips always are, and so is what has no time."""
    for mark in marks:
        shape = mark.shape
        if isinstance(shape, Track):
            way = way_at(shape, t, stay)
            if way:
                yield mark._replace(shape=Track(tuple(way)))
        elif not isinstance(shape, Point | Box | Polygon) or shape.t is None or shape.t <= t < shape.t + stay.hold:
            yield mark


def way_at(track: Track, t: float, stay: Persistence) -> list[Shape]:
    """The waypoints of the last seconds and where the object is at ``t``, which is last; empty if it is not there.

    Between two waypoints it moves in a straight line, polygons with other numbers of corners jump. A track with a
    waypoint without a time is always there as a whole.
    """
    waypoints = in_time(track)
    times = [each.t for each in waypoints if each.t is not None]
    if len(times) < len(waypoints):
        return list(waypoints)
    if not times or t < times[0] - stay.hold or t >= times[-1] + stay.hold:
        return []
    passed = sum(time <= t for time in times)
    if passed == 0:
        return [waypoints[0]]
    here = waypoints[passed - 1]
    if passed < len(waypoints):
        here = _between(here, waypoints[passed], t)
    recent = [each for each, time in zip(waypoints[:passed], times, strict=False) if time >= t - stay.trail]
    return recent if recent and here is waypoints[passed - 1] else [*recent, here]


def _between(start: Shape, end: Shape, t: float) -> Shape:
    """The shape at a time between those of two."""
    if start.t is None or end.t is None or len(start.coordinates) != len(end.coordinates) or start.t == t:
        return start
    share = (t - start.t) / (end.t - start.t)
    moved = tuple(
        (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)
        for (x1, y1), (x2, y2) in zip(start.coordinates, end.coordinates, strict=True)
    )
    if isinstance(start, Polygon):
        return start.replace(vertices=moved, t=t)
    if isinstance(start, Box):
        (x1, y1), (x2, y2) = moved
        return start.replace(x1=x1, y1=y1, x2=x2, y2=y2, t=t)
    ((x, y),) = moved
    return start.replace(x=x, y=y, t=t)


def last_end(marks: Iterable[Mark]) -> float:
    """The latest end of a clip; 0 without one."""
    clips = [mark.shape for mark in marks if isinstance(mark.shape, Clip)]
    return max((number for clip in clips for number in (clip.start, clip.end or 0.0)), default=0.0)
