"""Metrics with the interval in which they lie, and whether one model's are better than another's.

A metric is a sum over images divided by another sum over images. One kind of interval serves all: how much the metric
would vary from one set of images to the next follows from the sums of squares and products over the images (the
linearised variance of a ratio; Cochran, Sampling Techniques, 1977, chapter 6), so that shards join exactly and nothing
is drawn. Shares get Wilson's interval for as many independent objects as vary so much (Korn and Graubard, 1998); means
and differences get Student's. A share without any variation, such as one without an error, gets an exact bound.

Whether two models differ is asked by a test that holds for few images too: each image's two answers change places by
the toss of a coin (Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989). The coins of an image follow from
its name, so that the other images do not matter to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from hashlib import blake2b
from math import fsum, isnan, nan, sqrt
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..errors import UsageError
from ..ops.arrays import Floats
from .metric_catalogue import Better

#: A difference with a smaller p is hardly chance.
SIGNIFICANT = 0.05
#: With fewer images there is no interval: it would be too wide to say anything, or too narrow to be true.
FEWEST_IMAGES = 24
#: How many numbers are tossed at a time: exchanges times images.
_TOSSED_TOGETHER = 2**22
#: The normal distribution leaves a 40th of itself above it.
_NORMAL = 1.959963984540054
#: Student's distributions with 1 to 9 degrees of freedom do above these.
_STUDENT = (12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818, 2.4469119, 2.3646243, 2.3060041, 2.2621572)
#: What an exact bound leaves outside.
_OUTSIDE = 0.05
#: Wilson's interval does not reach far enough if fewer objects than these are right, or wrong.
_RARE = 3.0
#: Differences that are equal but for the order of a sum.
_ROUNDING = 1e-12


class Scale(StrEnum):
    """What kind of number a metric is, which decides its interval."""

    SHARE = "share"
    """So many of so many objects: from 0 to 1, each object right or wrong."""
    UNIT_MEAN = "unit_mean"
    """The mean of numbers from 0 to 1."""
    MEAN = "mean"
    """The mean of any numbers."""


class Metric(NamedTuple):
    """The parts of a metric, a number for each image: its value is the sum of ``part`` by the sum of ``whole``.

    >>> import numpy as np
    >>> Metric("recall", part=np.array([1.0, 0.0]), whole=np.array([2.0, 2.0])).value
    0.25
    """

    name: str
    part: Floats
    whole: Floats
    scale: Scale = Scale.SHARE

    @property
    def value(self) -> float:
        """The metric; NaN if the sum of ``whole`` is 0."""
        return self.sums().value

    def sums(self) -> MetricSums:
        """What its value and its interval derive from."""
        part, whole = self.part, self.whole
        return MetricSums(
            images=len(part),
            measured=int(np.count_nonzero(whole)),
            part=float(part.sum()),
            whole=float(whole.sum()),
            part_part=float(part @ part),
            part_whole=float(part @ whole),
            whole_whole=float(whole @ whole),
        )


class MetricSums(NamedTuple):
    """What the value of a metric and its interval derive from: sums over images, so those of shards are added up.

    >>> import numpy as np
    >>> sums = Metric("recall", part=np.array([1.0, 0.0]), whole=np.array([2.0, 2.0])).sums()
    >>> sums.images, sums.whole, sums.estimate(Scale.SHARE).value
    (2, 4.0, 0.25)
    """

    #: How many images there are, and how many have anything to measure.
    images: int
    measured: int
    #: The sums of both, of their squares and of their products.
    part: float
    whole: float
    part_part: float
    part_whole: float
    whole_whole: float

    @property
    def value(self) -> float:
        """The metric; NaN if the sum of ``whole`` is 0."""
        return share(self.part, self.whole)

    @property
    def variance(self) -> float:
        """Of the metric, from one set of images to the next."""
        value = self.value
        squares = self.part_part - 2 * value * self.part_whole + value**2 * self.whole_whole
        if self.measured < 2 or squares <= _ROUNDING * self.part_part:  # noqa: PLR2004
            return 0.0
        return squares * self.measured / (self.measured - 1) / self.whole**2

    def estimate(self, scale: Scale) -> Estimate:
        """The value with its interval."""
        return Estimate(self.value, _interval(self, scale))


class Interval(Struct, frozen=True):
    """Where a metric would lie in 95 % of all sets of images like these; NaN if it is not known.

    It is not known of fewer than ``FEWEST_IMAGES`` images, nor of a mean of any numbers that are all equal.
    """

    low: float
    high: float


#: There are too few images for an interval, or nothing to measure.
NO_INTERVAL = Interval(nan, nan)


class Estimate(Struct, frozen=True):
    """The value of a metric, NaN if it is not defined, and its interval."""

    value: float
    interval: Interval


class Comparison(Struct, frozen=True, kw_only=True):
    """One metric of two models on the same images; NaN if either is not defined.

    >>> errors = Comparison(first=0.4, second=0.1, difference=Estimate(-0.3, NO_INTERVAL), p_value=0.01)
    >>> errors.better_by(Better.LOWER), errors.better_by(Better.HIGHER)
    (1, -1)
    """

    first: float
    second: float
    #: ``second - first``, with its interval.
    difference: Estimate
    #: Two-sided: the share of random exchanges of the two answers of each image whose difference is as large.
    p_value: float

    def better_by(self, better: Better) -> int:
        """1 if the second is better, -1 if the first is, 0 if they are equal or nothing is better."""
        if better is Better.NEITHER or isnan(self.difference.value):
            return 0
        if better is Better.NEARER_0:
            change = abs(self.first) - abs(self.second)
        else:
            change = self.difference.value if better is Better.HIGHER else -self.difference.value
        return (change > 0) - (change < 0)


def share(part: float, whole: float) -> float:
    """``part / whole``; NaN if ``whole`` is 0."""
    return part / whole if whole else nan


# -- one model -------------------------------------------------------------------------------------------------------


def estimate(metrics: Sequence[Metric]) -> dict[str, Estimate]:
    """Each metric by its name, with its interval."""
    return {metric.name: metric.sums().estimate(metric.scale) for metric in metrics}


def _interval(sums: MetricSums, scale: Scale) -> Interval:
    value, variance = sums.value, sums.variance
    if sums.images < FEWEST_IMAGES or isnan(value):
        return NO_INTERVAL
    if scale is Scale.SHARE:
        return _share_interval(sums)
    if variance == 0.0:
        exact = scale is Scale.UNIT_MEAN and value in (0.0, 1.0)
        return _exact_bound(value, sums.measured) if exact else NO_INTERVAL
    reach = student(sums.measured - 1) * sqrt(variance)
    low, high = value - reach, value + reach
    return Interval(max(low, 0.0), min(high, 1.0)) if scale is Scale.UNIT_MEAN else Interval(low, high)


def _share_interval(sums: MetricSums) -> Interval:
    """Wilson's, for as many independent objects as vary so much, which are never more than there are."""
    value, variance = sums.value, sums.variance
    if value in (0.0, 1.0):
        return _exact_bound(value, sums.measured)
    most = sums.whole if sums.measured > 1 else 1.0
    objects = min(value * (1 - value) / variance, most) if variance else most
    tail = student(max(sums.measured - 1, 1))
    reach = tail**2 / objects
    middle, width = value + reach / 2, sqrt(reach * (value * (1 - value) + reach / 4))
    low, high = (middle - width) / (1 + reach), (middle + width) / (1 + reach)
    right, wrong = value * objects, (1 - value) * objects
    return Interval(
        min(low, _fewest(right, tail) / objects) if right < _RARE else low,
        max(high, 1 - _fewest(wrong, tail) / objects) if wrong < _RARE else high,
    )


