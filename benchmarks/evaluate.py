"""``python -m benchmarks.evaluate``: COCO's metrics on data of COCO's size, peers and this library in one process.

Arrays in, metrics out: 5,000 images, 36,000 truths, 50,000 detections, 80 labels. The peers' index of their input is
made before the clock starts, as arrays are. Then the same from two files, reading included, against faster-coco-eval,
which is left out if it is not installed. Last the command ``perceptron-annotations evaluate`` on recorded answers that
this file makes up, the whole process: four times the answers must not take much more than four times as long; and the
CPU time of its stages.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe
from perceptron_annotations.evaluation import evaluate_coco_files
from perceptron_annotations.evaluation.coco_arrays import Detections, Truths, average_precision

_IMAGES, _LABELS, _TRUTHS, _DETECTIONS = 5_000, 80, 36_000, 50_000
_ROUNDS = 3
#: Recorded answers of the command, and how much longer it may take for the second number than for the first.
_ANSWERS, _GROWTH = (8_000, 32_000), 4.5
_BOXES = 6


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


def write_answers(folder: Path, count: int) -> tuple[Path, Path]:
    """Recorded answers of ``count`` images with some boxes each, and a truth from which they differ a little."""
    rng = np.random.default_rng(2)
    low = rng.integers(0, 800, (count, _BOXES, 2))
    boxes = np.concatenate([low, low + rng.integers(40, 200, (count, _BOXES, 2))], axis=2)
    said = np.clip(boxes + rng.integers(-15, 16, boxes.shape), 0, 1000).tolist()
    answers, truth = folder / f"answers_{count}.jsonl", folder / f"truth_{count}.json"
    with answers.open("w") as file:
        for number, shapes in enumerate(said):
            marked = [f'<point_box mention="cup"> ({a},{b}) ({c},{d}) </point_box>' for a, b, c, d in shapes]
            file.write(json.dumps(_recorded(number, f"I see {_BOXES} cups: " + " ".join(marked))) + "\n")
    image = np.repeat(np.arange(count), _BOXES).tolist()
    xywh = np.concatenate([low, boxes[:, :, 2:] - low], axis=2).reshape(-1, 4).tolist()
    annotations = [
        {"id": number, "image_id": place, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
        for number, (place, box) in enumerate(zip(image, xywh, strict=True), start=1)
    ]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 1000, "height": 1000} for n in range(count)]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cup"}]}
    truth.write_text(json.dumps(content))
    return answers, truth


def _recorded(number: int, text: str) -> dict[str, Any]:
    """A line of a file of recordings."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {
        "response": {"id": f"r{number}", "model": "made-up", "choices": [choice]},
        "request": {"messages": [{"role": "user", "content": "Box every cup."}]},
        "assets": [{"file_name": f"{number}.jpg", "width": 1000, "height": 1000}],
    }


def measure_command() -> None:
    """The command on recorded answers, all of its process."""
    few, many = _ANSWERS
    with tempfile.TemporaryDirectory() as folder:
        files = {count: write_answers(Path(folder), count) for count in _ANSWERS}

        def run(count: int) -> None:
            answers, truth = files[count]
            command = [sys.executable, "-m", "perceptron_annotations", "evaluate", answers, "--truth", truth]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own

        pairs = [(seconds(lambda: run(many)), seconds(lambda: run(few))) for _ in range(_ROUNDS)]
        stages = _stages(*files[many])
    slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
    growth = statistics.median(slow / fast for slow, fast in pairs)
    print(
        f"\nevaluate: {few:,} recorded answers {fast:.2f} s, {many:,} {slow:.2f} s, {growth:.2f}x (at most {_GROWTH}x)"
    )
    print(f"CPU time of {many:,}: " + ", ".join(f"{name} {took:.2f} s" for name, took in stages.items()))


def _stages(answers: Path, truth: Path) -> dict[str, float]:
    """The CPU time of what the command does, apart from starting."""
    from perceptron_annotations.evaluation import evaluate, read_predictions, read_truth

    clock = [time.process_time()]
    true = read_truth(truth)
    clock.append(time.process_time())
    predictions = read_predictions(answers, true)
    clock.append(time.process_time())
    evaluate(predictions, true, worst=10)
    clock.append(time.process_time())
    names = ("the truth", "the answers", "comparing them")
    return {name: end - start for name, (start, end) in zip(names, pairwise(clock), strict=True)}


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
    measure_command()


if __name__ == "__main__":
    main()
