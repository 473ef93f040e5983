"""What keeps a model inside the grammar: a regular expression for markup, and a JSON Schema for answers in JSON.

Both go to engines that build automata, so the expression has no look-around, no back reference and no repetition
without an end. It is the canonical form that ``to_markup`` writes, bounded; whatever it matches parses without errors.
What no automaton can say stays a warning: swapped corners, equal elements, ranges that run backwards.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from ..dialects.asked_bounds import bounded, checked_labels, literal_pattern
from ..dialects.constraints import Bounds, answer_pattern
from ..dialects.dialect import Dialect
from ..dialects.json_schemas import answer_schema
from ..dialects.known_dialects import known
from ..errors import UsageError
from ..frames import Size
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


def constraint_regex(
    kind: AnnotationKind | KindName,
    *,
    labels: Sequence[str] | None = None,
    max_items: int = 50,
    max_vertices: int = 32,
    max_label_length: int = 64,
    timed: bool = False,
    assets: int = 1,
    dialect: Dialect | str | None = None,
    image_size: Size | None = None,
) -> str:
    """A regular expression for ``regex=`` of a request: elements of one kind in canonical form, or nothing.

    Coordinates are whole, from 0 to 1000. The whole answer matches (``re.fullmatch``), and parses without errors.
    With a ``dialect`` it is the form of that, with the numbers that its scale has; each element then has a label, if
    the dialect can write labels. Raises ``UsageError`` for bounds below 1 and labels that are empty or missing, or that
    the dialect cannot write, and ``UnwritableError`` if it has no form for the kind.

    Args:
        kind: What the elements are: point, box, polygon or clip.
        labels: The mentions to choose from, one of which each element then has; by default any text.
        max_items: The most elements.
        max_vertices: The most vertices of a polygon.
        max_label_length: The most characters of a mention if there are no ``labels``; it may then be missing.
        timed: Allow ``t``, which clips always have.
        assets: How many assets the request has; above 1 an ``asset_idx`` is allowed.
        dialect: How another model answers, or the name for that; by default our own markup.
        image_size: ``(width, height)`` of the image as it was uploaded, for a dialect whose numbers are pixels.

    >>> import re
    >>> pattern = pa.markup.constraint_regex("box", labels=["cat", "dog"], max_items=3)
    >>> bool(re.fullmatch(pattern, '<point_box mention="cat"> (0,0) (10,20) </point_box>'))
    True
    >>> bool(re.fullmatch(pattern, '<point_box mention="cow"> (0,0) (10,20) </point_box>'))
    False
    >>> pattern = pa.markup.constraint_regex("box", dialect="paligemma", labels=["cat", "dog"])
    >>> bool(re.fullmatch(pattern, "<loc0000><loc0010><loc0700><loc1023> cat"))
    True
    """
    found = AnnotationKind.from_name(kind)
    for name, bound in (("max_items", max_items), ("max_label_length", max_label_length), ("assets", assets)):
        bounded(name, bound)
    if dialect is not None:
        _refuse_our_own(timed=timed, assets=assets)
        bounds = Bounds(
            labels=None if labels is None else checked_labels(labels),
            max_items=max_items,
            max_vertices=_vertices(max_vertices),
            max_label_length=max_label_length,
        )
        return answer_pattern(known(dialect), found, bounds, image_size)
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
    dialect: Dialect | str | None = None,
    image_size: Size | None = None,
) -> dict[str, Any]:
    """A JSON Schema for ``schema=`` of a request: ``{"annotations": […]}``, which ``read_json_answer`` reads.

    The fields are those of the values (``x1``, ``vertices``, ``start``), coordinates whole numbers from 0 to 1000. Only
    keywords that engines know are used, by the rules of OpenAI's strict mode: every field is required, and ``end``,
    ``t`` and ``asset_idx`` may be null. With a ``dialect`` of JSON objects it is the schema of its answers, for
    ``parse``: the keys are those that it writes, and the numbers within its scale. Raises ``UsageError`` like
    :func:`constraint_regex`, and for a dialect that is not one of JSON.

    Args:
        kind: What the elements are: point, box, polygon or clip.
        labels: The mentions to choose from, one of which each element then has; by default any text.
        max_items: The most elements.
        max_vertices: The most vertices of a polygon.
        timed: Ask for ``t``, in seconds or null.
        assets: How many assets the request has; above 1 an ``asset_idx`` is asked for, which may be null.
        dialect: How another model answers, or the name for that; by default the fields of our own values.
        image_size: ``(width, height)`` of the image as it was uploaded, for a dialect whose numbers are pixels.

    >>> schema = pa.markup.json_schema("point", labels=["cat"])
    >>> item = schema["properties"]["annotations"]["items"]
    >>> item["required"], item["properties"]["mention"]
    (['type', 'mention', 'x', 'y'], {'type': 'string', 'enum': ['cat']})
    """
    found = AnnotationKind.from_name(kind)
    for name, bound in (("max_items", max_items), ("assets", assets)):
        bounded(name, bound)
    if dialect is not None:
        _refuse_our_own(timed=timed, assets=assets)
        return answer_schema(
            known(dialect),
            found,
            labels=None if labels is None else checked_labels(labels),
            max_items=max_items,
            max_vertices=_vertices(max_vertices),
            image_size=image_size,
        )
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
    mention = {"type": "string"} if labels is None else {"type": "string", "enum": checked_labels(labels)}
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


def _refuse_our_own(*, timed: bool, assets: int) -> None:
    """Times of shapes and indices of assets are constrained in our own markup only."""
    if timed or assets > 1:
        raise UsageError("timed and assets belong to our own markup: leave them out with a dialect")


def _or_null(number: dict[str, Any]) -> dict[str, Any]:
    """The schema of a number that may be missing; in strict mode only null says so."""
    return number | {"type": [number["type"], "null"]}


def _mention(labels: Sequence[str] | None, longest: int) -> str:
    if labels is None:
        return f'(?: mention="{_CHARACTER}{{1,{longest}}}")?'
    choices = "|".join(literal_pattern(html.escape(label, quote=True)) for label in checked_labels(labels))
    return f' mention="(?:{choices})"'


def _body(kind: AnnotationKind, max_vertices: int) -> str:
    if kind is AnnotationKind.POINT:
        return _PAIR
    if kind is AnnotationKind.BOX:
        return f"{_PAIR} {_PAIR}"
    return f"{_PAIR}(?: {_PAIR}){{2,{_vertices(max_vertices) - 1}}}"


def _vertices(most: int) -> int:
    return bounded("max_vertices", most, least=3)
