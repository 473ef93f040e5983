"""``python -m benchmarks.draw``: 200 images of 40 labelled boxes, drawn here and by supervision in turn.

Supervision brings OpenCV and SciPy with it, so it has an environment of its own::

    python -m venv /tmp/drawing
    /tmp/drawing/bin/pip install '.[render]' supervision opencv-python-headless
    /tmp/drawing/bin/python -m benchmarks.draw

Without supervision just ours is measured. Both get decoded images and draw outlines, labels and scores; ours begins
with values on the grid, supervision with arrays in pixels. After the times come what ours is spent on, and how many
labels of 200 crowded boxes overlap or are outside.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from benchmarks.machine import describe
from perceptron_annotations import Box
from perceptron_annotations.render import draw
from perceptron_annotations.render.overlay import drawing, mark_painting

OURS = "perceptron-annotations"
IMAGES, BOXES, CROWD = 200, 40, 200
SIZES = ((640, 480), (1920, 1080))
WORDS = [
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "kite",
    "skateboard",
    "surfboard",
    "bottle",
    "cup",
    "fork",
]


class Scene(NamedTuple):
    """An image, and what is drawn on it."""

    image: Image.Image
    boxes: list[Box]


def scenes(width: int, height: int, boxes: int, largest: int = 250) -> Iterator[Scene]:
    """Images without end, each another one."""
    rng = random.Random(18)
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([128 + 60 * np.sin(x / 97), 128 + 50 * np.cos(x / 71 + y / 50), 110 + 70 * np.sin(y / 83)], -1)
    pixels = waves.astype(np.uint8)
    while True:
        shift = rng.randrange(width)
        image = Image.fromarray(np.roll(pixels, shift, axis=1))
        found = []
        for _ in range(boxes):
            wide, high = rng.randint(30, largest), rng.randint(30, largest)
            left, top = rng.randint(0, 1000 - wide), rng.randint(0, 1000 - high)
            label, score = rng.choice(WORDS), round(rng.random(), 2)
            found.append(Box(left, top, left + wide, top + high, mention=label, score=score))
        yield Scene(image, found)


def supervision_drawers() -> dict[str, Callable[[np.ndarray, Any, list[str]], None]]:
    """The annotators of supervision, without and with labels that give way to each other; none if it is missing."""
    try:
        import supervision as sv
    except ImportError:
        return {}
    outlines = sv.BoxAnnotator()

    def drawer(labels: Any) -> Callable[[np.ndarray, Any, list[str]], None]:
        return lambda pixels, detections, words: labels.annotate(
            outlines.annotate(pixels.copy(), detections), detections, words
        )

    return {
        "supervision": drawer(sv.LabelAnnotator()),
        "supervision, smart_position": drawer(sv.LabelAnnotator(smart_position=True)),
    }


def detections_of(scene: Scene) -> Any:
    """The boxes as supervision takes them."""
    import supervision as sv

    boxes = [box.to_pixels(*scene.image.size) for box in scene.boxes]
    return sv.Detections(
        xyxy=np.array([box.xyxy for box in boxes]),
        class_id=np.array([WORDS.index(box.mention or "") for box in boxes]),
        confidence=np.array([box.score for box in boxes]),
    )


def measure(width: int, height: int) -> None:
    """Print the times of all, in turn on each image."""
    others = supervision_drawers()
    times: dict[str, list[tuple[float, float]]] = {OURS: [], **{name: [] for name in others}}
    for number, scene in zip(range(IMAGES + 1), scenes(width, height, BOXES), strict=False):
        runs: dict[str, Callable[[], object]] = {OURS: partial(draw, scene.image, scene.boxes)}
        if others:
            pixels, detections = np.ascontiguousarray(np.asarray(scene.image)[..., ::-1]), detections_of(scene)
            words = [f"{box.mention} {box.score:.2f}" for box in scene.boxes]
            runs |= {name: partial(run, pixels, detections, words) for name, run in others.items()}
        for name in sorted(runs, reverse=number % 2 == 0):
            start, begin = time.perf_counter(), time.process_time()
            runs[name]()
            if number:  # the first image warms up
                times[name].append((time.perf_counter() - start, time.process_time() - begin))
    print(f"\n{IMAGES} images of {width}x{height} with {BOXES} labelled boxes, milliseconds an image:")
    for name, taken in times.items():
        elapsed, spent = ([1000 * each for each in column] for column in zip(*taken, strict=True))
        print(
            f"  {name:<28} median {statistics.median(elapsed):6.2f}, of the processor {statistics.median(spent):6.2f}; "
            f"least {min(elapsed):6.2f}"
        )


class Stopwatch:
    """The processor's time in some functions, which are replaced for as long as it runs."""

    def __init__(self, functions: dict[str, tuple[dict[Any, Any], Any]]) -> None:
        #: Where each function is: the name of what it does -> the names of its module, or another dict, and its key.
        self._functions = functions
        self.seconds = dict.fromkeys(functions, 0.0)

    def __enter__(self) -> Stopwatch:
        self._kept = {name: where[key] for name, (where, key) in self._functions.items()}
        for name, (where, key) in self._functions.items():
            where[key] = partial(self._timed, name, self._kept[name])
        return self

    def __exit__(self, *_: object) -> None:
        for name, (where, key) in self._functions.items():
            where[key] = self._kept[name]

    def _timed(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        begin = time.process_time()
        try:
            return function(*args)
        finally:
            self.seconds[name] += time.process_time() - begin


def costs(width: int, height: int) -> None:
    """Print what the time of ours is spent on."""
    stages: dict[str, tuple[dict[Any, Any], Any]] = {
        "copy the image": (vars(drawing), "base_image"),
        "scale annotations": (vars(drawing), "subject_of"),
        "draw outlines": (mark_painting.PAINTERS, Box),
        "set labels": (vars(mark_painting), "_labelled"),
        "find places for labels": (vars(mark_painting), "place_labels"),
        "paste labels": (vars(mark_painting), "_paint_labels"),
    }
    whole = 0.0
    with Stopwatch(stages) as watch:
        for scene in islice(scenes(width, height, BOXES), IMAGES):
            begin = time.process_time()
            draw(scene.image, scene.boxes)
            whole += time.process_time() - begin
    largest = sorted(watch.seconds.items(), key=lambda item: -item[1])[:4]
    print(f"  of ours: {', '.join(f'{name} {seconds / whole:.0%}' for name, seconds in largest)}")


def crowd(width: int, height: int) -> None:
    """Print where the labels of crowded boxes are."""
    placed: list[tuple[Any, Any]] = []
    place_labels = mark_painting.place_labels

    def spy(shapes: Any, sizes: Any, *args: Any) -> Any:
        places = place_labels(shapes, sizes, *args)
        placed.append((places, sizes))
        return places

    mark_painting.place_labels = spy
    try:
        scene = next(scenes(width, height, CROWD))
        start = time.perf_counter()
        draw(scene.image, scene.boxes)
        taken = time.perf_counter() - start
    finally:
        mark_painting.place_labels = place_labels
    [(places, sizes)] = placed
    boxes = np.array([(at.left, at.top, at.left + w, at.top + h) for at, (w, h) in zip(places, sizes, strict=True)])
    outside = int(((boxes[:, :2] < 0).any(axis=1) | (boxes[:, 2] > width) | (boxes[:, 3] > height)).sum())
    wide = np.minimum(boxes[:, None, 2], boxes[None, :, 2]) - np.maximum(boxes[:, None, 0], boxes[None, :, 0])
    high = np.minimum(boxes[:, None, 3], boxes[None, :, 3]) - np.maximum(boxes[:, None, 1], boxes[None, :, 1])
    hidden = ((wide > 0) & (high > 0)).sum(axis=1) > 1
    print(
        f"  {CROWD} crowded boxes on {width}x{height}: {outside} labels outside, {hidden.mean():.1%} overlap another, "
        f"{1000 * taken:.0f} ms"
    )


def main() -> None:
    """Measure all sizes."""
    print(describe("pillow", "supervision", "opencv-python-headless", "numpy"))
    for size in SIZES:
        measure(*size)
        costs(*size)
    print()
    for size in SIZES:
        crowd(*size)


if __name__ == "__main__":
    main()
