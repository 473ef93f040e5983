"""Metrics with the interval in which they lie, and whether one model's are better than another's.

A metric is a sum over images divided by another sum over images. For intervals images are drawn with replacement (a
bootstrap), by how often each is drawn; for a comparison the same draws serve both sides. Whether two models differ is
asked by a test that holds for few images too: each image's two answers change places by the toss of a coin
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

#: How many numbers are drawn at a time: samples times images.
_DRAWN_TOGETHER = 2**22
_TAILS = (0.025, 0.975)
#: Differences that are equal but for the order of a sum.
_ROUNDING = 1e-12


class Metric(NamedTuple):
    """The parts of a metric, a number for each image: its value is the sum of ``part`` by the sum of ``whole``.

    >>> import numpy as np
    >>> Metric("recall", part=np.array([1.0, 0.0]), whole=np.array([2.0, 2.0])).value
    0.25
    """

    name: str
    part: Floats
    whole: Floats

    @property
    def value(self) -> float:
        """The metric; NaN if the sum of ``whole`` is 0."""
        return share(float(self.part.sum()), float(self.whole.sum()))


class Interval(Struct, frozen=True):
    """Where a number lies in 95 % of the samples, each of which draws images with replacement; NaN if not sampled."""

    low: float
    high: float


class Estimate(Struct, frozen=True):
    """The value of a metric, NaN if it is not defined, and its interval."""

    value: float
    interval: Interval


class Comparison(Struct, frozen=True, kw_only=True):
    """One metric of two models on the same images; NaN if either is not defined."""

    first: float
    second: float
    #: ``second - first``, with its interval.
    difference: Estimate
    #: Two-sided: the share of random exchanges of the two answers of each image whose difference is as large.
    p_value: float


def share(part: float, whole: float) -> float:
    """``part / whole``; NaN if ``whole`` is 0."""
    return part / whole if whole else nan


def estimate(metrics: Sequence[Metric], *, samples: int, seed: int) -> dict[str, Estimate]:
    """Each metric by its name; intervals from ``samples`` draws of images, NaN for none."""
    sampled = _sampled([metrics], samples, seed)[0]
    return {
        metric.name: Estimate(metric.value, _interval(values)) for metric, values in zip(metrics, sampled, strict=True)
    }


def compare_metrics(
    first: Sequence[Metric], second: Sequence[Metric], *, samples: int, seed: int
) -> dict[str, Comparison]:
    """Each metric of the second against that of the first, by name.

    Raises ``UsageError`` if the two do not have the same metrics of as many images.
    """
    shapes = [[(metric.name, len(metric.part)) for metric in side] for side in (first, second)]
    if shapes[0] != shapes[1]:
        raise UsageError("compare evaluations of the same images, thresholds and tasks")
    ones, others = _sampled([first, second], samples, seed)
    swapped = _swapped(first, second, samples, seed)
    return {
        one.name: Comparison(
            first=one.value,
            second=other.value,
            difference=Estimate(other.value - one.value, _interval(drawn)),
            p_value=_p_value(other.value - one.value, chance),
        )
        for one, other, drawn, chance in zip(first, second, others - ones, swapped, strict=True)
    }


def _p_value(apart: float, swapped: Floats) -> float:
    """The share of differences by chance that are as large, with the one that was measured among them."""
    defined = swapped[~np.isnan(swapped)]
    if isnan(apart) or not len(defined):
        return nan
    return (int((np.abs(defined) >= abs(apart) - _ROUNDING).sum()) + 1) / (len(defined) + 1)


def _sampled(sides: Sequence[Sequence[Metric]], samples: int, seed: int) -> list[Floats]:
    """``(F, S)`` of each side: its metrics in each draw of images, which is the same for all sides."""
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
    """``(S, I)``: how often each image is drawn; counting places is faster than a multinomial distribution."""
    places = rng.integers(0, images, (count, images)) + np.arange(count)[:, None] * images
    return np.bincount(places.ravel(), minlength=count * images).reshape(count, images).astype(np.float64)


def _swapped(first: Sequence[Metric], second: Sequence[Metric], samples: int, seed: int) -> Floats:
    """``(F, S)``: the differences, second less first, if the two answers of some images change places."""
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


def _columns(metrics: Sequence[Metric]) -> tuple[Floats, Floats]:
    """``(I, F)`` each: the parts of metrics, and what they are parts of."""
    return (
        np.column_stack([metric.part for metric in metrics]),
        np.column_stack([metric.whole for metric in metrics]),
    )


def _shares(part: Floats, whole: Floats) -> Floats:
    """``(F, S)`` of ``(S, F)``: the metrics, NaN where the whole is 0."""
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
