"""``python -m benchmarks.convert``: recordings in JSONL → COCO, YOLO and Parquet, and the same job by hand.

By hand is what people write: ``json.loads`` for each line, the SDK for each answer, a dict for each box, ``json.dump``.
``--recordings N`` sets how many answers of ten boxes there are; time, rate and the peak of memory are printed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import describe

_BOXES = 10
_LABELS = ("person", "red car", "traffic light", "stop sign", "bicycle")


def write_recordings(path: Path, count: int) -> None:
    """Authored answers about pictures of known size."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            boxes = []
            for _ in range(_BOXES):
                x, y = rng.randrange(900), rng.randrange(900)
                corners = f"({x},{y}) ({x + rng.randrange(1, 100)},{y + rng.randrange(1, 100)})"
                boxes.append(f'<point_box mention="{rng.choice(_LABELS)}"> {corners} </point_box>')
            body = {
                "id": f"r{number}",
                "object": "chat.completion",
                "model": "perceptron-mk1",
                "choices": [
                    {"index": 0, "message": {"role": "assistant", "content": " ".join(boxes)}, "finish_reason": "stop"}
                ],
            }
            asset = {"file_name": f"{number:06}.jpg", "width": 1920, "height": 1080}
            file.write(json.dumps({"response": body, "assets": [asset]}) + "\n")


def by_hand(source: Path, target: Path) -> None:
    """The job with json and the SDK."""
    from perceptron.pointing.parser import collect_annotations

    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    categories: dict[str, int] = {}
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            recorded = json.loads(line)
            asset = recorded["assets"][0]
            width, height = asset["width"], asset["height"]
            images.append({"id": len(images) + 1, **asset})
            for box in collect_annotations(recorded["response"]["choices"][0]["message"]["content"]).boxes:
                x1, x2 = (value / 1000 * width for value in (box.top_left.x, box.bottom_right.x))
                y1, y2 = (value / 1000 * height for value in (box.top_left.y, box.bottom_right.y))
                category = categories.setdefault(box.mention, len(categories) + 1)
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": len(images),
                        "category_id": category,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "area": (x2 - x1) * (y2 - y1),
                        "segmentation": [],
                        "iscrowd": 0,
                    }
                )
    named = [{"id": code, "name": name} for name, code in categories.items()]
    with target.open("w", encoding="utf-8") as file:
        json.dump({"images": images, "annotations": annotations, "categories": named}, file)


def to_dataset(source: Path, target: Path, to: str) -> None:
    """The job with this library."""
    from perceptron_annotations import Gatherer, write_dataset

    write_dataset(Gatherer().read(source).dataset, target, to)


def to_parquet(source: Path, target: Path) -> None:
    """Answers as they are, without loss."""
    from perceptron_annotations import iter_tables, write_parquet

    write_parquet(iter_tables(source), target)


def run(job: str, source: Path, target: Path) -> None:
    """One job in this process, timed, with its peak of memory."""
    start = time.perf_counter()
    if job == "by hand":
        by_hand(source, target)
    elif job == "parquet":
        to_parquet(source, target)
    else:
        to_dataset(source, target, job)
    took = time.perf_counter() - start
    print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6]))


def main() -> None:
    """Run each job in a process of its own, so that peaks are apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=100_000)
    parser.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        run(options.job[0], Path(options.job[1]), Path(options.job[2]))
        return
    print(describe("perceptron-annotations", "perceptron", "pyarrow"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "answers.jsonl"
        write_recordings(source, options.recordings)
        print(f"\n{options.recordings:,} recordings of {_BOXES} boxes, {source.stat().st_size / 1e6:.0f} MB")
        slow = 0.0
        for job in ("by hand", "coco", "yolo", "parquet"):
            command = [sys.executable, "-m", "benchmarks.convert", "--job", job, str(source), f"{folder}/{job}.out"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
            found = json.loads(done.stdout)
            slow = slow or found[0]
            ratio = "" if job == "by hand" else f"{slow / found[0]:6.1f}x"
            print(
                f"{job:<10}{found[0]:8.1f} s {options.recordings / found[0]:10,.0f}/s  peak {found[1]:6.0f} MB {ratio}"
            )


if __name__ == "__main__":
    main()
