"""Answers in JSON, as ``json_schema`` asks for them → annotations, and what could not be read.

The items are read one by one in their places, so that one bad item costs only itself, and an answer that was cut off
keeps all that came whole.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from ..errors import AnnotationsError, UsageError
from ..frames import Frame
from ..geometry import ANNOTATION_TYPES, Annotation, Box, Clip, Point, Polygon
from ..issues import Issue, IssueCode, Span, excerpt
from ..problems import Problem, ProblemCode
from . import grammar
from .attributes import Unknown
from .json_list import End, read_list
from .leaves import note_oddities


class JsonAnswer(Struct, frozen=True):
    """An answer in JSON. ``spans[i]`` is the place of ``annotations[i]`` in the text."""

    annotations: tuple[Annotation, ...]
    spans: tuple[Span, ...]
    #: What could not be read: ``place`` says where in the text, ``raw`` holds it.
    problems: tuple[Problem, ...]
    #: The text ended inside the list.
    truncated: bool
    #: What was odd about items that were read: coordinates out of range, swapped corners, unknown fields.
    issues: tuple[Issue, ...] = ()


def read_json_answer(text: str, *, frame: Frame = Frame.GRID) -> JsonAnswer:
    """Read ``{"annotations": […]}``, or the list alone, each item as this package's values are in JSON.

    A Markdown fence around it is skipped; other text before it is not. ``frame`` says what the coordinates count.
    Nothing that a model can write raises. ``parse`` reads such a text too, if all of it is that JSON.

    >>> answer = pa.markup.read_json_answer('{"annotations": [{"type": "point", "x": 10, "y": 20}, {"type": "point"}]}')
    >>> answer.annotations, len(answer.problems)
    ((Point(x=10.0, y=20.0),), 1)
    """
    if not isinstance(text, str):
        raise UsageError(f"text must be a str, not {type(text).__name__}: decode bytes first")
    found = read_list(text)
    if found is None or found.end is End.EARLY:
        whole = Span(len(text) - len(text.lstrip()), len(text))
        message = 'not a list of annotations, nor an object with "annotations"'
        problems = (_problem(ProblemCode.NOT_A_LIST, message, text, whole),) if text.strip() else ()
        return JsonAnswer((), (), problems, truncated=found is not None and bool(problems))
    annotations: list[Annotation] = []
    spans: list[Span] = []
    issues: list[Issue] = []
    problems_found: list[Problem] = []
    for span, value in found.items:
        try:
            item = read_item(value, frame)
        except (msgspec.ValidationError, AnnotationsError, RecursionError) as error:
            problems_found.append(_problem(ProblemCode.INVALID_ITEM, str(error), text, span))
            continue
        annotations.append(item.annotation)
        spans.append(span)
        note_item(item, span, issues)
    if found.rest.start < found.rest.end:
        message = f"not JSON: {found.message}"
        problems_found.append(_problem(ProblemCode.UNREADABLE_ITEM, message, text, found.rest))
    return JsonAnswer(
        tuple(annotations), tuple(spans), tuple(problems_found), found.end is End.CUT, issues=tuple(issues)
    )


def _problem(code: ProblemCode, message: str, text: str, span: Span) -> Problem:
    return Problem(code=code, message=message, place=f"characters {span.start}-{span.end}", raw=span.of(text))


# -- one item --------------------------------------------------------------------------------------------------------


class Item(NamedTuple):
    """A value that was written in JSON, and its fields without a meaning."""

    annotation: Annotation
    unknown: Unknown


#: The fields of each kind in JSON, by the word in ``type``.
_FIELDS = {kind.__struct_config__.tag: {"type", *kind.__struct_fields__} for kind in ANNOTATION_TYPES}
#: The tag of the markup for each word in ``type``.
JSON_TAGS: dict[Any, str] = {str(kind): tag for kind, tag in grammar.KIND_TAGS.items()}


def read_item(value: Any, frame: Frame) -> Item:
    """A decoded item as a checked annotation in ``frame``.

    Raises ``msgspec.ValidationError`` or one of our own errors if it does not fit; decoding alone does not check.
    """
    decoded: Annotation = msgspec.convert(value, Point | Box | Polygon | Clip)
    fields = _FIELDS[value["type"]]
    unknown = [(name, _as_text(content)) for name, content in value.items() if name not in fields]
    confidence = value.get("confidence")
    if decoded.score is None and _is_score(confidence):
        decoded = decoded.replace(score=confidence)
        unknown = [field for field in unknown if field[0] != "confidence"]
    if decoded.asset_idx is not None and decoded.asset_idx > grammar.MAX_ASSET_IDX:
        raise UsageError(f"asset_idx is beyond {grammar.MAX_ASSET_IDX}")
    if isinstance(decoded, Clip):
        return Item(decoded.replace(), tuple(unknown))
    if "frame" in value and decoded.frame != frame:
        raise UsageError(f"the item is in {decoded.frame}, the answer in {frame}")
    placed = decoded.replace(frame=frame)
    if max(abs(number) for pair in placed.coordinates for number in pair) > grammar.MAX_COORDINATE:
        raise UsageError(f"a coordinate is beyond {grammar.MAX_COORDINATE}")
    return Item(placed, tuple(unknown))


def _is_score(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _as_text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def note_item(item: Item, span: Span, issues: list[Issue]) -> None:
    """The warnings about an item."""
    for name, _ in item.unknown:
        issues.append(Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(name)))
    note_oddities(item.annotation, span, issues)
