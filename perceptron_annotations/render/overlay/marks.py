"""What is drawn: shapes in pixels of the image, each with the words and the colour that belong to it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from ...geometry import Box, Clip, Point, Polygon, Track
from .strokes import Pair


class Verdict(StrEnum):
    """What became of a prediction or of a truth when the two were compared."""

    TP = "TP"
    FP = "FP"
    FN = "FN"
    FOUND = "found"

    @property
    def meaning(self) -> str:
        """The words of it."""
        return _MEANINGS[self]


_MEANINGS = {
    Verdict.TP: "TP: right",
    Verdict.FP: "FP: wrong",
    Verdict.FN: "FN: missed",
    Verdict.FOUND: "truth of a TP",
}


class Pose(NamedTuple):
    """The labelled keypoints of an object, and the lines that join them."""

    points: tuple[Pair, ...]
    #: Whether each is hidden behind something.
    hidden: tuple[bool, ...]
    lines: tuple[tuple[Pair, Pair], ...]


Drawable: TypeAlias = Box | Point | Polygon | Track | Pose | Clip


class Mark(NamedTuple):
    """A shape in pixels of the image that is drawn on, and what is written beside it."""

    shape: Drawable
    #: What it is called, which its colour follows.
    label: str | None
    score: float | None = None
    verdict: Verdict | None = None
    #: False for what another mark of its object stands for: all but the first ring of a mask, and keypoints.
    is_first: bool = True

    @property
    def is_named(self) -> bool:
        """Whether it has a label: a truth that was found has that of its match."""
        return self.is_first and self.verdict is not Verdict.FOUND