def _fewest(count: float, tail: float) -> float:
    """How few rare events are expected where so many were seen, at least (Byar's approximation of Poisson's bound)."""
    return count * max(0.0, 1 - 1 / (9 * count) - tail / (3 * sqrt(count))) ** 3


def _exact_bound(value: float, images: int) -> Interval:
    """If no image has an error (or none is without), the share of those that have one is below this in 95 %."""
    bound = 1 - _OUTSIDE ** (1 / images)
    return Interval(1 - bound, 1.0) if value else Interval(0.0, bound)


def student(freedom: int) -> float:
    """What leaves a 40th of Student's distribution above it (Abramowitz and Stegun, 26.7.5, from 10 degrees on)."""
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    z = _NORMAL
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + fsum(term / freedom**power for power, term in enumerate(terms, 1))


# -- two models ------------------------------------------------------------------------------------------------------


def compare_metrics(
    first: Sequence[Metric], second: Sequence[Metric], *, images: Sequence[str], exchanges: int, seed: int
) -> dict[str, Comparison]:
    """Each metric of the second against that of the first, by name; ``images`` are the names of the images.

    Raises ``UsageError`` if the two do not have the same metrics of as many images.
    """
    shapes = [[(metric.name, len(metric.part)) for metric in side] for side in (first, second)]
    if shapes[0] != shapes[1] or any(length != len(images) for _, length in shapes[0]):
        raise UsageError("compare evaluations of the same images, thresholds and tasks")
    swapped = _swapped(first, second, images, exchanges, seed)
    return {
        one.name: Comparison(
            first=one.value,
            second=other.value,
            difference=Estimate(other.value - one.value, _difference_interval(one, other)),
            p_value=_p_value(other.value - one.value, chance),
        )
        for one, other, chance in zip(first, second, swapped, strict=True)
    }


