"""``python -m benchmarks.doubling``: no verb of the command grows faster than its input.

Each verb, with every kind of input and output that it has, reads made-up answers, then twice as many. What is measured
is the processor time of the process beyond that for one answer, the least of some turns, so that other work on the
machine disturbs little. Prints how many times as long the second takes; exit status 1 if that is 3 or more for one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import describe
from perceptron_annotations.datasets.formats.choices import DatasetFormat

#: Twice as much takes at most so many times as long.
LIMIT = 3.0
#: Seconds beyond those for one answer that are worth measuring, and the most answers that are tried for it.
_LEAST, _MOST = 0.4, 64_000
_WIDTH, _HEIGHT = 1920, 1080
_LABELS = ("cup", "pan", "red car", "person")
_BROKEN = 0.02


class Case(NamedTuple):
    """A command of which the words name files of a folder that :func:`write_inputs` filled."""

    verb: str
    words: str
    #: How many answers, the first time.
    answers: int = 8_000

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.verb} {self.words}"


#: Formats of videos, which hold nothing of images.
_OF_VIDEOS = ("coco-video", "cvat-video", "activitynet")
CASES = (
    Case("parse", "answer.txt", 250),
    Case("check", "answers.jsonl"),
    Case("check", "broken.jsonl"),
    Case("check", "files", 400),
    Case("count", "answers.jsonl"),
    Case("count", "answers.parquet"),
    Case("count", "answers.jsonl --rejects out"),
    *(
        Case(
            "convert", f"{'videos.jsonl --fps 10' if name in _OF_VIDEOS else 'answers.jsonl'} --to {name} -o out", 4_000
        )
        for name in (*DatasetFormat, "jsonl", "parquet")
    ),
    Case("convert", "repeated.jsonl --to coco -o out"),
    Case("convert", "repeated.jsonl --to coco --merge last -o out"),
    Case("convert", "answers.jsonl --to coco --split train=0.8,val=0.2 -o out"),
    Case("convert", "answers.jsonl --to coco --sizes sizes.csv -o out"),
    Case("convert", "answers.parquet --to coco -o out"),
    Case("convert", "truth.json --to yolo -o out", 4_000),
    Case("inspect", "truth.json", 4_000),
    Case("evaluate", "answers.jsonl --truth truth.json", 4_000),
    Case("evaluate", "answers.parquet --truth truth.json", 4_000),
    Case("evaluate", "samples.jsonl --truth truth.json --samples", 4_000),
    Case("evaluate", "answers.jsonl --truth truth.json --by key --html out", 1_000),
    Case("evaluate", "truth.json --truth truth.json", 4_000),
    Case("dedupe", "answers.jsonl -o out", 4_000),
    Case("consensus", "samples.jsonl -o out", 4_000),
    Case("view", "answers.jsonl -o out", 1_000),
    Case("transcode", "answers.jsonl --from perceptron --to qwen3-vl -o out", 2_000),
    Case("doctor", "answers.jsonl --truth truth.json --most 100000000", 4_000),
)


class Growth(NamedTuple):
    """How long a case took: for one answer, for some, and for twice as many."""

    answers: int
    one: float
    some: float
    twice: float

    @property
    def ratio(self) -> float:
        """How many times as long twice as many take."""
        return (self.twice - self.one) / max(self.some - self.one, 0.01)


# -- inputs ------------------------------------------------------------------------------------------------------------


def write_inputs(folder: Path, count: int) -> None:
    """The files that the cases name, with ``count`` answers each."""
    draw = random.Random(count)
    folder.mkdir()
    boxes = [[_box(draw) for _ in range(draw.randrange(1, 8))] for _ in range(count)]
    names = [f"{number:07}.jpg" for number in range(count)]
    texts = [_text(draw, some) for some in boxes]
    lines = [_line(*each) for each in zip(names, texts, strict=True)]
    (folder / "answer.txt").write_text("\n".join(texts))
    (folder / "answers.jsonl").write_text("".join(lines))
    cut = [line[: draw.randrange(len(line) - 2)] + "\n" if draw.random() < _BROKEN else line for line in lines]
    (folder / "broken.jsonl").write_text("".join(cut))
    samples = [_line(names[number // 4], _marked(boxes[number // 4])) for number in range(count)]
    (folder / "samples.jsonl").write_text("".join(samples))
    again = [_line(names[number // 4], texts[number // 4]) for number in range(count)]
    (folder / "repeated.jsonl").write_text("".join(again))
    (folder / "videos.jsonl").write_text("".join(_video(draw, f"{number:07}.mp4") for number in range(count)))
    (folder / "files").mkdir()
    for name, line in zip(names[:1_000], lines, strict=False):
        (folder / "files" / f"{name}.jsonl").write_text(line)
    sizes = ["file_name,width,height", *(f"{name},{_WIDTH},{_HEIGHT}" for name in names)]
    (folder / "sizes.csv").write_text("\n".join(sizes))
    (folder / "truth.json").write_text(json.dumps(_truth(names, boxes)))
    _run(folder, ["convert", "answers.jsonl", "-o", "answers.parquet"])


def _box(draw: random.Random) -> tuple[str, int, int, int, int]:
    x, y = draw.randrange(800), draw.randrange(800)
    return draw.choice(_LABELS), x, y, x + draw.randrange(5, 200), y + draw.randrange(5, 200)


def _text(draw: random.Random, boxes: Sequence[tuple[str, int, int, int, int]]) -> str:
    x, y = draw.randrange(900), draw.randrange(900)
    polygon = f'<polygon mention="shelf"> ({x},{y}) ({x + 90},{y}) ({x},{y + 90}) </polygon>'
    return f'There are {len(boxes)} things: {_marked(boxes)} {polygon} <point mention="door"> ({x},{y}) </point>'


def _marked(boxes: Sequence[tuple[str, int, int, int, int]]) -> str:
    return " ".join(f'<point_box mention="{label}"> ({a},{b}) ({c},{d}) </point_box>' for label, a, b, c, d in boxes)


def _video(draw: random.Random, name: str) -> str:
    start = draw.randrange(50)
    clip = f'<clip mention="jump" t="{start} seconds {start + 2} seconds" />'
    places = " ".join(f'<point_box t="{second} seconds"> (10,{second}) (90,99) </point_box>' for second in range(4))
    return _line(name, f'{clip} <track mention="car"> {places} </track>')


def _line(name: str, text: str) -> str:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    response = {"id": name, "object": "chat.completion", "model": "made-up", "choices": [choice]}
    asset = {"file_name": name, "width": _WIDTH, "height": _HEIGHT}
    return json.dumps({"key": name, "response": response, "assets": [asset]}) + "\n"


def _truth(names: Sequence[str], boxes: Sequence[Sequence[tuple[str, int, int, int, int]]]) -> dict[str, object]:
    images = [
        {"id": number, "file_name": name, "width": _WIDTH, "height": _HEIGHT}
        for number, name in enumerate(names, start=1)
    ]
    annotations = [
        {"id": number, "image_id": image, "category_id": _LABELS.index(label) + 1, "bbox": _pixels(*sides)}
        for number, (image, (label, *sides)) in enumerate(
            ((image, box) for image, some in enumerate(boxes, start=1) for box in some), start=1
        )
    ]
    categories = [{"id": number, "name": label} for number, label in enumerate(_LABELS, start=1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _pixels(left: int, top: int, right: int, bottom: int) -> list[float]:
    return [left * 1.92, top * 1.08, (right - left) * 1.92, (bottom - top) * 1.08]


# -- measuring ---------------------------------------------------------------------------------------------------------


def growth(case: Case, folder: Path, turns: int, answers: int) -> Growth:
    """The least times of some turns, for so many answers or for more, until their time is worth measuring."""
    one = min(_seconds(case, _inputs(folder, 1)) for _ in range(turns))
    while (some := _seconds(case, _inputs(folder, answers))) < one + _LEAST and answers < _MOST:
        answers *= 2
    some = min([some, *(_seconds(case, _inputs(folder, answers)) for _ in range(turns - 1))])
    twice = min(_seconds(case, _inputs(folder, 2 * answers)) for _ in range(turns))
    return Growth(answers, one, some, twice)


def _inputs(folder: Path, count: int) -> Path:
    """The folder of so many answers, which is made if it is not there."""
    if not (folder / str(count)).exists():
        write_inputs(folder / str(count), count)
    return folder / str(count)


def _seconds(case: Case, folder: Path) -> float:
    """Processor time of one run, which may find problems but not fail."""
    _remove(folder)
    before = os.times()
    _run(folder, [case.verb, *case.words.split()])
    after = os.times()
    _remove(folder)
    return after.children_user + after.children_system - before.children_user - before.children_system


def _remove(folder: Path) -> None:
    for path in folder.glob("out*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _run(folder: Path, words: Sequence[str]) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "perceptron_annotations", *words]
    paths = os.pathsep.join(map(str, [Path(__file__).parents[1], *filter(None, [os.environ.get("PYTHONPATH")])]))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: exit status {done.returncode}\n{done.stderr[-2_000:]}")


def measure(cases: Sequence[Case], turns: int, show: Callable[[str], object]) -> bool:
    """Measure some cases and show a row for each; whether none grows faster than its input."""
    broken = []
    show(f"{'verb':<66}{'answers':>8}{'n':>9}{'2n':>9}{'growth':>8}")
    with tempfile.TemporaryDirectory() as name:
        for case in cases:
            found = growth(case, Path(name), turns, case.answers)
            show(f"{case.name:<66}{found.answers:>8,}{found.some:>7.2f} s{found.twice:>7.2f} s{found.ratio:>7.2f}x")
            if found.ratio >= LIMIT:
                broken.append(case.name)
    for each in broken:
        show(f"{each} takes {LIMIT:g} times as long or more for twice as much")
    return not broken


def main() -> None:
    """All cases, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", default="", help="cases whose name has these words")
    options = parser.parse_args()
    print(describe("perceptron-annotations", "msgspec", "numpy", "pyarrow", "shapely"), "", sep="\n")
    chosen = [case for case in CASES if options.only in case.name]
    sys.exit(not measure(chosen, options.turns, lambda row: print(row, flush=True)))


if __name__ == "__main__":
    main()
