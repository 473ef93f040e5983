"""Drawn photographs of a table with cups, plates and spoons, the truth of them, and answers about them: authored."""

from __future__ import annotations

import json
import random
from pathlib import Path

from PIL import Image, ImageDraw

_LABELS = ("cup", "plate", "spoon")
_COLOURS = {"cup": (196, 98, 60), "plate": (235, 235, 228), "spoon": (150, 156, 166)}
_WOOD, _GRAIN = (112, 84, 62), (98, 72, 52)
_GRID = 1000
#: Scenes that are drawn; of more images than these, several have one scene.
_SCENES = 300
_SIZES = ((640, 480), (480, 640), (800, 450))

Box = tuple[str, int, int, int, int]


def write_scenes(folder: Path, count: int, *, seed: int = 1, images: bool = True) -> None:
    """Write ``photos``, ``truth.json``, and the answers of two models: ``answers.jsonl`` and ``other.jsonl``."""
    rng = random.Random(seed)
    (folder / "photos").mkdir(parents=True)
    scenes = [(_SIZES[number % len(_SIZES)], _objects(rng)) for number in range(min(count, _SCENES))]
    drawn = [_drawn(size, objects, folder / "scene.jpg") for size, objects in scenes] if images else []
    truth: dict[str, list[object]] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": number, "name": name} for number, name in enumerate(_LABELS, 1)],
    }
    with (folder / "answers.jsonl").open("w") as answers, (folder / "other.jsonl").open("w") as other:
        for number in range(count):
            (width, height), objects = scenes[number % len(scenes)]
            name = f"table_{number:05}.jpg"
            if images:
                (folder / "photos" / name).write_bytes(drawn[number % len(scenes)])
            truth["images"].append({"id": number + 1, "file_name": name, "width": width, "height": height})
            for label, x1, y1, x2, y2 in objects:
                box = [x1 * width / _GRID, y1 * height / _GRID, (x2 - x1) * width / _GRID, (y2 - y1) * height / _GRID]
                truth["annotations"].append(
                    {
                        "id": len(truth["annotations"]) + 1,
                        "image_id": number + 1,
                        "category_id": _LABELS.index(label) + 1,
                        "bbox": box,
                        "area": box[2] * box[3],
                        "iscrowd": 0,
                    }
                )
            asset = {"file_name": name, "width": width, "height": height}
            answers.write(_line("small", name, asset, _answer(rng, objects, 60)) + "\n")
            other.write(_line("large", name, asset, _answer(rng, objects, 15)) + "\n")
    (folder / "truth.json").write_text(json.dumps(truth))


def _objects(rng: random.Random) -> list[Box]:
    found = []
    for place in rng.sample(range(9), rng.randint(2, 6)):
        x, y = 30 + 320 * (place % 3), 30 + 320 * (place // 3)
        width, height = rng.randint(120, 270), rng.randint(120, 270)
        found.append((rng.choice(_LABELS), x, y, x + width, y + height))
    return found


def _drawn(size: tuple[int, int], objects: list[Box], path: Path) -> bytes:
    width, height = size
    image = Image.new("RGB", size, _WOOD)
    pen = ImageDraw.Draw(image)
    for y in range(0, height, 40):
        pen.line((0, y, width, y), fill=_GRAIN, width=2)
    for label, x1, y1, x2, y2 in objects:
        box = (x1 * width / _GRID, y1 * height / _GRID, x2 * width / _GRID, y2 * height / _GRID)
        if label == "spoon":
            pen.rounded_rectangle(box, radius=min(box[2] - box[0], box[3] - box[1]) / 2, fill=_COLOURS[label])
        else:
            pen.ellipse(box, fill=_COLOURS[label], outline=(60, 60, 60), width=2)
    image.save(path, quality=85)
    data = path.read_bytes()
    path.unlink()
    return data


def _answer(rng: random.Random, objects: list[Box], error: int) -> str:
    """What a model says: some boxes are off, some are missing, and now and then the answer breaks off."""
    kind = rng.random()
    if kind < 0.02:
        return "There is nothing on the table."
    if kind < 0.04:
        return '<point_box mention="cup"> (12%, 20%) (40%, 50%) </point_box>'
    parts = []
    for label, *corners in objects:
        if rng.random() < error / 400:
            continue
        x1, y1, x2, y2 = (min(max(each + rng.randint(-error, error), 0), _GRID) for each in corners)
        parts.append(f'<point_box mention="{label}"> ({x1},{y1}) ({x2},{y2}) </point_box>')
    said = f"On the table I see {len(parts)} things: " + ", ".join(parts) + "."
    return said[: rng.randint(20, len(said))] if kind > 0.97 else said


def _line(model: str, name: str, asset: dict[str, object], text: str) -> str:
    message = {"role": "assistant", "content": text}
    response = {"id": name, "model": model, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    request = {"messages": [{"role": "user", "content": "Box every cup, plate and spoon."}]}
    return json.dumps({"response": response, "request": request, "assets": [asset]})
