"""``python examples/ask/make.py``: authored images of streets, and what is answered about them, also authored.

Nothing here was photographed or asked. ``answers.json`` has the answer about each image by the SHA-256 of its file,
which is how the tests' own server knows what it was sent.
"""

import hashlib
import json
import random
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 640, 480
#: The road begins here, and has three lanes.
KERB, LANE = 210, 90
COLOURS = ((178, 58, 52), (45, 93, 155), (222, 222, 214), (66, 74, 82), (214, 168, 62))
#: Some images are in a folder of their own, and one shows no car.
NAMES = {"corner.png": 2, "market/morning.png": 3, "market/noon.png": 1, "market/empty.png": 0}


def draw(rng, cars):
    """A street with cars, and the box of each in pixels."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (196, 214, 228))
    pen = ImageDraw.Draw(image)
    x = 0
    while x < WIDTH:
        width, height = rng.randint(70, 130), rng.randint(90, 180)
        tone = rng.randint(120, 190)
        pen.rectangle((x, KERB - height, x + width, KERB), fill=(tone, tone - 14, tone - 30))
        for row in range(KERB - height + 14, KERB - 24, 30):
            for column in range(x + 12, x + width - 16, 26):
                pen.rectangle((column, row, column + 11, row + 15), fill=(96, 112, 128))
        x += width + 4
    pen.rectangle((0, KERB, WIDTH, HEIGHT), fill=(92, 94, 98))
    for lane in (KERB + LANE, KERB + 2 * LANE):
        for dash in range(10, WIDTH, 60):
            pen.rectangle((dash, lane - 2, dash + 30, lane + 1), fill=(230, 230, 226))
    boxes = []
    for lane in sorted(rng.sample(range(3), cars)):
        left, top = rng.randint(20, 420), KERB + LANE * lane + 14
        boxes.append(car(pen, left, top, rng.choice(COLOURS)))
    return image.quantize(32), boxes


def car(pen, left, top, colour):
    """One car from the side; its box."""
    right, bottom = left + 180, top + 66
    pen.rounded_rectangle((left, top + 24, right, bottom - 12), 12, fill=colour)
    pen.polygon([(left + 36, top + 26), (left + 62, top), (left + 124, top), (left + 152, top + 26)], fill=colour)
    pen.polygon(
        [(left + 50, top + 24), (left + 68, top + 6), (left + 90, top + 6), (left + 90, top + 24)], fill="#dfe9ee"
    )
    pen.polygon(
        [(left + 96, top + 24), (left + 96, top + 6), (left + 120, top + 6), (left + 137, top + 24)], fill="#dfe9ee"
    )
    for wheel in (left + 40, left + 140):
        pen.ellipse((wheel - 14, bottom - 28, wheel + 14, bottom), fill="#1c1e20")
        pen.ellipse((wheel - 6, bottom - 20, wheel + 6, bottom - 8), fill="#b9bdc1")
    return left, top, right, bottom


def answer(boxes):
    """What is said of an image: its cars on the grid of a thousand."""
    if not boxes:
        return "There is no car in this street."
    corners = [(x1 / WIDTH, y1 / HEIGHT, x2 / WIDTH, y2 / HEIGHT) for x1, y1, x2, y2 in boxes]
    found = [tuple(round(1000 * edge) for edge in each) for each in corners]
    return " ".join(f'<point_box mention="car"> ({a},{b}) ({c},{d}) </point_box>' for a, b, c, d in found)


def scenes():
    """Each name with its image and its answer."""
    rng = random.Random(21)
    for name, cars in NAMES.items():
        image, boxes = draw(rng, cars)
        yield name, image, answer(boxes)


def main():
    """Write the images and the answers."""
    answers = {}
    for name, image, text in scenes():
        path = FOLDER / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, optimize=True)
        answers[hashlib.sha256(path.read_bytes()).hexdigest()] = text
    (FOLDER / "answers.json").write_text(json.dumps(answers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
