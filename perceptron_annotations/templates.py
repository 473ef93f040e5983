"""Constructors of values without the checks, for callers that know what the checks would find.

The parser has read each number by the grammar, and a table holds what was checked when it was made. Every field is
given by name; see :func:`.checked.unchecked`.
"""

from __future__ import annotations

from .checked import unchecked
from .geometry import Box, Clip, Collection, Point, Polygon, Track

new_point = unchecked(Point(0, 0))
new_box = unchecked(Box(0, 0, 1, 1))
new_polygon = unchecked(Polygon(((0, 0), (1, 0), (1, 1))))
new_clip = unchecked(Clip(0))
new_track = unchecked(Track((), complete=False))
new_collection = unchecked(Collection(()))
