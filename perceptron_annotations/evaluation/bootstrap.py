"""Figures with the interval in which they lie, and whether one model's are better than another's.

A figure is a sum over pictures by another sum over pictures. For intervals pictures are drawn with replacement (a
bootstrap), by how often each is drawn; for a comparison the same draws serve both sides. Whether two models differ is
asked by a test that holds for few pictures too: each picture's two answers change places by the toss of a coin
(Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from ..errors import UsageError
from ..ops.arrays import Floats

#: How often pictures are drawn at a time: samples times pictures.
_DRAWN_TOGETHER = 2**22
_TAILS = (0.025, 0.975)
#: Differences that are equal but for the order of a sum.
_ROUNDING = 1e-12


class Figure(NamedTuple):
    """The parts of a figure, a number for each picture: it is the sum of ``part`` by that of ``whole``."""

    name: str
    part: Floats
    whole: Floats

    @property
    def value(self) -> float:
        """The figure; NaN of nothing."""
        return share(float(self.part.sum()), float(self.whole.sum()))


class Interval(Struct, frozen=True):
    """Where a figure lies with 95 % of the samples of pictures drawn with replacement."""

    low: float
    high: float


class Measured(Struct, frozen=True):
    """A figure and its interval."""

    value: float
    interval: Interval


class Comparison(Struct, frozen=True, kw_only=True):
    """How much better the second is than the first, on the same pictures."""

    figure: str
    first: float
    second: float
    #: Of the difference, second less first.
    interval: Interval
    #: Two-sided: how often a difference as large comes about where each picture's two answers change places by chance.
    p_value: float


def share(part: float, whole: float) -> float:
    """``part / whole``; NaN of nothing."""
    return part / whole if whole else nan


def measure(figures: Sequence[Figure], *, samples: int, seed: int) -> dict[str, Measured]:
    """Each figure by its name; intervals from ``samples`` draws of pictures, NaN for none."""
    sampled = _sampled([figures], samples, seed)[0]
    return {
        figure.name: Measured(figure.value, _interval(values)) for figure, values in zip(figures, sampled, strict=True)
    }


def compare(
    first: Sequence[Figure], second: Sequence[Figure], *, samples: int = 10_000, seed: int = 0
) -> tuple[Comparison, ...]:
    """Each figure of the second against that of the first; NaN where either is not defined.

    Raises ``UsageError`` where the two do not have the same figures of as many pictures.
    """
    shapes = [[(figure.name, len(figure.part)) for figure in side] for side in (first, second)]
    if shapes[0] != shapes[1]:
        raise UsageError("compare figures of the same pictures, thresholds and tasks")
    found = []
    ones, others = _sampled([first, second], samples, seed)
    for one, other, drawn, swapped in zip(
        first, second, others - ones, _swapped(first, second, samples, seed), strict=True
    ):
        found.append(
            Comparison(
                figure=one.name,
                first=one.value,
                second=other.value,
                interval=_interval(drawn),
                p_value=_p_value(other.value - one.value, swapped),
            )
        )
    return tuple(found)


def _p_value(apart: float, swapped: Floats) -> float:
    """The share of differences by chance that are as large, with the one that was measured among them."""
    defined = swapped[~np.isnan(swapped)]
    if isnan(apart) or not len(defined):
        return nan
    return (int((np.abs(defined) >= abs(apart) - _ROUNDING).sum()) + 1) / (len(defined) + 1)


def _sampled(sides: Sequence[Sequence[Figure]], samples: int, seed: int) -> list[Floats]:
    """``(F, S)`` of each side: its figures in each draw of pictures, which is the same for all sides."""
    images = len(sides[0][0].part) if sides[0] else 0
    if not images or not samples:
        return [np.empty((len(side), 0)) for side in sides]
    found: list[list[Floats]] = [[] for _ in sides]
    columns = [_columns(side) for side in sides]
    rng = np.random.default_rng(seed)
    for count in _steps(images, samples):
        drawn = _drawn(rng, count, images)
        for (part, whole), values in zip(columns, found, strict=True):
            values.append(_shares(drawn @ part, drawn @ whole))
    return [np.concatenate(values, axis=1) for values in found]


def _drawn(rng: np.random.Generator, count: int, images: int) -> Floats:
    """``(S, I)``: how often each picture is drawn; counting places is faster than a multinomial distribution."""
    places = rng.integers(0, images, (count, images)) + np.arange(count)[:, None] * images
    return np.bincount(places.ravel(), minlength=count * images).reshape(count, images).astype(np.float64)


def _swapped(first: Sequence[Figure], second: Sequence[Figure], samples: int, seed: int) -> Floats:
    """``(F, S)``: the differences, second less first, where some pictures' answers of the two change places."""
    images = len(first[0].part) if first else 0
    found = [np.empty((len(first), 0))]
    if images:
        (part, whole), (other_part, other_whole) = _columns(first), _columns(second)
        rng = np.random.default_rng(seed)
        for count in _steps(images, samples):
            swaps = rng.integers(0, 2, (count, images)).astype(np.float64)
            moved, moved_whole = swaps @ (other_part - part), swaps @ (other_whole - whole)
            ones = _shares(part.sum(axis=0) + moved, whole.sum(axis=0) + moved_whole)
            others = _shares(other_part.sum(axis=0) - moved, other_whole.sum(axis=0) - moved_whole)
            found.append(others - ones)
    return np.concatenate(found, axis=1)


def _columns(figures: Sequence[Figure]) -> tuple[Floats, Floats]:
    """``(I, F)`` each: the parts of figures, and what they are of."""
    return (
        np.column_stack([figure.part for figure in figures]),
        np.column_stack([figure.whole for figure in figures]),
    )


def _shares(part: Floats, whole: Floats) -> Floats:
    """``(F, S)`` of ``(S, F)``: the figures, NaN of nothing."""
    shares: Floats = np.divide(part, whole, out=np.full(whole.shape, nan), where=whole > 0)
    return shares.T


def _steps(images: int, samples: int) -> Iterator[int]:
    """How many samples are drawn at a time."""
    step = max(1, _DRAWN_TOGETHER // images)
    for start in range(0, samples, step):
        yield min(step, samples - start)


def _interval(values: Floats) -> Interval:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return Interval(nan, nan)
    low, high = np.quantile(defined, _TAILS).tolist()
    return Interval(low, high)
