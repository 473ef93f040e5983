"""What keeps a model inside the grammar: a regular expression for markup, and a JSON Schema for answers in JSON.

Both go to engines that build automata, so the expression has no look-around, no back reference and no repetition
without an end. It is the canonical form that ``to_markup`` writes, bounded; whatever it matches parses without errors.
What no automaton can say stays a warning: swapped corners, equal elements, ranges that run backwards.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from ..errors import UsageError
from ..geometry import AnnotationKind, KindName
from .grammar import KIND_TAGS

#: Coordinates of the grid, without leading zeros.
_COORDINATE = "(?:0|[1-9][0-9]{0,2}|1000)"
_PAIR = rf"\({_COORDINATE},{_COORDINATE}\)"
#: Seconds up to 31 years, to the microsecond; those of a ``t`` always have a fraction, those of a clip only if it is
#: not zero.
_WHOLE_SECONDS = "(?:0|[1-9][0-9]{0,8})"
_FRACTION = "[0-9]{0,5}[1-9]"
_TIME = rf"{_WHOLE_SECONDS}\.(?:0|{_FRACTION}) seconds"
_CLIP_SECONDS = rf"{_WHOLE_SECONDS}(?:\.{_FRACTION})? seconds"
#: A character of a mention, as ``html.escape`` writes it.
_CHARACTER = r"""(?:[^"'&<>]|&amp;|&lt;|&gt;|&quot;|&#x27;)"""
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
#: The most automata are asked to count.
_MOST = 10_000


def constraint_regex(
    kind: AnnotationKind | KindName,
    *,
    labels: Sequence[str] | None = None,
    max_items: int = 50,
    max_vertices: int = 32,
    max_label_length: int = 64,
    timed: bool = False,
    assets: int = 1,
) -> str:
    """A regular expression for ``regex=`` of a request: elements of one kind in canonical form, or nothing.

    Coordinates are whole, from 0 to 1000. The whole answer matches (``re.fullmatch``), and parses without errors.
    Raises ``UsageError`` for bounds below 1 and labels that are empty or missing.

    Args:
        kind: What the elements are: point, box, polygon or clip.
        labels: The mentions to choose from, one of which each element then has; by default any text.
        max_items: The most elements.
        max_vertices: The most vertices of a polygon.
        max_label_length: The most characters of a mention if there are no ``labels``; it may then be missing.
        timed: Allow ``t``, which clips always have.
        assets: How many assets the request has; above 1 an ``asset_idx`` is allowed.

    >>> import re
    >>> pattern = pa.markup.constraint_regex("box", labels=["cat", "dog"], max_items=3)
    >>> bool(re.fullmatch(pattern, '<point_box mention="cat"> (0,0) (10,20) </point_box>'))
    True
    >>> bool(re.fullmatch(pattern, '<point_box mention="cow"> (0,0) (10,20) </point_box>'))
    False
    """
    found = AnnotationKind.from_name(kind)
    for name, bound in (("max_items", max_items), ("max_label_length", max_label_length), ("assets", assets)):
        _bounded(name, bound)
    mention = _mention(labels, max_label_length)
    asset = "" if assets == 1 else f'(?: asset_idx="(?:{"|".join(map(str, range(assets)))})")?'
    if found is AnnotationKind.CLIP:
        element = f'<clip{mention}{asset} t="{_CLIP_SECONDS}(?: {_CLIP_SECONDS})?" />'
    else:
        time = f'(?: t="{_TIME}")?' if timed else ""
        tag = KIND_TAGS[found]
        element = f"<{tag}{mention}{time}{asset}> {_body(found, max_vertices)} </{tag}>"
    return f"(?:{element}(?: {element}){{0,{max_items - 1}}})?" if max_items > 1 else f"(?:{element})?"


def json_schema(
    kind: AnnotationKind | KindName,
    *,
    labels: Sequence[str] | None = None,
    max_items: int = 50,
    max_vertices: int = 32,
    timed: bool = False,
    assets: int = 1,
) -> dict[str, Any]:
    """A JSON Schema for ``schema=`` of a request: ``{"annotations": […]}``, which ``read_json_answer`` reads.

    The fields are those of the values (``x1``, ``vertices``, ``start``), coordinates whole numbers from 0 to 1000. Only
    keywords that engines know are used, by the rules of OpenAI's strict mode: every field is required, and ``end``,
    ``t`` and ``asset_idx`` may be null. Raises ``UsageError`` like :func:`constraint_regex`.

    Args:
        kind: What the elements are: point, box, polygon or clip.
        labels: The mentions to choose from, one of which each element then has; by default any text.
        max_items: The most elements.
        max_vertices: The most vertices of a polygon.
        timed: Ask for ``t``, in seconds or null.
        assets: How many assets the request has; above 1 an ``asset_idx`` is asked for, which may be null.

    >>> schema = pa.markup.json_schema("point", labels=["cat"])
    >>> item = schema["properties"]["annotations"]["items"]
    >>> item["required"], item["properties"]["mention"]
    (['type', 'mention', 'x', 'y'], {'type': 'string', 'enum': ['cat']})
    """
    found = AnnotationKind.from_name(kind)
    for name, bound in (("max_items", max_items), ("assets", assets)):
        _bounded(name, bound)
    grid = {"type": "integer", "minimum": 0, "maximum": 1000}
    seconds = {"type": "number", "minimum": 0}
    pair = {"type": "array", "items": grid, "minItems": 2, "maxItems": 2}
    geometry: dict[str, Any] = {
        AnnotationKind.POINT: {"x": grid, "y": grid},
        AnnotationKind.BOX: {"x1": grid, "y1": grid, "x2": grid, "y2": grid},
        AnnotationKind.POLYGON: {
            "vertices": {"type": "array", "items": pair, "minItems": 3, "maxItems": _vertices(max_vertices)}
        },
        AnnotationKind.CLIP: {"start": seconds, "end": _or_null(seconds)},
    }[found]
    mention = {"type": "string"} if labels is None else {"type": "string", "enum": _labels(labels)}
    fields = {"type": {"type": "string", "enum": [str(found)]}, "mention": mention, **geometry}
    if timed and found is not AnnotationKind.CLIP:
        fields["t"] = _or_null(seconds)
    if assets > 1:
        fields["asset_idx"] = _or_null({"type": "integer", "minimum": 0, "maximum": assets - 1})
    item = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {
        "title": "annotations",
        "type": "object",
        "properties": {"annotations": {"type": "array", "items": item, "maxItems": max_items}},
        "required": ["annotations"],
        "additionalProperties": False,
    }


def _or_null(number: dict[str, Any]) -> dict[str, Any]:
    """The schema of a number that may be missing; in strict mode only null says so."""
    return number | {"type": [number["type"], "null"]}


def _mention(labels: Sequence[str] | None, longest: int) -> str:
    if labels is None:
        return f'(?: mention="{_CHARACTER}{{1,{longest}}}")?'
    choices = "|".join(_literal(html.escape(label, quote=True)) for label in _labels(labels))
    return f' mention="(?:{choices})"'


def _labels(labels: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(labels))
    if isinstance(labels, str) or not found or not all(isinstance(label, str) and label for label in found):
        raise UsageError("labels must be a list of at least one label, none of them empty")
    return found


def _literal(text: str) -> str:
    """``text`` as an expression in every dialect: only what is special everywhere is escaped."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _body(kind: AnnotationKind, max_vertices: int) -> str:
    if kind is AnnotationKind.POINT:
        return _PAIR
    if kind is AnnotationKind.BOX:
        return f"{_PAIR} {_PAIR}"
    return f"{_PAIR}(?: {_PAIR}){{2,{_vertices(max_vertices) - 1}}}"


def _vertices(most: int) -> int:
    return _bounded("max_vertices", most, least=3)


def _bounded(name: str, bound: int, *, least: int = 1) -> int:
    if isinstance(bound, bool) or not isinstance(bound, int):
        raise UsageError(f"{name} must be a whole number, not {bound!r}")
    if not least <= bound <= _MOST:
        raise UsageError(f"{name} must be from {least} to {_MOST}, not {bound}")
    return bound
