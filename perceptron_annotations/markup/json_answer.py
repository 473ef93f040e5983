"""Answers in JSON, as ``json_schema`` asks for them → annotations, and what could not be read.

The elements are decoded one by one in their places, so that one bad element costs only itself, and an answer that was
cut off keeps all that came whole.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from msgspec import Struct

from ..errors import AnnotationsError, UsageError
from ..geometry import Annotation, Box, Clip, Point, Polygon
from ..issues import Span
from ..problems import Problem, ProblemCode

_LIST = re.compile(r'(?:\{\s*"annotations"\s*:\s*)?\[\s*')
_GAP = re.compile(r"\s*,?\s*")
_FENCE = re.compile(r"\s*```(?:json)?\s*")
_DECODER = json.JSONDecoder()


class JsonAnswer(Struct, frozen=True):
    """An answer in JSON. ``spans[i]`` is the place of ``annotations[i]`` in the text."""

    annotations: tuple[Annotation, ...]
    spans: tuple[Span, ...]
    #: What could not be read: ``place`` says where in the text, ``raw`` holds it.
    problems: tuple[Problem, ...]
    #: The text ended inside the list.
    truncated: bool


def read_json_answer(text: str) -> JsonAnswer:
    """Read ``{"annotations": […]}``, or the list alone, each element as this package's values are in JSON.

    A Markdown fence around it is skipped. Nothing that a model can write raises.

    >>> answer = pa.markup.read_json_answer('{"annotations": [{"type": "point", "x": 10, "y": 20}, {"type": "point"}]}')
    >>> answer.annotations, len(answer.problems)
    ((Point(x=10.0, y=20.0),), 1)
    """
    if not isinstance(text, str):
        raise UsageError(f"text must be a str, not {type(text).__name__}: decode bytes first")
    fence = _FENCE.match(text)
    start = fence.end() if fence else len(text) - len(text.lstrip())
    opened = _LIST.match(text, start)
    if opened is None:
        message = 'not a list of annotations, nor an object with "annotations" first'
        problem = _problem(ProblemCode.NOT_A_LIST, message, text, Span(start, len(text)))
        return JsonAnswer(
            (), (), (problem,) if text.strip() else (), truncated="{".startswith(text[start:].strip()[:1])
        )
    annotations: list[Annotation] = []
    spans: list[Span] = []
    problems: list[Problem] = []
    at = opened.end()
    while at < len(text) and text[at] != "]":
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            message = f"not JSON: {getattr(error, 'msg', error)}"
            problems.append(_problem(ProblemCode.UNREADABLE_ITEM, message, text, Span(at, len(text))))
            return JsonAnswer(
                tuple(annotations), tuple(spans), tuple(problems), truncated=not text.rstrip().endswith("]")
            )
        span = Span(at, end)
        try:
            annotations.append(_annotation(value))
            spans.append(span)
        except (msgspec.ValidationError, AnnotationsError, RecursionError) as error:
            problems.append(_problem(ProblemCode.INVALID_ITEM, str(error), text, span))
        gap = _GAP.match(text, end)
        at = gap.end() if gap else end
    return JsonAnswer(tuple(annotations), tuple(spans), tuple(problems), truncated=at >= len(text))


def _problem(code: ProblemCode, message: str, text: str, span: Span) -> Problem:
    return Problem(code=code, message=message, place=f"characters {span.start}-{span.end}", raw=span.of(text))


def _annotation(value: Any) -> Annotation:
    """A value as a checked annotation; decoding alone does not check."""
    decoded: Annotation = msgspec.convert(value, Point | Box | Polygon | Clip)
    return decoded.replace()
