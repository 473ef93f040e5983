"""Figures with the interval in which they lie, and whether one model's are better than another's.

A figure is a sum over pictures by another sum over pictures. Pictures are drawn with replacement (a bootstrap), by how
often each is drawn; for a comparison the same draws serve both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from ..errors import UsageError
from ..ops.arrays import Floats

#: How often pictures are drawn at a time: samples times pictures.
_DRAWN_TOGETHER = 2**22
_TAILS = (0.025, 0.975)


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
    #: Two-sided: how often a difference of the other sign is drawn, at least 1 in the number of samples.
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
    """Each figure of the second against that of the first.

    Raises ``UsageError`` where the two do not have the same figures of as many pictures.
    """
    shapes = [[(figure.name, len(figure.part)) for figure in side] for side in (first, second)]
    if shapes[0] != shapes[1]:
        raise UsageError("compare figures of the same pictures, thresholds and tasks")
    found = []
    for one, other, ones, others in zip(first, second, *_sampled([first, second], samples, seed), strict=True):
        apart = others - ones
        apart = apart[~np.isnan(apart)]
        rarer = min(int((apart <= 0).sum()), int((apart >= 0).sum()))
        found.append(
            Comparison(
                figure=one.name,
                first=one.value,
                second=other.value,
                interval=_interval(apart),
                p_value=min(1.0, max(2 * rarer, 1) / len(apart)) if len(apart) else nan,
            )
        )
    return tuple(found)


def _sampled(sides: Sequence[Sequence[Figure]], samples: int, seed: int) -> list[Floats]:
    """``(F, S)`` of each side: its figures in each draw of pictures, which is the same for all sides."""
    images = len(sides[0][0].part) if sides[0] else 0
    if not images or not samples:
        return [np.empty((len(side), 0)) for side in sides]
    found: list[list[Floats]] = [[] for _ in sides]
    parts = [np.column_stack([figure.part for figure in side]) for side in sides]
    wholes = [np.column_stack([figure.whole for figure in side]) for side in sides]
    for drawn in _draws(images, samples, seed):
        for part, whole, values in zip(parts, wholes, found, strict=True):
            below = drawn @ whole
            undefined = np.full(below.shape, nan)
            values.append(np.divide(drawn @ part, below, out=undefined, where=below > 0).T)
    return [np.concatenate(values, axis=1) for values in found]


def _draws(images: int, samples: int, seed: int) -> Iterator[Floats]:
    """``(S, I)``: how often each picture is drawn, some samples at a time."""
    rng = np.random.default_rng(seed)
    step = max(1, _DRAWN_TOGETHER // images)
    for start in range(0, samples, step):
        count = min(step, samples - start)
        drawn = rng.integers(0, images, (count, images)) + np.arange(count)[:, None] * images
        yield np.bincount(drawn.ravel(), minlength=count * images).reshape(count, images).astype(np.float64)


def _interval(values: Floats) -> Interval:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return Interval(nan, nan)
    low, high = np.quantile(defined, _TAILS).tolist()
    return Interval(low, high)
