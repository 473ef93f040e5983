"""Answers as models write them, made from a seed, in four mixes.

The kind mix flatters every parser: one kind of element in an answer, few warnings, few broken answers. The other three
hold what costs: each is drawn by one :class:`Recipe`, and ``benchmarks.contents`` measures what a mix holds. A ratio
that names no mix says nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

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


class Mix(StrEnum):
    """What a corpus holds, from what a parser likes best to what it likes least."""

    KIND = "kind"
    """One kind of element in an answer, 8 % of the answers not ASCII, 2 % broken in a simple way."""
    MIXED = "mixed"
    """Several kinds, prose with stray ``<b>`` and ``&lt;``, a fifth of the mentions not ASCII, 2 % of the answers with
    one to four random edits."""
    WARNED = "warned"
    """The same without edits, and two warnings in an answer."""
    WILD = "wild"
    """More than six warnings in an answer; quotes missing or single in a fifth of the attributes; in 9 % of the answers
    an attribute without quotes that is not ASCII; coordinates that cannot be read, and edits as in mixed."""


class Recipe(NamedTuple):
    """How the answers of a mix are drawn; each number is a share between 0 and 1."""

    odd: float
    """Of the elements, that something about them is odd."""
    unread: float
    """Of the leaves, that their coordinates cannot be read."""
    unquoted: float
    """Of the attributes, that their quotes are missing or single."""
    unquoted_foreign: float
    """Of the answers, that an attribute has no quotes and is not ASCII."""
    mutated: float
    """Of the answers, that one to four random edits were made in them."""


_RECIPES = {
    Mix.MIXED: Recipe(odd=0.0, unread=0.0, unquoted=0.0, unquoted_foreign=0.0, mutated=0.02),
    Mix.WARNED: Recipe(odd=0.141, unread=0.0, unquoted=0.0, unquoted_foreign=0.0, mutated=0.0),
    Mix.WILD: Recipe(odd=0.45, unread=0.03, unquoted=0.2, unquoted_foreign=0.09, mutated=0.02),
}


#: Every answer of a corpus in another hand, the meaning unchanged but for the words.
HANDS: dict[str, Callable[[str], str]] = {
    "single-quoted": lambda text: text.replace('"', "'"),
    "spaced": lambda text: re.sub(r"\((\d+),(\d+)\)", r"( \1 , \2 )", text).replace(' mention="', '  mention = "'),
    "upper-case": lambda text: re.sub(r"<(/?)(\w+)", lambda match: f"<{match[1]}{match[2].upper()}", text),
    "non-ASCII": lambda text: "猫が見えます。" + text.replace('mention="', 'mention="Fußgänger '),
}


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

    def answers(self, mix: Mix, count: int) -> list[str]:
        """Answers of a mix."""
        if mix is not Mix.KIND:
            writer = _Writer(self._rng, _RECIPES[mix])
            return [writer.answer() for _ in range(count)]
        kinds = self._rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=count)
        return [self._answer(kind) for kind in kinds]

    def of_kind(self, kind: str, count: int) -> list[str]:
        """Well-formed answers with elements of one kind."""
        return [self._marked(kind, self._rng.choice(_OBJECTS)) for _ in range(count)]

    def captions(self, count: int) -> list[str]:
        """Answers without markup, 60 to 250 words."""
        return [_prose(self._rng, self._rng.randint(60, 250)) for _ in range(count)]

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
        rng = self._rng
        return f"{_prose(rng, rng.randint(10, 60))} {body} {_prose(rng, rng.randint(0, 40))}"

    def _broken(self, text: str) -> str:
        where = self._rng.randrange(len(text) // 2, len(text))
        return self._rng.choice(
            [text[:where], text.replace(",", ";", 1), text.replace("</", "<", 1), text + " </point_box>"]
        )

    def _boxes(self, mention: str, count: int) -> str:
        return " ".join(f'<point_box mention="{mention}"> {_corners(self._rng)} </point_box>' for _ in range(count))

    def _points(self, mention: str, count: int) -> str:
        return " ".join(f'<point mention="{mention}"> {_pair(self._rng)} </point>' for _ in range(count))

    def _polygons(self, mention: str, count: int) -> str:
        rings = (" ".join(_pair(self._rng) for _ in range(self._rng.randint(4, 12))) for _ in range(count))
        return " ".join(f'<polygon mention="{mention}"> {ring} </polygon>' for ring in rings)

    def _collection(self, mention: str, count: int) -> str:
        children = " ".join(f"<point_box> {_corners(self._rng)} </point_box>" for _ in range(count))
        return f'<collection mention="{mention}"> {children} </collection>'

    def _track(self, mention: str, count: int) -> str:
        waypoints = " ".join(
            f'<point_box t="{second / 2:.1f} seconds"> {_corners(self._rng)} </point_box>' for second in range(count)
        )
        return f'<track mention="{mention}"> {waypoints} </track>'

    def _clips(self, mention: str, count: int) -> str:
        return " ".join(
            f'<clip mention="{mention}" t="{second} seconds {second + 1.5} seconds" />' for second in range(count)
        )


def _prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(words)) + rng.choice([".", ":", "\n"])


def _pair(rng: random.Random, low: int = 0, high: int = 1000) -> str:
    return f"({rng.randint(low, high)},{rng.randint(low, high)})"


def _corners(rng: random.Random) -> str:
    return f"{_pair(rng, 0, 500)} {_pair(rng, 501, 1000)}"


# -- the mixes that are not kind ---------------------------------------------------------------------------------------

_KINDS_IN_AN_ANSWER = (2, 4)
_OF_ONE_KIND = (1, 4)
_MENTIONS_ABROAD = 0.2
_STRAYS = ("<b>sure</b>", "a &lt; b", "AT&amp;T", "x < y", "<br>", "&lt;b&gt;", "<i>left</i> & right")
_STRAY = 0.4
_EDITS = (
    "<",
    ">",
    "</",
    '"',
    "'",
    "=",
    "(",
    ")",
    ",",
    "/>",
    "&",
    "<point",
    "</point_box>",
    "mention=",
    "\n",
    "猫",
    "0",
)
#: Attributes that mean nothing to the grammar, as models give them.
_NEEDLESS = (("id", "3"), ("label", "car"), ("color", "red"), ("score", "high"))
#: Bodies that cannot be read.
_UNREAD = ("(1.5,2) (3,4)", "oops", "(12,", "[10, 20, 30, 40]", "(-3,4) (5,6)")
#: Prose that is odd: tags alone, and what a template leaves behind.
_ODD_PROSE = ("</point>", "<point>", "</collection>", "<track", "<|im_end|>", "</point_box>")


class _Writer:
    """Writes the answers of one recipe: sections of prose and elements, each section of another kind."""

    def __init__(self, rng: random.Random, recipe: Recipe) -> None:
        self._rng = rng
        self._recipe = recipe
        self._sections: dict[str, Callable[[int], str]] = {
            "box": lambda count: self._leaves("point_box", count),
            "point": lambda count: self._leaves("point", count),
            "polygon": lambda count: self._leaves("polygon", count),
            "collection": self._collection,
            "track": self._track,
            "clip": lambda count: " ".join(self._clip() for _ in range(count)),
        }
        self._abroad = False

    def answer(self) -> str:
        """One answer."""
        rng, recipe = self._rng, self._recipe
        self._abroad = rng.random() < recipe.unquoted_foreign
        kinds = rng.sample(KINDS, rng.randint(*_KINDS_IN_AN_ANSWER))
        sections = [f"{self._prose(5, 20)} {self._sections[kind](rng.randint(*_OF_ONE_KIND))}" for kind in kinds]
        if self._abroad:
            sections.append(f"<point mention={rng.choice(_ELSEWHERE[:5])}> {_pair(rng)} </point>")
        text = " ".join([*sections, self._prose(0, 20)])
        return self._edited(text) if rng.random() < recipe.mutated else text

    def _edited(self, text: str) -> str:
        rng = self._rng
        for _ in range(rng.randint(1, 4)):
            start = rng.randrange(len(text))
            end = start + rng.choice((0, 1, 1, 2, 10))
            text = text[:start] + rng.choice(("", text[start:end] * 2, rng.choice(_EDITS))) + text[end:]
        return text

    def _odd(self) -> bool:
        return self._rng.random() < self._recipe.odd

    def _prose(self, low: int, high: int) -> str:
        rng = self._rng
        words = _prose(rng, rng.randint(low, high))
        if rng.random() < _STRAY:
            words = f"{rng.choice(_STRAYS)} {words}"
        return f"{words} {rng.choice(_ODD_PROSE)}" if rng.random() < self._recipe.odd / 6 else words

    def _attributes(self, *given: tuple[str, str]) -> str:
        pairs = list(given)
        if self._odd():
            pairs += self._rng.choice([pairs[:1], [self._rng.choice(_NEEDLESS)]])  # twice, or needless
        return "".join(f" {name}={self._quoted(value)}" for name, value in pairs)

    def _quoted(self, value: str) -> str:
        if self._rng.random() >= self._recipe.unquoted:
            return f'"{value}"'
        return value if value.isascii() and value.isalnum() and self._rng.random() < 0.5 else f"'{value}'"

    def _mention(self) -> tuple[str, str]:
        abroad = self._rng.random() < _MENTIONS_ABROAD
        return "mention", self._rng.choice(_ELSEWHERE if abroad else _OBJECTS).replace("&", "&amp;")

    def _leaves(self, tag: str, count: int) -> str:
        return " ".join(self._leaf(tag, self._attributes(self._mention())) for _ in range(count))

    def _leaf(self, tag: str, attributes: str) -> str:
        body = self._body(tag)
        if self._rng.random() < self._recipe.unread:
            body = self._rng.choice(_UNREAD)
        if self._rng.random() < self._recipe.odd / 6:
            body = f"{body} {self._rng.choice(_WORDS)}"
        return f"<{tag}{attributes}> {body} </{tag}>"

    def _body(self, tag: str) -> str:
        rng, odd = self._rng, self._rng.random() < self._recipe.odd / 2
        if tag == "point":
            return _pair(rng, 1001, 1200) if odd else _pair(rng)
        if tag == "point_box":
            swapped = f"{_pair(rng, 501, 1000)} {_pair(rng, 0, 500)}"
            return rng.choice((swapped, "(7,7) (7,9)", "(0,0) (1024,768)")) if odd else _corners(rng)
        return "(1,1) (2,2) (3,3)" if odd else " ".join(_pair(rng) for _ in range(rng.randint(4, 12)))

    def _clip(self) -> str:
        start = self._rng.randint(0, 60)
        end = start - 1.5 if self._odd() else start + 1.5
        return f"<clip{self._attributes(self._mention(), ('t', f'{start} seconds {max(0, end)} seconds'))} />"

    def _collection(self, count: int) -> str:
        tags = self._rng.choices(("point_box", "point", "polygon"), (6, 3, 1), k=count)
        children = " ".join(self._leaf(tag, "") for tag in tags)
        return f"<collection{self._attributes(self._mention())}> {children} </collection>"

    def _track(self, count: int) -> str:
        waypoints = " ".join(self._waypoint(second) for second in range(count))
        time = [("t", "1 seconds")] if self._odd() else []
        return f"<track{self._attributes(self._mention(), *time)}> {waypoints} </track>"

    def _waypoint(self, second: int) -> str:
        time = ("t", f"{second / 2:.1f} seconds")
        given: Sequence[tuple[str, str]] = (time, self._mention()) if self._odd() else (time,)
        return self._leaf("point_box", self._attributes(*given))