def _difference_interval(first: Metric, second: Metric) -> Interval:
    difference = second.value - first.value
    if len(first.part) < FEWEST_IMAGES or isnan(difference):
        return NO_INTERVAL
    apart = [(metric.part - metric.value * metric.whole) / metric.whole.sum() for metric in (first, second)]
    images = int(np.count_nonzero((first.whole != 0) | (second.whole != 0)))
    changes = apart[1] - apart[0]
    squares = float(changes @ changes)
    if images < 2 or squares <= _ROUNDING**2:  # noqa: PLR2004 - the two answers of every image are equally good
        bound = 1 - _OUTSIDE ** (1 / max(images, 1))
        if first.scale is Scale.MEAN:
            return NO_INTERVAL
    else:
        bound = student(images - 1) * sqrt(squares * images / (images - 1))
    low, high = difference - bound, difference + bound
    return Interval(low, high) if first.scale is Scale.MEAN else Interval(max(low, -1.0), min(high, 1.0))


def _p_value(apart: float, swapped: Floats) -> float:
    """The share of differences by chance that are as large, with the one that was measured among them."""
    defined = swapped[~np.isnan(swapped)]
    if isnan(apart) or not len(defined):
        return nan
    return (int((np.abs(defined) >= abs(apart) - _ROUNDING).sum()) + 1) / (len(defined) + 1)


def _swapped(
    first: Sequence[Metric], second: Sequence[Metric], images: Sequence[str], exchanges: int, seed: int
) -> Floats:
    """``(F, E)``: the differences, second less first, if the two answers of some images change places."""
    found = [np.empty((len(first), 0))]
    if first and len(images):
        (part, whole), (other_part, other_whole) = _columns(first), _columns(second)
        for swaps in _tosses(images, exchanges, seed):
            moved, moved_whole = swaps @ (other_part - part), swaps @ (other_whole - whole)
            ones = _shares(part.sum(axis=0) + moved, whole.sum(axis=0) + moved_whole)
            others = _shares(other_part.sum(axis=0) - moved, other_whole.sum(axis=0) - moved_whole)
            found.append(others - ones)
    return np.concatenate(found, axis=1)[:, :exchanges]


def _tosses(images: Sequence[str], exchanges: int, seed: int) -> Iterator[Floats]:
    """``(64 k, I)``: zeros and ones, some exchanges at a time; those of an image follow from its name and the seed."""
    key = seed.to_bytes(8, "little", signed=True)
    digests = b"".join(
        blake2b(name.encode("utf-8", "surrogatepass"), key=key, digest_size=8).digest() for name in images
    )
    names = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    words = -(-exchanges // 64)
    step = max(1, _TOSSED_TOGETHER // 64 // len(names))
    for start in range(0, words, step):
        number = np.arange(start, min(start + step, words), dtype=np.uint64)
        bits = _mixed(names + (number[:, None] + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
        spread = np.unpackbits(bits.view(np.uint8).reshape(len(number), len(names), 8), axis=2)
        yield spread.transpose(0, 2, 1).reshape(-1, len(names)).astype(np.float64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 bits that look random (SplitMix64; Steele, Lea and Flood, 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = np.ascontiguousarray(values ^ (values >> np.uint64(31)))
    return mixed


def _columns(metrics: Sequence[Metric]) -> tuple[Floats, Floats]:
    """``(I, F)`` each: the parts of metrics, and what they are parts of."""
    return (
        np.column_stack([metric.part for metric in metrics]),
        np.column_stack([metric.whole for metric in metrics]),
    )


def _shares(part: Floats, whole: Floats) -> Floats:
    """``(F, E)`` of ``(E, F)``: the metrics, NaN where the whole is 0."""
    shares: Floats = np.divide(part, whole, out=np.full(whole.shape, nan), where=whole > 0)
    return shares.T
