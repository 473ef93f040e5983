"""Paths and rings cut to a rectangle, so that no coordinate, however far out, is ever given to the painter."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .strokes import Pair


class Area(NamedTuple):
    """A rectangle in pixels: from ``left`` to before ``right``, from ``top`` to before ``bottom``."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, margin: float) -> Area:
        """The same with a margin on all sides."""
        return Area(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def within(self, other: Area) -> Area:
        """The same moved edge by edge into another; of one outside, the part of the other's edge that is nearest."""
        return Area(
            min(max(self.left, other.left), other.right),
            min(max(self.top, other.top), other.bottom),
            max(min(self.right, other.right), other.left),
            max(min(self.bottom, other.bottom), other.top),
        )

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


def bounds_of(pairs: Sequence[Pair]) -> Area:
    """The least area that holds all pairs."""
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    return Area(min(xs), min(ys), max(xs), max(ys))


def clip_segment(start: Pair, end: Pair, area: Area) -> tuple[Pair, Pair] | None:
    """The part of a segment inside an area, None if there is none (Liang and Barsky, 1984)."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    first, last = 0.0, 1.0
    for step, room in (
        (-dx, x - area.left),
        (dx, area.right - x),
        (-dy, y - area.top),
        (dy, area.bottom - y),
    ):
        if step == 0:
            if room < 0:
                return None
            continue
        at = room / step
        if step < 0:
            first = max(first, at)
        else:
            last = min(last, at)
    if first > last:
        return None
    cut_start = start if first == 0 else (x + first * dx, y + first * dy)
    return cut_start, end if last == 1 else (x + last * dx, y + last * dy)


def clip_path(path: Sequence[Pair], area: Area) -> list[list[Pair]]:
    """The pieces of a path inside an area, each a path; a path that lies inside stays whole."""
    pieces: list[list[Pair]] = []
    for start, end in itertools.pairwise(path):
        part = clip_segment(start, end, area)
        if part is None:
            continue
        if pieces and pieces[-1][-1] == part[0]:
            pieces[-1].append(part[1])
        else:
            pieces.append(list(part))
    return pieces


def clip_ring(ring: Sequence[Pair], area: Area) -> list[Pair]:
    """A ring cut to an area (Sutherland and Hodgman, 1974); empty if nothing of it is inside.

    What it encloses inside the area stays the same, also of one that crosses itself; parts that fall apart stay joined
    by edges along the border.
    """
    sides: tuple[tuple[Callable[[Pair], float], float], ...] = (
        (lambda pair: pair[0] - area.left, 0),
        (lambda pair: area.right - pair[0], 0),
        (lambda pair: pair[1] - area.top, 0),
        (lambda pair: area.bottom - pair[1], 0),
    )
    kept = list(ring)
    for depth, border in sides:
        given, kept = kept, []
        for before, here in zip([given[-1], *given] if given else [], given, strict=False):
            inside, was_inside = depth(here) >= border, depth(before) >= border
            if inside != was_inside:
                share = depth(before) / (depth(before) - depth(here))
                kept.append((before[0] + (here[0] - before[0]) * share, before[1] + (here[1] - before[1]) * share))
            if inside:
                kept.append(here)
    return kept
