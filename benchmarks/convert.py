"""``python -m benchmarks.convert``: recordings in JSONL → COCO, YOLO and Parquet, and the same job by hand.

By hand is what people write: ``json.loads`` for each line, the SDK for each answer, a dict for each box, ``json.dump``.
``--recordings N`` sets how many answers of ten boxes there are; time, rate and the peak of memory are printed. Files of
YOLO's number are also written by themselves: that share of the job no converter can save. Then COCO → YOLO beside
``supervision``, where it is installed, in turn in one process and, where there is such, in a file system in memory. It
also prints what it costs to hand files to the disk before they take their place. ``--profile`` prints instead the CPU
time of COCO by hand and of each of our stages, in turn in one process, and what both take by the clock.

Our jobs run three times, and the median is printed. All jobs, the one by hand too, find their modules compiled, as they
are after an installation, whatever this process was told about bytecode.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from benchmarks.machine import describe

_BOXES = 10
_IMAGES, _SIDE, _TURNS = 2_000, 64, 3
_SYNCED = 20_000
_LABELS = ("person", "red car", "traffic light", "stop sign", "bicycle")


def write_recordings(path: Path, count: int) -> None:
    """Authored answers about images of known size."""
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


def to_coco(source: Path, target: Path) -> None:
    """A shard at a time."""
    from perceptron_annotations.datasets import RecordingImporter, write_coco

    write_coco(RecordingImporter().shards(source), target)


def to_yolo(source: Path, target: Path) -> None:
    """All at once, since a label file has all of its image."""
    from perceptron_annotations.datasets import RecordingImporter, write_yolo

    write_yolo(RecordingImporter().read(source)[0], target)


def files_alone(source: Path, target: Path) -> None:
    """As many files as YOLO has, of about their size, and nothing else."""
    with source.open("rb") as lines:
        count = sum(1 for _ in lines)
    target.mkdir()
    for number in range(count):
        with open(f"{target}/{number:06}.txt", "wb") as file:  # noqa: PTH123 - as YOLO's are written
            file.write(b"0" * 800)


def to_parquet(source: Path, target: Path) -> None:
    """Answers as they are, without loss."""
    from perceptron_annotations.table import iter_tables, write_parquet

    write_parquet(iter_tables(source), target)


JOBS = {"by hand": by_hand, "coco": to_coco, "parquet": to_parquet, "yolo": to_yolo, "files alone": files_alone}


def run(job: str, source: Path, target: Path) -> None:
    """One job in this process, timed, with its peak of memory."""
    start = time.perf_counter()
    JOBS[job](source, target)
    took = time.perf_counter() - start
    print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6]))


def profile(source: Path, folder: Path) -> None:
    """CPU time of the job by hand, and of the stages of ours; the least of some turns."""
    turns = []
    for _ in range(_TURNS):
        hand, ours = _timed(by_hand, source, folder / "hand"), _timed(to_coco, source, folder / "ours")
        turns.append({"by hand": hand.cpu, "by hand, clock": hand.clock, "clock": ours.clock})
        turns[-1] |= _stages(source, folder / "ours")
    least = {name: min(turn[name] for turn in turns) for name in turns[0]}
    hand, ours = (
        _Spent(least.pop("by hand"), least.pop("by hand, clock")),
        _Spent(least.pop("in all"), least.pop("clock")),
    )
    print(f"{'by hand':<26}{hand.cpu:8.2f} s")
    for name, took in least.items():
        print(f"{name:<26}{took:8.2f} s{took / ours.cpu:6.0%}")
    print(f"{'in all':<26}{ours.cpu:8.2f} s {hand.cpu / ours.cpu:6.1f}x")
    print(f"{'by the clock':<26}{ours.clock:8.2f} s {hand.clock / ours.clock:6.1f}x")


class _Spent(NamedTuple):
    """Seconds of the processor, of all threads together, and of the clock."""

    cpu: float
    clock: float


def _timed(job: Callable[[Path, Path], None], source: Path, target: Path) -> _Spent:
    cpu, clock = time.process_time(), time.perf_counter()
    job(source, target)
    return _Spent(time.process_time() - cpu, time.perf_counter() - clock)


def _stages(source: Path, target: Path) -> dict[str, float]:
    """The CPU time of each stage of the way to COCO, whichever thread does it."""
    from perceptron_annotations.datasets import RecordingImporter, write_coco
    from perceptron_annotations.datasets.formats.coco import instances
    from perceptron_annotations.datasets.recording_importer import SHARD_SIZE
    from perceptron_annotations.table import iter_recorded

    spent = dict.fromkeys(("reading", "importing", "ids and images", "measures and text"), 0.0)

    def timed(name: str, items: Iterator[Any], inside: str | None = None) -> Iterator[Any]:
        while True:
            start, before = time.thread_time(), spent.get(inside or "", 0.0)
            item = next(items, None)
            spent[name] += time.thread_time() - start - (spent.get(inside or "", 0.0) - before)
            if item is None:
                return
            yield item

    def objects(writing: Any, shard: Any) -> Any:
        (found,) = timed("ids and images", (made(writing, each) for each in (shard,)))
        return found

    writer = instances._Writing  # noqa: SLF001 - its stages are what is measured
    importer, made, texts = RecordingImporter(), writer.objects, instances.annotation_texts
    tables = timed("reading", iter_recorded(source, batch_size=SHARD_SIZE))
    shards = timed("importing", map(importer.add_batch, tables), inside="reading")
    start = time.process_time()
    with (
        mock.patch.object(writer, "objects", objects),
        mock.patch.object(instances, "annotation_texts", lambda some: timed("measures and text", texts(some))),
    ):
        write_coco(shards, target)
    total = time.process_time() - start
    return spent | {"writing the file": total - sum(spent.values()), "in all": total}


def write_truth(folder: Path) -> Path:
    """Images, and a COCO file of boxes on them."""
    rng = random.Random(2)
    (folder / "images").mkdir()
    images, annotations = [], []
    for number in range(_IMAGES):
        (folder / "images" / f"{number}.png").write_bytes(_image())
        images.append({"id": number, "file_name": f"{number}.png", "width": _SIDE, "height": _SIDE})
        for _ in range(_BOXES):
            box = [rng.randrange(40), rng.randrange(40), rng.randint(1, 20), rng.randint(1, 20)]
            annotation = {"id": len(annotations) + 1, "image_id": number, "category_id": rng.randint(1, 80)}
            annotations.append(annotation | {"bbox": box, "area": box[2] * box[3], "iscrowd": 0, "segmentation": []})
    categories = [{"id": code, "name": str(code)} for code in range(1, 81)]
    path = folder / "truth.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def _image() -> bytes:
    """A black PNG file."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress((b"\0" + b"\0\0\0" * _SIDE) * _SIDE)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def compare_yolo() -> None:
    """COCO → YOLO, the label files alone."""
    try:
        import supervision
    except ImportError:
        print("without supervision, which is not installed")
        return
    from perceptron_annotations.datasets import read_coco, write_yolo

    memory = Path("/dev/shm")  # noqa: S108 - only where there is such
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        truth = write_truth(folder)

        def theirs(target: Path) -> None:
            found = supervision.DetectionDataset.from_coco(str(folder / "images"), str(truth))
            found.as_yolo(annotations_directory_path=str(target), data_yaml_path=f"{target}.yaml")

        def ours(target: Path) -> None:
            write_yolo(read_coco(truth), target)

        ours(folder / "warm")
        pairs = [(seconds(theirs, folder / f"t{turn}"), seconds(ours, folder / f"o{turn}")) for turn in range(_TURNS)]
    slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(slow / fast for slow, fast in pairs)
    print(f"\nCOCO to YOLO, {_IMAGES:,} images of {_BOXES} boxes (wanted 3x)")
    print(f"supervision {slow:.2f} s, ours {fast:.2f} s, {ratio:.1f}x")


