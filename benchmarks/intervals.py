"""How often intervals hold what they should, and how often two equal models seem to differ.

    python -m benchmarks.intervals [--datasets 1000]

Datasets are simulated whose precision, recall, F1 and accuracy are known: images differ in how many objects they have,
and in how easy they are, so that the objects of an image are right or wrong together. Printed is the share of datasets
whose interval holds the true value, which should be about 0.95, for several numbers of images; and under the null, the
share of pairs of equally good models whose p is below 0.05, which should be at most about 0.05.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from perceptron_annotations.evaluation import Metric
from perceptron_annotations.evaluation.intervals import compare_metrics, estimate

#: Images of a dataset.
SIZES = (24, 50, 100, 400)
#: From so many images the true values are taken.
_MANY = 400_000
_EXCHANGES = 1_000


class World(NamedTuple):
    """What images are like."""

    name: str
    #: The share of truths that are found, on average, and how alike images are: low is more different.
    found: float
    alike: float
    #: Objects of an image on average, and false positives.
    objects: float
    wrong: float


WORLDS = (
    World("ordinary", found=0.75, alike=8.0, objects=5.0, wrong=1.0),
    World("good", found=0.95, alike=8.0, objects=5.0, wrong=0.3),
    World("nearly perfect", found=0.99, alike=20.0, objects=4.0, wrong=0.05),
    World("one object", found=0.9, alike=5.0, objects=1.0, wrong=0.2),
    World("uneven", found=0.7, alike=1.5, objects=6.0, wrong=1.5),
)


def metrics_of(world: World, images: int, rng: np.random.Generator) -> list[Metric]:
    """Precision, recall, F1 and accuracy of a model on new images."""
    easy = rng.beta(world.found * world.alike, (1 - world.found) * world.alike, images)
    truths = 1 + rng.poisson(world.objects - 1, images) if world.objects > 1 else rng.binomial(1, 0.9, images)
    matched = rng.binomial(truths, easy)
    predicted = matched + rng.poisson(world.wrong * 2 * (1 - easy), images)
    asked = np.minimum(truths, 3)
    columns = {
        "precision": (matched, predicted),
        "recall": (matched, truths),
        "f1": (matched, (predicted + truths) / 2),
        "accuracy": (rng.binomial(asked, easy), asked),
    }
    return [Metric(name, part.astype(float), np.asarray(whole, dtype=float)) for name, (part, whole) in columns.items()]


def coverage(world: World, images: int, datasets: int, rng: np.random.Generator) -> dict[str, float]:
    """The share of datasets whose interval holds the true value, by metric."""
    true = {metric.name: metric.value for metric in metrics_of(world, _MANY, rng)}
    held = dict.fromkeys(true, 0)
    for _ in range(datasets):
        for name, found in estimate(metrics_of(world, images, rng)).items():
            held[name] += found.interval.low <= true[name] <= found.interval.high
    return {name: count / datasets for name, count in held.items()}


def false_alarms(world: World, images: int, datasets: int, rng: np.random.Generator) -> dict[str, float]:
    """The share of pairs of equally good models whose p is below 0.05, by metric."""
    low: dict[str, int] = {}
    for seed in range(datasets):
        names = [f"{seed}/{image}.jpg" for image in range(images)]
        sides = metrics_of(world, images, rng), metrics_of(world, images, rng)
        found = compare_metrics(*sides, images=names, exchanges=_EXCHANGES, seed=0)
        for name, each in found.items():
            low[name] = low.get(name, 0) + (each.p_value < 0.05)
    return {name: count / datasets for name, count in low.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=1000)
    datasets = parser.parse_args(arguments).datasets
    rng = np.random.default_rng(0)
    measured = {"coverage of the 95 % interval": coverage, "share of p < 0.05 under the null": false_alarms}
    for title, measure in measured.items():
        print(f"\n{title}, {datasets} datasets\n")
        print(f"{'images like':16} {'images':>6}  precision   recall       f1  accuracy")
        for world in WORLDS:
            for images in SIZES:
                found = measure(world, images, datasets, rng)
                print(f"{world.name:16} {images:6}  " + "  ".join(f"{found[name]:8.3f}" for name in found))


if __name__ == "__main__":
    main()
