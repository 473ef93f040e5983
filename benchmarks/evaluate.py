"""``python -m benchmarks.evaluate``: COCO's metrics on data of COCO's size, peers and this library in one process.

Arrays in, metrics out: 5,000 images, 36,000 truths, 50,000 detections, 80 labels. The peers' index of their input is
made before the clock starts, as arrays are. Then the same from two files, reading included, against faster-coco-eval,
which is left out where it is not installed.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe
from perceptron_annotations.evaluation import evaluate_coco_files
from perceptron_annotations.evaluation.coco_arrays import Detections, Truths, average_precision

_IMAGES, _LABELS, _TRUTHS, _DETECTIONS = 5_000, 80, 36_000, 50_000
_ROUNDS = 3


def generated() -> tuple[Truths, Detections]:
    """Truths, and detections of which most are near one."""
    rng = np.random.default_rng(1)
    boxes = np.column_stack([rng.uniform(0, 500, (_TRUTHS, 2)), rng.lognormal(4, 0.8, (_TRUTHS, 2))])
    image, label = rng.integers(0, _IMAGES, _TRUTHS), rng.zipf(1.3, _TRUTHS) % _LABELS
    near = rng.integers(0, _TRUTHS, _DETECTIONS)
    moved = boxes[near] * rng.normal(1, 0.08, (_DETECTIONS, 4))
    moved[:, 2:] = np.abs(moved[:, 2:])
    elsewhere = rng.random(_DETECTIONS) < 0.2
    found = Detections(
        moved,
        np.where(elsewhere, rng.integers(0, _IMAGES, _DETECTIONS), image[near]),
        label[near],
        rng.random(_DETECTIONS),
    )
    return Truths(boxes, image, label, boxes[:, 2] * boxes[:, 3], rng.random(_TRUTHS) < 0.01), found


def entries(truths: Truths, found: Detections) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The annotations and results as COCO files have them."""
    annotations = [
        {
            "id": number,
            "image_id": int(i),
            "category_id": int(k),
            "bbox": list(map(float, box)),
            "area": float(area),
            "iscrowd": int(crowd),
        }
        for number, (box, i, k, area, crowd) in enumerate(zip(*map(np.asarray, truths), strict=True), start=1)
    ]
    results = [
        {"image_id": int(i), "category_id": int(k), "bbox": list(map(float, box)), "score": float(score)}
        for box, i, k, score in zip(*map(np.asarray, found), strict=True)
    ]
    return annotations, results


def peer(
    coco_module: str, eval_module: str, eval_name: str, truths: Truths, found: Detections
) -> Callable[[], Any] | None:
    """What evaluates with a tool that has pycocotools' interface."""
    try:
        coco_type = importlib.import_module(coco_module).COCO
        eval_type = getattr(importlib.import_module(eval_module), eval_name)
    except ImportError:
        print(f"without {coco_module}, which is not installed")
        return None
    annotations, results = entries(truths, found)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = coco_type()
        coco.dataset = {
            "info": {},
            "images": [{"id": image} for image in range(_IMAGES)],
            "categories": [{"id": label, "name": str(label)} for label in range(_LABELS)],
            "annotations": annotations,
        }
        coco.createIndex()
        other = coco.loadRes(results)

    def work() -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = eval_type(coco, other, "bbox")
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        return evaluation.stats

    return work


def write_files(folder: Path, truths: Truths, found: Detections) -> tuple[str, str]:
    """The truth as COCO instances and the detections as COCO results."""
    annotations, results = entries(truths, found)
    images = [{"id": image, "file_name": f"{image}.jpg", "width": 640, "height": 640} for image in range(_IMAGES)]
    categories = [{"id": label, "name": str(label)} for label in range(_LABELS)]
    truth = {"info": {}, "images": images, "categories": categories, "annotations": annotations}
    for name, content in (("truth", truth), ("results", results)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return str(folder / "truth.json"), str(folder / "results.json")


def compare_files(truths: Truths, found: Detections) -> None:
    """From files to metrics."""
    try:
        peer_module = importlib.import_module("faster_coco_eval")
    except ImportError:
        return
    with tempfile.TemporaryDirectory() as folder:
        truth, results = write_files(Path(folder), truths, found)

        def theirs() -> Any:
            with contextlib.redirect_stdout(io.StringIO()):
                coco = peer_module.COCO(truth)
                evaluation = peer_module.COCOeval_faster(coco, coco.loadRes(results), "bbox")
                evaluation.evaluate()
                evaluation.accumulate()
                evaluation.summarize()
            return evaluation.stats

        def ours() -> Any:
            return list(evaluate_coco_files(results, truth).average_precision.metrics.values())

        difference = np.abs(np.array(theirs())[:12] - ours()).max()
        pairs = [(seconds(theirs), seconds(ours)) for _ in range(_ROUNDS)]
    show("from files", pairs, 6, difference)


def show(name: str, pairs: list[tuple[float, float]], wanted: int, difference: float) -> None:
    """A row of the table."""
    slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(slow / fast for slow, fast in pairs)
    print(f"{name:<20}{slow * 1e3:>10.0f}{fast * 1e3:>10.1f}{ratio:>8.1f}x{wanted:>7}x{difference:>20}")


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Run all of it."""
    print(describe("perceptron-annotations", "numpy", "pycocotools", "faster-coco-eval"))
    truths, found = generated()
    ours = average_precision(found, truths, _LABELS)
    print(f"\n{'peer':<20}{'peer ms':>10}{'ours ms':>10}{'ratio':>9}{'wanted':>8}{'largest difference':>20}")
    for name, modules, wanted in (
        ("pycocotools", ("pycocotools.coco", "pycocotools.cocoeval", "COCOeval"), 50),
        ("faster-coco-eval", ("faster_coco_eval", "faster_coco_eval", "COCOeval_faster"), 8),
    ):
        work = peer(*modules, truths, found)
        if work is None:
            continue
        difference = np.abs(np.array(work())[:12] - list(ours.metrics.values())).max()
        pairs = [(seconds(work), seconds(lambda: average_precision(found, truths, _LABELS))) for _ in range(_ROUNDS)]
        show(name, pairs, wanted, difference)
    compare_files(truths, found)


if __name__ == "__main__":
    main()
