"""``python -m benchmarks.ops``: geometry on whole batches, peers and this library in turn in one process.

Needs ``pip install supervision opencv-python-headless`` beside the ``test`` extra; a peer that is missing is left out.
``--pipeline`` instead runs a million responses through scaling, suppression and counting, and prints time and memory;
``--memory`` prints the peak of single calls on ten million boxes.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.machine import describe
from perceptron_annotations import ops

_MB = 1e6
Work = Callable[[], object]


def peer(name: str) -> Any:
    """A package to compare with, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"without {name}, which is not installed")
        return None


def seconds(work: Work) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(name: str, ours: Work, theirs: dict[str, tuple[Work, float]], rounds: int = 5) -> None:
    """Print one line for each peer: both times, the ratio, and the ratio that was asked for. Each runs once before."""
    for other, (work, wanted) in theirs.items():
        work()
        ours()
        pairs = [(seconds(work), seconds(ours)) for _ in range(rounds)]
        slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(slow / fast for slow, fast in pairs)
        print(f"{name:<34}{other:<22}{slow * 1e3:>10.1f}{fast * 1e3:>10.1f}{ratio:>9.2f}x{wanted:>8g}x")


def boxes(rng: np.random.Generator, count: int, image: float, largest: float) -> NDArray[np.float64]:
    """Ordered xyxy boxes."""
    first = rng.uniform(0, image, (count, 2))
    return np.hstack([first, first + rng.uniform(1, largest, (count, 2))])


