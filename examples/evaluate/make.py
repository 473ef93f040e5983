"""``python examples/evaluate/make.py``: an authored truth and the authored answers of two models that do not exist.

Nothing here was recorded. ``small`` misses a third of the spoons, and two of its answers cannot be used; ``large``
boxes more tightly and finds more, but sees spoons that are not there.
"""

import json
import random
from pathlib import Path

FOLDER = Path(__file__).parent
LABELS = ("cup", "plate", "spoon")
IMAGES = 24
WIDTH, HEIGHT = 1280, 960


def truth(rng):
    """For each image its objects: a label, and a box on the grid of a thousand."""
    images = []
    for _ in range(IMAGES):
        found = []
        for cell in rng.sample(range(9), rng.randint(2, 5)):
            x, y = 330 * (cell % 3) + rng.randint(5, 60), 330 * (cell // 3) + rng.randint(5, 60)
            found.append((rng.choice(LABELS), (x, y, x + rng.randint(120, 250), y + rng.randint(120, 250))))
        images.append(found)
    return images


def answer(rng, found, *, missed, shake, invented):
    """What a model says of an image: ``missed`` by label, corners off by up to ``shake``, spoons ``invented``."""
    said = [
        (label, [min(max(edge + rng.randint(-shake, shake), 0), 1000) for edge in box])
        for label, box in found
        if rng.random() >= missed[label]
    ]
    for _ in range(sum(rng.random() < invented for _ in range(2))):
        x, y = rng.randint(0, 700), rng.randint(0, 700)
        said.append(("spoon", [x, y, x + rng.randint(40, 120), y + rng.randint(40, 120)]))
    boxes = [f'<point_box mention="{label}"> ({x1},{y1}) ({x2},{y2}) </point_box>' for label, (x1, y1, x2, y2) in said]
    return "On the table: " + " ".join(boxes) if boxes else "The table is empty."


def line(model, number, text, finish_reason="stop"):
    """A recorded answer, with what was asked."""
    prompt = "Box every cup, plate and spoon."
    body = {
        "id": f"{model}-{number:02}",
        "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}],
    }
    request = {"messages": [{"role": "user", "content": [{"type": "text", "text": prompt}]}]}
    asset = {"file_name": f"table_{number:02}.jpg", "width": WIDTH, "height": HEIGHT}
    return json.dumps({"response": body, "request": request, "assets": [asset]}) + "\n"


def coco(objects):
    """The truth as COCO instances."""
    images, annotations = [], []
    for number, found in enumerate(objects):
        images.append({"id": number, "file_name": f"table_{number:02}.jpg", "width": WIDTH, "height": HEIGHT})
        for label, (x1, y1, x2, y2) in found:
            box = [x1 * WIDTH / 1000, y1 * HEIGHT / 1000, (x2 - x1) * WIDTH / 1000, (y2 - y1) * HEIGHT / 1000]
            annotation = {"id": len(annotations) + 1, "image_id": number, "category_id": LABELS.index(label) + 1}
            annotations.append(annotation | {"bbox": box, "area": box[2] * box[3], "iscrowd": 0})
    categories = [{"id": code, "name": label} for code, label in enumerate(LABELS, start=1)]
    return json.dumps({"images": images, "annotations": annotations, "categories": categories}) + "\n"


def files():
    """The content of each file by its name."""
    rng = random.Random(7)
    images = truth(rng)
    small, large = [], []
    for number, found in enumerate(images):
        said = answer(rng, found, missed={"cup": 0.15, "plate": 0.1, "spoon": 0.35}, shake=32, invented=0.1)
        cut = number == 9
        said = said[: len(said) * 2 // 3] if cut else "<point_box mention=cup> 120 340" if number == 17 else said
        small.append(line("small", number, said, "length" if cut else "stop"))
        said = answer(rng, found, missed={"cup": 0.05, "plate": 0.05, "spoon": 0.1}, shake=12, invented=0.3)
        large.append(line("large", number, said))
    return {"truth.json": coco(images), "small.jsonl": "".join(small), "large.jsonl": "".join(large)}


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
