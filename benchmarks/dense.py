"""What thousands of equal labels in one image cost: ``consensus`` of three answers, and ``evaluate``.

    python -m benchmarks.dense [--boxes 2000 4000 8000]

Three kinds of images: boxes on a grid, each of which overlaps 8 others; boxes in a row, each of which overlaps 18; and
all in one place, as in an answer that repeats itself. Each measurement runs in a process of its own; printed are its
processor time, its peak of memory, and how much more time it takes than the measurement before it.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from perceptron_annotations import AnnotationKind, evaluate, ops, parse_batch
from perceptron_annotations.datasets import Dataset, DatasetAsset, boxes_dataset

_SAMPLES = 3
_MEGABYTE = 1024


#: How many places there are in a row, and how many pixels apart these are.
_KINDS = {"8": (None, 12.0), "18": (1, 2.1), "all": (None, 0.0)}


def boxes(count: int, kind: str, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Boxes of 20 by 20 pixels, each moved a little from its place."""
    rng = np.random.default_rng(seed)
    columns, apart = _KINDS[kind]
    places = np.stack(np.divmod(np.arange(count), columns or int(np.ceil(np.sqrt(count)))), axis=1) * apart
    corners = places + rng.uniform(0, min(apart, 1.0) or 2.0, (count, 2))
    return np.hstack([corners, corners + 20.0])


def dataset(count: int, kind: str, seed: int) -> Dataset:
    """Boxes of one label in one image."""
    image = DatasetAsset(file_name="a.jpg", width=10_000, height=10_000)
    found = boxes(count, kind, seed)
    return boxes_dataset([image], ["person"], np.zeros(count, dtype=int), found, np.zeros(count, dtype=int))


def evaluated(count: int, kind: str) -> str:
    """``evaluate`` of so many predictions against as many truths."""
    report = evaluate(*(dataset(count, kind, seed) for seed in (1, 2)))
    assert report.detection is not None  # noqa: S101 - of this benchmark
    scores = report.detection.overall[0]
    return f"TP {scores.true_positives}, greedy components {report.detection.greedy_components}"


def agreed(count: int, kind: str) -> str:
    """``consensus`` of three answers of so many boxes."""
    answers = [
        "".join(
            f'<point_box mention="person"> ({x1:.0f},{y1:.0f}) ({x2:.0f},{y2:.0f}) </point_box>'
            for x1, y1, x2, y2 in (boxes(count, kind, seed) * 4).tolist()
        )
        for seed in range(_SAMPLES)
    ]
    table = parse_batch(answers)
    found = ops.consensus(table, questions=[0] * _SAMPLES)
    return f"{int((found.kind == AnnotationKind.BOX).sum())} objects"


_MEASURED = {"evaluate": evaluated, "consensus": agreed}


def measure(name: str, count: int, kind: str) -> tuple[float, int, str]:
    """Seconds of processor time, megabytes and what came out, in a process of its own."""
    call = [sys.executable, "-m", "benchmarks.dense", "--one", name, str(count), kind]
    done = subprocess.run(call, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    seconds, megabytes, result = done.stdout.strip().split("|")
    return float(seconds), int(megabytes), result


def _one(name: str, count: int, kind: str) -> None:
    _MEASURED[name](10, kind)  # what is imported is not measured
    start = time.process_time()
    result = _MEASURED[name](count, kind)
    seconds = time.process_time() - start
    print(f"{seconds:.3f}|{_peak() // _MEGABYTE}|{result}")


def _peak() -> int:
    """The most kilobytes that this process held. Linux hands ``ru_maxrss`` on from the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])  # type: ignore[index]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--boxes", type=int, nargs="+", default=[2_500, 5_000, 10_000])
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        _one(given.one[0], int(given.one[1]), given.one[2])
        return
    print(describe("numpy", "shapely"))
    print(f"\n{'':10} {'overlapping':>11} {'boxes':>7} {'seconds':>8} {'growth':>7} {'MB':>6}")
    for name in _MEASURED:
        for kind in _KINDS:
            before: float | None = None
            for count in given.boxes:
                seconds, megabytes, result = measure(name, count, kind)
                growth = "" if before is None else f"{seconds / before:.1f}"
                print(f"{name:10} {kind:>11} {count:7} {seconds:8.2f} {growth:>7} {megabytes:6}  {result}", flush=True)
                before = seconds


if __name__ == "__main__":
    main()