def xywh(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """As COCO's tools want them."""
    return ops.box_convert(array, "xyxy", "xywh")


def pairwise(rng: np.random.Generator, coco: Any, supervision: Any) -> None:
    """Ten million pairs."""
    a, b = boxes(rng, 3163, 1000, 300), boxes(rng, 3163, 1000, 300)
    theirs: dict[str, tuple[Work, float]] = {}
    if coco:
        left, right, crowd = xywh(a), xywh(b), np.zeros(len(b), dtype=np.uint8)
        theirs["pycocotools"] = (lambda: coco.iou(left, right, crowd), 1.4)
    if supervision:
        theirs["supervision"] = (lambda: supervision.box_iou_batch(a, b), 2.5)
    compare("pairwise IoU, 10⁷ pairs", lambda: ops.box_iou(a, b), theirs)


def grouped(rng: np.random.Generator, coco: Any) -> None:
    """A hundred thousand images of eight by eight boxes."""
    images, each = 100_000, 8
    a, b = boxes(rng, images * each, 100, 60), boxes(rng, images * each, 100, 60)
    groups = np.repeat(np.arange(images), each)
    if coco:
        left, right, crowd = xywh(a), xywh(b), np.zeros(each, dtype=np.uint8)

        def loop() -> None:
            for start in range(0, len(left), each):
                coco.iou(left[start : start + each], right[start : start + each], crowd)

        compare(
            "grouped IoU, 10⁵ images",
            lambda: ops.grouped_box_iou(a, b, groups, groups),
            {"pycocotools, a loop": (loop, 5)},
            rounds=3,
        )


def suppression(rng: np.random.Generator, cv2: Any, supervision: Any) -> None:
    """A hundred thousand images of ten boxes, which the peers take one by one."""
    images, each = 100_000, 10
    found = boxes(rng, images * each, 100, 60)
    scores, labels = rng.uniform(0, 1, len(found)), rng.integers(0, 3, len(found))
    groups = np.repeat(np.arange(images), each)
    theirs: dict[str, tuple[Work, float]] = {}
    if cv2:  # it takes lists faster than arrays
        columns = xywh(found), scores, labels
        images = [[column[start : start + each].tolist() for column in columns] for start in range(0, len(found), each)]

        def batched() -> None:
            for image in images:
                cv2.dnn.NMSBoxesBatched(*image, 0.0, 0.5)

        theirs["cv2 NMSBoxesBatched"] = (batched, 3)
    if supervision:
        rows = np.hstack([found, scores[:, None], labels[:, None]])

        def loop() -> None:
            for start in range(0, len(rows), each):
                supervision.box_non_max_suppression(rows[start : start + each], 0.5)

        theirs["supervision"] = (loop, 20)
    compare("NMS, 10⁵ images", lambda: ops.nms(found, scores, groups=groups, labels=labels), theirs, rounds=3)


def one_image(rng: np.random.Generator, cv2: Any) -> None:
    """Ten thousand boxes in one image, with room and without."""
    for name, image, wanted in (("sparse", 10_000.0, 5.0), ("dense", 300.0, 0.5)):
        found, scores = boxes(rng, 10_000, image, 100), rng.uniform(0, 1, 10_000)
        theirs = partial(cv2.dnn.NMSBoxes, xywh(found).tolist(), scores.tolist(), 0.0, 0.5)
        compare(
            f"NMS, one image, 10⁴ boxes, {name}",
            partial(ops.nms, found, scores),
            {"cv2 NMSBoxes": (theirs, wanted)},
            rounds=3,
        )


def polygons(rng: np.random.Generator) -> None:
    """Convex polygons side by side."""
    count, corners = 20_000, 8
    angles = np.sort(rng.uniform(0, 2 * np.pi, (2, count, corners)), axis=2)
    centres = rng.uniform(0, 5, (2, count, 1, 2))
    rings = centres + 10 * np.stack([np.cos(angles), np.sin(angles)], axis=3)
    offsets = np.arange(0, count * corners + 1, corners)
    a, b = (ops.Rings(ring.reshape(-1, 2), offsets) for ring in rings)

    def with_shapely() -> object:
        left, right = (shapely.polygons(ring) for ring in rings)
        return shapely.area(shapely.intersection(left, right)) / shapely.area(shapely.union(left, right))

    compare("convex polygon IoU, 20,000 pairs", lambda: ops.polygon_iou_aligned(a, b), {"Shapely": (with_shapely, 5)})


def pipeline(responses: int) -> None:
    """Scale, suppress and count, all responses at once."""
    rng = np.random.default_rng(1)
    found = np.round(boxes(rng, responses * 10, 900, 100))
    groups, labels = np.repeat(np.arange(responses), 10), rng.integers(0, 5, responses * 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB
    start = time.perf_counter()
    scaled = found / 1000 * np.array([1920.0, 1080.0, 1920.0, 1080.0])
    kept = ops.nms(scaled, groups=groups, labels=labels)
    counts = np.bincount(groups[kept] * 5 + labels[kept], minlength=responses * 5)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB
    print(
        f"{responses:,} responses, {len(found):,} boxes: {took:.1f} s, peak {peak:.0f} MB ({before:.0f} MB before); "
        f"{len(kept):,} kept, {counts.sum():,} counted"
    )


def memory(responses: int) -> None:
    """The peak of one call, its input included, by the sizes of input and output."""
    rng = np.random.default_rng(1)
    found = boxes(rng, responses * 10, 900, 100)
    groups = np.repeat(np.arange(responses), 10)
    scores = rng.uniform(0, 1, len(found))
    half = len(found) // 2
    works: dict[str, tuple[Callable[[], Any], tuple[NDArray[Any], ...]]] = {
        "nms": (lambda: (ops.nms(found, groups=groups),), (found, groups)),
        "nms, scores": (lambda: (ops.nms(found, scores, groups=groups),), (found, groups, scores)),
        "grouped_box_iou": (
            lambda: ops.grouped_box_iou(found[:half], found[half:], groups[:half], groups[half:] - responses // 2),
            (found, groups),
        ),
    }
    print(f"{len(found):,} boxes")
    for name, (work, given) in works.items():
        tracemalloc.start()
        output = sum(column.nbytes for column in work())
        grown = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        input_ = sum(column.nbytes for column in given)
        ratio = (input_ + grown) / (input_ + output)
        print(f"{name:<18} input {input_ / _MB:.0f} MB, output {output / _MB:.0f} MB, peak {ratio:.2f}x of both")


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    print(
        describe("perceptron-annotations", "numpy", "shapely", "pycocotools", "supervision", "opencv-python-headless")
    )
    if options.pipeline:
        pipeline(1_000_000)
        return
    if options.memory:
        memory(1_000_000)
        return
    rng = np.random.default_rng(1)
    coco, supervision, cv2 = peer("pycocotools.mask"), peer("supervision"), peer("cv2")
    print(f"\n{'':<34}{'peer':<22}{'peer ms':>10}{'ours ms':>10}{'ratio':>10}{'wanted':>8}")
    pairwise(rng, coco, supervision)
    grouped(rng, coco)
    suppression(rng, cv2, supervision)
    if cv2:
        one_image(rng, cv2)
    polygons(rng)


if __name__ == "__main__":
    main()
