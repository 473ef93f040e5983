"""Draws the images of the gallery into ``docs/gallery``: ``python docs/draw_gallery.py``.

The park is drawn here too, so what is on it is known exactly, and nobody's photograph is needed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from perceptron_annotations import AnnotationKind, Box, Clip, Frame, Point, Track, parse
from perceptron_annotations.datasets import Dataset, DatasetAsset, DatasetBuilder, Skeleton
from perceptron_annotations.render import draw, draw_frames

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = Path(__file__).parent / "gallery"
WIDTH, HEIGHT = 640, 400
#: Everything is painted so many times larger, for smooth edges.
_SMOOTH = 3
_COLOURS = 256
PARK = Frame.pixels(WIDTH, HEIGHT)
#: Seconds of the ball's flight.
FLIGHT = 2.0

#: What a model might say about the park.
ANSWER = """\
In front of a <polygon mention="house"> (52,585) (52,330) (148,185) (245,330) (245,585) </polygon> a
<point_box mention="girl"> (420,412) (535,880) </point_box> plays with a <point_box mention="ball"> (580,755) (658,878)
</point_box>, watched by a <point_box mention="cat"> (205,712) (332,882) </point_box>. There are two trees:
<collection mention="tree"> <point> (817,420) </point> <point> (930,500) </point> </collection> and a
<point_box mention="kite"> (601,77) (699,258) </point_box> in the sky."""


class Paint:
    """Shapes in pixels of the park, painted larger."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._image = Image.new("RGB", (width * _SMOOTH, height * _SMOOTH))
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * _SMOOTH, y * _SMOOTH) for x, y in points], fill=colour)

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """A filled rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def disc(self, x: float, y: float, wide: float, high: float | None, colour: str) -> None:
        """A filled ellipse by its middle and its radii."""
        high = wide if high is None else high
        box = tuple(side * _SMOOTH for side in (x - wide, y - high, x + wide, y + high))
        self._draw.ellipse(box, fill=colour)

    def line(self, points: Sequence[tuple[float, float]], width: float, colour: str) -> None:
        """A line with round ends."""
        self._draw.line(
            [(x * _SMOOTH, y * _SMOOTH) for x, y in points], fill=colour, width=round(width * _SMOOTH), joint="curve"
        )
        for x, y in points:
            self.disc(x, y, width / 2, None, colour)

    def finished(self) -> Image.Image:
        """The image in its own size."""
        return self._image.reduce(_SMOOTH)


def park(ball: tuple[float, float] | None = (396, 326)) -> Image.Image:
    """The park, with the ball somewhere."""
    paint = Paint()
    for row in range(0, 240, 8):
        shade = row / 240
        paint.rectangle(0, row, WIDTH, row + 8, f"#{int(150 + 70 * shade):02x}{int(200 + 35 * shade):02x}f5")
    paint.disc(70, 50, 26, None, "#ffe9a8")
    for x, y in ((190, 52), (300, 30), (545, 44)):
        for dx, dy, size in ((-22, 4, 13), (0, 0, 18), (22, 4, 13)):
            paint.disc(x + dx, y + dy, size * 1.5, size * 0.72, "#ffffff")
    paint.disc(140, 330, 330, 130, "#a9cf8f")
    paint.disc(560, 350, 320, 150, "#97c47c")
    paint.rectangle(0, 268, WIDTH, HEIGHT, "#86b86a")
    paint.polygon([(250, 400), (330, 268), (352, 268), (470, 400)], "#dccfa9")
    _house(paint)
    _tree(paint, 523, 168, 1.0)
    _tree(paint, 595, 200, 0.85)
    _girl(paint)
    _cat(paint)
    _kite(paint)
    if ball is not None:
        _ball(paint, *ball)
    return paint.finished()


def _house(paint: Paint) -> None:
    paint.rectangle(34, 134, 156, 234, "#e7c9a0")
    paint.polygon([(26, 136), (95, 74), (164, 136)], "#a8573f")
    paint.rectangle(84, 182, 110, 234, "#6d4a36")
    for left in (48, 122):
        paint.rectangle(left, 156, left + 22, 178, "#ffffff")
        paint.rectangle(left + 2, 158, left + 20, 176, "#7fb4d6")


def _tree(paint: Paint, x: float, y: float, size: float) -> None:
    paint.rectangle(x - 7 * size, y + 20 * size, x + 7 * size, y + 105 * size, "#7b5a3c")
    for dx, dy, radius, colour in ((-22, 12, 30, "#4f8a4a"), (22, 12, 30, "#4f8a4a"), (0, -14, 36, "#5b9a54")):
        paint.disc(x + dx * size, y + dy * size, radius * size, None, colour)


def _girl(paint: Paint) -> None:
    skin, hair, dress = "#f0bf98", "#5b3a29", "#d64f6a"
    paint.line([(300, 290), (296, 340)], 8, skin)
    paint.line([(314, 290), (320, 340)], 8, skin)
    paint.line([(294, 346), (302, 346)], 8, "#3b4a6b")
    paint.line([(320, 346), (328, 346)], 8, "#3b4a6b")
    paint.line([(297, 226), (277, 256)], 7, skin)
    paint.line([(318, 226), (336, 208), (340, 186)], 7, skin)
    paint.polygon([(296, 216), (319, 216), (332, 296), (282, 296)], dress)
    paint.disc(307, 190, 19, 20, hair)
    paint.disc(308, 195, 14, 15, skin)
    paint.disc(303, 193, 1.6, None, "#2b2b2b")
    paint.disc(313, 193, 1.6, None, "#2b2b2b")
    paint.line([(304, 201), (308, 203), (312, 201)], 1.6, "#b5544c")


def _cat(paint: Paint) -> None:
    fur = "#8a8f98"
    paint.line([(146, 338), (134, 322), (138, 300)], 6, fur)
    paint.disc(170, 328, 28, 20, fur)
    for x in (152, 164, 178, 190):
        paint.rectangle(x - 3, 338, x + 3, 351, fur)
    paint.disc(194, 310, 15, 13, fur)
    paint.polygon([(182, 304), (184, 287), (194, 299)], fur)
    paint.polygon([(195, 299), (205, 287), (207, 305)], fur)
    paint.disc(190, 309, 1.8, None, "#2b2b2b")
    paint.disc(200, 309, 1.8, None, "#2b2b2b")
    paint.polygon([(193, 314), (197, 314), (195, 317)], "#e39aa5")


def _kite(paint: Paint) -> None:
    paint.polygon([(416, 33), (445, 62), (416, 101), (387, 62)], "#f2b134")
    paint.polygon([(416, 33), (445, 62), (416, 62)], "#e2583e")
    paint.polygon([(416, 101), (387, 62), (416, 62)], "#e2583e")
    paint.line([(416, 101), (404, 130), (388, 150), (340, 186)], 1.2, "#fafafa")


def _ball(paint: Paint, x: float, y: float) -> None:
    paint.disc(x, y, 23, None, "#fafafa")
    paint.polygon([(x - 9, y - 6), (x, y - 13), (x + 9, y - 6), (x + 5, y + 6), (x - 5, y + 6)], "#2f6fb0")
    paint.disc(x - 17, y + 8, 4, None, "#2f6fb0")
    paint.disc(x + 17, y + 8, 4, None, "#2f6fb0")
    paint.disc(x, y + 19, 4, 3, "#2f6fb0")


def thrown(t: float) -> tuple[float, float]:
    """Where the ball is after ``t`` seconds: thrown by the girl, up to its place on the grass."""
    share = t / FLIGHT
    return 350 + 220 * share, 200 - 190 * share + 316 * share * share


def answer() -> Image.Image:
    """An answer on its image."""
    return draw(park(), parse(ANSWER))


def truth() -> list[Box]:
    """What is on the park."""
    return [
        Box(269, 167, 342, 351, mention="girl", frame=PARK),
        Box(373, 303, 419, 349, mention="ball", frame=PARK),
        Box(131, 286, 211, 351, mention="cat", frame=PARK),
        Box(387, 33, 446, 102, mention="kite", frame=PARK),
        Box(471, 116, 574, 274, mention="tree", frame=PARK),
        Box(550, 156, 639, 290, mention="tree", frame=PARK),
    ]


def predictions() -> list[Box]:
    """What a model might find: a tree is missed, and a cloud is taken for a kite."""
    return [
        Box(275, 176, 338, 352, mention="girl", score=0.97, frame=PARK),
        Box(370, 300, 416, 350, mention="ball", score=0.91, frame=PARK),
        Box(140, 284, 214, 356, mention="cat", score=0.88, frame=PARK),
        Box(384, 30, 449, 106, mention="kite", score=0.82, frame=PARK),
        Box(480, 110, 580, 268, mention="tree", score=0.74, frame=PARK),
        Box(498, 26, 592, 62, mention="kite", score=0.35, frame=PARK),
    ]


def comparison() -> Image.Image:
    """Predictions and truth on one image."""
    return draw(park(), predictions(), truth=truth())


def flight() -> list[Track | Clip]:
    """The way of the ball, and what happens when."""
    points = tuple(Point(*thrown(step * FLIGHT / 8), t=step * FLIGHT / 8, frame=PARK) for step in range(9))
    return [Track(points, mention="ball"), Clip(0, 0.4, mention="throw"), Clip(0.25, 2, mention="flight")]


def track() -> Image.Image:
    """A track as a trail, and clips as a time bar."""
    return draw(park(ball=thrown(FLIGHT)), flight(), duration=3)


def animation() -> list[Image.Image]:
    """The same as frames of a video, ten a second, half as large."""
    times = [step / 10 for step in range(int(FLIGHT * 10) + 3)]
    size = (WIDTH // 2, HEIGHT // 2)
    frames = ((t, park(ball=thrown(min(t, FLIGHT))).resize(size)) for t in times)
    return list(draw_frames(frames, flight(), duration=3))


def pose() -> Dataset:
    """The girl's keypoints; a hand is hidden."""
    names = "head neck left_hand right_elbow right_hand hip left_foot right_foot"
    skeleton = Skeleton(tuple(names.split()), edges=((0, 1), (1, 2), (1, 3), (3, 4), (1, 5), (5, 6), (5, 7)))
    places = ((308, 190), (307, 218), (277, 256), (336, 208), (340, 186), (307, 286), (297, 344), (322, 344))
    builder = DatasetBuilder()
    builder.add_label("girl", skeleton)
    image = builder.add_asset(DatasetAsset(file_name="park.png", width=WIDTH, height=HEIGHT))
    keypoints = [(x, y, 1 if name == "left_hand" else 2) for (x, y), name in zip(places, skeleton.names, strict=True)]
    builder.add(image, AnnotationKind.BOX, [(269, 167), (346, 352)], "girl", keypoints=keypoints)
    return builder.build()


