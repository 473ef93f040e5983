"""Inputs of the job of ``examples/engines``: authored recordings in shards, and the truth in parts.

They hold what a job must not trip over: lines that are broken or hold errors, several choices, reasoning with boxes in
it, answers that were cut off, and images that several shards are about.
"""

import json
import random

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, shard_of, write_part

WIDTH, HEIGHT = 800, 600
GHOST = '<think>maybe <point_box mention="ghost"> (1,2) (3,4) </point_box></think>'


def write_inputs(folder, parts, *, shards=8, lines=60, seed=5):
    """``folder/recordings`` and ``folder/truth``."""
    draw = random.Random(seed)
    truth = {}
    for shard in range(shards):
        path = folder / "recordings" / f"day={shard % 3}" / f"part-{shard:05}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line for _ in range(lines) for line in _lines(draw, truth)))
    for part in range(parts):
        mine = {name: boxes for name, boxes in truth.items() if shard_of(name, parts) == part}
        write_part(_dataset(mine), folder / "truth", part)


def _lines(draw, truth):
    name = f"{draw.randrange(300):04}.jpg"
    boxes = truth.setdefault(name, [_box(draw) for _ in range(draw.randrange(5))])
    count = 2 if draw.random() < 0.1 else 1
    choices = [_choice(draw, boxes, index) for index in range(count)]
    response = {"id": "c", "object": "chat.completion", "model": "m", "choices": choices}
    asset = {"file_name": name, "width": WIDTH, "height": HEIGHT}
    yield json.dumps({"key": name, "response": response, "assets": [asset]}) + "\n"
    if draw.random() < 0.05:
        yield '{"oops"\n'
    if draw.random() < 0.05:
        yield json.dumps({"key": "busy", "error": {"message": "busy"}}) + "\n"


def _box(draw):
    return draw.choice(["cup", "pan", "猫"]), draw.randrange(600), draw.randrange(600)


def _choice(draw, boxes, index):
    text = "".join(
        f'<point_box mention="{label}"> ({x + draw.randrange(20)},{y}) ({x + 300},{y + 300}) </point_box> '
        for label, x, y in boxes
    )
    text = GHOST + text if draw.random() < 0.2 else text
    is_cut = draw.random() < 0.1
    message = {"role": "assistant", "content": text[:-9] if is_cut else text}
    return {"index": index, "message": message, "finish_reason": "length" if is_cut else "stop"}


def _dataset(truth):
    builder = DatasetBuilder()
    for name in sorted(truth):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=WIDTH, height=HEIGHT))
        for label, x, y in truth[name]:
            corners = [(x * WIDTH / 1000, y * HEIGHT / 1000), ((x + 300) * WIDTH / 1000, (y + 300) * HEIGHT / 1000)]
            builder.add(asset, AnnotationKind.BOX, corners, label)
    return builder.build()
