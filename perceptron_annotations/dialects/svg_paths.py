"""The outline that an SVG path draws → rings of points, with its curves as chords.

All commands but arcs are read (SVG 2, chapter 9): a curve becomes so many chords that none lies farther from it than a
tolerance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import ceil, sqrt
from typing import TypeAlias

#: A point, or a vector.
Pair: TypeAlias = tuple[float, float]

_TOKEN = re.compile(r"[\s,]*+(?:([A-Za-z])|([-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]{1,3}+)?+))")
#: How many numbers a command takes.
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}
_MOST_CHORDS = 64
_MOST = 1e9


def rings_of(path: str, *, tolerance: float) -> list[list[Pair]] | None:
    """The rings of a path, each closed and without its first point twice; None if it cannot be read to its end.

    >>> rings_of("M 0 0 H 1 V 1 Z m 2 0 l 1 0 0 1 z", tolerance=0.001)
    [[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], [(2.0, 0.0), (3.0, 0.0), (3.0, 1.0)]]
    """
    pen = _Pen(tolerance)
    try:
        for command, numbers in _commands(path):
            pen.draw(command, numbers)
    except _UnreadPath:
        return None
    return [ring[:-1] if len(ring) > 1 and ring[-1] == ring[0] else ring for ring in pen.rings]


class _UnreadPath(Exception):  # noqa: N818 - it never leaves the module
    """The path breaks the grammar, or has an arc."""


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    """The commands of a path with the numbers of one each; raises ``_UnreadPath``."""
    command, numbers, at, end = "", list[float](), 0, len(path.rstrip())
    while at < end:
        token = _TOKEN.match(path, at, end)
        if token is None:
            raise _UnreadPath
        at = token.end()
        if token[1]:
            if numbers or token[1].upper() not in _COUNTS:
                raise _UnreadPath
            command = token[1]
            if command in "Zz":
                yield command, []
            continue
        numbers.append(float(token[2]))
        if not command or command in "Zz" or abs(numbers[-1]) > _MOST:
            raise _UnreadPath
        if len(numbers) == _COUNTS[command.upper()]:
            yield command, numbers
            numbers = []
            command = {"M": "L", "m": "l"}.get(command, command)
    if numbers:
        raise _UnreadPath


class _Pen:
    """Where the path is, and what it has drawn."""

    def __init__(self, tolerance: float) -> None:
        self.rings: list[list[Pair]] = []
        self._tolerance = tolerance
        self._at: Pair = (0.0, 0.0)
        self._start: Pair = (0.0, 0.0)
        self._curve = ""  # the last command
        self._control: Pair = (0.0, 0.0)  # the last control point, if that is a curve
        self._draws = False  # a ring is open
        self._take: dict[str, Callable[[list[Pair]], None]] = {
            "L": self._line,
            "C": self._cubic,
            "S": self._cubic,
            "Q": self._quadratic,
            "T": self._quadratic,
        }

    def draw(self, command: str, numbers: list[float]) -> None:
        """Draw one command; raises ``_UnreadPath`` if nothing moved the pen before."""
        name = command.upper()
        if name == "Z":
            self._at, self._draws, self._curve = self._start, False, ""
            return
        origin = self._at if command.islower() else (0.0, 0.0)
        if name in "HV":
            x, y = (numbers[0] + origin[0], self._at[1]) if name == "H" else (self._at[0], numbers[0] + origin[1])
            pairs, name = [(x, y)], "L"
        else:
            pairs = [(x + origin[0], y + origin[1]) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if name == "M":
            self._at = self._start = pairs[0]
            self._draws, self._curve = False, ""
            return
        if not self._draws:
            self.rings.append([self._at])
            self._draws = True
        if name in "ST":
            goes_on = self._curve in (("C", "S") if name == "S" else ("Q", "T"))
            pairs.insert(0, _mirrored(self._control, self._at) if goes_on else self._at)
        self._take[name](pairs)
        self._curve = name

    def _line(self, pairs: list[Pair]) -> None:
        self._to(pairs[0])

    def _to(self, point: Pair) -> None:
        if point != self.rings[-1][-1]:
            self.rings[-1].append(point)
        self._at = point

    def _cubic(self, pairs: list[Pair]) -> None:
        first, second, end = pairs
        bend = max(_bend(self._at, first, second), _bend(first, second, end))
        self._chords([self._at, first, second, end], sqrt(0.75 * bend / self._tolerance))
        self._control = second

    def _quadratic(self, pairs: list[Pair]) -> None:
        control, end = pairs
        self._chords([self._at, control, end], sqrt(0.25 * _bend(self._at, control, end) / self._tolerance))
        self._control = control

    def _chords(self, points: list[Pair], count: float) -> None:
        """The curve of some control points as chords (de Casteljau)."""
        parts = min(max(ceil(count), 1), _MOST_CHORDS)
        for part in range(1, parts):
            left, t = points, part / parts
            while len(left) > 1:
                left = [(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t) for (x1, y1), (x2, y2) in pairwise(left)]
            self._to(left[0])
        self._to(points[-1])


def _bend(a: Pair, b: Pair, c: Pair) -> float:
    """How far three control points are from a line in equal steps."""
    return max(abs(p - 2 * q + r) for p, q, r in zip(a, b, c, strict=True)) * sqrt(2)


def _mirrored(point: Pair, centre: Pair) -> Pair:
    return 2 * centre[0] - point[0], 2 * centre[1] - point[1]
