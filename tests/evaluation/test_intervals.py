"""Intervals: what they hold, what they need, and that they do not depend on anything but the images (E5)."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.intervals import WORLDS, coverage, false_alarms
from perceptron_annotations.evaluation import Metric, Scale
from perceptron_annotations.evaluation.intervals import compare_metrics, estimate, student


def interval_of(part, whole, scale=Scale.SHARE):
    found = estimate([Metric("m", np.array(part, dtype=float), np.array(whole, dtype=float), scale)])["m"].interval
    return found.low, found.high


@pytest.mark.parametrize("freedom", [*range(1, 40), 100, 1000, 10**6])
def test_e5_students_quantile_is_scipys(freedom):
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=5e-6)


@pytest.mark.parametrize("images", [24, 100])
def test_e5_coverage(images):
    """At least 0.93 of 400 datasets, less three standard deviations of such a count."""
    rng = np.random.default_rng(images)
    for world in WORLDS:
        for name, held in coverage(world, images, 400, rng).items():
            assert held >= 0.93 - 3 * math.sqrt(0.93 * 0.07 / 400), (world.name, name)


def test_e5_chance_alone_is_rarely_significant():
    found = false_alarms(WORLDS[0], 24, 200, np.random.default_rng(1))
    assert all(share < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200) for share in found.values())


def test_e5_without_an_error_there_is_an_exact_bound():
    """If 5 % of images had an error, 30 of them would have none with a chance of 0.95^30; the bound is at 5 %."""
    low, high = interval_of(np.full(30, 3), np.full(30, 3))
    assert (low**30, high) == (pytest.approx(0.05), 1.0)
    low, high = interval_of(np.zeros(30), np.full(30, 3))
    assert (low, (1 - high) ** 30) == (0.0, pytest.approx(0.05))
    assert interval_of(np.full(30, 3), np.full(30, 3), Scale.UNIT_MEAN)[1] == 1.0
    assert all(map(math.isnan, interval_of(np.zeros(30), np.full(30, 3), Scale.MEAN)))


def test_e5_few_images_have_no_interval():
    assert all(map(math.isnan, interval_of(np.ones(23), np.full(23, 2))))
    low, high = interval_of(np.ones(24), np.full(24, 2))
    assert low < 0.5 < high
    # Of 24 images one has objects, one of them right: hardly anything is known.
    low, high = interval_of([1, *[0] * 23], [6, *[0] * 23])
    assert low < 0.05
    assert high > 0.95


def test_e5_equal_images_are_as_good_as_their_objects():
    """Every image has one of two right: Wilson's interval of so many objects, not of no width."""
    low, high = interval_of(np.ones(50), np.full(50, 2))
    t, n = stats.t.ppf(0.975, 49), 100
    middle, width = 0.5 + t**2 / (2 * n), t * math.sqrt(0.25 / n + t**2 / (4 * n**2))
    assert (low, high) == (
        pytest.approx((middle - width) / (1 + t**2 / n), rel=1e-5),
        pytest.approx((middle + width) / (1 + t**2 / n), rel=1e-5),
    )


def test_e5_a_mean_has_students_interval():
    rng = np.random.default_rng(2)
    values = rng.normal(3, 1, 40)
    low, high = interval_of(values, np.ones(40), Scale.MEAN)
    wanted = stats.t.interval(0.95, 39, loc=values.mean(), scale=stats.sem(values))
    assert (low, high) == (pytest.approx(wanted[0], rel=1e-5), pytest.approx(wanted[1], rel=1e-5))


def test_e5_a_difference_has_students_interval_of_pairs():
    rng = np.random.default_rng(3)
    one, other = rng.random(40), rng.random(40)
    sides = [[Metric("m", part, np.ones(40), Scale.MEAN)] for part in (one, other)]
    images = [f"{number}.jpg" for number in range(40)]
    found = compare_metrics(*sides, images=images, exchanges=64, seed=0)["m"].difference.interval
    wanted = stats.t.interval(0.95, 39, loc=(other - one).mean(), scale=stats.sem(other - one))
    assert (found.low, found.high) == (pytest.approx(wanted[0], rel=1e-5), pytest.approx(wanted[1], rel=1e-5))


def test_e5_p_depends_on_the_names_of_the_images_alone():
    """The coins of an image are its own: in another order, among others without any difference, p is the same."""
    rng = np.random.default_rng(4)
    one, other = rng.integers(0, 2, (2, 30)).astype(float)
    images = [f"{number}.jpg" for number in range(30)]

    def p_value(order, extra=0):
        names = [*(images[place] for place in order), *(f"extra {number}" for number in range(extra))]
        sides = [[Metric("m", np.append(part[order], np.ones(extra)), np.ones(30 + extra))] for part in (one, other)]
        return compare_metrics(*sides, images=names, exchanges=1000, seed=0)["m"].p_value

    first = p_value(np.arange(30))
    assert first == p_value(rng.permutation(30)) == p_value(np.arange(30), extra=7)
    assert 0 < first < 1


def test_p_is_that_of_all_exchanges():
    """Of ten images that differ, all 2^10 exchanges can be counted."""
    apart = np.array([1, 1, 1, 1, 1, 1, 1, 1, -1, -1.0])
    signs = np.array(np.meshgrid(*[[1, -1]] * 10)).reshape(10, -1)
    wanted = (np.abs(apart @ signs) >= 6).mean()
    sides = [[Metric("m", part, np.ones(10))] for part in (np.zeros(10), apart)]
    found = compare_metrics(*sides, images=list("abcdefghij"), exchanges=20_000, seed=1)["m"].p_value
    assert found == pytest.approx(wanted, abs=0.01)
