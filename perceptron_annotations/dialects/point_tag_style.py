"""The two styles of tags with points."""

from __future__ import annotations

from enum import StrEnum


class PointTagStyle(StrEnum):
    """Where the coordinates of a point stand."""

    NUMBERED = "numbered"
    """``<points x1="61.5" y1="40.4" x2="70.0" y2="40.9" alt="boat">boat</points>``."""
    COORDS = "coords"
    """``<points coords="1 1 615 404 2 700 409">boat</points>``: image, or time, and then number, x and y of each."""
