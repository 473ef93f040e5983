"""Answers as models write them, made from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable

_WORDS = tuple(
    "the a near left right front behind two three small large red blue open closed scene picture shows person walking "  # noqa: SIM905
    "beside parked table window street light shelf box cup bottle under over with and of in on at is are looks".split()
)
_OBJECTS = ("cat", "traffic light", "person", "red car", "bottle", "stop sign", "shelf label", "dog & cat", "door")
_ELSEWHERE = ("猫", "Fußgänger", "светофор", "إشارة", "señal", "🚲 bike")
#: How often each kind stands in an answer.
_WEIGHTS = {"box": 60, "point": 12, "polygon": 6, "collection": 12, "track": 5, "clip": 5}
KINDS = tuple(_WEIGHTS)
_LEAVES = (2, 10)
_FOREIGN = 0.08
_MALFORMED = 0.02


class Corpus:
    """Draws answers; equal seeds give equal answers."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._makers: dict[str, Callable[[str, int], str]] = {
            "box": self._boxes,
            "point": self._points,
            "polygon": self._polygons,
            "collection": self._collection,
            "track": self._track,
            "clip": self._clips,
        }

    def answers(self, count: int) -> list[str]:
        """Mixed answers: prose around elements, 8 % with non-ASCII mentions and prose, 2 % malformed."""
        kinds = self._rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=count)
        return [self._answer(kind) for kind in kinds]

    def of_kind(self, kind: str, count: int) -> list[str]:
        """Well-formed answers with elements of one kind."""
        return [self._marked(kind, self._rng.choice(_OBJECTS)) for _ in range(count)]

    def captions(self, count: int) -> list[str]:
        """Answers without markup, 60 to 250 words."""
        return [self._prose(self._rng.randint(60, 250)) for _ in range(count)]

    def word(self, length: int) -> str:
        """Letters at random."""
        return "".join(self._rng.choices("abcdefghijklmnopqrstuvwxyz", k=length))

    def _answer(self, kind: str) -> str:
        foreign = self._rng.random() < _FOREIGN
        mention = self._rng.choice(_ELSEWHERE if foreign else _OBJECTS)
        text = self._marked(kind, mention)
        if foreign:
            text = f"{self._rng.choice(_ELSEWHERE)}: {text}"
        return self._broken(text) if self._rng.random() < _MALFORMED else text

    def _marked(self, kind: str, mention: str) -> str:
        count = self._rng.randint(*_LEAVES)
        body = self._makers[kind](mention.replace("&", "&amp;"), count)
        return f"{self._prose(self._rng.randint(10, 60))} {body} {self._prose(self._rng.randint(0, 40))}"

    def _broken(self, text: str) -> str:
        where = self._rng.randrange(len(text) // 2, len(text))
        return self._rng.choice(
            [text[:where], text.replace(",", ";", 1), text.replace("</", "<", 1), text + " </point_box>"]
        )

    def _prose(self, words: int) -> str:
        return " ".join(self._rng.choice(_WORDS) for _ in range(words)) + self._rng.choice([".", ":", "\n"])

    def _pair(self, low: int = 0, high: int = 1000) -> str:
        return f"({self._rng.randint(low, high)},{self._rng.randint(low, high)})"

    def _corners(self) -> str:
        return f"{self._pair(0, 500)} {self._pair(501, 1000)}"

    def _boxes(self, mention: str, count: int) -> str:
        return " ".join(f'<point_box mention="{mention}"> {self._corners()} </point_box>' for _ in range(count))

    def _points(self, mention: str, count: int) -> str:
        return " ".join(f'<point mention="{mention}"> {self._pair()} </point>' for _ in range(count))

    def _polygons(self, mention: str, count: int) -> str:
        rings = (" ".join(self._pair() for _ in range(self._rng.randint(4, 12))) for _ in range(count))
        return " ".join(f'<polygon mention="{mention}"> {ring} </polygon>' for ring in rings)

    def _collection(self, mention: str, count: int) -> str:
        children = " ".join(f"<point_box> {self._corners()} </point_box>" for _ in range(count))
        return f'<collection mention="{mention}"> {children} </collection>'

    def _track(self, mention: str, count: int) -> str:
        waypoints = " ".join(
            f'<point_box t="{second / 2:.1f} seconds"> {self._corners()} </point_box>' for second in range(count)
        )
        return f'<track mention="{mention}"> {waypoints} </track>'

    def _clips(self, mention: str, count: int) -> str:
        return " ".join(
            f'<clip mention="{mention}" t="{second} seconds {second + 1.5} seconds" />' for second in range(count)
        )