def skeleton() -> Image.Image:
    """Keypoints of a dataset."""
    return draw(park(), pose())


def meadow() -> tuple[Image.Image, list[Box]]:
    """A meadow full of flowers, and a box around each."""
    rng = random.Random(7)  # noqa: S311 - flowers are not secret
    paint = Paint()
    paint.rectangle(0, 0, WIDTH, HEIGHT, "#7fb069")
    boxes = []
    for number in range(90):
        x, y, size = rng.uniform(20, WIDTH - 20), rng.uniform(20, HEIGHT - 20), rng.uniform(7, 13)
        name, colour = (("poppy", "#d1495b"), ("daisy", "#fafafa"), ("bluebell", "#6d72c3"))[number % 3]
        for dx, dy in ((0.6, 0), (-0.6, 0), (0, 0.6), (0, -0.6)):
            paint.disc(x + dx * size, y + dy * size, size * 0.6, None, colour)
        paint.disc(x, y, size * 0.35, None, "#edae49")
        reach = size * 1.2
        boxes.append(Box(x - reach, y - reach, x + reach, y + reach, mention=name, frame=PARK))
    return paint.finished(), boxes


def crowd() -> Image.Image:
    """Ninety labels that do not cover each other."""
    return draw(*meadow())


def beside() -> Image.Image:
    """An answer about two images."""
    before, after = park(ball=None).resize((320, 200)), park().resize((320, 200))
    text = (
        'The <point_box mention="ball" asset_idx="1"> (580,755) (658,878) </point_box> is new; the '
        '<point_box mention="cat" asset_idx="0"> (205,712) (332,882) </point_box> has not moved: '
        '<point_box mention="cat" asset_idx="1"> (205,712) (332,882) </point_box>.'
    )
    return draw([before, after], parse(text))


#: The files, and what draws them.
IMAGES: dict[str, Callable[[], Image.Image]] = {
    "park.png": park,
    "answer.png": answer,
    "comparison.png": comparison,
    "track.png": track,
    "skeleton.png": skeleton,
    "crowd.png": crowd,
    "beside.png": beside,
}
ANIMATION = "ball.webp"


def main() -> None:
    """Write all files."""
    TARGET.mkdir(exist_ok=True)
    for name, drawing in IMAGES.items():
        drawing().quantize(_COLOURS, dither=Image.Dither.NONE).save(TARGET / name, optimize=True)
    first, *others = animation()
    first.save(TARGET / ANIMATION, save_all=True, append_images=others, duration=100, loop=0, quality=60, method=6)


if __name__ == "__main__":
    main()