def compare_sync(folder: Path) -> None:
    """What it costs that files are on the disk before they take their place: the same jobs with and without it."""
    source = folder / "some.jsonl"
    write_recordings(source, _SYNCED)
    print(f"\nhanding files to the disk, {_SYNCED:,} recordings")
    for name, job in (("coco", to_coco), ("yolo", to_yolo)):

        def with_sync(target: Path, job: Callable[[Path, Path], None] = job) -> None:
            job(source, target)

        def without(target: Path, job: Callable[[Path, Path], None] = job) -> None:
            with mock.patch("os.fsync"), mock.patch("perceptron_annotations.temporaries._sync_file_system"):
                job(source, target)

        without(folder / f"{name}.warm")
        os.sync()
        pairs = []
        for turn in range(_TURNS):
            pairs.append(
                (seconds(with_sync, folder / f"{name}.{turn}"), seconds(without, folder / f"{name}.{turn}.not"))
            )
            os.sync()
        slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(slow / fast for slow, fast in pairs)
        print(f"{name:<12}{slow:8.2f} s, without {fast:.2f} s, {ratio:.2f}x")


def compare_jobs(source: Path, folder: Path, recordings: int) -> None:
    """Each job in processes of its own, so that peaks are apart."""
    few, slow = folder / "few.jsonl", 0.0
    write_recordings(few, 10)
    for job in JOBS:
        _run_apart(job, few, folder)  # what it imports is compiled now
        found = [_run_apart(job, source, folder) for _ in range(1 if job == "by hand" else _TURNS)]
        took, peak = (statistics.median(column) for column in zip(*found, strict=True))
        slow = slow or took
        ratio = "" if job in ("by hand", "files alone") else f"{slow / took:6.1f}x"
        print(f"{job:<12}{took:8.2f} s {recordings / took:10,.0f}/s  peak {peak:6.0f} MB {ratio}")


def _run_apart(job: str, source: Path, folder: Path) -> list[float]:
    """What :func:`run` prints."""
    target = folder / f"{job}.out"
    command = [sys.executable, "-m", "benchmarks.convert", "--job", job, str(source), str(target)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)  # noqa: S603 - ourselves
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()
    found: list[float] = json.loads(done.stdout)
    return found


def seconds(work: Callable[[Path], None], target: Path) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work(target)
    return time.perf_counter() - start


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=100_000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        run(options.job[0], Path(options.job[1]), Path(options.job[2]))
        return
    print(describe("perceptron-annotations", "perceptron", "pyarrow", "supervision"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "answers.jsonl"
        write_recordings(source, options.recordings)
        print(f"\n{options.recordings:,} recordings of {_BOXES} boxes, {source.stat().st_size / 1e6:.0f} MB")
        if options.profile:
            profile(source, Path(folder))
            return
        compare_jobs(source, Path(folder), options.recordings)
        compare_sync(Path(folder))
    compare_yolo()


if __name__ == "__main__":
    main()
