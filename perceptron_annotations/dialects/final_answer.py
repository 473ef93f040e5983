"""Tokens around the final answer of a model, which may be boxes, or JSON, or 42."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .bracket_bodies import BracketLists, NumberBody
from .json_objects import JsonObjects
from .pieces import Item
from .surface import NumberWriter, SurfaceReader
from .tagged_bodies import Body, BodyReader


class FinalAnswer(Struct, frozen=True, kw_only=True):
    """``[[1,2,3,4]]``, JSON objects, or any other answer, which is prose: tokens that do not stand for a box.

    >>> pa.parse("It is <|begin_of_box|>42<|end_of_box|>.", dialect="glm-v").prose
    'It is 42.'
    """

    json: JsonObjects = JsonObjects()
    lists: BracketLists = BracketLists(comma=",")

    def reader(self, body: Body) -> BodyReader:
        """A reader of one body."""
        body.telling.syntax(body.start)
        return AnswerBody(body, self.json)

    def bodies(self, items: Sequence[Item], number: NumberWriter) -> list[str]:
        """What stands between tokens for items of one kind and label, once for each pair of tokens."""
        if any(item.label or item.kind is AnnotationKind.POLYGON for item in items):
            return [self.json.write(items, number)]
        return self.lists.bodies(items, number)


#: What an answer in brackets begins with; an object follows a brace, and geometry a number.
_HEAD = re.compile(r"[\s\[({<]*+")
_OF_NUMBER = frozenset("-+.0123456789])>")


class AnswerBody:
    """Reads an answer: by JSON if it has objects, by its numbers if they stand in brackets, and else it is prose."""

    def __init__(self, body: Body, json: JsonObjects) -> None:
        self._body = body
        self._objects = json
        self._end = body.start  # behind what has arrived
        self._head = ""  # its brackets so far, each once
        self._numbers: NumberBody | None = None
        self._json: SurfaceReader | None = None
        self._is_prose = False

    def read(self, text: str) -> None:
        """See ``BodyReader``."""
        self._end += len(text)
        if not (self._is_prose or self._json or self._numbers):
            head = _HEAD.match(text)
            end = head.end() if head else 0
            self._head += "".join({*text[:end]} - {*self._head})
            if end == len(text):
                return
            self._decide(text[end])
            text = self._body.telling.received[self._body.start : self._end]
        if self._json is not None:
            self._body.telling.others(list(self._json.read(text)))
        elif self._numbers is not None:
            self._numbers.read(text)
        else:
            self._body.telling.prose(self._end)

    def _decide(self, first: str) -> None:
        """What follows the brackets says what the answer is."""
        if "{" in self._head or first == "`":
            telling = self._body.telling
            self._json = self._objects.reader(telling.start + self._body.start, salvage=telling.salvage)
        elif first in _OF_NUMBER and set(self._head) & set("[(<"):
            self._numbers = NumberBody(self._body._replace(first=self._body.start, label=None))
        else:
            self._is_prose = True

    def finish(self) -> None:
        """See ``BodyReader``."""
        if self._numbers is not None:
            self._numbers.finish()
        elif self._json is not None:
            self._body.telling.others(list(self._json.finish()))
        else:
            self._body.telling.prose(self._end)

    def break_off(self, end: int, code: IssueCode) -> None:
        """See ``BodyReader``."""
        if self._numbers is not None:
            self._numbers.break_off(end, code)
            return
        self.finish()
        self._body.telling.truncated |= code is IssueCode.TRUNCATED_ELEMENT
